// GatewayCommand: `usher gateway haproxy` and `usher gateway json`: the keys that work, for what stands
// before the models and lets calls through.
// Invariants: nothing is written before the state was read, a file is replaced whole or not at all; the
// bytes follow from the commits and the instant alone; no plaintext is needed.

import ByteOutput
import OrgModel
import Reconciling
import Reporting
import SourceText
import SystemCalls

/// What a gateway reads.
enum GatewayForm: String {
  /// A map file of HAProxy: `#` begins a comment, the first word of a line is the key, the rest its
  /// value (HAProxy's configuration manual, "map").
  case haproxy
  /// One JSON object.
  case json
}

enum GatewayCommand {
  /// How much is rendered before it is written.
  private static let pieceBytesMin = 1 << 18

  static func run(_ context: Context, as form: GatewayForm) throws(CommandFailure) -> ExitCode {
    let log = try context.openLogForStaff(
      toSee: "which keys work", help: "ask the owner or an administrator")
    guard !log.state.isEmpty else {
      throw CommandFailure(
        .failure, .emptyStore, "the store '\(context.location)' is empty: it knows no key",
        help: "is it the right one? what the gateway has stays as it is")
    }
    guard let path = context.invocation.value("out") else {
      _ = try write(log, as: form, at: context.now) { (piece) throws(CommandFailure) in
        try context.emit(piece)
      }
      return .success
    }
    var count = 0
    try context.save(path, mode: 0o600) { (file) throws(SystemError) in
      count = try write(log, as: form, at: context.now) { (piece) throws(SystemError) in
        try FileSystem.write(piece, to: file)
      }
    }
    try report(count, of: log, to: path, context)
    return .success
  }

  private static func report(
    _ count: Int, of log: OpenedLog, to path: String, _ context: Context
  ) throws(CommandFailure) {
    guard !context.isJSON else {
      return try context.emitJSON { json in
        json.member("written", SecretShape.masked(path))
        json.member("keys", count)
        json.member("sequence", log.head.sequence)
        json.member("digest", log.head.digest?.labelled)
      }
    }
    try context.emitText {
      $0.writeLine(
        "Wrote \(TerminalText.sanitized(path)): \(count) \(count == 1 ? "key" : "keys") of commit "
          + "\(log.head.sequence)")
    }
  }

  /// Writes the keys that work, piece by piece.
  /// - Returns: How many there are.
  private static func write<Failure: Error>(
    _ log: OpenedLog, as form: GatewayForm, at now: Instant,
    to put: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) -> Int {
    switch form {
    case .haproxy: try writeMap(log, at: now, to: put)
    case .json: try writeJSON(log, at: now, to: put)
    }
  }

  private static func writeMap<Failure: Error>(
    _ log: OpenedLog, at now: Instant, to put: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) -> Int {
    var count = 0
    var sink = ByteSink()
    sink.writeLine(
      "# usher gateway haproxy: commit \(log.head.sequence), \(log.head.digest?.labelled ?? "none")"
    )
    sink.writeLine("# SHA-256 of the key, member, end in seconds since 1970, subscription")
    try log.state.forEachWorkingKey(at: now) { (key) throws(Failure) in
      count += 1
      sink.write(key.credential.digest.hex)
      sink.write(byte: 0x20)
      sink.write(key.member.text)
      sink.write(byte: 0x20)
      sink.write(Int(key.end.seconds))
      sink.write(byte: 0x20)
      sink.writeLine(key.subscription.text)
      if sink.bytes.count >= pieceBytesMin { try put(sink.take()) }
    }
    try put(sink.take())
    return count
  }

  private static func writeJSON<Failure: Error>(
    _ log: OpenedLog, at now: Instant, to put: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) -> Int {
    var count = 0
    var json = JSONWriter(.indented)
    try json.object { (json) throws(Failure) in
      json.member("organization", log.state.organization)
      json.member("sequence", log.head.sequence)
      json.member("digest", log.head.digest?.labelled)
      json.key("keys")
      try json.array { (json) throws(Failure) in
        try log.state.forEachWorkingKey(at: now) { (key) throws(Failure) in
          count += 1
          json.line { json in
            json.member("sha256", key.credential.digest.hex)
            json.member("key_id", key.credential.id.description)
            json.member("member", key.member.text)
            json.member("subscription", key.subscription.text)
            json.member("expires", key.end.description)
          }
          if json.sink.bytes.count >= pieceBytesMin { try put(json.take()) }
        }
      }
    }
    try put(json.take() + [0x0A])
    return count
  }
}
