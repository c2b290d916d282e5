// StoryTests: usher's whole life in pull requests, as one story with real git.

import Foundation
import Testing

@Suite struct StoryTests {
  private let main = """
    organization: acme
    base_url: https://llm.acme.example/v1

    subscriptions:
      standard: { seats: 3, expires: 2027-01-31 }
      pro:      { seats: 1, expires: 2027-01-31 }

    policy:
      max_removals: 25%

    members:
      bob:   { role: administrator, seat: standard }
      alice: { role: owner }
      carol: { seat: standard }
      dave:  { seat: pro }

    """

  /// The state's observable facts, to see that nothing happened.
  private func facts(_ sandbox: Sandbox) -> String {
    sandbox.usher("members", "--format", "json").output
      + sandbox.usher("log", "--format", "json").output
  }

  /// Puts the org on a branch from main, and checks out that branch.
  private func branch(_ name: String, _ edits: [(String, String)], _ sandbox: Sandbox) throws {
    try sandbox.git("checkout", "-q", "-b", name, "main")
    var text = try sandbox.read("org.yaml")
    for (old, new) in edits {
      try #require(text.contains(old))
      text = text.replacingOccurrences(of: old, with: new)
    }
    try sandbox.write(text, to: "org.yaml")
    try sandbox.git("commit", "-q", "-a", "-m", name)
  }

  private func merge(_ name: String, _ sandbox: Sandbox) throws {
    try sandbox.git("checkout", "-q", "main")
    try sandbox.git("merge", "-q", "--no-ff", "-m", "merge \(name)", name)
  }

  @Test func `from the first commit to a healed leak`() throws {
    let sandbox = try Sandbox()
    let file = sandbox.path("org.yaml")
    var handed: [String: String] = [:]
    func apply(_ arguments: String..., now: String = "2026-11-23T08:00:00Z") throws -> Run {
      let sink = sandbox.path("sink-\(UUID().uuidString)")
      var words = ["apply"] + arguments
      words += ["--yes", "--keys-to", sink, "--format", "json"]
      let run = sandbox.run(words, now: now)
      guard FileManager.default.fileExists(atPath: sink) else { return run }
      for line in try String(contentsOfFile: sink, encoding: .utf8).split(separator: "\n") {
        let key = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        handed[key?["member"] as? String ?? ""] = key?["api_key"] as? String
      }
      return run
    }
    func isGood(_ key: String?) -> Bool {
      sandbox.usher("verify-key", input: key ?? "").code == 0
    }

    // Bootstrap from main.
    try sandbox.git("init", "-q", "-b", "main")
    try sandbox.write(main, to: "org.yaml")
    #expect(sandbox.usher("fmt", "--check", file).output == "")
    try sandbox.git("add", "org.yaml")
    try sandbox.git("commit", "-q", "-m", "found")
    #expect(try apply(file).code == 4)
    #expect(try apply(file, "--create").json["keys_delivered"] as? Int == 3)
    let founded = handed

    // A branch adds two members, moves a seat and removes one.
    let first = [
      ("  dave:  { seat: pro }\n", "  erin:  { seat: standard }\n  frank: {}\n"),
      ("carol: { seat: standard }", "carol: { seat: pro }"),
    ]
    try branch("first", first, sandbox)
    #expect(sandbox.usher("validate", file).code == 0)
    let plan = sandbox.path("first.json")
    let planned = sandbox.usher(
      "plan", file, "--base", "main", "--out", plan, "--format", "markdown",
      "--detailed-exitcode")
    #expect(planned.code == 2)
    let comment = planned.output
    #expect(comment.contains("**1 person loses access, 2 keys stop working, 1 person changes seat"))
    #expect(comment.contains("#### Loses access (1)") && comment.contains("dave is removed"))

    // A second pull request is planned on the same state.
    try branch("second", [("bob:   { role: administrator, seat", "bob:   { seat")], sandbox)
    let late = sandbox.path("second.json")
    #expect(sandbox.usher("plan", file, "--out", late).code == 0)

    // Merge, and apply the very plan that was reviewed.
    try merge("first", sandbox)
    let applied = try apply("--plan", plan, "--actor", "bob")
    #expect(applied.code == 0 && applied.json["sequence"] as? Int == 2, "\(applied.errors)")
    #expect(!isGood(founded["dave"]) && !isGood(founded["carol"]) && isGood(founded["bob"]))
    #expect(isGood(handed["carol"]) && isGood(handed["erin"]))

    // The job is retried: nothing happens twice.
    let before = facts(sandbox)
    let retried = try apply("--plan", plan, "--actor", "bob")
    #expect(retried.code == 0 && retried.json["applied"] as? Bool == false)
    #expect(facts(sandbox) == before)

    // The second plan is stale now; a new one goes through, if the owner applies it.
    try merge("second", sandbox)
    #expect(try apply("--plan", late, "--actor", "alice").code == 3)
    #expect(facts(sandbox) == before)
    let fresh = sandbox.path("fresh.json")
    #expect(sandbox.usher("plan", file, "--out", fresh).code == 0)
    #expect(try apply("--plan", fresh, "--actor", "bob").code == 4)
    #expect(try apply("--plan", fresh, "--actor", "alice").json["sequence"] as? Int == 3)
    #expect(sandbox.usher("drift", file).code == 0)

    // A key leaks, and somebody revokes it by hand.
    let leaked = handed["erin"]
    #expect(
      sandbox.usher("revoke", "erin", "--reason", "found in a paste", "--actor", "alice").code == 0)
    #expect(!isGood(leaked))
    let night = sandbox.usher("drift", file, "--format", "markdown")
    #expect(night.code == 2 && night.output.contains("by alice: found in a paste"))

    // Healing gives erin a new key; the leaked one stays dead.
    #expect(try apply(file).json["keys_delivered"] as? Int == 1)
    #expect(isGood(handed["erin"]) && handed["erin"] != leaked && !isGood(leaked))
    #expect(sandbox.usher("drift", file).code == 0)
    let log = sandbox.usher("log", "--verify")
    #expect(log.code == 0 && log.output.hasPrefix("5 commits, "))
    #expect(sandbox.usher("show", "erin").output.contains("found in a paste"))
  }
}
