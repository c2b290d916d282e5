// Outlook: what the usage so far says of the seats: whose Credits run out, and which seats nobody uses;
// and which subscriptions expire soon. Values in, values out: nothing here reads the store.
//
// Amounts are whole micro-Credits and times whole seconds: every decision compares integers. Usage is
// counted by the UTC hour, of which the sums are: where something begins within an hour, the whole hour
// counts.

public import OrgModel

/// What is to be expected of an organization's seats and subscriptions.
public struct Outlook: Sendable {
  /// How soon an expiry is told: 30 days, in seconds.
  static let expirySeconds: Int64 = 30 * 86_400
  /// How long a seat is not used before that is told: 30 days, in hours.
  static let unusedHours = 30 * 24
  /// Over how long the pace is measured: 7 days, in seconds.
  static let paceSeconds: Int64 = 7 * 86_400
  /// A pace is never measured over less: a day, in seconds.
  static let paceSecondsMin: Int64 = 86_400

  /// The instant that it is of; later records do not count.
  public let now: Instant
  /// How far the usage reaches; nil if none was looked at.
  public let extent: UsageExtent?
  /// The seats that work, by member; none if no usage was looked at.
  public let seats: [SeatOutlook]
  /// Records of the last 30 days whose key or name is no member's, in requests: seats that seem unused
  /// may be behind them.
  public let unattributedRequests: Int128
  /// The subscriptions that expire within 30 days, by expiry and id, with how many members hold a seat.
  public let expiring: [StoredSubscription]
  /// Whether some seat was used in the last 30 days, or nothing is nobody's.
  private let isAttributed: Bool

  /// The outlook without any usage: what expires.
  public init(of state: OrgState, at now: Instant) {
    self.init(of: state, at: now, extent: nil, seats: [], unattributedRequests: 0)
  }

  init(
    of state: OrgState, at now: Instant, extent: UsageExtent?, seats: [SeatOutlook],
    unattributedRequests: Int128
  ) {
    self.now = now
    self.extent = extent
    self.seats = seats
    self.unattributedRequests = unattributedRequests
    isAttributed = unattributedRequests == 0 || seats.contains(where: \.isUsed)
    expiring = state.subscriptions.filter {
      !$0.terms.isExpired(at: now)
        && $0.terms.expires.seconds - now.seconds <= Self.expirySeconds
    }.sorted { ($0.terms.expires, $0.terms.id) < ($1.terms.expires, $1.terms.id) }
  }

  /// All there is to warn of, what hurts first in front: usage that is missing, Credits that are used
  /// up, Credits that run out, by when, subscriptions that expire, by when, and unused seats, or why
  /// none can be told. Within one instant by member.
  public var warnings: [OutlookWarning] {
    var warnings: [OutlookWarning] = []
    if let extent, !extent.isCurrent, !seats.isEmpty {
      warnings.append(.usageStale(latest: extent.latest))
    }
    warnings += seats.filter(\.isExhausted).map { .quotaExhausted($0) }
    let running = seats.compactMap { seat in runsOut(seat).map { (seat, $0) } }
    warnings += running.sorted { ($0.1, $0.0.member) < ($1.1, $1.0.member) }
      .map { .quotaRunsOut($0, at: $1) }
    warnings += expiring.map { .subscriptionExpires($0) }
    let silent = seats.filter { $0.isSeasoned && !$0.isUsed }
    if let doubt {
      if !silent.isEmpty { warnings.append(.unusedUnknown(silent, doubt)) }
    } else if extent?.isCurrent ?? false {
      warnings += silent.map { .seatUnused($0) }
    }
    return warnings
  }

  /// When a seat's Credits are used up if the pace stays as it is; nil if they last until the cycle or
  /// the seat ends, are used up already or have no limit, or if the usage ends too early to tell.
  public func runsOut(_ seat: SeatOutlook) -> Instant? {
    guard extent?.isCurrent ?? false, !seat.isExhausted, let remaining = seat.remaining,
      seat.pace.microCredits > 0
    else { return nil }
    let (used, length) = (seat.pace.microCredits, Int128(seat.pace.seconds))
    let wait = (remaining * length + used - 1) / used
    guard wait < Int128(seat.end.seconds - now.seconds) else { return nil }
    return Instant(seconds: now.seconds + Int64(wait))
  }

  /// Why no seat can be called unused though the newest records are recent: usage was not ingested for
  /// all of the 30 days, or of none of it could be told whose it is; nil if they can be.
  ///
  /// A seat is unused if it was held and had a key that works for all the time, and there is no record.
  private var doubt: UnusedDoubt? {
    guard let extent, extent.isCurrent else { return nil }
    return extent.missing ?? (isAttributed ? nil : .unattributed(requests: unattributedRequests))
  }
}

