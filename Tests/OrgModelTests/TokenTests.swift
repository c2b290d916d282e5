// TokenTests: management tokens in the state: whose, by whom, and until when.

import Digests
import OrgModel
import Testing

/// The staff, with a token of alice ("a"), and of bob ("b") and carol ("c") if wanted.
private func tokened(_ others: Bool = false) throws -> OrgState {
  var state = try staff()
  try state.commit([.issueToken(name("alice"), token("a"))], by: nil, at: start)
  guard others else { return state }
  let more: [Change] = [
    .issueToken(name("bob"), token("b")), .issueToken(name("carol"), token("c")),
  ]
  try state.commit(more, by: name("alice"), at: start)
  return state
}

private func holder(_ text: String, in state: OrgState) -> String? {
  state.holder(ofToken: token(text).digest)?.username.text
}

@Suite struct TokenTests {
  @Test func `the first token is the owner's, issued by the owner or in nobody's name`() throws {
    let state = try staff()
    for actor in ["alice", nil] {
      for other in ["bob", "carol"] {
        #expect(violation(by: actor, .issueToken(name(other), token("x")), on: state) == 9)
      }
      #expect(violation(by: actor, .issueToken(name("alice"), token("x")), on: state) == nil)
    }
    #expect(violation(by: "bob", .issueToken(name("alice"), token("x")), on: state) == 9)
  }

  @Test func `once there are tokens, a commit names somebody`() throws {
    #expect(violation(by: nil, pool(3), on: try staff()) == nil)
    #expect(violation(by: nil, pool(3), on: try tokened()) == 9)
    #expect(violation(by: "bob", pool(3), on: try tokened()) == nil)
  }

  @Test func `an administrator comes by no token of the owner or of an administrator`() throws {
    let state = try tokened(true)
    for holder in ["alice", "bob"] {
      #expect(violation(by: "bob", .issueToken(name(holder), token("x")), on: state) == 9)
      #expect(violation(by: "alice", .issueToken(name(holder), token("x")), on: state) == nil)
    }
    #expect(violation(by: "bob", .issueToken(name("carol"), token("x")), on: state) == nil)
    #expect(violation(by: "bob", .revokeToken(name("bob"), token("b").id), on: state) == 9)
    #expect(violation(by: "bob", .revokeToken(name("carol"), token("c").id), on: state) == nil)
    #expect(violation(by: "carol", .issueToken(name("carol"), token("x")), on: state) == 9)
  }

  @Test func `a token of a member does not grow into one of an administrator`() throws {
    var state = try tokened(true)
    try state.commit(
      [.changeRole(name("carol"), from: .member, to: .administrator)], by: name("alice"), at: later)
    #expect(holder("c", in: state) == nil && holder("b", in: state) == "bob")
  }

  @Test func `demotion and removal revoke the tokens in the same commit`() throws {
    var state = try tokened(true)
    let changes: [Change] = [
      .removeMember(name("carol")), .changeRole(name("bob"), from: .administrator, to: .member),
    ]
    try state.commit(changes, by: name("alice"), at: later)
    #expect(holder("b", in: state) == nil && holder("c", in: state) == nil)
    #expect(state.token(token("b").id)?.revoked == later)
    try state.commit([.addMember(name("carol"), .member)], by: name("alice"), at: later)
    #expect(holder("c", in: state) == nil, "a namesake inherits nothing")
  }

  @Test func `the owner's last token is not revoked, an older one is`() throws {
    var state = try tokened()
    let last = Change.revokeToken(name("alice"), token("a").id)
    #expect(violation(by: "alice", last, on: state) == 9)
    try state.commit([.issueToken(name("alice"), token("a2")), last], by: name("alice"), at: later)
    #expect(holder("a", in: state) == nil && holder("a2", in: state) == "alice")
  }

  @Test func `a revoked token is refused for ever, even if it were issued again`() throws {
    var state = try tokened(true)
    let revoke = Change.revokeToken(name("bob"), token("b").id)
    try state.commit([revoke], by: name("alice"), at: later)
    #expect(violation(by: "alice", revoke, on: state) == 10)
    #expect(violation(by: "alice", .issueToken(name("bob"), token("b")), on: state) == 7)
    #expect(violation(by: "alice", .revokeToken(name("bob"), token("x").id), on: state) == 10)
    #expect(violation(by: "alice", .revokeToken(name("bob"), token("c").id), on: state) == 10)
  }

