// IngestFeed: a file in pieces that end behind a record.
// Invariants: a piece begins where a record does, whatever the sizes of blocks; what is carried on from
// block to block is the start of one record, and no longer than one may be.

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
  static let blockBytes = 1 << 18
  private static let blocksAtOnce = 16
  /// Of a line without an end, enough for its reader to see that it is too long, and to judge its last
  /// character that may stand there.
  private static let carryBytesMax = RecordLimit.lineBytesMax + 4

  private let read: @Sendable (Int) throws(SystemError) -> [UInt8]
  private let isCSV: Bool
  private let blockBytes: Int
  /// The start of a record whose end is yet to come.
  private var carry: [UInt8] = []
  /// Whether the rest of a line that is too long is left out.
  private var isDropping = false
  private var linesDropped = 0
  private var isFirst = true
  private var isAtEnd = false
  /// The columns of CSV, once its first record was read.
  private(set) var header: CSVHeader?
  /// What is wrong with the first record of CSV; there are no pieces then.
  private(set) var headerFailure: FieldError?
  /// Why reading ended before the end.
  private(set) var failure: SystemError?

  init(
    isCSV: Bool, blockBytes: Int, read: @escaping @Sendable (Int) throws(SystemError) -> [UInt8]
  ) {
    self.read = read
    self.isCSV = isCSV
    self.blockBytes = blockBytes
  }

  /// The next portion; one without blocks at the end.
  mutating func next() -> IngestPortion {
    var portion = IngestPortion()
    while portion.blocks.count < Self.blocksAtOnce, !isAtEnd {
      let block: [UInt8]
      do throws(SystemError) { block = try read(blockBytes) } catch {
        failure = error
        isAtEnd = true
        return IngestPortion()
      }
      if block.count < blockBytes { isAtEnd = true }
      // A byte order mark, which some programs begin a file with.
      let start = isFirst && block.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      isFirst = false
      if headerFailure == nil { cut(block, from: start, into: &portion.pieces) }
      portion.blocks.append(block)
    }
    return portion
  }

  private mutating func cut(
    _ block: [UInt8], from first: Int, into pieces: inout [IngestPiece]
  ) {
    var start = first
    if isDropping {
      guard let end = block.firstIndex(of: 0x0A) else { return }
      isDropping = false
      linesDropped += 1
      start = end + 1
    }
    var bytes = carry + block[start...]
    carry.wipe()
    carry = []
    if isCSV, header == nil {
      takeHeader(off: &bytes)
      guard header != nil else {
        if headerFailure == nil { swap(&carry, &bytes) } else { bytes.wipe() }
        return
      }
    }
    guard !isAtEnd else { return append(bytes, to: &pieces) }
    let end = lastEnd(in: bytes)
    carry = Array(bytes[end...])
    bytes.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[end...]).wipe() }
    bytes.removeLast(carry.count)
    append(bytes, to: &pieces)
    guard carry.count > Self.carryBytesMax else { return }
    append(carry, to: &pieces)
    carry = []
    isDropping = true
  }

  private mutating func append(_ bytes: [UInt8], to pieces: inout [IngestPiece]) {
    guard !bytes.isEmpty else { return }
    pieces.append(IngestPiece(bytes: bytes, linesBefore: linesDropped))
    linesDropped = 0
  }

  /// Takes the header off the start of a file, if its end is there.
  private mutating func takeHeader(off bytes: inout [UInt8]) {
    guard !bytes.isEmpty || !isAtEnd else {
      headerFailure = FieldError("the file is empty; CSV begins with a header")
      return
    }
    var isQuoted = false
    let lineBreak = bytes.firstIndex { byte in
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      return byte == 0x0A && !isQuoted
    }
    guard lineBreak != nil || isAtEnd || bytes.count > Self.carryBytesMax else { return }
    var line = Array(bytes[..<(lineBreak ?? bytes.count)])
    linesDropped += line.count { $0 == 0x0A } + (lineBreak == nil ? 0 : 1)
    if line.last == 0x0D { line.removeLast() }
    do throws(FieldError) {
      guard line.count <= RecordLimit.lineBytesMax else {
        throw FieldError("the header has more than \(RecordLimit.lineBytesMax) bytes")
      }
      header = try CSVHeader(line)
    } catch {
      headerFailure = error
      return
    }
    let rest = Array(bytes[(lineBreak.map { $0 + 1 } ?? bytes.count)...])
    bytes.wipe()
    bytes = rest
  }

  /// Behind the last record that has an end.
  private func lastEnd(in bytes: [UInt8]) -> Int {
    bytes.withUnsafeBufferPointer { buffer in
      guard let bytes = buffer.baseAddress else { return 0 }
      var at = 0
      while true {
        // Without a quote a row ends with its line.
        let quote =
          header == nil
          ? buffer.count
          : ByteScan.first(UInt8(ascii: "\""), in: bytes, from: at, to: buffer.count)
        let start = ByteScan.behindLast(0x0A, in: bytes, from: at, to: quote)
        guard quote < buffer.count, let header,
          let row = CSVRowScanner.row(at: start, of: bytes, buffer.count, isAll: false, header)
        else { return start }
        at = row.end
      }
    }
  }
}
