// Credential: what the state keeps of a secret: enough to recognize it, nothing to use it with.

public import Digests

/// What a secret is for. Kinds keep the ids and credentials of one from passing for those of another.
public protocol SecretKind: Sendable {
  /// How the text of a secret begins.
  static var textPrefix: String { get }
  /// How its id begins.
  static var idPrefix: String { get }
}

/// An API key, which calls models.
public enum KeyKind: SecretKind {
  /// How a key begins.
  public static let textPrefix = "usk_"
  /// How a key's id begins.
  public static let idPrefix = "k_"
}

/// A management token, which runs usher in its holder's name.
public enum TokenKind: SecretKind {
  /// How a token begins.
  public static let textPrefix = "ust_"
  /// How a token's id begins.
  public static let idPrefix = "t_"
}

/// The id of an API key.
public typealias KeyID = SecretID<KeyKind>
/// The id of a management token.
public typealias TokenID = SecretID<TokenKind>
/// What the state keeps of an API key.
public typealias Credential = SecretCredential<KeyKind>
/// What the state keeps of a management token.
public typealias TokenCredential = SecretCredential<TokenKind>

/// What the state keeps of a secret.
public struct SecretCredential<Kind: SecretKind>: Hashable, Sendable {
  /// SHA-256 of the secret's text.
  public let digest: Digest
  /// A form to show, such as `usk_…x9Qd_…`.
  public let masked: String

  /// Makes a credential.
  public init(digest: Digest, masked: String) {
    self.digest = digest
    self.masked = masked
  }

  /// The secret's id, which follows from its digest.
  public var id: SecretID<Kind> { SecretID(of: digest) }
}

/// The public half of a secret: the first 64 bits of its SHA-256, a prefix and 16 hex digits.
public struct SecretID<Kind: SecretKind>: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let bits: UInt64

  /// The id of the secret with this digest.
  public init(of digest: Digest) {
    bits = digest.prefix
  }

  /// The id of that number; every number is one.
  public init(number: Int) { bits = UInt64(bitPattern: Int64(number)) }

  /// The id as a number, for storing it.
  public var number: Int { Int(truncatingIfNeeded: bits) }

  /// Reads the prefix and 16 lower-case hexadecimal digits; nil for anything else.
  public init?(_ text: String) {
    let digits = text.utf8.dropFirst(2)
    guard text.hasPrefix(Kind.idPrefix), digits.count == 16,
      digits.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }),
      let bits = UInt64(text.dropFirst(2), radix: 16)
    else { return nil }
    self.bits = bits
  }

  /// By value; without meaning but stable.
  public static func < (left: Self, right: Self) -> Bool { left.bits < right.bits }

  /// The prefix and 16 hexadecimal digits.
  public var description: String { Kind.idPrefix + Hex.encode(bits) }
}
