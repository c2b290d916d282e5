// TerminalText: text of unknown origin made harmless for a terminal.

/// Keeps a terminal from obeying what it is only meant to show.
public enum TerminalText {
  /// The text with every control character (C0, DEL, C1), line or paragraph separator and
  /// bidirectional control as a visible escape such as `\u{1B}`. Tabs and line breaks are controls
  /// too: the result is one line. Doing it twice changes nothing more.
  public static func sanitized(_ text: String) -> String {
    guard !isPlain(text), text.unicodeScalars.contains(where: isHarmful) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isHarmful(scalar) {
        result += escape(scalar)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Whether it is printable ASCII alone, as nearly all texts are.
  private static func isPlain(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      for byte in bytes where byte < 0x20 || byte >= 0x7F { return false }
      return true
    }
  }

  /// Whether a terminal would act on the scalar instead of showing it.
  static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x206F: true
    default: false
    }
  }

  /// `\u{…}` with at least two upper-case hexadecimal digits.
  static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "\\u{\(digits.count < 2 ? "0" : "")\(digits)}"
  }
}
