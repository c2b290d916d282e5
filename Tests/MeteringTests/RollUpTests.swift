// RollUpTests: the sums of a file against a dictionary of records.

import Testing

@testable import Metering

@Suite struct RollUpTests {
  /// A generator of which the seed tells everything.
  private struct Dice {
    var state: UInt64

    mutating func roll(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  private struct Key: Hashable {
    let hour: Int32
    let subject: Int32
    let model: Int32
  }

  /// So few hours that they are counted one by one, also before the year 1970, and so many that they are
  /// compared; so many rows that two threads make them, more than once.
  @Test(arguments: [(1, 5000), (700, 130_000), (70_000, 5000), (80_000_000, 5000)])
  func `rows come hour by hour, by subject and model, and add up`(
    _ hours: Int, _ count: Int
  ) {
    var dice = Dice(state: UInt64(hours))
    var rollUp = RollUp()
    var records: [UsageRecord] = []
    var sums: [Key: (credits: Int128, requests: Int128)] = [:]
    var newest: [Int32: UInt16] = [:]
    for number in 0..<count {
      var record = UsageRecord()
      record.hour = Int32(dice.roll(hours)) - Int32(min(hours, 1_000_000) / 2)
      record.offset = UInt16(dice.roll(3600))
      record.subject = Int32(dice.roll(number % 2 == 0 ? 40 : RollUp.subjectsMax))
      record.model = Int32(dice.roll(number % 3 == 0 ? 3 : RollUp.modelsMax))
      // Some sums do not fit a row.
      record.microCredits = number % 50 == 0 ? .max - 5 : Int64(dice.roll(1_000_000))
      record.requests = 1
      records.append(record)
      let key = Key(hour: record.hour, subject: record.subject, model: record.model)
      let old = sums[key] ?? (0, 0)
      sums[key] = (old.credits + Int128(record.microCredits), old.requests + 1)
      newest[record.hour] = max(newest[record.hour] ?? 0, record.offset)
    }
    rollUp.add(records)
    var last: Int?
    var found: [Key: (credits: Int128, requests: Int128)] = [:]
    rollUp.forEachHour({ ($0, $1, $2) }) { made in
      let (hour, latest, rows) = made
      if let last { #expect(last < hour) }
      last = hour
      #expect(newest[Int32(hour)] == UInt16(latest) && !rows.isEmpty)
      for (before, row) in zip(rows, rows.dropFirst()) {
        #expect(!BatchRow.isBefore(row, before))
      }
      for row in rows {
        let key = Key(hour: Int32(hour), subject: row.subject, model: row.model)
        let old = found[key] ?? (0, 0)
        found[key] = (old.credits + Int128(row.microCredits), old.requests + Int128(row.requests))
      }
    }
    #expect(found.count == sums.count)
    for (key, sum) in sums {
      #expect(found[key]?.credits == sum.credits && found[key]?.requests == sum.requests)
    }
  }
}
