// DesiredOrgFormsTests: an org as a file, as a digest, and what runs short in it.

import Digests
@testable import OrgFiles
import OrgModel
import SourceText
import Testing

private func org(_ text: String) throws -> DesiredOrg { try #require(Outcome([text]).org) }

private func word(_ random: inout Xorshift, _ hyphen: String) -> String {
  let reserved = ["null", "true", "No", "y", "OFF", "_", "on", "e1", "x", "False"]
  if Int.random(in: 0..<4, using: &random) == 0 {
    return reserved.randomElement(using: &random) ?? ""
  }
  let letters = Array("abcXYZ_" + "0123456789" + hyphen)
  let length = [1, 3, 8, 17, 64].randomElement(using: &random) ?? 1
  return String(
    (0..<length).map { letters[Int.random(in: 0..<($0 == 0 ? 7 : letters.count), using: &random)] })
}

private func line(_ random: inout Xorshift) -> String {
  let scalars = Array("aé: #'\"\\{}[],&*!|>%@`-?🦊日~0 \u{FFFE}\u{E000}\u{AD}".unicodeScalars)
  var text = String.UnicodeScalarView()
  for _ in 0..<Int.random(in: 1...20, using: &random) {
    text.append(scalars.randomElement(using: &random) ?? "a")
  }
  return String(text)
}

private func instant(_ random: inout Xorshift) -> Instant {
  let seconds = Int64.random(in: Instant.earliest.seconds...Instant.latest.seconds, using: &random)
  return Instant(seconds: Bool.random(using: &random) ? seconds / 86_400 * 86_400 : seconds)
    ?? .earliest
}

private func randomOrg(_ random: inout Xorshift) -> DesiredOrg {
  let ids = Set(
    (0..<Int.random(in: 0...4, using: &random)).compactMap { _ in
      SubscriptionID(word(&random, "-"))
    }
  ).sorted()
  let subscriptions = ids.map {
    Subscription(
      id: $0, tier: SubscriptionID(word(&random, "-")) ?? $0,
      seats: Int.random(in: 0...Subscription.seatsMax, using: &random), expires: instant(&random),
      credits: Bool.random(using: &random)
        ? Int.random(in: 0...Subscription.creditsMax, using: &random) : nil)
  }
  var names: [String: Username] = [:]
  for _ in 0...Int.random(in: 1...30, using: &random) {
    if let name = Username(word(&random, "")) { names[name.text.lowercased()] = name }
  }
  let usernames = names.values.sorted()
  let owner = Int.random(in: 0..<usernames.count, using: &random)
  let members = usernames.enumerated().map { index, name in
    DesiredMember(
      username: name,
      role: index == owner ? .owner : Bool.random(using: &random) ? .member : .administrator,
      seat: Bool.random(using: &random) ? ids.randomElement(using: &random) : nil,
      until: Bool.random(using: &random) ? instant(&random) : nil,
      keyNumber: Bool.random(using: &random)
        ? 1 : Int.random(in: 1...DesiredMember.keyNumberMax, using: &random))
  }
  let urls = [nil, "https://h", "http://h:1/%20?a=b#c", "https://[::1]/*{}!|,[]&`"]
  let limits: [RemovalLimit] = [.percent(25), .percent(0), .count(0), .count(7)]
  return DesiredOrg(
    organization: line(&random), baseURL: urls.randomElement(using: &random) ?? nil,
    policy: Policy(
      maxRemovals: limits.randomElement(using: &random) ?? .percent(25),
      keyMaxAge: [nil, Span("90d"), Span("7s"), Span("3w")].randomElement(using: &random) ?? nil),
    subscriptions: subscriptions, members: members)
}

@Suite struct Laws {
  @Test(arguments: 1...300 as ClosedRange<UInt64>)
  func `an org written as YAML reads as the same org`(_ seed: UInt64) {
    var random = Xorshift(seed: seed &* 0x9E37_79B9_7F4A_7C15)
    let wanted = randomOrg(&random)
    let text = String(decoding: wanted.yaml(), as: UTF8.self)
    let outcome = Outcome([text])
    #expect(outcome.lines == [], "seed \(seed)\n\(text)")
    #expect(outcome.org == wanted, "seed \(seed)\n\(text)")
    #expect(outcome.org?.digest == wanted.digest, "seed \(seed)")
    #expect(outcome.org?.yaml() == wanted.yaml(), "seed \(seed)")
    var diagnostics = Diagnostics()
    let formatted = OrgFormatter.format(
      SourceFile(name: "a.yaml", bytes: wanted.yaml()), into: &diagnostics)
    #expect(formatted == wanted.yaml(), "seed \(seed)\n\(text)")
  }

  @Test(arguments: 1...100 as ClosedRange<UInt64>)
  func `the order of members and files means nothing`(_ seed: UInt64) {
    var random = Xorshift(seed: seed &* 0x9E37_79B9_7F4A_7C15)
    let wanted = randomOrg(&random)
    let lines = String(decoding: wanted.yaml(), as: UTF8.self).split(separator: "\n").map(
      String.init)
    let start = lines.firstIndex(of: "members:").map { $0 + 1 } ?? lines.count
    let entries = lines[start...].reduce(into: [[String]]()) { entries, line in
      // A long entry stands on several lines, the further ones deeper.
      if line.hasPrefix("    ") {
        entries[entries.count - 1].append(line)
      } else {
        entries.append([line])
      }
    }
    let members = entries.shuffled(using: &random).map { $0.joined(separator: "\n") }
    let cut = Int.random(in: 0...members.count, using: &random)
    var files = [lines[..<start].dropLast().joined(separator: "\n")]
    for part in [members[..<cut], members[cut...]] where !part.isEmpty {
      files.append("members:\n" + part.joined(separator: "\n"))
    }
    files.shuffle(using: &random)
    let outcome = Outcome(files)
    #expect(outcome.org == wanted, "seed \(seed): \(outcome.lines)")
    #expect(outcome.org?.digest == wanted.digest, "seed \(seed)")
  }
}

@Suite struct WrittenFile {
  @Test func `leaves out what is the default and quotes only what must be`() throws {
    let text = """
      version: 1
      organization: Acme Robotics
      base_url: https://llm.acme.example/v1
      subscriptions:
        pro:      { tier: gold, seats: 10, expires: 2027-01-31T12:00:00Z, credits: 60000 }
        standard: { seats: 40, expires: 2027-01-31 }
      members:
        "No":  { seat: standard, until: 2026-12-31 }
        alice: { role: owner, seat: pro, key: 2 }
        bob:   { role: administrator }
        frank: {}

      """
    #expect(String(decoding: try org(text).yaml(), as: UTF8.self) == text)
  }

  @Test func `writes a policy only if it is not the standard one`() throws {
    let head = "organization: a\nmembers: { a: { role: owner } }\n"
    let plain = try org(head + "policy: { max_removals: 25% }").yaml()
    #expect(!String(decoding: plain, as: UTF8.self).contains("policy"))
    let aged = try org(head + "policy: { key_max_age: 4w }").yaml()
    #expect(
      String(decoding: aged, as: UTF8.self).contains(
        "policy:\n  max_removals: 25%\n  key_max_age: 28d\n"))
  }

  @Test(arguments: [
    "true", "1", "a: b", "a #b", " a", "a ", "-", "", "ends:", "'", "\"", "~", "\u{FFFE}", "y",
  ])
  func `quotes what would read as something else`(_ name: String) throws {
    let org = DesiredOrg(
      organization: name, baseURL: nil, policy: .standard, subscriptions: [], members: [])
    #expect(String(decoding: org.yaml(), as: UTF8.self).contains("organization: \""))
  }

  @Test(arguments: ["é", "\\", "2027-01-31", "a-b", "it's", "a, b", "25%"])
  func `quotes nothing else`(_ name: String) throws {
    let org = DesiredOrg(
      organization: name, baseURL: nil, policy: .standard, subscriptions: [], members: [])
    #expect(String(decoding: org.yaml(), as: UTF8.self).contains("organization: \(name)\n"))
  }
}

