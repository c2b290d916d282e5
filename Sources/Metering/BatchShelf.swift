// BatchShelf: which batches count.
//
// A batch has a number, from 1 without a hole, and is published under it if it is free. Sixteen batches
// whose numbers start behind a multiple of sixteen are merged into one that covers their numbers, and
// sixteen of those again: ranges nest or are apart, whoever merges. A merged batch holds exactly what
// its parts hold; they are removed once it would survive a power cut. So a reader takes, from the
// first number on, the largest range there is, and nothing inside of it.
//
// Invariants: what lies inside of another range does not count. A listing that lacks a number was
// overtaken by a merge, and so was a file that is gone: then all is read again.

import CommitStore
import Digests

/// The name of a batch: the numbers that it covers.
struct BatchName: Hashable, Comparable, Sendable {
  /// How many batches are merged into one.
  static let fanIn = 16
  static let numberMax = 999_999_999_999
  private static let ending = ".usage"

  let first: Int
  let count: Int
  var last: Int { first + count - 1 }

  init(first: Int, count: Int) {
    self.first = first
    self.count = count
  }

  /// Nil for what is no batch's name.
  init?(_ name: String) {
    let text = name.utf8
    guard text.count == 25 + Self.ending.utf8.count, name.hasSuffix(Self.ending),
      let first = Self.number(text.prefix(12)), text.dropFirst(12).first == UInt8(ascii: "-"),
      let last = Self.number(text.dropFirst(13).prefix(12)), first >= 1, last >= first
    else { return nil }
    self.init(first: first, count: last - first + 1)
    var size = 1
    while size < count { size *= Self.fanIn }
    guard size == count, (first - 1) % size == 0 else { return nil }
  }

  var text: String { "\(Self.padded(first))-\(Self.padded(last))\(Self.ending)" }

  func contains(_ other: BatchName) -> Bool {
    self != other && first <= other.first && other.last <= last
  }

  /// By the first number, the larger range first.
  static func < (left: BatchName, right: BatchName) -> Bool {
    (left.first, right.count) < (right.first, left.count)
  }

  private static func number(_ digits: Substring.UTF8View) -> Int? {
    guard digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return Int(Substring(digits))
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }
}

/// The batches that count, at the time of one listing.
struct BatchCover: Sendable {
  /// One behind the other, from number 1 on.
  var batches: [BatchName] = []
  /// What lies inside of another one.
  var obsolete: [BatchName] = []
  /// The number that is missing; nil if there is no hole.
  var hole: Int?

  var lastNumber: Int { batches.last?.last ?? 0 }

  init(_ names: [BatchName]) {
    for name in names.sorted() {
      if let last = batches.last, last.contains(name) {
        obsolete.append(name)
      } else if name.first == lastNumber + 1 {
        batches.append(name)
      } else {
        hole = lastNumber + 1
        return
      }
    }
  }
}

/// Reads batches from a medium.
struct BatchShelf: Sendable {
  /// How often all is read again because it was overtaken.
  static let attemptsMax = 200

  let medium: any BatchMedium

  /// The batches that count now.
  func cover() throws(MeteringError) -> BatchCover {
    var attempt = 0
    while true {
      let cover = BatchCover(try names())
      guard let hole = cover.hole else { return cover }
      attempt += 1
      if attempt == Self.attemptsMax { throw .missing(number: hole) }
    }
  }

  private func names() throws(MeteringError) -> [BatchName] {
    let texts: [String]
    do { texts = try medium.names() } catch { throw .store(error) }
    var names: [BatchName] = []
    for text in texts {
      guard let name = BatchName(text) else {
        throw .damaged(name: text, reason: "this is no name of a batch")
      }
      names.append(name)
    }
    return names
  }

