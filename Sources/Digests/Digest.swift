// Digest: 256 bits that name a text.

/// The SHA-256 of something.
public struct Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  init(words a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) { words = (a, b, c, d) }

  /// The digest whose 32 bytes these are.
  public init(bigEndian bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count == 32, "a digest has 32 bytes")
    func word(_ index: Int) -> UInt64 {
      UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
    }
    self.init(words: word(0), word(1), word(2), word(3))
  }

  /// Reads 64 lower-case hexadecimal digits; nil for anything else.
  public init?(hex: some StringProtocol) {
    guard hex.utf8.count == 64, let bytes = Hex.decode(hex.utf8) else { return nil }
    func word(_ index: Int) -> UInt64 {
      bytes[(index * 8)..<(index * 8 + 8)].reduce(0) { $0 << 8 | UInt64($1) }
    }
    self.init(words: word(0), word(1), word(2), word(3))
  }

  /// Reads `sha256:` and 64 lower-case hexadecimal digits; nil for anything else.
  public init?(labelled text: String) {
    guard text.hasPrefix("sha256:") else { return nil }
    self.init(hex: text.dropFirst(7))
  }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    func append(_ word: UInt64) {
      for shift in stride(from: UInt64(56), through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> shift))
      }
    }
    append(words.0)
    append(words.1)
    append(words.2)
    append(words.3)
    return bytes
  }

  /// The first 64 bits, for ids and tables.
  public var prefix: UInt64 { words.0 }

  /// 64 lower-case hexadecimal digits.
  public var hex: String {
    String(unsafeUninitializedCapacity: 64) { text in
      Hex.write(words.0, to: text, at: 0)
      Hex.write(words.1, to: text, at: 16)
      Hex.write(words.2, to: text, at: 32)
      Hex.write(words.3, to: text, at: 48)
      return 64
    }
  }

  /// `sha256:` and the hexadecimal digits.
  public var labelled: String { "sha256:" + hex }

  /// The same as `labelled`.
  public var description: String { labelled }

  /// By value.
  public static func < (left: Digest, right: Digest) -> Bool { left.words < right.words }

  /// By value.
  public static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }

  /// A digest is uniform already: any part of it hashes well.
  public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
