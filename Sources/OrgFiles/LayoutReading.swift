// LayoutReading: from a document to its layout: which comment belongs to which entry, what stands on
// one line, and in which order.

import YAMLSyntax

/// The layout of a whole file.
struct FileLayout {
  var layout: Layout
  /// What stands above the content and its `---`.
  var prologue: [PrologueLine] = []
  /// The comment behind `---`, and those below that go on with it; nil if there is no `---`.
  var marker: [Int32]?
  var isMarkerBelowBlankLine = false
  /// Comments above the brace that opens a JSON file.
  var above: [Int32] = []
  /// The content; a scalar or an empty collection is one entry without a name.
  var root = LayoutBlock()
  var isRootBlock = false
  /// Comments behind all content.
  var end: [Int32] = []

  enum PrologueLine {
    case comment(Int32)
    case directive(Range<Int>)
  }
}

/// One pass over a document with its comments at hand: each is taken once, in order.
struct LayoutReading {
  let document: YAMLDocument
  let comments: [YAMLComment]
  var file: FileLayout
  /// The first comment that is not taken yet.
  var next = 0

  /// What the reader of an entry must know of where it is.
  struct Surroundings {
    let section: OrgSection
    let depth: Int
    /// Whether it is in braces or brackets, where indentation means nothing.
    let isFlow: Bool
    /// Offset of the first byte of what follows; comments from there on belong to that.
    var limit: Int
  }

  init(_ document: YAMLDocument, comments: [YAMLComment], isJSON: Bool) {
    self.document = document
    self.comments = comments
    file = FileLayout(layout: Layout(isJSON: isJSON))
  }

  /// Reads the whole document.
  mutating func run(_ prologue: YAMLPrologue) {
    read(prologue)
    let root = document.root
    let range = offsets(root)
    if document.childCount(root) > 0 {
      let isFlow = isBracket(range.lowerBound)
      let above = isFlow ? take(before: range.lowerBound) : []
      file.root = block(
        root, column: -1,
        Surroundings(
          section: .top, depth: 0, isFlow: isFlow,
          limit: isFlow ? range.upperBound : document.source.count), above: above)
      file.isRootBlock = true
    } else {
      var entry = LayoutEntry()
      entry.above = take(before: range.lowerBound)
      read(scalarOrEmpty: root, into: &entry)
      takeEndOfLine(&entry, behind: range.upperBound, limit: document.source.count)
      file.end = entry.below
      entry.below = []
      if document.kind(root) == .scalar, isNothing(root) {
        file.end = entry.above + entry.endOfLine + file.end
      } else {
        file.root.entries = [entry]
      }
    }
    file.end += take(before: .max)
  }

  /// Takes what stands above `---`.
  private mutating func read(_ prologue: YAMLPrologue) {
    guard let marker = prologue.marker else { return }
    file.isMarkerBelowBlankLine = document.isBelowBlankLine(marker)
    var directives = prologue.directives[...]
    for comment in take(before: marker) {
      while let first = directives.first, first.lowerBound < comments[Int(comment)].start {
        file.prologue.append(.directive(first))
        directives = directives.dropFirst()
      }
      file.prologue.append(.comment(comment))
    }
    file.prologue += directives.map { .directive($0) }
    var entry = LayoutEntry()
    takeEndOfLine(&entry, behind: marker, limit: offsets(document.root).lowerBound)
    // An empty document begins where it ends, right behind the marker.
    if document.kind(document.root) == .scalar, isNothing(document.root) {
      takeEndOfLine(&entry, behind: marker, limit: document.source.count)
    }
    file.marker = entry.endOfLine
  }

  // MARK: blocks

