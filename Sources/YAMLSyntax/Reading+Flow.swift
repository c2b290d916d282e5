// Reading+Flow: collections in brackets and braces (YAML 1.2.2, chapter 7.4), JSON among them.

import SourceText

extension Reading {
  /// Reads `[…]` or `{…}`. Lines inside must be indented deeper than the parent.
  mutating func flowCollection(parent: Int) throws(Stop) {
    try enter(pos)
    let isMapping = byte(pos) == UInt8(ascii: "{")
    let start = pos
    let index = try append(isMapping ? .mapping : .sequence, .plain, start: start, end: start)
    let closing = isMapping ? UInt8(ascii: "}") : UInt8(ascii: "]")
    pos += 1
    var entries = 0
    try flowSpace(parent, inside: start)
    while byte(pos) != closing {
      if byte(pos) == UInt8(ascii: ",") {
        throw stop("expected an entry, found ','", pos)
      }
      if isMapping { try flowPair(parent, inside: start) } else { try flowItem(parent, inside: start) }
      entries += 1
      try flowSpace(parent, inside: start)
      if byte(pos) == UInt8(ascii: ",") {
        pos += 1
        try flowSpace(parent, inside: start)
      } else if byte(pos) != closing {
        throw stop(
          "expected ',' or '\(Unicode.Scalar(closing))', found \(found(pos))", pos)
      }
    }
    pos += 1
    close(index, end: pos, count: entries)
    if isMapping { checkDuplicates(index, entries) }
    depth -= 1
  }

  private mutating func flowItem(_ parent: Int, inside start: Int) throws(Stop) {
    let item = pos
    try flowNode(parent)
    try flowSpace(parent, inside: start)
    if byte(pos) == UInt8(ascii: ":") {
      throw unsupported("a pair in a sequence is", item, instead: "write it in braces")
    }
  }

  private mutating func flowPair(_ parent: Int, inside start: Int) throws(Stop) {
    try refuseUnsupported()
    let line = lineStart
    let key = nodes.count
    switch byte(pos) {
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      throw unsupported("a collection as a key is", pos, instead: "use a string")
    case UInt8(ascii: "\""), UInt8(ascii: "'"): try quoted(parent: parent)
    case UInt8(ascii: ":") where isFlowIndicator(byte(pos + 1)):
      throw unsupported("an empty key is", pos, instead: "write a key before ':'")
    default:
      try plainLine(isFlow: true)
      try continuePlain(parent: parent, isFlow: true)
    }
    try checkKey(key)
    let end = pos
    try flowSpace(parent, inside: start)
    let isJSONKey = nodes[key].style != .plain
    guard byte(pos) == UInt8(ascii: ":"),
      isJSONKey || isSpace(byte(pos + 1)) || isFlowIndicator(byte(pos + 1))
    else {
      if byte(pos) == UInt8(ascii: ",") || byte(pos) == UInt8(ascii: "}") {
        return try appendNull(at: end)
      }
      throw stop("expected ':', ',' or '}' behind the key, found \(found(pos))", pos)
    }
    guard line == lineStart else {
      throw unsupported("a key on several lines is", Int(nodes[key].start), instead: "keep the key and its ':' on one line")
    }
    pos += 1
    let colon = pos
    try flowSpace(parent, inside: start)
    if byte(pos) == UInt8(ascii: ",") || byte(pos) == UInt8(ascii: "}") {
      return try appendNull(at: colon)
    }
    try flowNode(parent)
  }

  private mutating func flowNode(_ parent: Int) throws(Stop) {
    try refuseUnsupported()
    switch byte(pos) {
    case UInt8(ascii: "["), UInt8(ascii: "{"): try flowCollection(parent: parent)
    case UInt8(ascii: "\""), UInt8(ascii: "'"): try quoted(parent: parent)
    case UInt8(ascii: ":") where isFlowIndicator(byte(pos + 1)):
      throw unsupported("an empty key is", pos, instead: "write a key before ':'")
    default:
      try plainLine(isFlow: true)
      try continuePlain(parent: parent, isFlow: true)
    }
  }

  /// Steps over white space, comments and breaks inside a collection; the text must not end there.
  private mutating func flowSpace(_ parent: Int, inside start: Int) throws(Stop) {
    while true {
      let next = byte(pos)
      if next == 0x20 || next == 0x09 {
        pos += 1
      } else if next == UInt8(ascii: "#"), pos == lineStart || isBlank(byte(pos - 1)) {
        while pos < count, !isBreak(bytes[pos]) { pos += 1 }
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
