// TerminalText: text of unknown origin made harmless for a terminal, and for whoever reads it.

import OrgModel

/// Keeps a terminal from obeying what it is only meant to show, and a reader from taking two texts for
/// one.
public enum TerminalText {
  /// The text with every control character (C0, DEL, C1), line or paragraph separator, bidirectional
  /// control and invisible character as a visible escape such as `\u{1B}`. Tabs and line breaks are
  /// controls too: the result is one line. Doing it twice changes nothing more.
  ///
  /// What is not seen by itself but changes how its neighbours look stays: joiners and variation
  /// selectors within emoji, and joiners as Arabic and Indic scripts write them. Keys and tokens are masked:
  /// what a terminal shows is often kept as a log.
  public static func sanitized(_ text: String) -> String {
    let text = SecretShape.masked(text)
    guard !isPlain(text), text.unicodeScalars.contains(where: { isHarmful($0) || isInvisible($0) })
    else { return text }
    var result = ""
    var scalars = text.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      if isHidden(scalar, behind: result.unicodeScalars.last, before: scalars.first) {
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

  /// Whether a text commands a terminal or turns what stands around it.
  public static func isHarmful(_ text: String) -> Bool {
    text.unicodeScalars.contains(where: isHarmful)
  }

  /// Whether a terminal would act on the scalar instead of showing it.
  static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x206F: true
    default: false
    }
  }

  /// Whether a scalar is to be escaped where it stands.
  /// - Parameters:
  ///   - last: What is shown in front of it.
  ///   - next: What follows.
  static func isHidden(
    _ scalar: Unicode.Scalar, behind last: Unicode.Scalar?, before next: Unicode.Scalar?
  ) -> Bool {
    if isHarmful(scalar) { return true }
    guard isInvisible(scalar) else { return false }
    guard let last else { return true }
    switch scalar.value {
    case 0x200D where isPictograph(last) || last.value == 0xFE0F:
      return !(next.map(isPictograph) ?? false)
    // Behind a virama, and between letters that would join: RFC 5892, appendices A.1 and A.2.
    case 0x200C, 0x200D:
      let isVirama = last.properties.canonicalCombiningClass.rawValue == 9
      return !isVirama
        && !(scalar.value == 0x200C && isJoining(last) && (next.map(isArabic) ?? false))
    case 0xFE0E: return !isPictograph(last)
    // On a digit it makes a key cap.
    case 0xFE0F:
      let isTextual = last.properties.isEmoji && !last.properties.isEmojiPresentation
      return !(isTextual && (isPictograph(last) || next == "\u{20E3}"))
    default: return true
    }
  }

  /// Whether nothing is seen of the scalar, or no more than a sliver of space.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // And what charts are drawn with.
    case ..<0xAD, 0x2500...0x259F: false
    // Thin spaces, the blank of Braille, and marks of annotations.
    case 0x1680, 0x2000...0x200A, 0x205F, 0x2800, 0xFFF9...0xFFFB: true
    default: scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  private static func isPictograph(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value > 0x7F && scalar.properties.isEmoji
  }

  private static func isArabic(_ scalar: Unicode.Scalar) -> Bool {
    (0x0620...0x06FF).contains(scalar.value) && scalar.properties.isAlphabetic
  }

  /// Whether it is an Arabic letter that joins the one behind it: `ArabicShaping.txt` of Unicode, less
  /// those that join to one side only, or to none.
  private static func isJoining(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0621...0x0625, 0x0627, 0x0629, 0x062F...0x0632, 0x0648, 0x0671...0x0677, 0x0688...0x0699,
      0x06C0, 0x06C3...0x06CB, 0x06CD, 0x06CF, 0x06D2...0x06DD, 0x06EE, 0x06EF:
      false
    default: isArabic(scalar) && scalar.properties.generalCategory == .otherLetter
    }
  }

  /// `\u{…}` with at least two upper-case hexadecimal digits.
  static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "\\u{\(digits.count < 2 ? "0" : "")\(digits)}"
  }
}
