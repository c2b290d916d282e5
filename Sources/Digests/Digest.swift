// Digest: 256 bits that name a text.

/// The SHA-256 of something.
public struct Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  init(_ state: [UInt32]) {
    func word(_ index: Int) -> UInt64 {
      UInt64(state[index * 2]) << 32 | UInt64(state[index * 2 + 1])
    }
    words = (word(0), word(1), word(2), word(3))
  }

  /// Reads 64 lower-case hexadecimal digits; nil for anything else.
  public init?(hex: some StringProtocol) {
    guard hex.utf8.count == 64 else { return nil }
    var state: [UInt32] = []
    var value: UInt32 = 0
    for (index, byte) in hex.utf8.enumerated() {
      guard let digit = hexDigit(byte) else { return nil }
      value = value << 4 | UInt32(digit)
      if index % 8 == 7 { state.append(value) }
    }
    self.init(state)
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
    for word in [words.0, words.1, words.2, words.3] {
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
    return bytes
  }

  /// The first 64 bits, for ids and tables.
  public var prefix: UInt64 { words.0 }

  /// 64 lower-case hexadecimal digits.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
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

private func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: return byte - 0x30
  case 0x61...0x66: return byte - 0x61 + 10
  default: return nil
  }
}
