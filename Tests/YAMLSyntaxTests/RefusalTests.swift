// RefusalTests: what is refused, with its code, at the place a person would look. `¶` marks it.

import SourceText
import Testing

@testable import YAMLSyntax

@Suite struct RefusalTests {
  @Test(arguments: [
    "a: b¶: c", "a: 'b' ¶c", "a: [b, c¶}", "a: ¶[b", "a: {b: 1\n¶c: 2", "a: 1\nb¶\nc: 2", "a: ¶%b",
    "a: [¶,b]", "a: [b,¶,c]", "a: [¶-]", "a: |¶x\n", "a: |0\n", "a: 1\n¶- b", "¶%YAML 2.0\n---\n",
    "[a\n¶--- b]", "a: \"\n¶b\"", "[¶a\n: b]", "a:\n¶\tb", "a:\n ¶\tb: c", "a: |\n  x\n¶\t\nb: 1",
    "a: |\n  x\n¶\t# c\nb: 1", "- |\n x\n¶\t\n- y", "¶\"a\n b\": c", "¶& a",
  ])
  func `a syntax error is reported where it stands`(_ marked: String) {
    check(marked, "E003")
  }

  @Test(arguments: [
    "¶&a b", "a: ¶*b", "a: ¶!!str b", "¶? a", "¶: a", "¶[a]: b", "{¶[a]: b}", "¶<<: {a: b}",
    "¶1: a",
    "¶null: a", "{¶true: a}", "[¶1: a]", "a\n¶---\nb", "a\n...\n¶---\nb", "¶%TAG ! x:\n--- a",
    "¶~: a",
  ])
  func `an unsupported construct is named where it stands`(_ marked: String) {
    check(marked, "E004")
    var diagnostics = Diagnostics()
    _ = YAMLParser.parse(unmarked(marked).bytes, file: 0, into: &diagnostics)
    #expect(diagnostics.all.allSatisfy { $0.message.contains("not supported") })
  }

  @Test(arguments: [
    "a: 1\nb: 2\n¶a: 3", "{\"\\u0061\": 1, ¶a: 2}", "a: {b: 1, ¶b: 2}", "é: 1\n¶\"\\u00e9\": 2",
  ])
  func `a key that stands twice is reported at the second place`(_ marked: String) {
    check(marked, "E005")
  }

  @Test func `the blanks behind a key count for its length`() {
    let key = String(repeating: "a", count: YAMLLimits.implicitKeyScalarsMax)
    #expect(rendered(Array("\(key): b".utf8)).hasPrefix("{"))
    #expect(rendered(Array("\(key) : b".utf8)) == "E006 1:1")
  }

  @Test func `keys that only look the same are two keys`() {
    #expect(rendered(Array("é: 1\ne\u{301}: 2".utf8)).hasPrefix("{"))
  }

  @Test func `findings that do not end reading are all reported`() {
    let text = "a: &x 1\nb: *x\na: !t {c: 1, c: 2}\n1: d\n&y e: f\n- "
    #expect(
      rendered(Array(text.utf8))
        == "E004 1:4, E004 2:4, E004 3:4, E005 3:14, E004 4:1, E004 5:1, E003 6:1")
  }

  @Test func `the message of a duplicate names the line of the first`() {
    var diagnostics = Diagnostics()
    _ = YAMLParser.parse(Array("x: 1\r\na: 1\r\nb: 2\r\na: 3".utf8), file: 0, into: &diagnostics)
    #expect(diagnostics.all.map(\.message).first?.hasSuffix("line 2") == true)
  }

  @Test(
    arguments: [
      ([0x61, 0xFF], "E002 1:2"), ([0x61, 0x3A, 0x20, 0], "E003 1:4"),
      ([0xFF, 0xFE, 0x61, 0], "E002 1:1"),
      ([0x61, 0, 0x3A, 0], "E002 1:1"), ([0xC0, 0x80], "E002 1:1"),
      ([0xED, 0xA0, 0x80], "E002 1:1"),
      ([0xF4, 0x90, 0x80, 0x80], "E002 1:1"), ([0xE2, 0x82], "E002 1:1"), ([0x7F], "E003 1:1"),
      ([0x61, 0xEF, 0xBB, 0xBF], "E003 1:2"), ([0x22, 0x1B, 0x22], "E003 1:2"),
      ([0xC2, 0x80], "E003 1:1"),
    ] as [([UInt8], String)])
  func `bytes that are no printable UTF-8 are refused`(_ bytes: [UInt8], _ expected: String) {
    #expect(rendered(bytes) == expected)
  }

  @Test func `every control character is found at every place of a word of eight bytes`() {
    for place in 0..<24 {
      for control in Array(UInt8(0)..<0x20) + [0x7F] where ![9, 10, 13].contains(control) {
        var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 24)
        bytes[place] = control
        guard !(control == 0 && place < 4) else { continue }
        #expect(rendered(bytes) == "E003 1:\(place + 1)")
      }
    }
  }

  @Test(arguments: [
    "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\U00110000\"", "\"\\x+1\"", "\"\\x１２\"", "\"\\'\"",
  ])
  func `an escape must name a character`(_ text: String) {
    #expect(rendered(Array(text.utf8)).hasPrefix("E003"))
  }

  @Test func `messages never repeat characters that deceive`() {
    var diagnostics = Diagnostics()
    _ = YAMLParser.parse(Array("[a] \u{202E}".utf8), file: 0, into: &diagnostics)
    #expect(diagnostics.all.map(\.message) == ["expected the end of the line, found U+202E"])
  }

  private func check(_ marked: String, _ code: String) {
    let (bytes, offset) = unmarked(marked)
    var diagnostics = Diagnostics()
    #expect(YAMLParser.parse(bytes, file: 0, into: &diagnostics) == nil)
    let first = diagnostics.sorted.first
    #expect(first?.code.rawValue == code, "\(first?.message ?? "")")
    if let offset { #expect(Int(first?.range?.start ?? 0) == offset, "\(first?.message ?? "")") }
  }

  private func unmarked(_ marked: String) -> (bytes: [UInt8], offset: Int?) {
    let parts = marked.split(separator: "¶", maxSplits: 1, omittingEmptySubsequences: false)
    let offset = parts.count == 2 ? parts[0].utf8.count : nil
    return (Array(parts.joined().utf8), offset)
  }
}
