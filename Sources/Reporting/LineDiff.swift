// LineDiff: which lines of a text another one replaces, in the unified form that patch and git know.
//
// Source: E. Myers, An O(ND) Difference Algorithm and Its Variations (1986).

public import ByteOutput

/// The difference of two texts by lines; a line is what it is with its line feed or without.
public struct LineDiff: Sendable {
  /// Up to how many lines may be taken away or added, between the first and the last that differ,
  /// for the difference to be the smallest; beyond it everything between those two is replaced.
  public static let editsMax = 2000
  /// How many equal lines are shown around others.
  private static let contextLines = 3

  /// Lines of the old text that lines of the new one replace; either may be none.
  struct Change: Equatable {
    let old: Range<Int>
    let new: Range<Int>
  }

  private let old: Lines
  private let new: Lines
  let changes: [Change]

  /// Compares two texts, in time linear in their size and in at most the square of `editsMax`.
  public init(from old: [UInt8], to new: [UInt8]) {
    self.old = Lines(old)
    self.new = Lines(new)
    changes = Self.changes(self.old, self.new)
  }

  /// Whether the texts are the same.
  public var isEmpty: Bool { changes.isEmpty }

  /// Writes the difference, or nothing if there is none.
  /// - Parameters:
  ///   - oldName: What stands behind `---`.
  ///   - newName: What stands behind `+++`.
  ///   - isForTerminal: Whether control characters are shown as escapes; a program that is to apply
  ///     the difference needs them as they are.
  public func writeUnified(
    oldName: String, newName: String, into sink: inout ByteSink, style: TextStyle,
    isForTerminal: Bool = true
  ) {
    func shown(_ text: String) -> String { isForTerminal ? TerminalText.sanitized(text) : text }
    guard !changes.isEmpty else { return }
    sink.writeLine(style.bold("--- \(shown(oldName))"))
    sink.writeLine(style.bold("+++ \(shown(newName))"))
    var first = 0
    for index in changes.indices {
      let isLast = index + 1 == changes.count
      if !isLast,
        changes[index + 1].old.lowerBound - changes[index].old.upperBound
          <= 2 * Self.contextLines
      {
        continue
      }
      writeHunk(changes[first...index], into: &sink, style, shown)
      first = index + 1
    }
  }

  private func writeHunk(
    _ changes: ArraySlice<Change>, into sink: inout ByteSink, _ style: TextStyle,
    _ shown: (String) -> String
  ) {
    guard let first = changes.first, let last = changes.last else { return }
    let before = min(first.old.lowerBound, Self.contextLines)
    let after = min(old.count - last.old.upperBound, Self.contextLines)
    let oldRange = first.old.lowerBound - before..<last.old.upperBound + after
    let newRange = first.new.lowerBound - before..<last.new.upperBound + after
    sink.writeLine(style.cyan("@@ -\(Self.place(oldRange)) +\(Self.place(newRange)) @@"))
    var at = oldRange.lowerBound
    for change in changes {
      for line in at..<change.old.lowerBound { write(" ", old, line, into: &sink, shown) { $0 } }
      for line in change.old { write("-", old, line, into: &sink, shown, style.red) }
      for line in change.new { write("+", new, line, into: &sink, shown, style.green) }
      at = change.old.upperBound
    }
    for line in at..<oldRange.upperBound { write(" ", old, line, into: &sink, shown) { $0 } }
  }

  /// `12,3`: the first line, from 1, and how many; for none the line before. One is left out.
  private static func place(_ lines: Range<Int>) -> String {
    if lines.count == 1 { return "\(lines.lowerBound + 1)" }
    return "\(lines.isEmpty ? lines.lowerBound : lines.lowerBound + 1),\(lines.count)"
  }

  private func write(
    _ mark: String, _ lines: Lines, _ line: Int, into sink: inout ByteSink,
    _ shown: (String) -> String, _ styled: (String) -> String
  ) {
    var bytes = lines[line]
    let isEnded = bytes.last == 0x0A
    if isEnded { bytes = bytes.dropLast() }
    sink.writeLine(styled(mark + shown(String(decoding: bytes, as: UTF8.self))))
    if !isEnded { sink.writeLine("\\ No newline at end of file") }
  }

