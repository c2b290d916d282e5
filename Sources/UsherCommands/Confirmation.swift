// Confirmation: what an apply must be told before it changes anything: yes, create, and where keys go.

import KeyDelivery
import OrgModel
import Planning
import Records
import Reporting
import SourceText
import SystemCalls

/// Shows keys once, on the terminal of the person who applies.
struct TerminalReceiver: KeyReceiver {
  let world: World

  func store(
    _ keys: [HandedKey], isInterrupted: @escaping @Sendable () -> Bool
  ) throws(SinkError) {
    if case .calls(_, let url) = keys.first?.purpose {
      world.writeError(Array("These keys are shown once and stored nowhere:\n".utf8))
      if let url { world.writeError(Array("  Base URL: \(url)\n".utf8)) }
    } else {
      world.writeError(Array("This token is shown once and stored nowhere:\n".utf8))
    }
    for key in keys {
      let start = Array("  \(key.member)  ".utf8)
      var end: [UInt8] = [0x0A]
      if case .calls(let subscription, _) = key.purpose { end = Array("  \(subscription)\n".utf8) }
      var line: [UInt8] = []
      line.reserveCapacity(start.count + key.textCount + end.count)
      line += start
      key.withText { line += $0 }
      line += end
      world.writeError(line)
      line.wipe()
    }
  }

  func erase(_ keys: [HandedKey]) throws(SinkError) {
    let words =
      keys.first?.purpose == .management
      ? "The token above was not put into force and never works.\n"
      : "The keys above were not put into force and never work.\n"
    world.writeError(Array(words.utf8))
  }
}

extension Context {
  /// `--keys-to`.
  func keySink() throws(CommandFailure) -> KeySink? {
    guard let text = invocation.value("keys-to") else { return nil }
    guard let sink = KeySink(argument: text) else {
      throw Self.misused("--keys-to expects FILE or exec:COMMAND, not '\(text)'")
    }
    if case .file(let path) = sink, isInState(path) {
      throw Self.misused("--keys-to expects a file outside of the state '\(location)'")
    }
    return sink
  }

  /// Whether a file would stand in the folder of the state, or below it.
  private func isInState(_ path: String) -> Bool {
    let paths = SourcePaths(root: "/", folder: world.workingFolder)
    let state = paths.relative(location)
    var folder = FileSystem.parent(of: "/" + paths.relative(path))
    let stored = FileSystem.target(location)
    while folder != "/" {
      if folder == "/" + state || (stored != nil && FileSystem.target(folder) == stored) {
        return true
      }
      folder = FileSystem.parent(of: folder)
    }
    return false
  }

  /// Warns if everybody can list the folder of a file of keys, or replace files in it.
  ///
  /// The file itself is 0600, so nobody else reads a key there. But a listing tells that keys lie
  /// there, and when; and who can replace the file can take the keys away, or put others in their
  /// place, before they are handed on. The sticky bit, as /tmp has it, prevents the second, not the
  /// first. A group is somebody's choice and not warned about. Folders above do not count: what they
  /// keep shut today, a chmod opens tomorrow.
  func warnOfExposure(_ sink: KeySink?) {
    guard case .file(let path)? = sink else { return }
    let folder = FileSystem.parent(of: path)
    guard let exposure = FileSystem.exposure(ofFolder: folder),
      exposure.isListable || exposure.isReplaceable
    else { return }
    let deed = exposure.isReplaceable ? "replace files in" : "list"
    let warning = Diagnostic(
      .exposedKeyFile, "everybody on this machine can \(deed) '\(folder)', where the keys go",
      at: nil, help: "use a folder of mode 0700")
    warn(DiagnosticReport(files: [], diagnostics: [warning]))
  }

  private var isInteractive: Bool {
    world.isStandardInputTerminal && world.isStandardErrorTerminal
  }

  /// Where the keys of a plan go; refuses if it issues some and nobody said.
  func receiver(for plan: Plan, sink: KeySink?) throws(CommandFailure) -> any KeyReceiver {
    let (keys, tokens) = (plan.summary.count(.issueKey), plan.summary.count(.issueToken))
    if keys + tokens > 0 { warnOfExposure(sink) }
    if let sink { return sink }
    guard keys + tokens == 0 || isInteractive else {
      let issued =
        tokens > 0
        ? "a token is issued" : "the plan issues \(keys) \(keys == 1 ? "key" : "keys")"
      throw CommandFailure(
        Refusal(
          .noKeySink, "\(issued), and nobody said where to",
          help: "add --keys-to FILE or --keys-to exec:COMMAND"))
    }
    return TerminalReceiver(world: world)
  }

  /// Asks on a terminal; elsewhere expects `--yes`, and `--create` to found an organization.
  func confirm(isFounding: Bool) throws(CommandFailure) {
    if isFounding, !invocation.flag("create") {
      let help = "check --state; to found the organization there, add --create"
      var isFounded = false
      if isInteractive {
        isFounded =
          try ask("The store '\(location)' is empty. Type 'create' to found the organization: ")
          == "create"
      }
      guard isFounded else {
        throw CommandFailure(Refusal(.emptyStore, "the store '\(location)' is empty", help: help))
      }
      return
    }
    guard !invocation.flag("yes") else { return }
    guard isInteractive else {
      throw CommandFailure(
        Refusal(.notConfirmed, "nobody can be asked without a terminal", help: "add --yes"))
    }
    guard try ask("Apply this plan? Only 'yes' is taken for a yes: ") == "yes" else {
      throw CommandFailure(Refusal(.notConfirmed, "the plan was not confirmed", help: nil))
    }
  }

  private func ask(_ question: String) throws(CommandFailure) -> String {
    world.writeError(Array(question.utf8))
    let answer = world.readLine()
    if let signal = world.interruptedBy() {
      throw CommandFailure(
        ExitCode(interruptedBy: signal), .interrupted, "interrupted; nothing was changed")
    }
    return answer ?? ""
  }
}