@Suite struct DigestOfAnOrg {
  @Test func `is taken over JSON that leaves nothing out`() throws {
    let org = try org(
      """
      organization: "a\\"b"
      subscriptions:
        s: { seats: 1, expires: 2027-01-31 }
        t: { seats: 2, expires: 2027-01-31, credits: 5 }
      members: { a: { role: owner, seat: s, until: 2027-01-01, key: 2 }, b: {} }
      """)
    #expect(
      String(decoding: org.canonicalJSON, as: UTF8.self)
        == #"{"organization":"a\"b","base_url":null,"max_removals":"25%","key_max_age":null,"#
        + #""subscriptions":[["s","s",1,"2027-01-31T00:00:00Z",null],"#
        + #"["t","t",2,"2027-01-31T00:00:00Z",5]],"#
        + #""members":[["a","owner","s","2027-01-01T00:00:00Z",2],["b","member",null,null,1]]}"#)
    #expect(org.digest == SHA256.hash(org.canonicalJSON))
  }

  @Test func `depends on every value`() throws {
    let texts = [
      "organization: a\nmembers: { a: { role: owner } }",
      "organization: b\nmembers: { a: { role: owner } }",
      "organization: a\nbase_url: http://h\nmembers: { a: { role: owner } }",
      "organization: a\nmembers: { b: { role: owner } }",
      "organization: a\nmembers: { a: { role: owner, key: 2 } }",
      "organization: a\nmembers: { a: { role: owner, until: 2027-01-31 } }",
      "organization: a\nmembers: { a: { role: owner }, b: {} }",
      "organization: a\nmembers: { a: { role: owner }, b: { role: administrator } }",
      "organization: a\npolicy: { max_removals: 25 }\nmembers: { a: { role: owner } }",
      "organization: a\npolicy: { key_max_age: 25d }\nmembers: { a: { role: owner } }",
      "organization: a\nsubscriptions: { s: { seats: 1, expires: 2027-01-31 } }\nmembers: { a: { role: owner } }",
      "organization: a\nsubscriptions: { s: { seats: 2, expires: 2027-01-31 } }\nmembers: { a: { role: owner } }",
      "organization: a\nsubscriptions: { s: { seats: 1, expires: 2027-01-31, credits: 0 } }\nmembers: { a: { role: owner } }",
      "organization: a\nsubscriptions: { s: { seats: 1, expires: 2027-01-31 } }\nmembers: { a: { role: owner, seat: s } }",
    ]
    #expect(Set(try texts.map { try org($0).digest }).count == texts.count)
  }

