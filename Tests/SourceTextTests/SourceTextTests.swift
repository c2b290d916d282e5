// SourceTextTests: positions, codes and suggestions.

import SourceText
import Testing

@Suite struct LineIndexTests {
  /// Most are short, so that many are in one block of the index, and now and then one is longer than a
  /// block. Some texts end with a block.
  @Test(arguments: 0..<40) func `lines of any lengths are found`(_ seed: UInt64) {
    var state = seed
    func roll(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var (bytes, starts): ([UInt8], [Int]) = ([], [0])
    for _ in 0..<roll(60) {
      let length = roll(9) == 0 ? roll(400) : roll(3)
      bytes += [UInt8](repeating: 0x61, count: length) + [0x0A]
      starts.append(bytes.count)
    }
    if seed % 4 == 0 {
      bytes += [UInt8](repeating: 0x61, count: (256 - bytes.count % 256) % 256)
    }
    let index = LineIndex(bytes)
    for offset in 0...bytes.count {
      let line = starts.lastIndex { $0 <= offset } ?? 0
      let expected = SourcePosition(line: line + 1, column: offset - starts[line] + 1)
      #expect(index.position(of: offset) == expected)
    }
  }

  /// Some blocks of the index are ASCII and some are not, and lines reach from one kind into the other.
  @Test(arguments: 0..<20) func `characters are counted, not bytes`(_ seed: UInt64) {
    var state = seed
    func roll(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var scalars: [Unicode.Scalar] = []
    for _ in 0..<12 {
      let odd = roll(3)
      scalars += (0..<roll(400)).map { _ in odd == 0 && roll(40) == 0 ? "😀" : "a" }
      scalars.append("\n")
    }
    let index = LineIndex(scalars.flatMap { Array(String($0).utf8) })
    var (offset, line, column) = (0, 1, 1)
    for scalar in scalars {
      #expect(index.position(of: offset) == SourcePosition(line: line, column: column))
      offset += scalar.utf8.count
      (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
    }
    #expect(index.position(of: offset) == SourcePosition(line: line, column: column))
  }

  @Test(arguments: [
    ("a\nb", 2, 2, 1), ("a\r\nb", 3, 2, 1), ("a\rb", 2, 2, 1), ("é😀x", 6, 1, 3),
    ("\u{FEFF}ab", 4, 1, 2), ("", 0, 1, 1), ("a\n", 2, 2, 1), ("ab", 99, 1, 3),
  ])
  func `counts lines and Unicode scalars from one`(
    _ text: String, _ offset: Int, _ line: Int, _ column: Int
  ) {
    let position = LineIndex(Array(text.utf8)).position(of: offset)
    #expect(position == SourcePosition(line: line, column: column))
  }

  @Test func `a line comes without its break`() {
    let index = LineIndex(Array("one\r\ntwo\n".utf8))
    #expect(String(decoding: index.line(1), as: UTF8.self) == "one")
    #expect(String(decoding: index.line(2), as: UTF8.self) == "two")
    #expect(index.line(9).isEmpty)
  }
}

@Suite struct SuggestionTests {
  @Test(arguments: [
    ("standrd", "standard"), ("ownr", "owner"), ("PRO", "pro"), ("rpo", "pro"),
  ])
  func `finds the word that was meant`(_ word: String, _ meant: String) {
    #expect(Suggestion.closest(to: word, among: ["owner", "pro", "standard"]) == meant)
  }

  @Test(arguments: ["", "xyz", "completely", String(repeating: "a", count: 100)])
  func `finds nothing that is too far off`(_ word: String) {
    #expect(Suggestion.closest(to: word, among: ["owner", "pro", "standard"]) == nil)
  }
}

@Suite struct DiagnosticCodeTests {
  @Test func `errors begin with E, warnings with W, and no code stands twice`() {
    let codes = DiagnosticCode.allCases.map(\.rawValue)
    #expect(Set(codes).count == codes.count)
    for code in DiagnosticCode.allCases {
      #expect(code.rawValue.hasPrefix(code.severity == .error ? "E" : "W"))
    }
  }
}
