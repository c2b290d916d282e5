// KeySink: hands keys over, durably, before the commit; takes them back if it does not happen.
// Invariants: `store` returns only when every key is where it should be, or it has undone what it
// did; a file is created new with mode 0600; a command never outlives usher.

import ByteOutput
public import SystemCalls

/// Why keys could not be handed over.
public enum SinkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file could not be written.
  case file(SystemError)
  /// The file exists; it may hold keys that somebody needs.
  case existing(String)
  /// The command did not succeed.
  case command(String, verb: String, ChildProcess.Outcome)
  /// A signal came; nothing was handed over.
  case interrupted

  /// One sentence.
  public var description: String {
    switch self {
    case .file(let error): return "\(error)"
    case .existing(let path): return "'\(path)' exists already and is not overwritten"
    case .command(let command, let verb, .exited(let status)):
      return "'\(command)' exited with status \(status) at '\(verb)'"
    case .command(let command, let verb, .signalled(let signal)):
      return "'\(command)' was killed by signal \(signal) at '\(verb)'"
    case .command(let command, let verb, .interrupted):
      return "'\(command)' was interrupted at '\(verb)'"
    case .interrupted: return "interrupted"
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
    var lines = Self.lines(of: keys)
    defer { wipe(&lines) }
    switch self {
    case .file(let path):
      do throws(SystemError) {
        try FileSystem.createFile(path, with: lines, mode: 0o600)
        do throws(SystemError) {
          try FileSystem.flushFolder(FileSystem.parent(of: path))
        } catch {
          try FileSystem.remove(path)
          throw error
        }
      } catch {
        throw error.isExisting ? .existing(path) : .file(error)
      }
    case .command(let command):
      do throws(SinkError) {
        try run(command, verb: "store", lines, isInterrupted)
      } catch {
        // The first failure is the one to tell; the keys never work, erased or not.
        do throws(SinkError) { try run(command, verb: "erase", lines) { false } } catch {}
        throw error
      }
    }
  }

  /// See `KeyReceiver`.
  public func erase(_ keys: [HandedKey]) throws(SinkError) {
    switch self {
    case .file(let path):
      do throws(SystemError) {
        try FileSystem.remove(path)
        try FileSystem.flushFolder(FileSystem.parent(of: path))
      } catch {
        throw .file(error)
      }
    case .command(let command):
      var lines = Self.lines(of: keys)
      defer { wipe(&lines) }
      try run(command, verb: "erase", lines) { false }
    }
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

  /// JSON Lines, one object a key.
  static func lines(of keys: [HandedKey]) -> [UInt8] {
    var lines: [UInt8] = []
    for key in keys {
      var json = JSONWriter(.compact)
      json.object { json in
        json.member("member", key.member)
        key.withText { json.member("api_key", String(decoding: $0, as: UTF8.self)) }
        json.member("base_url", key.baseURL)
        json.member("subscription", key.subscription)
        json.member("key_id", key.keyID)
        json.member("issued", key.issued)
      }
      lines += json.sink.bytes
      lines.append(0x0A)
    }
    return lines
  }

  private func wipe(_ bytes: inout [UInt8]) {
    for index in bytes.indices { bytes[index] = 0 }
  }
}
