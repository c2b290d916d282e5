// XXHash64: a fast checksum against accidental damage; no protection against an attacker.
// Source: xxHash specification 0.1.1, "XXH64 algorithm description"; tested against its vectors.
//
// Ours because a snapshot is checked at the start of every command, and SHA-256 took a quarter of the
// time of a plan without changes.

/// The 64-bit xxHash with seed 0, of bytes that come part by part.
public struct XXHash64: Sendable {
  /// Bytes that are taken in together.
  public static let stripeBytes = 32
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5
  )

  private var lanes: (UInt64, UInt64, UInt64, UInt64)
  private var count = 0

  /// Of no bytes yet.
  public init() {
    let (p1, p2, _, _, _) = Self.primes
    lanes = (p1 &+ p2, p2, 0, 0 &- p1)
  }

  /// The checksum of some bytes.
  public static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = XXHash64()
    let end = bytes.count - bytes.count % stripeBytes
    hash.update(stripes: UnsafeRawBufferPointer(rebasing: bytes[..<end]))
    return hash.finalize(with: UnsafeRawBufferPointer(rebasing: bytes[end...]))
  }

  /// Takes in the next bytes, whole stripes. Arithmetic modulo 2⁶⁴ is the algorithm's own, hence `&+` and
  /// `&*`.
  public mutating func update(stripes bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count % Self.stripeBytes == 0, "only the last stripe may be a part of one")
    var (a, b, c, d) = lanes
    var at = 0
    while at < bytes.count {
      a = Self.round(a, Self.word(bytes, at))
      b = Self.round(b, Self.word(bytes, at + 8))
      c = Self.round(c, Self.word(bytes, at + 16))
      d = Self.round(d, Self.word(bytes, at + 24))
      at += Self.stripeBytes
    }
    lanes = (a, b, c, d)
    count += bytes.count
  }

  /// The checksum of all bytes before and some last ones, less than a stripe.
  public func finalize(with bytes: UnsafeRawBufferPointer) -> UInt64 {
    precondition(bytes.count < Self.stripeBytes, "what is no whole stripe is the last part")
    let (p1, p2, p3, p4, p5) = Self.primes
    var result = p5
    if count > 0 {
      let (a, b, c, d) = lanes
      result =
        Self.rotate(a, 1) &+ Self.rotate(b, 7) &+ Self.rotate(c, 12) &+ Self.rotate(d, 18)
      for lane in [a, b, c, d] { result = (result ^ Self.round(0, lane)) &* p1 &+ p4 }
    }
    result = result &+ UInt64(count + bytes.count)
    var at = 0
    while at + 8 <= bytes.count {
      result = Self.rotate(result ^ Self.round(0, Self.word(bytes, at)), 27) &* p1 &+ p4
      at += 8
    }
    if at + 4 <= bytes.count {
      let half = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
      result = Self.rotate(result ^ (UInt64(half) &* p1), 23) &* p2 &+ p3
      at += 4
    }
    while at < bytes.count {
      result = Self.rotate(result ^ (UInt64(bytes[at]) &* p5), 11) &* p1
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
