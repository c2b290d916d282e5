// Support: a small team, and words for what the tests do to it.

import Digests
import OrgModel

let start = instant("2026-11-23T08:00:00Z")
let later = instant("2027-03-01")

func instant(_ text: String) -> Instant {
  guard let instant = Instant(text) else { preconditionFailure("a test's instant is one") }
  return instant
}

func name(_ text: String) -> Username {
  guard let name = Username(text) else { preconditionFailure("a test's username is one") }
  return name
}

func id(_ text: String) -> SubscriptionID {
  guard let id = SubscriptionID(text) else { preconditionFailure("a test's id is one") }
  return id
}

func credential(_ text: String) -> Credential {
  Credential(digest: SHA256.hash(Array(text.utf8)), masked: "usk_…test_…")
}

func token(_ text: String) -> TokenCredential {
  TokenCredential(digest: SHA256.hash(Array(text.utf8)), masked: "ust_…test_…")
}

func pool(_ seats: Int, expires: String = "2027-01-31") -> Change {
  .putSubscription(
    Subscription(
      id: id("pro"), tier: id("pro"), seats: seats, expires: instant(expires), credits: nil))
}

/// alice owns the organization, bob and carol are members, bob holds the seat of pro with key "b".
func team() throws -> OrgState {
  var state = OrgState()
  for change: Change in [
    .createOrganization(name: "acme", baseURL: nil, policy: .standard), pool(1),
    .addMember(name("alice"), .owner), .addMember(name("bob"), .member),
    .addMember(name("carol"), .member), .assignSeat(name("bob"), id("pro"), until: nil),
    .issueKey(name("bob"), number: 1, credential("b")),
  ] {
    try state.apply(change, at: start)
  }
  try state.checkCommitEnd()
  return state
}

func violation(_ change: Change, on state: OrgState, at now: Instant = start) -> Int? {
  var state = state
  do {
    try state.apply(change, at: now)
    return nil
  } catch {
    return error.rule.rawValue
  }
}

/// The team with bob as administrator.
func staff() throws -> OrgState {
  var state = try team()
  try state.apply(.changeRole(name("bob"), from: .member, to: .administrator), at: start)
  return state
}

/// The rule that a commit of this actor would break, or nil.
func violation(
  by actor: String?, _ changes: Change..., on state: OrgState, at now: Instant = start
) -> Int? {
  var state = state
  do {
    try state.commit(changes, by: actor.map(name), at: now)
    return nil
  } catch {
    return error.rule.rawValue
  }
}

/// A generator of which the seed tells everything.
struct Dice {
  var state: UInt64

  mutating func roll(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }

  mutating func pick<Value>(_ values: [Value]) -> Value { values[roll(values.count)] }
}
