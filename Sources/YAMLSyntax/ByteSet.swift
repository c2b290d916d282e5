// ByteSet: which ASCII bytes end or begin something, as bits.

/// A set of ASCII bytes; no other byte is in it.
struct ByteSet {
  private let low: UInt64
  private let high: UInt64

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    let bits = byte < 0x40 ? low : byte < 0x80 ? high : 0
    return bits &>> UInt64(byte & 0x3F) & 1 != 0
  }

  /// What may end plain text: white space, breaks, `:` and `#`.
  static let blockStops = ByteSet(low: 0x0400_0009_0000_2600, high: 0)
  /// The same in a flow collection: `,`, brackets and braces too.
  static let flowStops = ByteSet(low: 0x0400_1009_0000_2600, high: 0x2800_0000_2800_0000)
  /// What ends a run of quoted text: a quote, a backslash or a break.
  static let quoteStops = ByteSet(low: 0x0000_0084_0000_2400, high: 0x0000_0000_1000_0000)
  /// What plain text does not begin with, or not always (YAML 1.2.2, section 5.3).
  static let indicators = ByteSet(low: 0xC400_34EE_0000_0000, high: 0x3800_0001_2800_0001)
}
