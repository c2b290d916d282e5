// BatchCoding: numbers as bytes: seven bits a byte, the lowest first (LEB128).

import Digests

/// That a text is not what was written.
struct Damage: Error {
  let reason: String

  init(_ reason: String = "its content does not follow its format") { self.reason = reason }
}

/// Appends numbers and texts.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  @inline(__always)
  mutating func write(_ number: UInt64) {
    var rest = number
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func write(_ number: Int) {
    precondition(number >= 0, "counts and places are not negative")
    write(UInt64(number))
  }

  /// Zigzag: small numbers of either sign are short.
  mutating func write(signed number: Int) {
    write(UInt64(bitPattern: Int64(number << 1 ^ number >> 63)))
  }

  mutating func write(_ text: String) {
    write(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func write(fixed number: UInt64) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func write(raw more: [UInt8]) { bytes.append(contentsOf: more) }

  /// What was written; then it begins anew.
  mutating func take() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &bytes)
    return taken
  }
}

/// Reads them from bytes that may be anything.
struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var at = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  @inline(__always)
  mutating func number() throws(Damage) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while at < bytes.count, shift < 64 {
      let byte = bytes[at]
      at &+= 1
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return value }
      shift &+= 7
    }
    throw Damage()
  }

  /// A number that is not negative and at most some limit.
  @inline(__always)
  mutating func int(max limit: Int = .max) throws(Damage) -> Int {
    let value = try number()
    guard value <= UInt64(limit) else { throw Damage() }
    return Int(value)
  }

  mutating func signed(max limit: Int) throws(Damage) -> Int {
    let value = try number()
    let number = Int(Int64(bitPattern: value >> 1) ^ -Int64(value & 1))
    guard number >= -limit, number <= limit else { throw Damage() }
    return number
  }

  /// A count of things that take a byte each at least.
  mutating func count() throws(Damage) -> Int { try int(max: bytes.count - at) }

  mutating func string() throws(Damage) -> String {
    let count = try count()
    defer { at += count }
    let slice = UnsafeRawBufferPointer(rebasing: bytes[at..<at + count])
    guard let text = String(validating: slice, as: UTF8.self) else { throw Damage() }
    return text
  }

  mutating func fixed() throws(Damage) -> UInt64 {
    guard bytes.count - at >= 8 else { throw Damage() }
    defer { at += 8 }
    return UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  mutating func fixed(max limit: Int) throws(Damage) -> Int {
    let value = try fixed()
    guard value <= UInt64(limit) else { throw Damage() }
    return Int(value)
  }

  mutating func digest() throws(Damage) -> Digest {
    guard bytes.count - at >= 32 else { throw Damage() }
    defer { at += 32 }
    return Digest(bigEndian: UnsafeRawBufferPointer(rebasing: bytes[at..<at + 32]))
  }
}
