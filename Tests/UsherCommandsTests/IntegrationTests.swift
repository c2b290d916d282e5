// IntegrationTests: the pipelines under examples/, run as they stand against real git.

import Foundation
import Testing

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 4, expires: 2099-01-31, credits: 5 }
  policy:
    max_removals: 100%
  members:
    alice: { role: owner, seat: pro }
    bob:   { seat: pro }
    carol: {}

  """

/// A server with a repository, a clone of it, and a state that main was applied to.
private struct Site {
  let sandbox: Sandbox
  let runner: WorkflowRunner
  /// The secret of the pipeline.
  var token: String?

  init() throws {
    sandbox = try Sandbox()
    runner = try WorkflowRunner(sandbox)
    runner.environment["USHER_STATE"] = sandbox.path("state")
    runner.environment["USHER_KEYS"] = sandbox.path("keys")
    runner.environment["USHER_SINK"] =
      "\(WorkflowRunner.examples)/key-sinks/one-file-each"
    _ = try run(
      "git init -q --bare -b main server.git && git clone -q server.git clone 2>&1", in: "")
    try FileManager.default.createDirectory(
      atPath: sandbox.path("clone/org"), withIntermediateDirectories: true)
    try commit(org, "main")
    #expect(try run("usher apply org --create --yes --keys-to 'exec:$USHER_SINK \"$1\"'").code == 0)
  }

  func run(_ script: String, in folder: String = "clone") throws -> (code: Int32, output: String) {
    try runner.shell(script, in: folder)
  }

  /// Commits the org on a branch and pushes it.
  func commit(_ org: String, _ branch: String) throws {
    _ = try run("git checkout -q -B \(branch) 2>&1")
    try sandbox.write(org, to: "clone/org/org.yaml")
    let pushed = try run(
      "git add org && git commit -q -m change && git push -q -f origin \(branch) 2>&1")
    try #require(pushed.code == 0, "\(pushed.output)")
  }

  func edited(_ find: String, _ replace: String) -> String {
    precondition(org.contains(find), "the edit changes something")
    return org.replacingOccurrences(of: find, with: replace)
  }

  /// Takes in calls that use up what alice has.
  func useUp() throws {
    let script = """
      echo '{"time":'$(date +%s)',"member":"alice","model":"m","credits":7}' > "$HOME/usage.jsonl"
      usher usage ingest "$HOME/usage.jsonl"
      """
    let ingested = try run(script)
    try #require(ingested.code == 0, "\(ingested.output)")
  }

  func sequence() -> Int? {
    sandbox.usher("status", "--format", "json", now: "2026-11-23T08:00:00Z").json["sequence"]
      as? Int
  }

  func keys() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: sandbox.path("keys")).sorted()
  }

  // GitHub Actions, as they would be started

  func plan() throws -> JobReport {
    try runner.run(
      "usher-plan.yml", job: "plan", in: "clone",
      facts: ["github.event.number": "7", "github.token": "t"], ["GITHUB_BASE_REF": "main"])
  }

  func apply(_ event: String = "push") throws -> JobReport {
    try runner.run(
      "usher-apply.yml", job: "apply", in: "clone",
      facts: [
        "github.event_name": event, "github.token": "t", "secrets.USHER_TOKEN": token ?? "",
      ], ["GITHUB_SHA": "abc"])
  }

  func drift() throws -> JobReport {
    try runner.run(
      "usher-drift.yml", job: "drift", in: "clone", facts: ["github.token": "t"], [:])
  }
}

@Suite struct GitHubActionsTests {
  @Test func `a pull request is planned, commented on, and applied after the merge`() throws {
    let site = try Site()
    try site.commit(site.edited("carol: {}", "carol: { seat: pro }"), "branch")
    try site.sandbox.write("head\n", to: "gh/head")
    let planned = try site.plan()
    #expect(planned.isSuccess, "\(planned.log)")
    #expect(
      planned.log.contains("::notice file=org/org.yaml,line=9,col=3,title=usher plan%3A carol"))
    let comment = try site.sandbox.read("gh/comment")
    #expect(
      comment.hasPrefix("<!-- usher:plan -->") && comment.contains("Gets a seat and a key (1)"))
    #expect(try site.sandbox.read("gh/calls").contains("--method POST"))
    // The comment is about the very plan that is kept.
    let plan =
      try JSONSerialization.jsonObject(
        with: Data(site.sandbox.read("artifacts/usher-plan/plan.json").utf8)) as? [String: Any]
    #expect(comment.contains(plan?["digest"] as? String ?? "?"))
    #expect(try site.plan().isSuccess)
    #expect(try site.sandbox.read("gh/calls").contains("--method PATCH"))
    let applied = try site.apply()
    #expect(applied.isSuccess && site.sequence() == 2, "\(applied.log)")
    #expect(try site.keys().count == 3)
    let again = try site.apply()
    #expect(again.isSuccess && again.log.contains("already applied") && site.sequence() == 2)
  }

  @Test func `an invalid pull request fails, and the comment says why`() throws {
    let site = try Site()
    try site.commit(site.edited("carol: {}", "carol: { seat: prro }"), "branch")
    let planned = try site.plan()
    #expect(planned.outcomes["Plan"] == "failure" && planned.outcomes["Comment"] == "success")
    #expect(planned.outcomes["Keep the plan for the merge"] == "skipped")
    #expect(planned.log.contains("::error file=org/org.yaml,line=9,col=18,"))
    #expect(try site.sandbox.read("gh/comment").contains("| `E104` |"))
  }

  @Test func `a plan that the state has passed by is refused; by hand main is planned anew`() throws
  {
    let site = try Site()
    try site.commit(site.edited("carol: {}", "carol: { seat: pro }"), "branch")
    try site.sandbox.write("head\n", to: "gh/head")
    #expect(try site.plan().isSuccess)
    #expect(try site.run("usher revoke bob --reason leaked").code == 0)
    let stale = try site.apply()
    #expect(stale.outcomes["Apply the reviewed plan"] == "failure" && site.sequence() == 2)
    #expect(stale.outcomes["Apply what main says"] == "skipped")
    let byHand = try site.apply("workflow_dispatch")
    #expect(byHand.isSuccess && site.sequence() == 3, "\(byHand.log)")
  }

  @Test func `once there are tokens the pipeline needs its own, and is named in the log`() throws {
    var site = try Site()
    let issued = try site.run("usher token issue alice --keys-to 'exec:$USHER_SINK \"$1\"'")
    #expect(issued.code == 0, "\(issued.output)")
    try site.commit(site.edited("carol: {}", "carol: { seat: pro }"), "main")
    #expect(try !site.apply("workflow_dispatch").isSuccess && site.sequence() == 2)
    let file = try present(site.keys().first { $0.hasPrefix("alice.t_") })
    let line = Data(try site.sandbox.read("keys/\(file)").utf8)
    site.token = (try JSONSerialization.jsonObject(with: line) as? [String: String])?["token"]
    let applied = try site.apply("workflow_dispatch")
    #expect(applied.isSuccess && site.sequence() == 3, "\(applied.log)")
    #expect(site.sandbox.usher("log").output.contains(", by alice"))
  }

  @Test func `nothing is applied that was not reviewed for just this merge`() throws {
    let site = try Site()
    // A direct push: no pull request belongs to it.
    try site.commit(site.edited("carol: {}", "carol: { seat: pro }"), "main")
    let direct = try site.apply()
    #expect(direct.outcomes["Fetch the reviewed plan"] == "failure" && site.sequence() == 1)
    // A pull request whose plan never finished.
    try site.sandbox.write("head\n", to: "gh/head")
    let unplanned = try site.apply()
    #expect(unplanned.outcomes["Fetch the reviewed plan"] == "failure")
    // Another one's plan.
    try site.commit(site.edited("bob:   { seat: pro }", "bob:   {}"), "branch")
    #expect(try site.plan().isSuccess)
    try site.commit(site.edited("carol: {}", "carol: { seat: pro }"), "main")
    let foreign = try site.apply()
    #expect(foreign.outcomes["Apply the reviewed plan"] == "failure" && site.sequence() == 1)
    #expect(foreign.log.contains("was not made from what 'org' says now"))
  }

  @Test func `drift opens an issue, keeps it, and closes it`() throws {
    let site = try Site()
    #expect(try site.drift().isSuccess && !site.sandbox.exists("gh/issue"))
    try site.useUp()
    #expect(try site.run("usher revoke bob --reason leaked").code == 0)
    let drifted = try site.drift()
    #expect(drifted.isSuccess && !drifted.log.contains("has used"))
    let issue = try site.sandbox.read("gh/issue")
    #expect(issue.contains("Out of band") && !issue.contains("has used"), "\(issue)")
    // The state has it for whoever may see it.
    #expect(try site.run("usher drift org --actor alice").output.contains("alice has used 7 of 5"))
    #expect(try site.drift().isSuccess)
    let calls = try site.sandbox.read("gh/calls")
    #expect(calls.components(separatedBy: "issue create").count == 2)
    #expect(calls.contains("issue edit 5"))
    #expect(try site.run("usher apply org --yes --keys-to 'exec:$USHER_SINK \"$1\"'").code == 0)
    #expect(try site.drift().isSuccess && !site.sandbox.exists("gh/issue"))
  }
}

@Suite struct GitLabTests {
  @Test func `a merge request gets both reports, and main is applied from the saved plan`() throws {
    let site = try Site()
    try site.commit(site.edited("carol: {}", "carol: { seat: pro }"), "branch")
    #expect(try site.runner.runGitLab("validate", in: "clone").code == 0)
    #expect(try site.sandbox.read("clone/code-quality.json") == "[]\n")
    #expect(try site.runner.runGitLab("plan", in: "clone").code == 0)
    #expect(
      try site.sandbox.read("clone/plan-report.json")
        == "{\"create\":2,\"update\":0,\"delete\":0}\n")
    #expect(try site.runner.runGitLab("apply", in: "clone").code == 0)
    #expect(site.sequence() == 2)
    #expect(try site.runner.runGitLab("apply", in: "clone").output.contains("already applied"))
    try site.useUp()
    let drift = try site.runner.runGitLab("drift", in: "clone")
    #expect(drift.code == 0 && !drift.output.contains("has used"), "\(drift.output)")
    try site.commit(site.edited("carol: {}", "carol: { seat: prro }"), "broken")
    #expect(try site.runner.runGitLab("validate", in: "clone").code == 1)
    #expect(try site.sandbox.read("clone/code-quality.json").contains("\"check_name\": \"E104\""))
  }
}

@Suite struct GitServerTests {
  private func site() throws -> Site {
    let site = try Site()
    for hook in ["pre-receive", "post-receive"] {
      try FileManager.default.copyItem(
        atPath: "\(WorkflowRunner.examples)/git-server/\(hook)",
        toPath: site.sandbox.path("server.git/hooks/\(hook)"))
    }
    let sink = "\(WorkflowRunner.examples)/key-sinks/one-file-each"
    _ = try site.run(
      "git config usher.state \"$USHER_STATE\"; git config usher.sink '\(sink)'", in: "server.git")
    return site
  }

  private func push(_ org: String, _ site: Site) throws -> (code: Int32, output: String) {
    try site.sandbox.write(org, to: "clone/org/org.yaml")
    return try site.run("git commit -q -a -m change && git push origin main 2>&1")
  }

  @Test func `a push to main is applied, and what it does is shown to the one who pushes`() throws {
    let site = try site()
    let pushed = try push(site.edited("carol: {}", "carol: { seat: pro }"), site)
    #expect(pushed.code == 0 && site.sequence() == 2, "\(pushed.output)")
    #expect(pushed.output.contains("remote: 1 person gets a seat and a key, 1 seat stays free."))
    #expect(try site.keys().count == 3)
  }

  @Test func `once there are tokens the server shows its own`() throws {
    let site = try site()
    let token = try site.sandbox.issueToken("alice", by: nil)
    let refused = try push(site.edited("carol: {}", "carol: { seat: pro }"), site)
    #expect(refused.output.contains("E306") && site.sequence() == 2, "\(refused.output)")
    let file = try site.sandbox.write("\(token)\n", to: "server-token")
    _ = try site.run("git config usher.tokenFile '\(file)'", in: "server.git")
    let pushed = try push(site.edited("carol: {}", "carol: { seat: pro }") + "  dave:  {}\n", site)
    #expect(pushed.code == 0 && site.sequence() == 3, "\(pushed.output)")
  }

  @Test func `an invalid roster is refused, and main stays as it was`() throws {
    let site = try site()
    let before = try site.run("git rev-parse main", in: "server.git").output
    let pushed = try push(site.edited("carol: {}", "carol: { seat: prro }"), site)
    #expect(pushed.code != 0 && pushed.output.contains("remote: org/org.yaml:9:18: error[E104]"))
    #expect(try site.run("git rev-parse main", in: "server.git").output == before)
    #expect(site.sequence() == 1)
    // Other branches are nobody's business.
    #expect(try site.run("git push -q origin main:other 2>&1").code == 0)
  }
}

@Suite struct SmallIntegrationTests {
  @Test func `cron is silent without drift and mails what there is`() throws {
    let site = try Site()
    let script = "\(WorkflowRunner.examples)/cron/usher-drift '\(site.sandbox.path("clone"))'"
    #expect(try site.run("git branch -q --set-upstream-to=origin/main main").code == 0)
    let quiet = try site.run(script, in: "")
    #expect(quiet.code == 0 && quiet.output == "", "\(quiet.output)")
    #expect(try site.run("usher revoke bob --reason leaked").code == 0)
    let loud = try site.run(script, in: "")
    #expect(loud.code == 0 && loud.output.contains("Out of band"), "\(loud.output)")
    #expect(try site.run("USHER_STATE=/dev/null/x \(script)", in: "").code == 1)
  }

  @Test func `the example sink stores, and erases what did not come into force`() throws {
    let site = try Site()
    #expect(try site.keys().allSatisfy { $0.hasSuffix(".json") } && site.keys().count == 2)
    let mode =
      try FileManager.default.attributesOfItem(
        atPath: site.sandbox.path("keys/\(site.keys()[0])"))[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let line = "{\"member\":\"zoe\",\"api_key\":\"usk_x\",\"base_url\":null,\"key_id\":\"k_1\"}"
    let sink = "\(WorkflowRunner.examples)/key-sinks/one-file-each"
    #expect(try site.run("echo '\(line)' | sh -c '\(sink) \"$1\"' sink store").code == 0)
    #expect(try site.keys().contains("zoe.k_1.json"))
    #expect(try site.run("echo '\(line)' | \(sink) erase").code == 0)
    #expect(try site.keys().count == 2)
    #expect(try site.run("echo '\(line)' | \(sink) keep").code == 64)
  }

  @Test func `the hooks for pre-commit run what usher has`() throws {
    let site = try Site()
    let root = URL(fileURLWithPath: WorkflowRunner.examples).deletingLastPathComponent().path
    let hooks = try PipelineValue(file: "\(root)/.pre-commit-hooks.yaml").list
    #expect(hooks.compactMap { $0["id"]?.text } == ["usher-validate", "usher-fmt"])
    for hook in hooks {
      let entry = try present(hook["entry"]?.text)
      #expect(try site.run("\(entry) org/org.yaml").code == 0)
      let pattern = try NSRegularExpression(pattern: present(hook["files"]?.text))
      func matches(_ path: String) -> Bool {
        pattern.firstMatch(in: path, range: NSRange(path.startIndex..., in: path)) != nil
      }
      #expect(["org.yaml", "a/org.yml", "org/x.yaml", "org/a/b.json"].allSatisfy(matches))
      #expect(!["morg.yaml", "x.yaml", "org.txt", "org/x.md"].contains(where: matches))
    }
  }
}
