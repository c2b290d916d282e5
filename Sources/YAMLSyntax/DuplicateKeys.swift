// DuplicateKeys: finds the second of two equal keys of a mapping, byte by byte, in linear time.

/// A table that is used again for every large mapping.
struct DuplicateKeys {
  /// Up to this many pairs are compared each with each.
  private static let pairwiseMax = 8
  private var table: [UInt32] = []
  /// Random, so that nobody can prepare keys that collide; it changes no result.
  private let seed = UInt64.random(in: .min ... .max)

  /// Calls `report` with every key that stands before, and the first of its equals.
  mutating func find(
    in nodes: [Node], mapping: Int, pairs: Int, source: UnsafeBufferPointer<UInt8>,
    decoded: [UInt8], report: (_ key: Int, _ earlier: Int) -> Void
  ) {
    guard pairs > 1 else { return }
    decoded.withUnsafeBufferPointer { decoded in
      func content(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        let node = nodes[index]
        let from = node.isDecoded ? decoded : source
        return UnsafeBufferPointer(
          rebasing: from[Int(node.content)..<Int(node.content) + Int(node.count)])
      }
      if pairs <= Self.pairwiseMax {
        compareEach(nodes, mapping, content, report)
      } else {
        compareByHash(nodes, mapping, pairs, content, report)
      }
    }
  }

  private func compareEach(
    _ nodes: [Node], _ mapping: Int, _ content: (Int) -> UnsafeBufferPointer<UInt8>,
    _ report: (Int, Int) -> Void
  ) {
    let end = Int(nodes[mapping].next)
    var key = mapping + 1
    while key < end {
      let text = content(key)
      var earlier = mapping + 1
      while earlier < key {
        if nodes[earlier].count == nodes[key].count, isSame(content(earlier), text) {
          report(key, earlier)
          break
        }
        earlier = Int(nodes[earlier + 1].next)
      }
      key = Int(nodes[key + 1].next)
    }
  }

  private mutating func compareByHash(
    _ nodes: [Node], _ mapping: Int, _ pairs: Int,
    _ content: (Int) -> UnsafeBufferPointer<UInt8>, _ report: (Int, Int) -> Void
  ) {
    var capacity = 32
    while capacity < pairs * 2 { capacity *= 2 }
    table.removeAll(keepingCapacity: true)
    table.append(contentsOf: repeatElement(0, count: capacity))
    let end = Int(nodes[mapping].next)
    var key = mapping + 1
    while key < end {
      let text = content(key)
      var slot = Int(truncatingIfNeeded: hash(text)) & (capacity - 1)
      while true {
        let earlier = Int(table[slot])
        if earlier == 0 {
          table[slot] = UInt32(key)
          break
        }
        if isSame(content(earlier), text) {
          report(key, earlier)
          break
        }
        slot = (slot + 1) & (capacity - 1)
      }
      key = Int(nodes[key + 1].next)
    }
  }

  private func isSame(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    for index in 0..<a.count where a[index] != b[index] { return false }
    return true
  }

  /// Multiplies and mixes; arithmetic modulo 2⁶⁴ is the point, hence `&*`.
  private func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var state = seed ^ UInt64(text.count)
    for byte in text { state = (state ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15 ^ (state >> 29) }
    return state ^ (state >> 32)
  }
}
