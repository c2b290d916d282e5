// SeatMeter: adds up what the holders of seats used while the records go by, in memory that the seats
// bound, not the records.

public import OrgModel

extension UsageLedger {
  /// Whether nothing was ever ingested.
  /// - Throws: `MeteringError`.
  public func isEmpty() throws(MeteringError) -> Bool { try shelf.cover().batches.isEmpty }

  /// The outlook of an organization; nil if no usage up to now was ingested.
  ///
  /// Reads the sums of the billing cycles and the last 30 days, hence of at most 31 days.
  /// - Throws: `MeteringError`.
  public func outlook(of state: OrgState, at now: Instant) throws(MeteringError) -> Outlook? {
    // Whoever has no usage pays a listing and no more.
    guard try !isEmpty() else { return nil }
    let blank = SeatMeter(state, now)
    let meter = try shelf.read { (cover) throws(MeteringError) -> SeatMeter? in
      var meter = blank
      for name in cover.batches {
        guard let index = try shelf.index(of: name),
          try meter.add(name, index, from: self)
        else { return nil }
      }
      return meter
    }
    return meter.outlook()
  }
}

/// The sums of every seat that works.
struct SeatMeter: Sendable {
  /// What a subject is counted for: the number of a seat, or one of these.
  private enum Account {
    /// A member without a seat that works, or who was one.
    static let other: Int32 = -1
    static let nobody: Int32 = -2
    static let unknown: Int32 = -3
  }

  /// A subscription that has not expired.
  private struct Pool {
    let terms: Subscription
    let cycle: Range<Instant>
  }

  private struct Gauge {
    let member: Username
    let seat: Seat
    let pool: Pool
    let isSeasoned: Bool
  }

  /// What the records go to: small, as they go to all of them at random.
  private struct Sum {
    let usedFrom: Int32
    let paceFrom: Int32
    var isUsed = false
    var used: Int128 = 0
    var recent: Int128 = 0
  }

  private let state: OrgState
  private let now: Instant
  private let currentHour: Int
  /// The hour in which the last 30 days begin.
  private let recentFrom: Int
  /// The first hour that counts for anything.
  private let firstHour: Int
  private let keys: [KeyRecord]
  /// By member.
  private var gauges: [Gauge] = []
  /// Parallel to `gauges`.
  private var sums: [Sum] = []
  private var accountsOfKeys: [KeyID: Int32] = [:]
  /// Made when the first record names a member.
  private var accountsOfMembers: [Username: Int32] = [:]
  private var unattributedRequests: Int128 = 0
  /// The last hour that has records, of those up to the first of the last 30 days.
  private var hourBefore: Int?
  /// Which hours since have records.
  private var hasRecords: [Bool]

  init(_ state: OrgState, _ now: Instant) {
    self.state = state
    self.now = now
    currentHour = UsageWindow.hour(of: now)
    recentFrom = UsageWindow.hour(of: now) - Outlook.unusedHours
    hasRecords = [Bool](repeating: false, count: Outlook.unusedHours)
    keys = state.keys
    var pools: [SubscriptionID: Pool] = [:]
    for subscription in state.subscriptions {
      guard let cycle = subscription.terms.billingCycle(at: now) else { continue }
      pools[subscription.terms.id] = Pool(terms: subscription.terms, cycle: cycle)
    }
    let starts = pools.values.map { UsageWindow.hour(of: $0.cycle.lowerBound) }
    firstHour = min(recentFrom, starts.min() ?? recentFrom)
    accountsOfKeys.reserveCapacity(keys.count)
    addSeats(pools)
  }

  /// A walk over members and their keys, which both ascend by name.
  private mutating func addSeats(_ pools: [SubscriptionID: Pool]) {
    let paceStart = now.seconds - Outlook.paceSeconds
    var at = 0
    for member in state.members {
      // The keys of those who left.
      while at < keys.count, keys[at].member < member.username {
        at = add(key: at, to: Account.other)
      }
      guard let seat = member.seat, state.isWorking(seat, at: now),
        let pool = pools[seat.subscription]
      else { continue }
      let first = at
      while at < keys.count, keys[at].member == member.username {
        at = add(key: at, to: Int32(gauges.count))
      }
      let pace = Instant(seconds: max(paceStart, seat.assigned.seconds)) ?? seat.assigned
      gauges.append(
        Gauge(
          member: member.username, seat: seat, pool: pool,
          isSeasoned: isSeasoned(seat, keys[first..<at])))
      sums.append(
        Sum(
          usedFrom: Int32(UsageWindow.hour(of: max(pool.cycle.lowerBound, seat.assigned))),
          paceFrom: Int32(UsageWindow.hour(of: pace))))
    }
    while at < keys.count { at = add(key: at, to: Account.other) }
  }

  private mutating func add(key at: Int, to account: Int32) -> Int {
    accountsOfKeys[keys[at].credential.id] = account
    return at + 1
  }

