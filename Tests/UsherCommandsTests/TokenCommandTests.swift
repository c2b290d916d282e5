// TokenCommandTests: management tokens from the first to the last, and what each lets its holder do.

import Foundation
import Testing

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 4, expires: 2027-01-31 }
  members:
    alice: { role: owner, seat: pro }
    bob: { role: administrator }
    carol: { seat: pro }
    dave: {}

  """

private func edited(_ find: String, _ replace: String) -> String {
  precondition(org.contains(find), "the edit changes something")
  return org.replacingOccurrences(of: find, with: replace)
}

extension Sandbox {
  /// The team of these tests, with a token of each that is named, alice's first.
  static func tokened(_ holders: String...) throws -> (Sandbox, tokens: [String: String]) {
    let sandbox = try Sandbox()
    #expect(try sandbox.apply(org).code == 0)
    var tokens: [String: String] = [:]
    for holder in ["alice"] + holders {
      tokens[holder] = try sandbox.issueToken(holder, by: tokens["alice"])
    }
    return (sandbox, tokens)
  }

  /// Issues a token, which must succeed.
  func issueToken(_ holder: String, by token: String?) throws -> String {
    let sink = "token-\(UUID().uuidString)"
    let run = usher(
      "token", "issue", holder, "--keys-to", path(sink), environment: ["USHER_TOKEN": token ?? ""])
    #expect(run.code == 0, "\(run.errors)")
    let line = try JSONSerialization.jsonObject(with: Data(read(sink).utf8)) as? [String: String]
    #expect(line?["member"] == holder)
    return try #require(line?["token"])
  }

  /// Runs usher with a token.
  func usher(_ words: String..., by token: String?, input: String = "") -> Run {
    run(
      words, now: "2026-11-23T08:00:00Z", input: input,
      environment: ["USHER_TOKEN": token ?? ""])
  }

  /// Everything that says whether something happened.
  func facts(_ token: String?) -> String {
    usher("log", "--format", "json", by: token).output
  }
}

/// A token of the right form that nobody issued: all its bits are 0.
private let unknown = "ust_" + String(repeating: "A", count: 43) + "_V8VvNq"

@Suite struct TokenCommandTests {
  @Test func `the first token is the owner's, and is handed over in a line of its own`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    for other in ["bob", "carol"] {
      let run = sandbox.usher("token", "issue", other, "--keys-to", sandbox.path("sink"))
      #expect(run.code == 4 && run.errors.contains("E307") && !sandbox.exists("sink"))
    }
    let run = sandbox.usher(
      "token", "issue", "alice", "--keys-to", sandbox.path("sink"), "--format", "json")
    #expect(run.code == 0 && run.json["issued"] as? Bool == true)
    #expect(run.json["sequence"] as? Int == 2)
    let id = try #require(run.json["token_id"] as? String)
    let line = try sandbox.read("sink")
    #expect(line.hasPrefix("{\"member\":\"alice\",\"token\":\"ust_"))
    #expect(
      line.hasSuffix("\"token_id\":\"\(id)\",\"issued\":\"2026-11-23T08:00:00Z\"}\n"))
    let mode =
      try FileManager.default.attributesOfItem(atPath: sandbox.path("sink"))[.posixPermissions]
    #expect(mode as? Int == 0o600)
  }

  @Test func `an administrator does not issue the first token in the owner's place`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let words = ["token", "issue", "alice", "--keys-to", sandbox.path("sink"), "--actor"]
    for actor in ["bob", "carol", "mallory"] {
      #expect(sandbox.run(words + [actor], now: "2026-11-23T08:00:00Z").code == 4)
    }
    #expect(!sandbox.exists("sink"))
    #expect(sandbox.run(words + ["alice"], now: "2026-11-23T08:00:00Z").code == 0)
  }

  @Test func `from the first token on every change needs one, and is made by its holder`() throws {
    let (sandbox, tokens) = try Sandbox.tokened("bob")
    let file = try sandbox.write(edited("dave: {}", "erin: {}"), to: "edit.yaml")
    let before = sandbox.facts(nil)
    let changes = [
      ["apply", file, "--yes"], ["revoke", "carol", "--reason", "x"],
      ["token", "issue", "carol", "--keys-to", sandbox.path("no")], ["token", "revoke", "bob"],
    ]
    for words in changes {
      let run = sandbox.run(words, now: "2026-11-23T08:00:00Z")
      #expect(run.code == 4 && run.errors.contains("E306"), "\(words)")
      let named = sandbox.run(words + ["--actor", "alice"], now: "2026-11-23T08:00:00Z")
      #expect(named.code == 4 && named.errors == run.errors)
    }
    #expect(sandbox.facts(nil) == before && !sandbox.exists("no"))
    #expect(sandbox.usher("apply", file, "--yes", by: tokens["bob"]).code == 0)
    #expect(sandbox.usher("revoke", "carol", "--reason", "x", by: tokens["alice"]).code == 0)
    let log = sandbox.usher("log").output
    #expect(log.contains(", by bob\n") && log.contains(", by alice\n"))
    #expect(sandbox.usher("log", "--verify").code == 0)
  }

  @Test func `a wrong, revoked, malformed and missing token look the same`() throws {
    let (sandbox, tokens) = try Sandbox.tokened("bob", "carol")
    #expect(sandbox.usher("token", "revoke", "bob", by: tokens["alice"]).code == 0)
    let key = try #require(try sandbox.keys().first { $0.member == "alice" }?.key)
    let last = String(try #require(tokens["alice"]).dropLast())
    let bad = [unknown, tokens["bob"], "x", " ", last, key, (tokens["alice"] ?? "") + "A", "é"]
    let file = try sandbox.write(edited("dave: {}", "erin: {}"), to: "edit.yaml")
    let before = sandbox.facts(nil)
    for words in [
      ["apply", file, "--yes"], ["revoke", "carol", "--reason", "x"],
      ["token", "issue", "alice", "--keys-to", sandbox.path("no")],
      ["token", "revoke", "bob", "--format", "json"], ["token", "revoke", "nobody"],
    ] {
      func run(_ token: String?) -> Run {
        sandbox.run(
          words, now: "2026-11-23T08:00:00Z", environment: token.map { ["USHER_TOKEN": $0] } ?? [:])
      }
      let missing = run(nil)
      #expect(missing.code == 4)
      for token in bad + [""] {
        let other = run(token)
        #expect(other.code == 4 && other.output == missing.output)
        #expect(other.errors == missing.errors, "\(words): \(token ?? "")")
      }
    }
    for words in [
      ["status"], ["members"], ["log"], ["export"], ["show", "alice"], ["plan", file],
      ["drift", file], ["token", "list"], ["verify-key"],
    ] {
      for token in bad {
        let run = sandbox.run(
          words, now: "2026-11-23T08:00:00Z", environment: ["USHER_TOKEN": token ?? ""])
        #expect(run.code == 4 && run.output == "" && run.errors.contains("E306"), "\(words)")
      }
    }
    #expect(sandbox.facts(nil) == before && !sandbox.exists("no"))
  }

  @Test func `a token of a store that has none is refused`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    let run = sandbox.usher("plan", file, by: unknown)
    #expect(run.code == 4 && run.errors.contains("E306"))
    let founding = sandbox.usher(
      "apply", file, "--create", "--yes", "--keys-to", sandbox.path("no"), by: unknown)
    #expect(founding.code == 4 && !sandbox.exists("state"))
    #expect(sandbox.usher("plan", file, by: "").code == 0)
    #expect(sandbox.usher("validate", file, by: unknown).code == 0, "that needs no state")
  }

  @Test func `a token with the line break of its file is taken`() throws {
    let (sandbox, tokens) = try Sandbox.tokened()
    #expect(sandbox.usher("status", by: (tokens["alice"] ?? "") + "\n").code == 0)
  }

  @Test func `an actor who is named is the token's holder`() throws {
    let (sandbox, tokens) = try Sandbox.tokened("bob")
    let words = ["status", "members", "log", "export"]
    for word in words {
      let run = sandbox.usher(word, "--actor", "alice", by: tokens["bob"])
      #expect(run.code == 4 && run.errors.contains("E302") && run.output == "")
      #expect(sandbox.usher(word, "--actor", "bob", by: tokens["bob"]).code == 0)
    }
    let file = sandbox.path("org.yaml")
    for actor in ["alice", "mallory"] {
      #expect(sandbox.usher("apply", file, "--yes", "--actor", actor, by: tokens["bob"]).code == 4)
    }
    let named = ["USHER_TOKEN": tokens["bob"] ?? "", "USHER_ACTOR": "alice"]
    #expect(sandbox.usher("apply", file, "--yes", environment: named).code == 4)
  }

  @Test func `whoever executes a saved plan is the token's holder, whoever made it`() throws {
    let (sandbox, tokens) = try Sandbox.tokened("bob")
    let file = try sandbox.write(
      edited("dave: {}", "dave: { role: administrator }"), to: "edit.yaml")
    let plan = sandbox.path("plan.json")
    #expect(sandbox.usher("plan", file, "--out", plan, "--actor", "alice").code == 0)
    let run = sandbox.usher("apply", "--plan", plan, "--yes", by: tokens["bob"])
    #expect(run.code == 4 && run.errors.contains("bob is administrator"))
    #expect(sandbox.usher("apply", "--plan", plan, "--yes").code == 4)
    #expect(sandbox.usher("apply", "--plan", plan, "--yes", by: tokens["alice"]).code == 0)
    #expect(sandbox.usher("apply", "--plan", plan, "--yes").code == 4, "nor is it looked up")
  }

  @Test func `an administrator issues and revokes tokens of members only`() throws {
    let (sandbox, tokens) = try Sandbox.tokened("bob")
    for holder in ["alice", "bob"] {
      let run = sandbox.usher(
        "token", "issue", holder, "--keys-to", sandbox.path("no"), by: tokens["bob"])
      #expect(run.code == 4 && run.errors.contains("authority of owner"))
      #expect(sandbox.usher("token", "revoke", holder, by: tokens["bob"]).code == 4)
    }
    #expect(!sandbox.exists("no"))
    let carol = try sandbox.issueToken("carol", by: tokens["bob"])
    #expect(sandbox.usher("show", "carol", by: carol).code == 0)
    #expect(sandbox.usher("token", "revoke", "carol", by: tokens["bob"]).code == 0)
    #expect(sandbox.usher("show", "carol", by: carol).code == 4)
    #expect(sandbox.usher("members", by: tokens["bob"]).code == 0)
  }

  @Test func `a member's token reads what is theirs, and nothing else`() throws {
    let (sandbox, tokens) = try Sandbox.tokened("bob", "carol")
    let file = sandbox.path("org.yaml")
    #expect(sandbox.usher("show", "carol", by: tokens["carol"]).code == 0)
    for words in [
      ["members"], ["status"], ["log"], ["log", "--verify"], ["export"], ["show", "alice"],
      ["show", "nobody"], ["drift", file], ["plan", file], ["token", "list"],
      ["apply", file, "--yes"], ["revoke", "carol", "--reason", "x"],
      ["token", "issue", "carol"], ["token", "revoke", "carol"],
    ] {
      let run = sandbox.run(
        words, now: "2026-11-23T08:00:00Z", environment: ["USHER_TOKEN": tokens["carol"] ?? ""])
      #expect(run.code == 4 && run.output == "", "\(words)")
      #expect(run.errors.contains("E302") && !run.errors.contains("dave"), "\(words)")
    }
    let keys = Dictionary(uniqueKeysWithValues: try sandbox.keys().map { ($0.member, $0.key) })
    func verify(_ key: String?) -> Run {
      sandbox.usher("verify-key", "--format", "json", by: tokens["carol"], input: key ?? "")
    }
    #expect(verify(keys["carol"]).code == 0)
    #expect(verify("x").json["reason"] as? String == "malformed")
    let foreign = verify(keys["alice"])
    let unissued = verify("usk_" + String(repeating: "A", count: 43) + "_tsvYXk")
    #expect(foreign.code == 4 && unissued.code == 4 && foreign.errors == unissued.errors)
  }

  @Test func `the form of the unknown secrets in these tests is sound`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let key = "usk_" + String(repeating: "A", count: 43) + "_tsvYXk"
    let run = sandbox.usher("verify-key", "--format", "json", input: key)
    #expect(run.json["reason"] as? String == "unknown")
  }
}

@Suite struct TokenLifeTests {
  @Test func `demotion, promotion and removal revoke tokens, and the plan says so`() throws {
    for (find, replacement, words) in [
      ("bob: { role: administrator }", "bob: {}", "becomes member, was administrator, and 1 token"),
      ("carol: { seat: pro }", "carol: { role: administrator, seat: pro }", "and 1 token is"),
      ("  dave: {}\n", "", "dave is removed, and 1 token is revoked"),
    ] {
      let (sandbox, tokens) = try Sandbox.tokened("bob", "carol", "dave")
      let holder = try #require(["bob", "carol", "dave"].first { find.contains($0) })
      let file = try sandbox.write(edited(find, replacement), to: "edit.yaml")
      #expect(sandbox.usher("show", holder, by: tokens[holder]).code == 0)
      let run = sandbox.usher("apply", file, "--yes", by: tokens["alice"])
      #expect(run.code == 0 && run.output.contains(words), "\(run.output)")
      #expect(sandbox.usher("show", holder, by: tokens[holder]).code == 4)
      for other in ["bob", "carol", "dave"] where other != holder {
        #expect(sandbox.usher("show", other, by: tokens[other]).code == 0)
      }
      #expect(sandbox.usher("log", "--verify").code == 0)
    }
  }

  @Test func `a removed member who returns gets no old token back`() throws {
    let (sandbox, tokens) = try Sandbox.tokened("dave")
    sandbox.environment["USHER_TOKEN"] = tokens["alice"]
    #expect(try sandbox.apply(edited("  dave: {}\n", "")).code == 0)
    #expect(try sandbox.apply(org).code == 0)
    #expect(sandbox.usher("show", "dave", by: tokens["dave"]).code == 4)
  }

  @Test func `a token is rotated by a second one, and the owner's last one stays`() throws {
    let (sandbox, tokens) = try Sandbox.tokened()
    let first = try #require(tokens["alice"])
    let listed = sandbox.usher("token", "list", "--format", "json", by: first)
    let entry = try #require((listed.json["tokens"] as? [[String: Any]])?.first)
    let id = try #require(entry["token_id"] as? String)
    for words in [["token", "revoke", id], ["token", "revoke", "alice"]] {
      let run = sandbox.run(
        words, now: "2026-11-23T08:00:00Z", environment: ["USHER_TOKEN": first])
      #expect(run.code == 4 && run.errors.contains("issue another first"))
    }
    let second = try sandbox.issueToken("alice", by: first)
    #expect(sandbox.usher("token", "revoke", "alice", by: second).code == 4, "not both")
    let run = sandbox.usher("token", "revoke", id, "--format", "json", by: first)
    #expect(run.code == 0 && run.json["token_ids"] as? [String] == [id])
    #expect(sandbox.usher("status", by: first).code == 4)
    #expect(sandbox.usher("status", by: second).code == 0)
    let again = sandbox.usher("token", "revoke", id, "--format", "json", by: second)
    #expect(again.code == 0 && again.json["revoked"] as? Bool == false)
    #expect(again.json["sequence"] as? Int == run.json["sequence"] as? Int)
  }

  @Test func `whoever loses a token gets another, and the lost one is dead`() throws {
    let (sandbox, tokens) = try Sandbox.tokened("bob")
    let spare = try sandbox.issueToken("bob", by: tokens["alice"])
    #expect(sandbox.usher("token", "revoke", "bob", by: tokens["alice"]).code == 0)
    for lost in [tokens["bob"], spare] { #expect(sandbox.usher("status", by: lost).code == 4) }
    let new = try sandbox.issueToken("bob", by: tokens["alice"])
    #expect(sandbox.usher("status", by: new).code == 0)
  }

  @Test func `without the owner's token nobody comes by one, but the state can be read`() throws {
    let (sandbox, tokens) = try Sandbox.tokened("bob")
    for token in [nil, tokens["bob"]] {
      let run = sandbox.usher(
        "token", "issue", "alice", "--keys-to", sandbox.path("no"), by: token)
      #expect(run.code == 4)
    }
    #expect(sandbox.usher("members").code == 0 && sandbox.usher("export").code == 0)
  }

  @Test func `what cannot be revoked is named`() throws {
    let (sandbox, tokens) = try Sandbox.tokened()
    let token = tokens["alice"]
    let id = sandbox.usher("token", "revoke", "t_0123456789abcdef", by: token)
    #expect(id.code == 1 && id.errors.contains("E412"))
    let name = sandbox.usher("token", "revoke", "carl", by: token)
    #expect(name.code == 1 && name.errors.contains("did you mean 'carol'?"))
    #expect(sandbox.usher("token", "revoke", "b-b", by: token).code == 1)
    let none = sandbox.usher("token", "revoke", "bob", by: token)
    #expect(none.code == 0 && none.output.contains("nothing was changed"))
    #expect(sandbox.usher("token", "issue", "carl", by: token).code == 1)
  }

  @Test func `the list says whose tokens work, and shows none of them`() throws {
    let (sandbox, tokens) = try Sandbox.tokened("bob", "dave")
    sandbox.environment["USHER_TOKEN"] = tokens["alice"]
    #expect(try sandbox.apply(edited("  dave: {}\n", "")).code == 0)
    let run = sandbox.usher("token", "list", "--format", "json")
    let list = try #require(run.json["tokens"] as? [[String: Any]])
    #expect(Set(list.compactMap { $0["member"] as? String }) == ["alice", "bob", "dave"])
    let dave = try #require(list.first { $0["member"] as? String == "dave" })
    #expect(dave["role"] is NSNull && dave["revoked"] is String)
    let bob = try #require(list.first { $0["member"] as? String == "bob" })
    #expect(bob["role"] as? String == "administrator" && bob["revoked"] is NSNull)
    #expect((bob["token_masked"] as? String)?.hasPrefix("ust_…") == true)
    let text = sandbox.usher("token", "list").output
    for token in tokens.values {
      #expect(!(run.output + text).contains(token.dropFirst(4).prefix(9)))
    }
  }

  @Test func `tokens are no drift`() throws {
    let (sandbox, tokens) = try Sandbox.tokened("bob")
    #expect(sandbox.usher("token", "revoke", "bob", by: tokens["alice"]).code == 0)
    #expect(sandbox.usher("drift", sandbox.path("org.yaml"), by: tokens["alice"]).code == 0)
  }

  @Test func `a snapshot keeps the tokens`() throws {
    let (sandbox, tokens) = try Sandbox.tokened("bob")
    sandbox.environment["USHER_TOKEN"] = tokens["bob"]
    for number in 1...32 {
      let run = try sandbox.apply(
        edited("carol: { seat: pro", "carol: { seat: pro, key: \(number)"))
      #expect(run.code == 0, "\(run.errors)")
    }
    #expect(sandbox.exists("state/snapshots"))
    #expect(sandbox.usher("status").code == 0)
    #expect(sandbox.usher("status", by: unknown).code == 4)
    #expect(sandbox.usher("log", "--verify").code == 0)
  }
}
