// Reading+Keys: what a key may be, and the constructs that are refused by name.

import SourceText

extension Reading {
  /// Refuses an implicit key beyond the length of YAML 1.2.2, section 7.4.2, which counts the white
  /// space before the colon too.
  @inline(__always)
  mutating func checkKeyLength(_ index: Int, upTo end: Int) throws(Stop) {
    let start = Int(nodes[index].start)
    guard end - start > YAMLLimits.implicitKeyScalarsMax else { return }
    let scalars = bytes[start..<end].count { $0 & 0xC0 != 0x80 }
    guard scalars <= YAMLLimits.implicitKeyScalarsMax else {
      throw stop(
        "a key has at most \(YAMLLimits.implicitKeyScalarsMax) characters, found \(scalars)", start,
        code: .limit)
    }
  }

  /// Reports a key that is not a string, or merges.
  @inline(__always)
  mutating func checkKey(_ index: Int) throws(Stop) {
    let node = nodes[index]
    guard node.style == .plain, !node.isDecoded else { return }
    let (start, end) = (Int(node.start), Int(node.end))
    let text = UnsafeBufferPointer(rebasing: bytes[start..<end])
    let isMerge = text.count == 2 && text[0] == UInt8(ascii: "<") && text[1] == UInt8(ascii: "<")
    guard isMerge || CoreSchema.mayResolve(text) else { return }
    if isMerge {
      try note(
        .unsupportedSyntax,
        "a merge key is not supported; write the values out, or put it in quotes",
        start, end)
    } else if CoreSchema.resolve(text) != .string {
      try note(
        .unsupportedSyntax, "a key that is not a string is not supported; put it in quotes", start,
        end)
    }
  }

  @inline(__always)
  mutating func checkDuplicates(_ mapping: Int, _ pairs: Int) throws(Stop) {
    guard pairs > 1 else { return }
    let found = duplicates.find(
      in: nodes, mapping: mapping, pairs: pairs, source: bytes, decoded: decoded)
    for (key, earlier) in found {
      let line = lineNumber(of: Int(nodes[earlier].start))
      try note(
        .duplicateKey, "this key stands twice in one mapping; the first is in line \(line)",
        Int(nodes[key].start), Int(nodes[key].end))
    }
  }

  /// Refuses keys that begin with an indicator usher does not read.
  @inline(__always)
  mutating func refuseUnsupported() throws(Stop) {
    let first = byte(pos)
    guard first == UInt8(ascii: "?") || first == UInt8(ascii: ":") else { return }
    guard isSpace(byte(pos + 1)) else { return }
    if first == UInt8(ascii: "?") {
      throw unsupported("an explicit key is", pos, instead: "write 'key: value'")
    }
    throw unsupported("an empty key is", pos, instead: "write a key before ':'")
  }

  /// Reports an anchor or a tag and steps over it and the blanks behind it.
  mutating func property(isFlow: Bool) throws(Stop) {
    let start = pos
    let isAnchor = byte(pos) == UInt8(ascii: "&")
    pos = endOfWord(isFlow: isFlow)
    guard !isAnchor || pos > start + 1 else {
      throw stop("expected the name of an anchor behind '&', or the text in quotes", start)
    }
    try note(
      .unsupportedSyntax,
      isAnchor
        ? "an anchor is not supported; write the value out, or put the text in quotes"
        : "a tag is not supported; remove it, or put the text in quotes", start, pos)
    while isBlank(byte(pos)) { pos += 1 }
  }

  /// Reports an alias and appends a scalar in its place.
  mutating func alias(isFlow: Bool) throws(Stop) {
    let start = pos
    let end = endOfWord(isFlow: isFlow)
    guard end > start + 1 else {
      throw stop("expected the name of an alias behind '*', or the text in quotes", start)
    }
    try note(
      .unsupportedSyntax,
      "an alias is not supported; write the value out, or put the text in quotes",
      start, end)
    try append(.scalar, .plain, start: start, end: end, content: start, count: end - start)
    pos = end
  }

  private func endOfWord(isFlow: Bool) -> Int {
    var at = pos + 1
    while !isSpace(byte(at)), !(isFlow && isFlowIndicator(byte(at))) { at += 1 }
    return at
  }
}
