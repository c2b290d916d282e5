// Reading+Block: block collections (YAML 1.2.2, chapter 8) by their indentation.

import SourceText

extension Reading {
  /// Reads the node that comes next, if it is indented deeper than its parent; else a null.
  /// - Parameters:
  ///   - parent: The indentation of the parent; -1 at the root.
  ///   - mayStartBlock: Whether a block collection may begin on this line.
  ///   - maySequenceAtParent: Whether a sequence may stand at the parent's own indentation.
  mutating func blockNode(
    parent: Int, mayStartBlock: Bool, maySequenceAtParent: Bool
  ) throws(Stop) {
    let before = pos
    guard try nextContent() else { return try appendNull(at: before) }
    let hasCrossed = isAtLineStart
    let indent = column
    let isEntry = byte(pos) == UInt8(ascii: "-") && isSpace(byte(pos + 1))
    if hasCrossed {
      if indent == 0, isMarker(pos) { return try appendNull(at: before) }
      let isSequenceAtParent = maySequenceAtParent && isEntry && indent == parent
      if indent <= parent, !isSequenceAtParent { return try appendNull(at: before) }
    }
    var mayBlock = hasCrossed || mayStartBlock
    // A tab between `-` and what follows leaves its column, and so its indentation, undefined.
    if !hasCrossed, mayBlock, (before..<pos).contains(where: { bytes[$0] == 0x09 }) {
      mayBlock = false
    }
    if isEntry {
      guard mayBlock else {
        throw stop("a sequence cannot start on this line; expected it on a line of its own", pos)
      }
      return try blockSequence(indent)
    }
    try refuseUnsupported()
    switch byte(pos) {
    case UInt8(ascii: "|"), UInt8(ascii: ">"): try blockScalar(parent: parent)
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      let start = pos
      try flowCollection(parent: parent)
      if isKeyColon() {
        throw unsupported("a collection as a key is", start, instead: "use a string")
      }
    default: try scalarOrMapping(parent: parent, indent: indent, mayBlock: mayBlock)
    }
  }

  /// Whether, behind blanks on this line, a `:` makes what stands before it a key.
  func isKeyColon() -> Bool {
    var at = pos
    while isBlank(byte(at)) { at += 1 }
    return byte(at) == UInt8(ascii: ":") && isSpace(byte(at + 1))
  }

  /// Refuses constructs that begin with an indicator usher does not read.
  mutating func refuseUnsupported() throws(Stop) {
    switch byte(pos) {
    case UInt8(ascii: "&"): throw unsupported("an anchor is", pos, instead: "write the value out")
    case UInt8(ascii: "*"): throw unsupported("an alias is", pos, instead: "write the value out, or quote the text")
    case UInt8(ascii: "!"): throw unsupported("a tag is", pos, instead: "remove it, or quote the text")
    case UInt8(ascii: "?") where isSpace(byte(pos + 1)):
      throw unsupported("an explicit key is", pos, instead: "write 'key: value'")
    case UInt8(ascii: ":") where isSpace(byte(pos + 1)):
      throw unsupported("an empty key is", pos, instead: "write a key before ':'")
    default: return
    }
  }

  private mutating func scalarOrMapping(
    parent: Int, indent: Int, mayBlock: Bool
  ) throws(Stop) {
    let start = pos
    let isQuoted = byte(pos) == UInt8(ascii: "\"") || byte(pos) == UInt8(ascii: "'")
    let line = lineStart
    if isQuoted { try quoted(parent: parent) } else { try plainLine(isFlow: false) }
    guard isKeyColon() else {
      if !isQuoted { try continuePlain(parent: parent, isFlow: false) }
      return
    }
    guard line == lineStart else {
      throw stop("a key must stand on one line", start, pos)
    }
    guard mayBlock else {
      throw stop(
        "a mapping cannot start on this line; expected it on a line of its own, or the text in quotes",
        pos)
    }
    try blockMapping(indent, firstKeyStart: start)
  }

