// LogCommand: `usher log`: the commits, and whether the chain holds.

import ByteOutput
import Digests
import Reconciling
import Records
import SourceText

enum LogCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let expected = try expectedDigest(context)
    guard context.invocation.flag("verify") else { return try LogListing.run(context) }
    if let option = LogListing.options.first(where: { context.invocation.flag($0) }) {
      throw Context.misused("--verify checks the whole log, and takes no --\(option)")
    }
    try verify(expected, context)
    return .success
  }

  private static func verify(_ expected: Digest?, _ context: Context) throws(CommandFailure) {
    // Every commit's digest covers all before it, so one that is in the chain proves that history up
    // to it is what it was when somebody noted the digest.
    var found: Int?
    let progress = context.progress
    let log = try context.open(
      for: .readingAll, usingSnapshots: false,
      visit: { commit, digest in if digest == expected { found = commit.sequence } },
      willFold: { progress.begin(.verifying($0, of: $1)) }
    ).log
    context.noteIfEmpty(log)
    do throws(LogError) {
      try log.verifySnapshots { progress.begin(.verifyingSnapshot($0, of: $1)) }
    } catch {
      throw CommandFailure(error)
    }
    if let expected, found == nil {
      throw CommandFailure(
        .failure, .historyRewritten,
        "no commit has the digest '\(expected.labelled)': history was rewritten, or its end taken "
          + "away",
        help: "restore the store from a backup")
    }
    try reportIntact(log, expecting: found, context)
  }

  /// `--expect`.
  private static func expectedDigest(_ context: Context) throws(CommandFailure) -> Digest? {
    guard let text = context.invocation.value("expect") else { return nil }
    guard context.invocation.flag("verify") else {
      throw Context.misused("--expect needs --verify")
    }
    guard let digest = Digest(labelled: text) else {
      throw Context.misused("--expect expects sha256: and 64 hexadecimal digits, not '\(text)'")
    }
    return digest
  }

  private static func reportIntact(
    _ log: OpenedLog, expecting expected: Int?, _ context: Context
  ) throws(CommandFailure) {
    guard context.isJSON else {
      let pin = expected.map { "; the expected digest is that of commit \($0)" } ?? ""
      try context.emitText {
        $0.writeLine(
          "\(log.head.sequence) \(log.head.sequence == 1 ? "commit" : "commits"), every digest and "
            + "the chain hold; head \(log.head.digest?.labelled ?? "none")\(pin)")
      }
      return
    }
    try context.emitJSON { json in
      json.member("verified", true)
      json.member("sequence", log.head.sequence)
      json.member("digest", log.head.digest?.labelled)
      if let expected { json.member("expected_sequence", expected) }
    }
  }
}
