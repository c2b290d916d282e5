// CoreSchema: what a plain scalar means, by the table of YAML 1.2.2, section 10.3.2.

/// The meaning of a scalar.
public enum ScalarValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A whole number that an `Int` holds.
  case int(Int)
  /// Any other number in JSON's form, with exactly the digits that were written.
  case number(String)
  /// A number that JSON cannot write, as it stands: infinity, not-a-number, or octal or hexadecimal
  /// of more than `CoreSchema.basedDigitsMax` digits.
  case nonFinite(String)
  case string
}

extension ScalarValue {
  /// What a text means as a plain scalar.
  public init(plain text: UnsafeBufferPointer<UInt8>) { self = CoreSchema.resolve(text) }
}

enum CoreSchema {
  /// The longest octal or hexadecimal number that is converted to decimal, in digits.
  static let basedDigitsMax = 1024

  /// Whether the text may mean anything but a string, by its first byte and length.
  @inline(__always)
  static func mayResolve(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = text.first else { return true }
    if first > 0x39 {
      return
        (first | 0x20 == UInt8(ascii: "n") || first | 0x20 == UInt8(ascii: "t")
        || first | 0x20 == UInt8(ascii: "f") || first == UInt8(ascii: "~")) && text.count <= 5
    }
    return first >= 0x30 || first == UInt8(ascii: "+") || first == UInt8(ascii: "-")
      || first == UInt8(ascii: ".")
  }

  static func resolve(_ text: UnsafeBufferPointer<UInt8>) -> ScalarValue {
    guard mayResolve(text) else { return .string }
    guard let first = text.first else { return .null }
    switch first {
    case UInt8(ascii: "~"): return text.count == 1 ? .null : .string
    case UInt8(ascii: "n"), UInt8(ascii: "N"):
      return isWord(text, "null", "Null", "NULL") ? .null : .string
    case UInt8(ascii: "t"), UInt8(ascii: "T"):
      return isWord(text, "true", "True", "TRUE") ? .bool(true) : .string
    case UInt8(ascii: "f"), UInt8(ascii: "F"):
      return isWord(text, "false", "False", "FALSE") ? .bool(false) : .string
    default: return number(text)
    }
  }

  private static func isWord(
    _ text: UnsafeBufferPointer<UInt8>, _ lower: StaticString, _ title: StaticString,
    _ upper: StaticString
  ) -> Bool {
    isSame(text, lower) || isSame(text, title) || isSame(text, upper)
  }

  private static func isSame(_ text: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
    guard word.utf8CodeUnitCount == text.count else { return false }
    for index in 0..<text.count where text[index] != word.utf8Start[index] { return false }
    return true
  }

  private static func number(_ text: UnsafeBufferPointer<UInt8>) -> ScalarValue {
    if text.count > 2, text[0] == 0x30, text[1] == UInt8(ascii: "o") || text[1] == UInt8(ascii: "x")
    {
      return based(text)
    }
    let isNegative = text[0] == UInt8(ascii: "-")
    var at = isNegative || text[0] == UInt8(ascii: "+") ? 1 : 0
    let unsigned = UnsafeBufferPointer(rebasing: text[at...])
    if isWord(unsigned, ".inf", ".Inf", ".INF") || isWord(text, ".nan", ".NaN", ".NAN") {
      return .nonFinite(string(text, 0..<text.count))
    }
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
    let point = decimals.isEmpty && exponent.isEmpty ? ".0" : decimals
    return .number(sign + integer + point + exponent)
  }

  /// `0o…` and `0x…`; beyond 64 bits converted by multiplying through, nine decimal digits a step.
  private static func based(_ text: UnsafeBufferPointer<UInt8>) -> ScalarValue {
    let radix: UInt64 = text[1] == UInt8(ascii: "o") ? 8 : 16
    for byte in text[2...] {
      guard let digit = digit(byte), digit < radix else { return .string }
    }
    let significant = text[2...].drop { $0 == 0x30 }
    if significant.count <= 15 {
      return .int(significant.reduce(0) { $0 * Int(radix) + Int(digit($1) ?? 0) })
    }
    guard significant.count <= basedDigitsMax else {
      return .nonFinite(string(text, 0..<text.count))
    }
    var parts: [UInt64] = [0]
    for byte in significant {
      var carry = digit(byte) ?? 0
      for index in parts.indices {
        let part = parts[index] * radix + carry
        parts[index] = part % 1_000_000_000
        carry = part / 1_000_000_000
      }
      if carry > 0 { parts.append(carry) }
    }
    var decimal = String(parts[parts.count - 1])
    for part in parts.dropLast().reversed() {
      let padded = String(part)
      decimal += String(repeating: "0", count: 9 - padded.utf8.count) + padded
    }
    return Int(decimal).map { .int($0) } ?? .number(decimal)
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case 0x30...0x39: UInt64(byte - 0x30)
    case 0x41...0x46: UInt64(byte - 0x41 + 10)
    case 0x61...0x66: UInt64(byte - 0x61 + 10)
    default: nil
    }
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
