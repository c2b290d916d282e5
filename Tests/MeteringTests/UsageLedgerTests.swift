// UsageLedgerTests: what the ledger says is what adding up event by event says.

import CommitStore
import DiskSimulation
import OrgModel
import Testing

@testable import Metering

@Suite struct UsageLedgerTests {
  /// Instants where windows, days, hours and the leap day of 2028 begin and end.
  private static let nows = [
    "2026-11-23T08:30:00Z", "2026-11-23T00:00:00Z", "2026-11-23T23:59:59Z", "2028-02-29T12:00:00Z",
    "2028-03-01T00:00:00Z", "1970-01-02T03:04:05Z", "1969-12-31T23:00:00Z", "2027-01-01T00:00:01Z",
  ]

  /// Events near everything that could be told apart wrongly.
  private static func events(_ now: Instant, _ dice: inout Dice, count: Int) -> [Event] {
    let nanos: Int128 = 1_000_000_000
    let edges: [Int64] = [
      now.seconds, now.seconds - now.seconds % 3600, now.seconds - 23 * 3600,
      now.seconds - now.seconds % 86_400, now.seconds - 7 * 86_400, now.seconds - 30 * 86_400,
      now.seconds - now.seconds % 86_400 - 6 * 86_400,
      now.seconds - now.seconds % 86_400 - 29 * 86_400,
    ]
    let subjects: [UsageSubject] =
      ["alice", "bob", "carol"].compactMap { Username($0).map { .member($0) } }
      + [.key(KeyID(number: 7)), .key(KeyID(number: -7)), .unknown]
    return (0..<count).map { _ in
      var time: Int128
      if dice.roll(2) == 0 {
        time = Int128(edges[dice.roll(edges.count)]) * nanos
        time += [-nanos, -1, 0, 1, nanos / 2, nanos, 3600 * nanos, -3600 * nanos][dice.roll(8)]
      } else {
        time = Int128(now.seconds) * nanos + Int128(dice.roll(3600)) * nanos
        time -= Int128(dice.roll(40 * 86_400)) * nanos + Int128(dice.roll(2)) * 500_000_000
      }
      return Event(
        nanoseconds: time, subject: subjects[dice.roll(subjects.count)],
        model: ["qwen3-max", "a", "Ünï"][dice.roll(3)],
        micros: [0, 1, 999_999, Int64(dice.roll(1 << 40)), 1_000_000][dice.roll(5)],
        requests: Int64(dice.roll(4)))
    }
  }

  @Test(arguments: nows.indices)
  func `every figure is that of adding up event by event`(_ index: Int) throws {
    let now = try #require(Instant(Self.nows[index]))
    var dice = Dice(state: UInt64(index) + 1)
    let events = Self.events(now, &dice, count: 400)
      .filter { $0.nanoseconds >= 0 || $0.nanoseconds % 1_000_000_000 == 0 }
    let site = UsageSite()
    // Over several files, so that there are merged batches and single ones.
    var start = 0
    var serial = 0
    while start < events.count {
      let end = min(events.count, start + 1 + dice.roll(40))
      let text = events[start..<end].map { $0.json(offsetHours: dice.roll(25) - 12) }.joined()
      #expect(try site.take(text, name: "\(serial)").isNew)
      if dice.roll(2) == 0 { try site.ingest().compact() }
      start = end
      serial += 1
    }
    for days in UsageWindow.lengths {
      try check(site.ledger, NaiveUsage(events: events, days: days, now: now))
    }
    try site.ingest().compact()
    for days in UsageWindow.lengths {
      try check(site.ledger, NaiveUsage(events: events, days: days, now: now))
    }
  }

  @Test(arguments: nows.indices)
  func `a file of too many sums for one table has the same figures`(_ index: Int) throws {
    let now = try #require(Instant(Self.nows[index]))
    var dice = Dice(state: UInt64(index) + 100)
    let events = Self.events(now, &dice, count: 600)
      .filter { $0.nanoseconds >= 0 || $0.nanoseconds % 1_000_000_000 == 0 }
    let text = events.map { $0.json(offsetHours: 0) }.joined()
    for rowsMax in [20, 50, 150] {
      var site = UsageSite()
      (site.blockBytes, site.rowsMax) = (2000, rowsMax)
      #expect(try site.take(text).source.records == events.count)
      for days in UsageWindow.lengths {
        try check(site.ledger, NaiveUsage(events: events, days: days, now: now))
      }
    }
  }

  @Test func `a file of too many sums altogether is to be split`() throws {
    var site = UsageSite()
    (site.blockBytes, site.rowsMax) = (100, 1)
    let text = (0..<100).map {
      "{\"time\":\($0 * 3600),\"member\":\"a\",\"model\":\"m\",\"credits\":1}\n"
    }
    let error = #expect(throws: IngestError.self) { try site.take(text.joined()) }
    guard case .invalid(let findings, 1) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(findings.first?.message.hasSuffix("; split it") == true && site.files == [])
    #expect(try site.take(text[..<30].joined()).source.records == 30)
  }

