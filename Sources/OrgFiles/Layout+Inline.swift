// Layout+Inline: values of a document as text on one line.

import YAMLSyntax

extension Layout {
  /// Appends a value as it stands on one line.
  /// - Returns: Whether it has at most `widthMax` characters; otherwise a part of it is appended.
  @discardableResult
  mutating func appendInline(
    _ document: YAMLDocument, _ node: NodeID, _ section: OrgSection, place: ScalarText.Place,
    widthMax: Int
  ) -> Bool {
    guard widthMax > 0 else { return false }
    let start = text.count
    // A character has at most four bytes: beyond that many nothing fits any more.
    let end = widthMax > 1 << 32 ? Int.max : start + 4 * widthMax
    guard append(document, node, section, place, end: end) else { return false }
    return widthMax > text.count - start || width(start..<text.count) <= widthMax
  }

  private mutating func append(
    _ document: YAMLDocument, _ node: NodeID, _ section: OrgSection, _ place: ScalarText.Place,
    end: Int
  ) -> Bool {
    switch document.kind(node) {
    case .scalar:
      guard document.withBytes(node, { $0.count }) <= end - text.count else { return false }
      append(scalar: node, of: document, place)
    case .sequence:
      var separator = "["
      for item in document.children(node) {
        text += separator.utf8
        separator = ", "
        guard append(document, item, .other, place, end: end) else { return false }
      }
      text += (separator == "[" ? "[]" : "]").utf8
    case .mapping:
      var separator = "{ "
      for (key, value) in section.ordered(document, node) {
        text += separator.utf8
        separator = ", "
        guard document.withBytes(key, { $0.count }) <= end - text.count else { return false }
        document.withBytes(key) { ScalarText.append($0, in: place, to: &text) }
        text += ": ".utf8
        let under = document.withBytes(key) { section.section(under: $0) }
        guard append(document, value, under, place, end: end) else { return false }
      }
      text += (separator == "{ " ? "{}" : " }").utf8
    }
    return text.count <= end
  }

  /// A plain scalar that is no text keeps its very characters, but where JSON has none of them.
  private mutating func append(
    scalar node: NodeID, of document: YAMLDocument, _ place: ScalarText.Place
  ) {
    let value = document.value(node)
    let isEmpty = document.withBytes(node) { $0.isEmpty }
    switch (value, place) {
    case (.string, _): document.withBytes(node) { ScalarText.append($0, in: place, to: &text) }
    case (.null, .flow) where isEmpty, (.null, .json): text += "null".utf8
    case (.bool(let flag), .json): text += "\(flag)".utf8
    case (.int(let number), .json): text += "\(number)".utf8
    case (.number(let digits), .json): text += digits.utf8
    default: document.withBytes(node) { text += $0 }
    }
  }
}

extension OrgSection {
  /// The pairs of a mapping, known keys first and in their order.
  func ordered(_ document: YAMLDocument, _ node: NodeID) -> [(key: NodeID, value: NodeID)] {
    let pairs = document.pairs(node).map { ($0.key, $0.value) }
    let ranks = pairs.map { pair in document.withBytes(pair.0) { rank(of: $0) } }
    guard zip(ranks, ranks.dropFirst()).contains(where: >) else { return pairs }
    return pairs.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }.map { pairs[$0] }
  }
}
