// APIKey: the plaintext of a key, for as long as it takes to hand it over.
// Form: `usk_`, 43 URL-safe base64 characters (256 random bits), `_`, 6 check characters: the first
// 36 bits of the SHA-256 of what stands before them, so that a typing error is told from an unknown
// key and a secret scanner finds keys.

public import Digests
import SystemCalls

/// A key in the clear. Nothing keeps one: the state gets `digest` and `masked`.
public struct APIKey: Sendable {
  /// How many random bytes a key needs.
  public static let randomByteCount = 32
  private static let prefix = Array("usk_".utf8)
  private static let bodyCount = 43
  private static let checkCount = 6

  let text: SecretBytes
  /// SHA-256 of the key's text.
  public let digest: Digest
  /// A form to show: the last four characters before the check, such as `usk_…x9Qd_…`.
  public let masked: String

  /// Makes the key of 32 random bytes, and overwrites them.
  public static func mint(random: consuming [UInt8]) -> APIKey {
    precondition(random.count == randomByteCount, "a key has 256 bits")
    var text: [UInt8] = []
    text.reserveCapacity(prefix.count + bodyCount + 1 + checkCount)
    text += prefix
    var body = Base64URL.encode(random)
    random.wipe()
    text += body
    let end = String(decoding: body.suffix(4), as: UTF8.self)
    body.wipe()
    let check = check(of: text)
    text.append(UInt8(ascii: "_"))
    text += check
    return APIKey(digest: SHA256.hash(text), masked: "usk_…\(end)_…", text: text)
  }

  private init(digest: Digest, masked: String, text: consuming [UInt8]) {
    self.text = SecretBytes(text)
    self.digest = digest
    self.masked = masked
  }

  /// The digest of a text that has the form of a key; nil if it has not, so that it was never issued.
  public static func digest(ofWellFormed text: [UInt8]) -> Digest? {
    let start = prefix.count + bodyCount
    guard text.count == start + 1 + checkCount, text.starts(with: prefix),
      text[start] == UInt8(ascii: "_"), var bits = Base64URL.decode(text[prefix.count..<start])
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

/// A key on its way to its member.
public struct HandedKey: Sendable {
  /// Whose it is.
  public let member: String
  /// The subscription of the seat.
  public let subscription: String
  /// What clients call with the key; nil if the organization names nothing.
  public let baseURL: String?
  let keyID: String
  let issued: String
  private let key: APIKey

  /// Pairs a key with what its member needs to use it.
  public init(
    member: String, key: APIKey, baseURL: String?, subscription: String, keyID: String,
    issued: String
  ) {
    self.member = member
    self.key = key
    self.baseURL = baseURL
    self.subscription = subscription
    self.keyID = keyID
    self.issued = issued
  }

  /// Shows the plaintext to a receiver, which must not keep it.
  public func withText(_ body: (UnsafeRawBufferPointer) -> Void) { key.text.withBytes(body) }

  /// The length of the plaintext in bytes.
  public var textCount: Int { key.text.count }

  /// Overwrites the plaintext, in all copies of this value. What is on the stack and in registers at
  /// that time is out of reach.
  public func wipe() { key.text.wipe() }
}