  private func check(_ ledger: UsageLedger, _ naive: NaiveUsage) throws {
    let window = UsageWindow(days: naive.days, now: naive.now)
    let table = try ledger.table(for: window)
    #expect(table.trend() == naive.trend, "\(window)")
    #expect(
      Dictionary(uniqueKeysWithValues: table.models().map { ($0.model, $0.totals) })
        == naive.models, "\(window)")
    for (subject, totals) in naive.subjects {
      #expect(table.trend(of: { $0 == subject }).total == totals, "\(window) \(subject)")
    }
    #expect(Set(table.subjects) == Set(naive.subjects.keys))
    let (members, rest) = table.members {
      if case .member(let name) = $0 { name } else { nil }
    }
    #expect(
      members.map(\.totals).total.microCredits + rest.microCredits
        == naive.trend.total.microCredits)
    let sorted = members.sorted {
      ($1.totals.microCredits, $0.member.text) < ($0.totals.microCredits, $1.member.text)
    }
    #expect(members == sorted)
    // What is not told apart is added up all the same.
    #expect(try ledger.table(for: window, by: []).trend() == naive.trend, "\(window)")
    let models = try ledger.table(for: window, by: .models).models()
    #expect(Dictionary(uniqueKeysWithValues: models.map { ($0.model, $0.totals) }) == naive.models)
    let alone = try ledger.table(for: window, by: .subjects).members {
      if case .member(let name) = $0 { name } else { nil }
    }
    #expect(alone.members == members && alone.unattributed == rest, "\(window)")
  }

  /// Pairs of which each has a place, that get more places, and that are too many for that.
  @Test(arguments: [(3, 2), (500, 3), (100, 40), (9000, 9), (30_000, 1)])
  func `sums are found by member and model, few or many`(_ members: Int, _ models: Int) throws {
    let now = try #require(Instant("2026-11-23T08:00:00Z"))
    var builder = UsageTableBuilder(UsageWindow(days: 7, now: now), [.subjects, .models])
    var dice = Dice(state: UInt64(members))
    var expected: [String: Int128] = [:]
    for number in 0..<60_000 {
      // New models come up to the end, when there are many members.
      let known = 1 + models * number / 60_000
      let (member, model, bucket) = (dice.roll(members), dice.roll(known), dice.roll(7))
      let name = try #require(Username("m\(member)"))
      builder.add(
        UsageTotals(microCredits: 1, requests: 1, inputTokens: 0, outputTokens: 0),
        subject: builder.number(of: .member(name)), model: builder.number(of: "\(model)"),
        bucket: bucket)
      expected["m\(member) \(model) \(bucket)", default: 0] += 1
    }
    let table = builder.table()
    var found: [String: Int128] = [:]
    for (bucket, cells) in table.cells.enumerated() {
      for cell in cells {
        guard case .member(let name) = table.subjects[Int(cell.subject)] else { continue }
        let key = "\(name) \(table.models[Int(cell.model)]) \(bucket)"
        #expect(found.updateValue(cell.totals.microCredits, forKey: key) == nil)
      }
    }
    #expect(found == expected)
  }

  /// Some of which `String` takes for one: canonical equivalents.
  @Test func `models are told apart by their bytes`() throws {
    let now = try #require(Instant(seconds: 60))
    let names = ["K", "\u{212A}", "m\u{E9}", "me\u{301}", "gpt;x", "gpt\u{37E}x"]
    let site = UsageSite()
    func text(_ name: String, _ credits: Int) -> String {
      "{\"time\":0,\"member\":\"a\",\"model\":\"\(name)\",\"credits\":\(credits)}\n"
    }
    try site.take(names.enumerated().map { text($1, 1 << $0) }.joined())
    for (number, name) in names.enumerated() { try site.take(text(name, 1 << number + 8)) }
    for number in 7..<16 { try site.take(text("other", number)) }
    for _ in 0..<2 {
      let table = try site.ledger.table(for: UsageWindow(days: 1, now: now))
      let found = table.models().filter { $0.model != "other" }
        .map { (Array($0.model.utf8), Int($0.totals.microCredits / 1_000_000)) }
      let expected = names.enumerated().map { (Array($1.utf8), (1 << $0) + (1 << $0 + 8)) }
        .reversed()
      #expect(found.map(\.0) == expected.map(\.0) && found.map(\.1) == expected.map(\.1))
      try site.ingest().compact()
      #expect(site.files == ["000000000001-000000000016.usage"])
    }
  }

  @Test func `a record counts from its very instant on`() throws {
    let site = UsageSite()
    let second = try #require(Instant("2026-11-23T08:30:00Z"))
    try site.take(
      """
      {"time":"2026-11-23T08:30:00.000000001Z","member":"a","model":"m","credits":1}
      {"time":"2026-11-23T08:30:00Z","member":"b","model":"m","credits":10}
      {"time":"2026-11-23T08:59:59.9Z","member":"c","model":"m","credits":100}
      """)
    func credits(_ seconds: Int64) throws -> Int128 {
      let now = try #require(Instant(seconds: second.seconds + seconds))
      let table = try site.ledger.table(for: UsageWindow(days: 1, now: now))
      return table.trend().total.microCredits / 1_000_000
    }
    #expect(try credits(-1) == 0)
    #expect(try credits(0) == 10)
    #expect(try credits(1) == 11)
    #expect(try credits(1799) == 11)
    #expect(try credits(1800) == 111)
    // At nine the bucket of eight o'clock is the one before the last.
    let nine = try #require(Instant(seconds: second.seconds + 1800))
    let trend = try site.ledger.table(for: UsageWindow(days: 1, now: nine)).trend()
    #expect(trend[22].microCredits == 111_000_000 && trend[23] == .zero)
  }

  @Test func `sums of the largest amounts are exact`() throws {
    let site = UsageSite()
    let line =
      "{\"time\":0,\"member\":\"a\",\"model\":\"m\",\"credits\":1000000000000,"
      + "\"requests\":1000000000000000}\n"
    for part in 0..<17 {
      try site.take(String(repeating: line, count: 30) + String(repeating: "\n", count: part))
    }
    try site.ingest().compact()
    #expect(site.files.count == 2)
    let now = try #require(Instant(seconds: 60))
    let total = try site.ledger.table(for: UsageWindow(days: 1, now: now)).trend().total
    #expect(total.microCredits == (510 as Int128) * 1_000_000_000_000_000_000)
    #expect(total.requests == (510 as Int128) * 1_000_000_000_000_000)
  }

  @Test func `the last use is the latest that is not after now`() throws {
    let site = UsageSite()
    try site.take(
      """
      {"time":"2026-11-20T08:30:00Z","member":"a","model":"m","credits":1}
      {"time":"2026-11-23T08:30:00Z","member":"a","model":"m","credits":1}
      {"time":"2026-11-23T08:45:00Z","member":"b","model":"m","credits":1}
      """)
    func last(_ now: String) throws -> [String] {
      try site.ledger.lastUse(upTo: try #require(Instant(now))).map { "\($0.subject) \($0.hour)" }
    }
    let a = UsageSubject.member(try #require(Username("a")))
    let b = UsageSubject.member(try #require(Username("b")))
    #expect(try last("2026-11-19T00:00:00Z") == [])
    #expect(try last("2026-11-22T00:00:00Z") == ["\(a) 2026-11-20T08:00:00Z"])
    #expect(try last("2026-11-23T08:40:00Z") == ["\(a) 2026-11-23T08:00:00Z"])
    #expect(
      try last("2026-11-23T09:00:00Z")
        == ["\(a) 2026-11-23T08:00:00Z", "\(b) 2026-11-23T08:00:00Z"])
  }

  @Test func `any changed byte of a batch is found, or changes nothing that is asked`() throws {
    let site = UsageSite()
    let now = try #require(Instant("2026-11-23T08:40:00Z"))
    try site.take(
      """
      {"time":"2026-11-23T08:30:00Z","member":"a","model":"m","credits":1.5}
      {"time":"2026-11-23T08:50:00Z","key_id":"k_0123456789abcdef","model":"n","credits":2}
      """)
    let window = UsageWindow(days: 30, now: now)
    let sound = try site.ledger.table(for: window).trend()
    let path = "\(UsageSite.store)/usage/\(site.files[0])"
    let bytes = try #require(site.disk.image.bytes(path))
    for index in bytes.indices {
      for change in [0x01, 0x80, 0xFF] as [UInt8] {
        var forged = bytes
        forged[index] ^= change
        let other = UsageSite()
        try other.write(forged, as: site.files[0])
        do throws(MeteringError) {
          let trend = try other.ledger.table(for: window).trend()
          #expect(trend == sound, "\(index)")
        } catch {
          if case .store = error { Issue.record("\(index): \(error)") }
        }
      }
    }
    for count in 0..<bytes.count {
      let other = UsageSite()
      try other.write(Array(bytes[..<count]), as: site.files[0])
      #expect(throws: MeteringError.self) { try other.ledger.table(for: window) }
    }
  }
}

extension UsageSite {
  /// Puts a batch of any content there.
  func write(_ bytes: [UInt8], as name: String) throws {
    let draft = try medium.draft()
    try draft.append(bytes)
    _ = try draft.publish(as: name, unless: { false })
    draft.discard()
  }
}
