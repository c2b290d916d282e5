// WorkflowRunner: runs the shell steps of the examples' pipelines as they stand in their files.
//
// It knows of GitHub Actions and GitLab CI what the examples use: no more. Whoever extends an example
// beyond that sees a test fail here.

import Foundation
import SourceText
import YAMLSyntax

/// A value of a pipeline file.
indirect enum PipelineValue {
  case text(String)
  case list([PipelineValue])
  case map([(key: String, value: PipelineValue)])

  init(file: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    var diagnostics = Diagnostics()
    guard let document = YAMLParser.parse(bytes, file: 0, into: &diagnostics) else {
      throw CocoaError(.fileReadCorruptFile)
    }
    self.init(document, document.root)
  }

  private init(_ document: YAMLDocument, _ node: NodeID) {
    switch document.kind(node) {
    case .scalar: self = .text(document.text(node))
    case .sequence: self = .list(document.children(node).map { PipelineValue(document, $0) })
    case .mapping:
      self = .map(
        document.pairs(node).map { (document.text($0.key), PipelineValue(document, $0.value)) })
    }
  }

  subscript(key: String) -> PipelineValue? {
    guard case .map(let pairs) = self else { return nil }
    return pairs.first { $0.key == key }?.value
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var list: [PipelineValue] { if case .list(let items) = self { items } else { [] } }
  var pairs: [(key: String, value: PipelineValue)] {
    if case .map(let pairs) = self { pairs } else { [] }
  }
}

/// What became of a job.
struct JobReport {
  /// By the step's name: `success`, `failure` or `skipped`.
  var outcomes: [String: String] = [:]
  /// What all steps wrote.
  var log = ""

  var isSuccess: Bool { !outcomes.values.contains("failure") }
}

/// A machine that runs jobs: a PATH with usher and a stand-in for gh, and a place for artefacts.
final class WorkflowRunner {
  let sandbox: Sandbox
  /// Set in every step, over what the pipeline says.
  var environment: [String: String]

  init(_ sandbox: Sandbox) throws {
    self.sandbox = sandbox
    for folder in ["bin", "artifacts", "gh"] {
      try FileManager.default.createDirectory(
        atPath: sandbox.path(folder), withIntermediateDirectories: true)
    }
    try FileManager.default.createSymbolicLink(
      atPath: sandbox.path("bin/usher"),
      withDestinationPath: RealUsher.buildFolder + "/usher")
    try sandbox.writeProgram(Self.gh, to: "bin/gh")
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    environment = [
      "PATH": sandbox.path("bin") + ":" + path, "HOME": sandbox.folder,
      "GH_FOLDER": sandbox.path("gh"), "ARTIFACTS": sandbox.path("artifacts"),
      "GIT_AUTHOR_NAME": "tester", "GIT_AUTHOR_EMAIL": "tester@example.com",
      "GIT_COMMITTER_NAME": "tester", "GIT_COMMITTER_EMAIL": "tester@example.com",
    ]
  }

  /// Where the examples stand.
  static let examples =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path + "/examples"

  /// Runs a command line in a folder of the sandbox.
  func shell(
    _ script: String, in folder: String, flags: [String] = ["-e"], _ more: [String: String] = [:]
  ) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["--noprofile", "--norc"] + flags + ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: sandbox.path(folder))
    process.environment = environment.merging(more) { _, own in own }
    let output = sandbox.path("output-\(UUID().uuidString)")
    try Data().write(to: URL(fileURLWithPath: output))
    let handle = try present(FileHandle(forWritingAtPath: output))
    process.standardOutput = handle
    process.standardError = handle
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOfFile: output, encoding: .utf8))
  }

  /// Runs a job of GitHub Actions in a clone.
  /// - Parameter facts: What expressions such as `github.event.number` stand for.
  func run(
    _ file: String, job: String, in folder: String, facts: [String: String],
    _ variables: [String: String]
  ) throws -> JobReport {
    let workflow = try PipelineValue(file: "\(Self.examples)/github-actions/\(file)")
    let job = try present(workflow["jobs"]?[job])
    var report = JobReport()
    var facts = facts
    for step in try present(job["steps"]).list {
      let name = step["name"]?.text ?? step["uses"]?.text ?? ""
      let id = step["id"]?.text ?? name
      let condition = step["if"]?.text ?? "success()"
      let isDue =
        (report.isSuccess || condition.contains("always()")) && holds(condition, facts)
      var outcome = "skipped"
      if isDue {
        let environment = [workflow["env"], job["env"], step["env"]].compactMap { $0 }
          .flatMap(\.pairs).reduce(into: variables) {
            $0[$1.key] = expanded($1.value.text ?? "", facts)
          }
        outcome = try perform(step, id, in: folder, environment, &facts, &report)
      }
      report.outcomes[name] = outcome
      facts["steps.\(id).outcome"] = outcome
    }
    return report
  }

  private func perform(
    _ step: PipelineValue, _ id: String, in folder: String, _ environment: [String: String],
    _ facts: inout [String: String], _ report: inout JobReport
  ) throws -> String {
    if let action = step["uses"]?.text {
      switch action.prefix(while: { $0 != "@" }) {
      case "actions/checkout": return "success"
      case "actions/upload-artifact":
        let path = try present(step["with"]?["path"]?.text)
        let name = try present(step["with"]?["name"]?.text)
        return try shell(
          "mkdir -p $ARTIFACTS/\(name) && cp \(path) $ARTIFACTS/\(name)/", in: folder
        )
        .code == 0 ? "success" : "failure"
      default: throw CocoaError(.featureUnsupported)
      }
    }
    let script = try present(step["run"]?.text)
    let summary = try sandbox.write("", to: "step-summary")
    let outputs = try sandbox.write("", to: "step-outputs")
    let flags = step["shell"]?.text == "bash" ? ["-e", "-o", "pipefail"] : ["-e"]
    let run = try shell(
      expanded(script, facts), in: folder, flags: flags,
      environment.merging(self.environment) { $1 }.merging([
        "GITHUB_STEP_SUMMARY": summary, "GITHUB_OUTPUT": outputs,
        "GITHUB_WORKSPACE": sandbox.path(folder), "GITHUB_REPOSITORY": "acme/org",
      ]) { $1 })
    report.log += run.output
    for line in try sandbox.read("step-outputs").split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { facts["steps.\(id).outputs.\(parts[0])"] = String(parts[1]) }
    }
    return run.code == 0 ? "success" : "failure"
  }

  /// The scripts of a job of GitLab CI, run one after the other in one shell.
  func runGitLab(_ job: String, in folder: String) throws -> (code: Int32, output: String) {
    let pipeline = try PipelineValue(file: "\(Self.examples)/gitlab-ci/.gitlab-ci.yml")
    let script = try present(pipeline[job]?["script"]).list.compactMap(\.text)
    let variables = pipeline["variables"]?.pairs ?? []
    let environment = variables.reduce(into: [:]) { $0[$1.key] = $1.value.text ?? "" }
    return try shell(
      script.joined(separator: "\n"), in: folder, flags: ["-e", "-o", "pipefail"],
      environment.merging(self.environment) { $1 })
  }

  private func holds(_ condition: String, _ facts: [String: String]) -> Bool {
    condition.components(separatedBy: " && ").allSatisfy { term in
      if term == "always()" || term == "success()" { return true }
      let isEqual = term.contains(" == ")
      let sides = term.components(separatedBy: isEqual ? " == " : " != ")
      let value = sides.last?.trimmingCharacters(in: ["'"])
      return (facts[sides[0]] == value) == isEqual
    }
  }

  private func expanded(_ text: String, _ facts: [String: String]) -> String {
    facts.reduce(text) { $0.replacingOccurrences(of: "${{ \($1.key) }}", with: $1.value) }
  }

  /// A stand-in for GitHub's command: one pull request, one comment, one issue, in a folder.
  private static let gh = #"""
    #!/bin/sh
    set -eu
    echo "$*" >> "$GH_FOLDER/calls"
    last() { for word; do :; done; echo "$word"; }
    case "$1 $2" in
      "api --method") cp "$(last "$@" | sed 's/^body=@//')" "$GH_FOLDER/comment" ;;
      "api repos/acme/org/issues/"*)
        if [ -f "$GH_FOLDER/comment" ]; then echo 1; fi ;;
      "api repos/acme/org/commits/"*) if [ -f "$GH_FOLDER/head" ]; then cat "$GH_FOLDER/head"; fi ;;
      "run list") if [ -d "$ARTIFACTS/usher-plan" ]; then echo 77; fi ;;
      "label create") ;;
      "run download") mkdir -p reviewed && cp "$ARTIFACTS/usher-plan/plan.json" reviewed/ ;;
      "issue list") if [ -f "$GH_FOLDER/issue" ]; then echo 5; fi ;;
      "issue create" | "issue edit") cp "$(last "$@")" "$GH_FOLDER/issue" ;;
      "issue close") rm "$GH_FOLDER/issue" ;;
      *) echo "gh: unknown: $*" >&2; exit 1 ;;
    esac
    """#
}

/// The value, which the examples have.
func present<Value>(_ value: Value?) throws -> Value {
  guard let value else { throw CocoaError(.keyValueValidation) }
  return value
}
