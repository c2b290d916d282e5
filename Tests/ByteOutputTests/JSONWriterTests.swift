// JSONWriterTests: the same value is the same bytes, and nothing in a text breaks out of its quotes.

import ByteOutput
import Testing

@Suite struct JSONWriterTests {
  @Test func `empty containers stay on one line`() {
    var json = JSONWriter(.indented)
    json.object { json in
      json.key("a")
      json.array { _ in }
      json.key("b")
      json.object { _ in }
    }
    #expect(json.sink.text == "{\n  \"a\": [],\n  \"b\": {}\n}")
  }

  @Test func `a document that is taken piece by piece is the same`() {
    func write(_ json: inout JSONWriter, _ take: (inout JSONWriter) -> Void) {
      json.object { json in
        json.key("a")
        take(&json)
        json.array { json in
          for number in 0..<3 {
            json.line { $0.member("n", number) }
            take(&json)
          }
        }
      }
    }
    var (whole, parts) = (JSONWriter(.indented), JSONWriter(.indented))
    var taken: [UInt8] = []
    write(&whole) { _ in }
    write(&parts) { taken += $0.take() }
    #expect(taken.count > 20 && parts.sink.bytes.count < whole.sink.bytes.count)
    #expect(taken + parts.take() == whole.sink.bytes)
  }

  @Test(arguments: [
    ("plain", "\"plain\""), ("a\"b\\c", "\"a\\\"b\\\\c\""), ("\n\r\t", "\"\\n\\r\\t\""),
    ("\u{0}\u{1B}\u{7F}\u{85}", "\"\\u0000\\u001b\\u007f\\u0085\""),
    ("\u{2028}\u{202E}", "\"\\u2028\\u202e\""), ("é😀", "\"é😀\""),
  ])
  func `escapes what a reader could be fooled by`(_ text: String, _ expected: String) {
    var json = JSONWriter(.compact)
    json.value(text)
    #expect(json.sink.text == expected)
  }

  @Test(arguments: [0, 1, 59, 60, 61, 62, 64, 1000]) func `texts of any length are whole`(
    _ length: Int
  ) {
    let text = String(repeating: "x", count: length)
    for (layout, end) in [(JSONWriter.Layout.compact, ":1}"), (.indented, ": 1\n}")] {
      var json = JSONWriter(layout)
      json.object { json in
        json.key(text: text)
        json.value(1)
      }
      #expect(json.sink.text.hasSuffix("\"\(text)\"\(end)"))
    }
  }

  @Test(arguments: [0, 9, 10, -1, -10, 1_234_567_890, .max, .min]) func `numbers are decimal`(
    _ number: Int
  ) {
    var json = JSONWriter(.compact)
    json.value(number)
    #expect(json.sink.text == "\(number)")
  }

  @Test func `elements that somebody else writes follow those before`() {
    var (whole, first) = (JSONWriter(.indented), JSONWriter(.indented))
    whole.array { json in for number in 0..<4 { json.line { $0.member("n", number) } } }
    first.openArray()
    var second = first.continued
    for number in 0..<2 { first.line { $0.member("n", number) } }
    for number in 2..<4 { second.line { $0.member("n", number) } }
    second.closeArray()
    #expect(first.sink.text + second.sink.text == whole.sink.text)
  }
}
