// OrgState: an organization as the log has made it, and the only code that changes one.
// Invariants: exactly one owner once a commit has ended; every seat's subscription exists and holds
// no more seats than it has; a key that works belongs to a held seat; a key id is never reused;
// a seat that has lapsed stays lapsed until it is reclaimed.

public import Digests

/// A member's place in a subscription.
public struct Seat: Hashable, Sendable {
  /// Of which subscription.
  public let subscription: SubscriptionID
  /// When it ends by itself; nil: with its subscription.
  public internal(set) var until: Instant?
  /// Since when it is held.
  public let assigned: Instant
  /// The key that works for it; nil after a break-glass revocation.
  public internal(set) var key: KeyID?
  /// The number its latest key was issued under; nil before the first.
  public internal(set) var keyNumber: Int?
  /// Whether its subscription expired while it was held, even if renewed since.
  public internal(set) var isLapsed = false
  var isAwaitingKey = true
}

/// A member as stored.
public struct Member: Hashable, Sendable {
  /// Who.
  public let username: Username
  /// What they may do.
  public internal(set) var role: Role
  /// When they were added.
  public let added: Instant
  /// The seat they hold, working or not.
  public internal(set) var seat: Seat?
}

/// A key that was ever issued.
public struct KeyRecord: Hashable, Sendable {
  /// Its digest and masked form.
  public let credential: Credential
  /// For whom it was issued.
  public let member: Username
  /// For a seat of which subscription.
  public let subscription: SubscriptionID
  /// The number in the org file under which it was issued.
  public let number: Int
  /// When it was issued.
  public let issued: Instant
  /// When it was revoked; nil while it is a seat's key.
  public internal(set) var revoked: Instant?

  /// A record of a key that was issued, and perhaps revoked.
  public init(
    credential: Credential, member: Username, subscription: SubscriptionID, number: Int,
    issued: Instant, revoked: Instant?
  ) {
    self.credential = credential
    self.member = member
    self.subscription = subscription
    self.number = number
    self.issued = issued
    self.revoked = revoked
  }
}

/// A subscription as stored.
public struct StoredSubscription: Hashable, Sendable {
  /// Its terms.
  public internal(set) var terms: Subscription
  /// How many members hold a seat of it, working or not.
  public internal(set) var held: Int
}

/// The fold of all commits. Replaying and applying change it through `commit`, planning through `apply`.
public struct OrgState: Hashable, Sendable {
  /// The organization's name; nil before the first commit.
  public internal(set) var organization: String?
  /// Handed out with every key.
  public internal(set) var baseURL: String?
  /// The rails now in force.
  public internal(set) var policy = Policy.standard
  /// The owner; nil before the first commit.
  public internal(set) var owner: Username?

  var subscriptionsByID: [SubscriptionID: StoredSubscription] = [:]
  var membersByName: [Username: Member] = [:] { didSet { sortedMembers.value = nil } }
  var keysByID: [KeyID: KeyRecord] = [:]
  var tokensByID: [TokenID: TokenRecord] = [:]
  /// The members in lower case, made when the first one is added.
  var spellings = Memo<[String: Username]>()
  /// The members by username, while none has changed since they were sorted.
  var sortedMembers = Memo<[Member]>()
  var seatsAwaitingKey = 0

  /// The state of an empty store.
  public init() {}

  /// Whether nothing was ever applied.
  public var isEmpty: Bool { organization == nil }

  /// How many members there are.
  public var memberCount: Int { membersByName.count }

  /// The members by username. May sort: call it once.
  public var members: [Member] {
    sortedMembers.value ?? membersByName.values.sorted { $0.username < $1.username }
  }

  /// The subscriptions by id.
  public var subscriptions: [StoredSubscription] {
    subscriptionsByID.values.sorted { $0.terms.id < $1.terms.id }
  }

  /// All keys ever issued, by instant of issue and id. Sorts: call it once.
  public var keys: [KeyRecord] {
    keysByID.values.sorted { ($0.issued, $0.credential.id) < ($1.issued, $1.credential.id) }
  }

  /// The member of that name, or nil.
  public func member(_ name: Username) -> Member? { membersByName[name] }

  /// The subscription of that id, or nil.
  public func subscription(_ id: SubscriptionID) -> StoredSubscription? { subscriptionsByID[id] }

  /// The key of that id, or nil.
  public func key(_ id: KeyID) -> KeyRecord? { keysByID[id] }

  /// From when on the seat's key is refused: the earlier of `until` and the subscription's expiry.
  public func end(of seat: Seat) -> Instant {
    guard let expires = subscriptionsByID[seat.subscription]?.terms.expires else {
      preconditionFailure("a seat's subscription exists")
    }
    return min(expires, seat.until ?? expires)
  }

  /// Whether the seat's term still runs.
  public func isWorking(_ seat: Seat, at now: Instant) -> Bool {
    !seat.isLapsed && end(of: seat) > now
  }

  /// Whether the member holds a seat whose term still runs.
  public func hasWorkingSeat(_ name: Username, at now: Instant) -> Bool {
    guard let seat = membersByName[name]?.seat else { return false }
    return isWorking(seat, at: now)
  }

  /// What a key is good for at an instant.
  public func status(ofKey digest: Digest, at now: Instant) -> KeyStatus {
    guard let record = keysByID[KeyID(of: digest)], record.credential.digest == digest else {
      return .unknown
    }
    guard record.revoked == nil, let seat = membersByName[record.member]?.seat else {
      return .revoked
    }
    guard isWorking(seat, at: now) else { return .expired }
    return .valid(record.member, seat.subscription, expires: end(of: seat))
  }
}

/// What follows from the rest of a state, and is kept to spare work. It counts for nothing when states
/// are compared.
struct Memo<Value: Sendable>: Hashable, Sendable {
  var value: Value?

  static func == (left: Memo, right: Memo) -> Bool { true }

  func hash(into hasher: inout Hasher) {}
}

/// The answer to "is this key good now?".
public enum KeyStatus: Hashable, Sendable {
  case valid(Username, SubscriptionID, expires: Instant)
  case expired
  case revoked
  case unknown
}
