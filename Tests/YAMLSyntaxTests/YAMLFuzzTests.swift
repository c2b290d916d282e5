// YAMLFuzzTests: mutated documents are refused, or read as what they read as when written as JSON.

import SourceText
import Testing

@testable import YAMLSyntax

@Suite struct YAMLFuzzTests {
  private static let corpus = [
    """
    version: 1
    organization: "acme \\u00e9\\x41"
    subscriptions:
      standard: { seats: 40, expires: 2027-01-31 } # note
      'it''s': [a, "b", {c: d}, [], ~, 0x1F, 0o17, -1.5e+3, .inf, true]
    members:
      ? alice
      : role: owner
      text: |2-
          two
         three
      folded: >+
        one
        two

      list:
      - a
      - - b
        - c: d
          e: f
    """,
    "{\"a\": [1, 2.50, \"\\ud83d\\ude00\\n\", null, {\"b\": {}}], \"c\":\n  \"x\\\n   y\"}\n",
    "--- # c\r\n- plain text\r\n  goes on\r\n- 'single\r\n\r\n  quoted'\r\n...\r\n",
  ]
  private static let pieces = [
    "\n", " ", "  ", "\t", ": ", "- ", "? ", ",", "[", "]", "{", "}", "'", "\"", "\\", "#", " #",
    "|",
    ">", "&a ", "*a", "!x ", "---", "...", "%YAML 1.2\n", "\u{FEFF}", "\r", "\u{85}", "\u{2028}",
    "~",
    "0x", "é", "\u{0}", "\u{1B}[m", "<<", "=", "@", "`", "\\u0000", "\\UFFFFFFFF", "0b1", ".nan",
  ].map { Array($0.utf8) }

  @Test(arguments: UInt64(1)...12)
  func `a mutated document reads back as what was read, or is refused`(_ seed: UInt64) {
    var random = SeededGenerator(seed)
    var readCount = 0
    for _ in 0..<600 {
      let bytes = mutant(&random)
      var diagnostics = Diagnostics()
      let document = YAMLParser.parse(bytes, file: 0, into: &diagnostics)
      #expect((document == nil) == diagnostics.hasErrors, "seed \(seed): \(bytes)")
      guard let document else { continue }
      readCount += 1
      let text = rendered(document, document.root)
      // What is neither JSON nor a text, such as .inf, has no JSON to compare with.
      if text.contains("<") { continue }
      #expect(rendered(Array(text.utf8)) == text, "seed \(seed): \(bytes)")
      #expect(document.nodes.count <= bytes.count + 1, "seed \(seed): \(bytes)")
    }
    #expect(readCount > 30, "seed \(seed)")
  }

  private func mutant(_ random: inout SeededGenerator) -> [UInt8] {
    var bytes = Array((Self.corpus.randomElement(using: &random) ?? "").utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      let at = Int.random(in: bytes.indices, using: &random)
      let end = min(bytes.count, at + Int.random(in: 1...12, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[at] = .random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(at..<end)
      case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
      case 3: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: at)
      case 4: bytes.removeSubrange(at...)
      default:
        let other = Int.random(in: bytes.indices, using: &random)
        bytes.swapAt(at, other)
      }
    }
    return bytes
  }
}
