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
}
