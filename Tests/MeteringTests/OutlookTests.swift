// OutlookTests: who runs out and which seats are unused is what the plainest computation says, and what
// cannot be known is not told.

import Digests
import OrgModel
import Testing

@testable import Metering

@Suite struct OutlookTests {
  private static let nows = [
    "2026-11-23T08:30:00Z", "2026-11-23T00:00:00Z", "2026-11-23T23:59:59Z", "2028-02-29T12:00:00Z",
    "2028-03-01T00:00:00Z", "2027-01-01T00:00:01Z", "2027-03-31T00:00:00Z", "2027-03-30T23:59:59Z",
  ]

  @Test(arguments: nows)
  func `every warning is that of the plainest computation`(_ text: String) throws {
    let now = try #require(Instant(text))
    var kinds: Set<OutlookWarning.Kind> = []
    for seed in 0..<60 {
      var dice = Dice(state: UInt64(seed) &* 7919 &+ UInt64(now.seconds))
      let org = MadeUpOrg(now, &dice)
      let state = try #require(OrgState(org.facts), "\(seed)")
      let site = UsageSite()
      // Over some files, so that batches are split and merged.
      for start in stride(from: 0, to: org.events.count, by: 11) {
        try site.take(
          org.events[start..<min(start + 11, org.events.count)].map { $0.json() }.joined(),
          name: "\(start)")
      }
      if seed % 3 == 0 { try site.ingest().compact() }
      let naive = NaiveOutlook(org, at: now)
      let outlook = try site.ledger.outlook(of: state, at: now)
      guard let outlook else {
        #expect(naive.events.isEmpty, "seed \(seed)")
        continue
      }
      let told = outlook.warnings.filter { $0.kind != .subscriptionExpires }
      #expect(Set(told.map(Self.line)) == naive.warnings, "seed \(seed)")
      #expect(told.count == naive.warnings.count, "seed \(seed)")
      #expect(outlook.unattributedRequests == naive.unattributedRequests, "seed \(seed)")
      #expect(outlook.seats.map(\.member) == naive.seated.map(\.name), "seed \(seed)")
      kinds.formUnion(told.map(\.kind))
    }
    #expect(kinds == Set(OutlookWarning.Kind.allCases).subtracting([.subscriptionExpires]))
  }

  private static func line(_ warning: OutlookWarning) -> String {
    switch warning {
    case .quotaRunsOut(let seat, let instant):
      return "\(warning.kind.rawValue) \(seat.member) \(instant)"
    case .unusedUnknown(let seats, _): return "\(warning.kind.rawValue) \(seats.count)"
    default: return warning.kind.rawValue + (warning.seat.map { " \($0.member)" } ?? "")
    }
  }

  // MARK: - One thing at a time

  /// An organization of one owner and one seat, and a month of somebody's usage.
  private struct Case {
    var credits: Int? = 10
    var assigned = "2026-10-01T00:00:00Z"
    var expires = "2027-01-23T08:30:00Z"
    var until: String?
    /// Issued and revoked.
    var keys: [(String, String?)] = [("2026-10-01T00:00:00Z", nil)]
    var now = OutlookTests.now
    var lines: [(time: String, member: String, credits: String)] = []

    /// The owner calls once a day at ten, up to a day.
    mutating func background(to last: Int = 22, of month: String = "2026-11") {
      for day in 1...31 {
        lines.append(("2026-10-\(day < 10 ? "0" : "")\(day)T10:00:00Z", "a", "0"))
      }
      for day in 1...last {
        lines.append(("\(month)-\(day < 10 ? "0" : "")\(day)T10:00:00Z", "a", "0"))
      }
    }

    func warnings() throws -> [String] {
      try outlook()?.warnings.map(OutlookTests.line) ?? ["-"]
    }

