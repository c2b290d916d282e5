// PlanLawsTests: laws that hold for any two orgs and any clock, on random ones; a failure names its seed.

import Digests
import OrgFiles
import OrgModel
import Records
import SourceText
import Testing

@testable import Planning

/// A generator of which the seed tells everything.
private struct Dice {
  var state: UInt64

  mutating func roll(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}

/// An org file over few names, so that every kind of difference comes up often, and perhaps of many others
/// that stay as they are, so that a plan touches few of all.
private func randomOrg(_ dice: inout Dice, day: Int, bystanders: Int) -> String {
  func date(_ day: Int) -> String {
    (Instant("2026-01-01").flatMap { Instant(seconds: $0.seconds + Int64(day) * 86_400) })?
      .description ?? ""
  }
  var text = "organization: acme\nsubscriptions:\n"
  let pools = ["x", "y", "z"].prefix(2 + dice.roll(2))
  for pool in pools {
    text += "  \(pool): { seats: \(3 + dice.roll(4)), expires: \(date(day - 3 + dice.roll(60))) }\n"
  }
  if bystanders > 0 { text += "  w: { seats: \(bystanders), expires: 2099-01-31 }\n" }
  if dice.roll(3) == 0 { text += "policy: { key_max_age: \(1 + dice.roll(40))d }\n" }
  text += "members:\n  alice: { role: owner }\n"
  for name in ["bob", "carol", "dave", "erin", "frank", "grace"] where dice.roll(5) > 0 {
    var parts: [String] = []
    if dice.roll(4) == 0 { parts.append("role: administrator") }
    if dice.roll(4) > 0 { parts.append("seat: \(Array(pools)[dice.roll(pools.count)])") }
    if dice.roll(4) == 0 { parts.append("until: \(date(day - 3 + dice.roll(30)))") }
    if dice.roll(5) == 0 { parts.append("key: \(1 + dice.roll(3))") }
    text += "  \(name): { \(parts.joined(separator: ", ")) }\n"
  }
  for number in 0..<bystanders {
    // Before, between and behind the others.
    text += "  \(["a", "c", "e", "z"][number % 4])_\(number): { seat: w }\n"
  }
  return text
}

@Suite struct PlanLawsTests {
  @Test(arguments: Array(UInt64(1)...40))
  func `a plan is legal step by step, reaches its goal, and is the same twice`(_ seed: UInt64)
    throws
  {
    var dice = Dice(state: seed)
    var stored = OrgState()
    var serial = 0
    var day = 0
    var applied = 0
    let bystanders = seed % 4 == 0 ? 60 : 0
    for _ in 0..<30 {
      day += dice.roll(12)
      let now = try #require(
        Instant("2026-01-01").flatMap { Instant(seconds: $0.seconds + Int64(day) * 86_400) })
      let files = [
        SourceFile(
          name: "org.yaml", bytes: Array(randomOrg(&dice, day: day, bystanders: bystanders).utf8))
      ]
      var diagnostics = Diagnostics()
      let desired = try #require(OrgDecoder.decode(files, into: &diagnostics), "seed \(seed)")
      let outcome = Planner.plan(
        from: stored, to: desired, files: files, at: now, into: &diagnostics)
      guard let outcome else {
        let codes = Set(diagnostics.all.map(\.code)).subtracting([.untilPassed, .seatLapsed])
        #expect(
          codes.isSubset(of: [.notEnoughSeats, .subscriptionExpired]), "seed \(seed) \(codes)")
        continue
      }
      var again = Diagnostics()
      let twin = Planner.plan(from: stored, to: desired, files: files, at: now, into: &again)
      #expect(twin?.changes == outcome.changes, "seed \(seed)")
      // A branch, in which what is touched stands beside the rest, goes where the state itself goes.
      var (plain, branch) = (stored, stored.branch(for: outcome.changes))
      for step in outcome.changes { try plain.apply(step.change, at: now) }
      #expect(outcome.after == plain, "seed \(seed)")
      for step in outcome.changes {
        var change = step.change
        if case .issueKey(let name, let number, _) = change {
          serial += 1
          let digest = SHA256.hash(Array("\(seed) \(serial)".utf8))
          change = .issueKey(name, number: number, Credential(digest: digest, masked: "usk_…"))
        }
        try stored.apply(change, at: now)
        try branch.apply(change, at: now)
      }
      #expect(branch == stored && branch.members == stored.members, "seed \(seed)")
      if !outcome.changes.isEmpty { try stored.checkCommitEnd() }
      applied += 1
      var later = Diagnostics()
      let rest = Planner.plan(from: stored, to: desired, files: files, at: now, into: &later)
      #expect(rest?.changes.isEmpty ?? false, "seed \(seed): \(rest?.changes.map(\.reason) ?? [])")
      try check(stored, desired.org, at: now, seed)
      checkKeys(stored, at: now, seed)
      #expect(stored.facts.flatMap { OrgState($0) } == stored, "seed \(seed)")
    }
    #expect(applied > 0, "seed \(seed)")
  }

  /// What is listed as working, with its end, is what every single key is good for, at any later edge.
  private func checkKeys(_ state: OrgState, at now: Instant, _ seed: UInt64) {
    var ends: [Digest: Instant] = [:]
    state.forEachWorkingKey(at: now) { ends[$0.credential.digest] = $0.end }
    let edges = ends.values.flatMap { [$0.seconds - 1, $0.seconds] } + [now.seconds]
    for edge in Set(edges).compactMap({ Instant(seconds: $0) }) where edge >= now {
      for key in state.keys {
        let digest = key.credential.digest
        let status = state.status(ofKey: digest, at: edge)
        if let end = ends[digest], end > edge {
          guard case .valid(key.member, _, expires: end) = status else {
            Issue.record("seed \(seed): a listed key of \(key.member) is \(status) at \(edge)")
            continue
          }
        } else if case .valid = status {
          Issue.record("seed \(seed): a key of \(key.member) works at \(edge) and is not listed")
        }
      }
    }
  }

  /// What the goal means: who is in, with which role and which working seat and key.
  private func check(
    _ state: OrgState, _ org: DesiredOrg, at now: Instant, _ seed: UInt64
  ) throws {
    #expect(state.members.map(\.username) == org.members.map(\.username), "seed \(seed)")
    for wanted in org.members {
      let member = try #require(state.member(wanted.username))
      #expect(member.role == wanted.role, "seed \(seed)")
      guard let seat = member.seat, state.isWorking(seat, at: now) else { continue }
      #expect(seat.subscription == wanted.seat(at: now), "seed \(seed)")
      #expect(seat.until == wanted.until && seat.key != nil, "seed \(seed)")
    }
    for subscription in state.subscriptions {
      #expect(subscription.held <= subscription.terms.seats, "seed \(seed)")
    }
  }
}
