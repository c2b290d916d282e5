// TailReadingTests: what is read ahead is what would have been read in its turn.

import SourceText
import Testing

@testable import YAMLSyntax

@Suite struct TailReadingTests {
  /// Every kind of value, finding and end that may stand in or behind what is read ahead.
  private static let texts = [
    """
    version: 1
    members:
      alice: { role: owner }
      'it''s':
        seat: pro # a note
        text: "folded
          over \\u00e9 lines"

      plain: words that go on
        in the next line
      literal: |
        not: an entry
        nor: this
      - list: of
      last: [a, { b: c }]
    after: it
    """,
    """
    members:
      a: {}
      b: &anchor {}
      c: { d: 1, d: 2 }
      a: {}
      e: "never closed
    """,
    """
    outer:
      inner:
        a: {}
        b: {}
      c: {}
    ---
    more: 1
    """,
    "m:\n  a: {}\n  b: {}\n\n  # end\n\n",
    "m:\n  a: {}\n  b: {}\n   c: {}\n  d: {}\n",
    "m:\n  a:\n  - x\n  b:\n  \tc: d\n  ? e\n",
    "{ m:\n  { a: {},\n  b: {},\n  c: {} } }\n",
    "m:\n  a: {}\n  b: {}\n...\n",
  ]

  @Test(arguments: 0..<texts.count)
  func `wherever reading ahead begins, the document and its findings are the same`(
    _ number: Int
  ) throws {
    try check(Array(Self.texts[number].utf8))
  }

  @Test(arguments: UInt64(1)...8)
  func `the same holds for texts with random mistakes`(_ seed: UInt64) throws {
    var random = SeededGenerator(seed)
    for _ in 0..<40 {
      var bytes = Array((Self.texts.randomElement(using: &random) ?? "").utf8)
      for _ in 0..<2 {
        let at = Int.random(in: bytes.indices, using: &random)
        let pieces = ["\n", "  ", ":", "\"", "'", "{", "}", "#", "\t", "- ", "&x ", "é"]
        if Bool.random(using: &random) {
          bytes.remove(at: at)
        } else {
          bytes.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").utf8, at: at)
        }
      }
      try check(bytes)
    }
  }

  private func check(_ bytes: [UInt8]) throws {
    let alone = read(bytes, ahead: nil)
    for start in bytes.indices.dropFirst() {
      let indent = start - (bytes[..<start].lastIndex(of: 0x0A) ?? -1) - 1
      guard indent > 0, bytes[(start - indent)..<start].allSatisfy({ $0 == 0x20 }) else { continue }
      let both = read(bytes, ahead: TailReading(bytes, file: 0, start: start, indent: indent))
      #expect(both == alone, "from \(start) in \(String(decoding: bytes, as: UTF8.self))")
    }
  }

  /// Every node and every finding.
  private func read(_ bytes: [UInt8], ahead: TailReading?) -> [String] {
    var diagnostics = Diagnostics()
    let document = YAMLParser.parse(bytes, file: 0, ahead: ahead, into: &diagnostics)
    let nodes = document?.nodes.map { "\($0)" } ?? []
    let decoded = document.map { [String(decoding: $0.decoded, as: UTF8.self)] } ?? []
    return nodes + decoded + diagnostics.all.map { "\($0)" }
  }

  @Test func `a large mapping is read from its middle on by another thread`() throws {
    let text = "members:\n" + (0..<9000).map { "  name\($0): { seat: pro }\n" }.joined()
    let bytes = Array(text.utf8)
    let ahead = try #require(TailReading(bytes, file: 0))
    #expect(ahead.start > bytes.count / 2 && ahead.start < bytes.count / 2 + 100)
    let tail = try #require(ahead.tail(at: 2, depth: 2))
    #expect(tail.pairs > 4000)
    #expect(read(bytes, ahead: ahead) == read(bytes, ahead: nil))
  }

  @Test func `a key that stands in both halves is found`() throws {
    let lines = (0..<9000).map { "  name\($0): { seat: pro }\n" }
    let bytes = Array(("members:\n" + lines.joined() + lines[17]).utf8)
    let ahead = try #require(TailReading(bytes, file: 0))
    let found = read(bytes, ahead: ahead)
    #expect(found == read(bytes, ahead: nil))
    #expect(found.count == 1 && found[0].contains("the first is in line 19"))
  }

  @Test func `small texts are read by one thread`() {
    #expect(TailReading(Array("m:\n  a: {}\n  b: {}\n".utf8), file: 0) == nil)
  }
}
