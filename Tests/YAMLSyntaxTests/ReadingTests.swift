// ReadingTests: what is read, what is refused and where, and that nothing makes the reader fail.

import ByteOutput
import SourceText
import Testing

@testable import YAMLSyntax

private func read(_ text: String) -> (document: YAMLDocument?, diagnostics: [Diagnostic]) {
  var diagnostics = Diagnostics()
  let document = YAMLParser.parse(Array(text.utf8), file: 0, into: &diagnostics)
  return (document, diagnostics.sorted)
}

private func json(_ text: String) -> String? {
  guard let document = read(text).document else { return nil }
  var json = JSONWriter(.compact)
  write(document, document.root, into: &json)
  return json.sink.text
}

private func write(_ document: YAMLDocument, _ node: NodeID, into json: inout JSONWriter) {
  switch document.kind(node) {
  case .mapping:
    json.object { json in
      for (key, value) in document.pairs(node) {
        json.key(text: document.text(key))
        write(document, value, into: &json)
      }
    }
  case .sequence:
    json.array { json in for item in document.children(node) { write(document, item, into: &json) }
    }
  case .scalar:
    switch document.value(node) {
    case .null: json.null()
    case .bool(let flag): json.value(flag)
    case .int(let number): json.value(number)
    case .number(let text): json.raw(text)
    case .nonFinite: json.raw("NONFINITE")
    case .string: json.value(document.text(node))
    }
  }
}

@Suite struct ReadingTests {
  @Test(arguments: [
    ("", "null"), ("a: 1", "{\"a\":1}"), ("- a\n- b\n", "[\"a\",\"b\"]"),
    ("a:\n- 1\n- 2\nb: 3\n", "{\"a\":[1,2],\"b\":3}"), ("- - 1\n  - 2\n- 3\n", "[[1,2],3]"),
    ("- a: 1\n  b: 2\n", "[{\"a\":1,\"b\":2}]"), ("a:\n\nb:\n", "{\"a\":null,\"b\":null}"),
    ("a: {b: [1, 'x', \"y\\n\"], c: }\n", "{\"a\":{\"b\":[1,\"x\",\"y\\n\"],\"c\":null}}"),
    ("a: x\n  y\n\n  z\n", "{\"a\":\"x y\\nz\"}"),
    (
      "a: |\n  x\n   y\n\nb: >-\n  x\n  y\n",
      "{\"a\":\"x\\n y\\n\",\"b\":\"x y\"}"
    ), ("a: |+\n  x\n\nb: 1\n", "{\"a\":\"x\\n\\n\",\"b\":1}"),
    ("%YAML 1.2\n---\na: b # c\n...\n", "{\"a\":\"b\"}"),
    ("a: http://x:80/y#z", "{\"a\":\"http://x:80/y#z\"}"),
    ("{\"a\":1,\"b\":[true,null,1.50]}", "{\"a\":1,\"b\":[true,null,1.50]}"),
    ("a: 'it''s'", "{\"a\":\"it's\"}"), ("a: \"\\u00e9\\ud83d\\ude00\"", "{\"a\":\"é😀\"}"),
    ("a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}"),
  ])
  func `reads`(_ text: String, _ expected: String) {
    #expect(json(text) == expected)
  }

  @Test(arguments: [
    ("a: b: c", "E003 1:5"), ("a: - b", "E003 1:4"), ("a: [1, 2", "E003 1:4"),
    ("a: \"x", "E003 1:4"),
    ("a: 1\n  b: 2", "E003 2:3"), ("a:\n    b: 1\n  c: 2", "E003 3:3"), ("\ta: 1", "E003 1:1"),
    ("a: &x 1", "E004 1:4"), ("a: *x", "E004 1:4"), ("a: !t 1", "E004 1:4"), ("? a", "E004 1:1"),
    ("1: a", "E004 1:1"), ("<<: a", "E004 1:1"), ("a: 1\n---\nb: 2", "E004 2:1"),
    ("a: 1\nb: 2\na: 3", "E005 3:1"), ("{a: 1, \"a\": 2}", "E005 1:8"), ("a: \u{0}", "E003 1:4"),
    ("a: @x", "E003 1:4"), ("a: \"\\q\"", "E003 1:5"), ("a: \"\\ud800\"", "E003 1:5"),
    ("a: [b]]", "E003 1:7"), ("a: \"b\"#c", "E003 1:7"), ("- a\nb: 1", "E003 2:1"),
  ])
  func `refuses with code and place`(_ text: String, _ expected: String) {
    let (document, diagnostics) = read(text)
    #expect(document == nil)
    let index = LineIndex(Array(text.utf8))
    let found = diagnostics.first.map { diagnostic -> String in
      let position = index.position(of: Int(diagnostic.range?.start ?? 0))
      return "\(diagnostic.code.rawValue) \(position.line):\(position.column)"
    }
    #expect(found == expected, "\(diagnostics.first?.message ?? "")")
  }

  @Test func `collections nest to the limit and no deeper`() {
    let limit = YAMLLimits.depthMax
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(read(nested(limit)).document != nil)
    #expect(read(nested(limit + 1)).diagnostics.first?.code == .limit)
    #expect(read(nested(100_000)).diagnostics.first?.code == .limit)
  }

  @Test func `a key has at most 1024 characters`() {
    #expect(read(String(repeating: "é", count: 1024) + ": 1").document != nil)
    #expect(read(String(repeating: "é", count: 1025) + ": 1").diagnostics.first?.code == .limit)
  }

  @Test func `a duplicate is found among many keys`() {
    let text = (0..<5000).map { "k\($0): 1\n" }.joined()
    #expect(read(text).document != nil)
    #expect(read(text + "k17: 2\n").diagnostics.map(\.code) == [.duplicateKey])
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func `no mutation of a text makes the reader fail or leave the source`(_ seed: UInt64) {
    var state = seed
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let base = Array(
      "a: {b: [1, 'x', \"y\\n\"]}\nc:\n  - |\n    t\n  - >-\n    u\n# é\nd: e\n".utf8)
    let alphabet = Array("abc:-?[]{},#|>'\"\\ \n\t\r&*!%@`~0é".utf8)
    for _ in 0..<2000 {
      var bytes = base
      for _ in 0...random(6) {
        switch random(3) {
        case 0: bytes[random(bytes.count)] = alphabet[random(alphabet.count)]
        case 1: bytes.insert(alphabet[random(alphabet.count)], at: random(bytes.count))
        default: bytes.remove(at: random(bytes.count))
        }
      }
      var diagnostics = Diagnostics()
      let document = YAMLParser.parse(bytes, file: 0, into: &diagnostics)
      #expect((document == nil) == diagnostics.hasErrors, "seed \(seed)")
      for index in 0..<(document?.nodes.count ?? 0) {
        let range = document?.range(NodeID(index: Int32(index)))
        #expect(Int(range?.end ?? 0) <= bytes.count, "seed \(seed)")
      }
    }
  }
}
