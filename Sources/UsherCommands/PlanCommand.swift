// PlanCommand: `usher plan`: the difference between the org files and the stored state.

import OrgFiles
import OrgModel
import Planning
import Reconciling
import Records
import Reporting
import SourceText
import SystemCalls

/// A plan and what it was made from.
struct MadePlan {
  let plan: Plan
  let now: Instant
  let log: OpenedLog
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

  /// Plans from the files that the arguments name.
  func makePlan() throws(CommandFailure) -> MadePlan {
    let allowance = try allowance()
    let base = invocation.value("base")
    if base != nil, invocation.arguments.contains("-") {
      throw Self.misused("--base needs files that git can read, not standard input")
    }
    let (desired, files) = try readOrg()
    let baseFiles = try base.map { (base) throws(CommandFailure) in
      try GitFiles.read(
        at: base, invocation.arguments, isOrgFile: Self.isOrgFile, in: world)
    }
    let log = try openLog()
    let now = log.instant(for: now)
    var diagnostics = Diagnostics()
    if now > self.now {
      diagnostics.report(
        .clockSetBack,
        "the clock says \(self.now), but the last commit was made at \(now), which counts", at: nil)
    }
    let outcome = Planner.plan(
      from: log.state, to: desired, files: files, at: now, into: &diagnostics)
    guard let outcome else { throw CommandFailure(.failure, diagnostics.sorted, files: files) }
    var changes = outcome.changes
    if let base, let baseFiles {
      let before = pendingChanges(of: baseFiles, on: log.state, at: now)
      if before == nil {
        diagnostics.report(
          .baseUnusable,
          "the org files at '\(base)' cannot be planned, so every change counts as introduced",
          at: nil, help: "mend the base branch")
      }
      changes = Introduction.mark(changes, before: before ?? [])
    }
    warn(diagnostics.sorted, files: files)
    var map = SourceMap(files)
    let plan = Plan(
      usher: Program.version, organization: desired.org.organization, created: now, actor: actor,
      base: log.head,
      source: CommitSource(files: files.map(\.name), desired: desired.org.digest),
      authority: outcome.authority, allowance: allowance, changes: changes,
      diagnostics: diagnostics.sorted.map { map.locate($0) })
    return MadePlan(plan: plan, now: now, log: log)
  }

  /// What a plan from other files would change; nothing if there are none, nil if they are invalid.
  private func pendingChanges(
    of files: [SourceFile], on stored: OrgState, at now: Instant
  ) -> [PlannedChange]? {
    guard !files.isEmpty else { return [] }
    var diagnostics = Diagnostics()
    guard let desired = OrgDecoder.decode(files, into: &diagnostics), !diagnostics.hasErrors else {
      return nil
    }
    return Planner.plan(from: stored, to: desired, files: files, at: now, into: &diagnostics)?
      .changes
  }
}

enum PlanCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let made = try context.makePlan()
    let plan = made.plan
    let report = PlanReport(plan, on: made.log.state, at: made.now)
    do {
      try Guardrails.checkImpact(of: plan, on: made.log.state, at: made.now)
    } catch {
      if !context.isJSON {
        try context.emitText { report.writeText(into: &$0, style: context.style) }
      }
      throw CommandFailure(error)
    }
    let bytes = plan.sealed().bytes
    if let path = context.invocation.value("out") {
      do throws(SystemError) { try FileSystem.replaceFile(path, with: bytes) } catch {
        throw CommandFailure(error, .outputFailed)
      }
    }
    if context.isJSON {
      try context.emit(bytes)
    } else {
      try context.emitText { sink in
        report.writeText(into: &sink, style: context.style)
        if let path = context.invocation.value("out") {
          sink.writeLine(
            "Saved as \(TerminalText.sanitized(path)); execute it with: "
              + "usher apply --plan \(TerminalText.sanitized(path))")
        }
      }
    }
    if let objection = Guardrails.objection(to: plan, by: context.actor, on: made.log.state) {
      context.warn(
        [Diagnostic(.actorLacksAuthority, objection.message, at: nil, help: objection.help)],
        files: [])
    }
    let hasChanges = !plan.changes.isEmpty
    return context.invocation.flag("detailed-exitcode") && hasChanges ? .changes : .success
  }
}
