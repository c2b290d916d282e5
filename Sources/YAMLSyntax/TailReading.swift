// TailReading: the second half of a large file is read while the first one is.
//
// What a block mapping's entry means depends on nothing but where it stands: the place, the indentation
// and the depth. So the pairs from one entry on are read ahead by another thread, and whoever reads from
// the start takes them over when it comes to that very entry. If it never does, or if there is anything
// to find fault with in them, they are thrown away and read in their turn, so that every finding is the
// one that a single thread would make.
// Invariants: `nodes` are those that reading on from `start` appends, as if none stood before them.

import Parallelism

/// The pairs of a mapping from one entry on, without a finding.
struct Tail: Sendable {
  let nodes: [Node]
  let decoded: [UInt8]
  let pairs: Int
  /// Where the last pair's value is in `nodes`.
  let lastValue: Int
  let pos: Int
  let lineStart: Int
  let contentStart: Int
  let leadingTab: Int
}

/// A tail that is being read.
struct TailReading: Sendable {
  /// Smaller texts are read sooner than a thread starts.
  private static let bytesMin = 1 << 17
  /// How many lines are looked at for one that seems to be an entry.
  private static let linesMax = 32
  /// Of a mapping that is a value of the document's own mapping, as `members` is.
  private static let depth = 2

  /// Where its first key begins.
  let start: Int
  private let indent: Int
  private let errand: Errand<Tail?>

  /// Starts reading from about the middle; nil for a small text, or one without a line that looks like
  /// an entry there.
  init?(_ bytes: [UInt8], file: Int) {
    guard bytes.count >= Self.bytesMin,
      let (start, indent) = Self.entry(in: bytes, from: bytes.count / 2)
    else { return nil }
    self.init(bytes, file: file, start: start, indent: indent)
  }

  /// Starts reading at an entry, or at what is none: then the tail is nil, or never asked for.
  init(_ bytes: [UInt8], file: Int, start: Int, indent: Int) {
    self.start = start
    self.indent = indent
    errand = Errand {
      bytes.withUnsafeBufferPointer { buffer in
        var reading = Reading(buffer, file: file)
        return reading.tail(from: start, indent: indent, depth: Self.depth)
      }
    }
  }

  /// What was read, for somebody who came to `start`; nil if it must be read again.
  func tail(at indent: Int, depth: Int) -> Tail? {
    indent == self.indent && depth == Self.depth ? errand.result : nil
  }

  /// The line with the least indentation of some, which is likely to be an entry of a large mapping.
  private static func entry(in bytes: [UInt8], from middle: Int) -> (start: Int, indent: Int)? {
    var best: (start: Int, indent: Int)?
    var at = middle
    for _ in 0..<linesMax {
      while at < bytes.count, bytes[at] != 0x0A { at += 1 }
      let line = at + 1
      var start = line
      while start < bytes.count, bytes[start] == 0x20 { start += 1 }
      guard start < bytes.count else { break }
      at = start
      let indent = start - line
      guard indent > 0, bytes[start] > 0x20, bytes[start] != UInt8(ascii: "#") else { continue }
      if best.map({ indent < $0.indent }) ?? true { best = (start, indent) }
    }
    return best
  }
}

extension Reading {
  /// Reads the pairs from an entry on; nil if there is a finding among them.
  mutating func tail(from start: Int, indent: Int, depth: Int) -> Tail? {
    lineStart = start - indent
    pos = lineStart
    self.depth = depth
    do throws(Stop) {
      guard try entryFollows(indent), pos == start else { return nil }
      try nextKey()
      let (pairs, lastValue) = try pairs(indent)
      guard diagnostics.all.isEmpty else { return nil }
      return Tail(
        nodes: nodes, decoded: decoded, pairs: pairs, lastValue: lastValue, pos: pos,
        lineStart: lineStart, contentStart: contentStart, leadingTab: leadingTab)
    } catch {
      return nil
    }
  }

  /// Takes over what was read ahead from here on; nil if nothing was, or not without a finding.
  /// - Returns: How many pairs, and where the last one's value is.
  mutating func takeTail(_ indent: Int) -> (pairs: Int, lastValue: Int)? {
    guard let ahead, ahead.start == pos, let tail = ahead.tail(at: indent, depth: depth),
      nodes.count + tail.nodes.count <= YAMLLimits.nodesMax
    else { return nil }
    let (base, decodedBase) = (nodes.count, UInt32(decoded.count))
    nodes.reserveCapacity(base + tail.nodes.count)
    for var node in tail.nodes {
      node.next += UInt32(base)
      if node.isDecoded { node.content += decodedBase }
      nodes.append(node)
    }
    decoded += tail.decoded
    (pos, lineStart) = (tail.pos, tail.lineStart)
    (contentStart, leadingTab) = (tail.contentStart, tail.leadingTab)
    return (tail.pairs, base + tail.lastValue)
  }
}
