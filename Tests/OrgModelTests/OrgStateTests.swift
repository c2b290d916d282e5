// OrgStateTests: the ten rules, each by a change that would break it.

import Digests
import OrgModel
import Testing

@Suite struct OrgStateTests {
  @Test func `rule 1: the owner is not removed, demoted, moved or doubled`() throws {
    let state = try team()
    #expect(violation(.removeMember(name("alice")), on: state) == 1)
    #expect(violation(.changeRole(name("alice"), from: .owner, to: .member), on: state) == 1)
    #expect(violation(.changeRole(name("bob"), from: .member, to: .owner), on: state) == 1)
    #expect(violation(.addMember(name("dave"), .owner), on: state) == 1)
    var ownerless = OrgState()
    try ownerless.apply(
      .createOrganization(name: "acme", baseURL: nil, policy: .standard), at: start)
    #expect(throws: RuleViolation.self) { try ownerless.checkCommitEnd() }
  }

  @Test func `rule 2: a member holds at most one seat`() throws {
    var state = try team()
    try state.apply(pool(2), at: start)
    #expect(violation(.assignSeat(name("bob"), id("pro"), until: nil), on: state) == 2)
  }

  @Test func `rule 3: no more seats are assigned than there are`() throws {
    let state = try team()
    #expect(violation(.assignSeat(name("carol"), id("pro"), until: nil), on: state) == 3)
    #expect(violation(pool(0), on: state) == 3)
    #expect(violation(.removeSubscription(id("pro")), on: state) == 3)
  }

  @Test func `rule 4: no seat is assigned from an expired subscription`() throws {
    var state = try team()
    try state.apply(pool(2), at: start)
    let change = Change.assignSeat(name("carol"), id("pro"), until: nil)
    #expect(violation(change, on: state, at: instant("2027-01-30T23:59:59Z")) == nil)
    #expect(violation(change, on: state, at: instant("2027-01-31")) == 4)
  }

  @Test func `rule 5: a seat is reclaimed only after its key, and assigned only with one`() throws {
    var state = try team()
    #expect(violation(.reclaimSeat(name("bob"), id("pro")), on: state) == 5)
    try state.apply(.revokeKey(name("bob"), credential("b").id), at: start)
    try state.apply(.reclaimSeat(name("bob"), id("pro")), at: start)
    try state.apply(.assignSeat(name("carol"), id("pro"), until: nil), at: start)
    #expect(throws: RuleViolation.self) { try state.checkCommitEnd() }
  }

  @Test func `rule 6: a member who holds a seat is not removed`() throws {
    #expect(violation(.removeMember(name("bob")), on: try team()) == 6)
  }

  @Test func `rule 7: a revoked key is refused for ever, even if it were issued again`() throws {
    var state = try team()
    let key = credential("b")
    #expect(
      state.status(ofKey: key.digest, at: start)
        == .valid(name("bob"), id("pro"), expires: instant("2027-01-31")))
    try state.apply(.revokeKey(name("bob"), key.id), at: start)
    #expect(state.status(ofKey: key.digest, at: start) == .revoked)
    #expect(violation(.issueKey(name("bob"), number: 2, key), on: state) == 7)
    #expect(state.status(ofKey: credential("x").digest, at: start) == .unknown)
  }

  @Test func `rule 8: a seat that lapsed stays lapsed when its subscription is renewed`() throws {
    var state = try team()
    #expect(state.status(ofKey: credential("b").digest, at: instant("2027-01-31")) == .expired)
    try state.apply(pool(1, expires: "2028-01-31"), at: later)
    #expect(state.status(ofKey: credential("b").digest, at: later) == .expired)
    #expect(violation(.changeTerm(name("bob"), until: nil), on: state, at: later) == 8)
    try state.apply(.revokeKey(name("bob"), credential("b").id), at: later)
    #expect(
      violation(.issueKey(name("bob"), number: 1, credential("c")), on: state, at: later) == 8)
  }

  @Test func `rule 8: a seat goes on when its subscription is renewed in time`() throws {
    var state = try team()
    try state.apply(pool(1, expires: "2028-01-31"), at: start)
    #expect(
      state.status(ofKey: credential("b").digest, at: later)
        == .valid(name("bob"), id("pro"), expires: instant("2028-01-31")))
  }

  @Test func `rule 8: until ends a seat by itself, to the second`() throws {
    var state = try team()
    let end = instant("2026-12-01")
    try state.apply(.changeTerm(name("bob"), until: end), at: start)
    let before = instant("2026-11-30T23:59:59Z")
    #expect(
      state.status(ofKey: credential("b").digest, at: before)
        == .valid(name("bob"), id("pro"), expires: end))
    #expect(state.status(ofKey: credential("b").digest, at: end) == .expired)
  }

  @Test func `rule 9: only the owner appoints, demotes and removes administrators`() throws {
    var state = try team()
    #expect(Change.addMember(name("dave"), .administrator).authority(in: state) == .owner)
    #expect(Change.addMember(name("dave"), .member).authority(in: state) == .administrator)
    try state.apply(.changeRole(name("bob"), from: .member, to: .administrator), at: start)
    #expect(Change.removeMember(name("bob")).authority(in: state) == .owner)
    #expect(Change.removeMember(name("carol")).authority(in: state) == .administrator)
    #expect(Role.owner.covers(.owner) && Role.administrator.covers(.administrator))
    #expect(!Role.administrator.covers(.owner) && !Role.member.covers(.administrator))
  }

  @Test func `a refused change leaves the state as it was`() throws {
    var state = try team()
    let before = state
    #expect(throws: RuleViolation.self) {
      try state.apply(.assignSeat(name("carol"), id("pro"), until: nil), at: start)
    }
    #expect(state == before)
  }

  @Test func `a state put together from its facts is the same state`() throws {
    let state = try team()
    let facts = try #require(state.facts)
    #expect(OrgState(facts) == state)
    var forged = facts
    forged.keys = []
    #expect(OrgState(forged) == nil)
    // Bob's key, said to have been carol's once.
    forged = facts
    forged.keys.append(
      KeyRecord(
        credential: credential("b"), member: name("carol"), subscription: id("pro"), number: 1,
        issued: start, revoked: start))
    #expect(OrgState(forged) == nil)
  }

  @Test func `a key id is never issued twice, to whomever`() throws {
    var state = try team()
    for change: Change in [
      pool(2), .assignSeat(name("carol"), id("pro"), until: nil),
    ] { try state.apply(change, at: start) }
    let again = Change.issueKey(name("carol"), number: 1, credential("b"))
    #expect(violation(again, on: state) == RuleViolation.Rule.revokedForever.rawValue)
    #expect(state.key(credential("b").id)?.member == name("bob"))
    #expect(state.key(credential("c").id) == nil)
  }

  @Test func `names that differ only in case are one name`() throws {
    #expect(violation(.addMember(name("Bob"), .member), on: try team()) == 10)
    // Also one with capitals that came, or left, after names were first compared.
    var state = try team()
    try state.apply(.addMember(name("zoe"), .member), at: start)
    try state.apply(.addMember(name("Dave"), .member), at: start)
    #expect(violation(.addMember(name("dave"), .member), on: state) == 10)
    #expect(violation(.addMember(name("DAVE"), .member), on: state) == 10)
    try state.apply(.removeMember(name("Dave")), at: start)
    try state.apply(.addMember(name("dAVE"), .member), at: start)
    #expect(violation(.addMember(name("dave"), .member), on: state) == 10)
  }
}

