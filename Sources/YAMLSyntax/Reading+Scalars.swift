// Reading+Scalars: plain and quoted scalars (YAML 1.2.2, chapters 7.3.1 to 7.3.3).

import SourceText

extension Reading {
  /// Reads the part of a plain scalar that stands on this line, and appends its node.
  mutating func plainLine(isFlow: Bool) throws(Stop) {
    let start = pos
    if start >= count || ByteSet.indicators.contains(bytes[start]) {
      try checkPlainStart(isFlow: isFlow)
    }
    let end = scanPlain(isFlow: isFlow)
    try append(.scalar, .plain, start: start, end: end, content: start, count: end - start)
  }

  private mutating func checkPlainStart(isFlow: Bool) throws(Stop) {
    guard pos < count else { throw stop("expected a value, found \(found(pos))", pos) }
    switch bytes[pos] {
    case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
      let next = byte(pos + 1)
      if isSpace(next) || (isFlow && isFlowIndicator(next)) {
        throw stop("expected a value, found \(found(pos))", pos)
      }
    default: throw stop("a value cannot begin with \(found(pos)); put the text in quotes", pos)
    }
  }

  /// Steps over plain text up to an indicator or the end of the line; `pos` is behind its last
  /// character that is not white.
  @inline(__always)
  private mutating func scanPlain(isFlow: Bool) -> Int {
    let stops = isFlow ? ByteSet.flowStops : ByteSet.blockStops
    var at = pos
    var end = pos
    scan: while true {
      while at < count, !stops.contains(bytes[at]) { at += 1 }
      guard at < count else {
        if at > pos, !isBlank(bytes[at - 1]) { end = at }
        break
      }
      if at > pos, !isBlank(bytes[at - 1]) { end = at }
      switch bytes[at] {
      case 0x20, 0x09:
        repeat { at += 1 } while isBlank(byte(at))
        continue
      case UInt8(ascii: ":"):
        let next = byte(at + 1)
        if isSpace(next) || (isFlow && isFlowIndicator(next)) { break scan }
      case UInt8(ascii: "#"):
        if at > end { break scan }
      default: break scan
      }
      at += 1
    }
    pos = end
    return end
  }

  /// Folds the following lines into the plain scalar that is the last node, if they belong to it.
  mutating func continuePlain(parent: Int, isFlow: Bool) throws(Stop) {
    let index = nodes.count - 1
    while true {
      var at = pos
      while isBlank(byte(at)) { at += 1 }
      guard isBreak(byte(at)) else { return }
      let (savedPos, savedLine) = (pos, lineStart)
      pos = at
      var breaks = 0
      var indent = 0
      while isBreak(byte(pos)) {
        skipBreak()
        breaks += 1
        while byte(pos) == 0x20 { pos += 1 }
        indent = column
        while isBlank(byte(pos)) { pos += 1 }
      }
      let next = byte(pos)
      let isEnd =
        pos >= count || next == UInt8(ascii: "#") || (column == 0 && isMarker(pos))
        || (isFlow
          ? isFlowIndicator(next)
            || (next == UInt8(ascii: ":")
              && (isSpace(byte(pos + 1)) || isFlowIndicator(byte(pos + 1))))
          : indent <= parent)
      if isEnd {
        (pos, lineStart) = (savedPos, savedLine)
        return
      }
      guard indent > parent else {
        throw stop(
          "found an indentation of \(indent) spaces; expected at least \(parent + 1), since the value "
            + "above is not finished", pos)
      }
      try fold(into: index, breaks: breaks, isFlow: isFlow)
    }
  }

