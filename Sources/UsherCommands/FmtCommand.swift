// FmtCommand: `usher fmt`: org files in their canonical layout, or which of them are not.

import ByteOutput
import OrgFiles
import OrgModel
import Reporting
import SourceText
import SystemCalls

enum FmtCommand {
  /// What became of one file.
  private struct Result {
    let file: SourceFile
    /// The file as it should be; nil if it is no document.
    let formatted: [UInt8]?

    var isChanged: Bool { formatted.map { $0 != file.bytes } ?? false }
  }

  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let arguments = context.invocation.arguments
    guard arguments.count == 1 || !arguments.contains("-") else {
      throw Context.misused("'fmt' expects '-' alone: its result goes to standard output")
    }
    let isCheck = context.invocation.flag("check")
    var diagnostics = Diagnostics()
    let files = context.readFiles(into: &diagnostics)
    var results: [Result] = []
    for (index, file) in files.enumerated() where context.world.interruptedBy() == nil {
      context.progress.begin(.formatting(file.name))
      let result = Result(
        file: file, formatted: OrgFormatter.format(file, index: index, into: &diagnostics))
      if !isCheck, file.name != "-", result.isChanged, let bytes = result.formatted {
        do throws(SystemError) { try FileSystem.replaceFile(file.name, with: bytes) } catch {
          diagnostics.report(.outputFailed, "\(error)", at: nil)
          continue
        }
      }
      results.append(result)
    }
    // Also a file that could not be read because a signal came is one that was not looked at.
    let isCut = results.count < files.count || diagnostics.hasErrors
    let signal = isCut ? context.world.interruptedBy() : nil
    if signal != nil {
      diagnostics.report(
        .interrupted, "interrupted; some files were not looked at, none is half-done", at: nil)
    }
    if context.format != .github {
      context.warn(DiagnosticReport(files: files, diagnostics: diagnostics.sorted))
    }
    if context.format == .github {
      try emitAnnotations(results, diagnostics, files, isCheck: isCheck, context)
    } else if context.isJSON {
      try emitJSON(results, diagnostics.sorted, files, isCheck: isCheck, context)
    } else if isCheck {
      try emitDifferences(results, context)
    } else if arguments == ["-"] {
      try context.emit(results.first?.formatted ?? [])
    } else {
      let changed = results.filter(\.isChanged).map { TerminalText.sanitized($0.file.name) }
      try context.emitText { sink in
        for name in changed { sink.writeLine("formatted \(name)") }
      }
    }
    if let signal { return ExitCode(interruptedBy: signal) }
    let isDifferent = isCheck && results.contains(where: \.isChanged)
    return diagnostics.hasErrors || isDifferent ? .failure : .success
  }

  /// A warning for each file that differs or was changed, where it begins to, and how.
  private static func emitAnnotations(
    _ results: [Result], _ diagnostics: Diagnostics, _ files: [SourceFile], isCheck: Bool,
    _ context: Context
  ) throws(CommandFailure) {
    var diagnostics = diagnostics
    var text = ByteSink()
    for (index, result) in zip(files.indices, results) where result.isChanged {
      let bytes = result.file.bytes
      let start = zip(bytes, result.formatted ?? []).prefix { $0 == $1 }.count
      diagnostics.report(
        .notFormatted, isCheck ? "not in its canonical layout" : "was not in its canonical layout",
        at: SourceRange(file: index, start: start, end: start),
        help: isCheck ? "run 'usher fmt'" : nil)
      writeDiff(result, into: &text, TextStyle(hasColor: false))
    }
    let report = DiagnosticReport(files: files, diagnostics: diagnostics.sorted)
    let headline = report.isEmpty ? "all files are in their canonical layout" : report.totals
    try context.emit(
      PlatformResult(
        name: "fmt", headline: "usher fmt: \(headline)", text: text.bytes, findings: report,
        markdown: report.markdown(
          command: "fmt", headline: PlanReport.capitalized(headline), usher: Program.version)))
  }

  /// The names of the files that differ, and then how.
  private static func emitDifferences(
    _ results: [Result], _ context: Context
  ) throws(CommandFailure) {
    let changed = results.filter(\.isChanged)
    try context.emitText { sink in
      for result in changed {
        sink.writeLine("not formatted: \(TerminalText.sanitized(result.file.name))")
      }
      for result in changed { writeDiff(result, into: &sink, context.style) }
    }
  }

  private static func writeDiff(
    _ result: Result, into sink: inout ByteSink, _ style: TextStyle, isForTerminal: Bool = true
  ) {
    // A difference is looked at, in a log that is kept: a key that stands in a file is masked there.
    let (old, new) = (
      SecretShape.masked(result.file.bytes), SecretShape.masked(result.formatted ?? [])
    )
    let name = SecretShape.masked(result.file.name)
    LineDiff(from: old, to: new).writeUnified(
      oldName: name, newName: "\(name) (formatted)", into: &sink, style: style,
      isForTerminal: isForTerminal)
  }

  private static func emitJSON(
    _ results: [Result], _ diagnostics: [Diagnostic], _ files: [SourceFile], isCheck: Bool,
    _ context: Context
  ) throws(CommandFailure) {
    try context.emitJSON { json in
      json.key("files")
      json.array { json in
        for result in results where result.formatted != nil {
          json.object { json in
            json.member("file", SecretShape.masked(result.file.name))
            json.member("changed", result.isChanged)
            if isCheck {
              var sink = ByteSink()
              writeDiff(result, into: &sink, TextStyle(hasColor: false), isForTerminal: false)
              json.member("diff", sink.text)
            } else if result.file.name == "-" {
              json.member("text", String(decoding: result.formatted ?? [], as: UTF8.self))
            }
          }
        }
      }
      json.key("diagnostics")
      DiagnosticReport(files: files, diagnostics: diagnostics).writeJSON(into: &json)
    }
  }
}
