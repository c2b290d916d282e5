// PlanCommand: `usher plan`: the difference between the org files and the stored state.

import ByteOutput
import Digests
import OrgFiles
import OrgModel
import Parallelism
import Planning
import Reconciling
import Records
import Reporting
import SourceText
import SystemCalls

/// The org files beside the state that they are to be compared with.
struct Comparison {
  let desired: LocatedOrg
  let files: [SourceFile]
  let log: OpenedLog
  /// In whose name the run acts.
  let actor: Username?
  /// The instant that decides what has expired.
  let now: Instant
  /// The digest of the desired org, if it was asked for.
  let digest: Errand<Digest>?
  /// Warnings.
  var diagnostics = Diagnostics()

  var findings: DiagnosticReport {
    DiagnosticReport(files: files, diagnostics: diagnostics.sorted)
  }
}

/// A plan and what it was made from.
struct MadePlan {
  /// The plan but for the digest of the desired org, for which people and rails do not ask.
  let draft: Plan
  /// That digest; nil if the draft has it, or nobody will ask.
  var desired: Errand<Digest>?
  let now: Instant
  let log: OpenedLog
  /// In whose name the run acts; nil if nobody was named.
  let actor: Username?
  /// What the plan leads to; nil if nobody has made it yet.
  var after: OrgState?
  /// The files that warnings are about.
  var files: [SourceFile] = []
  var warnings: [Diagnostic] = []

  var findings: DiagnosticReport { DiagnosticReport(files: files, diagnostics: warnings) }

  /// The whole plan; waits for the digest.
  var plan: Plan {
    guard let desired else { return draft }
    var plan = draft
    plan.source.desired = desired.result
    return plan
  }
}

extension Context {
  /// `--allow-removals`.
  func allowance() throws(CommandFailure) -> RemovalLimit? {
    guard let text = invocation.value("allow-removals") else { return nil }
    guard let limit = RemovalLimit(text) else {
      throw Self.misused("--allow-removals expects a count or a percentage, not '\(text)'")
    }
    return limit
  }

  /// Reads the files that the arguments name, and the state; the two take about as long, and are made
  /// sense of at once. What is wrong with the files is told first.
  /// - Parameter isDigested: Whether the digest of the desired org will be asked for.
  func compare(
    for access: Access = .readingAll, isDigested: Bool = false
  ) throws(CommandFailure) -> Comparison {
    var findings = Diagnostics()
    let files = readFiles(into: &findings)
    let (decoded, opened) = Threads.both(
      { [findings] in
        Result { () throws(CommandFailure) in
          let desired = try decode(files, findings)
          return (desired, isDigested ? Errand { desired.org.digest } : nil)
        }
      },
      { Result { () throws(CommandFailure) in try open(for: access) } })
    let (desired, digest) = try decoded.get()
    let (log, actor) = try opened.get()
    let now = log.instant(for: now)
    var comparison = Comparison(
      desired: desired, files: files, log: log, actor: actor, now: now, digest: digest)
    if let warning = clockWarning(log) {
      comparison.diagnostics.report(warning.code, warning.message, at: nil)
    }
    return comparison
  }

  /// Plans from the files that the arguments name.
  func makePlan(for access: Access = .readingAll) throws(CommandFailure) -> MadePlan {
    let allowance = try allowance()
    let base = invocation.value("base")
    if base != nil, invocation.arguments.contains("-") {
      throw Self.misused("--base needs files that git can read, not standard input")
    }
    // Only for a plan that may end in the log git is asked, meanwhile: that takes as long as planning.
    let isKept = invocation.command == .apply || invocation.value("out") != nil
    var comparison = try compare(for: access, isDigested: isKept || format != .text)
    let (log, now, files) = (comparison.log, comparison.now, comparison.files)
    let gitCommit =
      isKept
      ? Errand { [invocation, world] in GitFiles.commit(of: invocation.arguments, in: world) } : nil
    progress.begin(.planning)
    let desired = comparison.desired.org
    let outcome = Planner.plan(
      from: log.state, to: comparison.desired, files: files, at: now,
      into: &comparison.diagnostics)
    guard let outcome else {
      throw CommandFailure(.failure, comparison.diagnostics.sorted, files: files)
    }
    leftovers.keep(outcome)
    // A large apply goes on to need memory: what is freed is used again.
    if access != .writing || outcome.changes.count < desired.members.count {
      leftovers.keep(comparison.desired)
    }
    var changes = outcome.changes
    if let base {
      changes = Introduction.mark(
        changes, before: try pendingChanges(at: base, in: &comparison) ?? [])
    }
    var map = SourceMap(files)
    let isSealed = isKept && !changes.isEmpty || format != .text || invocation.value("out") != nil
    if isKept { progress.begin(.askingGit) }
    let commit = changes.isEmpty ? nil : gitCommit?.result
    progress.begin(.sealing)
    let source = CommitSource(files: map.files.map(\.name), desired: nil, gitCommit: commit)
    let draft = Plan(
      usher: Program.version, organization: desired.organization, created: now,
      actor: comparison.actor, base: log.head, source: source,
      authority: outcome.authority, allowance: allowance, changes: changes,
      diagnostics: comparison.diagnostics.sorted.map { map.locate($0) })
    return MadePlan(
      draft: draft, desired: isSealed ? comparison.digest : nil, now: now, log: log,
      actor: comparison.actor, after: outcome.after, files: files,
      warnings: comparison.diagnostics.sorted)
  }

