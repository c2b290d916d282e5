// ApplyCommandTests: the main job from the org file to the stored state, and what refuses it.

import Foundation
import Testing

private let org = """
  organization: acme
  base_url: https://llm.acme.example/v1
  subscriptions:
    pro: { seats: 2, expires: 2027-01-31 }
    standard: { seats: 2, expires: 2027-06-30 }
  members:
    alice: { role: owner }
    bob: { role: administrator, seat: pro }
    carol: { seat: standard }
    dave: { seat: standard, until: 2026-12-31 }

  """

private func edited(_ find: String, _ replace: String) -> String {
  precondition(org.contains(find), "the edit changes something")
  return org.replacingOccurrences(of: find, with: replace)
}

@Suite struct ApplyCommandTests {
  @Test func `an empty store is founded, keys work, and applying again does nothing`() throws {
    let sandbox = try Sandbox()
    let first = try sandbox.apply(org)
    #expect(first.code == 0, "\(first.errors)")
    #expect(first.json["applied"] as? Bool == true)
    #expect(first.json["keys_delivered"] as? Int == 3)
    for (member, key) in try sandbox.keys() {
      let answer = sandbox.usher("verify-key", "--format", "json", input: key + "\n")
      #expect(answer.code == 0)
      #expect(answer.json["member"] as? String == member)
    }
    let second = try sandbox.apply(org)
    #expect(second.code == 0)
    #expect(second.json["applied"] as? Bool == false)
    #expect(second.json["sequence"] as? Int == 1)
    #expect(!sandbox.exists("keys-2.jsonl"))
  }

  @Test func `no plaintext of a key is anywhere but in the sink`() throws {
    let sandbox = try Sandbox()
    var seen = try sandbox.apply(org).output
    seen += try sandbox.apply(
      edited("carol: { seat: standard }", "carol: { seat: standard, key: 2 }")
    ).output
    sandbox.environment["USHER_TOKEN"] = try sandbox.issueToken("alice", by: nil)
    for command in ["status", "members", "log", "export"] { seen += sandbox.usher(command).output }
    for name in try FileManager.default.contentsOfDirectory(atPath: sandbox.path("state/commits")) {
      seen += try sandbox.read("state/commits/\(name)")
    }
    let keys = try sandbox.keys()
    #expect(keys.count == 4)
    for (_, key) in keys {
      #expect(!seen.contains(key))
      // Nor any part of it that is longer than what the masked form shows.
      #expect(!seen.contains(key.dropFirst(4).prefix(10)))
    }
    #expect(!seen.contains(try #require(sandbox.environment["USHER_TOKEN"])))
  }

