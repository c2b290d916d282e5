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
    case .stale(let violation):
      self.init(
        .conflict, .conflict, "the plan is stale: \(violation)",
        help: "plan again and review the new plan")
    }
  }

  init(_ error: LogError) {
    let isCorrupt: Bool
    switch error {
    case .record, .chain, .store(.corrupt): isCorrupt = true
    case .store: isCorrupt = false
    }
    self.init(
      .failure, isCorrupt ? .storeCorrupt : .storeFailed, "\(error)",
      help: isCorrupt ? "run 'usher log --verify'; restore the file from a backup" : nil)
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
    case .store(let error): self.init(.store(error))
    case .log(let error): self.init(error)
    case .interrupted:
      self.init(
        ExitCode(interruptedBy: signal ?? 2), .interrupted, "interrupted; nothing was changed")
    }
  }

  init(_ error: SystemError, _ code: DiagnosticCode = .storeFailed) {
    self.init(.failure, code, "\(error)")
  }
}
