// Reading+Flow: collections in brackets and braces (YAML 1.2.2, chapter 7.4), JSON among them.

import SourceText

extension Reading {
  /// Reads `[…]` or `{…}`. Lines inside must be indented deeper than the parent.
  mutating func flowCollection(parent: Int) throws(Stop) {
    let start = pos
    try enter(start)
    let isMapping = byte(pos) == UInt8(ascii: "{")
    let index = try append(isMapping ? .mapping : .sequence, .plain, start: start, end: start)
    let closing = isMapping ? UInt8(ascii: "}") : UInt8(ascii: "]")
    pos += 1
    var entries = 0
    try flowSpace(parent, inside: start)
    while byte(pos) != closing {
      if isMapping {
        try flowPair(parent, inside: start)
      } else {
        try flowItem(parent, inside: start)
      }
      entries += 1
      try flowSpace(parent, inside: start)
      if byte(pos) == UInt8(ascii: ",") {
        pos += 1
        try flowSpace(parent, inside: start)
      } else if byte(pos) != closing {
        throw stop("expected ',' or '\(Unicode.Scalar(closing))', found \(found(pos))", pos)
      }
    }
    pos += 1
    close(index, end: pos, count: entries)
    if isMapping { try checkDuplicates(index, entries) }
    depth -= 1
  }

  /// Reads an item of a sequence, which may be a single pair: `[key: value]`.
  private mutating func flowItem(_ parent: Int, inside start: Int) throws(Stop) {
    let item = pos
    let line = lineStart
    let index = nodes.count
    try flowNode(parent, inside: start)
    let end = pos
    try flowSpace(parent, inside: start)
    guard byte(pos) == UInt8(ascii: ":") else { return }
    guard nodes[index].kind == .scalar else {
      throw unsupported("a collection as a key is", item, instead: "use a string")
    }
    guard line == lineStart else {
      throw stop("a key in a sequence must stand on one line with its ':'", item, end)
    }
    guard end > item else {
      throw unsupported("an empty key is", pos, instead: "write a key before ':'")
    }
    try checkKeyLength(index, upTo: pos)
    try checkKey(index)
    try enter(item)
    let mapping = try wrapLastInMapping()
    try flowValue(parent, inside: start)
    close(mapping, end: Int(nodes[mapping + 2].end), count: 1)
    depth -= 1
  }

  private mutating func flowPair(_ parent: Int, inside start: Int) throws(Stop) {
    try flowProperties(parent, inside: start)
    try refuseUnsupported()
    let key = nodes.count
    switch byte(pos) {
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      throw unsupported("a collection as a key is", pos, instead: "use a string")
    default: try flowScalar(parent)
    }
    try checkKey(key)
    let end = pos
    try flowSpace(parent, inside: start)
    guard byte(pos) == UInt8(ascii: ":"), isFlowColon(behind: key) else {
      if byte(pos) == UInt8(ascii: ",") || byte(pos) == UInt8(ascii: "}") {
        return try appendNull(at: end)
      }
      throw stop("expected ':', ',' or '}' behind the key, found \(found(pos))", pos)
    }
    try flowValue(parent, inside: start)
  }

  /// Whether the `:` here ends a key: behind one in quotes, always.
  private func isFlowColon(behind key: Int) -> Bool {
    nodes[key].style != .plain || isSpace(byte(pos + 1)) || isFlowIndicator(byte(pos + 1))
  }

  /// Reads `:` and the value behind it, if there is one.
  private mutating func flowValue(_ parent: Int, inside start: Int) throws(Stop) {
    pos += 1
    let colon = pos
    try flowSpace(parent, inside: start)
    if isFlowEnd(byte(pos)) { return try appendNull(at: colon) }
    try flowNode(parent, inside: start)
  }

  @inline(__always)
  private func isFlowEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
  }

  private mutating func flowNode(_ parent: Int, inside start: Int) throws(Stop) {
    let before = pos
    try flowProperties(parent, inside: start)
    if pos > before, isFlowEnd(byte(pos)) { return try appendNull(at: before) }
    try refuseUnsupported()
    switch byte(pos) {
    case UInt8(ascii: "["), UInt8(ascii: "{"): try flowCollection(parent: parent)
    default: try flowScalar(parent)
    }
  }

  @inline(__always)
  private mutating func flowScalar(_ parent: Int) throws(Stop) {
    switch byte(pos) {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): try quoted(parent: parent)
    case UInt8(ascii: "*"): try alias(isFlow: true)
    case UInt8(ascii: ":") where isFlowIndicator(byte(pos + 1)):
      throw unsupported("an empty key is", pos, instead: "write a key before ':'")
    default:
      try plainLine(isFlow: true)
      if isSpace(byte(pos)) { try continuePlain(parent: parent, isFlow: true) }
    }
  }

  /// Reports anchors and tags and steps over them.
  @inline(__always)
  private mutating func flowProperties(_ parent: Int, inside start: Int) throws(Stop) {
    while byte(pos) == UInt8(ascii: "&") || byte(pos) == UInt8(ascii: "!") {
      try property(isFlow: true)
      try flowSpace(parent, inside: start)
    }
  }

  /// Steps over white space, comments and breaks inside a collection; the text must not end there.
  @inline(__always)
  private mutating func flowSpace(_ parent: Int, inside start: Int) throws(Stop) {
    var next = byte(pos)
    if next == 0x20 {
      pos += 1
      next = byte(pos)
    }
    if next > 0x20, next != UInt8(ascii: "#") { return }
    try flowSpaces(parent, inside: start)
  }

  private mutating func flowSpaces(_ parent: Int, inside start: Int) throws(Stop) {
    while true {
      let next = byte(pos)
      if next == 0x20 || next == 0x09 {
        pos += 1
      } else if next == UInt8(ascii: "#"), pos == lineStart || isBlank(byte(pos - 1)) {
        pos = endOfLine(pos)
      } else if isBreak(next) {
        try nextFlowLine(parent)
      } else if pos >= count {
        let opening = Unicode.Scalar(byte(start))
        throw stop("'\(opening)' is never closed", start)
      } else {
        return
      }
    }
  }

  /// Steps over line breaks to the content of the next line, which must be indented.
  /// - Returns: How many breaks there were.
  @discardableResult
  mutating func nextFlowLine(_ parent: Int) throws(Stop) -> Int {
    var breaks = 0
    while isBreak(byte(pos)) {
      skipBreak()
      breaks += 1
      if isMarker(pos) { throw stop("a document marker cannot stand inside a value", pos, pos + 3) }
      while byte(pos) == 0x20 { pos += 1 }
      let indent = column
      while isBlank(byte(pos)) { pos += 1 }
      if pos < count, !isBreak(bytes[pos]),
        indent <= parent
      {
        throw stop(
          "found an indentation of \(indent) spaces; expected at least \(parent + 1), since the value "
            + "above is not finished", pos)
      }
    }
    return breaks
  }
}