  private static func changes(_ old: Lines, _ new: Lines) -> [Change] {
    var start = 0
    let shorter = min(old.count, new.count)
    while start < shorter, old.isSame(start, new, start) { start += 1 }
    var (oldEnd, newEnd) = (old.count, new.count)
    while oldEnd > start, newEnd > start, old.isSame(oldEnd - 1, new, newEnd - 1) {
      oldEnd -= 1
      newEnd -= 1
    }
    guard start < oldEnd || start < newEnd else { return [] }
    let (oldMiddle, newMiddle) = (start..<oldEnd, start..<newEnd)
    guard !oldMiddle.isEmpty, !newMiddle.isEmpty,
      let steps = EditPath.find(old, oldMiddle, new, newMiddle, editsMax: editsMax)
    else { return [Change(old: oldMiddle, new: newMiddle)] }
    return steps
  }
}

/// The lines of a text, each with a hash, so that different ones are told apart by one comparison.
private struct Lines: Sendable {
  private let bytes: [UInt8]
  private var ends: [Int] = []
  private var hashes: [UInt64] = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    // FNV-1a; that others may prepare lines of the same hash costs time alone.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for (offset, byte) in bytes.enumerated() {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
      if byte == 0x0A || offset == bytes.count - 1 {
        ends.append(offset + 1)
        hashes.append(hash)
        hash = 0xCBF2_9CE4_8422_2325
      }
    }
  }

  var count: Int { ends.count }

  subscript(_ line: Int) -> ArraySlice<UInt8> {
    bytes[(line == 0 ? 0 : ends[line - 1])..<ends[line]]
  }

  func isSame(_ line: Int, _ other: Lines, _ otherLine: Int) -> Bool {
    hashes[line] == other.hashes[otherLine] && self[line] == other[otherLine]
  }
}

/// The shortest way from one sequence of lines to another.
private enum EditPath {
  /// The changes, or nil if more than `editsMax` lines would have to be taken away or added.
  static func find(
    _ old: Lines, _ oldLines: Range<Int>, _ new: Lines, _ newLines: Range<Int>, editsMax: Int
  ) -> [LineDiff.Change]? {
    let (oldCount, newCount) = (oldLines.count, newLines.count)
    // How far along the old lines a path has come, by diagonal; rows[d] are those of d edits.
    var furthest = [Int32](repeating: 0, count: 2 * editsMax + 3)
    let zero = editsMax + 1
    var rows: [[Int32]] = []
    for edits in 0...editsMax {
      for diagonal in stride(from: -edits, through: edits, by: 2) {
        let isDown =
          diagonal == -edits
          || (diagonal != edits && furthest[zero + diagonal - 1] < furthest[zero + diagonal + 1])
        var x = Int(
          isDown ? furthest[zero + diagonal + 1] : furthest[zero + diagonal - 1] + 1)
        var y = x - diagonal
        while x < oldCount, y < newCount,
          y >= 0, old.isSame(oldLines.lowerBound + x, new, newLines.lowerBound + y)
        {
          x += 1
          y += 1
        }
        furthest[zero + diagonal] = Int32(x)
        if x >= oldCount, y >= newCount {
          return trace(back: rows, edits, oldLines, newLines)
        }
      }
      rows.append(Array(furthest[zero - edits...zero + edits]))
    }
    return nil
  }

  /// From the end back to the start: each edit lies between two rows.
  private static func trace(
    back rows: [[Int32]], _ edits: Int, _ oldLines: Range<Int>, _ newLines: Range<Int>
  ) -> [LineDiff.Change] {
    var changes: [LineDiff.Change] = []
    var (x, y) = (oldLines.count, newLines.count)
    for edit in stride(from: edits, to: 0, by: -1) {
      let row = rows[edit - 1]
      let diagonal = x - y
      func reach(_ diagonal: Int) -> Int {
        let index = diagonal + edit - 1
        return row.indices.contains(index) ? Int(row[index]) : -1
      }
      let isDown =
        diagonal == -edit || (diagonal != edit && reach(diagonal - 1) < reach(diagonal + 1))
      let fromX = reach(isDown ? diagonal + 1 : diagonal - 1)
      let fromY = fromX - (isDown ? diagonal + 1 : diagonal - 1)
      let oldAt = oldLines.lowerBound + fromX
      let newAt = newLines.lowerBound + fromY
      let change = LineDiff.Change(
        old: oldAt..<oldAt + (isDown ? 0 : 1), new: newAt..<newAt + (isDown ? 1 : 0))
      if let next = changes.last, next.old.lowerBound == change.old.upperBound,
        next.new.lowerBound == change.new.upperBound
      {
        changes[changes.count - 1] = LineDiff.Change(
          old: change.old.lowerBound..<next.old.upperBound,
          new: change.new.lowerBound..<next.new.upperBound)
      } else {
        changes.append(change)
      }
      (x, y) = (fromX, fromY)
    }
    return changes.reversed()
  }
}