  @Test func `removing a member revokes the key and frees the seat in one commit`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let key = try #require(try sandbox.keys().first { $0.member == "carol" }?.key)
    let second = try sandbox.apply(edited("  carol: { seat: standard }\n", ""))
    #expect(second.json["sequence"] as? Int == 2)
    let answer = sandbox.usher("verify-key", "--format", "json", input: key)
    #expect(answer.code == 1)
    #expect(answer.json["reason"] as? String == "revoked")
  }

  @Test func `a plan that takes from too many is refused, with the flag that lets it pass`() throws
  {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let small = edited(
      "  carol: { seat: standard }\n  dave: { seat: standard, until: 2026-12-31 }\n", "")
    let refused = try sandbox.apply(small)
    #expect(refused.code == 4)
    #expect(refused.errors.contains("--allow-removals 2"))
    #expect(try sandbox.apply(small, "--allow-removals", "1").code == 4)
    #expect(try sandbox.apply(small, "--allow-removals", "2").code == 0)
  }

  @Test func `an empty store without --create is refused`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    let run = sandbox.usher("apply", file, "--yes", "--keys-to", sandbox.path("k"))
    #expect(run.code == 4)
    #expect(!sandbox.exists("state") && !sandbox.exists("k"))
  }

  @Test func `without a terminal, --yes and --keys-to must be said`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    #expect(sandbox.usher("apply", file, "--create", "--yes").code == 4)
    _ = try sandbox.apply(org)
    let edit = try sandbox.write(edited("role: administrator, ", ""), to: "edit.yaml")
    #expect(sandbox.usher("apply", edit).code == 4)
    #expect(sandbox.usher("apply", edit, "--yes").code == 0)
  }

  @Test func `on a terminal the person is asked, and shown the keys once`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    #expect(sandbox.usher("apply", file, answers: ["no"], isTerminal: true).code == 4)
    let run = sandbox.usher("apply", file, answers: ["create"], isTerminal: true)
    #expect(run.code == 0)
    #expect(run.errors.contains("usk_"))
    let edit = try sandbox.write(edited("role: administrator, ", ""), to: "edit.yaml")
    #expect(sandbox.usher("apply", edit, answers: [""], isTerminal: true).code == 4)
    #expect(sandbox.usher("apply", edit, answers: ["yes"], isTerminal: true).code == 0)
  }

  @Test func `a sink file that exists is kept, and nothing changes`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    let sink = try sandbox.write("precious", to: "keys")
    let run = sandbox.usher("apply", file, "--create", "--yes", "--keys-to", sink)
    #expect(run.code == 5)
    #expect(try sandbox.read("keys") == "precious")
    #expect(!sandbox.exists("state"))
  }

  @Test func `a command that fails gets the same keys to erase, and nothing changes`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    let command = "exec:cat > \(sandbox.path("")).$1; test $1 = erase"
    let run = sandbox.usher("apply", file, "--create", "--yes", "--keys-to", command)
    #expect(run.code == 5)
    #expect(try sandbox.read(".store") == sandbox.read(".erase"))
    #expect(try sandbox.read(".store").split(separator: "\n").count == 3)
    #expect(!sandbox.exists("state"))
  }

  @Test func `a command that succeeds has the keys before the commit`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    let command =
      "exec:cat > \(sandbox.path("keys")); test ! -e \(sandbox.path("state/commits/000000000001.json"))"
    #expect(sandbox.usher("apply", file, "--create", "--yes", "--keys-to", command).code == 0)
    #expect(try sandbox.read("keys").contains("\"subscription\":\"pro\""))
  }

  @Test func `a signal before the commit takes the keys back and changes nothing`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    let run = sandbox.usher(
      "apply", file, "--create", "--yes", "--keys-to", sandbox.path("keys"), signal: 15)
    #expect(run.code == 143)
    #expect(!sandbox.exists("keys") && !sandbox.exists("state"))
  }

  @Test func `an administrator may not appoint another, the owner may`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let file = try sandbox.write(
      edited("carol: { seat", "carol: { role: administrator, seat"), to: "edit.yaml")
    #expect(sandbox.usher("apply", file, "--yes", "--actor", "bob").code == 4)
    #expect(sandbox.usher("apply", file, "--yes", "--actor", "carol").code == 4)
    #expect(sandbox.usher("apply", file, "--yes", "--actor", "nobody").code == 4)
    #expect(sandbox.usher("apply", file, "--yes", "--actor", "alice").code == 0)
  }
}

@Suite struct SavedPlanTests {
  private func planned() throws -> Sandbox {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let file = try sandbox.write(edited("role: administrator, ", ""), to: "edit.yaml")
    #expect(sandbox.usher("plan", file, "--out", sandbox.path("plan.json")).code == 0)
    return sandbox
  }

  @Test func `a saved plan is applied once, and a retry does nothing`() throws {
    let sandbox = try planned()
    #expect(sandbox.usher("apply", "--plan", sandbox.path("plan.json"), "--yes").code == 0)
    let retry = sandbox.usher("apply", "--plan", sandbox.path("plan.json"), "--yes")
    #expect(retry.code == 0)
    #expect(retry.output == "already applied as commit 2.\n")
  }

