// LogCommand: `usher log`: the commits, and whether the chain holds.

import ByteOutput
import Digests
import OrgModel
import Reconciling
import Records
import Reporting
import SourceText

enum LogCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let expected = try expectedDigest(context)
    var commits: [(Commit, Digest)] = []
    let log = try context.open(for: .readingAll, usingSnapshots: false) {
      commits.append(($0, $1))
    }.log
    context.noteIfEmpty(log)
    if context.invocation.flag("verify") {
      do { try log.verifySnapshots() } catch { throw CommandFailure(error) }
      var found: Int?
      if let expected { found = try sequence(of: expected, in: commits) }
      try reportIntact(log, expecting: found, context)
    } else if context.isJSON {
      try context.emitJSON { json in
        json.key("commits")
        json.array { json in
          for (commit, digest) in commits { commit.write(into: &json, digest: digest) }
        }
      }
    } else {
      try context.emitText { sink in
        for (commit, digest) in commits { write(commit, digest, into: &sink, context) }
      }
    }
    return .success
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

  /// Which commit a digest names. Every commit's digest covers all before it, so one that is in the
  /// chain proves that history up to it is what it was when somebody noted the digest.
  private static func sequence(
    of digest: Digest, in commits: [(Commit, Digest)]
  ) throws(CommandFailure) -> Int {
    if let found = commits.last(where: { $0.1 == digest }) { return found.0.sequence }
    throw CommandFailure(
      .failure, .historyRewritten,
      "no commit has the digest '\(digest.labelled)': history was rewritten, or its end taken away",
      help: "restore the store from a backup")
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

  private static func write(
    _ commit: Commit, _ digest: Digest, into sink: inout ByteSink, _ context: Context
  ) {
    let style = context.style
    sink.writeLine("\(style.bold("commit \(commit.sequence)"))  \(digest.labelled)")
    sink.writeLine(
      "  \(commit.time) (\(RelativeTime.distance(from: context.now, to: commit.time)))"
        + (commit.actor.map { ", by \($0)" } ?? ""))
    if !commit.source.files.isEmpty {
      sink.writeLine(
        "  from " + TerminalText.sanitized(commit.source.files.joined(separator: ", "))
          + (commit.source.gitCommit.map { " at git commit \($0)" } ?? ""))
    }
    let summary = PlanSummary(commit.changes)
    let parts = Change.Action.allCases.compactMap { action in
      summary.count(action) > 0 ? "\(summary.count(action)) \(action.rawValue)" : nil
    }
    sink.writeLine("  \(parts.joined(separator: ", "))")
    sink.writeLine()
  }
}
