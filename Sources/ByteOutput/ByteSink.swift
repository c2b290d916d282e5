// ByteSink: where renderers put their bytes.

/// A growing buffer of UTF-8 text, written out in one piece.
public struct ByteSink: Sendable {
  /// What was appended so far.
  public private(set) var bytes: [UInt8] = []

  /// Starts empty.
  public init() {}

  /// Makes room for so many bytes in all.
  public mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  /// Appends text as it is.
  public mutating func write(_ text: String) {
    // Twice as fast as appending the view of a string, and counts no references.
    let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable {
      bytes.append(contentsOf: $0)
    }
    if isWritten == nil { bytes.append(contentsOf: text.utf8) }
  }

  /// Appends a literal as it is.
  public mutating func write(literal: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  /// Appends a whole number in decimal digits.
  public mutating func write(_ number: Int) {
    // A sign and 19 digits, from the last one on.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { text in
      var (start, rest) = (text.count, number.magnitude)
      repeat {
        start -= 1
        text.initializeElement(at: start, to: UInt8(ascii: "0") + UInt8(rest % 10))
        rest /= 10
      } while rest > 0
      if number < 0 {
        start -= 1
        text.initializeElement(at: start, to: UInt8(ascii: "-"))
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
    }
  }

  /// Appends one ASCII byte.
  public mutating func write(byte: UInt8) { bytes.append(byte) }

  /// Appends bytes as they are.
  public mutating func write(bytes more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  /// Appends text and a line feed.
  public mutating func writeLine(_ text: String = "") {
    write(text)
    bytes.append(0x0A)
  }

  /// Hands out what was appended so far, and starts anew: for text that is written out page by page.
  public mutating func take() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &bytes)
    // Pages end a little behind the size that they are to have: the next one may be the longer.
    bytes.reserveCapacity(taken.count + taken.count / 64)
    return taken
  }

  /// The buffer as a string.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}
