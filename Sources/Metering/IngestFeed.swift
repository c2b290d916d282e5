// IngestFeed: a file in pieces that end behind a record.

import SystemCalls

/// A piece of a file.
struct IngestPiece: Sendable {
  var bytes: [UInt8]
  /// Line feeds before it that are in no piece.
  var linesBefore = 0
}

/// What was read at once: the bytes as they came, to be hashed, and the same as pieces, to be parsed.
struct IngestPortion: Sendable {
  var blocks: [[UInt8]] = []
  var pieces: [IngestPiece] = []
}

/// Reads and cuts.
struct IngestFeed: Sendable {
  private static let blockBytes = 1 << 18
  private static let blocksAtOnce = 16

  private let read: @Sendable (Int) throws(SystemError) -> [UInt8]
  private let isCSV: Bool
  /// The start of a record whose end is yet to come.
  private var carry: [UInt8] = []
  private var isQuoted = false
  /// Whether the rest of a line that is too long is left out.
  private var isDropping = false
  private var linesDropped = 0
  private var isFirst = true
  private(set) var isAtEnd = false
  /// Why reading ended before the end.
  private(set) var failure: SystemError?

  init(isCSV: Bool, read: @escaping @Sendable (Int) throws(SystemError) -> [UInt8]) {
    self.read = read
    self.isCSV = isCSV
  }

  /// The next portion; one without blocks at the end.
  mutating func next() -> IngestPortion {
    var portion = IngestPortion()
    while portion.blocks.count < Self.blocksAtOnce, !isAtEnd {
      let block: [UInt8]
      do throws(SystemError) { block = try read(Self.blockBytes) } catch {
        failure = error
        isAtEnd = true
        return IngestPortion()
      }
      if block.count < Self.blockBytes { isAtEnd = true }
      // A byte order mark, which some programs begin a file with.
      let start = isFirst && block.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      isFirst = false
      cut(block, from: start, into: &portion.pieces)
      portion.blocks.append(block)
    }
    return portion
  }

  private mutating func cut(
    _ block: [UInt8], from first: Int, into pieces: inout [IngestPiece]
  ) {
    var start = first
    if isDropping {
      guard let end = firstEnd(in: block) else { return }
      isDropping = false
      start = end
    }
    let end = lastEnd(in: block, from: start)
    if let end {
      append(carry + block[start..<end], to: &pieces)
      carry.wipe()
      carry = Array(block[end...])
    } else {
      var joined = carry + block[start...]
      carry.wipe()
      swap(&carry, &joined)
    }
    if isAtEnd {
      append(carry, to: &pieces)
      carry = []
    } else if carry.count > RecordLimit.lineBytesMax {
      // Enough for its reader to see that it is too long.
      append(carry, to: &pieces)
      carry = []
      isDropping = true
    }
  }

  private mutating func append(_ bytes: [UInt8], to pieces: inout [IngestPiece]) {
    guard !bytes.isEmpty else { return }
    pieces.append(IngestPiece(bytes: bytes, linesBefore: linesDropped))
    linesDropped = 0
  }

  /// Behind the first record's end, as of the state before the block.
  private mutating func firstEnd(in block: [UInt8]) -> Int? {
    for (index, byte) in block.enumerated() {
      if isCSV, byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      guard byte == 0x0A else { continue }
      linesDropped += 1
      if !isQuoted { return index + 1 }
    }
    return nil
  }

  /// Behind the last record's end.
  private mutating func lastEnd(in block: [UInt8], from start: Int) -> Int? {
    guard isCSV else {
      return block.withUnsafeBufferPointer { bytes in
        var at = bytes.count
        while at > start {
          if bytes[at - 1] == 0x0A { return at }
          at -= 1
        }
        return nil
      }
    }
    var end: Int?
    var isQuoted = isQuoted
    block.withUnsafeBufferPointer { bytes in
      for at in start..<bytes.count {
        if bytes[at] == UInt8(ascii: "\"") { isQuoted.toggle() }
        if bytes[at] == 0x0A, !isQuoted { end = at + 1 }
      }
    }
    self.isQuoted = isQuoted
    return end
  }
}