  /// What a plan from the files at a revision would change; nothing if there are none, nil, with a
  /// warning that says why, if they cannot be planned.
  private func pendingChanges(
    at base: String, in comparison: inout Comparison
  ) throws(CommandFailure) -> PlannedChanges? {
    progress.begin(.readingRevision(base))
    let files = try GitFiles.read(
      at: base, invocation.arguments, isOrgFile: Self.isOrgFile, in: world)
    guard !files.isEmpty else { return [] }
    progress.begin(.planning)
    var diagnostics = Diagnostics()
    if let desired = OrgDecoder.decode(files, into: &diagnostics),
      let outcome = Planner.plan(
        from: comparison.log.state, to: desired, files: files, at: comparison.now,
        into: &diagnostics)
    {
      return outcome.changes
    }
    var map = SourceMap(files)
    let first = diagnostics.sorted.first { $0.severity == .error }.map { map.locate($0) }
    let place = first?.start.map { "\($0.file):\($0.line): " } ?? ""
    comparison.diagnostics.report(
      .baseUnusable,
      "the org files at '\(base)' cannot be planned (\(place)\(first?.diagnostic.message ?? "")), so "
        + "every change counts as introduced", at: nil, help: "mend the base branch")
    return nil
  }
}

enum PlanCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    var made = try context.makePlan()
    // What only a person reads on a terminal is not sealed: that takes as long as making the plan.
    let isSealed = context.format != .text || context.invocation.value("out") != nil
    let (plan, stored) = (isSealed ? made.plan : made.draft, made.log.state)
    if let objection = Guardrails.objection(to: plan, by: made.actor, on: stored) {
      made.warnings.append(
        Diagnostic(.actorLacksAuthority, objection.message, at: nil, help: objection.help))
    }
    if context.format != .github { context.warn(made.findings) }
    var refusal: CommandFailure?
    do {
      try Guardrails.checkImpact(of: plan, on: stored, after: made.after ?? stored, at: made.now)
    } catch {
      refusal = CommandFailure(error)
    }
    let path = context.invocation.value("out")
    if let path, refusal == nil {
      try save(plan, as: path, context)
    }
    var report: PlanReport { PlanReport(plan, on: stored, after: made.after, at: made.now) }
    switch context.format {
    case .json: if refusal == nil { try write(plan, context) }
    case .text:
      try context.emit(report)
      try context.emitText { sink in
        if let path, refusal == nil {
          let shown = TerminalText.sanitized(path)
          sink.writeLine(
            "Saved as \(shown); execute it with: usher apply --plan \(shown)")
        }
      }
    case .markdown, .github, .gitlab, .sarif:
      made.warnings += refusal?.diagnostics ?? []
      try context.emit(
        result(report, digest: plan.seal().labelled, findings: made.findings, context))
      refusal?.isEmitted = true
    }
    if let refusal { throw refusal }
    let hasChanges = !plan.changes.isEmpty
    return context.invocation.flag("detailed-exitcode") && hasChanges ? .changes : .success
  }

  /// Writes the plan file, of which there is never more than a page in memory.
  private static func save(
    _ plan: Plan, as path: String, _ context: Context
  ) throws(CommandFailure) {
    try context.save(path) { (file) throws(SystemError) in
      var failure: SystemError?
      _ = plan.seal { page in
        guard failure == nil else { return }
        do throws(SystemError) { try FileSystem.write(page, to: file) } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }

  /// Writes the plan file to standard output, of which there is never more than a page in memory.
  private static func write(_ plan: Plan, _ context: Context) throws(CommandFailure) {
    context.progress.begin(.rendering)
    var pages = Pages(context)
    _ = plan.seal { pages.write($0) }
    try pages.finish()
  }

  private static func result(
    _ report: PlanReport, digest: String, findings: DiagnosticReport, _ context: Context
  ) -> PlatformResult {
    var text = ByteSink()
    report.writeText(into: &text, style: context.style)
    let totals = report.totals
    return PlatformResult(
      name: "plan", headline: "usher plan: \(report.sentence)", text: text.bytes,
      findings: findings, annotations: report.annotations,
      markdown: report.markdown(planDigest: digest, findings: findings), totals: totals,
      outputs: PlatformResult.outputs(totals, digest: digest))
  }
}

extension Context {
  /// Writes a plan for a person, page by page.
  func emit(_ report: PlanReport) throws(CommandFailure) {
    progress.begin(.rendering)
    var (sink, pages) = (ByteSink(), Pages(self))
    report.writeText(into: &sink, style: style) { sink in
      if pages.isFull(sink) { pages.write(sink.take()) }
    }
    pages.write(sink.take())
    try pages.finish()
  }
}

extension PlatformResult {
  /// The outputs of a step that compares.
  static func outputs(
    _ totals: (add: Int, change: Int, remove: Int), digest: String
  ) -> [(name: String, value: String)] {
    let total = totals.add + totals.change + totals.remove
    return [
      ("has_changes", total > 0 ? "true" : "false"), ("add", String(totals.add)),
      ("change", String(totals.change)), ("remove", String(totals.remove)), ("digest", digest),
    ]
  }
}
