// CharacterCheck: one pass that finds what may not stand in a document at all.

/// Finds bytes that are not UTF-8 (RFC 3629) and characters that YAML 1.2.2, section 5.1, does not
/// let stand unescaped. DEL, C1 controls, byte order marks behind the start and U+FFFE and U+FFFF may
/// stand in quotes, as JSON lets them: they are told apart once it is known where quotes are.
enum CharacterCheck {
  struct Finding {
    let offset: Int
    let message: String
    let isEncoding: Bool
  }

  /// The first thing that may stand nowhere; nil if there is none.
  /// - Parameter quotedOnly: Gets the offsets of characters that may stand in quotes only.
  static func firstFinding(
    in bytes: UnsafeBufferPointer<UInt8>, quotedOnly: inout [Int]
  ) -> Finding? {
    if let encoding = otherEncoding(bytes) {
      return Finding(
        offset: 0, message: "the file is \(encoding); expected UTF-8", isEncoding: true)
    }
    var at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while at < bytes.count {
      at = skipPrintable(bytes, from: at)
      guard at < bytes.count else { return nil }
      let byte = bytes[at]
      if byte < 0x80 {
        if byte == 0x7F {
          quotedOnly.append(at)
        } else if !isAllowed(byte) {
          return refused(UInt32(byte), at)
        }
        at += 1
        continue
      }
      guard let (scalar, length) = scalar(bytes, at) else {
        let digits = String(byte, radix: 16, uppercase: true)
        return Finding(
          offset: at, message: "the byte 0x\(digits) is not UTF-8 here; expected UTF-8",
          isEncoding: true)
      }
      if isQuotedOnly(scalar) { quotedOnly.append(at) }
      at += length
    }
    return nil
  }

  /// The offset of the first byte that is neither printable ASCII nor a line feed, or a little
  /// before it: eight bytes at a time, each compared within its own lane.
  @inline(__always)
  private static func skipPrintable(_ bytes: UnsafeBufferPointer<UInt8>, from: Int) -> Int {
    var at = from
    guard let base = UnsafeRawPointer(bytes.baseAddress) else { return at }
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    while at + 8 <= bytes.count {
      let word = base.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      guard word & highs == 0 else { break }
      let controls = ~((word | highs) &- ones &* 0x20)
      let breaks = ~((word ^ (ones &* 0x0A)) &+ ones &* 0x7F)
      let deletes = word &+ ones
      guard (controls & ~breaks | deletes) & highs == 0 else { break }
      at += 8
    }
    while at < bytes.count, bytes[at] >= 0x20, bytes[at] < 0x7F { at += 1 }
    return at
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    (byte >= 0x20 && byte < 0x7F) || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  private static func otherEncoding(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    let start = Array(bytes.prefix(4))
    if start.starts(with: [0xFF, 0xFE, 0, 0]) || start.starts(with: [0, 0, 0xFE, 0xFF]) {
      return "UTF-32"
    }
    if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    guard start.count == 4, (start[0] == 0) != (start[1] == 0) else { return nil }
    return start[2] == 0 && start[3] == 0 ? "UTF-32" : "UTF-16"
  }

  private static func refused(_ scalar: UInt32, _ offset: Int) -> Finding {
    let digits = String(scalar, radix: 16, uppercase: true)
    let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return Finding(
      offset: offset,
      message:
        "the character U+\(padded) may not stand here; expected printable text, or an escape "
        + "in double quotes", isEncoding: false)
  }

  /// The finding for a character that stands outside of quotes.
  static func unquoted(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> Finding {
    refused(bytes[offset] < 0x80 ? UInt32(bytes[offset]) : scalar(bytes, offset)?.0 ?? 0, offset)
  }

  private static func isQuotedOnly(_ scalar: UInt32) -> Bool {
    (scalar < 0xA0 && scalar != 0x85) || scalar == 0xFEFF || scalar == 0xFFFE || scalar == 0xFFFF
  }

  /// The scalar that starts at an offset and how many bytes it takes; nil if they are not UTF-8.
  private static func scalar(
    _ bytes: UnsafeBufferPointer<UInt8>, _ at: Int
  ) -> (UInt32, Int)? {
    let first = UInt32(bytes[at])
    let (length, least, start): (Int, UInt32, UInt32)
    switch first {
    case 0xC2...0xDF: (length, least, start) = (2, 0x80, first & 0x1F)
    case 0xE0...0xEF: (length, least, start) = (3, 0x800, first & 0x0F)
    case 0xF0...0xF4: (length, least, start) = (4, 0x10000, first & 0x07)
    default: return nil
    }
    guard at + length <= bytes.count else { return nil }
    var scalar = start
    for offset in 1..<length {
      let byte = bytes[at + offset]
      guard byte & 0xC0 == 0x80 else { return nil }
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    guard scalar >= least, scalar <= 0x10FFFF, scalar < 0xD800 || scalar > 0xDFFF else {
      return nil
    }
    return (scalar, length)
  }
}