  @Test func `a plan edited by one byte is refused, whichever byte`() throws {
    let sandbox = try planned()
    let bytes = Array(try sandbox.read("plan.json").utf8)
    for index in stride(from: 0, to: bytes.count, by: 7) {
      var edited = bytes
      edited[index] ^= 1
      try sandbox.write(String(decoding: edited, as: UTF8.self), to: "edited.json")
      #expect(sandbox.usher("apply", "--plan", sandbox.path("edited.json"), "--yes").code == 1)
    }
    #expect(
      sandbox.usher("log", "--format", "json").json["commits"].map { ($0 as? [Any])?.count } == 1)
  }

  @Test func `a stale plan is a conflict`() throws {
    let sandbox = try planned()
    #expect(try sandbox.apply(edited("role: administrator, ", "key: 2, ")).code == 0)
    #expect(sandbox.usher("apply", "--plan", sandbox.path("plan.json"), "--yes").code == 3)
  }

  @Test func `a plan that issues a key twice is a conflict, and hands over none`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let file = try sandbox.write(edited("role: administrator, ", "key: 2, "), to: "edit.yaml")
    #expect(sandbox.usher("plan", file, "--out", sandbox.path("plan.json")).code == 0)
    let line = try #require(
      sandbox.read("plan.json").split(separator: "\n").first { $0.contains("\"issue_key\"") })
    let first = line.hasSuffix(",") ? String(line) : line + ","
    try sandbox.forge(plan: "plan.json", String(line), "\(first)\n\(line)")
    let run = sandbox.usher(
      "apply", "--plan", sandbox.path("plan.json"), "--yes", "--keys-to", sandbox.path("forged"))
    #expect(run.code == 3 && run.errors.contains("error[E404]: the plan is not legal: "))
    #expect(!sandbox.exists("forged") && sandbox.usher("log", "--verify").code == 0)
  }

  @Test func `the plan on standard output and the saved one are the same bytes`() throws {
    let sandbox = try planned()
    let run = sandbox.usher("plan", sandbox.path("edit.yaml"), "--format", "json")
    #expect(try sandbox.read("plan.json") == run.output)
    #expect(run.json["authority"] as? String == "owner")
  }

  /// So many members that no format of the plan fits a page, some of them without a seat.
  @Test func `a plan of many pages is whole in every format, and is applied from its file`() throws
  {
    let sandbox = try Sandbox()
    var (names, seated): ([String], [String]) = ([], [])
    var many = """
      organization: acme
      subscriptions:
        pro: { seats: 5000, expires: 2027-01-31 }
      members:
        aaron: { role: owner }

      """
    for number in 10_000..<15_000 {
      names.append("m\(number)")
      if number % 3 > 0 { seated.append("m\(number)") }
      many += "  m\(number): \(number % 3 > 0 ? "{ seat: pro }" : "{}")\n"
    }
    let file = try sandbox.write(many, to: "many.yaml")
    let text = sandbox.usher("plan", file, "--out", sandbox.path("plan.json")).output
    let json = sandbox.usher("plan", file, "--format", "json")
    #expect(try sandbox.read("plan.json") == json.output && json.output.utf8.count > 1 << 20)
    let changes = try #require(json.json["changes"] as? [[String: Any]])
    func members(_ kind: String) -> [String] {
      changes.filter { $0["action"] as? String == kind }.compactMap { $0["member"] as? String }
    }
    #expect(members("add_member").sorted() == ["aaron"] + names)
    #expect(members("issue_key").sorted() == seated)
    let headings = text.split(separator: "\n").filter {
      $0.hasPrefix("  + ") && $0.contains(".yaml:")
    }
    #expect(headings.map { $0.split(separator: " ")[1] } == ["aaron"] + names.map { Substring($0) })
    let applied = sandbox.usher(
      "apply", "--plan", sandbox.path("plan.json"), "--yes", "--create", "--keys-to",
      sandbox.path("keys.jsonl"))
    #expect(applied.code == 0, "\(applied.errors)")
    #expect(try sandbox.read("keys.jsonl").split(separator: "\n").count == seated.count)
    #expect(sandbox.usher("plan", file, "--detailed-exitcode").code == 0)
  }
}

