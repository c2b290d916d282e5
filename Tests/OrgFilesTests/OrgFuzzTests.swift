// OrgFuzzTests: mutated org files are refused with a place, or are orgs that export and read back.

import Foundation
import OrgFiles
import OrgModel
import SourceText
import Testing

@Suite struct OrgFuzzTests {
  private static let words = [
    "0", "-1", "1e9", "1000000001", "9223372036854775808", "0x10", "~", "true", "[]", "{}", "''",
    "é", "\"\\u202e\"", "\"\\x1b[31m\"", "owner", "member: ", "role: owner", "seat: pro", "key: 0",
    "until: 0000-01-01", "until: 10000-01-01", "until: 2027-02-29", "2028-02-29", "9999-12-31",
    "9999-12-31T23:59:60Z", "2027-01-31T24:00:00Z", "seats: -1", "expires: 2027-13-01", "100%",
    "101%", "max_removals: 0%", "key_max_age: 999999999999d", "base_url: javascript:x", "m1: {}",
    "M1: {}", "credits: 1.5", "&a", "*a", "<<: {}", "\n", "  ", "\t", "# c", "---\n", "version: 2",
    ",", "}", ":",
  ]

  @Test(arguments: 1...24 as ClosedRange<UInt64>)
  func `a mutated org file is refused with its places, or means the same when exported`(
    _ seed: UInt64
  ) throws {
    var writer = RandomOrgText(seed: seed)
    let text = Array(writer.file().utf8)
    var random = Xorshift(seed: seed &* 0xD134_2543_DE82_EF95)
    var acceptedCount = 0
    for _ in 0..<150 {
      let bytes = mutant(of: text, &random)
      let outcome = Outcome([SourceFile(name: "a.yaml", bytes: bytes)])
      let shown = "seed \(seed)\n\(String(decoding: bytes, as: UTF8.self))"
      let hasErrors = outcome.diagnostics.contains { $0.severity == .error }
      #expect((outcome.org == nil) == hasErrors, "\(shown)")
      for finding in outcome.diagnostics {
        #expect(Int(finding.range?.end ?? 0) <= bytes.count, "\(shown)")
      }
      guard let org = outcome.org else { continue }
      acceptedCount += 1
      let members = org.members
      #expect(members.count { $0.role == .owner } == 1, "\(shown)")
      #expect(Set(members.map { $0.username.text.lowercased() }).count == members.count, "\(shown)")
      #expect(OrganizationText.isName(org.organization), "\(shown)")
      let exported = String(decoding: org.yaml(), as: UTF8.self)
      #expect(Outcome([exported]).org == org, "\(shown)\n->\n\(exported)")
    }
    #expect(acceptedCount > 0, "seed \(seed)")
  }

  private func mutant(of text: [UInt8], _ random: inout Xorshift) -> [UInt8] {
    var bytes = text
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      let at = Int.random(in: bytes.indices, using: &random)
      let end = min(bytes.count, at + Int.random(in: 1...16, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[at] = .random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(at..<end)
      case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
      case 3:
        bytes.insert(contentsOf: (Self.words.randomElement(using: &random) ?? "").utf8, at: at)
      case 4:
        // One word for another, so that most mutants are documents still.
        let isWord = { (byte: UInt8) in byte > 0x20 && !",{}:[]'\"#".utf8.contains(byte) }
        guard let start = bytes[at...].firstIndex(where: isWord) else { continue }
        let rest = bytes[start...]
        let stop = rest.firstIndex { !isWord($0) } ?? rest.endIndex
        bytes.replaceSubrange(
          start..<stop, with: Array((Self.words.randomElement(using: &random) ?? "").utf8))
      default: bytes[at] ^= 0x20
      }
    }
    return bytes
  }

  @Test(arguments: [
    ("alice", "Alice"), ("_x", "_X"), ("a_1", "A_1"), ("zz", "zZ"),
  ])
  func `two names that differ only in case are refused, also across files`(
    _ one: String, _ other: String
  ) {
    let start = "organization: a\nmembers:\n  \(one): { role: owner }\n"
    #expect(Outcome([start + "  \(other): {}\n"]).places == ["a.yaml:4:3: E106"])
    #expect(Outcome([start, "members:\n  \(other): {}\n"]).places == ["b.yaml:2:3: E106"])
  }

  @Test(arguments: ["\u{430}lice", "\u{FF41}lice", "alice\u{301}", "alice\u{200B}", "al ice"])
  func `a name that only looks like ASCII is refused`(_ name: String) {
    let text = "organization: a\nmembers:\n  o: { role: owner }\n  \"\(name)\": {}\n"
    #expect(Outcome([text]).org == nil)
  }
}
