// AuthorityCommandTests: a commit in the log whose actor had no business there.

import Foundation
import Testing

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 4, expires: 2027-01-31 }
  members:
    alice: { role: owner }
    bob: { role: administrator }
    carol: {}

  """

@Suite struct ForgedActorTests {
  /// The second commit appoints carol, in the name of alice.
  private func appointed() throws -> Sandbox {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org, "--actor", "alice")
    let run = try sandbox.apply(
      org.replacingOccurrences(of: "carol: {}", with: "carol: { role: administrator }"),
      "--actor", "alice")
    #expect(run.code == 0, "\(run.errors)")
    return sandbox
  }

  @Test(arguments: ["bob", "carol", "mallory"])
  func `a sealed commit whose actor may not do this is named and never answered from`(
    _ actor: String
  ) throws {
    let sandbox = try appointed()
    try sandbox.forge(2, "\"actor\": \"alice\"", "\"actor\": \"\(actor)\"")
    let verified = sandbox.usher("log", "--verify")
    #expect(verified.code == 1 && verified.errors.contains("commit 2"))
    #expect(verified.errors.contains("\(actor) is "))
    for words in [["status"], ["members"], ["show", "alice"], ["export"], ["log"]] {
      #expect(sandbox.run(words, now: "2026-11-23T08:00:00Z").code == 1)
    }
    #expect(sandbox.usher("plan", sandbox.path("org.yaml")).code == 1)
    #expect(sandbox.usher("revoke", "alice", "--reason", "x").code == 1)
  }

  @Test func `a founding in the name of somebody else than the owner is named`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org, "--actor", "alice")
    try sandbox.forge(1, "\"actor\": \"alice\"", "\"actor\": \"bob\"")
    #expect(sandbox.usher("log", "--verify").errors.contains("bob founds the organization"))
  }

  @Test func `resealing a commit alone is not what is noticed`() throws {
    let sandbox = try appointed()
    try sandbox.forge(2, "\"actor\": \"alice\"", "\"actor\": null")
    #expect(sandbox.usher("log", "--verify").code == 0)
  }
}
