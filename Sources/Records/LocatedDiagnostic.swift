// LocatedDiagnostic: a finding with its place spelled out, as it leaves the program.

public import ByteOutput
import OrgModel
public import SourceText

/// The line indexes of a run's files, each made when it is first needed.
public struct SourceMap: Sendable {
  /// The files, by the index that ranges use, under names that can be shown.
  public let files: [SourceFile]
  private var indexes: [LineIndex?]
  /// What was asked for last: several changes are about one place.
  private var last: (range: SourceRange, position: SourcePosition)?

  /// Maps no line yet.
  public init(_ files: [SourceFile]) {
    self.files = files.map(\.hushed)
    indexes = [LineIndex?](repeating: nil, count: files.count)
  }

  /// The line index of a file.
  public mutating func lines(of file: Int) -> LineIndex {
    if let index = indexes[file] { return index }
    let index = LineIndex(files[file].bytes)
    indexes[file] = index
    return index
  }

  private mutating func position(of offset: UInt32, in file: Int32) -> SourcePosition {
    // In place: a copy of the index would count references.
    indexes[Int(file)]?.position(of: Int(offset))
      ?? lines(of: Int(file)).position(of: Int(offset))
  }

  /// Where a range starts in its file.
  public mutating func sourcePosition(of range: SourceRange) -> SourcePosition {
    if let last, last.range == range { return last.position }
    let position = position(of: range.start, in: range.file)
    last = (range, position)
    return position
  }

  /// Where a range starts.
  public mutating func position(of range: SourceRange) -> FilePosition {
    let found = sourcePosition(of: range)
    return FilePosition(
      file: files[Int(range.file)].name, line: found.line, column: found.column)
  }

  /// A finding with its place spelled out.
  public mutating func locate(_ diagnostic: Diagnostic) -> LocatedDiagnostic {
    let diagnostic = diagnostic.hushed
    guard let range = diagnostic.range, files.indices.contains(Int(range.file)) else {
      return LocatedDiagnostic(diagnostic, start: nil, end: nil)
    }
    let end = position(of: range.end, in: range.file)
    return LocatedDiagnostic(diagnostic, start: position(of: range), end: end)
  }
}

extension Diagnostic {
  /// The finding as it may leave the program: keys and tokens in its words are masked.
  public var hushed: Diagnostic {
    Diagnostic(code, SecretShape.masked(message), at: range, help: help.map(SecretShape.masked))
  }
}

extension SourceFile {
  /// The file under a name that may be shown: a key or a token in it is masked.
  public var hushed: SourceFile {
    SourceFile(name: SecretShape.masked(name), bytes: bytes)
  }
}

/// One finding as JSON shows it.
public struct LocatedDiagnostic: Hashable, Sendable {
  /// The finding.
  public let diagnostic: Diagnostic
  /// Where it starts; nil if no place is to blame.
  public let start: FilePosition?
  /// Where it ends, exclusive.
  public let end: SourcePosition?

  init(_ diagnostic: Diagnostic, start: FilePosition?, end: SourcePosition?) {
    self.diagnostic = diagnostic
    self.start = start
    self.end = end
  }

  /// Writes the finding as one JSON object.
  public func write(into json: inout JSONWriter) {
    json.object { json in
      json.member("code", diagnostic.code.rawValue)
      json.member("severity", diagnostic.severity.rawValue)
      json.member("message", diagnostic.message)
      json.member("file", start?.file)
      write("line", start?.line, into: &json)
      write("column", start?.column, into: &json)
      write("end_line", end?.line, into: &json)
      write("end_column", end?.column, into: &json)
      json.member("help", diagnostic.help)
    }
  }

  private func write(_ name: StaticString, _ number: Int?, into json: inout JSONWriter) {
    json.key(name)
    if let number { json.value(number) } else { json.null() }
  }

  init(reading object: RecordObject) throws(RecordError) {
    let code = try object.parsed("code", "code") { DiagnosticCode(rawValue: $0) }
    let message = try object.string("message")
    diagnostic = Diagnostic(code, message, at: nil, help: try object.optionalString("help"))
    guard try object.optionalString("file") != nil else {
      start = nil
      end = nil
      return
    }
    start = try object.position()
    end = SourcePosition(
      line: try object.int("end_line", in: RecordObject.places),
      column: try object.int("end_column", in: RecordObject.places))
  }
}
