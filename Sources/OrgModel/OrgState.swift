// OrgState: an organization as the log has made it, and the only code that changes one.
// Invariants: exactly one owner once a commit has ended; every seat's subscription exists and holds
// no more seats than it has; a key that works belongs to a held seat; a key id is never reused;
// a seat that has lapsed stays lapsed until it is reclaimed.

public import Digests

/// A member's place in a subscription. The order of what is stored leaves no gaps, here and in all of which
/// there are as many as members: reading them takes half as long as touching memory for them.
public struct Seat: Hashable, Sendable {
  /// Of which subscription.
  public let subscription: SubscriptionID
  /// Since when it is held.
  public let assigned: Instant
  private var ending: InstantOrNone
  private var keyID: KeyID
  /// 0: none.
  private var number: Int32
  private var hasKey: Bool
  /// Whether its subscription expired while it was held, even if renewed since.
  public internal(set) var isLapsed: Bool
  var isAwaitingKey = false

  /// When it ends by itself; nil: with its subscription.
  public internal(set) var until: Instant? {
    get { ending.instant }
    set { ending = InstantOrNone(newValue) }
  }

  /// The key that works for it; nil after a break-glass revocation.
  public internal(set) var key: KeyID? {
    get { hasKey ? keyID : nil }
    set { (keyID, hasKey) = (newValue ?? KeyID(number: 0), newValue != nil) }
  }

  /// The number its latest key was issued under, up to `DesiredMember.keyNumberMax`; nil before the first.
  public internal(set) var keyNumber: Int? {
    get { number == 0 ? nil : Int(number) }
    set { number = Int32(newValue ?? 0) }
  }

  /// A seat as a commit left it.
  public init(
    subscription: SubscriptionID, until: Instant?, assigned: Instant, key: KeyID?, keyNumber: Int?,
    isLapsed: Bool
  ) {
    self.subscription = subscription
    self.assigned = assigned
    self.isLapsed = isLapsed
    ending = InstantOrNone(until)
    (keyID, hasKey) = (key ?? KeyID(number: 0), key != nil)
    number = Int32(keyNumber ?? 0)
  }

  /// A seat that was just assigned and is to get its key.
  init(subscription: SubscriptionID, until: Instant?, assigned: Instant) {
    self.init(
      subscription: subscription, until: until, assigned: assigned, key: nil, keyNumber: nil,
      isLapsed: false)
    isAwaitingKey = true
  }
}

/// A member as stored.
public struct Member: Row {
  /// The seat they hold, working or not.
  public internal(set) var seat: Seat?
  /// What they may do.
  public internal(set) var role: Role
  /// When they were added.
  public let added: Instant
  /// Who.
  public let username: Username

  var id: Username { username }

  /// A member as a commit left them.
  public init(username: Username, role: Role, added: Instant, seat: Seat? = nil) {
    self.username = username
    self.role = role
    self.added = added
    self.seat = seat
  }
}

/// A key that was ever issued.
public struct KeyRecord: Row {
  /// Its digest and masked form.
  public let credential: Credential
  /// For whom it was issued.
  public let member: Username
  /// For a seat of which subscription.
  public let subscription: SubscriptionID
  /// When it was issued.
  public let issued: Instant
  private var end: InstantOrNone
  private let issuedNumber: Int32

  /// When it was revoked; nil while it is a seat's key.
  public internal(set) var revoked: Instant? {
    get { end.instant }
    set { end = InstantOrNone(newValue) }
  }

  /// The number in the org file under which it was issued, 1…`DesiredMember.keyNumberMax`.
  public var number: Int { Int(issuedNumber) }

  /// Keys stand beside their members, so that one walk reads both.
  struct Place: Hashable, Comparable, Sendable {
    let member: Username
    let key: KeyID

    static func < (left: Place, right: Place) -> Bool {
      left.member == right.member ? left.key < right.key : left.member < right.member
    }
  }

  var id: Place { Place(member: member, key: credential.id) }

  /// A record of a key that was issued, and perhaps revoked.
  public init(
    credential: Credential, member: Username, subscription: SubscriptionID, number: Int,
    issued: Instant, revoked: Instant?
  ) {
    self.credential = credential
    self.member = member
    self.subscription = subscription
    self.issued = issued
    end = InstantOrNone(revoked)
    issuedNumber = Int32(number)
  }
}

/// A subscription as stored.
public struct StoredSubscription: Row {
  /// Its terms.
  public internal(set) var terms: Subscription
  /// How many members hold a seat of it, working or not.
  public internal(set) var held: Int

  var id: SubscriptionID { terms.id }
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

  var subscriptionRows = SortedRows<StoredSubscription>()
  var memberRows = SortedRows<Member>()
  var keyRows = SortedRows<KeyRecord>()
  var tokenRows = SortedRows<TokenRecord>()
  /// The members whose names have capitals, by the name without; made when the first one is added.
  var capitalized = Memo<[Username: Username]>()
  /// The names of members who were removed, some of whom may have come back: records of usage name them.
  var departed: Set<Username> = []
  /// The ids of all keys ever issued, since `keyRows` stand by member.
  var keyIDs: Set<KeyID> = []
  var seatsAwaitingKey = 0

  /// The state of an empty store.
  public init() {}

  /// The same state, for somebody who makes so many changes to it while others keep this one.
  /// - Parameter touched: The members that are changed, and the keys that are revoked, each once; asked for
  ///   only where they are few.
  public func branch(
    for changes: Int, _ touched: () -> (members: [Username], keys: [(Username, KeyID)])
  ) -> OrgState {
    var branch = self
    let areFew = memberRows.staysFixed(for: changes) || keyRows.staysFixed(for: changes)
    let (members, keys) = areFew ? touched() : ([], [])
    branch.memberRows = memberRows.branch(for: changes, of: members)
    branch.keyRows = keyRows.branch(
      for: changes, of: keys.map { KeyRecord.Place(member: $0, key: $1) })
    return branch
  }

