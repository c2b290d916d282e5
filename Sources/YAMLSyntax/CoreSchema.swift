// CoreSchema: what a plain scalar means, by the table of YAML 1.2.2, section 10.3.2.

/// The meaning of a scalar.
public enum ScalarValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A whole number that an `Int` holds.
  case int(Int)
  /// Any other number, exactly as written, in JSON's form.
  case number(String)
  /// A number that JSON cannot write: infinity, not-a-number, or hexadecimal beyond 64 bits.
  case nonFinite(String)
  case string
}

enum CoreSchema {
  static func resolve(_ text: UnsafeBufferPointer<UInt8>) -> ScalarValue {
    guard let first = text.first else { return .null }
    switch first {
    case UInt8(ascii: "~"): return text.count == 1 ? .null : .string
    case UInt8(ascii: "n"), UInt8(ascii: "N"):
      return matches(text, "null", "Null", "NULL") ? .null : .string
    case UInt8(ascii: "t"), UInt8(ascii: "T"):
      return matches(text, "true", "True", "TRUE") ? .bool(true) : .string
    case UInt8(ascii: "f"), UInt8(ascii: "F"):
      return matches(text, "false", "False", "FALSE") ? .bool(false) : .string
    case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      return number(text)
    default: return .string
    }
  }

  private static func matches(
    _ text: UnsafeBufferPointer<UInt8>, _ words: StaticString...
  ) -> Bool {
    words.contains { word in
      word.utf8CodeUnitCount == text.count
        && text.indices.allSatisfy { text[$0] == word.utf8Start[$0] }
    }
  }

  private static func number(_ text: UnsafeBufferPointer<UInt8>) -> ScalarValue {
    if text.count > 2, text[0] == 0x30, text[1] == UInt8(ascii: "o") || text[1] == UInt8(ascii: "x")
    {
      return based(text)
    }
    var at = 0
    let isNegative = text[0] == UInt8(ascii: "-")
    if isNegative || text[0] == UInt8(ascii: "+") { at = 1 }
    let rest = UnsafeBufferPointer(rebasing: text[at...])
    if matches(rest, ".inf", ".Inf", ".INF") { return .nonFinite(String(decoding: text, as: UTF8.self)) }
    if at == 0, matches(text, ".nan", ".NaN", ".NAN") { return .nonFinite(String(decoding: text, as: UTF8.self)) }
    let whole = digits(text, &at)
    var fraction: Range<Int>?
    if at < text.count, text[at] == UInt8(ascii: ".") {
      at += 1
      fraction = digits(text, &at)
    }
    guard !whole.isEmpty || !(fraction?.isEmpty ?? true) else { return .string }
    var exponent = ""
    if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      var sign = ""
      if at < text.count, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") {
        sign = text[at] == UInt8(ascii: "-") ? "-" : ""
        at += 1
      }
      let power = digits(text, &at)
      guard !power.isEmpty else { return .string }
      exponent = "e" + sign + string(text, power)
    }
    guard at == text.count else { return .string }
    let sign = isNegative ? "-" : ""
    let significant = whole.drop { text[$0] == 0x30 }
    let integer = significant.isEmpty ? "0" : string(text, significant.startIndex..<whole.endIndex)
    if fraction == nil, exponent.isEmpty {
      return Int(sign + integer).map { .int($0) } ?? .number(sign + integer)
    }
    let decimals = fraction.map { $0.isEmpty ? "" : "." + string(text, $0) } ?? ""
    return .number(sign + integer + (decimals.isEmpty && exponent.isEmpty ? ".0" : decimals) + exponent)
  }

  private static func based(_ text: UnsafeBufferPointer<UInt8>) -> ScalarValue {
    let radix = text[1] == UInt8(ascii: "o") ? 8 : 16
    for byte in text[2...] {
      switch byte {
      case 0x30...0x37: continue
      case 0x38...0x39, 0x41...0x46, 0x61...0x66:
        if radix == 8 { return .string }
      default: return .string
      }
    }
    return Int(String(decoding: text[2...], as: UTF8.self), radix: radix).map { .int($0) }
      ?? .nonFinite(String(decoding: text, as: UTF8.self))
  }

  private static func digits(_ text: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Range<Int> {
    let start = at
    while at < text.count, text[at] >= 0x30, text[at] <= 0x39 { at += 1 }
    return start..<at
  }

  private static func string(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
    String(decoding: text[range], as: UTF8.self)
  }
}
