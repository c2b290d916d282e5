// OrgState+Facts: a state taken apart and put together again, for snapshots.

/// Everything a state consists of, in sorted lists.
public struct OrgFacts: Hashable, Sendable {
  /// The organization's name.
  public var organization: String
  /// Handed out with every key.
  public var baseURL: String?
  /// The rails.
  public var policy: Policy
  /// By id.
  public var subscriptions: [Subscription]
  /// By username.
  public var members: [MemberFacts]
  /// By instant of issue and id.
  public var keys: [KeyRecord]
  /// By instant of issue and id.
  public var tokens: [TokenRecord]

  /// Gathers facts.
  public init(
    organization: String, baseURL: String?, policy: Policy, subscriptions: [Subscription],
    members: [MemberFacts], keys: [KeyRecord], tokens: [TokenRecord]
  ) {
    self.organization = organization
    self.baseURL = baseURL
    self.policy = policy
    self.subscriptions = subscriptions
    self.members = members
    self.keys = keys
    self.tokens = tokens
  }
}

/// A member and what is known of their seat.
public struct MemberFacts: Hashable, Sendable {
  /// Who.
  public var username: Username
  /// What they may do.
  public var role: Role
  /// When they were added.
  public var added: Instant
  /// The seat they hold.
  public var seat: SeatFacts?

  /// Gathers facts.
  public init(username: Username, role: Role, added: Instant, seat: SeatFacts?) {
    self.username = username
    self.role = role
    self.added = added
    self.seat = seat
  }
}

/// What is known of a seat.
public struct SeatFacts: Hashable, Sendable {
  /// Of which subscription.
  public var subscription: SubscriptionID
  /// When it ends by itself.
  public var until: Instant?
  /// Since when it is held.
  public var assigned: Instant
  /// The key that works for it.
  public var key: KeyID?
  /// The number of its latest key.
  public var keyNumber: Int?
  /// Whether its subscription expired while it was held.
  public var isLapsed: Bool

  /// Gathers facts.
  public init(
    subscription: SubscriptionID, until: Instant?, assigned: Instant, key: KeyID?, keyNumber: Int?,
    isLapsed: Bool
  ) {
    self.subscription = subscription
    self.until = until
    self.assigned = assigned
    self.key = key
    self.keyNumber = keyNumber
    self.isLapsed = isLapsed
  }
}

extension OrgState {
  /// The facts of this state; nil before the first commit.
  public var facts: OrgFacts? {
    guard let organization else { return nil }
    return OrgFacts(
      organization: organization, baseURL: baseURL, policy: policy,
      subscriptions: subscriptions.map(\.terms),
      members: members.map { member in
        MemberFacts(
          username: member.username, role: member.role, added: member.added,
          seat: member.seat.map {
            SeatFacts(
              subscription: $0.subscription, until: $0.until, assigned: $0.assigned, key: $0.key,
              keyNumber: $0.keyNumber, isLapsed: $0.isLapsed)
          })
      }, keys: keys, tokens: tokens)
  }

  /// Puts a state together; nil if the facts contradict each other.
  public init?(_ facts: OrgFacts) {
    self.init()
    organization = facts.organization
    baseURL = facts.baseURL
    policy = facts.policy
    for terms in facts.subscriptions {
      guard subscriptionsByID.updateValue(.init(terms: terms, held: 0), forKey: terms.id) == nil
      else { return nil }
    }
    keysByID.reserveCapacity(facts.keys.count)
    for key in facts.keys {
      guard keysByID.updateValue(key, forKey: key.credential.id) == nil else { return nil }
    }
    var members: [Member] = []
    members.reserveCapacity(facts.members.count)
    var byName: [Username: Member] = [:]
    byName.reserveCapacity(facts.members.count)
    for facts in facts.members {
      guard let member = member(facts), members.last.map({ $0.username < member.username }) ?? true
      else { return nil }
      members.append(member)
      byName[member.username] = member
    }
    membersByName = byName
    sortedMembers.value = members
    for token in facts.tokens {
      guard tokensByID.updateValue(token, forKey: token.credential.id) == nil,
        token.revoked != nil || membersByName[token.member] != nil
      else { return nil }
    }
    let active = keysByID.values.reduce(0) { $0 + ($1.revoked == nil ? 1 : 0) }
    let held = members.reduce(0) { $0 + ($1.seat?.key == nil ? 0 : 1) }
    guard let owner, active == held, !hasTokens || !workingTokens(of: owner).isEmpty else {
      return nil
    }
    for subscription in subscriptionsByID.values {
      guard subscription.held <= subscription.terms.seats else { return nil }
    }
  }

  /// The member of these facts, whose seat is counted; nil if they contradict the others.
  private mutating func member(_ facts: MemberFacts) -> Member? {
    if facts.role == .owner {
      guard owner == nil else { return nil }
      owner = facts.username
    }
    var member = Member(username: facts.username, role: facts.role, added: facts.added)
    if let seat = facts.seat {
      guard subscriptionsByID[seat.subscription] != nil else { return nil }
      subscriptionsByID[seat.subscription]?.held += 1
      if let id = seat.key {
        guard let key = keysByID[id], key.member == facts.username, key.revoked == nil else {
          return nil
        }
      }
      member.seat = Seat(
        subscription: seat.subscription, until: seat.until, assigned: seat.assigned, key: seat.key,
        keyNumber: seat.keyNumber, isLapsed: seat.isLapsed, isAwaitingKey: false)
    }
    return member
  }
}
