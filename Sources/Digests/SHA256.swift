// SHA256: the secure hash of FIPS 180-4, section 6.2.
// Invariants: `pending` holds fewer than 64 bytes; `byteCount` counts them and all compressed ones. Since a
// text may hold keys, `pending` never grows out of its memory, and is overwritten when it is compressed.
//
// Ours because Foundation on Linux has none and packages are out; tested against NIST's vectors. Where the
// processor has instructions for it, they do the work: see SHA256+Instructions.swift.

/// A running SHA-256.
public struct SHA256: Sendable {
  private var state = State()
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// The eight working words; a trivial type, so that they live in registers.
  struct State {
    var a: UInt32 = 0x6a09_e667
    var b: UInt32 = 0xbb67_ae85
    var c: UInt32 = 0x3c6e_f372
    var d: UInt32 = 0xa54f_f53a
    var e: UInt32 = 0x510e_527f
    var f: UInt32 = 0x9b05_688c
    var g: UInt32 = 0x1f83_d9ab
    var h: UInt32 = 0x5be0_cd19
  }

  /// Starts with no bytes.
  public init() {}

  /// Adds bytes.
  public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  /// Adds bytes of any sequence, such as the UTF-8 of a string.
  public mutating func update(_ bytes: some Sequence<UInt8>) { update(Array(bytes)) }

