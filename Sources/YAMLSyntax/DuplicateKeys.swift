// DuplicateKeys: finds the second of two equal keys of a mapping, byte by byte, in linear time.

/// A table that is used again for every large mapping.
struct DuplicateKeys {
  /// Up to this many pairs are compared each with each.
  private static let pairwiseMax = 8
  private static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000
  /// Open addressing: the upper half of a key's hash, then its node; 0 is free.
  private var table: [UInt64] = []
  /// Differs between processes, so that nobody can prepare keys that collide; it changes no result.
  private let seed: UInt64

  init() {
    var hasher = Hasher()
    hasher.combine(0)
    seed = UInt64(truncatingIfNeeded: hasher.finalize())
  }

  /// Every key that stands before in its mapping, with the first of its equals.
  @inline(__always)
  mutating func find(
    in nodes: [Node], mapping: Int, pairs: Int, source: UnsafeBufferPointer<UInt8>,
    decoded: [UInt8]
  ) -> [(key: Int, earlier: Int)] {
    guard pairs > 1 else { return [] }
    return nodes.withUnsafeBufferPointer { nodes in
      decoded.withUnsafeBufferPointer { decoded in
        let keys = Keys(nodes: nodes, source: source, decoded: decoded)
        return pairs <= Self.pairwiseMax
          ? Self.compareEach(keys, mapping) : compareByHash(keys, mapping, pairs)
      }
    }
  }

  private static func compareEach(_ keys: Keys, _ mapping: Int) -> [(key: Int, earlier: Int)] {
    var found: [(key: Int, earlier: Int)] = []
    let end = Int(keys.nodes[mapping].next)
    var key = Int(keys.nodes[mapping + 2].next)
    while key < end {
      var earlier = mapping + 1
      while earlier < key {
        if keys.isSame(earlier, key) {
          found.append((key, earlier))
          break
        }
        earlier = Int(keys.nodes[earlier + 1].next)
      }
      key = Int(keys.nodes[key + 1].next)
    }
    return found
  }

  private mutating func compareByHash(
    _ keys: Keys, _ mapping: Int, _ pairs: Int
  ) -> [(key: Int, earlier: Int)] {
    var found: [(key: Int, earlier: Int)] = []
    var capacity = 32
    while capacity < pairs * 2 { capacity *= 2 }
    table.removeAll(keepingCapacity: true)
    table.append(contentsOf: repeatElement(0, count: capacity))
    let end = Int(keys.nodes[mapping].next)
    var key = mapping + 1
    table.withUnsafeMutableBufferPointer { table in
      while key < end {
        let hash = keys.hash(key, seed: seed)
        let tag = hash & Self.tagMask
        var slot = Int(truncatingIfNeeded: hash) & (capacity - 1)
        while table[slot] != 0 {
          let earlier = Int(table[slot] & ~Self.tagMask)
          if table[slot] & Self.tagMask == tag, keys.isSame(earlier, key) { break }
          slot = (slot + 1) & (capacity - 1)
        }
        if table[slot] == 0 {
          table[slot] = tag | UInt64(key)
        } else {
          found.append((key, Int(table[slot] & ~Self.tagMask)))
        }
        key = Int(keys.nodes[key + 1].next)
      }
    }
    return found
  }
}

/// The bytes of keys, wherever they lie.
private struct Keys {
  let nodes: UnsafeBufferPointer<Node>
  let source: UnsafeBufferPointer<UInt8>
  let decoded: UnsafeBufferPointer<UInt8>

  @inline(__always)
  func isSame(_ a: Int, _ b: Int) -> Bool {
    let (left, right) = (nodes[a], nodes[b])
    guard left.count == right.count else { return false }
    let leftBytes = left.isDecoded ? decoded : source
    let rightBytes = right.isDecoded ? decoded : source
    for offset in 0..<Int(left.count)
    where leftBytes[Int(left.content) + offset] != rightBytes[Int(right.content) + offset] {
      return false
    }
    return true
  }

  /// Folds 64×64-bit products, eight bytes at a time, as wyhash does.
  @inline(__always)
  func hash(_ index: Int, seed: UInt64) -> UInt64 {
    let node = nodes[index]
    let bytes = node.isDecoded ? decoded : source
    var state = seed ^ (UInt64(node.count) &* 0x9E37_79B9_7F4A_7C15)
    var at = Int(node.content)
    let end = at + Int(node.count)
    if let base = UnsafeRawPointer(bytes.baseAddress) {
      while at + 8 <= end {
        state = Self.mix(state, base.loadUnaligned(fromByteOffset: at, as: UInt64.self), seed)
        at += 8
      }
    }
    var rest: UInt64 = 0
    while at < end {
      rest = rest << 8 | UInt64(bytes[at])
      at += 1
    }
    return Self.mix(state, rest, seed)
  }

  @inline(__always)
  private static func mix(_ state: UInt64, _ word: UInt64, _ seed: UInt64) -> UInt64 {
    let product = (state ^ word ^ 0xA076_1D64_78BD_642F)
      .multipliedFullWidth(by: (seed.byteSwapped ^ 0xE703_7ED1_A0B4_28DA) | 1)
    return product.high ^ product.low ^ word
  }
}
