// APIKey: the plaintext of a key or a token, for as long as it takes to hand it over.
// Form: `usk_` or `ust_`, 43 URL-safe base64 characters (256 random bits), `_`, 6 check characters:
// the first 36 bits of the SHA-256 of what stands before them, so that a typing error is told from an
// unknown key and a secret scanner finds keys.

public import Digests
public import OrgModel
import SystemCalls

/// A key in the clear, which calls models.
public typealias APIKey = Secret<KeyKind>
/// A management token in the clear, which runs usher in its holder's name.
public typealias ManagementToken = Secret<TokenKind>

private let bodyCount = SecretShape.bodyCount
private let checkCount = 6
private let separator = UInt8(ascii: "_")

/// A secret in the clear. Nothing keeps one: the state gets `credential`.
public struct Secret<Kind: SecretKind>: Sendable {
  let text: SecretBytes
  /// SHA-256 of the secret's text.
  public let digest: Digest
  /// A form to show: the last four characters before the check, such as `usk_…x9Qd_…`.
  public let masked: String

  /// How many random bytes a secret needs.
  public static var randomByteCount: Int { 32 }

  /// Makes the secret of 32 random bytes, and overwrites them.
  public static func mint(random: consuming [UInt8]) -> Secret {
    precondition(random.count == randomByteCount, "a secret has 256 bits")
    let prefix = Array(Kind.textPrefix.utf8)
    var text: [UInt8] = []
    text.reserveCapacity(prefix.count + bodyCount + 1 + checkCount)
    text += prefix
    var body = Base64URL.encode(random)
    random.wipe()
    text += body
    body.wipe()
    let masked = SecretShape.mask(of: text[...])
    let check = check(of: text)
    text.append(separator)
    text += check
    defer { text.wipe() }
    return Secret(
      text: SecretBytes(copying: text), digest: SHA256.hash(text), masked: masked)
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
      text[start] == separator, var bits = Base64URL.decode(text[prefix.count..<start])
    else { return nil }
    bits.wipe()
    var checked = Array(text[..<start])
    defer { checked.wipe() }
    return text[(start + 1)...].elementsEqual(check(of: checked)) ? SHA256.hash(text) : nil
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
  let issued: String
  /// The secret's id, as a number.
  private let idNumber: Int
  private let text: SecretBytes

  /// Pairs a key with what its member needs to use it.
  public init(
    member: String, key: APIKey, baseURL: String?, subscription: String, issued: String
  ) {
    self.member = member
    purpose = .calls(subscription: subscription, baseURL: baseURL)
    self.issued = issued
    idNumber = KeyID(of: key.digest).number
    text = key.text
  }

  /// Pairs a token with its holder.
  public init(member: String, token: ManagementToken, issued: String) {
    self.member = member
    purpose = .management
    self.issued = issued
    idNumber = TokenID(of: token.digest).number
    text = token.text
  }

  /// The public half of the secret.
  var id: String {
    switch purpose {
    case .calls: KeyID(number: idNumber).description
    case .management: TokenID(number: idNumber).description
    }
  }

  /// Shows the plaintext to a receiver, which must not keep it.
  public func withText(_ body: (UnsafeRawBufferPointer) -> Void) { text.withBytes(body) }

  /// The length of the plaintext in bytes.
  public var textCount: Int { text.count }

  /// Overwrites the plaintext, in all copies of this value. What is on the stack and in registers at
  /// that time is out of reach.
  public func wipe() { text.wipe() }
}