  /// Whether nothing was ever applied.
  public var isEmpty: Bool { organization == nil }

  /// How many members there are.
  public var memberCount: Int { memberRows.count }

  /// The members by username. May merge: call it once.
  public var members: [Member] { memberRows.inOrder }

  /// The subscriptions by id.
  public var subscriptions: [StoredSubscription] { subscriptionRows.inOrder }

  /// All keys ever issued, by member and id. May merge: call it once.
  public var keys: [KeyRecord] { keyRows.inOrder }

  /// The member of that name, or nil.
  public func member(_ name: Username) -> Member? { memberRows[name] }

  /// The members of these names, nil where there is none; quicker than one after the other.
  public func members(named names: [Username]) -> [Member?] { memberRows.rows(of: names) }

  /// Whether somebody of that name is or was a member.
  public func hasKnown(_ name: Username) -> Bool {
    memberRows[name] != nil || departed.contains(name)
  }

  /// The subscription of which a member of that name holds a seat, working or not; quick for whoever asks
  /// in the order of names.
  public mutating func findSeat(_ name: Username) -> SubscriptionID? {
    memberRows.find(name) { $0.seat?.subscription } ?? nil
  }

  /// Whether the member holds a seat whose term still runs; quicker than `hasWorkingSeat` in the same way.
  public mutating func findsWorkingSeat(_ name: Username, at now: Instant) -> Bool {
    guard case .some(let seat?) = memberRows.find(name, { $0.seat }) else { return false }
    return isWorking(seat, at: now)
  }

  /// The subscription of that id, or nil.
  public func subscription(_ id: SubscriptionID) -> StoredSubscription? { subscriptionRows[id] }

  /// The key of that id, or nil. Looks at every key.
  public func key(_ id: KeyID) -> KeyRecord? {
    keyIDs.contains(id) ? keyRows.first { $0.credential.id == id } : nil
  }

  /// The key of a member's seat, or nil.
  public func key(of member: Member) -> KeyRecord? {
    guard let key = member.seat?.key else { return nil }
    return keyRows[KeyRecord.Place(member: member.username, key: key)]
  }

  /// From when on the seat's key is refused: the earlier of `until` and the subscription's expiry.
  public func end(of seat: Seat) -> Instant {
    guard let expires = subscriptionRows[seat.subscription]?.terms.expires else {
      preconditionFailure("a seat's subscription exists")
    }
    return seat.end(before: expires)
  }

  /// Whether the seat's term still runs.
  public func isWorking(_ seat: Seat, at now: Instant) -> Bool {
    seat.isWorking(before: end(of: seat), at: now)
  }

  /// Whether the member holds a seat whose term still runs.
  public func hasWorkingSeat(_ name: Username, at now: Instant) -> Bool {
    hasWorkingSeat(memberRows[name], at: now)
  }

  /// The same of a member of this state; nobody holds none.
  public func hasWorkingSeat(_ member: Member?, at now: Instant) -> Bool {
    member?.seat.map { isWorking($0, at: now) } ?? false
  }

  /// What a key is good for at an instant. Looks at every key.
  public func status(ofKey digest: Digest, at now: Instant) -> KeyStatus {
    guard let record = key(KeyID(of: digest)), record.credential.digest == digest else {
      return .unknown
    }
    return status(of: record, heldBy: memberRows[record.member], at: now)
  }

  /// Shows every key that `status` calls valid at an instant, by member, with its end.
  public func forEachWorkingKey<Failure: Error>(
    at now: Instant, _ body: (WorkingKey) throws(Failure) -> Void
  ) throws(Failure) {
    // Both stand by member: each is found where the one before was.
    var holders = memberRows
    for record in keyRows.inOrder where record.revoked == nil {
      let holder = holders.find(record.member)
      guard
        case .valid(let member, let subscription, let end) = status(
          of: record, heldBy: holder, at: now)
      else { continue }
      try body(
        WorkingKey(
          credential: record.credential, member: member, subscription: subscription, end: end))
    }
  }

  /// The rule of what an issued key is good for.
  private func status(
    of record: KeyRecord, heldBy holder: Member?, at now: Instant
  ) -> KeyStatus {
    guard record.revoked == nil, let seat = holder?.seat else { return .revoked }
    guard isWorking(seat, at: now) else { return .expired }
    return .valid(record.member, seat.subscription, expires: end(of: seat))
  }
}

/// A key that works, and until when.
public struct WorkingKey: Hashable, Sendable {
  /// Its digest and masked form.
  public let credential: Credential
  /// Whose it is.
  public let member: Username
  /// For a seat of which subscription.
  public let subscription: SubscriptionID
  /// The instant from which on it is refused, unless a commit changes that.
  public let end: Instant
}

extension Seat {
  /// From when on the seat's key is refused, under a subscription that expires then.
  func end(before expires: Instant) -> Instant { min(expires, until ?? expires) }

  /// Whether the seat's term still runs, under a subscription that expires then.
  public func isWorking(before expires: Instant, at now: Instant) -> Bool {
    !isLapsed && end(before: expires) > now
  }
}

/// The answer to "is this key good now?".
public enum KeyStatus: Hashable, Sendable {
  case valid(Username, SubscriptionID, expires: Instant)
  case expired
  case revoked
  case unknown
}