  /// Reads the rest of a mapping whose first key is the last node.
  private mutating func blockMapping(_ indent: Int, firstKeyStart: Int) throws(Stop) {
    try enter(firstKeyStart)
    let index = nodes.count - 1
    let key = nodes[index]
    nodes[index] = Node(
      kind: .mapping, style: .plain, isDecoded: false, start: UInt32(firstKeyStart), end: 0, next: 0,
      content: 0, count: 0)
    nodes.append(key)
    nodes[index + 1].next = UInt32(index + 2)
    var pairs = 0
    while true {
      try checkKey(nodes.count - 1)
      while isBlank(byte(pos)) { pos += 1 }
      pos += 1
      try blockNode(parent: indent, mayStartBlock: false, maySequenceAtParent: true)
      pairs += 1
      guard try entryFollows(indent) else { break }
      try refuseUnsupported()
      if byte(pos) == UInt8(ascii: "-"), isSpace(byte(pos + 1)) {
        throw stop("expected a key, found an entry of a sequence", pos)
      }
      try nextKey()
    }
    let end = Int(nodes[nodes.count - 1].end)
    close(index, end: end, count: pairs)
    checkDuplicates(index, pairs)
    depth -= 1
  }

  private mutating func nextKey() throws(Stop) {
    let start = pos
    let line = lineStart
    switch byte(pos) {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): try quoted(parent: column - 1)
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      throw unsupported("a collection as a key is", start, instead: "use a string")
    default: try plainLine(isFlow: false)
    }
    guard isKeyColon(), line == lineStart else {
      throw stop("expected ': ' behind the key, found \(found(line == lineStart ? pos : start))", line == lineStart ? pos : start)
    }
  }

  /// Whether another entry of the collection at this indentation follows.
  private mutating func entryFollows(_ indent: Int) throws(Stop) -> Bool {
    let isFresh = pos == lineStart
    guard try nextContent() else { return false }
    guard isAtLineStart || isFresh else {
      throw stop("expected the end of the line, found \(found(pos))", pos)
    }
    if column == 0, isMarker(pos) { return false }
    if column > indent {
      throw stop(
        "found an indentation of \(column) spaces; expected \(indent), as the entries above have", pos)
    }
    return column == indent
  }

  private mutating func blockSequence(_ indent: Int) throws(Stop) {
    try enter(pos)
    let index = try append(.sequence, .plain, start: pos, end: pos)
    var items = 0
    repeat {
      pos += 1
      try blockNode(parent: indent, mayStartBlock: true, maySequenceAtParent: false)
      items += 1
    } while try entryFollows(indent) && byte(pos) == UInt8(ascii: "-") && isSpace(byte(pos + 1))
    close(index, end: Int(nodes[nodes.count - 1].end), count: items)
    depth -= 1
  }

  /// A key is a string: quoted, or plain and not one of the core schema's other values.
  mutating func checkKey(_ index: Int) throws(Stop) {
    let node = nodes[index]
    let (start, end) = (Int(node.start), Int(node.end))
    if end - start > YAMLLimits.keyScalarsMax {
      let scalars = bytes[start..<end].count { $0 & 0xC0 != 0x80 }
      guard scalars <= YAMLLimits.keyScalarsMax else {
        throw stop(
          "a key has at most \(YAMLLimits.keyScalarsMax) characters, found \(scalars)", start,
          code: .limit)
      }
    }
    guard node.style == .plain else { return }
    let text = UnsafeBufferPointer(rebasing: bytes[start..<end])
    if text.count == 2, text[0] == UInt8(ascii: "<"), text[1] == UInt8(ascii: "<") {
      throw unsupported("a merge key is", start, instead: "write the values out")
    }
    if case .string = CoreSchema.resolve(text) { return }
    report(
      .unsupportedSyntax, "a key that is not a string is not supported; put it in quotes", start, end)
    guard diagnostics.all.count < YAMLLimits.findingsMax else { throw Stop() }
  }

  mutating func checkDuplicates(_ mapping: Int, _ pairs: Int) {
    var found: [(Int, Int)] = []
    duplicates.find(
      in: nodes, mapping: mapping, pairs: pairs, source: bytes, decoded: decoded
    ) { found.append(($0, $1)) }
    for (key, earlier) in found.prefix(YAMLLimits.findingsMax) {
      var line = 1
      for offset in 0..<Int(nodes[earlier].start)
      where byte(offset) == 0x0A || (byte(offset) == 0x0D && byte(offset + 1) != 0x0A) {
        line += 1
      }
      report(
        .duplicateKey, "this key stands twice in one mapping; the first is in line \(line)",
        Int(nodes[key].start), Int(nodes[key].end))
    }
  }
}
