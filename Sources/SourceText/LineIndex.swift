// LineIndex: from byte offsets to lines and columns.

/// The line starts of one text, found once, so that a position costs a binary search.
public struct LineIndex: Sendable {
  private let bytes: [UInt8]
  private let starts: [Int]

  /// Scans the text for its line breaks: LF, CRLF and CR.
  public init(_ bytes: [UInt8]) {
    var starts = [0]
    bytes.withUnsafeBufferPointer { bytes in
      for (at, byte) in bytes.enumerated() where byte <= 0x0D {
        let next = at + 1
        if byte == 0x0A || (byte == 0x0D && !(next < bytes.count && bytes[next] == 0x0A)) {
          starts.append(next)
        }
      }
    }
    self.bytes = bytes
    self.starts = starts
  }

  /// The position of a byte offset; an offset past the end means the end.
  public func position(of offset: Int) -> SourcePosition {
    let offset = min(max(offset, 0), bytes.count)
    let line = lineNumber(of: offset)
    var scalars = 0
    var at = starts[line]
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
    let start = starts[number - 1]
    var end = number < starts.count ? starts[number] : bytes.count
    while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
    return bytes[start..<end]
  }

  /// Most lines of a long file are of about one length: the search begins where the line would be then,
  /// and widens.
  private func lineNumber(of offset: Int) -> Int {
    var low = Int(Double(offset) / Double(max(bytes.count, 1)) * Double(starts.count - 1))
    var high = low
    var step = 1
    while starts[low] > offset {
      high = low - 1
      low = max(0, low - step)
      step *= 2
    }
    while high < starts.count - 1, starts[high + 1] <= offset {
      low = high + 1
      high = min(starts.count - 1, high + step)
      step *= 2
    }
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
