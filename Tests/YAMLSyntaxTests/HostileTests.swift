// HostileTests: large, deep and random texts cost linear time and never make the reader fail.

import SourceText
import Testing

@testable import YAMLSyntax

@Suite struct HostileTests {
  @Test(arguments: ["[", "{a: ", "- ", "[{a: ", "? ", "a: [", "&a ", "!a "])
  func `a hundred thousand openings are refused`(_ opening: String) {
    let text = String(repeating: opening, count: 100_000)
    #expect(rendered(Array(text.utf8)).hasPrefix("E00"))
  }

  @Test func `a hundred thousand keys are told apart and one duplicate is found`() {
    var bytes: [UInt8] = []
    for index in 0..<100_000 { bytes += Array("user_\(index): {}\n".utf8) }
    #expect(rendered(bytes).hasPrefix("{\"user_0\":{},"))
    #expect(rendered(bytes + Array("user_777: {}\n".utf8)) == "E005 100001:1")
  }

  @Test func `reading ends after too many errors`() {
    let text = String(repeating: "- &a b\n", count: 10 * YAMLLimits.errorsMax)
    var diagnostics = Diagnostics()
    #expect(YAMLParser.parse(Array(text.utf8), file: 0, into: &diagnostics) == nil)
    #expect(diagnostics.all.count == YAMLLimits.errorsMax + 1)
    #expect(diagnostics.all.last?.code == .limit)
  }

  @Test func `long keys are fine in braces, where nothing is looked ahead for`() {
    let key = String(repeating: "k", count: YAMLLimits.implicitKeyScalarsMax + 1)
    #expect(rendered(Array("{\(key): 1}".utf8)).hasPrefix("{"))
    #expect(rendered(Array("[\(key): 1]".utf8)) == "E006 1:2")
    #expect(rendered(Array("\(key): 1".utf8)) == "E006 1:1")
  }

  @Test(arguments: UInt64(1)...8)
  func `random JSON is read as what it says`(_ seed: UInt64) {
    var random = SeededGenerator(seed)
    for _ in 0..<200 {
      let text = json(depth: 4, &random)
      #expect(rendered(Array(text.utf8)) == text, "seed \(seed)")
    }
  }

  @Test(arguments: UInt64(1)...4)
  func `no random text leaves a range outside the source or a tree with gaps`(_ seed: UInt64) {
    let words = [
      "a", "b: ", "- ", "? ", ": ", "\n", "\n  ", "\n    ", "\t", "[", "]", "{", "}", ",", "'",
      "\"",
      "\\", "|", ">-", "#", " #", "&x ", "*x", "!t ", "---", "...", "\n---\n", "%YAML 1.2", "é",
      "<<: ",
      "1: ", "\r\n", "|2\n", " ",
    ]
    var random = SeededGenerator(seed)
    for _ in 0..<5000 {
      var text = ""
      for _ in 0..<Int.random(in: 1...24, using: &random) {
        text += words[Int.random(in: 0..<words.count, using: &random)]
      }
      var bytes = Array(text.utf8)
      if bytes.count > 2, Int.random(in: 0..<8, using: &random) == 0 {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      check(bytes)
    }
  }

  private func check(_ bytes: [UInt8]) {
    var diagnostics = Diagnostics()
    let document = YAMLParser.parse(bytes, file: 0, into: &diagnostics)
    #expect((document == nil) == diagnostics.hasErrors, "\(bytes)")
    for finding in diagnostics.all {
      #expect(Int(finding.range?.end ?? 0) <= bytes.count, "\(bytes)")
      #expect(finding.message.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "\(bytes)")
    }
    guard let document else { return }
    for node in document.nodes {
      #expect(node.start <= node.end && Int(node.end) <= bytes.count, "\(bytes)")
    }
    #expect(document.nodes[0].next == UInt32(document.nodes.count), "\(bytes)")
    #expect(visit(document, document.root) == document.nodes.count, "\(bytes)")
  }

  /// How many nodes can be reached; every child must lie inside its parent's range.
  private func visit(_ document: YAMLDocument, _ node: NodeID) -> Int {
    let range = document.range(node)
    let children =
      Array(document.children(node)) + document.pairs(node).flatMap { [$0.key, $0.value] }
    return children.reduce(1) { count, child in
      let inner = document.range(child)
      #expect(inner.start >= range.start && inner.end <= range.end, "\(document.source)")
      return count + visit(document, child)
    }
  }

  /// A JSON value as `rendered` writes it.
  private func json(depth: Int, _ random: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
    case 0: return "null"
    case 1: return "\(Bool.random(using: &random))"
    case 2: return "\(Int.random(in: .min ... .max, using: &random))"
    case 3:
      return "\(Int.random(in: 0...999, using: &random)).\(Int.random(in: 0...999, using: &random))"
    case 4, 5: return quoted(string(&random))
    case 6:
      let count = Int.random(in: 0...4, using: &random)
      return "[" + (0..<count).map { _ in json(depth: depth - 1, &random) }.joined(separator: ",")
        + "]"
    default:
      let count = Int.random(in: 0...12, using: &random)
      let pairs = (0..<count).map { index in
        quoted("\(index)" + string(&random)) + ":" + json(depth: depth - 1, &random)
      }
      return "{" + pairs.joined(separator: ",") + "}"
    }
  }

  private func string(_ random: inout SeededGenerator) -> String {
    let alphabet = Array("ab:#-,[]{}'\"\\ \n\té😀\u{202E}\u{7F}\u{1}&*!|>%@~0".unicodeScalars)
    var text = ""
    for _ in 0..<Int.random(in: 0...9, using: &random) {
      text.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
    }
    return text
  }
}
