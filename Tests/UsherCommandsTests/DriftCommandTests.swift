// DriftCommandTests: `usher drift` and `usher revoke`, the break-glass that it detects.

import Foundation
import Testing

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 4, expires: 2027-01-31 }
    standard: { seats: 4, expires: 2027-06-30 }
  members:
    alice: { role: owner, seat: standard }
    bob: { role: administrator }
    carol: { seat: pro }

  """

@Suite struct DriftCommandTests {
  private func drift(_ run: Run) -> [String] {
    (run.json["drift"] as? [[String: Any]] ?? []).map {
      "\($0["kind"] ?? "") \($0["action"] ?? "") \($0["member"] ?? "")"
    }
  }

  @Test func `without drift nothing is listed and the code is 0`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let run = sandbox.usher("drift", sandbox.path("org.yaml"), "--format", "json")
    #expect(run.code == 0 && drift(run).isEmpty)
    #expect(run.json["sequence"] as? Int == 1 && run.json["organization"] as? String == "acme")
    #expect((run.json["summary"] as? [String: Int])?["total"] == 0)
    #expect(sandbox.usher("drift", sandbox.path("org.yaml")).output.hasPrefix("No drift: "))
  }

  @Test func `a revocation that cannot be told of says that it was made`() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.apply(org).code == 0)
    let revoked = sandbox.usher("revoke", "carol", "--reason", "leaked", isOutputBroken: true)
    #expect(revoked.code == 1 && revoked.errors.contains("commit 2 was made, but"))
    #expect(sandbox.usher("status", "--format", "json").json["sequence"] as? Int == 2)
  }

  @Test func `a revoked key is out of band, pending until healed, and gone then`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let key = try #require(try sandbox.keys().first { $0.member == "carol" }?.key)
    let revoked = sandbox.usher(
      "revoke", "carol", "--reason", "pasted into a chat", "--actor", "bob", "--format", "json")
    #expect(revoked.code == 0 && revoked.json["sequence"] as? Int == 2)
    let answer = sandbox.usher("verify-key", "--format", "json", input: key)
    #expect(answer.code == 1 && answer.json["reason"] as? String == "revoked")
    #expect(sandbox.usher("members").output.contains("carol   member         pro"))
    let found = sandbox.usher("drift", sandbox.path("org.yaml"), "--format", "json")
    #expect(found.code == 2)
    #expect(drift(found) == ["pending issue_key carol", "out_of_band revoke_key carol"])
    let message = (found.json["drift"] as? [[String: Any]])?.last?["message"] as? String
    #expect(message == "commit 2 of 2026-11-23T08:00:00Z, by bob: pasted into a chat")
    #expect(try sandbox.apply(org).json["keys_delivered"] as? Int == 1)
    #expect(sandbox.usher("drift", sandbox.path("org.yaml")).code == 0)
    #expect(sandbox.usher("log", "--verify").code == 0)
    #expect(sandbox.usher("verify-key", input: key).code == 1)
  }

  @Test func `a seat that only a renewal brings back is expired, however it is wanted`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let late = "2027-03-01T00:00:00Z"
    let lapsed = sandbox.usher(
      "drift", sandbox.path("org.yaml"), "--format", "json", now: late)
    #expect(lapsed.code == 2 && drift(lapsed) == ["expired assign_seat carol"])
    let more = try sandbox.write(org + "  dave: { seat: pro }\n", to: "more.yaml")
    let wanted = sandbox.usher("drift", more, "--format", "json", now: late)
    #expect(
      drift(wanted) == [
        "pending add_member dave", "expired assign_seat carol", "expired assign_seat dave",
      ])
    #expect(sandbox.usher("plan", more, now: late).code == 1)
    // Whoever wants the seat no longer has no drift of it.
    let ended = org.replacingOccurrences(
      of: "carol: { seat: pro }", with: "carol: { seat: pro, until: 2027-02-01 }")
    let file = try sandbox.write(ended, to: "ended.yaml")
    #expect(sandbox.usher("drift", file, now: late).code == 0)
  }

  @Test func `a seat that ends with its subscription and by its own term is reclaimed`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let both = org.replacingOccurrences(
      of: "carol: { seat: pro }", with: "carol: { seat: pro, until: 2026-11-15 }"
    ).replacingOccurrences(of: "2027-01-31", with: "2026-11-10")
    let run = try sandbox.apply(both, "--allow-removals", "1")
    #expect(run.code == 0 && (run.json["summary"] as? [String: Int])?["reclaim_seat"] == 1)
    #expect(sandbox.usher("drift", sandbox.path("org.yaml")).code == 0)
  }

  @Test func `on an empty store everything is pending`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    let run = sandbox.usher("drift", file, "--format", "json")
    #expect(run.code == 2 && run.json["sequence"] as? Int == 0)
    #expect(run.json["digest"] is NSNull)
    #expect(drift(run).count == 10 && !sandbox.exists("state"))
  }

  @Test func `an invalid file is an error, not drift`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let file = try sandbox.write(org + "  dave: { seat: prro }\n", to: "bad.yaml")
    #expect(sandbox.usher("drift", file).code == 1)
  }

  @Test func `revoking is refused to members, and without a reason`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    #expect(sandbox.usher("revoke", "carol", "--reason", "x", "--actor", "carol").code == 4)
    #expect(sandbox.usher("revoke", "carol", "--reason", "x", "--actor", "nobody").code == 4)
    #expect(sandbox.usher("revoke", "carol").code == 64)
    #expect(sandbox.usher("revoke", "carol", "--reason", "  ").code == 64)
    #expect(sandbox.usher("revoke", "carol", "--reason", "a\nb").code == 64)
    let unknown = sandbox.usher("revoke", "carl", "--reason", "x")
    #expect(unknown.code == 1 && unknown.errors.contains("did you mean 'carol'?"))
    #expect(sandbox.usher("revoke", "bob", "--reason", "x").errors.contains("E411"))
    #expect(sandbox.usher("log", "--format", "json").output.contains("\"sequence\": 2") == false)
  }

  @Test func `revoking twice changes nothing the second time`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    #expect(sandbox.usher("revoke", "carol", "--reason", "x").code == 0)
    let second = sandbox.usher("revoke", "carol", "--reason", "x", "--format", "json")
    #expect(second.code == 0 && second.json["revoked"] as? Bool == false)
    #expect(second.json["sequence"] as? Int == 2)
  }
}
