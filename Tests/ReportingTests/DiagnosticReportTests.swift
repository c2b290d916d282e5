// DiagnosticReportTests: findings point at what they are about, on every terminal.

import ByteOutput
import Reporting
import SourceText
import Testing

@Suite struct DiagnosticReportTests {
  /// A file and the range between two `¦` marks, which are taken out.
  private func marked(_ text: String) throws -> (SourceFile, SourceRange) {
    let bytes = Array(text.utf8)
    let mark = Array("¦".utf8)
    let first = try #require(bytes.firstRange(of: mark))
    let rest = Array(bytes[first.upperBound...])
    let second = try #require(rest.firstRange(of: mark))
    let content =
      bytes[..<first.lowerBound] + rest[..<second.lowerBound] + rest[second.upperBound...]
    return (
      SourceFile(name: "org.yaml", bytes: Array(content)),
      SourceRange(
        file: 0, start: first.lowerBound, end: first.lowerBound + second.lowerBound)
    )
  }

  private func text(
    _ files: [SourceFile], _ diagnostics: [Diagnostic], hasColor: Bool = false
  ) -> String {
    var sink = ByteSink()
    DiagnosticReport(files: files, diagnostics: diagnostics)
      .writeText(into: &sink, style: TextStyle(hasColor: hasColor))
    return sink.text
  }

  /// The source line and the line of marks below it, without their indentation.
  private func excerpt(_ file: SourceFile, _ range: SourceRange) throws -> (String, String) {
    let lines = text([file], [Diagnostic(.syntax, "wrong", at: range)])
      .split(separator: "\n", omittingEmptySubsequences: false)
    try #require(lines.count == 5)
    return (String(lines[1].dropFirst(2)), String(lines[2].dropFirst(2)))
  }

