// SHA256+Instructions: the same hash by the SHA extensions of x86-64 processors, six times as fast.
// Invariants: called only where the processor has them; in an optimized build the words of a text, which may
// be a secret, stay in registers.
//
// After the Intel SHA Extensions white paper (Gulley et al., 2013): the eight words are held as ABEF and CDGH;
// one instruction makes two rounds, two make four words of the schedule. Intrinsics are the compiler's own
// module, and the package tells it that they may be used (`-msha`).

#if canImport(_Builtin_intrinsics) && os(Linux) && arch(x86_64)
  internal import _Builtin_intrinsics.intel
  internal import _Builtin_intrinsics.intel.cpuid

  extension SHA256 {
    private typealias Words = SIMD4<UInt32>

    /// Whether this processor has the SHA extensions: bit 29 of EBX in CPUID's leaf 7.
    static let hasInstructions: Bool = {
      var (a, b, c, d) = (UInt32(0), UInt32(0), UInt32(0), UInt32(0))
      return __get_cpuid_count(7, 0, &a, &b, &c, &d) == 1 && b >> 29 & 1 == 1
    }()

    /// Compresses whole blocks. Never inlined, since other modules are not for such a processor.
    @inline(never)
    static func compressByInstructions(
      _ start: UnsafeRawPointer, count: Int, into state: inout State
    ) {
      var abef = Words(state.f, state.e, state.b, state.a)
      var cdgh = Words(state.h, state.g, state.d, state.c)
      roundConstants.withUnsafeBytes { constants in
        guard let k = constants.baseAddress else { return }
        for index in 0..<count { compress(start + index * 64, k, &abef, &cdgh) }
      }
      (state.a, state.b, state.c, state.d) = (abef[3], abef[2], cdgh[3], cdgh[2])
      (state.e, state.f, state.g, state.h) = (abef[1], abef[0], cdgh[1], cdgh[0])
    }

    @inline(__always)
    private static func compress(
      _ block: UnsafeRawPointer, _ k: UnsafeRawPointer, _ abef: inout Words, _ cdgh: inout Words
    ) {
      let (oldABEF, oldCDGH) = (abef, cdgh)
      var (w0, w1) = (word(0, of: block), word(1, of: block))
      var (w2, w3) = (word(2, of: block), word(3, of: block))
      var group = 0
      while group < 12 {
        makeRounds(w0, k, group, &abef, &cdgh)
        w0 = schedule(w0, w1, w2, w3)
        makeRounds(w1, k, group &+ 1, &abef, &cdgh)
        w1 = schedule(w1, w2, w3, w0)
        makeRounds(w2, k, group &+ 2, &abef, &cdgh)
        w2 = schedule(w2, w3, w0, w1)
        makeRounds(w3, k, group &+ 3, &abef, &cdgh)
        w3 = schedule(w3, w0, w1, w2)
        group &+= 4
      }
      makeRounds(w0, k, 12, &abef, &cdgh)
      makeRounds(w1, k, 13, &abef, &cdgh)
      makeRounds(w2, k, 14, &abef, &cdgh)
      makeRounds(w3, k, 15, &abef, &cdgh)
      abef &+= oldABEF
      cdgh &+= oldCDGH
    }

    /// Four of the sixteen words of a block.
    @inline(__always)
    private static func word(_ index: Int, of block: UnsafeRawPointer) -> Words {
      let bytes = block.loadUnaligned(fromByteOffset: index &* 16, as: Words.self)
      return Words(
        UInt32(bigEndian: bytes[0]), UInt32(bigEndian: bytes[1]), UInt32(bigEndian: bytes[2]),
        UInt32(bigEndian: bytes[3]))
    }

    /// Makes four rounds, of which `group` says the place.
    @inline(__always)
    private static func makeRounds(
      _ words: Words, _ k: UnsafeRawPointer, _ group: Int, _ abef: inout Words,
      _ cdgh: inout Words
    ) {
      let input = words &+ k.loadUnaligned(fromByteOffset: group &* 16, as: Words.self)
      cdgh = twoRounds(cdgh, abef, input)
      abef = twoRounds(abef, cdgh, Words(input[2], input[3], 0, 0))
    }

    @inline(__always)
    private static func twoRounds(_ older: Words, _ newer: Words, _ input: Words) -> Words {
      words(_mm_sha256rnds2_epu32(bits(older), bits(newer), bits(input)))
    }

    /// The four words of the schedule behind sixteen others.
    @inline(__always)
    private static func schedule(_ w0: Words, _ w1: Words, _ w2: Words, _ w3: Words) -> Words {
      let first = words(_mm_sha256msg1_epu32(bits(w0), bits(w1)))
      let sum = first &+ Words(w2[1], w2[2], w2[3], w3[0])
      return words(_mm_sha256msg2_epu32(bits(sum), bits(w3)))
    }

    @inline(__always)
    private static func bits(_ words: Words) -> __m128i { unsafeBitCast(words, to: __m128i.self) }

    @inline(__always)
    private static func words(_ bits: __m128i) -> Words { unsafeBitCast(bits, to: Words.self) }
  }
#endif
