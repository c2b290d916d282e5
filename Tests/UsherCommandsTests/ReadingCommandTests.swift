// ReadingCommandTests: what the commands that change nothing answer, and that they change nothing.

import Foundation
import Testing

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 2, expires: 2027-01-31 }
  members:
    alice: { role: owner, seat: pro }
    bob: {}

  """

@Suite struct ReadingCommandTests {
  @Test func `status counts add up, also when a subscription has expired`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    for (now, assigned, expired) in [("2026-12-01", 1, 0), ("2027-02-01", 0, 2)] {
      let run = sandbox.usher("status", "--format", "json", now: now)
      let pool = try #require((run.json["subscriptions"] as? [[String: Any]])?.first)
      #expect(pool["assigned"] as? Int == assigned)
      #expect(pool["expired"] as? Int == expired)
      #expect(pool["unassigned"] as? Int == 2 - assigned - expired)
    }
    let late = sandbox.usher("status", "--format", "json", now: "2027-02-01")
    #expect((late.json["members"] as? [String: Any])?["seated"] as? Int == 1)
  }

  @Test func `members lists everybody with their seat`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let members = sandbox.usher("members", "--format", "json").json["members"] as? [[String: Any]]
    #expect(members?.map { $0["username"] as? String } == ["alice", "bob"])
    #expect(members?.map { $0["seat_status"] as? String } == ["assigned", "none"])
  }

  @Test func `the export plans to no changes`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let file = try sandbox.write(sandbox.usher("export").output, to: "exported.yaml")
    #expect(sandbox.usher("plan", file, "--detailed-exitcode").code == 0)
  }

  @Test func `an unknown member is answered with the nearest one`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let run = sandbox.usher("show", "alcie")
    #expect(run.code == 1)
    #expect(run.errors.contains("did you mean 'alice'?"))
    #expect(sandbox.usher("show", "alice").code == 0)
  }

  @Test(arguments: ["", "usk_", "hello", "usk_" + String(repeating: "A", count: 43) + "_AAAAAA"])
  func `a text that is no key is malformed`(_ text: String) throws {
    let run = try Sandbox().usher("verify-key", "--format", "json", input: text)
    #expect(run.code == 1)
    #expect(run.json["reason"] as? String == "malformed")
  }

  @Test func `a changed commit is named by log --verify, and nothing answers from it`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    _ = try sandbox.apply(org.replacingOccurrences(of: "bob: {}", with: "bob: { seat: pro }"))
    let name = "state/commits/000000000001.json"
    let text = try sandbox.read(name)
    try sandbox.write(text.replacingOccurrences(of: "\"bob\"", with: "\"eve\""), to: name)
    for command in ["log", "status", "members", "export"] {
      #expect(sandbox.usher(command).code == 1)
    }
    let run = sandbox.usher("log", "--verify")
    #expect(run.code == 1)
    #expect(run.errors.contains("commit 1"))
  }

  @Test func `a commit of a newer format is refused, not misread`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let name = "state/commits/000000000001.json"
    let text = try sandbox.read(name)
    try sandbox.write(
      text.replacingOccurrences(of: "usher.commit/1", with: "usher.commit/2"), to: name)
    let run = sandbox.usher("status")
    #expect(run.code == 1)
    #expect(run.errors.contains("use a newer usher"))
  }

  @Test func `a result that cannot be written is an error`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    #expect(sandbox.usher("status", isOutputBroken: true).code == 1)
  }

  @Test func `snapshots never change an answer, and log --verify checks them`() throws {
    let sandbox = try Sandbox()
    for number in 1...33 {
      let run = try sandbox.apply(
        org.replacingOccurrences(of: "seat: pro }", with: "seat: pro, key: \(number) }"))
      #expect(run.code == 0)
    }
    let with = sandbox.usher("members", "--format", "json").output
    let folder = sandbox.path("state/snapshots")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.count == 1)
    #expect(sandbox.usher("log", "--verify").code == 0)
    try sandbox.write("{}", to: "state/snapshots/\(names[0])")
    #expect(sandbox.usher("members", "--format", "json").output == with)
    try FileManager.default.removeItem(atPath: folder)
    #expect(sandbox.usher("members", "--format", "json").output == with)
  }

  @Test func `a forged snapshot is named, and the log is not blamed`() throws {
    let (sandbox, other) = (try Sandbox(), try Sandbox())
    for number in 1...32 {
      for place in [sandbox, other] {
        let text = org.replacingOccurrences(of: "seat: pro }", with: "seat: pro, key: \(number) }")
        _ = try place.apply(text)
      }
    }
    // A sound snapshot of another history under the name of this one's.
    func names(_ place: Sandbox) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: place.path("state/snapshots"))
    }
    let (own, foreign) = (try names(sandbox)[0], try names(other)[0])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: other.path("state/snapshots/\(foreign)")))
    let before = sandbox.usher("members").output
    try bytes.write(to: URL(fileURLWithPath: sandbox.path("state/snapshots/\(own)")))
    #expect(sandbox.usher("members").output == before)
    #expect(sandbox.usher("log", "--verify").code == 0)
  }

  @Test func `a folder is read whole: what cannot be read in it is an error, loops are not`() throws
  {
    let sandbox = try Sandbox()
    let folder = sandbox.path("org")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try sandbox.write(org, to: "org/a.yaml")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder)/loop", withDestinationPath: folder)
    #expect(sandbox.usher("validate", folder).code == 0)
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder)/z.yaml", withDestinationPath: "/nonexistent")
    let dangling = sandbox.usher("validate", folder)
    #expect(dangling.code == 1 && dangling.errors.contains("z.yaml"))
    #expect(sandbox.usher("debug", "yaml", folder).code == 1)
    let twice = sandbox.usher("validate", "\(folder)/a.yaml", "\(folder)//a.yaml")
    #expect(twice.code == 1 && twice.errors.contains("named twice"))
  }

  @Test func `a file that is not there hides no error of the others`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write("organization: acme\nbogus: 1\n", to: "a.yaml")
    let run = sandbox.usher("validate", file, sandbox.path("none.yaml"), "--format", "json")
    let codes = (run.json["diagnostics"] as? [[String: Any]] ?? []).map { $0["code"] as? String }
    #expect(codes == ["E102", "E001"])
  }

  @Test func `init writes a file that validates, and never over another`() throws {
    let sandbox = try Sandbox()
    #expect(sandbox.usher("init", sandbox.path("new")).code == 0)
    #expect(sandbox.usher("validate", sandbox.path("new/org.yaml")).code == 0)
    #expect(sandbox.usher("init", sandbox.path("new")).code == 1)
  }

  @Test func `all errors of all files come in one run, each with its place`() throws {
    let sandbox = try Sandbox()
    let a = try sandbox.write("organization: acme\nsubscription: {}\n", to: "a.yaml")
    let b = try sandbox.write("members:\n  alice: { role: ownr }\n  é: {}\n", to: "b.yaml")
    let run = sandbox.usher("validate", a, b, "--format", "json")
    #expect(run.code == 1)
    let found = (run.json["diagnostics"] as? [[String: Any]] ?? []).map {
      "\($0["code"] ?? "") \($0["line"] ?? ""):\($0["column"] ?? "")"
    }
    #expect(found == ["E102 2:1", "E112 2:18", "E105 3:3"])
  }
}