  private mutating func fold(into index: Int, breaks: Int, isFlow: Bool) throws(Stop) {
    if !nodes[index].isDecoded {
      let text = Int(nodes[index].start)..<Int(nodes[index].end)
      nodes[index].content = UInt32(decoded.count)
      nodes[index].isDecoded = true
      decoded.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[text]))
    }
    appendFold(breaks)
    let start = pos
    let end = scanPlain(isFlow: isFlow)
    if !isFlow, isKeyColon() {
      throw stop(
        "found a key on a line that continues the text above; expected another indentation, or the "
          + "text in quotes", start, end)
    }
    decoded.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<end]))
    nodes[index].end = UInt32(end)
    nodes[index].count = UInt32(decoded.count) - nodes[index].content
  }

  /// One break becomes a space, more become one less.
  private mutating func appendFold(_ breaks: Int) {
    if breaks == 1 {
      decoded.append(0x20)
    } else {
      decoded.append(contentsOf: repeatElement(0x0A, count: breaks - 1))
    }
  }

  /// Reads a quoted scalar and appends its node.
  mutating func quoted(parent: Int) throws(Stop) {
    let start = pos
    let quote = byte(pos)
    let isDouble = quote == UInt8(ascii: "\"")
    pos += 1
    // Most have nothing to decode: then the content is a range of the source.
    var at = pos
    while at < count {
      let byte = bytes[at]
      if byte == quote || isBreak(byte) || (isDouble && byte == UInt8(ascii: "\\")) { break }
      at += 1
    }
    let style = isDouble ? ScalarStyle.doubleQuoted : .singleQuoted
    if byte(at) == quote, isDouble || byte(at + 1) != quote {
      try append(.scalar, style, start: start, end: at + 1, content: pos, count: at - pos)
      pos = at + 1
      return
    }
    let content = decoded.count
    try decodeQuoted(quote, start, parent, content)
    pos += 1
    try append(
      .scalar, style, start: start, end: pos, content: content, count: decoded.count - content,
      isDecoded: true)
  }

  private mutating func decodeQuoted(
    _ quote: UInt8, _ start: Int, _ parent: Int, _ content: Int
  ) throws(Stop) {
    // White space before this many decoded bytes was written as an escape and is kept at a break.
    var kept = content
    while true {
      guard pos < count else { throw stop("the quote is never closed", start) }
      let byte = bytes[pos]
      if byte == quote {
        guard quote == UInt8(ascii: "'"), self.byte(pos + 1) == quote else { return }
        decoded.append(quote)
        pos += 2
      } else if isBreak(byte) {
        while decoded.count > kept, let last = decoded.last, isBlank(last) { decoded.removeLast() }
        let breaks = try nextFlowLine(parent)
        guard pos < count else { throw stop("the quote is never closed", start) }
        appendFold(breaks)
        kept = decoded.count
      } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        if isBreak(self.byte(pos + 1)) {
          pos += 1
          let breaks = try nextFlowLine(parent)
          decoded.append(contentsOf: repeatElement(0x0A, count: breaks - 1))
        } else {
          try escape()
        }
        kept = decoded.count
      } else {
        let run = pos
        repeat { pos += 1 } while pos < count && !ByteSet.quoteStops.contains(bytes[pos])
        decoded.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run..<pos]))
      }
    }
  }

  /// Reads one escape sequence (YAML 1.2.2, section 5.7).
  private mutating func escape() throws(Stop) {
    let start = pos
    let letter = byte(pos + 1)
    pos += 2
    let simple: UInt32
    switch letter {
    case UInt8(ascii: "0"): simple = 0
    case UInt8(ascii: "a"): simple = 7
    case UInt8(ascii: "b"): simple = 8
    case UInt8(ascii: "t"), 0x09: simple = 9
    case UInt8(ascii: "n"): simple = 10
    case UInt8(ascii: "v"): simple = 11
    case UInt8(ascii: "f"): simple = 12
    case UInt8(ascii: "r"): simple = 13
    case UInt8(ascii: "e"): simple = 27
    case UInt8(ascii: " "), UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "\\"):
      simple = UInt32(letter)
    case UInt8(ascii: "N"): simple = 0x85
    case UInt8(ascii: "_"): simple = 0xA0
    case UInt8(ascii: "L"): simple = 0x2028
    case UInt8(ascii: "P"): simple = 0x2029
    case UInt8(ascii: "x"): simple = try hexadecimal(2, start)
    case UInt8(ascii: "u"): simple = try codeUnits(start)
    case UInt8(ascii: "U"): simple = try hexadecimal(8, start)
    default:
      throw stop("'\\' and \(found(pos - 1)) are no escape sequence", start, pos)
    }
    guard let scalar = Unicode.Scalar(simple) else {
      throw stop("the escape sequence names no Unicode character", start, pos)
    }
    decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  /// `\uXXXX`, or two of them for a surrogate pair, as JSON writes characters beyond U+FFFF.
  private mutating func codeUnits(_ start: Int) throws(Stop) -> UInt32 {
    let high = try hexadecimal(4, start)
    guard high >= 0xD800, high < 0xDC00, byte(pos) == UInt8(ascii: "\\"),
      byte(pos + 1) == UInt8(ascii: "u")
    else { return high }
    pos += 2
    let low = try hexadecimal(4, start)
    guard low >= 0xDC00, low < 0xE000 else { return high }
    return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
  }

  private mutating func hexadecimal(_ digits: Int, _ start: Int) throws(Stop) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<digits {
      let byte = byte(pos)
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(byte - 0x41 + 10)
      case 0x61...0x66: value = value << 4 | UInt32(byte - 0x61 + 10)
      default:
        throw stop("expected \(digits) hexadecimal digits, found \(found(pos))", start, pos + 1)
      }
      pos += 1
    }
    return value
  }
}