@Suite struct ManyMembersTests {
  /// So many members that two threads compare them; what is wrong with them stands in both halves.
  private func org(seats: Int, _ fields: (Int) -> String) -> String {
    var org = """
      organization: acme
      subscriptions:
        pro: { seats: \(seats), expires: 2027-01-31 }
      policy: { max_removals: 100% }
      members:
        aaron: { role: owner }

      """
    for number in 10_000..<16_000 { org += "  m\(number): { \(fields(number)) }\n" }
    return org
  }

  @Test func `seats that run short are counted over all, and told at the one who gets none`() throws
  {
    let sandbox = try Sandbox()
    let file = try sandbox.write(
      org(seats: 3990) { $0 % 3 > 0 ? "seat: pro" : "" }, to: "short.yaml")
    let run = sandbox.usher("plan", file)
    #expect(run.code == 1)
    #expect(run.errors.contains("needs 4000 pro seats, 3990 are free"))
    #expect(run.errors.contains("short by 10"))
    // The 3,991st who wants one.
    let name = try #require((10_000..<16_000).filter { $0 % 3 > 0 }.dropFirst(3990).first)
    let line = try #require(
      sandbox.read("short.yaml").components(separatedBy: "\n").firstIndex {
        $0.hasPrefix("  m\(name):")
      })
    #expect(run.errors.contains("short.yaml:\(line + 1):"))
  }

  @Test func `what is wrong in either half of the names is told, and what is taken is freed`()
    throws
  {
    let sandbox = try Sandbox()
    let past = org(seats: 4000) {
      [10_001, 15_999].contains($0) ? "seat: pro, until: 2026-01-01" : "seat: pro"
    }
    let warned = sandbox.usher(
      "plan", try sandbox.write(past.replacing("seats: 4000", with: "seats: 6000"), to: "p.yaml"))
    #expect(warned.errors.contains("the seat of m10001 ended"))
    #expect(warned.errors.contains("the seat of m15999 ended"))
    // Everybody's seat goes to somebody else, of as many seats as there are.
    let first = org(seats: 3000) { $0 % 2 == 0 ? "seat: pro" : "" }
    #expect(try sandbox.apply(first).code == 0)
    let swapped = try sandbox.apply(org(seats: 3000) { $0 % 2 == 1 ? "seat: pro" : "" })
    #expect(swapped.code == 0, "\(swapped.errors.prefix(300))")
    #expect(swapped.json["keys_delivered"] as? Int == 3000)
    // An expired subscription lapses all seats, in both halves.
    let later = sandbox.usher("plan", sandbox.path("org.yaml"), now: "2027-02-01T00:00:00Z")
    #expect(later.errors.contains("3000 pro seats stay expired"))
  }
}

@Suite struct LifecycleTests {
  private func reason(_ sandbox: Sandbox, _ member: String, _ now: String) throws -> String {
    let key = try #require(try sandbox.keys().last { $0.member == member }?.key)
    let answer = sandbox.usher("verify-key", "--format", "json", now: now, input: key)
    return answer.json["reason"] as? String ?? "valid"
  }

