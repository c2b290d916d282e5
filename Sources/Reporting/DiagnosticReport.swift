// DiagnosticReport: findings for a person, with the source they are about, and for a program.

public import ByteOutput
import Records
public import SourceText

/// The findings of a run beside the files that they are about.
public struct DiagnosticReport: Sendable {
  /// The files that were read.
  public let files: [SourceFile]
  private let diagnostics: [Diagnostic]

  /// Pairs findings, in the order to show them in, with the files that their ranges index.
  public init(files: [SourceFile], diagnostics: [Diagnostic]) {
    self.files = files
    self.diagnostics = diagnostics
  }

  /// Writes every finding with the line it is about, then how many there were.
  ///
  /// A finding without a place begins with `usher:`; one such alone is not counted. Keys and tokens are
  /// masked in every word and line, as they are in the other forms.
  public func writeText(into sink: inout ByteSink, style: TextStyle) {
    guard !diagnostics.isEmpty else { return }
    var places = Places(files.map(\.hushed))
    for diagnostic in diagnostics {
      write(diagnostic.hushed, places.place(of: diagnostic), into: &sink, style)
    }
    if diagnostics.count > 1 || diagnostics[0].range != nil { sink.writeLine(totals) }
  }

  /// Writes an array of objects; what is not known of a place is `null`.
  public func writeJSON(into json: inout JSONWriter) {
    json.array { json in for finding in located { finding.write(into: &json) } }
  }

  /// The findings with their places spelled out.
  var located: [LocatedDiagnostic] {
    var map = SourceMap(files)
    return diagnostics.map { map.locate($0) }
  }

  /// The source line of each finding without the blanks around it; nil where there is none.
  var sourceLines: [String?] {
    var map = SourceMap(files)
    return diagnostics.map { diagnostic in
      guard let range = diagnostic.range else { return nil }
      let lines = map.lines(of: Int(range.file))
      let line = lines.line(lines.position(of: Int(range.start)).line)
      let text = line.drop { $0 == 0x20 || $0 == 0x09 }
      let end = text.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? text.startIndex
      return String(decoding: text[..<end], as: UTF8.self)
    }
  }

  /// Whether there are none.
  public var isEmpty: Bool { diagnostics.isEmpty }

  /// `2 errors, 1 warning`.
  public var totals: String {
    let errors = diagnostics.count { $0.severity == .error }
    let warnings = diagnostics.count - errors
    var parts: [String] = []
    if errors > 0 { parts.append("\(errors) error\(errors == 1 ? "" : "s")") }
    if warnings > 0 { parts.append("\(warnings) warning\(warnings == 1 ? "" : "s")") }
    return parts.joined(separator: ", ")
  }

  private func write(
    _ diagnostic: Diagnostic, _ place: Places.Place?, into sink: inout ByteSink, _ style: TextStyle
  ) {
    var name = "usher"
    if let place {
      name =
        "\(TerminalText.sanitized(place.file.name)):\(place.start.line):\(place.start.column)"
    }
    let label = "\(diagnostic.severity.rawValue)[\(diagnostic.code.rawValue)]:"
    sink.write(style.bold(name + ":") + " ")
    sink.write(diagnostic.severity == .error ? style.red(label) : style.yellow(label))
    sink.write(" " + TerminalText.sanitized(diagnostic.message))
    if let help = diagnostic.help { sink.write("  (help: \(TerminalText.sanitized(help)))") }
    sink.writeLine()
    guard let place, let excerpt = place.excerpt else { return }
    sink.writeLine("  " + excerpt.source)
    let blanks = excerpt.marks.prefix { $0 == " " }
    sink.writeLine("  " + blanks + style.green(String(excerpt.marks.dropFirst(blanks.count))))
  }
}

/// Places spelled out; a file's lines are found when its first finding is shown, and once.
private struct Places {
  struct Place {
    let file: SourceFile
    let start: SourcePosition
    let end: SourcePosition
    let range: SourceRange
    let lines: LineIndex

    var excerpt: SourceExcerpt? {
      SourceExcerpt(line: lines.line(start.line), start: Int(range.start), end: Int(range.end))
    }
  }

  private let files: [SourceFile]
  private var indexes: [LineIndex?]

  init(_ files: [SourceFile]) {
    self.files = files
    indexes = Array(repeating: nil, count: files.count)
  }

  /// Nil for a finding without a place, or in a file that is not at hand.
  mutating func place(of diagnostic: Diagnostic) -> Place? {
    guard let range = diagnostic.range, files.indices.contains(Int(range.file)) else { return nil }
    let index = Int(range.file)
    let lines = indexes[index] ?? LineIndex(files[index].bytes)
    indexes[index] = lines
    return Place(
      file: files[index], start: lines.position(of: Int(range.start)),
      end: lines.position(of: Int(range.end)), range: range, lines: lines)
  }
}
