// CSVRows: where the rows of CSV end, also of those that are none.
// Invariants: where a row ends is told by its own bytes, however a file comes in blocks; what is no row
// ends with its first line, so that a stray quote takes no other row along.

/// Where a row of CSV ends.
struct CSVRow {
  /// Behind its line break.
  let end: Int
  /// Whether its quotes, its line breaks and, if it has several lines, the number of its cells are right.
  let isSound: Bool
}

/// Looks for the end of one row.
///
/// Cells in quotes may hold line breaks (RFC 4180), but times and numbers have none. A row of several lines
/// whose quotes do not add up, whose cells are not as many as the header's, or that is longer than a row may
/// be, is taken for what a quote too much makes of sound rows.
struct CSVRowScanner {
  private enum Quoted { case closed, open, unfinished }

  private let bytes: UnsafePointer<UInt8>
  private let count: Int
  private let isAll: Bool
  private let header: CSVHeader
  private let start: Int
  private var at: Int
  /// Behind the row's first line, if a cell goes on there.
  private var lineEnd: Int?

  /// The row that starts at a place; nil if its end is not among the bytes.
  /// - Parameter isAll: Whether no more bytes follow these.
  static func row(
    at start: Int, of bytes: UnsafePointer<UInt8>, _ count: Int, isAll: Bool, _ header: CSVHeader
  ) -> CSVRow? {
    var scanner = CSVRowScanner(start, bytes, count, isAll, header)
    return scanner.row()
  }

  private init(
    _ start: Int, _ bytes: UnsafePointer<UInt8>, _ count: Int, _ isAll: Bool, _ header: CSVHeader
  ) {
    self.bytes = bytes
    self.count = count
    self.isAll = isAll
    self.header = header
    self.start = start
    at = start
  }

  private mutating func row() -> CSVRow? {
    var column = 0
    while true {
      if at < count, bytes[at] == UInt8(ascii: "\"") {
        var hasBreak = false
        switch skipQuoted(&hasBreak) {
        case .unfinished: return nil
        case .open: return firstLine()
        case .closed: if hasBreak, !header.mayHoldBreak(column) { return firstLine() }
        }
      } else {
        while at < count, bytes[at] != UInt8(ascii: ","), bytes[at] != 0x0A {
          if bytes[at] == UInt8(ascii: "\"") { return firstLine() }
          at &+= 1
        }
      }
      if at < count, bytes[at] == 0x0D {
        at += 1
        guard at == count || bytes[at] == 0x0A else { return firstLine() }
      }
      guard at < count else {
        if isAll { return ended(column) }
        // With a carriage return that belongs to the line break.
        return lineEnd != nil && at - start > RecordLimit.lineBytesMax + 1 ? firstLine() : nil
      }
      if bytes[at] == 0x0A { return ended(column) }
      guard bytes[at] == UInt8(ascii: ",") else { return firstLine() }
      at += 1
      column += 1
    }
  }

  /// Goes behind a cell in quotes.
  private mutating func skipQuoted(_ hasBreak: inout Bool) -> Quoted {
    at += 1
    let wall = min(count, start + RecordLimit.lineBytesMax + 1)
    while at < wall {
      let byte = bytes[at]
      at &+= 1
      if byte == UInt8(ascii: "\"") {
        guard at < count else { return isAll ? .closed : .unfinished }
        guard bytes[at] == UInt8(ascii: "\"") else { return .closed }
        at &+= 1
      } else if byte == 0x0A {
        hasBreak = true
        if lineEnd == nil { lineEnd = at }
      }
    }
    return isAll || at - start > RecordLimit.lineBytesMax ? .open : .unfinished
  }

  /// The row, if it is one, that ends at a line break or with the bytes.
  private func ended(_ column: Int) -> CSVRow? {
    let behind = at < count ? at + 1 : at
    if lineEnd == nil { return CSVRow(end: behind, isSound: true) }
    let stop = bytes[at - 1] == 0x0D ? at - 1 : at
    guard column + 1 == header.fields.count, stop - start <= RecordLimit.lineBytesMax else {
      return firstLine()
    }
    return CSVRow(end: behind, isSound: true)
  }

  /// The line that is no row.
  private func firstLine() -> CSVRow? {
    if let lineEnd { return CSVRow(end: lineEnd, isSound: false) }
    let end = ByteScan.first(0x0A, in: bytes, from: at, to: count)
    if end < count { return CSVRow(end: end + 1, isSound: false) }
    return isAll ? CSVRow(end: count, isSound: false) : nil
  }
}

/// Looks for single bytes, eight at a time.
enum ByteScan {
  /// Where the first one is; the end if there is none.
  @inline(__always)
  static func first(
    _ byte: UInt8, in bytes: UnsafePointer<UInt8>, from start: Int, to end: Int
  ) -> Int {
    let raw = UnsafeRawPointer(bytes)
    let pattern = 0x0101_0101_0101_0101 &* UInt64(byte)
    var at = start
    while at &+ 8 <= end {
      let word = raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ pattern
      let found = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
      if found != 0 {
        at &+= UInt64(littleEndian: found).trailingZeroBitCount / 8
        break
      }
      at &+= 8
    }
    while at < end, bytes[at] != byte { at &+= 1 }
    return at
  }

  /// Behind the last one; the start if there is none.
  static func behindLast(
    _ byte: UInt8, in bytes: UnsafePointer<UInt8>, from start: Int, to end: Int
  ) -> Int {
    var at = end
    while at > start, bytes[at - 1] != byte { at &-= 1 }
    return at
  }
}
