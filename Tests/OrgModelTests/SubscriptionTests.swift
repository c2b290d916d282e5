// SubscriptionTests: billing cycles are the months before the expiry.

import Foundation
import Testing

@testable import OrgModel

@Suite struct SubscriptionTests {
  private func pool(_ expires: Instant) throws -> Subscription {
    let id = try #require(SubscriptionID("standard"))
    return Subscription(id: id, tier: id, seats: 1, expires: expires, credits: nil)
  }

  @Test(arguments: [
    ("2027-01-31", "2026-11-23T08:30:00Z", "2026-10-31T00:00:00Z", "2026-11-30T00:00:00Z"),
    ("2027-01-31", "2026-11-30T00:00:00Z", "2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z"),
    ("2027-01-31", "2026-11-29T23:59:59Z", "2026-10-31T00:00:00Z", "2026-11-30T00:00:00Z"),
    (
      "2028-03-30T12:00:00Z", "2028-02-29T11:59:59Z", "2028-01-30T12:00:00Z", "2028-02-29T12:00:00Z"
    ),
    (
      "2028-03-30T12:00:00Z", "2028-02-29T12:00:00Z", "2028-02-29T12:00:00Z", "2028-03-30T12:00:00Z"
    ),
    ("2027-02-28", "2027-02-27T23:59:59Z", "2027-01-28T00:00:00Z", "2027-02-28T00:00:00Z"),
    ("0001-01-20", "0001-01-10", "0001-01-01T00:00:00Z", "0001-01-20T00:00:00Z"),
    ("9999-12-31", "0001-01-01", "0001-01-01T00:00:00Z", "0001-01-31T00:00:00Z"),
  ])
  func `a billing cycle begins on the expiry's day of the month`(
    _ expires: String, _ now: String, _ start: String, _ end: String
  ) throws {
    let cycle = try pool(#require(Instant(expires))).billingCycle(at: #require(Instant(now)))
    #expect(cycle.map { "\($0.lowerBound) \($0.upperBound)" } == "\(start) \(end)")
  }

  @Test func `an expired subscription is in no cycle`() throws {
    let expires = try #require(Instant("2027-01-31"))
    #expect(try pool(expires).billingCycle(at: expires) == nil)
    let last = try #require(Instant(seconds: expires.seconds - 1))
    #expect(try pool(expires).billingCycle(at: last)?.upperBound == expires)
  }

  @Test func `cycles follow one another and are the months of another calendar`() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    var dice = Dice(state: 20_261_123)
    for _ in 0..<1000 {
      let expires = try #require(Instant(seconds: 1_700_000_000 + Int64(dice.roll(800_000_000))))
      let now = try #require(Instant(seconds: expires.seconds - 1 - Int64(dice.roll(100_000_000))))
      let cycle = try #require(try pool(expires).billingCycle(at: now), "\(expires) \(now)")
      #expect(cycle.contains(now), "\(expires) \(now)")
      let edges = try (0..<50).map { try edge($0, before: expires, calendar) }
      #expect(edges.first { $0 <= now.seconds } == cycle.lowerBound.seconds, "\(expires) \(now)")
      #expect(edges.last { $0 > now.seconds } == cycle.upperBound.seconds, "\(expires) \(now)")
      if cycle.upperBound < expires {
        let next = try pool(expires).billingCycle(at: cycle.upperBound)
        #expect(next?.lowerBound == cycle.upperBound)
      }
    }
  }

  /// The start of the cycle so many months before an expiry, put together from its parts: subtracting
  /// months from a date at once, Foundation takes 29 February for the 28th now and then.
  private func edge(_ months: Int, before expires: Instant, _ calendar: Calendar) throws -> Int64 {
    let date = Date(timeIntervalSince1970: Double(expires.seconds))
    let all: Set<Calendar.Component> = [.year, .month, .day, .hour, .minute, .second]
    var parts = calendar.dateComponents(all, from: date)
    let day = try #require(parts.day)
    let month = try #require(parts.year) * 12 + #require(parts.month) - 1 - months
    (parts.year, parts.month, parts.day) = (month / 12, month % 12 + 1, 1)
    let first = try #require(calendar.date(from: parts))
    parts.day = min(day, try #require(calendar.range(of: .day, in: .month, for: first)).count)
    return Int64(try #require(calendar.date(from: parts)).timeIntervalSince1970)
  }
}