@Suite struct InstantTests {
  @Test(arguments: [
    ("2027-01-31", "2027-01-31T00:00:00Z"), ("2027-01-31T12:00Z", "2027-01-31T12:00:00Z"),
    ("2027-01-31T12:00:00.9Z", "2027-01-31T12:00:00Z"),
    ("2027-01-31T00:30:00+01:00", "2027-01-30T23:30:00Z"),
    ("2028-02-29", "2028-02-29T00:00:00Z"), ("2000-02-29", "2000-02-29T00:00:00Z"),
    ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"), ("0001-01-01", "0001-01-01T00:00:00Z"),
    ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
  ])
  func `reads an instant and writes it in full, in UTC`(_ text: String, _ full: String) {
    #expect(Instant(text)?.description == full)
  }

  @Test(arguments: [
    "", "2027", "2027-1-31", "2027-02-29", "2100-02-29", "2027-13-01", "2027-00-01", "2027-01-00",
    "2027-01-31T12:00:00", "2027-01-31T24:00:00Z", "2027-01-31T12:60Z", "2027-01-31T12:00:60Z",
    "2027-01-31T12:00:00.Z", "2027-01-31 12:00Z", "2027-01-31T12:00:00ZZ", "0001-01-01T00:00+01:00",
    "9999-12-31T23:59:59-00:01", "20270131", "+2027-01-31",
  ])
  func `refuses what is no instant`(_ text: String) {
    #expect(Instant(text) == nil)
  }

  @Test func `every day from 1600 to 2400 reads back as written`() throws {
    var day = try #require(Instant("1600-01-01")).seconds
    let last = try #require(Instant("2400-12-31")).seconds
    while day <= last {
      let instant = try #require(Instant(seconds: day))
      #expect(Instant(instant.description) == instant)
      day += 86_400 * 7 + 3_601
    }
  }

  @Test(arguments: [("90d", 7_776_000), ("1s", 1), ("2w", 1_209_600), ("12h", 43_200)])
  func `reads a span of time`(_ text: String, _ seconds: Int64) {
    #expect(Span(text)?.seconds == seconds)
  }

  @Test(arguments: ["", "d", "0d", "-1d", "1.5d", "90", "90 d", "99999999w", "1y"])
  func `refuses what is no span`(_ text: String) {
    #expect(Span(text) == nil)
  }
}

@Suite struct NamesTests {
  @Test(arguments: ["a", "_", "A9_z", String(repeating: "a", count: 64)])
  func `accepts a username`(_ text: String) {
    #expect(Username(text)?.text == text)
  }

  @Test(arguments: ["", "9a", "-a", "a-b", "é", "a b", "a\n", String(repeating: "a", count: 65)])
  func `rejects an invalid username`(_ text: String) {
    #expect(Username(text) == nil)
  }

  @Test func `a bound is a count or a rounded-up percentage, never under one`() {
    #expect(RemovalLimit.percent(25).bound(ofStoredMembers: 9) == 3)
    #expect(RemovalLimit.percent(0).bound(ofStoredMembers: 9) == 1)
    #expect(RemovalLimit.count(0).bound(ofStoredMembers: 9) == 1)
    #expect(RemovalLimit("25%") == .percent(25) && RemovalLimit("7") == .count(7))
    #expect(RemovalLimit("101%") == nil && RemovalLimit("-1") == nil && RemovalLimit("") == nil)
  }
}
