// YAMLComments: what a text holds beside its nodes: comments, blank lines, directives and `---`.

/// A comment: from `#` to the last character of its line that is not white.
public struct YAMLComment: Hashable, Sendable {
  /// Offset of the `#`.
  public let start: Int
  /// Offset behind the last byte.
  public let end: Int
  /// Offset of the line it ends.
  public let lineStart: Int
  /// How many characters stand before it on its line.
  public let column: Int
  /// Whether those are white, if there are any.
  public let isOwnLine: Bool
  /// Whether the line above is blank.
  public let isBelowBlankLine: Bool
}

/// What stands before a document's content.
public struct YAMLPrologue: Sendable {
  /// The `%…` lines.
  public internal(set) var directives: [Range<Int>] = []
  /// Offset of `---`; nil if there is none.
  public internal(set) var marker: Int?
}

extension YAMLDocument {
  /// Every comment in order, those on directive lines left out, and the prologue. Costs one pass
  /// over what is not in a scalar.
  public func comments() -> (comments: [YAMLComment], prologue: YAMLPrologue) {
    source.withUnsafeBufferPointer { bytes in
      var scan = CommentScan(bytes)
      for node in nodes where node.kind == .scalar {
        scan.gap(to: Int(node.start))
        if node.style == .literal || node.style == .folded { scan.header(from: Int(node.start)) }
        scan.skip(to: Int(node.end))
      }
      scan.gap(to: bytes.count)
      return (scan.comments, scan.prologue)
    }
  }

  /// Whether something is the first on its line and the line above is blank.
  public func isBelowBlankLine(_ offset: Int) -> Bool {
    source.withUnsafeBufferPointer { bytes in
      let scan = CommentScan(bytes)
      let start = scan.startOfBlanks(offset)
      return scan.isLineStart(start) && scan.isBlankLine(above: start)
    }
  }

  /// How many bytes stand before an offset on its line.
  public func byteColumn(_ offset: Int) -> Int {
    source.withUnsafeBufferPointer { offset - CommentScan($0).startOfLine(offset) }
  }
}

/// One pass over the gaps between scalars: every `#` in them begins a comment.
private struct CommentScan {
  private let bytes: UnsafeBufferPointer<UInt8>
  /// The first offset behind a byte order mark.
  private let first: Int
  private var pos: Int
  var comments: [YAMLComment] = []
  var prologue = YAMLPrologue()
  private var isPrologue = true

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    first = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    pos = first
  }

  mutating func skip(to offset: Int) { pos = max(pos, offset) }

  /// Steps over what is between two scalars.
  mutating func gap(to end: Int) {
    if isPrologue {
      readPrologue(to: end)
      isPrologue = false
    }
    while pos < end {
      if bytes[pos] == UInt8(ascii: "#") { comment() } else { pos += 1 }
    }
  }

  /// Looks for a comment behind the indicator of a block of text.
  mutating func header(from start: Int) {
    pos = start
    while pos < bytes.count, !isBreak(bytes[pos]) {
      if bytes[pos] == UInt8(ascii: "#") { comment() } else { pos += 1 }
    }
  }

  /// Directives stand before `---` alone; what looks like either behind it is in a scalar.
  private mutating func readPrologue(to end: Int) {
    while pos < end {
      let byte = bytes[pos]
      if byte == UInt8(ascii: "%"), isLineStart(pos) {
        let start = pos
        pos = endOfLine(pos)
        prologue.directives.append(start..<trimmed(start, pos))
      } else if byte == UInt8(ascii: "-"), isLineStart(pos), pos + 2 < bytes.count,
        bytes[pos + 1] == byte, bytes[pos + 2] == byte
      {
        prologue.marker = pos
        pos += 3
        return
      } else if byte == UInt8(ascii: "#") {
        comment()
      } else if byte == 0x20 || byte == 0x09 || isBreak(byte) {
        pos += 1
      } else {
        return
      }
    }
  }

  private mutating func comment() {
    let lineStart = startOfLine(pos)
    let blanks = startOfBlanks(pos)
    let end = endOfLine(pos)
    comments.append(
      YAMLComment(
        start: pos, end: trimmed(pos, end), lineStart: lineStart,
        column: bytes[lineStart..<pos].count { $0 & 0xC0 != 0x80 },
        isOwnLine: blanks == lineStart, isBelowBlankLine: isBlankLine(above: lineStart)))
    pos = end
  }

  private func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  func isLineStart(_ offset: Int) -> Bool { offset == first || isBreak(bytes[offset - 1]) }

  private func endOfLine(_ offset: Int) -> Int {
    var at = offset
    while at < bytes.count, !isBreak(bytes[at]) { at += 1 }
    return at
  }

  func startOfLine(_ offset: Int) -> Int {
    var at = offset
    while at > first, !isBreak(bytes[at - 1]) { at -= 1 }
    return at
  }

  /// Where the white space before an offset begins, on its line.
  func startOfBlanks(_ offset: Int) -> Int {
    var at = offset
    while at > first, bytes[at - 1] == 0x20 || bytes[at - 1] == 0x09 { at -= 1 }
    return at
  }

  private func trimmed(_ start: Int, _ end: Int) -> Int {
    max(start, startOfBlanks(end))
  }

  /// Whether a line begins at an offset and the one before is blank.
  func isBlankLine(above lineStart: Int) -> Bool {
    guard lineStart > first else { return false }
    var at = lineStart - 1
    if bytes[at] == 0x0A, at > first, bytes[at - 1] == 0x0D { at -= 1 }
    return isLineStart(startOfBlanks(at))
  }
}
