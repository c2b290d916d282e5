// ValueTests: the value of what is valid, chapter by chapter of YAML 1.2.2.

import SourceText
import Testing

@testable import YAMLSyntax

@Suite struct ValueTests {
  @Test(arguments: [
    ("a:\n  b:\n    c: d\n  e: f\n", "{\"a\":{\"b\":{\"c\":\"d\"},\"e\":\"f\"}}"),
    (
      "a:\n- b\n-\n- - c\n  - d: e\n    f:\n",
      "{\"a\":[\"b\",null,[\"c\",{\"d\":\"e\",\"f\":null}]]}"
    ),
    ("-\n  a: b\n-   c: d\n    e: f\n", "[{\"a\":\"b\"},{\"c\":\"d\",\"e\":\"f\"}]"),
    ("a   : b\n\"c\" : d\n'e': f\n", "{\"a\":\"b\",\"c\":\"d\",\"e\":\"f\"}"),
    ("a: # c\n  # c\n\n  b # c\n# c\n", "{\"a\":\"b\"}"),
    ("a:\tb\n-x:\t\n", "{\"a\":\"b\",\"-x\":null}"),
    ("a:\n \tb\n", "{\"a\":\"b\"}"), ("a\r  b\r\nc\n", "\"a b c\""), ("- a\n - b\n", "[\"a - b\"]"),
    ("--- a\n...\n", "\"a\""), ("---\n", "null"), ("# c\n", "null"), ("...\n", "null"),
    ("\u{FEFF}a: b\n", "{\"a\":\"b\"}"), ("%FOO bar\n---\na\n%b\n", "\"a %b\""),
  ])
  func `block collections follow their indentation`(_ text: String, _ expected: String) {
    #expect(rendered(Array(text.utf8)) == expected)
  }

  @Test(arguments: [
    ("a\n...\n...\n", "\"a\""), ("...\na\n", "\"a\""), ("... # c\n---\na", "\"a\""),
    ("...\n", "null"), ("a\n... # c\n...", "\"a\""),
  ])
  func `ends of documents that end nothing are stepped over`(_ text: String, _ expected: String) {
    #expect(rendered(Array(text.utf8)) == expected)
  }

  @Test func `in quotes every character that is no C0 control may stand as it is`() {
    for character in ["\u{7F}", "\u{80}", "\u{9F}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}"] {
      for quote in ["\"", "'"] {
        let text = "a: \(quote)x\(character)\(quote)\nb: c"
        #expect(rendered(Array(text.utf8)).hasPrefix("{\"a\":\"x"), "\(text)")
      }
      #expect(rendered(Array("a: '\(character)'\nb: \(character)".utf8)) == "E003 2:4")
      #expect(rendered(Array("a: 'b' # \(character)".utf8)) == "E003 1:10")
    }
  }

  @Test(arguments: [
    ("[a, b: c, \"d\":e, {f}, [], {}, ]", "[\"a\",{\"b\":\"c\"},{\"d\":\"e\"},{\"f\":null},[],{}]"),
    (
      "{a: , b:c, d, \"e\":f, g: {h: [i]}}",
      "{\"a\":null,\"b:c\":null,\"d\":null,\"e\":\"f\",\"g\":{\"h\":[\"i\"]}}"
    ),
    ("{a\n  b: c,\n d:\n  e\n}", "{\"a b\":\"c\",\"d\":\"e\"}"), ("{\"a\"\n: b}", "{\"a\":\"b\"}"),
    ("a: [b # c\n  ,\n c]", "{\"a\":[\"b\",\"c\"]}"), ("[a\n\nb, c#d]", "[\"a\\nb\",\"c#d\"]"),
    ("[::a, -b, ?c, a:b]", "[\"::a\",\"-b\",\"?c\",\"a:b\"]"), ("[a: ]", "[{\"a\":null}]"),
  ])
  func `flow collections may break and hold pairs`(_ text: String, _ expected: String) {
    #expect(rendered(Array(text.utf8)) == expected)
  }

  @Test(arguments: [
    ("'a ''b'' \n\n  c'", "\"a 'b'\\nc\""), ("\"a  \n  b\\\n  c\\  \n d\"", "\"a bc  d\""),
    (
      "\"\\0\\a\\t\\x41\\u00e9\\U0001F600\\/\\_\\L\"", "\"\\u0000\\u0007\\u0009Aé😀/\u{A0}\u{2028}\""
    ),
    ("\"\\ud83d\\ude00\"", "\"😀\""), ("\"a\\\n\n  b\"", "\"a\\nb\""), ("''", "\"\""),
    ("\"a\\tb\\\tc\"", "\"a\\u0009b\\u0009c\""),
  ])
  func `quoted text is unescaped and folded`(_ text: String, _ expected: String) {
    #expect(rendered(Array(text.utf8)) == expected)
  }

  @Test(arguments: [
    ("|\n a\n  b\n\n", "\"a\\n b\\n\""), ("|-\n a\n\n", "\"a\""), ("|+\n a\n\n", "\"a\\n\\n\""),
    (">\n a\n b\n\n c\n  d\n e\n", "\"a b\\nc\\n d\\ne\\n\""), ("|2\n   a\n", "\" a\\n\""),
    (">\n\n a\n", "\"\\na\\n\""), ("|\n  \n a\n", "E003 2:1"), ("|\n \ta\n", "\"\\ta\\n\""),
    ("|\n a", "\"a\""), ("|\n # b\n# c\n", "\"# b\\n\""), (">-2 # c\n   a\n", "\" a\""),
  ])
  func `block text keeps or folds its lines`(_ text: String, _ expected: String) {
    let expected = expected.replacingTabs()
    if expected.first == "E" {
      #expect(rendered(Array(text.utf8)) == expected)
    } else {
      #expect(rendered(Array(("k: " + text).utf8)) == "{\"k\":" + expected + "}")
    }
  }

  @Test func `ranges cover quotes and collections from first to last byte`() throws {
    let source = Array("a: \"b\"\nc:\n  - d\n  - [e, f]  # g\n".utf8)
    var diagnostics = Diagnostics()
    let document = try #require(YAMLParser.parse(source, file: 3, into: &diagnostics))
    let texts = document.nodes.indices.map { index -> String in
      let range = document.range(NodeID(index: Int32(index)))
      return String(decoding: source[Int(range.start)..<Int(range.end)], as: UTF8.self)
    }
    #expect(
      texts == [
        "a: \"b\"\nc:\n  - d\n  - [e, f]", "a", "\"b\"", "c", "- d\n  - [e, f]", "d", "[e, f]", "e",
        "f",
      ])
    #expect(document.range(document.root).file == 3)
    #expect(document.childCount(document.root) == 2)
  }
}

extension String {
  /// Tabs as `quoted` writes them.
  fileprivate func replacingTabs() -> String {
    split(separator: "\\t", omittingEmptySubsequences: false).joined(separator: "\\u0009")
  }
}
