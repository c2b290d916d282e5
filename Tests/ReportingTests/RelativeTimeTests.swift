// RelativeTimeTests: distances in the unit that people would choose.

import OrgModel
import Reporting
import Testing

@Suite struct RelativeTimeTests {
  @Test(arguments: [
    ("2026-11-23T08:00:00Z", "now"), ("2026-11-23T08:00:59Z", "now"),
    ("2026-11-23T07:59:01Z", "now"), ("2026-11-23T08:01:00Z", "in 1 minute"),
    ("2026-11-23T08:59:59Z", "in 59 minutes"), ("2026-11-23T09:00:00Z", "in 1 hour"),
    ("2026-11-25T07:59:59Z", "in 47 hours"), ("2026-11-25T08:00:00Z", "in 2 days"),
    ("2026-12-05T08:00:00Z", "in 12 days"), ("2027-01-22T08:00:00Z", "in 60 days"),
    ("2027-01-23T08:00:00Z", "in 2 months"), ("2028-11-23T08:00:00Z", "in 2 years"),
  ])
  func `what is to come is told in its unit`(_ then: String, _ words: String) throws {
    let now = try #require(Instant("2026-11-23T08:00:00Z"))
    #expect(RelativeTime.distance(from: now, to: try #require(Instant(then))) == words)
  }

  @Test(arguments: [
    ("2026-11-23T07:30:00Z", "30 minutes ago"), ("2026-11-23T04:30:00Z", "3 hours ago"),
    ("2026-11-01", "22 days ago"), ("2025-11-23", "12 months ago"), ("1926-11-23", "100 years ago"),
  ])
  func `what is past is told in its unit`(_ then: String, _ words: String) throws {
    let now = try #require(Instant("2026-11-23T08:00:00Z"))
    #expect(RelativeTime.distance(from: now, to: try #require(Instant(then))) == words)
  }

  @Test func `the whole calendar can be spanned`() {
    #expect(RelativeTime.distance(from: .earliest, to: .latest) == "in 9998 years")
  }
}
