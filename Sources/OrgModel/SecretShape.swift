// SecretShape: tells a text that may be a secret from one that may be kept and shown, and masks it.

/// What keys and tokens look like: their prefix and 43 characters of base64url, 256 bits. Theirs are
/// longer; whatever is as long as the secret half already gives it away.
public enum SecretShape {
  /// How many characters behind its prefix are the secret half of a key or token.
  public static let bodyCount = 43
  private static let prefixCount = 4
  private static let shownCount = 4
  private static let prefixes = [Array(KeyKind.textPrefix.utf8), Array(TokenKind.textPrefix.utf8)]

  /// Whether a key or a token may stand in a text.
  public static func isFound(in text: String) -> Bool {
    // Nearly all names are too short for one.
    text.utf8.count >= prefixCount + bodyCount && !ranges(in: Array(text.utf8)[...]).isEmpty
  }

  /// Where keys and tokens may stand in a text: each from its prefix to the end of the characters that
  /// could belong to it, so that nothing of one glued to other text is left over.
  public static func ranges(in bytes: ArraySlice<UInt8>) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = bytes.startIndex
    while start + prefixCount + bodyCount <= bytes.endIndex {
      guard bytes[start] == UInt8(ascii: "u"),
        prefixes.contains(where: { bytes[start...].starts(with: $0) })
      else {
        start += 1
        continue
      }
      let body = start + prefixCount
      let end = bytes[body...].firstIndex { !isBase64URL($0) } ?? bytes.endIndex
      if end - body >= bodyCount {
        ranges.append(start..<end)
        start = end
      } else {
        start += 1
      }
    }
    return ranges
  }

  /// The text with every key and token in its masked form, by which it is found in the list of members.
  public static func masked(_ text: String) -> String {
    guard text.utf8.count >= prefixCount + bodyCount else { return text }
    let bytes = Array(text.utf8)
    let ranges = ranges(in: bytes[...])
    return ranges.isEmpty ? text : String(decoding: masked(bytes, ranges), as: UTF8.self)
  }

  /// The same for bytes, UTF-8 or not.
  public static func masked(_ bytes: [UInt8]) -> [UInt8] {
    let ranges = ranges(in: bytes[...])
    return ranges.isEmpty ? bytes : masked(bytes, ranges)
  }

  private static func masked(_ bytes: [UInt8], _ ranges: [Range<Int>]) -> [UInt8] {
    var result: [UInt8] = []
    var end = 0
    for range in ranges {
      result += bytes[end..<range.lowerBound]
      result += mask(of: bytes[range]).utf8
      end = range.upperBound
    }
    return result + bytes[end...]
  }

  /// The masked form of a secret, or of a text of its form: the prefix and the last four characters
  /// before the check, such as `usk_…x9Qd_…`. The other 39 stay unknown: 234 bits.
  public static func mask(of secret: ArraySlice<UInt8>) -> String {
    let end = secret.prefix(prefixCount + bodyCount).suffix(shownCount)
    let prefix = String(decoding: secret.prefix(prefixCount), as: UTF8.self)
    return "\(prefix)…\(String(decoding: end, as: UTF8.self))_…"
  }

  private static func isBase64URL(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      return true
    default: return false
    }
  }
}
