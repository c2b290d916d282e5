// TokenDeliveryTests: a token arrives before its commit or not at all, and is nowhere else.

import Foundation
import Testing

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 4, expires: 2027-01-31 }
  members:
    alice: { role: owner }
    bob: { role: administrator, seat: pro }

  """

private func founded() throws -> Sandbox {
  let sandbox = try Sandbox()
  #expect(try sandbox.apply(org).code == 0)
  return sandbox
}

/// The token in a sink's line.
private func token(in line: String) throws -> String {
  let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
  return try #require(object?["token"])
}

@Suite struct TokenDeliveryTests {
  @Test func `without a terminal it must be said where a token goes`() throws {
    let sandbox = try founded()
    let run = sandbox.usher("token", "issue", "alice")
    #expect(run.code == 4 && run.errors.contains("a token is issued, and nobody said where to"))
    #expect(sandbox.usher("token", "list", "--format", "json").output.contains("ust_") == false)
  }

  @Test func `a terminal is shown the token once, apart from the results`() throws {
    let sandbox = try founded()
    let run = sandbox.usher("token", "issue", "alice", isTerminal: true)
    #expect(run.code == 0 && run.errors.contains("This token is shown once"))
    let words = run.errors.split(whereSeparator: \.isWhitespace)
    let token = try #require(words.first { $0.hasPrefix("ust_") })
    #expect(!run.output.contains(token))
    #expect(sandbox.usher("status", by: String(token)).code == 0)
  }

  @Test func `a sink that fails gets the same token to erase, and nothing was issued`() throws {
    let sandbox = try founded()
    let command = "exec:cat > \(sandbox.path("sink")).$1; test $1 = erase"
    let run = sandbox.usher("token", "issue", "alice", "--keys-to", command)
    #expect(run.code == 5 && run.errors.contains("the token could not be handed over"))
    #expect(try sandbox.read("sink.store") == sandbox.read("sink.erase"))
    #expect(sandbox.usher("status", by: try token(in: sandbox.read("sink.store"))).code == 4)
    let existing = try sandbox.write("precious", to: "kept")
    #expect(sandbox.usher("token", "issue", "alice", "--keys-to", existing).code == 5)
    #expect(try sandbox.read("kept") == "precious")
    #expect(sandbox.usher("apply", sandbox.path("org.yaml"), "--yes").code == 0, "none is needed")
  }

  @Test func `the token is where it goes before the commit is made`() throws {
    let sandbox = try founded()
    let command =
      "exec:cat > \(sandbox.path("sink")); test ! -e \(sandbox.path(sandbox.commitName(2)))"
    #expect(sandbox.usher("token", "issue", "alice", "--keys-to", command).code == 0)
    #expect(sandbox.usher("status", by: try token(in: sandbox.read("sink"))).code == 0)
  }

  @Test func `a token whose commit came second is erased, and opens nothing`() throws {
    let (sandbox, other) = (try founded(), try Sandbox())
    try FileManager.default.copyItem(atPath: sandbox.path("state"), toPath: other.path("state"))
    #expect(other.usher("revoke", "bob", "--reason", "leaked").code == 0)
    // While the token is handed over, somebody else makes the commit.
    let race =
      "test $1 = erase || cp \(other.path(other.commitName(2))) \(sandbox.path("state/commits"))/"
    let command = "exec:cat > \(sandbox.path("sink")).$1; \(race)"
    let run = sandbox.usher("token", "issue", "alice", "--keys-to", command)
    #expect(run.code == 3 && run.errors.contains("nothing was changed"), "\(run.errors)")
    #expect(try sandbox.read("sink.store") == sandbox.read("sink.erase"))
    #expect(sandbox.usher("status", by: try token(in: sandbox.read("sink.store"))).code == 4)
    #expect(sandbox.usher("log", "--verify").output.hasPrefix("2 commits"))
    #expect(sandbox.usher("token", "issue", "alice", "--keys-to", sandbox.path("sink")).code == 0)
  }

  @Test func `a token that was issued is not denied because the result cannot be written`() throws {
    let sandbox = try founded()
    let run = sandbox.usher(
      "token", "issue", "alice", "--keys-to", sandbox.path("sink"), isOutputBroken: true)
    #expect(run.code == 1 && run.errors.contains("commit 2 was made"))
    #expect(sandbox.usher("status", by: try token(in: sandbox.read("sink"))).code == 0)
  }

  @Test func `a signal before the commit takes the token back`() throws {
    let sandbox = try founded()
    let run = sandbox.usher(
      "token", "issue", "alice", "--keys-to", sandbox.path("sink"), signal: 2)
    #expect(run.code == 130 && !sandbox.exists("sink"))
    #expect(sandbox.usher("log", "--format", "json").output.contains("issue_token") == false)
  }

  @Test func `of first tokens issued at once one opens the store, the others are gone`()
    async throws
  {
    let sandbox = try founded()
    let folder = sandbox.folder
    let codes = await issue(8, in: folder, by: nil)
    #expect(codes.count { $0 == 0 } == 1, "\(codes)")
    // Whoever came later met a conflict, or a store that asks for a token.
    #expect(codes.allSatisfy { [0, 3, 4].contains($0) }, "\(codes)")
    for (number, code) in codes.enumerated() {
      #expect(sandbox.exists("sink-\(number)") == (code == 0))
      guard code == 0 else { continue }
      #expect(sandbox.usher("status", by: try token(in: sandbox.read("sink-\(number)"))).code == 0)
    }
    #expect(sandbox.usher("log", "--verify").output.hasPrefix("2 commits"))
  }

  @Test func `of tokens issued at once each that was handed over works`() async throws {
    let sandbox = try founded()
    let own = try sandbox.issueToken("alice", by: nil)
    let codes = await issue(8, in: sandbox.folder, by: own)
    #expect(codes.contains(0) && codes.allSatisfy { [0, 3].contains($0) }, "\(codes)")
    for (number, code) in codes.enumerated() {
      #expect(sandbox.exists("sink-\(number)") == (code == 0))
      guard code == 0 else { continue }
      #expect(sandbox.usher("status", by: try token(in: sandbox.read("sink-\(number)"))).code == 0)
    }
    let listed = sandbox.usher("token", "list", "--format", "json").json["tokens"] as? [Any]
    #expect(listed?.count == 1 + codes.count { $0 == 0 })
  }

  /// Issues tokens of alice, each with a sink of its own, all at once; their exit codes.
  private func issue(_ count: Int, in folder: String, by token: String?) async -> [Int32] {
    await withTaskGroup(of: (Int, Int32).self) { group in
      for number in 0..<count {
        group.addTask {
          let words = [
            "token", "issue", "alice", "--keys-to", "\(folder)/sink-\(number)", "--state",
            "\(folder)/state",
          ]
          return (number, Sandbox.code(of: words, environment: ["USHER_TOKEN": token ?? ""]))
        }
      }
      return await group.reduce(into: [Int32](repeating: -1, count: count)) { $0[$1.0] = $1.1 }
    }
  }
}

@Suite struct TokenSecrecyTests {
  /// Every byte of every file below a folder, but of those whose names begin with `sink` or `keys`.
  private func everything(below folder: String) throws -> String {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
      !$0.hasPrefix("sink") && !$0.hasPrefix("keys")
    }.reduce(into: "") { text, path in
      let bytes = FileManager.default.contents(atPath: "\(folder)/\(path)") ?? Data()
      text += path + String(decoding: bytes, as: UTF8.self)
    }
  }

  @Test func `no plaintext of a token is anywhere but in the sink`() throws {
    let sandbox = try founded()
    var seen = ""
    var tokens: [String] = []
    for number in 1...3 {
      let sink = "sink-\(number)"
      let run = sandbox.usher(
        "token", "issue", number == 3 ? "bob" : "alice", "--keys-to", sandbox.path(sink),
        by: tokens.first)
      #expect(run.code == 0)
      seen += run.output + run.errors
      tokens.append(try token(in: sandbox.read(sink)))
    }
    let refused = sandbox.usher("apply", sandbox.path("org.yaml"), "--yes", by: tokens[0] + "x")
    seen += refused.output + refused.errors
    sandbox.environment["USHER_TOKEN"] = tokens[0]
    for format in ["text", "json"] {
      for words in [
        ["status"], ["members"], ["log"], ["show", "alice"], ["show", "bob"], ["token", "list"],
        ["token", "revoke", "bob"], ["plan", sandbox.path("org.yaml")],
        ["status", "--actor", "bob"],
      ] {
        let run = sandbox.run(words + ["--format", format], now: "2026-11-23T08:00:00Z")
        seen += run.output + run.errors
      }
    }
    seen += sandbox.usher("export").output
    #expect(
      sandbox.usher("plan", sandbox.path("org.yaml"), "--out", sandbox.path("plan.json")).code == 0)
    for number in 1...32 {
      let text = org.replacingOccurrences(of: "seat: pro", with: "seat: pro, key: \(number)")
      #expect(try sandbox.apply(text).code == 0)
    }
    seen += try everything(below: sandbox.folder)
    #expect(sandbox.exists("state/snapshots"))
    for token in tokens {
      #expect(!seen.contains(token))
      // Nor any part of it that is longer than what the masked form shows.
      #expect(!seen.contains(token.dropFirst(4).prefix(8)))
      #expect(!seen.contains(token.suffix(6)))
    }
  }

  @Test func `no program that usher starts sees the token`() throws {
    let sandbox = try founded()
    let own = try sandbox.issueToken("alice", by: nil)
    let runner = try WorkflowRunner(sandbox)
    // A git and a sink that tell their environment.
    try sandbox.writeProgram("#!/bin/sh\nenv >> \"$SEEN\"\nexit 1\n", to: "bin/git")
    try sandbox.write(
      org.replacingOccurrences(of: "seat: pro", with: "seat: pro, key: 2"), to: "b.yaml")
    let variables = [
      "USHER_TOKEN": own, "USHER_STATE": sandbox.path("state"), "SEEN": sandbox.path("seen"),
      "KEPT": "kept",
    ]
    _ = try runner.shell("usher plan b.yaml --base main", in: "", flags: [], variables)
    // What the system shows of usher, and of the guard, which leads the sink's group.
    let shown =
      "/proc/$PPID/cmdline /proc/$PPID/environ /proc/$(cut -d\" \" -f5 /proc/$$/stat)/environ"
    let applied = try runner.shell(
      "usher apply b.yaml --yes --keys-to 'exec:env >> $SEEN; cat \(shown) >> $SEEN.proc; true'",
      in: "", variables)
    #expect(applied.code == 0, "\(applied.output)")
    let seen = try sandbox.read("seen")
    #expect(seen.components(separatedBy: "KEPT=kept").count >= 3, "\(seen)")
    #expect(!seen.contains("USHER_TOKEN"))
    let all = try seen + sandbox.read("seen.proc")
    #expect(!all.contains(own.dropFirst(4).prefix(8)))
    if FileManager.default.fileExists(atPath: "/proc/self/environ") {
      #expect(all.contains("--keys-to") && all.components(separatedBy: "KEPT=kept").count >= 5)
    }
  }
}

@Suite struct ForgedTokenTests {
  @Test func `a nameless commit after the first token is named and never answered from`() throws {
    let sandbox = try founded()
    sandbox.environment["USHER_TOKEN"] = try sandbox.issueToken("alice", by: nil)
    #expect(sandbox.usher("revoke", "bob", "--reason", "x").code == 0)
    try sandbox.forge(3, "\"actor\": \"alice\"", "\"actor\": null")
    sandbox.environment = [:]
    let run = sandbox.usher("log", "--verify")
    #expect(run.code == 1 && run.errors.contains("commit 3") && run.errors.contains("names nobody"))
    #expect(sandbox.usher("status").code == 1)
  }

  @Test func `a first token of somebody else than the owner is named`() throws {
    let sandbox = try founded()
    _ = try sandbox.issueToken("alice", by: nil)
    try sandbox.forge(2, "\"member\":\"alice\"", "\"member\":\"bob\"")
    let run = sandbox.usher("log", "--verify")
    #expect(run.code == 1 && run.errors.contains("the first token must be the owner's"))
  }

  @Test func `an administrator's commit that issues the owner a token is named`() throws {
    let sandbox = try founded()
    let own = try sandbox.issueToken("alice", by: nil)
    _ = try sandbox.issueToken("alice", by: own)
    try sandbox.forge(3, "\"actor\": \"alice\"", "\"actor\": \"bob\"")
    let run = sandbox.usher("log", "--verify")
    #expect(run.code == 1 && run.errors.contains("bob is administrator, but issue_token needs"))
    #expect(sandbox.usher("status", by: own).code == 1)
  }

  @Test func `a commit that revokes the owner's last token is named`() throws {
    let sandbox = try founded()
    let own = try sandbox.issueToken("alice", by: nil)
    _ = try sandbox.issueToken("bob", by: own)
    #expect(sandbox.usher("token", "revoke", "bob", by: own).code == 0)
    let list = sandbox.usher("token", "list", "--format", "json").json["tokens"]
    let ids = (list as? [[String: Any]] ?? []).reduce(into: [String: String]()) {
      $0[$1["member"] as? String ?? ""] = $1["token_id"] as? String
    }
    let (alice, bob) = (try #require(ids["alice"]), try #require(ids["bob"]))
    let (text, _) = try sandbox.unsealed(4)
    try sandbox.forge(
      4,
      text.replacingOccurrences(of: bob, with: alice)
        .replacingOccurrences(of: "\"member\":\"bob\"", with: "\"member\":\"alice\""))
    let run = sandbox.usher("log", "--verify")
    #expect(run.code == 1 && run.errors.contains("the owner's last token"), "\(run.errors)")
  }
}
