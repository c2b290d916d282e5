// DigestsTests: official vectors for everything that hashes or encodes.

import Testing

@testable import Digests

@Suite struct SHA256Tests {
  /// FIPS 180-4 examples, as published by NIST (CSRC, "SHA256.pdf").
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
        + "lmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func `hashes NIST's examples`(_ text: String, _ hex: String) {
    #expect(SHA256.hash(Array(text.utf8)).hex == hex)
  }

  @Test func `hashes a million times the letter a`() {
    var hash = SHA256()
    for _ in 0..<1000 { hash.update([UInt8](repeating: 0x61, count: 1000)) }
    let hex = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(hash.finalize().hex == hex)
  }

  /// NIST's example of one block, padded as FIPS 180-4 says, section 5.1.1.
  @Test func `plain Swift hashes NIST's example, whatever the processor has`() {
    let block = Array("abc".utf8) + [0x80] + [UInt8](repeating: 0, count: 59) + [24]
    let state = compressed(block) { SHA256.compressPortably($0, count: $1, into: &$2) }
    #expect(state == SHA256.hash(Array("abc".utf8)).bytes)
  }

  #if canImport(_Builtin_intrinsics) && os(Linux) && arch(x86_64)
    @Test(.enabled(if: SHA256.hasInstructions), arguments: [1, 2, 3, 7, 64])
    func `instructions compress as plain Swift does`(_ count: Int) {
      // Blocks of every bit, at an odd address.
      var dice = SystemRandomNumberGenerator()
      let blocks = (0..<count * 64 + 1).map { _ in UInt8.random(in: 0...255, using: &dice) }
      blocks.withUnsafeBytes { all in
        let text = Array(all[1...])
        let plain = compressed(text) { SHA256.compressPortably($0, count: $1, into: &$2) }
        let odd = UnsafeRawBufferPointer(rebasing: all[1...])
        var state = SHA256.State()
        if let start = odd.baseAddress {
          SHA256.compressByInstructions(start, count: count, into: &state)
        }
        #expect(bytes(of: state) == plain)
      }
    }
  #endif

  private func compressed(
    _ blocks: [UInt8], _ compress: (UnsafeRawPointer, Int, inout SHA256.State) -> Void
  ) -> [UInt8] {
    var state = SHA256.State()
    blocks.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress { compress(start, bytes.count / 64, &state) }
    }
    return bytes(of: state)
  }

  private func bytes(of s: SHA256.State) -> [UInt8] {
    [s.a, s.b, s.c, s.d, s.e, s.f, s.g, s.h].flatMap { word in
      withUnsafeBytes(of: word.bigEndian) { Array($0) }
    }
  }

  @Test func `bytes of any source and alignment hash the same`() {
    let text = Array("The quick brown fox jumps over the lazy dog, and round the whole block".utf8)
    var sequence = SHA256()
    sequence.update(text.lazy.map { $0 })
    let shifted = [0] + text
    var pointer = SHA256()
    shifted.withUnsafeBytes { pointer.update(UnsafeRawBufferPointer(rebasing: $0[1...])) }
    var empty = SHA256()
    empty.update([])
    empty.update(text)
    #expect(sequence.finalize() == SHA256.hash(text))
    #expect(pointer.finalize() == SHA256.hash(text))
    #expect(empty.finalize() == SHA256.hash(text))
  }

  @Test func `byte by byte or at once, the digest is the same`() {
    let text = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var hash = SHA256()
    for length in 0...200 {
      let soFar = hash
      #expect(soFar.finalize() == SHA256.hash(Array(text[..<length])))
      if length < 200 { hash.update([text[length]]) }
    }
  }

  @Test func `in pieces or at once, the digest is the same`() {
    let text = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    for length in 0...200 {
      var hash = SHA256()
      hash.update(Array(text[..<(length / 3)]))
      hash.update(Array(text[(length / 3)..<length]))
      #expect(hash.finalize() == SHA256.hash(Array(text[..<length])))
    }
  }

  @Test func `a digest reads back as written, and nothing else does`() {
    let digest = SHA256.hash([1, 2, 3])
    #expect(Digest(hex: digest.hex) == digest)
    #expect(Digest(labelled: digest.labelled) == digest)
    #expect(Digest(hex: digest.hex.uppercased()) == nil)
    #expect(Digest(hex: String(digest.hex.dropLast())) == nil)
    #expect(Digest(labelled: digest.hex) == nil)
    #expect(Digest(labelled: "SHA256:" + digest.hex) == nil)
    #expect(digest.bytes.count == 32)
  }

  @Test func `digests are ordered as their hexadecimal digits are`() {
    let digests = (0..<64).map { SHA256.hash([$0]) }
    #expect(digests.sorted().map(\.hex) == digests.map(\.hex).sorted())
  }
}

