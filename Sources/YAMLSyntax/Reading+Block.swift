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
    // The column of a refused anchor or tag before the node: its mapping would begin there.
    var propertyColumn: Int?
    var mayBlock = mayStartBlock
    while true {
      let blanks = pos
      guard nextContent() else { return try appendNull(at: before) }
      let first = byte(pos)
      let isEntry = first == UInt8(ascii: "-") && isSpace(byte(pos + 1))
      if isAtLineStart {
        let indent = leadingTab < 0 ? column : leadingTab - lineStart
        if column == 0, isMarker(pos) { return try appendNull(at: before) }
        if indent <= parent, !(maySequenceAtParent && isEntry && indent == parent) {
          if leadingTab >= 0 { throw tabFinding() }
          return try appendNull(at: before)
        }
        mayBlock = leadingTab < 0
        propertyColumn = nil
      } else if mayBlock, propertyColumn == nil, bytes[blanks..<pos].contains(0x09) {
        // A tab between `-` and what follows leaves its column, and so its indentation, undefined.
        mayBlock = false
      }
      guard first == UInt8(ascii: "&") || first == UInt8(ascii: "!") else {
        guard isEntry else {
          return try contentNode(
            parent: parent, indent: propertyColumn ?? column, mayBlock: mayBlock)
        }
        guard mayBlock, propertyColumn == nil else { throw misplaced("a sequence") }
        return try blockSequence(column)
      }
      propertyColumn = propertyColumn ?? column
      try property(isFlow: false)
    }
  }

  /// Reads a node that is neither a sequence nor empty.
  private mutating func contentNode(parent: Int, indent: Int, mayBlock: Bool) throws(Stop) {
    try refuseUnsupported()
    let start = pos
    switch byte(pos) {
    case UInt8(ascii: "|"), UInt8(ascii: ">"): try blockScalar(parent: parent)
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      try flowCollection(parent: parent)
      if isKeyColon() {
        throw unsupported("a collection as a key is", start, instead: "use a string")
      }
    default: try scalarOrMapping(parent: parent, indent: indent, mayBlock: mayBlock)
    }
  }

  private mutating func misplaced(_ construct: String) -> Stop {
    if contentStart >= lineStart, leadingTab >= 0 { return tabFinding() }
    return stop(
      "\(construct) cannot start here; expected it on a line of its own, indented by spaces, or the "
        + "text in quotes", pos)
  }

  /// Whether, behind blanks on this line, a `:` makes what stands before it a key.
  @inline(__always)
  func isKeyColon() -> Bool {
    var at = pos
    while isBlank(byte(at)) { at += 1 }
    return byte(at) == UInt8(ascii: ":") && isSpace(byte(at + 1))
  }

  private mutating func scalarOrMapping(
    parent: Int, indent: Int, mayBlock: Bool
  ) throws(Stop) {
    let start = pos
    let line = lineStart
    let first = byte(pos)
    let isPlain = try scalarLine(parent: parent)
    guard isKeyColon() else {
      if isPlain, first != UInt8(ascii: "*") { try continuePlain(parent: parent, isFlow: false) }
      return
    }
    guard line == lineStart else { throw stop("a key must stand on one line", start, pos) }
    guard mayBlock else { throw misplaced("a mapping") }
    try blockMapping(indent, start: Int(nodes[nodes.count - 1].start))
  }

  /// Reads a quoted scalar, a refused alias, or the part of a plain scalar on this line.
  /// - Returns: Whether it was none in quotes.
  @inline(__always)
  private mutating func scalarLine(parent: Int) throws(Stop) -> Bool {
    switch byte(pos) {
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      try quoted(parent: parent)
      return false
    case UInt8(ascii: "*"): try alias(isFlow: false)
    default: try plainLine(isFlow: false)
    }
    return true
  }

  /// Reads the rest of a mapping whose first key is the last node.
  private mutating func blockMapping(_ indent: Int, start: Int) throws(Stop) {
    try enter(start)
    let index = try wrapLastInMapping()
    let (pairs, lastValue) = try pairs(indent)
    close(index, end: Int(nodes[lastValue].end), count: pairs)
    try checkDuplicates(index, pairs)
    depth -= 1
  }

  /// Reads the rest of a mapping's pairs, the first key of which is the last node.
  /// - Returns: How many pairs, and where the last one's value is.
  mutating func pairs(_ indent: Int) throws(Stop) -> (pairs: Int, lastValue: Int) {
    var pairs = 0
    while true {
      let key = nodes.count - 1
      while isBlank(byte(pos)) { pos += 1 }
      try checkKeyLength(key, upTo: pos)
      try checkKey(key)
      pos += 1
      let value = nodes.count
      try blockNode(parent: indent, mayStartBlock: false, maySequenceAtParent: true)
      pairs += 1
      guard try entryFollows(indent) else { return (pairs, value) }
      if let tail = takeTail(indent) { return (pairs + tail.pairs, tail.lastValue) }
      try nextKey()
    }
  }

  /// Puts a mapping where the last node, a key, is, and the key behind it.
  /// - Returns: The mapping.
  mutating func wrapLastInMapping() throws(Stop) -> Int {
    let index = nodes.count - 1
    var key = nodes[index]
    try append(.scalar, key.style, start: Int(key.start), end: Int(key.end))
    key.next = UInt32(index + 2)
    nodes[index + 1] = key
    nodes[index] = Node(
      kind: .mapping, style: .plain, isDecoded: false, start: key.start, end: key.end, next: 0,
      content: 0, count: 0)
    return index
  }

  mutating func nextKey() throws(Stop) {
    while byte(pos) == UInt8(ascii: "&") || byte(pos) == UInt8(ascii: "!") {
      try property(isFlow: false)
    }
    try refuseUnsupported()
    let start = pos
    let line = lineStart
    switch byte(pos) {
    case UInt8(ascii: "-") where isSpace(byte(pos + 1)):
      throw stop("expected a key, found an entry of a sequence", pos)
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      throw unsupported("a collection as a key is", start, instead: "use a string")
    default: _ = try scalarLine(parent: column - 1)
    }
    guard line == lineStart, isKeyColon() else {
      let place = line == lineStart ? pos : start
      throw stop("expected ': ' behind the key, found \(found(place))", place)
    }
  }

  /// Whether another entry of the collection at this indentation follows.
  mutating func entryFollows(_ indent: Int) throws(Stop) -> Bool {
    guard nextContent() else { return false }
    guard isAtLineStart else {
      throw stop("expected the end of the line, found \(found(pos))", pos)
    }
    if leadingTab >= 0 { throw tabFinding() }
    if column == 0, isMarker(pos) { return false }
    if column > indent {
      throw stop(
        "found an indentation of \(column) spaces; expected \(indent), as the entries above have",
        pos)
    }
    return column == indent
  }

  private mutating func blockSequence(_ indent: Int) throws(Stop) {
    try enter(pos)
    let index = try append(.sequence, .plain, start: pos, end: pos)
    var items = 0
    var item = index
    repeat {
      pos += 1
      item = nodes.count
      try blockNode(parent: indent, mayStartBlock: true, maySequenceAtParent: false)
      items += 1
    } while try entryFollows(indent) && byte(pos) == UInt8(ascii: "-") && isSpace(byte(pos + 1))
    close(index, end: Int(nodes[item].end), count: items)
    depth -= 1
  }
}
