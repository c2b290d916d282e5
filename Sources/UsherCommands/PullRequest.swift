// PullRequest: results in the forms of GitHub, GitLab and code scanners, whatever the command.

import ByteOutput
import OrgModel
import Reporting
import SourceText
import SystemCalls

/// What a command has to tell a pull-request platform.
struct PlatformResult {
  /// The name of the command.
  let name: String
  /// One line for a folded group of a log, in words of ours.
  let headline: String
  /// For people who read the log.
  var text: [UInt8] = []
  let findings: DiagnosticReport
  /// Beside those of the findings.
  var annotations: [Annotation] = []
  /// A comment.
  let markdown: [UInt8]
  /// What GitLab's widget shows; nil for a report on code quality.
  var totals: (add: Int, change: Int, remove: Int)?
  /// Whether the annotations are findings for code scanners too.
  var isScanned = false
  /// What later steps of a job can use.
  var outputs: [(name: String, value: String)] = []
}

extension Context {
  /// How files are called from the top of the repository.
  var paths: SourcePaths {
    let roots = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"].compactMap { world.environment[$0] }
    return SourcePaths(
      root: roots.first { !$0.isEmpty } ?? world.workingFolder, folder: world.workingFolder)
  }

  /// The file to blame for what stands in none: the first that was read.
  private func fallbackFile(_ findings: DiagnosticReport) -> String {
    SecretShape.masked(
      findings.files.first?.name ?? invocation.arguments.first { $0 != "-" } ?? "org.yaml")
  }

  /// Writes a result in the format that was asked for, which is neither text nor JSON.
  func emit(_ result: PlatformResult) throws(CommandFailure) {
    switch format {
    case .text, .json: preconditionFailure("every command writes its own text and JSON")
    case .markdown: try emit(result.markdown)
    case .github: try emitGitHub(result)
    case .gitlab:
      if let totals = result.totals {
        try emit(GitLabReport.plan(totals))
      } else {
        try emit(
          GitLabReport.codeQuality(
            result.findings.annotations, fallback: fallbackFile(result.findings), paths: paths))
      }
    case .sarif:
      var json = JSONWriter(.indented)
      SARIFLog.write(
        result.findings.annotations + (result.isScanned ? result.annotations : []),
        usher: Program.version, fallback: fallbackFile(result.findings), paths: paths,
        into: &json)
      try emit(json.sink.bytes + [0x0A])
    }
  }

  private func emitGitHub(_ result: PlatformResult) throws(CommandFailure) {
    var text = ByteSink()
    result.findings.writeText(into: &text, style: style)
    text.write(bytes: result.text)
    var sink = ByteSink()
    WorkflowCommands.writeGroup(result.headline, text.bytes, into: &sink)
    WorkflowCommands.write(
      result.findings.annotations + result.annotations, paths: paths, into: &sink)
    try emit(sink.bytes)
    try append(result.markdown, toFileNamedBy: "GITHUB_STEP_SUMMARY")
    let outputs = result.outputs.map { "\($0.name)=\($0.value)\n" }.joined()
    try append(Array(outputs.utf8), toFileNamedBy: "GITHUB_OUTPUT")
  }

  /// Appends to a file that the runner of a job provides, if it does.
  private func append(
    _ bytes: [UInt8], toFileNamedBy variable: String
  ) throws(CommandFailure) {
    guard let path = world.environment[variable], !path.isEmpty, !bytes.isEmpty else { return }
    do throws(SystemError) { try FileSystem.append(bytes, to: path) } catch {
      throw CommandFailure(error, .outputFailed)
    }
  }

  /// Shows what ended the command: on standard error, and in the format that was asked for.
  func show(_ failure: CommandFailure) {
    let report = DiagnosticReport(files: failure.files, diagnostics: failure.diagnostics)
    if format != .github { warn(report) }
    guard !failure.isEmitted else { return }
    // The command has failed already: that this cannot be written either changes nothing.
    do {
      switch format {
      case .text: break
      case .json:
        try emitJSON { json in
          json.key("diagnostics")
          report.writeJSON(into: &json)
        }
      case .gitlab where invocation.command != .validate: break
      default:
        let name = invocation.command.rawValue
        let headline = "failed with \(report.totals); nothing was changed"
        try emit(
          PlatformResult(
            name: name, headline: "usher \(name): \(headline)", findings: report,
            markdown: report.markdown(
              command: name, headline: PlanReport.capitalized(headline), usher: Program.version)))
      }
    } catch {}
  }
}
