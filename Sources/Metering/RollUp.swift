// RollUp: the sums of a file while it is read, by hour, subject and model.

import Parallelism

/// Why a file has too many different things in it.
struct RollUpLimit: Error {
  let message: String
}

/// An open table of sums.
struct RollUp: Sendable {
  static let subjectsMax = 1 << 20
  static let modelsMax = 1 << 16
  /// Rows of a table; two hundred megabytes of memory.
  static let rowsMax = 1 << 21
  /// Hours count from the year 1 in a key.
  private static let firstHour = 1 << 25

  /// Records whose places are looked at together.
  private static let recordsAhead = 64

  private var keys = KeyTable()
  private var touched: Int32 = 0
  private var rows: [BatchRow] = []
  private var hours: [Int32] = []
  private var latest: [UInt16] = []
  /// Rows that were full, by hour.
  private var full: [(hour: Int32, row: BatchRow)] = []

  /// How many rows there are.
  var rowCount: Int { rows.count }

  /// Adds records, whose subjects and models are the file's.
  mutating func add(_ records: [UsageRecord]) {
    var ahead: [UInt64] = []
    var start = 0
    while start < records.count {
      let end = min(start + Self.recordsAhead, records.count)
      ahead.removeAll(keepingCapacity: true)
      for record in records[start..<end] { ahead.append(Self.key(record)) }
      touched &+= keys.touch(ahead)
      for at in start..<end { add(records[at], ahead[at - start]) }
      start = end
    }
  }

  @inline(__always)
  private static func key(_ record: UsageRecord) -> UInt64 {
    UInt64(Int(record.hour) + firstHour) &<< 36 | UInt64(record.subject) &<< 16
      | UInt64(record.model)
  }

  @inline(__always)
  private mutating func add(_ record: UsageRecord, _ key: UInt64) {
    if let row = keys.find(key) { return merge(record, into: row) }
    keys.add(key)
    rows.append(BatchRow(record))
    hours.append(record.hour)
    latest.append(record.offset)
  }

  private mutating func merge(_ record: UsageRecord, into at: Int) {
    latest[at] = max(latest[at], record.offset)
    let new = BatchRow(record)
    guard !rows[at].add(new) else { return }
    full.append((record.hour, rows[at]))
    rows[at] = new
  }

  /// Makes something of the sorted rows of every hour, on two threads, and calls `body` with it, hour by
  /// hour. What is made of some ten thousand rows at a time is in memory.
  func forEachHour<Made: Sendable, Failure: Error>(
    _ make: @escaping @Sendable (_ hour: Int, _ latest: Int, _ rows: [BatchRow]) -> Made,
    _ body: (Made) throws(Failure) -> Void
  ) throws(Failure) {
    let order = HourlyOrder(self)
    var start = 0
    @Sendable func made(_ hours: Range<Int>) -> [Made] {
      hours.map {
        let (hour, latest, rows) = order.rows(of: $0)
        return make(hour, latest, rows)
      }
    }
    while start < order.hourCount {
      let middle = order.stretch(from: start)
      let end = order.stretch(from: middle)
      let (first, second) =
        middle == end
        ? (made(start..<middle), [])
        : Threads.both({ made(start..<middle) }, { made(middle..<end) })
      for made in first { try body(made) }
      for made in second { try body(made) }
      start = end
    }
  }
}

extension RollUp {
  /// The rows of a table, hour by hour.
  private struct HourlyOrder: Sendable {
    /// Rows that are made something of at once, and those of their last hour.
    private static let stretchRows = 1 << 15

    private let table: RollUp
    /// Rows by hour.
    private let order: [Int32]
    private let full: [(hour: Int32, row: BatchRow)]
    /// Of every hour, where its rows begin in the order and its full ones among those.
    private var starts: [(row: Int, full: Int)] = []
    var hourCount: Int { starts.count }

    init(_ table: RollUp) {
      self.table = table
      order = table.byHour()
      full = table.full.sorted { $0.hour < $1.hour }
      var last: Int32?
      var fullAt = 0
      for (at, row) in order.enumerated() where table.hours[Int(row)] != last {
        last = table.hours[Int(row)]
        while fullAt < full.count, full[fullAt].hour < table.hours[Int(row)] { fullAt += 1 }
        starts.append((at, fullAt))
      }
    }

    /// Behind as many hours as belong together.
    func stretch(from start: Int) -> Int {
      var end = start
      while end < hourCount, starts[end].row - starts[start].row < Self.stretchRows { end += 1 }
      return end
    }

    /// The rows of an hour, sorted, and the offset of its last record.
    func rows(of number: Int) -> (hour: Int, latest: Int, rows: [BatchRow]) {
      let (start, fullStart) = starts[number]
      let end = number + 1 < hourCount ? starts[number + 1].row : order.count
      let hour = table.hours[Int(order[start])]
      var latest: UInt16 = 0
      // Subject and model of a row and its number in the hour, which are quicker to sort than rows.
      var keys: [UInt64] = []
      keys.reserveCapacity(end - start)
      for at in start..<end {
        let row = Int(order[at])
        latest = max(latest, table.latest[row])
        keys.append(
          UInt64(table.rows[row].subject) << 44 | UInt64(table.rows[row].model) << 28
            | UInt64(at - start))
      }
      keys.sort()
      var rows = keys.map { table.rows[Int(order[start + Int($0 & 0xFFF_FFFF)])] }
      let extra = full[fullStart...].prefix { $0.hour == hour }
      if !extra.isEmpty {
        rows += extra.map(\.row)
        rows.sort(by: BatchRow.isBefore)
      }
      return (Int(hour), Int(latest), rows)
    }
  }

  /// More hours than that, and many more than there are rows, are not counted one by one.
  private static let countedHoursMin = 1 << 16

  /// The rows by hour. Nearly always the hours are few, and then counting is quicker than comparing.
  private func byHour() -> [Int32] {
    guard let first = hours.min(), let last = hours.max() else { return [] }
    let span = Int(last) - Int(first) + 1
    guard span <= max(Self.countedHoursMin, rows.count * 4) else {
      return rows.indices.map(Int32.init).sorted { hours[Int($0)] < hours[Int($1)] }
    }
    var places = [Int32](repeating: 0, count: span + 1)
    for hour in hours { places[Int(hour - first) + 1] += 1 }
    for hour in 1...span { places[hour] += places[hour - 1] }
    var order = [Int32](repeating: 0, count: rows.count)
    for (row, hour) in hours.enumerated() {
      let place = Int(hour - first)
      order[Int(places[place])] = Int32(row)
      places[place] += 1
    }
    return order
  }
}
