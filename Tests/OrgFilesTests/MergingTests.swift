// MergingTests: several files that make one org.

import OrgFiles
import OrgModel
import SourceText
import Testing

@Test func `files are merged map by map`() throws {
  let org = try #require(
    Outcome([
      "organization: acme\npolicy: { max_removals: 5 }\nmembers: { zoe: { role: owner, seat: a } }",
      "subscriptions: { b: { seats: 1, expires: 2027-01-31 } }\nmembers: { bob: { seat: b } }",
      "policy: { key_max_age: 4w }\nsubscriptions: { a: { seats: 1, expires: 2027-01-31 } }",
    ]).org)
  #expect(org.policy == Policy(maxRemovals: .count(5), keyMaxAge: Span("28d")))
  #expect(org.subscriptions.map(\.id.text) == ["a", "b"])
  #expect(org.members.map(\.username.text) == ["bob", "zoe"])
}

@Test(arguments: [
  ("organization: acme", 1), ("base_url: https://h", 1), ("version: 1", 1),
  ("policy: { max_removals: 5 }", 11), ("policy: { key_max_age: 5d }", 11),
  ("subscriptions: { s: { seats: 1, expires: 2027-01-31 } }", 18), ("members: { bob: {} }", 12),
])
func `nothing may stand in two files`(_ line: String, _ column: Int) {
  let first = line.hasPrefix("organization") ? "" : "organization: acme\n"
  let owner = line.hasPrefix("members") ? "" : "members: { o: { role: owner } }\n"
  let rest = line.hasPrefix("members") ? ["members: { o: { role: owner } }"] : []
  let outcome = Outcome(["\(first)\(owner)\(line)", line] + rest)
  #expect(outcome.places == ["b.yaml:1:\(column): E116"])
  let lines = outcome.files[0].bytes.count { $0 == 0x0A } + 1
  #expect(outcome.diagnostics.first?.message.hasSuffix("the first is in a.yaml:\(lines)") == true)
}

@Test func `an owner defined twice is one finding`() {
  let text = "members: { alice: { role: owner } }"
  #expect(Outcome(["organization: a\n" + text, text]).places == ["b.yaml:1:12: E116"])
}

@Test func `usernames that differ in case are found across files and out of order`() {
  let outcome = Outcome([
    "organization: a\nmembers: { zed: { role: owner }, Bob: {} }", "members: { amy: {}, bOB: {} }",
  ])
  #expect(outcome.places == ["b.yaml:1:21: E106"])
  #expect(
    outcome.diagnostics.first?.message
      == "the usernames 'bOB' and 'Bob' differ only in case; the first is in a.yaml:2")
}

@Test func `every further owner is named with the first`() {
  let outcome = Outcome([
    "organization: a\nmembers: { a: { role: owner }, b: { role: owner } }",
    "members: { c: { role: owner } }",
  ])
  #expect(outcome.places == ["a.yaml:2:43: E113", "b.yaml:1:23: E113"])
  #expect(outcome.diagnostics.allSatisfy { $0.message.contains("'a' in a.yaml:2;") })
}

@Test func `members are sorted by bytes, whatever the length of their names`() throws {
  let names = [
    "b", "B", "aaaaaaaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaa", "_", "a1", "a_", "aa", "Z",
  ]
  let members = names.dropFirst().map { "\($0): {}" }.joined(separator: ", ")
  let org = try #require(
    Outcome(["organization: a\nmembers: { b0: { role: owner }, \(members) }"]).org)
  #expect(
    org.members.map(\.username.text) == [
      "B", "Z", "_", "a1", "a_", "aa", "aaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaab", "b0",
    ])
}

/// Two files of members with names that are often alike, to their last byte or but for capitals.
@Test(arguments: 0..<60)
func `members are sorted and their clashes found as by comparing all names`(_ seed: UInt64) throws {
  var random = Xorshift(seed: seed &* 977 + 1)
  let pieces = seed % 2 == 0 ? ["a", "b", "_"] : ["a", "A", "b", "_"]
  let stem = String(repeating: "x", count: Int.random(in: 0...26, using: &random))
  let names = (0..<40).map { _ in
    let tail = (0..<Int.random(in: seed % 3 == 0 ? 9...12 : 1...4, using: &random)).map { _ in
      pieces.randomElement(using: &random) ?? ""
    }
    return stem.prefix(Int.random(in: max(0, stem.count - 1)...stem.count, using: &random))
      + tail.joined()
  }.map { String($0) }
  // In one map a name that stands twice is a finding of the reader, and ends it.
  let maps = [Array(names[..<20]), Array(names[20...])].map { names in
    names.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
  }
  let texts = maps.map { $0.map { "  \($0): {}\n" }.joined() }
  let outcome = Outcome([
    "organization: a\nmembers:\n  o: { role: owner }\n" + texts[0], "members:\n" + texts[1],
  ])
  var seen: [String] = []
  var clashing: [String] = []
  for (file, names) in zip(["a.yaml", "b.yaml"], maps) {
    for (index, name) in names.enumerated() {
      if let first = seen.first(where: { $0.lowercased() == name.lowercased() }) {
        let line = index + (file == "a.yaml" ? 4 : 2)
        clashing.append("\(file):\(line):3: \(first == name ? "E116" : "E106")")
      }
      seen.append(name)
    }
  }
  #expect(outcome.places == clashing)
  #expect(seed % 3 != 0 || clashing.isEmpty, "long tails seldom repeat, in these seeds never")
  guard clashing.isEmpty else { return }
  let org = try #require(outcome.org)
  #expect(org.members.map(\.username.text) == (seen + ["o"]).sorted())
  let places = try #require(outcome.located).places
  #expect(places.members.map { outcome.text($0.name) } == org.members.map(\.username.text))
}

/// So many members that two threads read them, and one mistake.
@Test(arguments: [
  (3, "x: { seat: none }", "E104"), (5_998, "x: { seat: none }", "E104"),
  (2, "b@d: {}", "E105"), (3_001, "b@d: {}", "E105"), (5_999, "X7: {}", "E106"),
  (4_000, "y: { role: owner }", "E113"), (4_500, "y: []", "E101"),
])
func `a mistake among many members is found where it stands`(
  _ at: Int, _ line: String, _ code: String
) {
  var lines = (0..<6_000).map { "  x\($0): {}" }
  lines.insert("  " + line, at: at)
  let text = "organization: a\nmembers:\n  o: { role: owner }\n" + lines.joined(separator: "\n")
  let outcome = Outcome([text])
  #expect(outcome.places.count == 1)
  #expect(outcome.places.first?.hasPrefix("a.yaml:\(at + 4):") == true)
  #expect(outcome.places.first?.hasSuffix(code) == true, "\(outcome.places)")
  lines.remove(at: at)
  let org = Outcome([
    "organization: a\nmembers:\n  o: { role: owner }\n" + lines.joined(separator: "\n")
  ])
  #expect(
    org.org?.members.map(\.username.text)
      == (lines.map { String($0.dropFirst(2).dropLast(4)) } + ["o"]).sorted())
}

@Test func `no file at all is an org without a name and an owner`() {
  #expect(Outcome([SourceFile]()).diagnostics.map(\.code) == [.missingKey, .ownerCount])
}
