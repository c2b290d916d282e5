// APIKey: the plaintext of a key, for as long as it takes to hand it over.
// Form: `usk_`, 43 URL-safe base64 characters (256 random bits), `_`, 6 check characters: the first
// 36 bits of the SHA-256 of what stands before them, so that a typing error is told from an unknown
// key and a secret scanner finds keys.

public import Digests

/// A key in the clear. Nothing keeps one: the state gets `digest` and `masked`.
public struct APIKey: Sendable {
  /// How many random bytes a key needs.
  public static let randomByteCount = 32
  private static let prefix = Array("usk_".utf8)
  private static let bodyCount = 43
  private static let checkCount = 6

  private(set) var text: [UInt8]

  /// Makes the key of 32 random bytes.
  public static func mint(random: [UInt8]) -> APIKey {
    precondition(random.count == randomByteCount, "a key has 256 bits")
    let start = prefix + Base64URL.encode(random)
    return APIKey(text: start + [UInt8(ascii: "_")] + check(of: start))
  }

  /// SHA-256 of the key's text.
  public var digest: Digest { SHA256.hash(text) }

  /// A form to show: the last four characters before the check, such as `usk_…x9Qd_…`.
  public var masked: String {
    let end = Self.prefix.count + Self.bodyCount
    return "usk_…" + String(decoding: text[(end - 4)..<end], as: UTF8.self) + "_…"
  }

  /// The digest of a text that has the form of a key; nil if it has not, so that it was never issued.
  public static func digest(ofWellFormed text: [UInt8]) -> Digest? {
    let start = prefix.count + bodyCount
    guard text.count == start + 1 + checkCount, text.starts(with: prefix),
      text[start] == UInt8(ascii: "_"),
      Base64URL.decode(text[prefix.count..<start]) != nil,
      Array(text[(start + 1)...]) == check(of: Array(text[..<start]))
    else { return nil }
    return SHA256.hash(text)
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
  private var key: APIKey

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

  /// Shows the plaintext to a receiver.
  public func withText(_ body: ([UInt8]) -> Void) { body(key.text) }

  /// Overwrites the plaintext in this value; copies that Swift may have made are out of reach.
  public mutating func wipe() { key.wipe() }
}

extension APIKey {
  fileprivate mutating func wipe() {
    for index in text.indices { text[index] = 0 }
  }
}
