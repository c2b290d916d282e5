// Names: the words by which an organization's parts are called, impossible to hold wrongly.

/// A member's name: `[A-Za-z_][A-Za-z0-9_]*`, ASCII, at most `lengthMax` characters.
public struct Username: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The most characters a username has.
  public static let lengthMax = 64
  /// The name as written; case counts for equality.
  public let text: String

  /// Nil if the text is not a username.
  public init?(_ text: String) {
    guard isIdentifier(text, lengthMax: Self.lengthMax, allowsHyphen: false) else { return nil }
    self.text = text
  }

  /// Whether the bytes are a username.
  public static func isUsername(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    isIdentifier(bytes, lengthMax: lengthMax, allowsHyphen: false)
  }

  /// Nil if the bytes are not a username.
  public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    guard Self.isUsername(bytes) else { return nil }
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// Whether it has a letter that can be written small.
  var hasCapitals: Bool {
    var text = text
    return text.withUTF8 { bytes in
      // Without an early end, which takes longer for nearly all.
      var found = false
      for byte in bytes { found = found || byte &- 0x41 < 26 }
      return found
    }
  }

  /// The name without capitals: two names of which this is the same would look like one person.
  public var folded: Username { hasCapitals ? Username(folding: text) : self }

  private init(folding text: String) { self.text = text.lowercased() }

  /// By bytes, which for ASCII is the order of `String`.
  public static func < (left: Username, right: Username) -> Bool { left.text < right.text }

  /// The name itself.
  public var description: String { text }
}

/// A subscription's id or a tier: `[A-Za-z_][A-Za-z0-9_-]*`, at most `lengthMax` characters.
public struct SubscriptionID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The most characters an id has.
  public static let lengthMax = 64
  /// The id as written.
  public let text: String

  /// Nil if the text is not an id.
  public init?(_ text: String) {
    guard isIdentifier(text, lengthMax: Self.lengthMax, allowsHyphen: true) else { return nil }
    self.text = text
  }

  /// By bytes.
  public static func < (left: SubscriptionID, right: SubscriptionID) -> Bool {
    left.text < right.text
  }

  /// The id itself.
  public var description: String { text }
}

/// What a member may do: see rule 9, `Authority`.
public enum Role: String, CaseIterable, Sendable {
  case owner
  case administrator
  case member
}

private func isIdentifier(_ text: String, lengthMax: Int, allowsHyphen: Bool) -> Bool {
  var text = text
  return text.withUTF8 { isIdentifier($0, lengthMax: lengthMax, allowsHyphen: allowsHyphen) }
}

private func isIdentifier(
  _ bytes: UnsafeBufferPointer<UInt8>, lengthMax: Int, allowsHyphen: Bool
) -> Bool {
  guard let first = bytes.first, !isDigit(first), bytes.count <= lengthMax else { return false }
  // Without an early end, which takes longer for what is one.
  var isSound = first != UInt8(ascii: "-")
  for byte in bytes {
    isSound =
      isSound && (isLetter(byte) || isDigit(byte) || (allowsHyphen && byte == UInt8(ascii: "-")))
  }
  return isSound
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

/// Setting one bit makes a capital small and no other byte a letter.
private func isLetter(_ byte: UInt8) -> Bool {
  (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == UInt8(ascii: "_")
}
