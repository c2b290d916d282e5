// RollUp: the sums of a file while it is read, by hour, subject and model.

/// Why a file has too many different things in it.
struct RollUpLimit: Error {
  let message: String
}

/// An open table of sums.
struct RollUp: Sendable {
  static let subjectsMax = 1 << 20
  static let modelsMax = 1 << 16
  /// Rows of a file; some hundred megabytes of memory.
  static let rowsMax = 1 << 22
  /// Hours count from the year 1 in a key.
  private static let firstHour = 1 << 25

  private var keys = KeyTable()
  private var rows: [BatchRow] = []
  private var hours: [Int32] = []
  private var latest: [UInt16] = []
  /// Rows that were full, by hour.
  private var full: [(hour: Int32, row: BatchRow)] = []

  /// Adds a record, whose subject and model are the file's.
  @inline(__always)
  mutating func add(_ record: UsageRecord) throws(RollUpLimit) {
    let key =
      UInt64(Int(record.hour) + Self.firstHour) &<< 36 | UInt64(record.subject) &<< 16
      | UInt64(record.model)
    if let row = keys.find(key) { return merge(record, into: row) }
    guard rows.count < Self.rowsMax else {
      throw RollUpLimit(
        message: "the file has more than \(Self.rowsMax) combinations of hour, member and model")
    }
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

  /// Calls `body` with the sorted rows of every hour, hour by hour.
  func forEachHour<Failure: Error>(
    _ body: (_ hour: Int, _ latest: Int, _ rows: [BatchRow]) throws(Failure) -> Void
  ) throws(Failure) {
    let order = byHour()
    // Subject and model of a row and its number in the hour, which are quicker to sort than rows.
    var keys: [UInt64] = []
    var start = 0
    while start < order.count {
      let hour = hours[Int(order[start])]
      var last: UInt16 = 0
      var end = start
      keys.removeAll(keepingCapacity: true)
      while end < order.count, hours[Int(order[end])] == hour {
        let row = Int(order[end])
        last = max(last, latest[row])
        keys.append(
          UInt64(rows[row].subject) << 44 | UInt64(rows[row].model) << 28 | UInt64(end - start))
        end += 1
      }
      keys.sort()
      var group = keys.map { rows[Int(order[start + Int($0 & 0xFFF_FFFF)])] }
      let extra = full.filter { $0.hour == hour }.map(\.row)
      if !extra.isEmpty {
        group += extra
        group.sort(by: BatchRow.isBefore)
      }
      try body(Int(hour), Int(last), group)
      start = end
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