  /// Calls `body` with the batches that count, again if one is gone meanwhile.
  /// - Parameter body: Returns nil if a batch is gone.
  func read<Value>(
    _ body: (BatchCover) throws(MeteringError) -> Value?
  ) throws(MeteringError) -> Value {
    var attempt = 0
    while true {
      let cover = try cover()
      if let value = try body(cover) { return value }
      attempt += 1
      if attempt == Self.attemptsMax { throw .missing(number: cover.batches.first?.first ?? 1) }
    }
  }

  /// What is in a batch; nil if it is gone.
  func index(of name: BatchName) throws(MeteringError) -> BatchIndex? {
    guard var end = try readEnd(of: name, bytesMax: 1 << 16) else { return nil }
    try checkMark(end, name)
    let (count, checksum) = try sound(name, Array(end.suffix(Batch.footerBytes))) {
      (bytes) throws(Damage) in
      var reader = ByteReader(bytes)
      return (try reader.fixed(max: Batch.bytesMax), try reader.fixed())
    }
    if count + Batch.footerBytes > end.count {
      guard let more = try readEnd(of: name, bytesMax: count + Batch.footerBytes) else {
        return nil
      }
      end = more
    }
    return try sound(name, Array(end.dropLast(Batch.footerBytes).suffix(count))) {
      (bytes) throws(Damage) in
      guard bytes.count == count else { throw Damage("it is too short") }
      guard XXHash64.hash(bytes) == checksum else { throw Self.checksumFails }
      let index = try BatchIndex(reading: bytes)
      guard index.sources.count == name.count,
        index.sources.map(\.batch) == Array(name.first...name.last)
      else { throw Damage("it was written under another number") }
      return index
    }
  }

  /// The part of a batch whose checksum is known; nil if the batch is gone.
  func part(
    of name: BatchName, from start: Int, count: Int, checksum: UInt64
  ) throws(MeteringError) -> [UInt8]? {
    guard let bytes = try part(of: name, from: start, count: count) else { return nil }
    guard XXHash64.hash(bytes) == checksum else { throw damaged(name, Self.checksumFails) }
    return bytes
  }

  /// A part of a batch; nil if the batch is gone.
  func part(of name: BatchName, from start: Int, count: Int) throws(MeteringError) -> [UInt8]? {
    let bytes: [UInt8]?
    do { bytes = try medium.read(name.text, from: start, count: count) } catch {
      throw .store(error)
    }
    guard let bytes else { return nil }
    guard bytes.count == count else { throw damaged(name, Damage("it is too short")) }
    return bytes
  }

  /// Reads bytes; damage becomes an error that names the batch.
  func sound<Value>(
    _ name: BatchName, _ bytes: [UInt8],
    _ body: (UnsafeRawBufferPointer) throws(Damage) -> Value
  ) throws(MeteringError) -> Value {
    do throws(Damage) {
      return try bytes.withUnsafeBufferPointer { (bytes) throws(Damage) in
        try body(UnsafeRawBufferPointer(bytes))
      }
    } catch {
      throw damaged(name, error)
    }
  }

  func damaged(_ name: BatchName, _ damage: Damage) -> MeteringError {
    .damaged(name: name.text, reason: damage.reason)
  }

  static let checksumFails = Damage("a checksum does not hold")

  private func readEnd(of name: BatchName, bytesMax: Int) throws(MeteringError) -> [UInt8]? {
    do { return try medium.readEnd(of: name.text, bytesMax: bytesMax) } catch {
      throw .store(error)
    }
  }

  private func checkMark(_ end: [UInt8], _ name: BatchName) throws(MeteringError) {
    guard end.count >= Batch.footerBytes + Batch.mark.count else {
      throw damaged(name, Damage("it is too short"))
    }
    let mark = end.suffix(Batch.mark.count)
    if mark.elementsEqual(Batch.mark) { return }
    let family = Array("usher.usage/".utf8)
    guard mark.starts(with: family) else {
      throw damaged(name, Damage("its end is not as written"))
    }
    throw .foreign(
      name: name.text,
      format: String(decoding: mark.prefix { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self))
  }
}
