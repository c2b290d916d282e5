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

@Test func `no file at all is an org without a name and an owner`() {
  #expect(Outcome([SourceFile]()).diagnostics.map(\.code) == [.missingKey, .ownerCount])
}
