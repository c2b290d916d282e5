// BLAKE2bTests: digests that other programs compute, too.
//
// The expected values are those of `b2sum -l 256` (GNU coreutils) and of Python's hashlib.blake2b with
// digest_size=32.

import Testing

@testable import Digests

@Suite struct BLAKE2bTests {
  private static func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 % 251) } }

  private static func hex(_ parts: [UInt8]...) -> String {
    var hash = BLAKE2b()
    for part in parts { hash.update(part) }
    return hash.finalize().hex
  }

  @Test(arguments: [
    (
      0, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"
    ),
    (
      1, "03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314"
    ),
    (
      3, "3d8c3d594928271f44aad7a04b177154806867bcf918e1549c0bc16f9da2b09b"
    ),
    (
      127, "f2fe67ff342e21b8f45e8f2e0bcd1d9243245d50ee6c78042e9c491388791c72"
    ),
    (
      128, "c3582f71ebb2be66fa5dd750f80baae97554f3b015663c8be377cfcb2488c1d1"
    ),
    (
      129, "f7f3c46ba2564ff4c4c162da1f5b605f9f1c4aa6a20652a9f9a337c1a2f5b9c9"
    ),
    (
      255, "d9ef0fc521b4266d16df662bec231bc2ec3989e7adeaf63169c295dc239dbbea"
    ),
    (
      256, "582f782226018ec33076bd8d1c42413530ac7e1126260ffc0f306ba3befc3f24"
    ),
    (
      257, "227e15ed64ee8e93eb7bc53828f76eed974f2c4ab1408c3d08f212b7f8d69904"
    ),
    (
      1000, "b372d0608f720c8c3dd41e9c8eecb10143b41abe520b616607e754bf79c08331"
    ),
    (
      100000, "916cfaa800ee55811e82095babeb88ea29c9ef8a36e8d7e20c7b772c344c9e1c"
    ),
  ])
  func `digests are those of other programs`(_ count: Int, _ expected: String) {
    #expect(Self.hex(Self.pattern(count)) == expected)
  }

  @Test func `parts of any length are as good as the whole`() {
    let text = Self.pattern(700)
    let whole = Self.hex(text)
    for first in stride(from: 0, through: 700, by: 1) {
      let second = first + (700 - first) / 3
      #expect(
        Self.hex(Array(text[..<first]), Array(text[first..<second]), [], Array(text[second...]))
          == whole)
    }
  }
}
