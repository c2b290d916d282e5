// BaseTests: `plan --base`: what a pull request does, apart from what was pending before it.

import Foundation
import Testing

@Suite struct BaseTests {
  private let org = """
    organization: acme
    subscriptions: { pro: { seats: 9, expires: 2027-01-31 } }
    policy: { max_removals: 100% }
    members:
      alice: { role: owner }
      bob: { seat: pro }
      carol: {}

    """

  /// A repository whose main lacks carol and whose branch gives bob another key, both against a
  /// state that was made from `org`.
  private func repository() throws -> Sandbox {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    try sandbox.git("init", "-q", "-b", "main")
    let main = org.replacingOccurrences(of: "  carol: {}\n", with: "")
    try sandbox.write(main, to: "org.yaml")
    try sandbox.git("add", "org.yaml")
    try sandbox.git("commit", "-q", "-m", "main")
    try sandbox.git("checkout", "-q", "-b", "branch")
    try sandbox.write(
      main.replacingOccurrences(of: "seat: pro", with: "seat: pro, key: 2"), to: "org.yaml")
    return sandbox
  }

  private func introduced(_ run: Run) -> [String] {
    (run.json["changes"] as? [[String: Any]] ?? []).map { change in
      "\(change["action"] ?? "") \(change["member"] ?? "") \(change["introduced"] ?? "nil")"
    }
  }

  private let expected = [
    "revoke_key bob 1", "remove_member carol 0", "issue_key bob 1",
  ]

  @Test func `changes are told apart in JSON, text and Markdown`() throws {
    let sandbox = try repository()
    let file = sandbox.path("org.yaml")
    let json = sandbox.usher("plan", file, "--base", "main", "--format", "json")
    #expect(introduced(json) == expected, "\(json.errors)")
    let text = sandbox.usher("plan", file, "--base", "main").output
    let parts = text.components(separatedBy: "Already pending: 1 person without access leaves\n")
    #expect(parts.count == 2 && parts[0].contains("\nThis change: 1 key stops working"))
    #expect(parts[0].contains("bob") && !parts[0].contains("carol"))
    #expect(parts[1].contains("- carol") && !parts[1].contains("bob"))
    let markdown = sandbox.usher("plan", file, "--base", "main", "--format", "markdown").output
    #expect(markdown.contains("### This change: ") && markdown.contains("### Already pending: "))
  }

