// LayoutWriter: entries as lines, aligned where they follow each other, with their comments.

import YAMLSyntax

/// Writes a layout. It keeps count of the comments it writes, so that none is lost unnoticed.
struct LayoutWriter {
  /// A longer name does not push the values of its neighbours to the right.
  static let alignedNameMax = 24

  private let layout: Layout
  private let source: [UInt8]
  private let comments: [YAMLComment]
  private(set) var bytes: [UInt8] = []
  /// The comments in the order in which they were written.
  private(set) var written: [Int32] = []
  /// Whether nothing stands above that a blank line could separate the next line from.
  private var isAtStart = true
  /// Whether the indentation of the next line is written: it begins behind a dash.
  private var isBehindDash = false

  /// Where the entries of a run of lines have their values and comments.
  private struct Columns {
    /// Width of the names' column; 0 if values follow their names.
    var name = 0
    /// Column of the comments; 0 if they follow their entries.
    var comment = 0
  }

  init(_ layout: Layout, comments: [YAMLComment] = [], source: [UInt8] = []) {
    self.layout = layout
    self.comments = comments
    self.source = source
    bytes.reserveCapacity(layout.text.count * 3 / 2 + source.count / 2)
  }

  // MARK: files

  /// Writes a whole file.
  mutating func write(_ file: FileLayout) {
    writePrologue(file)
    lines(file.above, depth: -1)
    if layout.isJSON, file.isRootBlock {
      bytes.append(UInt8(ascii: file.root.isList ? "[" : "{"))
      bytes.append(0x0A)
      write(file.root, depth: 0)
      bytes.append(UInt8(ascii: file.root.isList ? "]" : "}"))
      isAtStart = false
      var end = file.end[...]
      if let first = end.first, !comments[Int(first)].isOwnLine {
        bytes += "  ".utf8
        comment(first)
        end = end.dropFirst()
      }
      bytes.append(0x0A)
      lines(Array(end), depth: -1)
    } else if file.isRootBlock {
      write(file.root, depth: 0)
      lines(file.end, depth: -1)
    } else {
      for entry in file.root.entries {
        lines(entry.above, depth: -1)
        bytes += layout.text[entry.value]
        endOfLine(entry, at: entry.valueWidth, Columns())
      }
      lines(file.end, depth: -1)
    }
  }

  private mutating func writePrologue(_ file: FileLayout) {
    for line in file.prologue {
      switch line {
      case .comment(let number): lines([number], depth: -1)
      case .directive(let range):
        if !layout.isJSON {
          bytes += source[range]
          bytes.append(0x0A)
          isAtStart = false
        }
      }
    }
    guard let marker = file.marker else { return }
    if layout.isJSON { return lines(marker, depth: -1) }
    blankLine(if: file.isMarkerBelowBlankLine)
    bytes += "---".utf8
    var entry = LayoutEntry()
    entry.endOfLine = marker
    endOfLine(entry, at: 3, Columns())
    isAtStart = true
  }

  // MARK: blocks

  /// Writes entries, each on lines of its own.
  mutating func write(_ block: LayoutBlock, depth: Int) {
    isAtStart = true
    lines(block.header, depth: depth)
    if !block.header.isEmpty {
      bytes.append(0x0A)
      isAtStart = true
    }
    var index = 0
    while index < block.entries.count {
      let end = runEnd(block, from: index)
      let columns = columns(block, index..<end, depth: depth)
      while index < end {
        write(
          block.entries[index], isItem: block.isList, isLast: index + 1 == block.entries.count,
          depth, columns)
        index += 1
      }
    }
    lines(block.end, depth: depth)
    isAtStart = false
  }

  /// The end of the entries of one line each that follow each other without a blank line or a
  /// comment on a line of its own.
  private func runEnd(_ block: LayoutBlock, from start: Int) -> Int {
    var end = start + 1
    while end < block.entries.count, block.entries[end - 1].block == nil,
      block.entries[end - 1].below.isEmpty, block.entries[end].block == nil,
      block.entries[end].above.isEmpty, !block.entries[end].isBelowBlankLine
    {
      end += 1
    }
    return end
  }

  private func columns(_ block: LayoutBlock, _ run: Range<Int>, depth: Int) -> Columns {
    var columns = Columns()
    guard run.count > 1 else { return columns }
    if block.hasAlignedValues {
      for index in run where isAligned(block.entries[index]) {
        columns.name = max(columns.name, block.entries[index].nameWidth)
      }
    }
    for index in run where !block.entries[index].endOfLine.isEmpty {
      let entry = block.entries[index]
      let isLast = index + 1 == block.entries.count
      let width = width(entry, isItem: block.isList, isLast: isLast, depth, columns)
      if width + 2 + commentWidth(entry) <= Layout.widthMax {
        columns.comment = max(columns.comment, width + 2)
      }
    }
    return columns
  }

  private func isAligned(_ entry: LayoutEntry) -> Bool {
    entry.nameWidth <= Self.alignedNameMax + (layout.isJSON ? 2 : 0) && !entry.value.isEmpty
  }