  @Test func `an id that collides lets nobody in`() throws {
    let state = try tokened()
    let digest = token("a").digest
    let twin = try #require(
      Digest(hex: digest.hex.dropLast() + (digest.hex.hasSuffix("0") ? "1" : "0")))
    #expect(TokenID(of: twin) == TokenID(of: digest) && state.holder(ofToken: twin) == nil)
  }

  @Test func `a state with tokens is put together from sound facts only`() throws {
    let facts = try #require(try tokened(true).facts)
    #expect(OrgState(facts) == (try tokened(true)))
    var ownerless = facts
    ownerless.tokens.removeAll { $0.member == name("alice") }
    #expect(OrgState(ownerless) == nil)
    var strange = facts
    strange.tokens.append(
      TokenRecord(credential: token("x"), member: name("dave"), issued: start, revoked: nil))
    #expect(OrgState(strange) == nil)
  }
}

@Suite struct AuthorityLawsTests {
  private let names = ["alice", "bob", "carol", "dave", "erin"].map(name)

  private func change(_ state: OrgState, _ serial: Int, _ dice: inout Dice) -> Change {
    let who = dice.pick(names)
    let role = state.member(who)?.role ?? .member
    switch dice.roll(6) {
    case 0: return .addMember(who, dice.pick([.administrator, .member]))
    case 1: return .changeRole(who, from: role, to: role == .member ? .administrator : .member)
    case 2: return .removeMember(who)
    case 3, 4: return .issueToken(who, token("\(serial)"))
    default:
      let tokens = state.tokens
      guard !tokens.isEmpty else { return pool(4) }
      let chosen = dice.pick(tokens)
      return .revokeToken(chosen.member, chosen.credential.id)
    }
  }

  /// Rule 9, written down anew: who may make one change.
  private func may(_ actor: Username?, _ change: Change, in state: OrgState) -> Bool {
    guard let actor else { return !state.hasTokens }
    switch (state.member(actor)?.role, change) {
    case (.owner, _): return true
    case (nil, _), (.member, _), (.administrator, .changeRole): return false
    case (.administrator, .addMember(_, let role)): return role == .member
    case (.administrator, .removeMember(let name)), (.administrator, .issueToken(let name, _)),
      (.administrator, .revokeToken(let name, _)):
      return state.member(name)?.role == .member
    case (.administrator, _): return true
    }
  }

  @Test(arguments: Array(UInt64(1)...60))
  func `whatever anybody tries, only whoever may has changed something`(_ seed: UInt64) throws {
    var dice = Dice(state: seed)
    var state = OrgState()
    try state.commit(
      [
        .createOrganization(name: "acme", baseURL: nil, policy: .standard),
        .addMember(name("alice"), .owner), .addMember(name("bob"), .administrator),
      ], by: nil, at: start)
    var accepted = 0
    for serial in 1...300 {
      let actor = dice.pick([nil, name("mallory"), name("alice"), name("alice")] + names)
      let change = change(state, serial, &dice)
      var next = state
      do { try next.commit([change], by: actor, at: start) } catch {
        let isFirstOrLast =
          (!state.hasTokens && change.action == .issueToken)
          || (change.action == .revokeToken && change.member == state.owner)
        let isRefused = error.rule == .authority
        #expect(isRefused != may(actor, change, in: state) || isFirstOrLast, "seed \(seed)")
        continue
      }
      #expect(
        may(actor, change, in: state), "seed \(seed): \(change) by \(String(describing: actor))")
      check(next, after: state, seed)
      state = next
      accepted += 1
    }
    #expect(accepted > 20, "seed \(seed)")
  }

  private func check(_ state: OrgState, after old: OrgState, _ seed: UInt64) {
    #expect(state.owner == name("alice"), "seed \(seed)")
    #expect(!old.hasTokens || state.hasTokens, "seed \(seed)")
    #expect(!state.hasTokens || !state.workingTokens(of: name("alice")).isEmpty, "seed \(seed)")
    for token in state.tokens where token.revoked == nil {
      let role = state.member(token.member)?.role
      #expect(role != nil, "seed \(seed): a token of nobody")
      let wasWorking = old.token(token.credential.id)
      #expect(wasWorking == nil || wasWorking?.revoked == nil, "seed \(seed): back from the dead")
      #expect(wasWorking == nil || old.member(token.member)?.role == role, "seed \(seed)")
    }
    #expect(state.facts.flatMap { OrgState($0) } == state, "seed \(seed)")
  }
}
