// ScalarText: texts as an org file writes them: plain where that reads as the same text.

import YAMLSyntax

/// How texts are written.
enum ScalarText {
  /// Where a text is to stand, from the most lenient place to the strictest.
  enum Place {
    /// On a line of its own, as a key or a value.
    case block
    /// In braces or brackets.
    case flow
    /// In JSON, which has texts in quotes alone.
    case json
  }

  /// Appends a text as it stands if it is read as the same text there, also by readers of YAML 1.1,
  /// to whom `no` is a truth value; otherwise in double quotes. Dates, which they know as such, are
  /// plain, as org files are full of them.
  static func append(
    _ text: UnsafeBufferPointer<UInt8>, in place: Place, to bytes: inout [UInt8]
  ) {
    if isPlain(text, in: place) {
      bytes += text
    } else {
      appendQuoted(text, to: &bytes)
    }
  }

  /// Appends a text that is at hand as a string; see above.
  static func append(_ text: String, in place: Place, to bytes: inout [UInt8]) {
    var text = text
    text.withUTF8 { append($0, in: place, to: &bytes) }
  }

  private static func isPlain(_ text: UnsafeBufferPointer<UInt8>, in place: Place) -> Bool {
    guard place != .json, let last = text.last, last != 0x20, last != UInt8(ascii: ":"),
      isPlainStart(text)
    else { return false }
    var previous: UInt8 = 0
    var isASCII = true
    for byte in text {
      switch byte {
      case 0..<0x20, 0x7F: return false
      case 0x20:
        if previous == UInt8(ascii: ":") { return false }
      case UInt8(ascii: "#"):
        if previous == 0x20 { return false }
      case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
        UInt8(ascii: "}"):
        if place == .flow { return false }
      case 0x80...: isASCII = false
      default: break
      }
      previous = byte
    }
    if !isASCII, String(decoding: text, as: UTF8.self).unicodeScalars.contains(where: isHidden) {
      return false
    }
    return ScalarValue(plain: text) == .string && !isReserved(text)
  }

  /// Whether the first bytes begin no other construct of YAML.
  private static func isPlainStart(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    switch text[0] {
    case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
      guard text.count > 1, text[1] != 0x20 else { return false }
    case 0x20, UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
      UInt8(ascii: "}"), UInt8(ascii: "#"), UInt8(ascii: "&"), UInt8(ascii: "*"),
      UInt8(ascii: "!"), UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "'"),
      UInt8(ascii: "\""), UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"):
      return false
    default: break
    }
    for start: StaticString in ["---", "...", "<<"] {
      let count = start.utf8CodeUnitCount
      if text.count >= count, (0..<count).allSatisfy({ text[$0] == start.utf8Start[$0] }) {
        return false
      }
    }
    return true
  }

  /// The words that YAML 1.1 reads as truth values, in any case, and those of other languages.
  private static func isReserved(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count <= 5 else { return false }
    switch String(decoding: text, as: UTF8.self).lowercased() {
    case "null", "true", "false", "yes", "no", "on", "off", "y", "n": return true
    default: return false
    }
  }

  /// What YAML does not print, and what a terminal would obey.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF,
      0xFFFE, 0xFFFF:
      true
    default: false
    }
  }

  /// In double quotes, with escapes that JSON knows too.
  private static func appendQuoted(
    _ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]
  ) {
    let quote = UInt8(ascii: "\"")
    let backslash = UInt8(ascii: "\\")
    bytes.append(quote)
    defer { bytes.append(quote) }
    if text.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != quote && $0 != backslash }) {
      bytes += text
      return
    }
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"", "\\": bytes += [backslash, UInt8(scalar.value)]
      case "\n": bytes += "\\n".utf8
      case "\r": bytes += "\\r".utf8
      case "\t": bytes += "\\t".utf8
      case _ where isHidden(scalar):
        let digits = String(scalar.value, radix: 16, uppercase: true)
        bytes += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      }
    }
  }
}
