// KeySink: hands keys over, durably, before the commit; takes them back if it does not happen.
// Invariants: `store` returns only when every key is where it should be, or it has undone what it
// did; a command never outlives usher.

public import SystemCalls

/// Why keys could not be handed over.
public enum SinkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file could not be written.
  case file(SystemError)
  /// The file exists; it may hold keys that somebody needs.
  case existing(String)
  /// The file holds something else than the keys that were written there; it is left alone.
  case foreign(String)
  /// The command did not succeed.
  case command(String, verb: String, ChildProcess.Outcome)
  /// A signal came; nothing was handed over.
  case interrupted
  /// `store` failed, and then the keys could not be erased either.
  indirect case notErased(SinkError, SinkError)

  /// One sentence.
  public var description: String {
    switch self {
    case .file(let error): return "\(error)"
    case .existing(let path): return "'\(path)' exists already and is not overwritten"
    case .foreign(let path):
      return "'\(path)' no longer holds the keys that were written to it and is left alone"
    case .command(let command, let verb, .exited(let status)):
      return "'\(command)' exited with status \(status) at '\(verb)'"
    case .command(let command, let verb, .signalled(let signal)):
      return "'\(command)' was killed by signal \(signal) at '\(verb)'"
    case .command(let command, let verb, .interrupted):
      return "'\(command)' was interrupted at '\(verb)'"
    case .interrupted: return "interrupted"
    case .notErased(let error, let eraseError):
      return "\(error); and they could not be erased: \(eraseError); they never work"
    }
  }
}

/// Whoever takes keys.
public protocol KeyReceiver: Sendable {
  /// Takes all keys durably, or none.
  /// - Throws: `SinkError`; then none is left behind, as far as the receiver can be reached.
  func store(
    _ keys: [HandedKey], isInterrupted: @escaping @Sendable () -> Bool
  ) throws(SinkError)

  /// Takes the same keys back: their commit did not happen.
  /// - Throws: `SinkError`.
  func erase(_ keys: [HandedKey]) throws(SinkError)
}

/// The places that `--keys-to` can name.
public enum KeySink: KeyReceiver {
  /// A file that is created new.
  case file(String)
  /// A shell command that is run with a verb and reads the keys.
  case command(String)

  /// Reads `FILE` or `exec:COMMAND`; nil if it is empty.
  public init?(argument: String) {
    if argument.hasPrefix("exec:") {
      let command = String(argument.dropFirst(5))
      guard command.utf8.contains(where: { $0 > 0x20 }) else { return nil }
      self = .command(command)
    } else {
      guard !argument.isEmpty else { return nil }
      self = .file(argument)
    }
  }

  /// See `KeyReceiver`.
  public func store(
    _ keys: [HandedKey], isInterrupted: @escaping @Sendable () -> Bool
  ) throws(SinkError) {
    if isInterrupted() { throw .interrupted }
    switch self {
    case .file(let path): try FileSink(path: path).store(keys, isInterrupted: isInterrupted)
    case .command(let command):
      var lines = KeyLines.bytes(of: keys)
      defer { lines.wipe() }
      do throws(SinkError) { try run(command, verb: "store", lines, isInterrupted) } catch {
        try eraseAfter(error, command, lines)
      }
    }
  }

  /// See `KeyReceiver`.
  public func erase(_ keys: [HandedKey]) throws(SinkError) {
    switch self {
    case .file(let path): try FileSink(path: path).erase(keys)
    case .command(let command):
      var lines = KeyLines.bytes(of: keys)
      defer { lines.wipe() }
      try run(command, verb: "erase", lines) { false }
    }
  }

  /// Runs `erase`, which nothing interrupts, and throws the first failure: it is the one to tell. An
  /// interruption stays one, whatever becomes of the keys: they never work.
  private func eraseAfter(
    _ error: SinkError, _ command: String, _ lines: [UInt8]
  ) throws(SinkError) {
    do throws(SinkError) { try run(command, verb: "erase", lines) { false } } catch let eraseError {
      throw error == .interrupted ? error : .notErased(error, eraseError)
    }
    throw error
  }

  private func run(
    _ command: String, verb: String, _ lines: [UInt8], _ isInterrupted: () -> Bool
  ) throws(SinkError) {
    let outcome: ChildProcess.Outcome
    do throws(SystemError) {
      outcome = try ChildProcess.runShell(
        command, name: "usher-key-sink", argument: verb, input: lines,
        isInterrupted: isInterrupted)
    } catch {
      throw .file(error)
    }
    if outcome == .interrupted { throw .interrupted }
    guard outcome == .exited(0) else { throw .command(command, verb: verb, outcome) }
  }
}