  @Test func `does not depend on how a value is written`() throws {
    let one = try org(
      "organization: a\npolicy: { key_max_age: 1w }\nmembers: { a: { role: owner, until: 2027-01-31 } }"
    )
    let other = try org(
      "{organization: 'a', policy: {max_removals: 25%, key_max_age: 168h}, members: {a: {key: 0x1, "
        + "role: \"owner\", until: '2027-01-31T01:00:00+01:00'}}, subscriptions: {}}")
    #expect(one.digest == other.digest)
  }
}

@Suite struct Capacity {
  @Test func `counts the members who still want a seat`() throws {
    let org = try org(
      """
      organization: a
      subscriptions:
        s: { seats: 1, expires: 2030-01-01 }
        t: { seats: 1, expires: 2030-01-01 }
      members:
        a: { role: owner, seat: s }
        b: { seat: t }
        c: { seat: s }
        d: { seat: s, until: 2026-06-01 }
        e: {}
      """)
    let early = try #require(Instant("2026-01-01"))
    let late = try #require(Instant("2026-06-01"))
    #expect(org.capacityShortfalls(at: early).map(\.members) == [[0, 2, 3]])
    #expect(org.capacityShortfalls(at: late).map(\.subscription) == [0])
    #expect(org.capacityShortfalls(at: late).map(\.wanted) == [2])
  }
}

@Suite struct Exported {
  @Test func `an org founded from a file exports as that file`() throws {
    let text = """
      organization: acme
      base_url: https://h
      subscriptions: { s: { seats: 3, expires: 2030-01-01 } }
      policy: { key_max_age: 90d }
      members: { alice: { role: owner }, bob: { role: administrator }, carol: {} }
      """
    let wanted = try org(text)
    var state = OrgState()
    let now = try #require(Instant("2026-01-01"))
    try state.apply(
      .createOrganization(name: "acme", baseURL: wanted.baseURL, policy: wanted.policy), at: now)
    for terms in wanted.subscriptions { try state.apply(.putSubscription(terms), at: now) }
    for member in wanted.members {
      try state.apply(.addMember(member.username, member.role), at: now)
    }
    #expect(DesiredOrg(state) == wanted)

    let carol = try #require(Username("carol"))
    let id = try #require(SubscriptionID("s"))
    try state.apply(.assignSeat(carol, id, until: Instant("2027-01-01")), at: now)
    let seated = DesiredOrg(state).members[2]
    #expect(seated.seat == id)
    #expect(seated.until == Instant("2027-01-01"))
    #expect(seated.keyNumber == 1)
  }
}
