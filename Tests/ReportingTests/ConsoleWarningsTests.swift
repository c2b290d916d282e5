// ConsoleWarningsTests: thousands of warnings in a few lines that name the first of them.

import OrgModel
import Testing

@testable import Metering
@testable import Reporting

@Suite struct ConsoleWarningsTests {
  private let now: Instant

  init() throws { now = try #require(Instant("2026-11-23T08:30:00Z")) }

  private func day(_ number: Int64) throws -> Instant {
    try #require(Instant(seconds: now.seconds + number * 86_400))
  }

  /// A seat with so many Credits of 100 used, by the member of that number.
  private func seat(_ number: Int, used: Int128, isUsed: Bool = true) throws -> SeatOutlook {
    try seat("m\(number)", used: used, isUsed: isUsed)
  }

  private func seat(_ name: String, used: Int128, isUsed: Bool = true) throws -> SeatOutlook {
    SeatOutlook(
      member: try #require(Username(name)),
      subscription: try #require(SubscriptionID("pro")),
      assigned: try day(-60), quota: 100_000_000, cycle: try day(-20)..<day(10), end: try day(10),
      used: used * 1_000_000,
      pace: .init(microCredits: used * 1_000_000, seconds: 7 * 86_400), isUsed: isUsed,
      isSeasoned: true)
  }

  private func lines(
    _ seats: [SeatOutlook], unattributed: Int128 = 0, missing: UnusedDoubt? = nil
  ) throws -> [String] {
    let outlook = outlook(of: seats, unattributed: unattributed, missing: missing)
    return ConsolePage.Warning.all(of: OutlookReport(outlook, of: OrgState())).map {
      "\($0.isUrgent ? "!" : "")\($0.label): \($0.sentence)"
    }
  }

  private func outlook(
    of seats: [SeatOutlook], unattributed: Int128 = 0, missing: UnusedDoubt? = nil
  ) -> Outlook {
    Outlook(
      of: OrgState(), at: now,
      extent: UsageExtent(latest: now, isCurrent: true, missing: missing), seats: seats,
      unattributedRequests: unattributed)
  }

  @Test func `each kind is one line with the first names and the number of the others`() throws {
    let used = try (0..<1007).map { try seat($0, used: 100) }
    let running = try (2000..<2006).map { try seat($0, used: 60 + Int128($0 - 2000)) }
    let new = " (new Credits on 2026-12-03)"
    let idle = try (3000..<3002).map { try seat($0, used: 0, isUsed: false) }
    #expect(
      try lines(used + running + idle) == [
        "!Used up: the quota of m0\(new), of m1\(new), of m2\(new), of m3\(new), of m4\(new), "
          + "and of 1,002 more",
        "Runs out: at the pace of 7 days, the quota of m2005 on 2026-11-27\(new), "
          + "of m2004 on 2026-11-27\(new), of m2003 on 2026-11-27\(new), "
          + "of m2002 on 2026-11-27\(new), of m2001 on 2026-11-27\(new), and of 1 more later",
        "Unused: 2 seats without a call in 30 days, of m3000 and m3001",
      ])
  }

  @Test func `whom a line only counts is told behind it, with the date, up to a limit`() throws {
    let used = try (0..<1007).map { try seat($0, used: 100) }
    let running = try (2000..<2007).map { try seat($0, used: 60 + Int128($0 - 2000)) }
    let warnings = ConsolePage.Warning.all(
      of: OutlookReport(outlook(of: used + running), of: OrgState()))
    try #require(warnings.map(\.label) == ["Used up", "Runs out"])
    let new = " (new Credits on 2026-12-03)"
    let named = (5..<305).map { "m\($0)" }.joined(separator: ", ")
    #expect(warnings[0].others.lines == ["new Credits on 2026-12-03: \(named)"])
    #expect(warnings[0].others.shown == 300 && warnings[0].others.count == 1002)
    #expect(
      warnings[1].others.lines == ["on 2026-11-27\(new): m2001", "on 2026-11-28\(new): m2000"])
    #expect(warnings[1].others.shown == 2 && warnings[1].others.count == 2)
    let one = OutlookReport(outlook(of: [used[0]]), of: OrgState())
    #expect(ConsolePage.Warning.all(of: one)[0].others.lines == [])
  }

  @Test func `of many subscriptions that expire the first have a line, and one has the others`()
    throws
  {
    var state = OrgState()
    try state.apply(
      .createOrganization(name: "acme", baseURL: nil, policy: .standard), at: now)
    for number in 1...9 {
      let id = try #require(SubscriptionID("s\(number)"))
      try state.apply(
        .putSubscription(
          Subscription(id: id, tier: id, seats: 1, expires: try day(Int64(number)), credits: nil)),
        at: now)
    }
    let report = OutlookReport(Outlook(of: state, at: now), of: state)
    let warnings = ConsolePage.Warning.all(of: report)
    #expect(warnings.map(\.label) == Array(repeating: "Subscription expires", count: 6))
    #expect(warnings[0].sentence.hasPrefix("s1 with 0 seats held, in 24 hours, on "))
    #expect(warnings[5].sentence == "4 other subscriptions within 30 days")
    #expect(warnings[5].others.lines.map { $0.prefix(2) } == ["s6", "s7", "s8", "s9"])
  }

  @Test func `names of any length take no more bytes than there are for them`() throws {
    let used = try (100..<405).map { number in
      try seat(String(repeating: "m", count: 61) + String(number), used: 100)
    }
    let warnings = ConsolePage.Warning.all(of: OutlookReport(outlook(of: used), of: OrgState()))
    let others = try #require(warnings.first).others
    #expect(others.shown == 151 && others.count == 300)
    #expect(others.lines.map { $0.split(separator: ",").count } == [151])
  }

  @Test func `a seat that seems unused may be behind calls that are nobody's`() throws {
    let seats = [try seat(1, used: 1), try seat(2, used: 0, isUsed: false)]
    #expect(
      try lines(seats, unattributed: 1200) == [
        "Unused: 1 seat without a call in 30 days, of m2; unless 1,200 unattributed calls were theirs"
      ])
    let one = try lines(seats, unattributed: 1)
    #expect(one[0].hasSuffix("; unless 1 unattributed call was theirs"))
  }

  @Test func `where unused seats cannot be told the page says why`() throws {
    let idle = try (0..<3).map { try seat($0, used: 0, isUsed: false) }
    let from = try day(-13)
    #expect(
      try lines(idle, missing: .knownSince(from)) == [
        "Usage is missing: which seats are unused is not told: usage is known only since 2026-11-10; "
          + "3 seats have no record of 30 days"
      ])
    #expect(
      try lines([idle[0]], missing: .gap(from, day(-4))) == [
        "Usage is missing: which seats are unused is not told: there is no record at all from "
          + "2026-11-10 08:30 to 2026-11-19 08:30; 1 seat has no record of 30 days"
      ])
    #expect(
      try lines(idle, unattributed: 1200) == [
        "Usage is missing: which seats are unused is not told: no record is of a seat's holder, "
          + "1,200 requests are nobody's; 3 seats have no record of 30 days"
      ])
    // All were used: nothing is kept back.
    #expect(try lines([seat(1, used: 1)], missing: .knownSince(from)) == [])
  }

  @Test func `one of a kind needs no number, and none no line`() throws {
    #expect(
      try lines([seat(7, used: 100)])
        == ["!Used up: the quota of m7 (new Credits on 2026-12-03)"])
    #expect(try lines([seat(7, used: 1)]) == [])
  }
}