  /// Reads the entries of a collection that is not empty.
  /// - Parameters:
  ///   - column: Where its key stands on its line, if it is not in braces; comments that are deeper
  ///     belong to it.
  ///   - above: Comments that were found before the first entry.
  private mutating func block(
    _ node: NodeID, column: Int, _ surroundings: Surroundings, above: [Int32] = []
  ) -> LayoutBlock {
    var block = LayoutBlock()
    block.isList = document.kind(node) == .sequence
    block.hasAlignedValues = surroundings.section.isNamed
    let children = children(of: node, isFlow: surroundings.isFlow)
    block.entries.reserveCapacity(children.count)
    for (number, child) in children.enumerated() {
      var inner = surroundings
      if number + 1 < children.count { inner.limit = children[number + 1].start }
      block.entries.append(entry(child, inner))
    }
    while next < comments.count, comments[next].start < surroundings.limit,
      surroundings.isFlow || column < 0 || belongs(next, below: column)
    {
      block.end.append(Int32(next))
      next += 1
    }
    if column < 0 { setHeader(&block, above, node) }
    if block.entries[0].above.isEmpty { block.entries[0].isBelowBlankLine = false }
    let ranks = block.entries.lazy.map(\.rank)
    if zip(ranks, ranks.dropFirst()).contains(where: >) {
      block.entries = block.entries.enumerated().sorted {
        ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset)
      }.map(\.element)
    }
    return block
  }

  private struct Child {
    let key: NodeID?
    let value: NodeID
    /// Offset of the key, or of the item's dash.
    let start: Int
  }

  private func children(of node: NodeID, isFlow: Bool) -> [Child] {
    var children: [Child] = []
    children.reserveCapacity(document.childCount(node))
    for (key, value) in document.pairs(node) {
      children.append(Child(key: key, value: value, start: offsets(key).lowerBound))
    }
    var end = offsets(node).lowerBound
    for item in document.children(node) {
      let range = offsets(item)
      children.append(Child(key: nil, value: item, start: isFlow ? range.lowerBound : dash(end)))
      end = range.upperBound
    }
    return children
  }

  /// The comments above the first entry, up to the last blank line, are the file's and not its own.
  private mutating func setHeader(_ block: inout LayoutBlock, _ above: [Int32], _ root: NodeID) {
    let ownCount = block.entries[0].above.count
    let isJSON = file.layout.isJSON
    if isJSON { file.above = above }
    let lines = (isJSON ? [] : above) + block.entries[0].above
    var cut = lines.indices.last { $0 > 0 && comments[Int(lines[$0])].isBelowBlankLine } ?? 0
    if !isJSON, ownCount == 0, document.isBelowBlankLine(offsets(root).lowerBound) {
      cut = lines.count
    }
    if block.entries[0].isBelowBlankLine { cut = lines.count }
    block.header = Array(lines[..<cut])
    block.entries[0].above = Array(lines[cut...])
  }

  // MARK: entries

  private mutating func entry(_ child: Child, _ surroundings: Surroundings) -> LayoutEntry {
    var entry = LayoutEntry()
    let range = offsets(child.value)
    var section = OrgSection.other
    entry.above = take(before: child.start)
    entry.isBelowBlankLine = document.isBelowBlankLine(child.start)
    if let key = child.key {
      let start = file.layout.text.count
      (entry.rank, section) = document.withBytes(key) {
        ScalarText.append($0, in: file.layout.blockPlace, to: &file.layout.text)
        return (surroundings.section.rank(of: $0), surroundings.section.section(under: $0))
      }
      file.layout.setName(&entry, from: start)
    }
    let isEmpty = document.childCount(child.value) == 0
    let isFlow = surroundings.isFlow || isBracket(range.lowerBound)
    while next < comments.count, comments[next].start < range.lowerBound {
      if comments[next].isOwnLine {
        if !isEmpty, !isFlow { break }
        // In their order: the one behind the key was read before this one.
        entry.above += entry.endOfLine + [Int32(next)]
        entry.endOfLine = []
        next += 1
      } else {
        takeOne(&entry, limit: range.lowerBound)
      }
    }
    if isEmpty {
      read(scalarOrEmpty: child.value, into: &entry)
    } else {
      let column = isFlow ? 0 : document.byteColumn(child.start)
      let inner = Surroundings(
        section: section, depth: surroundings.depth + 1, isFlow: isFlow,
        limit: isFlow ? range.upperBound : surroundings.limit)
      read(collection: child.value, into: &entry, column: column, inner, of: surroundings)
    }
    takeEndOfLine(&entry, behind: range.upperBound, limit: surroundings.limit)
    if isEmpty, !surroundings.isFlow, isNothing(child.value) {
      let column = document.byteColumn(child.start)
      while next < comments.count, comments[next].start < surroundings.limit,
        belongs(next, below: column)
      {
        entry.below.append(Int32(next))
        next += 1
      }
    }
    // JSON has a word for nothing, and no place below it.
    if file.layout.isJSON, document.kind(child.value) == .scalar {
      entry.above += entry.below
      entry.below = []
    }
    return entry
  }

  /// Reads a value that stands on the line of its key, and the comments in it.
  private mutating func read(scalarOrEmpty node: NodeID, into entry: inout LayoutEntry) {
    let end = offsets(node).upperBound
    while next < comments.count, comments[next].start < end {
      if comments[next].isOwnLine {
        entry.below.append(Int32(next))
        next += 1
      } else {
        takeOne(&entry, limit: end)
      }
    }
    let start = file.layout.text.count
    file.layout.appendInline(
      document, node, .other, place: file.layout.blockPlace, widthMax: .max)
    file.layout.setValue(&entry, from: start)
  }

  private mutating func read(
    collection node: NodeID, into entry: inout LayoutEntry, column: Int, _ inner: Surroundings,
    of outer: Surroundings
  ) {
    // What stands behind the opening brace belongs to the line of the key.
    if inner.isFlow, next < comments.count, comments[next].start < inner.limit {
      let first = children(of: node, isFlow: true)[0].start
      while next < comments.count, comments[next].start < first, !comments[next].isOwnLine {
        takeOne(&entry, limit: first)
      }
    }
    if !inner.section.isAlwaysBlock, outer.section != .top,
      !hasComments(node, column: column, inner)
    {
      let start = file.layout.text.count
      let room =
        Layout.widthMax
        - file.layout.lead(entry, isItem: entry.name.isEmpty, depth: outer.depth)
      if file.layout.appendInline(
        document, node, inner.section, place: file.layout.flowPlace, widthMax: room)
      {
        file.layout.setValue(&entry, from: start)
        return
      }
      file.layout.text.removeSubrange(start...)
    }
    entry.block = block(node, column: column, inner)
  }

  /// Whether comments stand inside a collection, or behind its last line if it has no brace.
  private func hasComments(_ node: NodeID, column: Int, _ inner: Surroundings) -> Bool {
    guard next < comments.count else { return false }
    let end = offsets(node).upperBound
    let comment = comments[next]
    if comment.start < end { return true }
    guard !inner.isFlow, comment.start < inner.limit else { return false }
    return comment.isOwnLine ? belongs(next, below: column) : comment.lineStart <= end
  }

  /// Whether a value is written as nothing, or as an empty collection.
  private func isNothing(_ node: NodeID) -> Bool {
    document.kind(node) != .scalar
      || document.style(node) == .plain && document.withBytes(node) { $0.isEmpty }
  }

  // MARK: comments

  /// Whether a comment on a line of its own is deeper than a key in a column.
  private func belongs(_ comment: Int, below column: Int) -> Bool {
    comments[comment].isOwnLine && comments[comment].column > column
  }

  private mutating func take(before offset: Int) -> [Int32] {
    guard next < comments.count, comments[next].start < offset else { return [] }
    let first = next
    while next < comments.count, comments[next].start < offset { next += 1 }
    return (first..<next).map { Int32($0) }
  }

  /// Takes the comments behind an offset on its line.
  private mutating func takeEndOfLine(_ entry: inout LayoutEntry, behind offset: Int, limit: Int) {
    while next < comments.count, comments[next].start < limit, !comments[next].isOwnLine,
      comments[next].lineStart <= offset
    {
      takeOne(&entry, limit: limit)
    }
  }

  /// Takes a comment that does not stand on a line of its own, and those right below it in the same
  /// column. An entry has room for one: those found before it move above.
  private mutating func takeOne(_ entry: inout LayoutEntry, limit: Int) {
    entry.above += entry.endOfLine
    entry.endOfLine = [Int32(next)]
    let column = comments[next].column
    next += 1
    while next < comments.count, comments[next].start < limit, comments[next].isOwnLine,
      !comments[next].isBelowBlankLine, comments[next].column == column
    {
      entry.endOfLine.append(Int32(next))
      next += 1
    }
  }

  // MARK: places

  func offsets(_ node: NodeID) -> Range<Int> {
    let range = document.range(node)
    return Int(range.start)..<Int(range.end)
  }

  private func isBracket(_ offset: Int) -> Bool {
    offset < document.source.count
      && (document.source[offset] == UInt8(ascii: "{")
        || document.source[offset] == UInt8(ascii: "["))
  }

  /// The dash of the item that follows; only white space and comments stand before it.
  private func dash(_ end: Int) -> Int {
    var at = end
    let source = document.source
    while at < source.count, source[at] != UInt8(ascii: "-") {
      if source[at] == UInt8(ascii: "#") {
        while at < source.count, source[at] != 0x0A, source[at] != 0x0D { at += 1 }
      } else {
        at += 1
      }
    }
    return at
  }
}
