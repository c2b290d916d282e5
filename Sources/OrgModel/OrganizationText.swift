// OrganizationText: what the free texts of an organization can hold, wherever they come from.

/// The rules for an organization's name and base URL that hold for files, plans and commits alike.
public enum OrganizationText {
  /// The most characters of a name, in Unicode scalars.
  public static let nameLengthMax = 100
  /// The most characters of a base URL.
  public static let baseURLLengthMax = 2048

  /// Whether a text is one line of 1 to `nameLengthMax` characters without control characters.
  public static func isName(_ text: String) -> Bool {
    let scalars = text.unicodeScalars
    return !scalars.isEmpty && scalars.count <= nameLengthMax && !scalars.contains(where: isControl)
  }

  /// Whether a text is ASCII that shows and ends no quotation, at most `baseURLLengthMax` characters.
  public static func isBaseURL(_ text: String) -> Bool {
    let bytes = text.utf8
    return !bytes.isEmpty && bytes.count <= baseURLLengthMax && !bytes.contains(where: isNoURLByte)
  }

  /// Whether a byte cannot stand in a base URL: blanks, controls, quotes, backslashes, angle brackets
  /// and whatever is not ASCII.
  public static func isNoURLByte(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte >= 0x7F || "\"'\\<>".utf8.contains(byte)
  }

  /// C0, DEL, C1, line and paragraph separators, bidirectional controls and the byte order mark.
  public static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x206F, 0xFEFF:
      return true
    default: return false
    }
  }
}
