// OrgState+Facts: a state taken apart and put together again, for snapshots.

import Parallelism

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
  public var members: [Member]
  /// By member and id.
  public var keys: [KeyRecord]
  /// By id.
  public var tokens: [TokenRecord]
  /// By name.
  public var departed: [Username]

  /// Gathers facts.
  public init(
    organization: String, baseURL: String?, policy: Policy, subscriptions: [Subscription],
    members: [Member], keys: [KeyRecord], tokens: [TokenRecord], departed: [Username] = []
  ) {
    self.organization = organization
    self.baseURL = baseURL
    self.policy = policy
    self.subscriptions = subscriptions
    self.members = members
    self.keys = keys
    self.tokens = tokens
    self.departed = departed
  }
}

/// Members by username, and what there is to find out about them alone.
public struct CheckedMembers: Sendable {
  let rows: SortedRows<Member>
  /// Those whose names have capitals, by the name without.
  let capitalized: [Username: Username]

  /// Nil if the members are not in order.
  public init?(_ members: [Member]) {
    guard let rows = SortedRows(ascending: members) else { return nil }
    self.rows = rows
    var capitalized: [Username: Username] = [:]
    for index in members.indices where members[index].username.hasCapitals {
      let name = members[index].username
      capitalized[name.folded] = name
    }
    self.capitalized = capitalized
  }
}

extension OrgState {
  /// The facts of this state; nil before the first commit.
  public var facts: OrgFacts? {
    guard let organization else { return nil }
    return OrgFacts(
      organization: organization, baseURL: baseURL, policy: policy,
      subscriptions: subscriptions.map(\.terms), members: members, keys: keyRows.inOrder,
      tokens: tokenRows.inOrder, departed: departed.sorted())
  }

  /// Puts a state together; nil if the facts contradict each other or are not in order.
  public init?(_ facts: OrgFacts) { self.init(facts, CheckedMembers(facts.members)) }

  /// Does the same with the members of the facts as somebody has checked them before.
  public init?(_ facts: OrgFacts, _ members: CheckedMembers?) {
    // Many keys are looked through while another thread compares members with them.
    let isLarge = facts.keys.count >= Self.keysAtOnceMin
    let ids = isLarge ? Errand { Self.ids(of: facts.keys) } : nil
    guard let members,
      let subscriptions = SortedRows(
        ascending: facts.subscriptions.map { StoredSubscription(terms: $0, held: 0) }),
      let tokens = SortedRows(ascending: facts.tokens)
    else { return nil }
    self.init()
    organization = facts.organization
    baseURL = facts.baseURL
    policy = facts.policy
    subscriptionRows = subscriptions
    memberRows = members.rows
    capitalized = Memo(members.capitalized)
    keyRows = SortedRows(presumed: facts.keys)
    tokenRows = tokens
    departed = Set(facts.departed)
    guard departed.count == facts.departed.count else { return nil }
    var held = 0
    for index in facts.members.indices {
      if facts.members[index].role == .owner {
        guard owner == nil else { return nil }
        owner = facts.members[index].username
      }
      guard let seat = facts.members[index].seat else { continue }
      guard admit(seat, of: facts.members[index].username) else { return nil }
      held += seat.key == nil ? 0 : 1
    }
    let active = facts.keys.count { $0.revoked == nil }
    guard SortedRows.isAscending(facts.keys), let ids = ids?.result ?? Self.ids(of: facts.keys)
    else { return nil }
    keyIDs = ids
    guard let owner, active == held, !hasTokens || !workingTokens(of: owner).isEmpty,
      facts.tokens.allSatisfy({ $0.revoked != nil || memberRows[$0.member] != nil }),
      self.subscriptions.allSatisfy({ $0.held <= $0.terms.seats })
    else { return nil }
  }

  /// Fewer keys are looked through sooner than a thread starts.
  private static let keysAtOnceMin = 4096

  /// Nil if two keys have one id.
  private static func ids(of keys: [KeyRecord]) -> Set<KeyID>? {
    var ids: Set<KeyID> = []
    ids.reserveCapacity(keys.count)
    for key in keys {
      guard ids.insert(key.credential.id).inserted else { return nil }
    }
    return ids
  }

  /// Counts a seat; false if it contradicts the rest.
  private mutating func admit(_ seat: Seat, of name: Username) -> Bool {
    guard subscriptionRows.update(seat.subscription, { $0.held += 1 }) else { return false }
    guard let id = seat.key else { return true }
    return keyRows.find(KeyRecord.Place(member: name, key: id)) { $0.revoked == nil } ?? false
  }
}
