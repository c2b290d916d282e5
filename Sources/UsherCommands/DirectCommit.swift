// DirectCommit: commits that no org file asks for: break-glass and tokens.

import CommitStore
import KeyDelivery
import OrgModel
import Planning
import Reconciling
import Records
import SourceText

extension Context {
  /// How often a command starts anew because another commit came first.
  private static let attemptsMax = 32

  /// Runs a command until no other commit comes first.
  /// - Parameter attempt: Opens the state, and returns nil if another commit came first.
  func untilFirst(
    _ attempt: () throws(CommandFailure) -> ExitCode?
  ) throws(CommandFailure) -> ExitCode {
    for _ in 1..<Self.attemptsMax {
      if let code = try attempt() { return code }
    }
    throw CommandFailure(
      .conflict, .conflict,
      "other commits came first \(Self.attemptsMax) times; nothing was changed",
      help: "run it again")
  }

  /// Tells of a step of an apply. While a command that gets keys or takes them back runs, the terminal
  /// is its own: what it writes to standard error comes from another process.
  func announce(_ step: ApplyStep, to sink: KeySink?) {
    var isCommand = false
    if case .command? = sink { isCommand = true }
    switch step {
    case .delivering where isCommand, .erasing where isCommand: progress.end()
    case .minting(let count): if count > 0 { progress.begin(.makingKeys(count)) }
    case .delivering(let count): progress.begin(.handingOverKeys(count))
    case .committing(let number): progress.begin(.committing(number))
    case .erasing(let count): if count > 0 { progress.begin(.takingBackKeys(count)) }
    case .savingSnapshot: progress.begin(.savingSnapshot)
    }
  }

  /// Commits changes at once, if the actor may make them.
  /// - Parameters:
  ///   - changes: At least one; all need the same authority.
  ///   - sink: Where a token goes that they issue.
  /// - Throws: `CommandFailure`, of the code for a conflict if another commit came first; then nothing
  ///   was changed, unless only the disk could not say that it keeps the commit.
  func commit(
    _ changes: PlannedChanges, by actor: Username?, on log: inout OpenedLog, sink: KeySink? = nil
  ) throws(CommandFailure) {
    let now = log.instant(for: now)
    let plan = Plan(
      usher: Program.version, organization: log.state.organization ?? "", created: now,
      actor: actor, base: log.head, source: CommitSource(files: [], desired: nil),
      authority: changes[0].change.authority(in: log.state), allowance: nil, changes: changes,
      diagnostics: [])
    let approved: ApprovedPlan
    do {
      approved = try Guardrails.approve(plan, on: log.state, by: actor, allowing: nil, at: now)
    } catch {
      throw CommandFailure(error)
    }
    let receiver = try receiver(for: plan, sink: sink)
    let world = world
    let reconciler = Reconciler(
      random: world.random, isInterrupted: { world.interruptedBy() != nil })
    do {
      _ = try reconciler.perform(
        approved, digest: nil, on: &log, sink: receiver,
        announce: { announce($0, to: sink) }, notes: note)
    } catch {
      if case .sink(let error) = error {
        throw CommandFailure(
          .sinkFailed, .keySinkFailed, "the token could not be handed over: \(error)",
          help: "nothing was changed; mend the sink and run again")
      }
      throw CommandFailure(error, signal: world.interruptedBy())
    }
  }
}
