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
    var commits: [(Commit, Digest)] = []
    let log = try context.open(for: .readingAll, usingSnapshots: false) {
      commits.append(($0, $1))
    }.log
    context.noteIfEmpty(log)
    if context.invocation.flag("verify") {
      do { try log.verifySnapshots() } catch { throw CommandFailure(error) }
      try reportIntact(log, context)
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

  private static func reportIntact(_ log: OpenedLog, _ context: Context) throws(CommandFailure) {
    guard context.isJSON else {
      try context.emitText {
        $0.writeLine(
          "\(log.head.sequence) \(log.head.sequence == 1 ? "commit" : "commits"), every digest and "
            + "the chain hold; head \(log.head.digest?.labelled ?? "none")")
      }
      return
    }
    try context.emitJSON { json in
      json.member("verified", true)
      json.member("sequence", log.head.sequence)
      json.member("digest", log.head.digest?.labelled)
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
