// TextTableTests: columns line up, whatever is in them.

import ByteOutput
import Reporting
import Testing

@Suite struct TextTableTests {
  private func text(
    _ columns: [TextTable.Column], _ rows: [[TextTable.Cell]], hasColor: Bool = false
  ) -> String {
    var table = TextTable(columns: columns)
    for row in rows { table.add(row) }
    var sink = ByteSink()
    table.render(into: &sink, style: TextStyle(hasColor: hasColor))
    return sink.text
  }

  @Test func `columns are as wide as their widest cell`() {
    let shown = text(
      [.init("MEMBER"), .init("ROLE")],
      [[.init("al"), .init("owner")], [.init("caroline"), .init("member")]])
    #expect(
      shown == """
        MEMBER    ROLE
        al        owner
        caroline  member

        """)
  }

  @Test func `numbers are aligned to the right`() {
    let shown = text(
      [.init("SEATS", isNumeric: true), .init("ID")],
      [[.init("7"), .init("a")], [.init("1000000"), .init("b")]])
    #expect(
      shown == """
          SEATS  ID
              7  a
        1000000  b

        """)
  }

  @Test func `no line ends in blanks`() {
    let shown = text(
      [.init("A"), .init("B"), .init("NOTE")],
      [[.init("long one"), .init(""), .init("")], [.init(""), .init("x"), .init("long note")]])
    #expect(!shown.split(separator: "\n").contains { $0.hasSuffix(" ") })
  }

  @Test func `a table without rows is its header`() {
    #expect(text([.init("A"), .init("B")], []) == "A  B\n")
  }

  @Test func `wide characters take two columns`() {
    let shown = text(
      [.init("N"), .init("X")], [[.init("張三"), .init("1")], [.init("abcd"), .init("2")]])
    #expect(shown == "N     X\n張三  1\nabcd  2\n")
  }

  @Test func `combining marks take no column`() {
    let shown = text(
      [.init("N"), .init("X")], [[.init("e\u{301}"), .init("1")], [.init("ab"), .init("2")]])
    #expect(shown == "N   X\ne\u{301}   1\nab  2\n")
  }

  @Test func `colour does not move columns`() {
    let rows: [[TextTable.Cell]] = [
      [.init("1", tone: .bad), .init("x")], [.init("22"), .init("y", tone: .good)],
    ]
    let colored = text([.init("N", isNumeric: true), .init("X")], rows, hasColor: true)
    let plain = text([.init("N", isNumeric: true), .init("X")], rows)
    var stripped = colored
    for code in ["0", "1", "2", "31", "32", "33"] {
      stripped = stripped.replacing("\u{1B}[\(code)m", with: "")
    }
    #expect(stripped == plain)
  }

  @Test func `a cell cannot break its line`() {
    let shown = text([.init("A")], [[.init("x\ny\u{1B}[2J")]])
    #expect(shown == "A\nx\\u{0A}y\\u{1B}[2J\n")
  }

  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("漢字", 4), ("ｆ", 2), ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2),
    ("🎉", 2), ("❤\u{FE0F}", 1), ("a\u{200B}b", 2), ("…", 1),
  ])
  func `a display width counts terminal columns`(_ text: String, _ columns: Int) {
    #expect(DisplayWidth.columns(text) == columns)
  }
}
