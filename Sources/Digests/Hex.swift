// Hex: bytes as lower-case hexadecimal digits, RFC 4648, section 8.

/// Text that shows bytes, two digits each.
public enum Hex {
  /// The digits of some bytes, in lower case.
  public static func encode(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { text in
      for (index, byte) in bytes.enumerated() {
        text[index * 2] = digit(byte >> 4)
        text[index * 2 + 1] = digit(byte & 15)
      }
      return bytes.count * 2
    }
  }

  /// The sixteen digits of a number.
  public static func encode(_ word: UInt64) -> String {
    String(unsafeUninitializedCapacity: 16) { text in
      write(word, to: text, at: 0)
      return 16
    }
  }

  static func write(_ word: UInt64, to text: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
    for place in 0..<16 {
      text[start + place] = digit(UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * place)) & 15)
    }
  }

  /// The bytes of a text; nil if it is not what `encode` writes, upper case included.
  public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    var high: UInt8?
    for character in text {
      guard let value = value(of: character) else { return nil }
      if let half = high {
        bytes.append(half << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return high == nil ? bytes : nil
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: return character - 0x30
    case 0x61...0x66: return character - 0x61 + 10
    default: return nil
    }
  }
}
