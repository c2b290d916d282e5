// VerifyKeyCommand: `usher verify-key`: is the key on standard input good now?

import ByteOutput
import Digests
import KeyDelivery
import OrgModel
import Reconciling
import Reporting
import SourceText
import SystemCalls

enum VerifyKeyCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    try answer(try check(context).status, context)
  }

  /// Reads the key, and asks the state what it is good for; a status of nil: it is no key.
  static func check(
    _ context: Context
  ) throws(CommandFailure) -> (log: OpenedLog?, status: KeyStatus?) {
    var input: [UInt8]
    do throws(SystemError) { input = try context.world.readStandardInput() } catch {
      throw CommandFailure(error, .unreadableFile)
    }
    var text = Array(input.trimmingBlanks)
    let digest = APIKey.digest(ofWellFormed: text)
    text.wipe()
    input.wipe()
    guard let digest else {
      // That needs no state; but whoever shows a token shows a valid one.
      if context.hasToken { _ = try context.open(for: .reading(nil)) }
      return (nil, nil)
    }
    let log = try context.open(for: .reading(nil)).log
    let state = log.state
    let key = state.key(KeyID(of: digest))
    let isIssued = key?.credential.digest == digest
    try context.authorize(isIssued ? .reading(key?.member) : .readingAll, in: state)
    return (log, state.status(ofKey: digest, at: context.now))
  }

  /// Says whether a key is valid, and why not.
  static func answer(
    _ status: KeyStatus?, _ context: Context
  ) throws(CommandFailure) -> ExitCode {
    switch status {
    case .valid(let member, let subscription, let expires):
      if context.isJSON {
        try context.emitJSON { json in
          json.member("valid", true)
          json.member("member", member.text)
          json.member("subscription", subscription.text)
          json.member("expires", expires.description)
        }
      } else {
        try context.emitText {
          $0.writeLine(
            "valid: \(member), \(subscription), until \(expires) "
              + "(\(RelativeTime.distance(from: context.now, to: expires)))")
        }
      }
      return .success
    case nil: return try answer("malformed", context)
    case .expired: return try answer("expired", context)
    case .revoked: return try answer("revoked", context)
    case .unknown: return try answer("unknown", context)
    }
  }

  private static func answer(
    _ reason: String, _ context: Context
  ) throws(CommandFailure) -> ExitCode {
    if context.isJSON {
      try context.emitJSON { json in
        json.member("valid", false)
        json.member("reason", reason)
      }
    } else {
      try context.emitText { $0.writeLine("not valid: \(reason)") }
    }
    return .failure
  }
}

extension Array where Element == UInt8 {
  /// Without the blanks and line breaks around it, which a pipe or an editor adds.
  var trimmingBlanks: ArraySlice<UInt8> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
    let start = firstIndex { !isBlank($0) } ?? endIndex
    let end = lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
    return self[start..<Swift.max(start, end)]
  }
}
