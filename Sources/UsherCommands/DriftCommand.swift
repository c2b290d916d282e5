// DriftCommand: `usher drift`: where the org files and the stored state have come apart.

import ByteOutput
import OrgModel
import Planning
import Reconciling
import Records
import Reporting
import SourceText

enum DriftCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    var comparison = try context.compare()
    let log = comparison.log
    context.progress.begin(.planning)
    let outcome = Planner.plan(
      from: log.state, to: comparison.desired, files: comparison.files, at: comparison.now,
      expiredSeats: .list, into: &comparison.diagnostics)
    guard let outcome else {
      throw CommandFailure(
        .failure, comparison.diagnostics.sorted, files: comparison.files)
    }
    context.progress.begin(.findingStrays)
    let strays: [Commit]
    do { strays = try log.commitsOutOfBand() } catch { throw CommandFailure(error) }
    let drift = Drift(outcome, outOfBand: strays)
    let report = DriftReport(
      drift, organization: comparison.desired.org.organization, revision: log.head,
      stored: log.state, after: outcome.after, at: comparison.now)
    let outlook = OutlookReport(
      try context.outlook(
        of: log.state, for: comparison.actor, at: comparison.now, into: &comparison.diagnostics),
      of: log.state, desired: comparison.desired, files: comparison.files)
    // Scanners and comments keep what a person would not read to the end.
    let isWhole = [.markdown, .sarif].contains(context.format)
    var shown = comparison
    shown.diagnostics.append(outlook.diagnostics(isWhole: false))
    comparison.diagnostics.append(outlook.diagnostics(isWhole: isWhole))
    if context.format != .github { context.warn(shown.findings) }
    switch context.format {
    case .json:
      try context.emitJSON { json in
        report.writeJSON(into: &json)
        outlook.writeJSON(into: &json)
      }
    case .text:
      try context.emitText { report.writeText(into: &$0, style: context.style) }
    case .markdown, .github, .gitlab, .sarif:
      try context.emit(result(report, log.head, findings: comparison.findings, context))
    }
    return drift.entries.isEmpty ? .success : .changes
  }

  private static func result(
    _ report: DriftReport, _ head: Revision, findings: DiagnosticReport, _ context: Context
  ) -> PlatformResult {
    var text = ByteSink()
    report.writeText(into: &text, style: context.style)
    let totals = report.totals
    return PlatformResult(
      name: "drift", headline: "usher drift: \(report.sentence)", text: text.bytes,
      findings: findings, annotations: report.annotations,
      markdown: report.markdown(findings: findings, usher: Program.version), totals: totals,
      isScanned: true, outputs: PlatformResult.outputs(totals, digest: head.digest?.labelled ?? ""))
  }
}
