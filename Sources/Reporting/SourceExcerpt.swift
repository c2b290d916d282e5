// SourceExcerpt: the line a finding stands on, with a mark under the place.

import OrgModel
import SourceText

/// One source line cut to fit a terminal, and the line that marks a place in it.
struct SourceExcerpt {
  /// Columns of both lines, the indentation not included.
  static let widthMax = 98
  /// Bytes looked at on either side of a place; a line may be megabytes long.
  static let bytesMax = 400
  private static let tab = "    "

  /// The source, harmless to show: keys and tokens are masked.
  let source: String
  /// Blanks and `^~~~`; no blank behind it.
  let marks: String

  private struct Piece {
    let text: String
    let width: Int
    let isMarked: Bool
  }

  /// Nil if the line is blank: there is nothing to see.
  init?(line: ArraySlice<UInt8>, start: Int, end: Int) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let isBehindMark = line.startIndex == 0 && line.starts(with: mark)
    let start = min(max(start, isBehindMark ? mark.count : line.startIndex), line.endIndex)
    var low = max(line.startIndex, start - Self.bytesMax)
    if low > line.startIndex {
      while low < start, line[low] & 0xC0 == 0x80 { low += 1 }
    }
    var high = min(line.endIndex, start + Self.bytesMax)
    if high < line.endIndex {
      while high > start, line[high] & 0xC0 == 0x80 { high -= 1 }
    }
    // One that the window cuts is masked, too.
    let near = max(line.startIndex, low - Self.bytesMax)..<min(line.endIndex, high + Self.bytesMax)
    let pieces = Self.pieces(
      line[low..<high], start..<max(start, end), secrets: SecretShape.ranges(in: line[near]), line)
    guard pieces.contains(where: { !$0.text.allSatisfy { $0 == " " } }) else { return nil }
    let firstMarked = pieces.firstIndex { $0.isMarked } ?? pieces.endIndex
    let (shown, isCutLeft, isCutRight) = Self.window(
      pieces, around: firstMarked, isCutLeft: low > line.startIndex,
      isCutRight: high < line.endIndex)
    var source = isCutLeft ? "…" : ""
    for piece in pieces[shown] { source += piece.text }
    if isCutRight { source += "…" }
    let before = pieces[shown.lowerBound..<firstMarked].reduce(isCutLeft ? 1 : 0) { $0 + $1.width }
    let under = pieces[firstMarked..<shown.upperBound].reduce(0) {
      $0 + ($1.isMarked ? $1.width : 0)
    }
    self.source = source
    marks =
      String(repeating: " ", count: before) + "^" + String(repeating: "~", count: max(0, under - 1))
  }

  /// One piece a scalar, or a masked secret, which is marked whole. An empty range marks the piece
  /// behind it, if there is one, with width 1.
  private static func pieces(
    _ bytes: ArraySlice<UInt8>, _ range: Range<Int>, secrets: [Range<Int>],
    _ line: ArraySlice<UInt8>
  ) -> [Piece] {
    var pieces: [Piece] = []
    var secrets = secrets.filter { $0.overlaps(bytes.indices) }[...]
    var maskedEnd = bytes.startIndex
    var decoder = Unicode.UTF8.ForwardParser()
    var input = bytes.makeIterator()
    var offset = bytes.startIndex
    while true {
      let scalar: Unicode.Scalar
      let length: Int
      switch decoder.parseScalar(from: &input) {
      case .valid(let encoded):
        scalar = Unicode.UTF8.decode(encoded)
        length = encoded.count
      case .error(let count):
        scalar = "\u{FFFD}"
        length = count
      case .emptyInput: return pieces
      }
      let isMarked = range.contains(offset) || (range.isEmpty && offset == range.lowerBound)
      if let secret = secrets.first, secret.contains(offset) {
        let isMarked =
          range.isEmpty ? secret.contains(range.lowerBound) : secret.overlaps(range)
        let mask = SecretShape.mask(of: line[secret])
        pieces.append(
          Piece(
            text: mask, width: range.isEmpty && isMarked ? 1 : DisplayWidth.columns(mask),
            isMarked: isMarked))
        maskedEnd = secret.upperBound
        secrets.removeFirst()
      }
      if offset < maskedEnd {
        offset += length
        continue
      }
      let isByteOrderMark = scalar == "\u{FEFF}" && offset == 0
      offset += length
      if isByteOrderMark { continue }
      // What follows it, where that is a scalar.
      var rest = input
      var ahead = decoder
      let next: Unicode.Scalar? =
        if case .valid(let encoded) = ahead.parseScalar(from: &rest) {
          Unicode.UTF8.decode(encoded)
        } else { nil }
      let last = pieces.last?.text.unicodeScalars.last
      let isHidden = TerminalText.isHidden(scalar, behind: last, before: next)
      let text = scalar == "\t" ? tab : isHidden ? TerminalText.escape(scalar) : String(scalar)
      pieces.append(
        Piece(
          text: text, width: range.isEmpty && isMarked ? 1 : DisplayWidth.columns(text),
          isMarked: isMarked))
    }
  }

  /// The pieces to show: all if they fit, otherwise the place with what fits around it.
  private static func window(
    _ pieces: [Piece], around focus: Int, isCutLeft: Bool, isCutRight: Bool
  ) -> (shown: Range<Int>, isCutLeft: Bool, isCutRight: Bool) {
    let left = pieces[..<focus].reduce(0) { $0 + $1.width }
    let right = pieces[focus...].reduce(0) { $0 + DisplayWidth.columns($1.text) }
    if !isCutLeft, !isCutRight, left + right <= widthMax - (focus == pieces.endIndex ? 1 : 0) {
      return (pieces.indices, false, false)
    }
    // Two columns for the ellipses, one for a mark behind the last piece.
    let room = widthMax - 3
    let leftRoom = max(room * 2 / 5, room - right)
    var low = focus
    var used = 0
    while low > 0, used + pieces[low - 1].width <= leftRoom {
      low -= 1
      used += pieces[low].width
    }
    while low > 0, low < focus, pieces[low].width == 0 { low += 1 }
    var high = focus
    while high < pieces.count {
      let width = DisplayWidth.columns(pieces[high].text)
      guard used + width <= room else { break }
      used += width
      high += 1
    }
    return (low..<high, isCutLeft || low > 0, isCutRight || high < pieces.count)
  }
}
