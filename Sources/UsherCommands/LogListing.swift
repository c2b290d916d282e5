// LogListing: `usher log` without --verify: commits written as they are read, so that neither the log
// nor its text is ever in memory as a whole.

import ByteOutput
import Digests
import OrgModel
import Reconciling
import Records
import Reporting
import SourceText

enum LogListing {
  /// The options that choose commits.
  static let options = ["limit", "after", "before", "newest-first"]

  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let limit = try number("limit", from: 1, context)
    let after = try number("after", from: 0, context)
    let before = try number("before", from: 1, context)
    let medium = try context.medium()
    // Whether a token lets its holder see this is to be known before the first line.
    if context.hasToken { _ = try context.open(for: .readingAll) }
    let stretch: LogStretch
    do throws(LogError) {
      stretch = try LogStretch(
        medium, after: after ?? 0, before: before ?? .max, limit: limit ?? .max,
        isNewestFirst: context.invocation.flag("newest-first"))
    } catch {
      throw CommandFailure(error)
    }
    if stretch.newest == 0 { context.noteEmptyStore() }
    if context.isJSON {
      try writeJSON(stretch, context)
    } else {
      try writeText(stretch, context)
    }
    return .success
  }

  private static func number(
    _ option: String, from least: Int, _ context: Context
  ) throws(CommandFailure) -> Int? {
    guard let text = context.invocation.value(option) else { return nil }
    guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(text),
      number >= least
    else {
      throw Context.misused("--\(option) expects a whole number from \(least) on, not '\(text)'")
    }
    return number
  }

  private static func next(
    _ stretch: inout LogStretch, _ context: Context
  ) throws(CommandFailure) -> (commit: Commit, digest: Digest)? {
    try context.heedSignals()
    if stretch.countRead < stretch.count {
      context.progress.begin(.listing(stretch.countRead + 1, of: stretch.count))
    }
    do throws(LogError) { return try stretch.next() } catch { throw CommandFailure(error) }
  }

  /// A failure before the first page is told as by every command. Behind it the document is brought to
  /// its end, with the findings as a second field.
  private static func writeJSON(
    _ stretch: LogStretch, _ context: Context
  ) throws(CommandFailure) {
    var (stretch, pages) = (stretch, Pages(context))
    var json = JSONWriter(.indented)
    var failure: CommandFailure?
    json.object { json in
      json.key("commits")
      json.array { json in
        do throws(CommandFailure) {
          while !pages.isOver, let (commit, digest) = try next(&stretch, context) {
            commit.write(into: &json, digest: digest) { json in
              if pages.isFull(json.sink) { pages.write(json.take()) }
            }
            if pages.isFull(json.sink) { pages.write(json.take()) }
          }
        } catch {
          failure = error
        }
      }
      if let failure {
        json.key("diagnostics")
        DiagnosticReport(files: failure.files, diagnostics: failure.diagnostics)
          .writeJSON(into: &json)
      }
    }
    if let failure, !pages.isBegun { throw failure }
    pages.write(json.take() + [0x0A])
    if var failure {
      failure.isEmitted = true
      throw failure
    }
    try pages.finish()
  }

  private static func writeText(
    _ stretch: LogStretch, _ context: Context
  ) throws(CommandFailure) {
    var (stretch, pages) = (stretch, Pages(context))
    var sink = ByteSink()
    do throws(CommandFailure) {
      while !pages.isOver, let (commit, digest) = try next(&stretch, context) {
        write(commit, digest, into: &sink, context)
        if pages.isFull(sink) { pages.write(sink.take()) }
      }
    } catch {
      if pages.isBegun { pages.write(sink.take()) }
      throw error
    }
    pages.write(sink.take())
    try pages.finish()
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
