// ApplyCommand: `usher apply`: plans and executes, or executes a saved plan.

import ByteOutput
import Digests
import KeyDelivery
import OrgModel
import Parallelism
import Planning
import Reconciling
import Records
import Reporting
import SourceText
import SystemCalls

enum ApplyCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let saved = context.invocation.value("plan")
    guard (saved == nil) != context.invocation.arguments.isEmpty else {
      throw Context.misused("apply expects either FILE… or --plan FILE")
    }
    guard saved != nil || context.invocation.value("org") == nil else {
      throw Context.misused("--org holds a saved plan to its files, and needs --plan FILE")
    }
    let sink = try context.keySink()
    guard let saved else {
      let made = try context.makePlan(for: .writing)
      if context.format != .github { context.warn(made.findings) }
      return try execute(made, digest: Errand { made.plan.seal() }, sink: sink, context)
    }
    let (plan, digest) = try read(saved)
    try checkOrigin(of: plan, context)
    let (log, actor) = try context.open(for: .writing)
    if let sequence = try appliedSequence(of: plan, digest, in: log) {
      return try reportRepeated(sequence, digest, log, context)
    }
    guard plan.base == log.head else {
      throw CommandFailure(
        .conflict, .conflict,
        "the plan was made for commit \(plan.base.sequence), but the store is at commit "
          + "\(log.head.sequence)\(plan.base.sequence == log.head.sequence ? " of another history" : "")",
        help: "plan again and review the new plan")
    }
    context.warnIfClockIsSetBack(log)
    // A plan says who made it; who executes it is for the token to say, or the command line.
    let made = MadePlan(
      draft: plan, now: log.instant(for: context.now), log: log, actor: actor ?? plan.actor)
    return try execute(made, digest: Errand { digest }, sink: sink, context)
  }

  private static func read(_ path: String) throws(CommandFailure) -> (Plan, Digest) {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try FileSystem.readFile(path) } catch {
      throw CommandFailure(error, .planFileInvalid)
    }
    do { return try Plan.read(bytes) } catch {
      throw CommandFailure(.failure, .planFileInvalid, "\(path): \(error)")
    }
  }

  /// `--org`: a plan of other files than those that were merged is nobody's wish.
  private static func checkOrigin(of plan: Plan, _ context: Context) throws(CommandFailure) {
    guard let path = context.invocation.value("org") else { return }
    let desired = try context.readOrg([path]).org.digest
    guard plan.source.desired == desired else {
      throw CommandFailure(
        .conflict, .conflict, "the plan was not made from what '\(path)' says now",
        help: "plan again and review the new plan")
    }
  }

  /// The commit that executed this plan, or nil. It can only be the one after the plan's base.
  private static func appliedSequence(
    of plan: Plan, _ digest: Digest, in log: OpenedLog
  ) throws(CommandFailure) -> Int? {
    let next = plan.base.sequence + 1
    guard next >= 1, next <= log.head.sequence else { return nil }
    do {
      return try OpenedLog.read(next, from: log.medium).commit.plan == digest ? next : nil
    } catch {
      throw CommandFailure(error)
    }
  }

  private static func reportRepeated(
    _ sequence: Int, _ digest: Digest, _ log: OpenedLog, _ context: Context
  ) throws(CommandFailure) -> ExitCode {
    let message = "already applied as commit \(sequence)"
    switch context.format {
    case .json:
      try context.emitJSON { json in
        json.member("applied", false)
        json.member("sequence", log.head.sequence)
        json.member("digest", log.head.digest?.labelled)
        json.key("summary")
        PlanSummary([]).write(into: &json)
        json.member("keys_delivered", 0)
        json.member("message", message)
      }
    case .text: try context.emitText { $0.writeLine(message + ".") }
    case .markdown, .github, .gitlab, .sarif:
      let findings = DiagnosticReport(files: [], diagnostics: [])
      try context.emit(
        PlatformResult(
          name: "apply", headline: "usher apply: \(message)", findings: findings,
          markdown: findings.markdown(
            command: "apply", headline: PlanReport.capitalized(message), usher: Program.version),
          outputs: outputs(log.head, isApplied: false)))
    }
    return .success
  }

  private static func outputs(
    _ revision: Revision, isApplied: Bool
  ) -> [(name: String, value: String)] {
    [
      ("applied", isApplied ? "true" : "false"), ("sequence", String(revision.sequence)),
      ("digest", revision.digest?.labelled ?? ""),
    ]
  }

  private static func execute(
    _ made: MadePlan, digest: Errand<Digest>, sink: KeySink?, _ context: Context
  ) throws(CommandFailure) -> ExitCode {
    let plan = made.draft
    var log = made.log
    guard !plan.changes.isEmpty else {
      let receipt = Receipt(revision: log.head, keysDelivered: 0)
      try report(receipt, of: made, digest.result, isApplied: false, context)
      return .success
    }
    let allowance = try context.allowance()
    if context.format == .text {
      try context.emit(PlanReport(plan, on: log.state, after: made.after, at: made.now))
    }
    let approved: ApprovedPlan
    do {
      approved = try Guardrails.approve(
        made.plan, on: log.state, by: made.actor, allowing: allowance, at: made.now,
        after: made.after)
    } catch {
      throw CommandFailure(error)
    }
    let receiver = try context.receiver(for: plan, sink: sink)
    try context.confirm(isFounding: log.head.sequence == 0)
    let world = context.world
    let reconciler = Reconciler(
      random: world.random, isInterrupted: { world.interruptedBy() != nil })
    let receipt: Receipt
    do {
      receipt = try reconciler.perform(
        approved, digest: digest.result, on: &log, sink: receiver,
        announce: { context.announce($0, to: sink) }, notes: context.note)
    } catch {
      // A job that runs twice at once meets itself: then its plan is applied, by the other one.
      if case .conflict = error {
        let log = try context.openLog()
        if let sequence = try appliedSequence(of: plan, digest.result, in: log) {
          return try reportRepeated(sequence, digest.result, log, context)
        }
      }
      throw CommandFailure(error, signal: world.interruptedBy())
    }
    context.leftovers.keep(log)
    do throws(CommandFailure) {
      try report(receipt, of: made, digest.result, isApplied: true, context)
    } catch {
      throw CommandFailure(unreported: receipt.revision.sequence)
    }
    return .success
  }

  private static func report(
    _ receipt: Receipt, of made: MadePlan, _ digest: Digest, isApplied: Bool, _ context: Context
  ) throws(CommandFailure) {
    let revision = receipt.revision
    let keys = receipt.keysDelivered
    let delivered = keys == 0 ? "" : ", \(keys) \(keys == 1 ? "key" : "keys") delivered"
    let message =
      isApplied
      ? "applied as commit \(revision.sequence)\(delivered)"
      : "nothing to apply: the stored state is as the org file wants it"
    switch context.format {
    case .json:
      try context.emitJSON { json in
        json.member("applied", isApplied)
        json.member("sequence", revision.sequence)
        json.member("digest", revision.digest?.labelled)
        json.key("summary")
        made.draft.summary.write(into: &json)
        json.member("keys_delivered", keys)
      }
    case .text:
      let capitalized = PlanReport.capitalized(message)
      try context.emitText { sink in
        sink.writeLine(
          isApplied
            ? "\(capitalized.dropLast()) (\(revision.digest?.labelled ?? ""))" : capitalized)
      }
    case .markdown, .github, .gitlab, .sarif:
      let report = PlanReport(made.draft, on: made.log.state, after: made.after, at: made.now)
      var text = ByteSink()
      report.writeText(into: &text, style: context.style)
      try context.emit(
        PlatformResult(
          name: "apply", headline: "usher apply: \(message)", text: text.bytes,
          findings: made.findings,
          markdown: report.markdown(
            planDigest: digest.labelled, result: PlanReport.capitalized(message),
            findings: made.findings),
          outputs: outputs(revision, isApplied: isApplied)))
    }
  }
}