  /// Blanks between a name and its value, beyond the one that there always is.
  private func padding(_ entry: LayoutEntry, _ depth: Int, _ columns: Columns) -> Int {
    guard columns.name > entry.nameWidth, isAligned(entry) else { return 0 }
    let padding = columns.name - entry.nameWidth
    let width = layout.lead(entry, isItem: false, depth: depth) + entry.valueWidth
    return width + padding <= Layout.widthMax ? padding : 0
  }

  /// The characters of an entry's line without its comment.
  private func width(
    _ entry: LayoutEntry, isItem: Bool, isLast: Bool, _ depth: Int, _ columns: Columns
  ) -> Int {
    let comma = layout.isJSON && isLast ? 1 : 0
    let blank = !layout.isJSON && entry.value.isEmpty ? 1 : 0
    return layout.lead(entry, isItem: isItem, depth: depth) - comma - blank + entry.valueWidth
      + padding(entry, depth, columns)
  }

  private func commentWidth(_ entry: LayoutEntry) -> Int {
    entry.endOfLine.reduce(0) {
      let comment = comments[Int($1)]
      return max($0, source[comment.start..<comment.end].count { $0 & 0xC0 != 0x80 })
    }
  }

  // MARK: entries

  private mutating func write(
    _ entry: LayoutEntry, isItem: Bool, isLast: Bool, _ depth: Int, _ columns: Columns
  ) {
    lines(entry.above, depth: depth)
    blankLine(if: entry.isBelowBlankLine)
    if isBehindDash { isBehindDash = false } else { spaces(layout.indent(depth)) }
    if isItem {
      if !layout.isJSON { bytes.append(UInt8(ascii: "-")) }
    } else {
      bytes += layout.text[entry.name]
      bytes.append(UInt8(ascii: ":"))
    }
    if let block = entry.block {
      return write(block, of: entry, isItem: isItem, isLast: isLast, depth)
    }
    if layout.isJSON, !entry.below.isEmpty {
      var block = LayoutBlock()
      block.isList = layout.text[entry.value].first == UInt8(ascii: "[")
      block.end = entry.below
      return write(block, of: entry, isItem: isItem, isLast: isLast, depth)
    }
    if !entry.value.isEmpty {
      spaces((layout.isJSON && isItem ? 0 : 1) + padding(entry, depth, columns))
      bytes += layout.text[entry.value]
    }
    if layout.isJSON, !isLast { bytes.append(UInt8(ascii: ",")) }
    endOfLine(
      entry, at: width(entry, isItem: isItem, isLast: isLast, depth, columns), columns)
    isAtStart = true
    lines(entry.below, depth: depth + 1)
    isAtStart = false
  }

  /// Writes a block behind the key or the dash that it belongs to.
  private mutating func write(
    _ block: LayoutBlock, of entry: LayoutEntry, isItem: Bool, isLast: Bool, _ depth: Int
  ) {
    let first = block.entries.first
    if isItem, !layout.isJSON, entry.endOfLine.isEmpty, first?.above.isEmpty ?? false {
      bytes.append(0x20)
      isBehindDash = true
      return write(block, depth: depth + 1)
    }
    var width = layout.indent(depth) + (isItem ? 1 : entry.nameWidth + 1)
    if layout.isJSON {
      if !isItem { bytes.append(0x20) }
      bytes.append(UInt8(ascii: block.isList ? "[" : "{"))
      width += isItem ? 0 : 2
    }
    endOfLine(entry, at: width, Columns())
    write(block, depth: depth + 1)
    guard layout.isJSON else { return }
    spaces(layout.indent(depth))
    bytes.append(UInt8(ascii: block.isList ? "]" : "}"))
    if !isLast { bytes.append(UInt8(ascii: ",")) }
    bytes.append(0x0A)
  }

  /// Ends a line that has come to a column with its comment, and writes those that go on with it.
  private mutating func endOfLine(_ entry: LayoutEntry, at width: Int, _ columns: Columns) {
    isAtStart = false
    guard let first = entry.endOfLine.first else { return bytes.append(0x0A) }
    let comments = commentWidth(entry)
    let isAligned =
      width + 2 <= columns.comment && columns.comment + comments <= Layout.widthMax
    let column = isAligned ? columns.comment : width + 2
    spaces(column - width)
    comment(first)
    bytes.append(0x0A)
    for number in entry.endOfLine.dropFirst() {
      spaces(column)
      comment(number)
      bytes.append(0x0A)
    }
  }

  // MARK: lines

  /// Writes comments on lines of their own.
  private mutating func lines(_ numbers: [Int32], depth: Int) {
    for number in numbers {
      blankLine(if: comments[Int(number)].isBelowBlankLine)
      spaces(depth < 0 ? 0 : layout.indent(depth))
      comment(number)
      bytes.append(0x0A)
      isAtStart = false
    }
  }

  private mutating func blankLine(if isWanted: Bool) {
    if isWanted, !isAtStart { bytes.append(0x0A) }
  }

  private mutating func spaces(_ count: Int) {
    bytes += repeatElement(0x20, count: count)
  }

  private mutating func comment(_ number: Int32) {
    let comment = comments[Int(number)]
    bytes += source[comment.start..<comment.end]
    written.append(number)
  }
}
