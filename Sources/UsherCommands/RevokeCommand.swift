// RevokeCommand: `usher revoke`: break-glass for a leaked key, at once and without a file.

import CommitStore
import OrgModel
import Planning
import Reconciling
import Records
import Reporting
import SourceText

enum RevokeCommand {
  /// The most characters a reason has, in Unicode scalars.
  static let reasonLengthMax = 500

  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let name = try context.member(context.invocation.arguments[0])
    let reason = try reason(context)
    return try context.untilFirst { () throws(CommandFailure) -> ExitCode? in
      try attempt(name, reason, context)
    }
  }

  private static func reason(_ context: Context) throws(CommandFailure) -> String {
    // A reason stays in the log for good: the leaked key, which may be pasted into it, does not.
    let text = SecretShape.masked(context.invocation.value("reason") ?? "").trimmed
    let isPlain = !TerminalText.isHarmful(text)
    guard !text.isEmpty, text.unicodeScalars.count <= reasonLengthMax, isPlain else {
      throw Context.misused(
        "--reason expects one line of 1 to \(reasonLengthMax) characters that says why")
    }
    return text
  }

  /// Nil if another commit came first.
  private static func attempt(
    _ name: Username, _ reason: String, _ context: Context
  ) throws(CommandFailure) -> ExitCode? {
    var (log, actor) = try context.open(for: .writing)
    let state = log.state
    guard let member = state.member(name) else { throw context.unknownMember(name, in: state) }
    guard let seat = member.seat else {
      throw CommandFailure(
        .failure, .noKeyToRevoke, "\(name) holds no seat and so has no key",
        help: "see 'usher show \(name)'")
    }
    guard let key = seat.key else {
      try report(context, isRevoked: false, name, nil, log)
      return .success
    }
    context.warnIfClockIsSetBack(log)
    let change = PlannedChange(.revokeKey(name, key), reason: reason, at: nil)
    do throws(CommandFailure) { try context.commit([change], by: actor, on: &log) } catch {
      if error.exit == .conflict { return nil }
      throw error
    }
    do throws(CommandFailure) { try report(context, isRevoked: true, name, key, log) } catch {
      throw CommandFailure(unreported: log.head.sequence)
    }
    return .success
  }

  private static func report(
    _ context: Context, isRevoked: Bool, _ name: Username, _ key: KeyID?, _ log: OpenedLog
  ) throws(CommandFailure) {
    if context.isJSON {
      try context.emitJSON { json in
        json.member("revoked", isRevoked)
        json.member("member", name.text)
        json.member("key_id", key?.description)
        json.member("sequence", log.head.sequence)
        json.member("digest", log.head.digest?.labelled)
      }
    } else if let key {
      try context.emitText {
        $0.writeLine(
          "The key \(key) of \(name) is revoked as commit \(log.head.sequence). The seat stays; the "
            + "next plan issues a new key.")
      }
    } else {
      try context.emitText {
        $0.writeLine("The key of \(name) was revoked before; nothing was changed.")
      }
    }
  }
}

extension String {
  /// Without the blanks around it.
  fileprivate var trimmed: String {
    let start = firstIndex { $0 != " " } ?? endIndex
    let end = lastIndex { $0 != " " }.map { index(after: $0) } ?? start
    return String(self[start..<end])
  }
}
