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

  var hasCapitals: Bool { text.utf8.contains { $0 >= 0x41 && $0 <= 0x5A } }

  /// The name without capitals: two names of which this is the same would look like one person.
  var folded: Username { hasCapitals ? Username(folding: text) : self }

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
  let bytes = text.utf8
  guard let first = bytes.first, isLetter(first), bytes.count <= lengthMax else { return false }
  return bytes.allSatisfy {
    isLetter($0) || ($0 >= 0x30 && $0 <= 0x39) || (allowsHyphen && $0 == UInt8(ascii: "-"))
  }
}

private func isLetter(_ byte: UInt8) -> Bool {
  (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A) || byte == UInt8(ascii: "_")
}
