// HMACSHA256: keyed hashing, RFC 2104 over SHA-256.

/// Message authentication by a shared key.
public enum HMACSHA256 {
  /// The code of a message under a key of any length.
  public static func code(of message: [UInt8], key: [UInt8]) -> Digest {
    var block = key.count > 64 ? SHA256.hash(key).bytes : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    let inner = SHA256.hash(block.map { $0 ^ 0x36 } + message)
    return SHA256.hash(block.map { $0 ^ 0x5C } + inner.bytes)
  }
}
