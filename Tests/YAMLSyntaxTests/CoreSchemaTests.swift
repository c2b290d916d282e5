// CoreSchemaTests: the table of YAML 1.2.2, section 10.3.2, and its near misses.

import Testing

@testable import YAMLSyntax

@Suite struct CoreSchemaTests {
  @Test(arguments: ["~", "null", "Null", "NULL", ""])
  func `null has four spellings and emptiness`(_ text: String) {
    #expect(resolve(text) == .null)
  }

  @Test(arguments: ["true", "True", "TRUE", "false", "False", "FALSE"])
  func `booleans have six spellings`(_ text: String) {
    #expect(resolve(text) == .bool(text.lowercased() == "true"))
  }

  @Test(arguments: [
    ("0", 0), ("-0", 0), ("+12", 12), ("0644", 644), ("0o644", 420), ("0x1F", 31), ("0x00", 0),
    ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
    ("0x7FFFFFFFFFFFFFFF", Int.max),
  ])
  func `whole numbers are decimal, octal or hexadecimal`(_ text: String, _ expected: Int) {
    #expect(resolve(text) == .int(expected))
  }

  @Test(arguments: [
    ("1.10", "1.10"), ("1.", "1.0"), (".5", "0.5"), ("-.5", "-0.5"), ("+1e+3", "1e3"),
    ("007.5", "7.5"), ("1E-3", "1e-3"), ("1.e3", "1e3"), ("-0.0", "-0.0"),
    ("9223372036854775808", "9223372036854775808"),
    ("-00099999999999999999999", "-99999999999999999999"),
    ("0xFFFFFFFFFFFFFFFFFF", "4722366482869645213695"),
    ("0o1000000000000000000000", "9223372036854775808"),
  ])
  func `other numbers keep their digits in JSON's form`(_ text: String, _ expected: String) {
    #expect(resolve(text) == .number(expected))
  }

  @Test(arguments: [".inf", "-.INF", "+.Inf", ".nan", ".NaN", ".NAN"])
  func `infinity and not-a-number are told apart`(_ text: String) {
    #expect(resolve(text) == .nonFinite(text))
  }

  @Test(arguments: [
    "nULL", "nil", "yes", "No", "on", "tRUE", "t", "0o8", "0x", "0X1F", "-0x1F", "0b1", "1_000",
    ".",
    "-", "+", "e1", ".e1", "1e", "1e+", "1.2.3", "2027-01-31", "12:30:45", "+.nan", "٣", "- 1", "=",
  ])
  func `everything else is a string`(_ text: String) {
    #expect(resolve(text) == .string)
  }

  @Test func `quoted text never resolves`() {
    #expect(
      rendered(Array("[\"1\", 'true', 'null', \"\"]".utf8)) == "[\"1\",\"true\",\"null\",\"\"]")
  }

  private func resolve(_ text: String) -> ScalarValue {
    Array(text.utf8).withUnsafeBufferPointer { CoreSchema.resolve($0) }
  }
}
