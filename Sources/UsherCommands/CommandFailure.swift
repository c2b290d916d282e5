// CommandFailure: the one form in which a command fails, whatever went wrong.

import CommitStore
import KeyDelivery
import OrgFiles
import Planning
import Reconciling
import Records
import SourceText
import SystemCalls

/// Findings that end a command, and the code it exits with.
struct CommandFailure: Error {
  let exit: ExitCode
  let diagnostics: [Diagnostic]
  let files: [SourceFile]
  /// Whether a signal may be the reason: then its code is the exit code. False once a commit is made.
  var mayBeInterrupted = true
  /// Whether standard output has it already, in the format that was asked for.
  var isEmitted = false

  init(_ exit: ExitCode, _ diagnostics: [Diagnostic], files: [SourceFile] = []) {
    self.exit = exit
    self.diagnostics = diagnostics
    self.files = files
  }

  init(_ exit: ExitCode, _ code: DiagnosticCode, _ message: String, help: String? = nil) {
    self.init(exit, [Diagnostic(code, message, at: nil, help: help)])
  }

  init(_ refusal: Refusal) {
    self.init(.refused, refusal.code, refusal.message, help: refusal.help)
  }

  init(_ error: ApprovalError) {
    switch error {
    case .refused(let refusal): self.init(refusal)
    case .stale(let reason):
      self.init(
        .conflict, .conflict, "the plan is stale: \(reason)",
        help: "plan again and review the new plan")
    }
  }

  init(_ error: LogError) {
    switch error {
    case .record(_, let record) where record.isOfNewerFormat:
      self.init(.failure, .storeFailed, "\(error)")
    case .record, .chain, .store(.corrupt):
      self.init(
        .failure, .storeCorrupt, "\(error)",
        help: "run 'usher log --verify'; restore the file from a backup")
    case .snapshot(let name, _):
      self.init(
        .failure, .storeCorrupt, "\(error)",
        help: "the log holds; delete snapshots/\(name).snapshot, it is a cache")
    case .store: self.init(.failure, .storeFailed, "\(error)")
    }
  }

  init(_ error: ApplyError, signal: Int32?) {
    switch error {
    case .conflict(let sequence):
      self.init(
        .conflict, .conflict, "another apply made commit \(sequence) first; nothing was changed",
        help: "plan again and review the new plan")
    case .sink(let error):
      self.init(
        .sinkFailed, .keySinkFailed, "the keys could not be handed over: \(error)",
        help: "nothing was changed; mend the sink and run again")
    case .store(.unsynced(let number, let error)):
      self.init(
        .failure, .storeFailed, "\(StoreError.unsynced(number: number, error))",
        help: "it is in force, with every key that it handed over; mend the disk, then run "
          + "'usher log --verify'")
    case .store(let error): self.init(LogError.store(error))
    case .log(.chain(_, let reason)):
      // The log is sound: it is the plan that it would not follow.
      self.init(
        .conflict, .conflict, "the plan is not legal: \(reason)",
        help: "plan again and review the new plan")
    case .log(let error): self.init(error)
    case .interrupted:
      self.init(
        ExitCode(interruptedBy: signal ?? 2), .interrupted, "interrupted; nothing was changed")
    }
  }

  /// That a commit was made, although its result cannot be written.
  init(unreported sequence: Int) {
    self.init(
      .failure, .outputFailed,
      "commit \(sequence) was made, but standard output cannot be written")
    mayBeInterrupted = false
    isEmitted = true
  }

  init(_ error: SystemError, _ code: DiagnosticCode = .storeFailed) {
    self.init(.failure, code, "\(error)")
  }
}