  /// Adds bytes that lie anywhere in memory.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var offset = 0
    if !pending.isEmpty {
      offset = min(64 - pending.count, bytes.count)
      pending += bytes[..<offset]
      guard pending.count == 64 else { return }
      pending.withUnsafeBytes { Self.compress($0, into: &state) }
      erasePending()
    }
    let blocksEnd = offset + (bytes.count - offset) / 64 * 64
    Self.compress(UnsafeRawBufferPointer(rebasing: bytes[offset..<blocksEnd]), into: &state)
    guard blocksEnd < bytes.count else { return }
    pending.reserveCapacity(64)
    pending += bytes[blocksEnd...]
  }

  private mutating func erasePending() {
    pending.withUnsafeMutableBytes { Self.erase($0) }
    pending.removeAll(keepingCapacity: true)
  }

  /// Ends the text and yields its digest.
  public consuming func finalize() -> Digest {
    pending.withUnsafeBytes { Self.finish($0, after: byteCount, &state) }
    erasePending()
    return Self.digest(state)
  }

  /// The digest of one text.
  public static func hash(_ bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes { hash($0) } }

  /// The digest of one text that lies anywhere in memory, and of which no copy is made.
  public static func hash(_ text: UnsafeRawBufferPointer) -> Digest {
    var state = State()
    let blocksEnd = text.count / 64 * 64
    compress(UnsafeRawBufferPointer(rebasing: text[..<blocksEnd]), into: &state)
    finish(UnsafeRawBufferPointer(rebasing: text[blocksEnd...]), after: UInt64(text.count), &state)
    return digest(state)
  }

  private static func digest(_ s: State) -> Digest {
    func word(_ high: UInt32, _ low: UInt32) -> UInt64 { UInt64(high) << 32 | UInt64(low) }
    return Digest(words: word(s.a, s.b), word(s.c, s.d), word(s.e, s.f), word(s.g, s.h))
  }

  /// Compresses the last, incomplete block with its padding: a one bit, zeros, the count of bits.
  private static func finish(
    _ rest: UnsafeRawBufferPointer, after byteCount: UInt64, _ state: inout State
  ) {
    precondition(rest.count < 64, "whole blocks come first")
    let paddedCount = rest.count < 56 ? 64 : 128
    withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { padded in
      padded.initializeMemory(as: UInt8.self, repeating: 0)
      padded.copyMemory(from: rest)
      padded[rest.count] = 0x80
      let bitCount = (byteCount &* 8).bigEndian
      padded.storeBytes(of: bitCount, toByteOffset: paddedCount - 8, as: UInt64.self)
      compress(UnsafeRawBufferPointer(rebasing: padded[..<paddedCount]), into: &state)
      erase(padded)
    }
  }

  /// Overwrites memory that held a text, which may be a secret. Never inlined, so that it is not left out
  /// as a store that nobody reads.
  @inline(never)
  private static func erase(_ memory: UnsafeMutableRawBufferPointer) {
    memory.initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// Pointers spare a bounds check a step; the one check is here.
  private static func compress(_ blocks: UnsafeRawBufferPointer, into state: inout State) {
    precondition(blocks.count % 64 == 0, "whole blocks only")
    guard let start = blocks.baseAddress, blocks.count > 0 else { return }
    #if canImport(_Builtin_intrinsics) && os(Linux) && arch(x86_64)
      if hasInstructions {
        compressByInstructions(start, count: blocks.count / 64, into: &state)
        return
      }
    #endif
    compressPortably(start, count: blocks.count / 64, into: &state)
  }

  /// In plain Swift, for any processor.
  /// - Parameter count: Of blocks.
  static func compressPortably(
    _ start: UnsafeRawPointer, count: Int, into state: inout State
  ) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
      roundConstants.withUnsafeBufferPointer { constants in
        guard let w = schedule.baseAddress, let k = constants.baseAddress else { return }
        for block in 0..<count { compressBlock(start + block * 64, w, k, &state) }
      }
      erase(UnsafeMutableRawBufferPointer(schedule))
    }
  }

  /// Arithmetic modulo 2³² is the algorithm's own, hence `&+`. Eight steps are written out so that
  /// the eight words change their names instead of their places.
  private static func compressBlock(
    _ block: UnsafeRawPointer, _ w: UnsafeMutablePointer<UInt32>, _ k: UnsafePointer<UInt32>,
    _ state: inout State
  ) {
    for i in 0..<16 {
      w[i] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: i &* 4, as: UInt32.self))
    }
    for i in 16..<64 {
      let x = w[i &- 15]
      let y = w[i &- 2]
      let s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x &>> 3)
      let s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y &>> 10)
      w[i] = w[i &- 16] &+ s0 &+ w[i &- 7] &+ s1
    }
    var (a, b, c, d) = (state.a, state.b, state.c, state.d)
    var (e, f, g, h) = (state.e, state.f, state.g, state.h)
    var i = 0
    while i < 64 {
      step(a, b, c, &d, e, f, g, &h, k[i] &+ w[i])
      step(h, a, b, &c, d, e, f, &g, k[i &+ 1] &+ w[i &+ 1])
      step(g, h, a, &b, c, d, e, &f, k[i &+ 2] &+ w[i &+ 2])
      step(f, g, h, &a, b, c, d, &e, k[i &+ 3] &+ w[i &+ 3])
      step(e, f, g, &h, a, b, c, &d, k[i &+ 4] &+ w[i &+ 4])
      step(d, e, f, &g, h, a, b, &c, k[i &+ 5] &+ w[i &+ 5])
      step(c, d, e, &f, g, h, a, &b, k[i &+ 6] &+ w[i &+ 6])
      step(b, c, d, &e, f, g, h, &a, k[i &+ 7] &+ w[i &+ 7])
      i &+= 8
    }
    state.a &+= a
    state.b &+= b
    state.c &+= c
    state.d &+= d
    state.e &+= e
    state.f &+= f
    state.g &+= g
    state.h &+= h
  }

  /// One of the 64 steps; `input` is the constant and the schedule's word.
  @inline(__always)
  private static func step(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32,
    _ g: UInt32, _ h: inout UInt32, _ input: UInt32
  ) {
    let choice = g ^ (e & (f ^ g))
    let majority = (a & b) | (c & (a | b))
    h = h &+ (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) &+ choice &+ input
    d = d &+ h
    h = h &+ (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ majority
  }

  @inline(__always)
  private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 {
    value &>> count | value &<< (32 &- count)
  }
}

let roundConstants: [UInt32] = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
  0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
  0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
  0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
  0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
  0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
  0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
  0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
  0xc671_78f2,
]
