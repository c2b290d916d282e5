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
    let order = rows.indices.sorted { left, right in
      hours[left] != hours[right]
        ? hours[left] < hours[right] : BatchRow.isBefore(rows[left], rows[right])
    }
    var start = 0
    while start < order.count {
      let hour = hours[order[start]]
      var end = start
      var last: UInt16 = 0
      while end < order.count, hours[order[end]] == hour {
        last = max(last, latest[order[end]])
        end += 1
      }
      var group = order[start..<end].map { rows[$0] }
      let extra = full.filter { $0.hour == hour }.map(\.row)
      if !extra.isEmpty {
        group += extra
        group.sort(by: BatchRow.isBefore)
      }
      try body(Int(hour), Int(last), group)
      start = end
    }
  }
}