  /// Whether a seat was held for 30 days, and every key of that time took over from the one before.
  private func isSeasoned(_ seat: Seat, _ keys: ArraySlice<KeyRecord>) -> Bool {
    let since = now.seconds - Int64(Outlook.unusedHours) * 3600
    guard seat.assigned.seconds <= since,
      var from = keys.first(where: { $0.credential.id == seat.key })?.issued
    else { return false }
    while from.seconds > since {
      let earlier = keys.filter { $0.issued < from && $0.revoked.map { $0 >= from } ?? false }
      guard let issued = earlier.map(\.issued).min() else { return false }
      from = issued
    }
    return true
  }

  /// Adds a batch; false if it is gone.
  mutating func add(
    _ name: BatchName, _ index: BatchIndex, from ledger: UsageLedger
  ) throws(MeteringError) -> Bool {
    for entry in index.hours where entry.hour < currentHour { note(hour: entry.hour) }
    var accounts = [Int32](repeating: Account.unknown, count: index.subjects.count)
    return try ledger.forEachRow(
      of: name, index, in: firstHour..<currentHour + 1, upTo: now
    ) { row, hour in
      if hour == currentHour { note(hour: hour) }
      let subject = Int(row.subject)
      if accounts[subject] == Account.unknown {
        accounts[subject] = account(of: index.subjects[subject])
      }
      add(row, hour, to: accounts[subject])
    }
  }

  private mutating func note(hour: Int) {
    if hour > recentFrom {
      hasRecords[hour - recentFrom - 1] = true
    } else {
      hourBefore = max(hourBefore ?? hour, hour)
    }
  }

  @inline(__always)
  private mutating func add(_ row: BatchRow, _ hour: Int, to account: Int32) {
    guard account >= 0 else {
      if account == Account.nobody, hour >= recentFrom {
        unattributedRequests += Int128(row.requests)
      }
      return
    }
    let (number, credits) = (Int(account), Int128(row.microCredits))
    if hour >= sums[number].usedFrom { sums[number].used += credits }
    if hour >= sums[number].paceFrom { sums[number].recent += credits }
    if hour >= recentFrom { sums[number].isUsed = true }
  }

  private mutating func account(of subject: UsageSubject) -> Int32 {
    switch subject {
    case .unknown: return Account.nobody
    case .key(let key): return accountsOfKeys[key] ?? Account.nobody
    case .member(let name):
      if accountsOfMembers.isEmpty { nameMembers() }
      return accountsOfMembers[name] ?? Account.nobody
    }
  }

  /// Whoever is a member, or left and had a key.
  private mutating func nameMembers() {
    accountsOfMembers.reserveCapacity(state.memberCount)
    for key in keys { accountsOfMembers[key.member] = Account.other }
    for member in state.members { accountsOfMembers[member.username] = Account.other }
    for (number, gauge) in gauges.enumerated() {
      accountsOfMembers[gauge.member] = Int32(number)
    }
  }

  /// The outlook after all batches; nil if there was no record.
  func outlook() -> Outlook? {
    guard let extent else { return nil }
    let seats = zip(gauges, sums).map { gauge, sum in
      let length = max(Outlook.paceSecondsMin, now.seconds - Int64(sum.paceFrom) * 3600)
      return SeatOutlook(
        member: gauge.member, subscription: gauge.pool.terms.id, assigned: gauge.seat.assigned,
        quota: gauge.pool.terms.credits.map { Int128($0) * 1_000_000 }, cycle: gauge.pool.cycle,
        end: min(gauge.pool.cycle.upperBound, state.end(of: gauge.seat)), used: sum.used,
        pace: SeatOutlook.Pace(microCredits: sum.recent, seconds: length),
        isUsed: sum.isUsed, isSeasoned: gauge.isSeasoned)
    }
    return Outlook(
      of: state, at: now, extent: extent, seats: seats, unattributedRequests: unattributedRequests)
  }

  /// How far the records reach; nil if there is none.
  private var extent: UsageExtent? {
    let recent = hasRecords.lastIndex(of: true).map { recentFrom + 1 + $0 }
    guard let latest = recent ?? hourBefore else { return nil }
    return UsageExtent(
      latest: Self.start(ofHour: latest),
      isCurrent: currentHour - latest <= UsageExtent.lagHoursMax, missing: missing)
  }

  /// What is missing of the last 30 days: what was before the first record, or else the last gap.
  private var missing: UnusedDoubt? {
    var (last, missing) = (hourBefore, nil as UnusedDoubt?)
    for hour in recentFrom + 1..<currentHour + 1 where hasRecords[hour - recentFrom - 1] {
      guard let before = last else { return .knownSince(Self.start(ofHour: hour)) }
      if hour - before > UsageExtent.gapHoursMax {
        missing = .gap(Self.start(ofHour: before + 1), Self.start(ofHour: hour))
      }
      last = hour
    }
    return missing
  }

  private static func start(ofHour hour: Int) -> Instant {
    Instant(seconds: Int64(hour) * 3600) ?? .earliest
  }
}
