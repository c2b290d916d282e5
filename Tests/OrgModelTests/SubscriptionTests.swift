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
    var numbers = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let expires = try #require(
        Instant(seconds: Int64.random(in: 1_700_000_000..<2_500_000_000, using: &numbers)))
      let now = try #require(
        Instant(
          seconds: expires.seconds - Int64.random(in: 1..<100_000_000, using: &numbers)))
      let cycle = try #require(try pool(expires).billingCycle(at: now), "\(expires) \(now)")
      #expect(cycle.contains(now), "\(expires) \(now)")
      let date = Date(timeIntervalSince1970: Double(expires.seconds))
      let edges = try (0..<50).map { months in
        let edge = try #require(calendar.date(byAdding: .month, value: -months, to: date))
        return Int64(edge.timeIntervalSince1970)
      }
      #expect(edges.first { $0 <= now.seconds } == cycle.lowerBound.seconds, "\(expires) \(now)")
      #expect(edges.last { $0 > now.seconds } == cycle.upperBound.seconds, "\(expires) \(now)")
      if cycle.upperBound < expires {
        let next = try pool(expires).billingCycle(at: cycle.upperBound)
        #expect(next?.lowerBound == cycle.upperBound)
      }
    }
  }
}
