// BinaryCoding: whole numbers and texts as bytes, for what only usher reads and reads often.
// Form: numbers in LEB128 (seven bits a byte, the lowest first), signed ones zigzag; texts as their
// count of bytes and UTF-8; what may be absent behind a byte 0 or 1.

import Digests
import OrgModel

/// Appends values to a growing text.
struct BinaryWriter {
  private(set) var bytes: [UInt8] = []
  private var usernames = KnownTexts()
  private var subscriptions = KnownTexts()

  mutating func write(_ number: Int) {
    var rest = UInt64(bitPattern: Int64(number << 1 ^ number >> 63))
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func write(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  mutating func write(_ text: String) {
    write(text.utf8.count)
    var text = text
    text.withUTF8 { bytes.append(contentsOf: $0) }
  }

  /// Writes a username: in full the first time, by its turn from then on.
  mutating func write(_ name: Username) { write(name.text, turn: usernames.turn(of: name.text)) }

  /// Writes a subscription's id, in the same way.
  mutating func write(_ id: SubscriptionID) {
    write(id.text, turn: subscriptions.turn(of: id.text))
  }

  private mutating func write(_ text: String, turn: Int?) {
    write(turn ?? 0)
    if turn == nil { write(text) }
  }

  /// Writes a number of a fixed width as it lies in memory.
  mutating func write(bytesOf number: UInt64) {
    withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
  }

  mutating func write(_ digest: Digest) { bytes.append(contentsOf: digest.bytes) }

  mutating func writeOptional<Value>(
    _ value: Value?, _ body: (inout BinaryWriter, Value) -> Void
  ) {
    write(value != nil)
    if let value { body(&self, value) }
  }
}

/// Texts by their turn. Names come in their order, and again in the same: most are found without a search.
private struct KnownTexts {
  /// Those that ascend, before the first that did not.
  private var texts: [String] = []
  private var others: [String: Int] = [:]
  private var cursor = 0

  /// Which one it is, from 1; nil for one that is new, which becomes the last.
  mutating func turn(of text: String) -> Int? {
    for index in cursor..<min(cursor + 2, texts.count) where texts[index] == text {
      cursor = index
      return index + 1
    }
    guard let last = texts.last, !(last < text) else {
      guard others.isEmpty else { return turnAmongOthers(of: text) }
      texts.append(text)
      return nil
    }
    var (low, high) = (0, texts.count)
    while low < high {
      let middle = (low + high) / 2
      if texts[middle] < text { low = middle + 1 } else { high = middle }
    }
    guard texts[low] == text else { return turnAmongOthers(of: text) }
    cursor = low
    return low + 1
  }

  private mutating func turnAmongOthers(of text: String) -> Int? {
    if let turn = others[text] { return turn }
    others[text] = texts.count + others.count + 1
    return nil
  }
}

/// Reads values in the order in which they were written, from a text that may be anything, and that ends with
/// its checksum. The text comes in parts: as a whole it would be memory that is touched for a moment.
struct BinaryReader {
  /// How many bytes at the end are the XXH64 of all before.
  static let checksumBytes = 8
  /// Room for so many things is made at once; who claims that there are more is believed when they come,
  /// since the claim may be damaged.
  static let roomMax = 1 << 20
  private static let intBytesMax = 10

  private let next: () -> [UInt8]?
  /// What came and is not yet read, or not yet hashed.
  private var window: [UInt8] = []
  private var at = 0
  /// Behind what may be read: what are the last bytes so far may be the checksum.
  private var end = 0
  private var hashed = 0
  private var hash = XXHash64()
  private var isEnded = false
  /// What came in full, by its turn.
  private var usernames: [Username] = []
  private var subscriptions: [SubscriptionID] = []

  /// - Parameter next: Yields the text part by part, then nil.
  init(_ next: @escaping () -> [UInt8]?) { self.next = next }

  static let damaged = RecordError("the snapshot is damaged")

  /// Whether all but the checksum was read, and it is the right one.
  mutating func isAtSoundEnd() -> Bool {
    guard at == end, !load(1), window.count >= Self.checksumBytes else { return false }
    return window.withUnsafeBytes { window in
      let tail = UnsafeRawBufferPointer(rebasing: window[hashed..<end])
      return UInt64(bigEndian: window.loadUnaligned(fromByteOffset: end, as: UInt64.self))
        == hash.finalize(with: tail)
    }
  }

  /// Makes so many bytes ready to be read; false if the text ends before.
  @inline(__always)
  private mutating func load(_ count: Int) -> Bool { end - at >= count || loadMore(count) }

  @inline(never)
  private mutating func loadMore(_ count: Int) -> Bool {
    while end - at < count {
      guard !isEnded, let part = next() else {
        isEnded = true
        return false
      }
      let kept = min(at, hashed)
      window.removeFirst(kept)
      window += part
      (at, hashed) = (at - kept, hashed - kept)
      end = max(at, window.count - Self.checksumBytes)
      let stripes = (end - hashed) / XXHash64.stripeBytes * XXHash64.stripeBytes
      window.withUnsafeBytes {
        hash.update(stripes: UnsafeRawBufferPointer(rebasing: $0[hashed..<hashed + stripes]))
      }
      hashed += stripes
    }
    return true
  }

  mutating func int() throws(RecordError) -> Int {
    _ = load(Self.intBytesMax)
    // Nearly all numbers are small.
    if at < end, window[at] < 0x80 {
      let byte = window[at]
      at += 1
      return Int(byte >> 1) ^ -Int(byte & 1)
    }
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while at < end, shift < 64 {
      let byte = window[at]
      at += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int(Int64(bitPattern: value >> 1) ^ -Int64(value & 1)) }
      shift += 7
    }
    throw Self.damaged
  }

  /// A count of things that take a byte each at least.
  mutating func count() throws(RecordError) -> Int {
    let count = try int()
    guard count >= 0 else { throw Self.damaged }
    return count
  }

  mutating func bool() throws(RecordError) -> Bool {
    guard load(1), window[at] <= 1 else { throw Self.damaged }
    at += 1
    return window[at - 1] == 1
  }

  /// Shows so many bytes, which are read then.
  private mutating func bytes<Value>(
    _ count: Int, _ body: (UnsafeRawBufferPointer) -> Value?
  ) throws(RecordError) -> Value {
    guard load(count) else { throw Self.damaged }
    let value = window.withUnsafeBytes {
      body(UnsafeRawBufferPointer(rebasing: $0[at..<at + count]))
    }
    at += count
    guard let value else { throw Self.damaged }
    return value
  }

  mutating func string() throws(RecordError) -> String {
    try bytes(try count()) { slice in
      // What is not UTF-8 is mended, and then it is no longer the same. Ten times as quick as validating.
      var text = String(decoding: slice, as: UTF8.self)
      let isSame = text.withUTF8 { bytes in
        bytes.count == slice.count && zip(bytes, slice).allSatisfy { $0 == $1 }
      }
      return isSame ? text : nil
    }
  }

  mutating func digest() throws(RecordError) -> Digest {
    try bytes(32) { Digest(bigEndian: $0) }
  }

  mutating func username() throws(RecordError) -> Username {
    let turn = try int()
    if turn == 0 {
      usernames.append(
        try bytes(try count()) { Username(utf8: $0.bindMemory(to: UInt8.self)) })
    }
    return try Self.pick(turn, of: usernames)
  }

  mutating func subscription() throws(RecordError) -> SubscriptionID {
    let turn = try int()
    if turn == 0 { subscriptions.append(try parsed { SubscriptionID($0) }) }
    return try Self.pick(turn, of: subscriptions)
  }

  /// The value of that turn, from 1; the latest for 0. The number may be any: no arithmetic before it
  /// is known to be in range.
  private static func pick<Value>(_ turn: Int, of values: [Value]) throws(RecordError) -> Value {
    guard turn >= 0, turn <= values.count, let last = values.last else { throw damaged }
    return turn == 0 ? last : values[turn - 1]
  }

  /// A value that `parse` makes, nil where the bytes are none.
  mutating func parsed<Value>(_ parse: (String) -> Value?) throws(RecordError) -> Value {
    guard let value = parse(try string()) else { throw Self.damaged }
    return value
  }

  mutating func optional<Value>(
    _ read: (inout BinaryReader) throws(RecordError) -> Value
  ) throws(RecordError) -> Value? {
    try bool() ? try read(&self) : nil
  }
}
