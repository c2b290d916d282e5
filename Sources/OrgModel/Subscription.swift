// Subscription: a pool of seats of one tier, bought until an expiry.

/// A subscription as an org file defines it and the state keeps it.
public struct Subscription: Hashable, Sendable {
  /// The most seats a subscription has.
  public static let seatsMax = 1_000_000_000
  /// The most Credits a seat has in a billing cycle.
  public static let creditsMax = 1_000_000_000_000

  /// By what members refer to it.
  public let id: SubscriptionID
  /// The tier of its seats; the id where the file names none.
  public var tier: SubscriptionID
  /// How many members can hold a seat of it, 0…`seatsMax`.
  public var seats: Int
  /// From this instant on its keys are refused.
  public var expires: Instant
  /// Credits of each seat in a billing cycle, 0…`creditsMax`; nil if not said.
  public var credits: Int?

  /// Makes a subscription.
  public init(
    id: SubscriptionID, tier: SubscriptionID, seats: Int, expires: Instant, credits: Int?
  ) {
    self.id = id
    self.tier = tier
    self.seats = seats
    self.expires = expires
    self.credits = credits
  }

  /// Whether its term is over.
  public func isExpired(at now: Instant) -> Bool { expires <= now }

  /// The billing cycle that an instant lies in: a month, counted back from the expiry; nil once that has
  /// passed.
  ///
  /// The platform refills a seat's Credits every month, counted from the purchase, and sells whole
  /// months: so cycles begin on the expiry's day of the month, at its time of day, in a shorter
  /// month on the last day. Bought on a 29th to 31st and expiring in a shorter month, a subscription
  /// shows its day no more, and the cycle begins up to three days early.
  public func billingCycle(at now: Instant) -> Range<Instant>? {
    guard !isExpired(at: now) else { return nil }
    var months = expires.month - now.month
    if let start = expires.adding(months: -months), start > now { months += 1 }
    return
      (expires.adding(months: -months) ?? .earliest)..<(expires.adding(months: 1 - months)
      ?? expires)
  }
}
