// LineIndex: from byte offsets to lines and columns.

/// The line starts of one text, found once, so that a position costs a look at a few places of the memory.
public struct LineIndex: Sendable {
  /// The text is parted into blocks of this many bytes.
  private static let blockBytes = 256

  private let bytes: [UInt8]
  private let starts: [UInt32]
  /// Of the first byte of every block, the index of its line.
  private let blocks: [UInt32]
  /// Of every block, whether each of its bytes is a character: then the text needs no look.
  private let isASCII: [Bool]

  /// Scans the text for its line breaks: LF, CRLF and CR.
  /// - Parameter bytes: Less than 4 GiB.
  public init(_ bytes: [UInt8]) {
    var starts: [UInt32] = [0]
    bytes.withUnsafeBufferPointer { bytes in
      for (at, byte) in bytes.enumerated() where byte <= 0x0D {
        let next = at + 1
        if byte == 0x0A || (byte == 0x0D && !(next < bytes.count && bytes[next] == 0x0A)) {
          starts.append(UInt32(next))
        }
      }
    }
    var blocks: [UInt32] = []
    blocks.reserveCapacity(bytes.count / Self.blockBytes + 1)
    for (line, start) in starts.enumerated() {
      // Of the blocks that begin in front of this line, those that are not told of yet are the line before.
      while blocks.count * Self.blockBytes < start { blocks.append(UInt32(line - 1)) }
    }
    while blocks.count <= bytes.count / Self.blockBytes { blocks.append(UInt32(starts.count - 1)) }
    self.bytes = bytes
    self.starts = starts
    self.blocks = blocks
    isASCII = blocks.indices.map { block in
      var all: UInt8 = 0
      let start = block * Self.blockBytes
      for byte in bytes[start..<min(start + Self.blockBytes, bytes.count)] { all |= byte }
      return all < 0x80
    }
  }

  /// The position of a byte offset; an offset past the end means the end.
  public func position(of offset: Int) -> SourcePosition {
    let offset = min(max(offset, 0), bytes.count)
    let line = lineNumber(of: offset)
    var at = Int(starts[line])
    if isASCII[at / Self.blockBytes...offset / Self.blockBytes].allSatisfy({ $0 }) {
      return SourcePosition(line: line + 1, column: offset - at + 1)
    }
    var scalars = 0
    if at == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = min(3, offset) }
    while at < offset {
      if bytes[at] & 0xC0 != 0x80 { scalars += 1 }
      at += 1
    }
    return SourcePosition(line: line + 1, column: scalars + 1)
  }

  /// The bytes of a line, from 1, without its break.
  public func line(_ number: Int) -> ArraySlice<UInt8> {
    guard number >= 1, number <= starts.count else { return [] }
    let start = Int(starts[number - 1])
    var end = number < starts.count ? Int(starts[number]) : bytes.count
    while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
    return bytes[start..<end]
  }

  private func lineNumber(of offset: Int) -> Int {
    let block = offset / Self.blockBytes
    var low = Int(blocks[block])
    var high = block + 1 < blocks.count ? Int(blocks[block + 1]) : starts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
