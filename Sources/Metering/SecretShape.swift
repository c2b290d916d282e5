// SecretShape: tells a text that may be a secret from one that may be kept and shown.

import OrgModel

/// What keys and tokens look like: their prefix and 43 characters of base64url, 256 bits. Theirs are
/// longer; whatever is as long as the secret half already gives it away.
enum SecretShape {
  private static let bodyCount = 43
  private static let prefixes = [Array(KeyKind.textPrefix.utf8), Array(TokenKind.textPrefix.utf8)]

  /// Whether a key or a token may stand in a text.
  static func isFound(in text: String) -> Bool {
    // Nearly all names are too short for one.
    guard text.utf8.count > bodyCount else { return false }
    let bytes = Array(text.utf8)
    return bytes.indices.contains { start in
      let rest = bytes[start...]
      return prefixes.contains { prefix in
        let body = rest.dropFirst(prefix.count).prefix(bodyCount)
        return rest.starts(with: prefix) && body.count == bodyCount
          && body.allSatisfy(isBase64URL)
      }
    }
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