  @Test func `a finding shows place, code, message, help and source`() throws {
    let (file, range) = try marked("a: 1\nmembers:\n  carol: { seat: ¦standrd¦ }\n")
    let finding = Diagnostic(
      .unknownSubscription, "subscription 'standrd' is unknown", at: range,
      help: "did you mean 'standard'?")
    #expect(
      text([file], [finding]) == """
        org.yaml:3:18: error[E104]: subscription 'standrd' is unknown  (help: did you mean 'standard'?)
            carol: { seat: standrd }
                           ^~~~~~~
        1 error

        """)
  }

  private static let key = "usk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8_AbCd09"

  @Test(arguments: [
    ("  carol: { seat: ¦KEY¦, x: 1 }", "                 ^~~~~~~~~~~"),
    ("  carol: { seat: KEY, ¦x¦: KEY }", "                              ^"),
    ("  ¦carol: { seat: KEY }¦", "  ^~~~~~~~~~~~~~~~~~~~~~~~~~~~"),
    (
      "  carol: { seat: usk_AAECAwQ¦FBgcI¦CQoLDA0ODxAREhMUFRYXGBkaGxwdHh8_AbCd09 }",
      "                 ^~~~~~~~~~~"
    ),
    ("  é: KEY¦¦", "                ^"), ("  é: ¦¦KEY", "     ^"),
  ])
  func `a key in the source is masked, and the place is still marked`(
    _ line: String, _ marks: String
  ) throws {
    let (file, range) = try marked(line.replacing("KEY", with: Self.key))
    let (source, found) = try excerpt(file, range)
    let shown = line.replacing("KEY", with: Self.key).replacing("¦", with: "")
    #expect(source == shown.replacing(Self.key, with: "usk_…dHh8_…"))
    #expect(found == marks)
  }

  /// Fillers of one column a byte, and of none for two.
  @Test(arguments: [(".", 0...110), ("\u{301}", 160...210)])
  func `of a key that a long line is cut in, nothing is left over`(
    _ filler: String, _ counts: ClosedRange<Int>
  ) throws {
    for count in counts {
      let gap = String(repeating: filler, count: count)
      let end = String(repeating: filler, count: 500)
      let (file, range) = try marked("\(end)\(Self.key)\(gap)¦,¦\(gap)\(Self.key)\(end)")
      let (source, marks) = try excerpt(file, range)
      #expect(marks.hasSuffix("^"), "\(count)")
      for part in ["AAEC", "CQoL", "EhMU", "GBka", "AbCd09"] {
        #expect(!source.contains(part), "\(count): \(source)")
      }
    }
  }

  @Test func `a place in a key on a long line shows nothing of it`() throws {
    let dots = String(repeating: ".", count: 500)
    for place in 0...Self.key.count {
      let (start, end) = (Self.key.prefix(place), Self.key.dropFirst(place))
      let (file, range) = try marked("\(dots)\(start)¦¦\(end)\(dots)")
      let (source, marks) = try excerpt(file, range)
      #expect(source.contains(".usk_…dHh8_….") && marks.hasSuffix(" ^"), "\(place)")
    }
  }

  @Test func `no form of a finding tells a key, in its words, its help or the name of its file`()
    throws
  {
    let (file, range) = try marked("a: ¦b¦\n")
    let name = "in/\(Self.key).yaml"
    let findings = [
      Diagnostic(.syntax, "'\(Self.key)' and \(Self.key)", at: range, help: "not \(Self.key)")
    ]
    let report = DiagnosticReport(
      files: [SourceFile(name: name, bytes: file.bytes)], diagnostics: findings)
    var (text, json, sarif, github) = (
      ByteSink(), JSONWriter(.indented), JSONWriter(.indented), ByteSink()
    )
    report.writeText(into: &text, style: TextStyle(hasColor: false))
    report.writeJSON(into: &json)
    let paths = SourcePaths(root: "/", folder: "/")
    SARIFLog.write(
      report.annotations, usher: "1", fallback: "f", paths: paths, into: &sarif)
    WorkflowCommands.write(report.annotations, paths: paths, into: &github)
    let gitlab = GitLabReport.codeQuality(report.annotations, fallback: "f", paths: paths)
    let markdown = report.markdown(command: "plan", headline: "h", usher: "1")
    for bytes in [
      text.bytes, json.sink.bytes, sarif.sink.bytes, github.bytes, gitlab, markdown,
    ] {
      let shown = String(decoding: bytes, as: UTF8.self)
      #expect(!shown.contains("AAEC") && shown.contains("dHh8"), "\(shown)")
    }
    #expect(
      text.text.hasPrefix(
        "in/usk_…dHh8_….yaml:1:4: error[\(DiagnosticCode.syntax.rawValue)]: "
          + "'usk_…dHh8_…' and usk_…dHh8_…  (help: not usk_…dHh8_…)\n"), "\(text.text)")
  }

  @Test func `errors and warnings are counted apart`() throws {
    let (file, range) = try marked("¦a¦: 1\n")
    let findings = [
      Diagnostic(.syntax, "x", at: range), Diagnostic(.wrongType, "y", at: range),
      Diagnostic(.untilPassed, "z", at: range),
    ]
    #expect(text([file], findings).hasSuffix("\n2 errors, 1 warning\n"))
  }

  @Test func `no findings are no text`() {
    #expect(text([], []).isEmpty)
  }

  @Test func `a single finding without a place is one line`() {
    #expect(
      text([], [Diagnostic(.storeFailed, "no store", at: nil)])
        == "usher: error[E402]: no store\n")
  }

  @Test func `a finding in a file that is not at hand is shown without a place`() {
    let finding = Diagnostic(.syntax, "wrong", at: SourceRange(file: 3, start: 0, end: 1))
    #expect(text([], [finding]) == "usher: error[E003]: wrong\n1 error\n")
  }

  @Test func `an empty range marks one column`() throws {
    let (file, range) = try marked("key¦¦ value\n")
    #expect(try excerpt(file, range).1 == "   ^")
  }

  @Test func `a place behind the last character is marked`() throws {
    let (file, range) = try marked("key: [1¦¦")
    #expect(try excerpt(file, range).1 == "       ^")
  }

  @Test func `a range over several lines is marked to the end of the first`() throws {
    let (file, range) = try marked("a: ¦{ b: 1,\n  c: 2¦ }\n")
    #expect(try excerpt(file, range) == ("a: { b: 1,", "   ^~~~~~~"))
  }

  @Test func `a blank line is not shown`() throws {
    let (file, range) = try marked("a: 1\n¦¦\n")
    #expect(
      text([file], [Diagnostic(.syntax, "wrong", at: range)])
        == "org.yaml:2:1: error[E003]: wrong\n1 error\n")
  }

  @Test func `wide characters move the mark by two columns`() throws {
    let (file, range) = try marked("漢字: ¦値¦ x\n")
    #expect(try excerpt(file, range) == ("漢字: 値 x", "      ^~"))
  }

  @Test func `tabs are shown as four blanks`() throws {
    let (file, range) = try marked("\ta: ¦b¦\n")
    #expect(try excerpt(file, range) == ("    a: b", "       ^"))
  }

  @Test func `a carriage return at the end of a line is not shown`() throws {
    let (file, range) = try marked("a: ¦b¦\r\nc: d\r\n")
    #expect(try excerpt(file, range).0 == "a: b")
  }

  @Test func `a byte order mark moves nothing`() throws {
    let (file, range) = try marked("\u{FEFF}a: ¦b¦\n")
    #expect(try excerpt(file, range) == ("a: b", "   ^"))
  }

  @Test func `escape sequences in the source are shown, not obeyed`() throws {
    let (file, range) = try marked("a: \u{1B}[2J ¦b¦\n")
    #expect(try excerpt(file, range) == ("a: \\u{1B}[2J b", "             ^"))
  }

  @Test func `messages and file names are shown, not obeyed`() {
    let file = SourceFile(name: "o\u{1B}rg", bytes: [0x61])
    let finding = Diagnostic(
      .syntax, "'\u{202E}'", at: SourceRange(file: 0, start: 0, end: 1), help: "\u{7}")
    #expect(
      text([file], [finding]).hasPrefix(
        "o\\u{1B}rg:1:1: error[E003]: '\\u{202E}'  (help: \\u{07})\n"))
  }

  @Test func `bytes that are not UTF-8 are shown as replacements`() throws {
    let file = SourceFile(name: "x", bytes: [0x61, 0xFF, 0x62])
    let shown = try excerpt(file, SourceRange(file: 0, start: 1, end: 2))
    #expect(shown == ("a\u{FFFD}b", " ^"))
  }

  @Test(arguments: [0, 10, 50, 97, 98, 99, 150, 1000, 5000])
  func `long lines are cut around the place to fit`(_ before: Int) throws {
    for after in [0, 1, 40, 97, 98, 2000] {
      let line =
        String(repeating: "x", count: before) + "¦here¦" + String(repeating: "y", count: after)
      let (file, range) = try marked(line + "\n")
      let (source, marks) = try excerpt(file, range)
      #expect(DisplayWidth.columns(source) <= 98)
      let place = source.dropFirst(marks.prefix { $0 == " " }.count)
      #expect(place.hasPrefix("here") && marks.hasSuffix(" ^~~~") || marks == "^~~~")
    }
  }

  @Test func `a place behind a long line is marked within the columns`() throws {
    let (file, range) = try marked(String(repeating: "x", count: 98) + "¦¦")
    let (source, marks) = try excerpt(file, range)
    #expect(marks.count <= 98 && marks.count == DisplayWidth.columns(source) + 1)
  }

  @Test func `a long range is marked as far as it is shown`() throws {
    let (file, range) = try marked("a: ¦" + String(repeating: "漢", count: 3000) + "¦")
    let (source, marks) = try excerpt(file, range)
    #expect(source.hasSuffix("漢…") && marks.count == DisplayWidth.columns(source) - 1)
  }

  @Test func `colour wraps the label`() {
    #expect(
      text([], [Diagnostic(.usage, "x", at: nil)], hasColor: true)
        == "\u{1B}[1musher:\u{1B}[0m \u{1B}[31merror[E401]:\u{1B}[0m x\n")
  }

  @Test func `JSON spells out the place`() throws {
    let (file, range) = try marked("a: ¦b¦\n")
    var json = JSONWriter(.compact)
    DiagnosticReport(
      files: [file], diagnostics: [Diagnostic(.untilPassed, "it's over", at: range, help: "h")]
    ).writeJSON(into: &json)
    #expect(
      json.sink.text
        == #"[{"code":"W201","severity":"warning","message":"it's over","file":"org.yaml","#
        + #""line":1,"column":4,"end_line":1,"end_column":5,"help":"h"}]"#)
  }

  @Test func `JSON has null for a place that there is not`() {
    var json = JSONWriter(.compact)
    DiagnosticReport(files: [], diagnostics: [Diagnostic(.usage, "x", at: nil)])
      .writeJSON(into: &json)
    #expect(
      json.sink.text
        == #"[{"code":"E401","severity":"error","message":"x","file":null,"line":null,"#
        + #""column":null,"end_line":null,"end_column":null,"help":null}]"#)
  }
}