  @Test func `a folder is read as it stood, with files that came and went`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    try sandbox.git("init", "-q", "-b", "main")
    for folder in ["org/sub", "org/.hidden"] {
      try FileManager.default.createDirectory(
        atPath: sandbox.path(folder), withIntermediateDirectories: true)
    }
    let lines = org.components(separatedBy: "  carol: {}\n")[0]
    try sandbox.write(lines, to: "org/a.yaml")
    try sandbox.write("members: { carol: {} }\n", to: "org/sub/gone.yml")
    try sandbox.write("not: read\n", to: "org/.hidden/x.yaml")
    try sandbox.write("not read\n", to: "org/notes.txt")
    try sandbox.git("add", "org")
    try sandbox.git("commit", "-q", "-m", "main")
    try sandbox.git("rm", "-q", "org/sub/gone.yml")
    try sandbox.write("members: { dave: {} }\n", to: "org/new.json")
    let run = sandbox.usher(
      "plan", sandbox.path("org"), "--base", "main", "--format", "json")
    #expect(introduced(run) == ["remove_member carol 1", "add_member dave 1"], "\(run.errors)")
    // Named one by one, a file that did not exist then is no error.
    let single = sandbox.usher(
      "plan", sandbox.path("org/a.yaml"), sandbox.path("org/new.json"), "--base", "main",
      "--format", "json")
    #expect(introduced(single) == ["remove_member carol 0", "add_member dave 1"])
  }

  @Test func `without files at the base everything is introduced`() throws {
    let sandbox = try Sandbox()
    try sandbox.git("init", "-q", "-b", "main")
    try sandbox.git("commit", "-q", "--allow-empty", "-m", "nothing")
    let file = try sandbox.write(org, to: "org.yaml")
    let run = sandbox.usher("plan", file, "--base", "main", "--format", "json")
    #expect(run.code == 0 && !introduced(run).isEmpty)
    #expect(introduced(run).allSatisfy { $0.hasSuffix(" 1") })
  }

  @Test func `an unusable base is said, and everything counts as introduced`() throws {
    let sandbox = try repository()
    try sandbox.git("checkout", "-q", "main", "--force")
    let good = try sandbox.read("org.yaml")
    try sandbox.write("organization: [", to: "org.yaml")
    try sandbox.git("commit", "-q", "-a", "-m", "broken")
    let file = try sandbox.write(good, to: "org.yaml")
    let run = sandbox.usher("plan", file, "--base", "main", "--format", "json")
    #expect(run.code == 0 && introduced(run) == ["remove_member carol 1"])
    #expect(run.errors.contains("warning[W206]: the org files at 'main' cannot be planned (main:"))
    let diagnostics = run.json["diagnostics"] as? [[String: Any]]
    #expect(diagnostics?.first?["code"] as? String == "W206")
  }

  @Test func `in a shallow clone the error says what to fetch`() throws {
    let sandbox = try repository()
    try sandbox.git("commit", "-q", "-a", "-m", "branch")
    try sandbox.git(
      "clone", "-q", "--depth=1", "--single-branch", "--branch", "branch",
      "file://\(sandbox.folder)", "clone")
    let file = sandbox.path("clone/org.yaml")
    let run = sandbox.usher("plan", file, "--base", "origin/main")
    #expect(run.code == 1)
    let command = "fetch --depth=1 origin +refs/heads/main:refs/remotes/origin/main"
    #expect(run.errors.contains("fetch it: git \(command)"), "\(run.errors)")
    let short = sandbox.usher("plan", file, "--base", "main")
    #expect(short.errors.contains("\(command) and write --base origin/main"))
    try sandbox.git(
      "fetch", "-q", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main", in: "clone"
    )
    let healed = sandbox.usher("plan", file, "--base", "origin/main", "--format", "json")
    #expect(introduced(healed) == expected)
  }

  @Test func `links are followed as they stood, and a relative GIT_DIR is meant from here`() throws
  {
    let sandbox = try repository()
    try sandbox.git("checkout", "-q", "main", "--force")
    try FileManager.default.createDirectory(
      atPath: sandbox.path("conf"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: sandbox.path("conf/link.yaml"), withDestinationPath: "../org.yaml")
    try sandbox.git("add", "conf")
    try sandbox.git("commit", "-q", "-m", "link")
    for file in ["conf/link.yaml", "org.yaml"] {
      let run = sandbox.usher("plan", sandbox.path(file), "--base", "main", "--format", "json")
      #expect(introduced(run) == ["remove_member carol 0"], "\(run.errors)")
    }
    let runner = try WorkflowRunner(sandbox)
    let words = "usher plan conf/link.yaml --base HEAD --state state --now 2026-11-23 --format json"
    let relative = try runner.shell("GIT_DIR=.git \(words)", in: "")
    #expect(relative.code == 0 && relative.output.contains("\"introduced\":false"))
    try sandbox.git("rm", "-q", "org.yaml")
    try sandbox.git("commit", "-q", "-m", "dangling")
    try sandbox.write(org, to: "org.yaml")
    let dangling = sandbox.usher("plan", sandbox.path("conf/link.yaml"), "--base", "main")
    #expect(dangling.code == 1 && dangling.errors.contains("leads to no file"))
  }

  @Test func `revisions are what git takes for one`() throws {
    let sandbox = try repository()
    let file = sandbox.path("org.yaml")
    for revision in ["main", "HEAD", ":/main", "main^{tree}~0"] {
      let run = sandbox.usher("plan", file, "--base", revision, "--format", "json")
      #expect((run.code == 0) == (revision != "main^{tree}~0"), "\(revision): \(run.errors)")
    }
    let unknown = sandbox.usher("plan", file, "--base", "^HEAD")
    #expect(unknown.errors.contains("git does not know the revision"))
  }

  @Test func `what has no revision is refused with its reason`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    let outside = sandbox.usher("plan", file, "--base", "main")
    #expect(outside.code == 1 && outside.errors.contains("is not in a git repository"))
    #expect(sandbox.usher("plan", "-", "--base", "main", input: org).code == 64)
    try sandbox.git("init", "-q", "-b", "main")
    let unknown = sandbox.usher("plan", file, "--base", "--exec=x")
    #expect(unknown.code == 64 || unknown.errors.contains("E410"))
    #expect(sandbox.usher("plan", file, "--base=--all").errors.contains("E410"))
  }

  @Test func `a saved plan keeps the marks, the log does not`() throws {
    let sandbox = try repository()
    let plan = sandbox.path("plan.json")
    let made = sandbox.usher(
      "plan", sandbox.path("org.yaml"), "--base", "main", "--out", plan)
    #expect(made.code == 0)
    let applied = sandbox.usher(
      "apply", "--plan", plan, "--yes", "--keys-to", sandbox.path("new-keys.jsonl"))
    #expect(applied.code == 0 && applied.output.contains("This change: "))
    #expect(!sandbox.usher("log", "--format", "json").output.contains("introduced"))
    #expect(sandbox.usher("apply", "--plan", plan, "--yes").output.contains("already applied"))
  }

  @Test func `the log names the git commit of the files, if they are exactly of one`() throws {
    let sandbox = try repository()
    func logged(_ number: Int) throws -> String? {
      let log = sandbox.usher("log", "--format", "json").json["commits"] as? [[String: Any]]
      let source = try #require(log)[number - 1]["source"] as? [String: Any]
      return source?["git_commit"] as? String
    }
    #expect(try logged(1) == nil)
    try sandbox.git("commit", "-q", "-a", "-m", "branch")
    let head = try sandbox.git("rev-parse", "HEAD").split(separator: "\n").first.map(String.init)
    let file = sandbox.path("org.yaml")
    let plan = sandbox.path("plan.json")
    #expect(sandbox.usher("plan", file, "--out", plan).code == 0)
    let saved = sandbox.usher("apply", "--plan", plan, "--yes", "--keys-to", sandbox.path("k1"))
    #expect(saved.code == 0)
    #expect(try logged(2) == head)
    try sandbox.write(org, to: "org.yaml")
    #expect(sandbox.usher("apply", file, "--yes", "--keys-to", sandbox.path("k2")).code == 0)
    #expect(try logged(3) == nil)
    #expect(sandbox.usher("log").output.contains(" at git commit \(head ?? "?")"))
  }
}
