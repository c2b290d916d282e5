// BLAKE2b: a secure hash that is twice as fast as SHA-256 where no instruction helps (RFC 7693).
// Invariants: `pending` holds at most 128 bytes, and none of them is compressed before it is known
// whether more follow; it never grows beyond, and is overwritten when it is compressed, since a file of
// usage may hold keys; `byteCount` counts the compressed bytes.
//
// For whole files of usage, whose digest takes longer than reading them; what stands in the log and what
// people compare with other programs is SHA-256. `b2sum -l 256` says the same.

/// A running BLAKE2b of 256 bits, without a key.
public struct BLAKE2b: Sendable {
  private static let initial: [UInt64] = [
    0x6A09_E667_F3BC_C908, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B, 0xA54F_F53A_5F1D_36F1,
    0x510E_527F_ADE6_82D1, 0x9B05_688C_2B3E_6C1F, 0x1F83_D9AB_FB41_BD6B, 0x5BE0_CD19_137E_2179,
  ]
  /// Ten permutations, and the first two again.
  private static let order: [Int] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
    11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
    7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
    9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
    2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
    12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
    13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
    6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
    10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
  ]

  private var state = Self.initial
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// Starts with no bytes.
  public init() {
    // 32 bytes of digest, no key, one tree.
    state[0] ^= 0x0101_0020
    pending.reserveCapacity(128)
  }

  /// Adds bytes.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      var at = 0
      if !pending.isEmpty || bytes.count <= 128 {
        at = min(128 - pending.count, bytes.count)
        pending += bytes[..<at]
        guard at < bytes.count else { return }
        compressPending()
      }
      // The last block waits: it may be the last of all.
      let blocks = (bytes.count - at - 1) / 128
      compress(UnsafeRawBufferPointer(rebasing: bytes[at..<at + blocks * 128]), isLast: false)
      pending += bytes[(at + blocks * 128)...]
    }
  }

  private mutating func compressPending(isLast: Bool = false) {
    var block: [UInt8] = []
    swap(&block, &pending)
    block.withUnsafeBytes { compress($0, isLast: isLast) }
    for index in block.indices { block[index] = 0 }
    block.removeAll(keepingCapacity: true)
    swap(&block, &pending)
  }

  /// Ends the text and yields its digest; nothing can be added then.
  public mutating func finalize() -> Digest {
    let count = UInt64(pending.count)
    pending.append(contentsOf: repeatElement(0, count: 128 - pending.count))
    // The zeros do not count.
    byteCount = byteCount &+ count &- 128
    compressPending(isLast: true)
    return Digest(
      words: state[0].byteSwapped, state[1].byteSwapped, state[2].byteSwapped,
      state[3].byteSwapped)
  }

  /// Compresses whole blocks. Arithmetic modulo 2⁶⁴ is the algorithm's own, hence `&+`.
  private mutating func compress(_ blocks: UnsafeRawBufferPointer, isLast: Bool) {
    precondition(blocks.count % 128 == 0, "whole blocks only")
    guard let start = blocks.baseAddress else { return }
    var count = byteCount
    state.withUnsafeMutableBufferPointer { state in
      Self.order.withUnsafeBufferPointer { order in
        Self.initial.withUnsafeBufferPointer { initial in
          withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 16) { words in
            guard let h = state.baseAddress, let order = order.baseAddress,
              let initial = initial.baseAddress, let words = words.baseAddress
            else { return }
            for offset in stride(from: 0, to: blocks.count, by: 128) {
              count = count &+ 128
              Self.compressBlock(start + offset, count, isLast, h, words, order, initial)
            }
          }
        }
      }
    }
    byteCount = count
  }

  private static func compressBlock(
    _ block: UnsafeRawPointer, _ count: UInt64, _ isLast: Bool, _ h: UnsafeMutablePointer<UInt64>,
    _ m: UnsafeMutablePointer<UInt64>, _ order: UnsafePointer<Int>,
    _ initial: UnsafePointer<UInt64>
  ) {
    for i in 0..<16 {
      m[i] = UInt64(littleEndian: block.loadUnaligned(fromByteOffset: i &* 8, as: UInt64.self))
    }
    var (v0, v1, v2, v3) = (h[0], h[1], h[2], h[3])
    var (v4, v5, v6, v7) = (h[4], h[5], h[6], h[7])
    var (v8, v9, v10, v11) = (initial[0], initial[1], initial[2], initial[3])
    var (v12, v13, v14, v15) = (initial[4] ^ count, initial[5], initial[6], initial[7])
    if isLast { v14 = ~v14 }
    var s = order
    for _ in 0..<12 {
      mix(&v0, &v4, &v8, &v12, m[s[0]], m[s[1]])
      mix(&v1, &v5, &v9, &v13, m[s[2]], m[s[3]])
      mix(&v2, &v6, &v10, &v14, m[s[4]], m[s[5]])
      mix(&v3, &v7, &v11, &v15, m[s[6]], m[s[7]])
      mix(&v0, &v5, &v10, &v15, m[s[8]], m[s[9]])
      mix(&v1, &v6, &v11, &v12, m[s[10]], m[s[11]])
      mix(&v2, &v7, &v8, &v13, m[s[12]], m[s[13]])
      mix(&v3, &v4, &v9, &v14, m[s[14]], m[s[15]])
      s += 16
    }
    h[0] ^= v0 ^ v8
    h[1] ^= v1 ^ v9
    h[2] ^= v2 ^ v10
    h[3] ^= v3 ^ v11
    h[4] ^= v4 ^ v12
    h[5] ^= v5 ^ v13
    h[6] ^= v6 ^ v14
    h[7] ^= v7 ^ v15
  }

  @inline(__always)
  private static func mix(
    _ a: inout UInt64, _ b: inout UInt64, _ c: inout UInt64, _ d: inout UInt64, _ x: UInt64,
    _ y: UInt64
  ) {
    a = a &+ b &+ x
    d = rotate(d ^ a, 32)
    c = c &+ d
    b = rotate(b ^ c, 24)
    a = a &+ b &+ y
    d = rotate(d ^ a, 16)
    c = c &+ d
    b = rotate(b ^ c, 63)
  }

  @inline(__always)
  private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value &>> count | value &<< (64 &- count)
  }
}
