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
  /// What a subject is counted for.
  private enum Account {
    case seat(Int)
    /// A member without a seat that works, or who was one.
    case other
    case nobody
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
    let usedFrom: Int
    let paceFrom: Int
    var used: Int128 = 0
    var recent: Int128 = 0
    var isUsed = false
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
  private var accountsOfKeys: [KeyID: Account] = [:]
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
      while at < keys.count, keys[at].member < member.username { at = add(key: at, to: .other) }
      guard let seat = member.seat, state.isWorking(seat, at: now),
        let pool = pools[seat.subscription]
      else { continue }
      let first = at
      while at < keys.count, keys[at].member == member.username {
        at = add(key: at, to: .seat(gauges.count))
      }
      let pace = Instant(seconds: max(paceStart, seat.assigned.seconds)) ?? seat.assigned
      gauges.append(
        Gauge(
          member: member.username, seat: seat, pool: pool,
          isSeasoned: isSeasoned(seat, keys[first..<at]),
          usedFrom: UsageWindow.hour(of: max(pool.cycle.lowerBound, seat.assigned)),
          paceFrom: UsageWindow.hour(of: pace)))
    }
    while at < keys.count { at = add(key: at, to: .other) }
  }

  private mutating func add(key at: Int, to account: Account) -> Int {
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
    var accounts = [Account?](repeating: nil, count: index.subjects.count)
    return try ledger.forEachRow(
      of: name, index, in: firstHour..<currentHour + 1, upTo: now
    ) { row, hour in
      if hour == currentHour { note(hour: hour) }
      let subject = Int(row.subject)
      let account = accounts[subject] ?? self.account(of: index.subjects[subject])
      accounts[subject] = account
      add(row, hour, to: account)
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
  private mutating func add(_ row: BatchRow, _ hour: Int, to account: Account) {
    switch account {
    case .seat(let number):
      let credits = Int128(row.microCredits)
      if hour >= gauges[number].usedFrom { gauges[number].used += credits }
      if hour >= gauges[number].paceFrom { gauges[number].recent += credits }
      if hour >= recentFrom { gauges[number].isUsed = true }
    case .other: break
    case .nobody: if hour >= recentFrom { unattributedRequests += Int128(row.requests) }
    }
  }

  private func account(of subject: UsageSubject) -> Account {
    switch subject {
    case .unknown: return .nobody
    case .key(let key): return accountsOfKeys[key] ?? .nobody
    case .member(let name):
      let number = gauges.firstIndex(notBefore: name, by: \.member)
      if number < gauges.count, gauges[number].member == name { return .seat(number) }
      if state.member(name) != nil { return .other }
      let key = keys.firstIndex(notBefore: name, by: \.member)
      return key < keys.count && keys[key].member == name ? .other : .nobody
    }
  }

  /// The outlook after all batches; nil if there was no record.
  func outlook() -> Outlook? {
    guard let extent else { return nil }
    let seats = gauges.map { gauge in
      let length = max(Outlook.paceSecondsMin, now.seconds - Int64(gauge.paceFrom) * 3600)
      return SeatOutlook(
        member: gauge.member, subscription: gauge.pool.terms.id, assigned: gauge.seat.assigned,
        quota: gauge.pool.terms.credits.map { Int128($0) * 1_000_000 }, cycle: gauge.pool.cycle,
        end: min(gauge.pool.cycle.upperBound, state.end(of: gauge.seat)), used: gauge.used,
        pace: SeatOutlook.Pace(microCredits: gauge.recent, seconds: length),
        isUsed: gauge.isUsed, isSeasoned: gauge.isSeasoned)
    }
    return Outlook(
      of: state, at: now, extent: extent, seats: seats, unattributedRequests: unattributedRequests)
  }

  /// How far the records reach; nil if there is none.
  private var extent: UsageExtent? {
    let recent = hasRecords.lastIndex(of: true).map { recentFrom + 1 + $0 }
    guard let latest = recent ?? hourBefore else { return nil }
    var isWhole = false
    if var last = hourBefore {
      isWhole = true
      for hour in recentFrom + 1..<currentHour + 1 where hasRecords[hour - recentFrom - 1] {
        if hour - last > UsageExtent.gapHoursMax { isWhole = false }
        last = hour
      }
    }
    return UsageExtent(
      latest: Instant(seconds: Int64(latest) * 3600) ?? .earliest,
      isCurrent: currentHour - latest <= UsageExtent.lagHoursMax, isWhole: isWhole)
  }
}

extension Array {
  /// The index of the first element whose name is not before another one; names ascend.
  fileprivate func firstIndex(notBefore name: Username, by path: KeyPath<Element, Username>) -> Int
  {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle][keyPath: path] < name { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
