// APIKey: the plaintext of a key or a token, for as long as it takes to hand it over.
// Form: `usk_` or `ust_`, 43 URL-safe base64 characters (256 random bits), `_`, 6 check characters:
// the first 36 bits of the SHA-256 of what stands before them, so that a typing error is told from an
// unknown key and a secret scanner finds keys.

public import Digests
public import OrgModel

/// A key in the clear, which calls models.
public typealias APIKey = Secret<KeyKind>
/// A management token in the clear, which runs usher in its holder's name.
public typealias ManagementToken = Secret<TokenKind>

private let bodyCount = 43
private let checkCount = 6
private let separator = UInt8(ascii: "_")

/// A secret in the clear. Nothing keeps one: the state gets `credential`.
public struct Secret<Kind: SecretKind>: Sendable {
  private(set) var text: [UInt8]

  /// How many random bytes a secret needs.
  public static var randomByteCount: Int { 32 }

  /// Makes the secret of 32 random bytes.
  public static func mint(random: [UInt8]) -> Secret {
    precondition(random.count == randomByteCount, "a secret has 256 bits")
    let start = Array(Kind.textPrefix.utf8) + Base64URL.encode(random)
    return Secret(text: start + [separator] + check(of: start))
  }

  /// SHA-256 of the secret's text.
  public var digest: Digest { SHA256.hash(text) }

  /// A form to show: the last four characters before the check, such as `usk_…x9Qd_…`.
  public var masked: String {
    let end = Kind.textPrefix.utf8.count + bodyCount
    return Kind.textPrefix + "…" + String(decoding: text[(end - 4)..<end], as: UTF8.self) + "_…"
  }

  /// What the state keeps of it.
  public var credential: SecretCredential<Kind> {
    SecretCredential(digest: digest, masked: masked)
  }

  /// The digest of a text that has the form of a secret of this kind; nil if it has not, so that it
  /// was never issued.
  public static func digest(ofWellFormed text: [UInt8]) -> Digest? {
    let prefix = Array(Kind.textPrefix.utf8)
    let start = prefix.count + bodyCount
    guard text.count == start + 1 + checkCount, text.starts(with: prefix),
      text[start] == separator, Base64URL.decode(text[prefix.count..<start]) != nil,
      Array(text[(start + 1)...]) == check(of: Array(text[..<start]))
    else { return nil }
    return SHA256.hash(text)
  }

  private static func check(of start: [UInt8]) -> [UInt8] {
    Array(Base64URL.encode(SHA256.hash(start).bytes).prefix(checkCount))
  }
}

/// A key or a token on its way to its member.
public struct HandedKey: Sendable {
  /// What a receiver is told beside the secret itself.
  public enum Purpose: Hashable, Sendable {
    /// To call models: the subscription of the seat, and what clients call with the key, nil if the
    /// organization names nothing.
    case calls(subscription: String, baseURL: String?)
    /// To run usher in the member's name.
    case management
  }

  /// Whose it is.
  public let member: String
  /// What it is for.
  public let purpose: Purpose
  let id: String
  let issued: String
  private var text: [UInt8]

  /// Pairs a key with what its member needs to use it.
  public init(
    member: String, key: APIKey, baseURL: String?, subscription: String, keyID: String,
    issued: String
  ) {
    self.member = member
    purpose = .calls(subscription: subscription, baseURL: baseURL)
    id = keyID
    self.issued = issued
    text = key.text
  }

  /// Pairs a token with its holder.
  public init(member: String, token: ManagementToken, tokenID: String, issued: String) {
    self.member = member
    purpose = .management
    id = tokenID
    self.issued = issued
    text = token.text
  }

  /// Shows the plaintext to a receiver.
  public func withText(_ body: ([UInt8]) -> Void) { body(text) }

  /// Overwrites the plaintext in this value; copies that Swift may have made are out of reach.
  public mutating func wipe() {
    for index in text.indices { text[index] = 0 }
  }
}
