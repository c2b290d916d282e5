// ApplyCommand: `usher apply`: plans and executes, or executes a saved plan.

import ByteOutput
import Digests
import KeyDelivery
import OrgModel
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
    let sink = try context.keySink()
    guard let saved else {
      let made = try context.makePlan()
      context.warn(made.findings)
      return try execute(made, digest: made.plan.sealed().digest, sink: sink, context)
    }
    let (plan, digest) = try read(saved)
    let log = try context.openLog()
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
    let made = MadePlan(plan: plan, now: log.instant(for: context.now), log: log)
    return try execute(made, digest: digest, sink: sink, context)
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
    guard context.isJSON else {
      try context.emitText { $0.writeLine("already applied as commit \(sequence).") }
      return .success
    }
    try context.emitJSON { json in
      json.member("applied", false)
      json.member("sequence", log.head.sequence)
      json.member("digest", log.head.digest?.labelled)
      json.key("summary")
      PlanSummary([]).write(into: &json)
      json.member("keys_delivered", 0)
      json.member("message", "already applied as commit \(sequence)")
    }
    return .success
  }

  private static func execute(
    _ made: MadePlan, digest: Digest, sink: KeySink?, _ context: Context
  ) throws(CommandFailure) -> ExitCode {
    let plan = made.plan
    var log = made.log
    guard !plan.changes.isEmpty else {
      try report(Receipt(revision: log.head, keysDelivered: 0), of: plan, isApplied: false, context)
      return .success
    }
    if !context.isJSON {
      let report = PlanReport(plan, on: log.state, at: made.now)
      try context.emitText { report.writeText(into: &$0, style: context.style) }
    }
    let approved: ApprovedPlan
    do {
      approved = try Guardrails.approve(
        plan, on: log.state, by: context.actor ?? plan.actor, allowing: context.allowance(),
        at: made.now)
    } catch let error as ApprovalError {
      throw CommandFailure(error)
    } catch let error as CommandFailure {
      throw error
    } catch {
      preconditionFailure("no other error is thrown: \(error)")
    }
    let receiver = try context.receiver(for: plan, sink: sink)
    try context.confirm(isFounding: log.head.sequence == 0)
    let world = context.world
    let reconciler = Reconciler(
      random: world.random, isInterrupted: { world.interruptedBy() != nil })
    let receipt: Receipt
    do {
      receipt = try reconciler.perform(
        approved, digest: digest, on: &log, sink: receiver, notes: context.note)
    } catch {
      // A job that runs twice at once meets itself: then its plan is applied, by the other one.
      if case .conflict = error {
        let log = try context.openLog()
        if let sequence = try appliedSequence(of: plan, digest, in: log) {
          return try reportRepeated(sequence, digest, log, context)
        }
      }
      throw CommandFailure(error, signal: world.interruptedBy())
    }
    try context.report(commit: receipt.revision.sequence) { () throws(CommandFailure) in
      try report(receipt, of: plan, isApplied: true, context)
    }
    return .success
  }

  private static func report(
    _ receipt: Receipt, of plan: Plan, isApplied: Bool, _ context: Context
  ) throws(CommandFailure) {
    guard context.isJSON else {
      try context.emitText { sink in
        if !isApplied {
          sink.writeLine("Nothing to apply: the stored state is as the org file wants it.")
        } else {
          let keys = receipt.keysDelivered
          let delivered = keys == 0 ? "" : ", \(keys) \(keys == 1 ? "key" : "keys") delivered"
          sink.writeLine(
            "Applied as commit \(receipt.revision.sequence)\(delivered) "
              + "(\(receipt.revision.digest?.labelled ?? ""))")
        }
      }
      return
    }
    try context.emitJSON { json in
      json.member("applied", isApplied)
      json.member("sequence", receipt.revision.sequence)
      json.member("digest", receipt.revision.digest?.labelled)
      json.key("summary")
      plan.summary.write(into: &json)
      json.member("keys_delivered", receipt.keysDelivered)
    }
  }
}
