// Reading+BlockScalar: literal and folded scalars (YAML 1.2.2, chapter 8.1).

import SourceText

extension Reading {
  private enum Chomping {
    case strip
    case clip
    case keep
  }

  /// Reads `|` or `>`, its header and its lines, and appends its node.
  mutating func blockScalar(parent: Int) throws(Stop) {
    let start = pos
    let isFolded = byte(pos) == UInt8(ascii: ">")
    let (chomping, explicit) = try header(parent)
    var indent = explicit ?? 0
    if explicit == nil { indent = try detectIndent(parent) }
    let content = decoded.count
    let end = lines(isFolded: isFolded, chomping: chomping, indent: indent)
    try refuseTabBehind()
    try append(
      .scalar, isFolded ? .folded : .literal, start: start, end: max(end, start + 1),
      content: content, count: decoded.count - content, isDecoded: true)
  }

  /// Behind the lines of a block only spaces may stand before a break or a comment (YAML 1.2.2,
  /// productions 167 and 169), unless the document ends there.
  private mutating func refuseTabBehind() throws(Stop) {
    var tab = pos
    while byte(tab) == 0x20 { tab += 1 }
    guard byte(tab) == 0x09 else { return }
    var ahead = self
    guard ahead.nextContent(), !(ahead.column == 0 && isMarker(ahead.pos)) else { return }
    throw stop("a tab cannot indent; expected spaces", tab)
  }

  private mutating func header(_ parent: Int) throws(Stop) -> (Chomping, Int?) {
    pos += 1
    var chomping: Chomping?
    var indent: Int?
    while true {
      let byte = byte(pos)
      if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"), chomping == nil {
        chomping = byte == UInt8(ascii: "-") ? .strip : .keep
      } else if byte >= 0x31, byte <= 0x39, indent == nil {
        indent = parent + Int(byte - 0x30)
      } else {
        break
      }
      pos += 1
    }
    let headerEnd = pos
    while isBlank(byte(pos)) { pos += 1 }
    if byte(pos) == UInt8(ascii: "#"), pos > headerEnd {
      pos = endOfLine(pos)
    }
    guard pos >= count || isBreak(byte(pos)) else {
      throw stop(
        "expected the end of the line behind the indicator of a block of text, found \(found(pos))",
        pos)
    }
    if pos < count { skipBreak() }
    return (chomping ?? .clip, indent)
  }

  /// The indentation of the first line that is not blank; blank lines before it must not be deeper.
  private mutating func detectIndent(_ parent: Int) throws(Stop) -> Int {
    var at = pos
    var deepest = (spaces: 0, offset: pos)
    while at < count {
      let start = at
      while byte(at) == 0x20 { at += 1 }
      let spaces = at - start
      guard at < count, isBreak(byte(at)) else {
        if at >= count { return max(parent + 1, deepest.spaces, spaces) }
        if spaces <= parent {
          if byte(at) == 0x09 { throw stop("a tab cannot indent; expected spaces", at) }
          return max(parent + 1, deepest.spaces)
        }
        guard deepest.spaces <= spaces else {
          throw stop(
            "a blank line is indented deeper than the text that follows; expected at most \(spaces) "
              + "spaces", deepest.offset)
        }
        return spaces
      }
      if spaces > deepest.spaces { deepest = (spaces, start) }
      at += byte(at) == 0x0D && byte(at + 1) == 0x0A ? 2 : 1
    }
    return max(parent + 1, deepest.spaces)
  }

  /// Decodes the lines, folding them if asked; leaves `pos` at the start of the line behind them.
  /// - Returns: The offset behind the last line with text.
  private mutating func lines(isFolded: Bool, chomping: Chomping, indent: Int) -> Int {
    var end = pos
    var hasBreak = false
    var blankLines = 0
    var wasMoreIndented = false
    while pos < count {
      let start = pos
      var at = pos
      while at - start < indent, byte(at) == 0x20 { at += 1 }
      if isBreak(byte(at)) || at >= count {
        pos = at
        if at > start || at < count { blankLines += 1 }
        if at < count { skipBreak() }
        continue
      }
      guard at - start == indent, !(indent == 0 && isMarker(at)) else { break }
      let isMoreIndented = isBlank(byte(at))
      if isFolded, hasBreak, !wasMoreIndented, !isMoreIndented {
        if blankLines == 0 { decoded.append(0x20) }
      } else if hasBreak {
        decoded.append(0x0A)
      }
      decoded.append(contentsOf: repeatElement(0x0A, count: blankLines))
      blankLines = 0
      wasMoreIndented = isMoreIndented
      var lineEnd = at
      while lineEnd < count, !isBreak(bytes[lineEnd]) { lineEnd += 1 }
      decoded.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[at..<lineEnd]))
      end = lineEnd
      pos = lineEnd
      hasBreak = pos < count
      if hasBreak { skipBreak() }
    }
    if chomping != .strip, hasBreak { decoded.append(0x0A) }
    if chomping == .keep { decoded.append(contentsOf: repeatElement(0x0A, count: blankLines)) }
    return end
  }
}