  @Test func `a subscription renewed in time goes on, renewed late gets new keys`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    #expect(try reason(sandbox, "bob", "2027-01-30T23:59:59Z") == "valid")
    #expect(try reason(sandbox, "bob", "2027-01-31") == "expired")
    let left = sandbox.usher(
      "plan", sandbox.path("org.yaml"), "--detailed-exitcode", now: "2027-02-01")
    #expect(left.code == 2, "dave's own term is over and his seat reclaimed")
    #expect(!left.output.contains("bob"))
    let renewed = edited("expires: 2027-01-31", "expires: 2028-01-31")
    let run = try sandbox.apply(renewed, now: "2027-02-01")
    #expect(run.json["keys_delivered"] as? Int == 1)
    let keys = try sandbox.keys().filter { $0.member == "bob" }.map(\.key)
    #expect(keys.count == 2)
    let old = sandbox.usher("verify-key", "--format", "json", now: "2027-02-01", input: keys[0])
    #expect(old.json["reason"] as? String == "revoked")
    #expect(try reason(sandbox, "bob", "2027-02-01") == "valid")
  }

  @Test func `seats are swapped at full capacity in one plan`() throws {
    let sandbox = try Sandbox()
    let full = """
      organization: acme
      subscriptions:
        a: { seats: 1, expires: 2027-01-31 }
        b: { seats: 1, expires: 2027-01-31 }
      members:
        alice: { role: owner, seat: a }
        bob: { seat: b }

      """
    #expect(try sandbox.apply(full).code == 0)
    let swapped = full.replacingOccurrences(of: "seat: a", with: "seat: x")
      .replacingOccurrences(of: "seat: b", with: "seat: a")
      .replacingOccurrences(of: "seat: x", with: "seat: b")
    let run = try sandbox.apply(swapped)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.json["keys_delivered"] as? Int == 2)
  }

  @Test func `too few seats are explained with numbers, at the member who gets none`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let more = org + "  erin: { seat: pro }\n  frank: { seat: pro }\n"
    let run = try sandbox.apply(more)
    #expect(run.code == 1)
    #expect(
      run.errors.contains("needs 2 pro seats, 1 is free, 0 are freed by this plan: short by 1"))
    #expect(run.errors.contains("org.yaml:12:18: error[E201]"))
  }

  @Test func `keys older than the policy lets them are replaced`() throws {
    let sandbox = try Sandbox()
    let aged = org + "policy: { key_max_age: 30d }\n"
    _ = try sandbox.apply(aged)
    let early = sandbox.usher(
      "plan", sandbox.path("org.yaml"), "--detailed-exitcode", now: "2026-12-23T08:00:00Z")
    #expect(early.code == 0)
    let run = try sandbox.apply(aged, now: "2026-12-23T08:00:01Z")
    #expect(run.json["keys_delivered"] as? Int == 3)
  }

  @Test func `a clock set back is warned of, and the log does not go back`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let run = try sandbox.apply(edited("role: administrator, ", ""), now: "2020-01-01")
    #expect(run.code == 0)
    #expect(run.errors.contains("W203"))
    #expect(sandbox.usher("log", "--verify").code == 0)
  }
}

@Suite struct TimeTests {
  @Test func `a renewal planned before the expiry is stale after it`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let renewed = try sandbox.write(edited("2027-01-31", "2028-01-31"), to: "renewed.yaml")
    let plan = sandbox.path("plan.json")
    #expect(sandbox.usher("plan", renewed, "--out", plan).code == 0)
    let late = sandbox.usher("apply", "--plan", plan, "--yes", now: "2027-03-01T00:00:00Z")
    #expect(late.code == 3 && late.errors.contains("would stay lapsed"))
    #expect(sandbox.usher("apply", "--plan", plan, "--yes", now: "2027-01-30T00:00:00Z").code == 0)
  }

  @Test func `the sentence counts the keys that stop, whatever stops them`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let ended = try sandbox.write(edited("2027-06-30", "2026-11-01"), to: "ended.yaml")
    let plan = sandbox.usher("plan", ended, "--allow-removals", "9")
    #expect(plan.output.hasPrefix("2 people lose access, 2 keys stop working, 1 seat stays free"))
    #expect(plan.output.contains("- carol"))
    let late = sandbox.usher("plan", ended, "--allow-removals", "9", now: "2027-07-01T00:00:00Z")
    #expect(!late.output.contains("stop working"))
  }

  @Test func `keys are handed over to no file in the state`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    let first = sandbox.usher(
      "apply", file, "--create", "--yes", "--keys-to", sandbox.path("state/keys"))
    #expect(first.code == 64 && !sandbox.exists("state"))
    _ = try sandbox.apply(org)
    let inside = sandbox.path("state/commits/000000000099.json")
    #expect(sandbox.usher("apply", file, "--yes", "--keys-to", inside).code == 64)
  }

  @Test func `a terminal is shown the base URL with its keys`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    let run = sandbox.usher("apply", file, "--create", "--yes", isTerminal: true)
    #expect(run.code == 0 && run.errors.contains("https://llm.acme.example/v1"))
  }
}