/// Why seats without any record may be used all the same.
public enum UnusedDoubt: Hashable, Sendable {
  /// The first record is of this hour, less than 30 days ago.
  case knownSince(Instant)
  /// In the last 30 days there is none for more than 7 days: from the end of an hour with records to the
  /// next such hour.
  case gap(Instant, Instant)
  /// None is of a seat that works, and so many requests are nobody's.
  case unattributed(requests: Int128)
}

/// How far the records that were ingested reach.
public struct UsageExtent: Hashable, Sendable {
  /// The newest record is at most so old for paces and unused seats to be told: 3 days, in hours.
  static let lagHoursMax = 72
  /// With more hours than that between two records usage is missing: 7 days.
  static let gapHoursMax = 7 * 24

  /// The hour of the newest record.
  public let latest: Instant
  /// Whether the newest record is at most 3 days old.
  public let isCurrent: Bool
  /// What is missing of the last 30 days; nil if there are records from 30 days ago or before, and no 7
  /// days without any since.
  public let missing: UnusedDoubt?
}

/// A seat that works, and what its holder used since they hold it.
public struct SeatOutlook: Hashable, Sendable {
  /// Who holds it.
  public let member: Username
  /// Of which subscription.
  public let subscription: SubscriptionID
  /// Since when.
  public let assigned: Instant
  /// Micro-Credits of a cycle; nil if the subscription does not say.
  public let quota: Int128?
  /// The billing cycle, see `Subscription.billingCycle`.
  public let cycle: Range<Instant>
  /// When the cycle ends, or the seat if that is earlier.
  public let end: Instant
  /// Micro-Credits used in this cycle.
  public let used: Int128
  /// What was used of late.
  public let pace: Pace
  /// Whether there is any record of the last 30 days.
  public let isUsed: Bool
  /// Whether it was held, with a key that works, for 30 days.
  public let isSeasoned: Bool

  /// Use over some time.
  public struct Pace: Hashable, Sendable {
    /// Used in that time.
    public let microCredits: Int128
    /// The time: 7 days up to now, or since the seat is held if that is less, but a day at least; to
    /// the hour, hence up to an hour more.
    public let seconds: Int64

    /// Micro-Credits a day, rounded half up: to show, not to compare.
    public var perDay: Int128 {
      (microCredits * 2 * 86_400 + Int128(seconds)) / (Int128(seconds) * 2)
    }
  }

  /// Micro-Credits that are left, never less than 0; nil if the subscription does not say.
  public var remaining: Int128? { quota.map { max(0, $0 - used) } }

  /// Whether the cycle's Credits are used up: something was used, and nothing is left.
  public var isExhausted: Bool { used > 0 && remaining == 0 }
}

/// Something to tell whoever runs the organization.
public enum OutlookWarning: Hashable, Sendable {
  /// The newest record, of the hour that begins then, is older than 3 days, so that neither paces nor
  /// unused seats are told.
  case usageStale(latest: Instant)
  /// A seat's Credits are used up.
  case quotaExhausted(SeatOutlook)
  /// A seat's Credits will be, before the cycle or the seat ends.
  case quotaRunsOut(SeatOutlook, at: Instant)
  /// A subscription ends within 30 days.
  case subscriptionExpires(StoredSubscription)
  /// A seat was not used for 30 days.
  case seatUnused(SeatOutlook)
  /// Seats without a record in 30 days that cannot be called unused.
  case unusedUnknown([SeatOutlook], UnusedDoubt)

  /// What kind of thing it is.
  public enum Kind: String, CaseIterable, Sendable {
    case usageStale = "usage_stale"
    case quotaExhausted = "quota_exhausted"
    case quotaRunsOut = "quota_runs_out"
    case subscriptionExpires = "subscription_expires"
    case seatUnused = "seat_unused"
    case unusedUnknown = "unused_unknown"
  }

  /// See `Kind`.
  public var kind: Kind {
    switch self {
    case .usageStale: .usageStale
    case .quotaExhausted: .quotaExhausted
    case .quotaRunsOut: .quotaRunsOut
    case .subscriptionExpires: .subscriptionExpires
    case .seatUnused: .seatUnused
    case .unusedUnknown: .unusedUnknown
    }
  }

  /// The seat that it is about; nil if it is about none.
  public var seat: SeatOutlook? {
    switch self {
    case .quotaExhausted(let seat), .quotaRunsOut(let seat, _), .seatUnused(let seat): seat
    case .usageStale, .subscriptionExpires, .unusedUnknown: nil
    }
  }
}