    func outlook() throws -> Outlook? {
      let id = try #require(SubscriptionID("s"))
      let (a, b) = (try #require(Username("a")), try #require(Username("b")))
      let start = try #require(Instant("2026-09-01"))
      let records = try keys.enumerated().map { number, key in
        KeyRecord(
          credential: Credential(digest: SHA256.hash([UInt8(number)]), masked: "usk_…"), member: b,
          subscription: id, number: 1, issued: try #require(Instant(key.0)),
          revoked: key.1.flatMap { Instant($0) })
      }
      let seat = Seat(
        subscription: id, until: until.flatMap { Instant($0) },
        assigned: try #require(Instant(assigned)),
        key: records.first { $0.revoked == nil }?.credential.id, keyNumber: 1, isLapsed: false)
      let facts = OrgFacts(
        organization: "acme", baseURL: nil, policy: .standard,
        subscriptions: [
          Subscription(
            id: id, tier: id, seats: 2, expires: try #require(Instant(expires)), credits: credits)
        ],
        members: [
          Member(username: a, role: .owner, added: start),
          Member(username: b, role: .member, added: start, seat: seat),
        ], keys: records.sorted { $0.credential.id < $1.credential.id }, tokens: [])
      let state = try #require(OrgState(facts))
      let site = UsageSite()
      if !lines.isEmpty {
        try site.take(
          lines.map {
            "{\"time\":\"\($0.time)\",\"member\":\"\($0.member)\",\"model\":\"m\","
              + "\"credits\":\($0.credits)}\n"
          }.joined())
      }
      return try site.ledger.outlook(of: state, at: now)
    }
  }

  private static let now = Instant("2026-11-23T08:30:00Z") ?? .latest

  @Test(
    arguments: [
      (10, ["9.999999"], []), (10, ["4", "6"], ["quota_exhausted b"]),
      (10, ["10.000001"], ["quota_exhausted b"]), (0, ["0"], []),
      (0, ["0.000001"], ["quota_exhausted b"]), (nil, ["1000000"], []),
    ] as [(Int?, [String], [String])])
  func `Credits are used up once the last millionth is`(
    _ quota: Int?, _ credits: [String], _ expected: [String]
  ) throws {
    // The seat is new, so that it is not unused, and the cycle ends before a day has passed.
    var one = Case(
      credits: quota, assigned: "2026-11-10T00:00:00Z", expires: "2026-12-24T08:00:00Z")
    one.keys = [("2026-11-10T00:00:00Z", nil)]
    one.now = try #require(Instant("2026-11-24T07:59:59Z"))
    one.lines = credits.map { ("2026-11-24T07:00:00Z", "b", $0) }
    #expect(try one.warnings() == expected)
  }

  @Test func `what was used before the cycle or the seat began counts for nothing`() throws {
    var one = Case(assigned: "2026-11-10T12:30:00Z", expires: "2027-01-23T08:00:00Z")
    one.keys = [("2026-11-10T12:30:00Z", nil)]
    one.lines = [("2026-11-23T07:59:59Z", "b", "100")]
    #expect(try one.warnings() == ["quota_runs_out b 2026-11-24T01:21:00Z"])
    one.lines = [("2026-11-23T08:00:00Z", "b", "100")]
    #expect(try one.warnings() == ["quota_exhausted b"])
    one.expires = "2027-01-31"
    one.lines = [("2026-11-10T11:59:59Z", "b", "100")]
    #expect(try !one.warnings().contains("quota_exhausted b"))
    // To the hour.
    one.lines = [("2026-11-10T12:00:00Z", "b", "100")]
    #expect(try one.warnings().contains("quota_exhausted b"))
  }

  @Test func `Credits that last just until new ones come do not run out`() throws {
    // Half of them in the last seven days: seven more, to the second.
    var one = Case(assigned: "2026-11-01T00:00:00Z", expires: "2026-12-30T08:00:00Z")
    one.now = try #require(Instant("2026-11-23T08:00:00Z"))
    one.keys = [("2026-11-01T00:00:00Z", nil)]
    one.lines = [("2026-11-20T08:00:00Z", "b", "5")]
    #expect(try one.warnings() == [])
    one.expires = "2026-12-30T08:00:01Z"
    #expect(try one.warnings() == ["quota_runs_out b 2026-11-30T08:00:00Z"])
    one.until = "2026-11-30T08:00:00Z"
    #expect(try one.warnings() == [])
    // A record of the hour in which the seven days begin counts, one before does not.
    one.until = nil
    one.lines = [("2026-11-16T08:00:00Z", "b", "5"), ("2026-11-23T07:00:00Z", "a", "0")]
    #expect(try one.warnings() == ["quota_runs_out b 2026-11-30T08:00:00Z"])
    one.lines = [("2026-11-16T07:59:59Z", "b", "5"), ("2026-11-23T07:00:00Z", "a", "0")]
    #expect(try one.warnings() == [])
  }

  @Test func `a seat is unused if it was held and could be used for 30 days`() throws {
    var one = Case()
    one.background()
    #expect(try one.warnings() == ["seat_unused b"])
    // Exactly 30 days, and a second less.
    one.assigned = "2026-10-24T08:30:00Z"
    #expect(try one.warnings() == ["seat_unused b"])
    one.assigned = "2026-10-24T08:30:01Z"
    #expect(try one.warnings() == [])
    one.assigned = "2026-10-01T00:00:00Z"
    // Used in the hour in which the 30 days begin, and before.
    let quiet = one.lines
    one.lines.append(("2026-10-24T08:00:00Z", "b", "0"))
    #expect(try one.warnings() == [])
    one.lines = quiet + [("2026-10-24T07:59:59Z", "b", "0")]
    #expect(try one.warnings() == ["seat_unused b"])
    // A call that is yet to come is none.
    one.lines = quiet + [("2026-11-23T08:30:01Z", "b", "0")]
    #expect(try one.warnings() == ["seat_unused b"])
    one.lines = quiet + [("2026-11-23T08:30:00Z", "b", "0")]
    #expect(try one.warnings() == [])
  }

  @Test func `a seat whose key did not work all the time is not called unused`() throws {
    var one = Case()
    one.background()
    one.keys = [("2026-10-24T08:30:01Z", nil)]
    #expect(try one.warnings() == [])
    one.keys = [("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z")]
    #expect(try one.warnings() == [])
    // Rotated, twice.
    one.keys = [
      ("2026-10-01T00:00:00Z", "2026-10-25T00:00:00Z"),
      ("2026-10-25T00:00:00Z", "2026-11-01T00:00:00Z"), ("2026-11-01T00:00:00Z", nil),
    ]
    #expect(try one.warnings() == ["seat_unused b"])
    // Revoked because it leaked, and issued again by the next plan.
    one.keys = [("2026-10-01T00:00:00Z", "2026-10-31T23:59:59Z"), ("2026-11-01T00:00:00Z", nil)]
    #expect(try one.warnings() == [])
  }

  @Test func `where usage is missing no seat is called unused, and that is said`() throws {
    var one = Case()
    one.background()
    let all = one.lines
    // Younger than 30 days.
    one.lines = all.filter { $0.time >= "2026-10-24T09:00:00Z" }
    #expect(try one.warnings() == ["unused_unknown 1"])
    one.lines.append(("2026-10-24T08:59:59Z", "a", "0"))
    #expect(try one.warnings() == ["seat_unused b"])
    // A single old record does not make up for it.
    one.lines = all.filter { $0.time >= "2026-11-10" } + [("1970-01-01T00:00:00Z", "a", "0")]
    #expect(try one.warnings() == ["unused_unknown 1"])
    // A hole of a week and an hour, and one of a week.
    one.lines = all.filter { $0.time < "2026-11-02" || $0.time >= "2026-11-08T11" }
    one.lines.append(("2026-11-08T11:00:00Z", "a", "0"))
    #expect(try one.warnings() == ["unused_unknown 1"])
    one.lines.append(("2026-11-08T10:59:59Z", "a", "0"))
    #expect(try one.warnings() == ["seat_unused b"])
    // None for three days and an hour, and for three days.
    one.lines = all.filter { $0.time < "2026-11-20" } + [("2026-11-20T07:59:59Z", "a", "0")]
    #expect(try one.warnings() == ["usage_stale"])
    one.lines.append(("2026-11-20T08:00:00Z", "a", "0"))
    #expect(try one.warnings() == ["seat_unused b"])
    one.lines = []
    #expect(try one.warnings() == ["-"])
    // Whoever has used their seat leaves nothing to be said.
    one.lines = [("2026-11-20T08:00:00Z", "b", "0")]
    #expect(try one.warnings() == [])
  }

  @Test func `what is missing is told to the hour`() throws {
    var one = Case()
    one.background()
    let all = one.lines
    func doubt() throws -> UnusedDoubt? {
      for case .unusedUnknown(_, let doubt) in try one.outlook()?.warnings ?? [] { return doubt }
      return nil
    }
    func hour(_ text: String) throws -> Instant { try #require(Instant(text)) }
    one.lines = all.filter { $0.time >= "2026-11-12" } + [("2026-11-11T23:59:59Z", "a", "0")]
    #expect(try doubt() == .knownSince(hour("2026-11-11T23:00:00Z")))
    // Of two gaps the last.
    one.lines = [
      ("2026-10-20T10:59:59Z", "a", "0"), ("2026-11-01T10:00:00Z", "a", "0"),
      ("2026-11-10T10:00:00Z", "a", "0"), ("2026-11-20T12:30:00Z", "a", "0"),
    ]
    one.lines.append(("2026-11-10T11:59:59Z", "a", "0"))
    #expect(
      try doubt() == .gap(hour("2026-11-10T12:00:00Z"), hour("2026-11-20T12:00:00Z")))
    one.lines = all.map { ($0.time, "A", $0.credits) }
    // From the hour on in which the 30 days begin: ten o'clock of thirty days.
    #expect(try doubt() == .unattributed(requests: 30))
  }

  @Test func `where nobody knows whose any call was no seat is called unused, and that is said`()
    throws
  {
    var one = Case()
    one.background()
    one.lines = one.lines.map { ($0.time, "A", $0.credits) }
    #expect(try one.warnings() == ["unused_unknown 1"])
    one.lines.append(("2026-11-20T10:00:00Z", "a", "0"))
    // The owner has no seat: their calls say nothing of whose the others are.
    #expect(try one.warnings() == ["unused_unknown 1"])
  }

  @Test(
    arguments: [
      ("2026-11-23T08:30:00Z", []), ("2026-11-23T08:30:01Z", ["subscription_expires"]),
      ("2026-12-23T08:30:00Z", ["subscription_expires"]), ("2026-12-23T08:30:01Z", []),
    ] as [(String, [String])])
  func `an expiry within 30 days is told, one that has passed is not`(
    _ expires: String, _ expected: [String]
  ) throws {
    var one = Case(credits: nil, assigned: "2026-11-10", expires: expires)
    one.lines = [("2026-11-23T08:00:00Z", "b", "1")]
    #expect(try one.warnings() == expected)
  }
}