@Suite struct HMACTests {
  /// RFC 4231, test cases 3, 4 and 7.
  @Test(arguments: [
    (
      [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      [UInt8](1...25), [UInt8](repeating: 0xCD, count: 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131),
      [UInt8](
        ("This is a test using a larger than block-size key and a larger than block-size data. "
          + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
  ])
  func `authenticates with keys and data of any length`(
    _ key: [UInt8], _ message: [UInt8], _ hex: String
  ) {
    #expect(HMACSHA256.code(of: message, key: key).hex == hex)
  }

  /// RFC 4231, test cases 1, 2 and 6.
  @Test func `authenticates the examples of RFC 4231`() {
    let first = HMACSHA256.code(
      of: Array("Hi There".utf8), key: [UInt8](repeating: 0x0B, count: 20))
    #expect(first.hex == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    let second = HMACSHA256.code(
      of: Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
    #expect(second.hex == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    let sixth = HMACSHA256.code(
      of: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      key: [UInt8](repeating: 0xAA, count: 131))
    #expect(sixth.hex == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }
}

@Suite struct Base64URLTests {
  /// RFC 4648, section 10, without padding.
  @Test(arguments: [
    ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
    ("foobar", "Zm9vYmFy"),
  ])
  func `encodes and decodes the examples of RFC 4648`(_ text: String, _ encoded: String) {
    #expect(Base64URL.encode(Array(text.utf8)) == Array(encoded.utf8))
    #expect(Base64URL.decode(Array(encoded.utf8)) == Array(text.utf8))
  }

  @Test(arguments: ["Zh", "Zm9vYmF", "Z", "Zm9vZ", "Zm9=", "Zm 9", "Zm+v", "Zm/v"])
  func `refuses what it would not write`(_ text: String) {
    #expect(Base64URL.decode(Array(text.utf8)) == nil)
  }
}

@Suite struct HexTests {
  /// RFC 4648, section 10, in lower case.
  @Test(arguments: [("", ""), ("f", "66"), ("fo", "666f"), ("foobar", "666f6f626172")])
  func `encodes and decodes the examples of RFC 4648`(_ text: String, _ encoded: String) {
    #expect(Hex.encode(Array(text.utf8)) == encoded)
    #expect(Hex.decode(encoded.utf8) == Array(text.utf8))
  }

  @Test(arguments: ["6", "6G", "6F", "0x", " 6", "66 "])
  func `refuses what it would not write`(_ text: String) {
    #expect(Hex.decode(text.utf8) == nil)
  }
}

@Suite struct XXHash64Tests {
  private func hash(_ bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBytes { XXHash64.hash($0) }
  }

  /// Vectors of the specification and of the reference implementation, seed 0.
  @Test func `it yields the official checksums`() {
    #expect(hash([]) == 0xEF46_DB37_51D8_E999)
    #expect(hash(Array("a".utf8)) == 0xD24E_C4F1_A98C_6E5B)
    #expect(hash(Array("abc".utf8)) == 0x44BC_2CF5_AD77_0999)
    #expect(
      hash(Array("Nobody inspects the spammish repetition".utf8)) == 0xFBCE_A83C_8A37_8BF1)
  }

  @Test(arguments: [0, 1, 31, 32, 100, 223])
  func `the checksum of parts is that of the whole`(_ count: Int) {
    let bytes = (0..<count).map { UInt8($0) }
    let whole = hash(bytes)
    bytes.withUnsafeBytes { bytes in
      var hash = XXHash64()
      var rest = bytes[...]
      while rest.count >= XXHash64.stripeBytes {
        hash.update(stripes: UnsafeRawBufferPointer(rebasing: rest.prefix(32)))
        rest = rest.dropFirst(32)
      }
      #expect(hash.finalize(with: UnsafeRawBufferPointer(rebasing: rest)) == whole)
    }
  }
}
