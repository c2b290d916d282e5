// XXHash64: a fast checksum against accidental damage; no protection against an attacker.
// Source: xxHash specification 0.1.1, "XXH64 algorithm description"; tested against its vectors.
//
// Ours because a snapshot is checked at the start of every command, and SHA-256 took a quarter of the
// time of a plan without changes.

/// The 64-bit xxHash with seed 0.
public enum XXHash64 {
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5
  )

  /// The checksum of some bytes. Arithmetic modulo 2⁶⁴ is the algorithm's own, hence `&+` and `&*`.
  public static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let (p1, p2, p3, p4, p5) = primes
    var at = 0
    var result: UInt64
    if bytes.count >= 32 {
      var (a, b, c, d) = (p1 &+ p2, p2, 0 as UInt64, 0 &- p1)
      while at + 32 <= bytes.count {
        a = round(a, word(bytes, at))
        b = round(b, word(bytes, at + 8))
        c = round(c, word(bytes, at + 16))
        d = round(d, word(bytes, at + 24))
        at += 32
      }
      result = rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
      for lane in [a, b, c, d] { result = (result ^ round(0, lane)) &* p1 &+ p4 }
    } else {
      result = p5
    }
    result = result &+ UInt64(bytes.count)
    while at + 8 <= bytes.count {
      result = rotate(result ^ round(0, word(bytes, at)), 27) &* p1 &+ p4
      at += 8
    }
    if at + 4 <= bytes.count {
      let half = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
      result = rotate(result ^ (UInt64(half) &* p1), 23) &* p2 &+ p3
      at += 4
    }
    while at < bytes.count {
      result = rotate(result ^ (UInt64(bytes[at]) &* p5), 11) &* p1
      at += 1
    }
    result = (result ^ (result >> 33)) &* p2
    result = (result ^ (result >> 29)) &* p3
    return result ^ (result >> 32)
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input &* primes.1, 31) &* primes.0
  }

  private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value &<< count | value &>> (64 &- count)
  }
}
