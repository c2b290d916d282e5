// PullRequestTests: the formats of GitHub, GitLab and code scanners, on sound and on hostile files.

import Foundation
import Testing

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 4, expires: 2027-01-31 }
  policy: { max_removals: 100% }
  members:
    alice: { role: owner, seat: pro }
    bob: { seat: pro }
    carol: {}

  """

@Suite struct PullRequestTests {
  private func prepared() throws -> (sandbox: Sandbox, file: String) {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let edited = org.replacingOccurrences(
      of: "  bob: { seat: pro }\n", with: "  dave: { seat: pro }\n")
    return (sandbox, try sandbox.write(edited, to: "org.yaml"))
  }

  private func json(_ text: String) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(text.utf8))
  }

  @Test func `the comment says who loses access first, and can be found again`() throws {
    let (sandbox, file) = try prepared()
    let run = sandbox.usher("plan", file, "--format", "markdown")
    #expect(run.code == 0)
    let lines = run.output.components(separatedBy: "\n")
    #expect(lines[0] == "<!-- usher:plan -->")
    #expect(lines[3].hasPrefix("**1 person loses access, 1 key stops working, "))
    let loses = try #require(lines.firstIndex { $0 == "#### Loses access (1)" })
    let gains = try #require(lines.firstIndex { $0.contains("Gets a seat and a key (1)") })
    #expect(loses < gains && lines[loses + 4].contains("`bob`"))
    #expect(run.output.contains("Authority needed: **administrator**."))
    #expect(lines[lines.count - 2].contains("commit 1, `sha256:"))
    #expect(sandbox.usher("plan", file, "--format", "markdown").output == run.output)
  }

  @Test func `the widget gets three numbers, which are those of the outputs`() throws {
    let (sandbox, file) = try prepared()
    let widget = sandbox.usher("plan", file, "--format", "gitlab")
    #expect(widget.output == "{\"create\":3,\"update\":0,\"delete\":3}\n")
    let environment = [
      "GITHUB_OUTPUT": sandbox.path("outputs"), "GITHUB_STEP_SUMMARY": sandbox.path("summary"),
      "GITHUB_WORKSPACE": sandbox.folder,
    ]
    try sandbox.write("before=1\n", to: "outputs")
    let run = sandbox.usher("plan", file, "--format", "github", environment: environment)
    #expect(run.code == 0 && run.errors == "")
    let lines = try sandbox.read("outputs").components(separatedBy: "\n")
    #expect(lines[0...4] == ["before=1", "has_changes=true", "add=3", "change=0", "remove=3"])
    let plan = sandbox.usher("plan", file, "--format", "json")
    #expect(lines[5] == "digest=\(plan.json["digest"] as? String ?? "")")
    #expect(
      try sandbox.read("summary") == sandbox.usher("plan", file, "--format", "markdown").output)
    #expect(run.output.contains("::warning title=usher plan%3A bob::bob: key k_"))
    #expect(
      run.output.contains("::notice file=org.yaml,line=7,col=3,title=usher plan%3A dave::dave: "))
    #expect(run.output.hasPrefix("::group::usher plan: 1 person loses access"))
  }

  @Test func `an output that cannot be written is an error`() throws {
    let (sandbox, file) = try prepared()
    let run = sandbox.usher(
      "plan", file, "--format", "github", environment: ["GITHUB_OUTPUT": sandbox.path("no/such")])
    #expect(run.code == 1)
  }

  @Test func `a refused plan is shown with its refusal in every format`() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org.replacingOccurrences(of: "100%", with: "1"))
    let less =
      "organization: acme\nsubscriptions: { pro: { seats: 4, expires: 2027-01-31 } }\n"
      + "members: { alice: { role: owner } }\n"
    let file = try sandbox.write(less, to: "org.yaml")
    let markdown = sandbox.usher("plan", file, "--format", "markdown")
    #expect(markdown.code == 4 && markdown.output.contains("| `E301` |"))
    #expect(markdown.output.contains("#### Loses access (2)"))
    let github = sandbox.usher("plan", file, "--format", "github")
    #expect(github.code == 4 && github.errors == "")
    #expect(github.output.contains("::error title=error E301::the plan takes from 3 of 3 members"))
    #expect(sandbox.usher("plan", file, "--format", "gitlab").output.hasPrefix("{\"create\":0,"))
    let sarif = sandbox.usher("plan", file, "--format", "sarif")
    #expect(sarif.code == 4 && sarif.output.contains("\"ruleId\": \"E301\""))
    #expect(sandbox.usher("plan", file, "--format", "json").output.contains("\"E301\""))
  }

  @Test(arguments: ["validate", "plan", "drift"])
  func `errors are told in every format of every command`(_ command: String) throws {
    let sandbox = try Sandbox()
    _ = try sandbox.apply(org)
    let file = try sandbox.write(org + "  dave: { seat: prro }\n", to: "org.yaml")
    let markdown = sandbox.usher(command, file, "--format", "markdown")
    #expect(markdown.code == 1 && markdown.output.hasPrefix("<!-- usher:\(command) -->\n"))
    #expect(markdown.output.contains("| `E104` | `\(file):9:17` | subscription 'prro' is unknown"))
    let github = sandbox.usher(command, file, "--format", "github")
    #expect(github.code == 1 && github.errors == "")
    #expect(github.output.contains("::error file=org.yaml,line=9,col=17,endLine=9,endColumn=20,"))
    let sarif = sandbox.usher(command, file, "--format", "sarif")
    #expect(sarif.code == 1 && sarif.errors.contains("E104"))
    #expect(sarif.output.contains("\"uri\": \"org.yaml\""))
    let gitlab = sandbox.usher(command, file, "--format", "gitlab")
    #expect(gitlab.code == 1 && gitlab.output.isEmpty == (command != "validate"))
  }

  @Test func `code quality is an array with one fingerprint each`() throws {
    let sandbox = try Sandbox()
    let good = try sandbox.write(org, to: "good.yaml")
    #expect(sandbox.usher("validate", good, "--format", "gitlab").output == "[]\n")
    let file = try sandbox.write(org + "  d: { seat: x }\n  e: { seat: x }\n", to: "org.yaml")
    let run = sandbox.usher("validate", file, "--format", "gitlab")
    let findings = try #require(try json(run.output) as? [[String: Any]])
    #expect(findings.count == 2)
    #expect(Set(findings.compactMap { $0["fingerprint"] as? String }).count == 2)
    let location = findings[0]["location"] as? [String: Any]
    #expect(location?["path"] as? String == "org.yaml")
    #expect((location?["lines"] as? [String: Int])?["begin"] == 9)
  }

  @Test func `fingerprints in SARIF survive moved lines`() throws {
    let sandbox = try Sandbox()
    func fingerprints(_ text: String) throws -> [String] {
      let file = try sandbox.write(text, to: "org.yaml")
      let log = try json(sandbox.usher("validate", file, "--format", "sarif").output)
      let run = try #require(((log as? [String: Any])?["runs"] as? [[String: Any]])?.first)
      #expect(run["columnKind"] as? String == "unicodeCodePoints")
      let driver = (run["tool"] as? [String: Any])?["driver"] as? [String: Any]
      let rules = driver?["rules"] as? [[String: Any]] ?? []
      let results = run["results"] as? [[String: Any]] ?? []
      for result in results {
        let index = try #require(result["ruleIndex"] as? Int)
        #expect(rules[index]["id"] as? String == result["ruleId"] as? String)
      }
      return results.compactMap {
        ($0["partialFingerprints"] as? [String: String])?["primaryLocationLineHash"]
      }
    }
    let errors = org + "  d: { seat: x }\n  e: { seat: x }\n  d: { seat: x }\n"
    let before = try fingerprints(errors)
    #expect(before.count >= 1 && Set(before).count == before.count)
    #expect(try fingerprints("# a new first line\n\n" + errors) == before)
  }

  @Test func `drift is told in the formats of all platforms`() throws {
    let (sandbox, file) = try prepared()
    let markdown = sandbox.usher("drift", file, "--format", "markdown")
    #expect(markdown.code == 2 && markdown.output.hasPrefix("<!-- usher:drift -->\n"))
    let sarif = sandbox.usher("drift", file, "--format", "sarif")
    #expect(sarif.code == 2 && sarif.output.contains("\"ruleId\": \"drift/pending\""))
    #expect(
      sandbox.usher("drift", file, "--format", "gitlab").output
        == "{\"create\":3,\"update\":0,\"delete\":3}\n")
    let github = sandbox.usher("drift", file, "--format", "github")
    #expect(
      github.output.contains("::warning file=org.yaml,line=7,col=3,title=usher drift%3A dave::"))
  }

  @Test func `a hostile file can forge nothing`() throws {
    let sandbox = try Sandbox()
    let name = "@x | <b> [a](https://e.vil) `#1` ::error::x %0A ##[error]y"
    let hostile = org.replacingOccurrences(
      of: "organization: acme", with: "organization: '\(name)'")
    let file = try sandbox.write(hostile, to: "x|y`@z.yaml")
    let markdown = sandbox.usher("plan", file, "--format", "markdown").output
    #expect(!markdown.contains("@x |") && !markdown.contains("<b>") && !markdown.contains("](h"))
    for line in markdown.components(separatedBy: "\n") where line.hasPrefix("|") {
      let cells = line.components(separatedBy: "|").count - 2
      #expect(cells == 4 || cells == 5, "\(line)")
    }
    let github = sandbox.usher("plan", file, "--format", "github").output
    var isFenced = false
    for line in github.components(separatedBy: "\n") {
      if line.hasPrefix("::usher-") { isFenced = false }
      if !isFenced { #expect(line.isEmpty || line.hasPrefix("::"), "\(line)") }
      if line.hasPrefix("::stop-commands::") { isFenced = true }
      if !isFenced { #expect(!line.hasPrefix("::error")) }
    }
  }

  @Test func `twenty thousand changes fit a comment`() throws {
    let sandbox = try Sandbox()
    let members = (0..<6000).map { "  user_\($0): { seat: pro }\n" }.joined()
    let many = org.replacingOccurrences(of: "seats: 4", with: "seats: 9000") + members
    let file = try sandbox.write(many, to: "org.yaml")
    let run = sandbox.usher("plan", file, "--format", "markdown")
    #expect(run.output.utf8.count <= 60_000)
    #expect(run.output.contains(" more** of 6002 are not shown here."))
    #expect(run.output.hasSuffix("</sub>\n"))
    let github = sandbox.usher("plan", file, "--format", "github").output
    #expect(github.components(separatedBy: "\n::notice ").count - 1 == 10)
  }

  @Test func `looking changes nothing in the store`() throws {
    let (sandbox, file) = try prepared()
    func state() throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: sandbox.path("state")).sorted().map {
        "\($0) \(FileManager.default.contents(atPath: sandbox.path("state/\($0)"))?.hashValue ?? 0)"
      }
    }
    let before = try state()
    for format in ["text", "json", "markdown", "github", "gitlab", "sarif"] {
      for command in ["plan", "drift", "validate"] {
        _ = sandbox.usher(command, file, "--format", format)
      }
    }
    #expect(try state() == before)
  }

  @Test func `a format that a command has no use for is wrong usage`() throws {
    let sandbox = try Sandbox()
    for (command, format) in [("status", "markdown"), ("apply", "sarif"), ("export", "json")] {
      #expect(sandbox.usher(command, "--format", format).code == 64)
    }
  }
}
