// DayTextTests: instants in tables and under bars.

import OrgModel
import Testing

@testable import Reporting

@Suite struct DayTextTests {
  @Test(
    arguments: [
      ("2026-11-23", "2026-11-23", "Mon 11-23"),
      ("2026-11-23T08:30:00Z", "2026-11-23 08:30", "Mon 11-23"),
      ("2026-11-23T08:30:07Z", "2026-11-23 08:30:07", "Mon 11-23"),
      ("1970-01-01", "1970-01-01", "Thu 01-01"),
      ("1969-12-31T23:59:59Z", "1969-12-31 23:59:59", "Wed 12-31"),
    ])
  func `an instant is as long as it must be`(_ text: String, _ short: String, _ day: String) throws
  {
    let instant = try #require(Instant(text))
    #expect(DayText.short(instant) == short)
    #expect(DayText.dayOfWeek(of: instant) == day)
  }
}
