// RollUpRuns: the sums of a file of more rows than an open table should have.
// Invariants: each run holds the sums of a stretch of the file, hour by hour, in a tenth of the memory that
// they took while they were open.

/// Tables that were full, as a batch has them.
struct RollUpRuns: Sendable {
  private static let countMax = 32

  private var runs: [[HourRows]] = []

  /// Puts a table away.
  /// - Throws: `RollUpLimit` if there are too many.
  mutating func add(_ table: RollUp) throws(RollUpLimit) {
    guard runs.count < Self.countMax else {
      throw RollUpLimit(
        message: "the file has too many combinations of hour, member and model; split it")
    }
    runs.append(Self.run(of: table))
  }

  private static func run(of table: RollUp) -> [HourRows] {
    var run: [HourRows] = []
    table.forEachHour({ HourRows($2, ofHour: $0, latest: $1) }) { run.append($0) }
    return run
  }

  /// Shows the rows of every hour, those of a last table among them, in the order of hours.
  /// - Parameter index: Of the batch, for its subjects and models.
  func forEachHour<Failure: Error>(
    with last: RollUp, _ index: BatchIndex, _ body: (HourRows) throws(Failure) -> Void
  ) throws(Failure) {
    guard !runs.isEmpty else {
      return try last.forEachHour({ HourRows($2, ofHour: $0, latest: $1) }, body)
    }
    var rests = (runs + [Self.run(of: last)]).map { $0[...] }
    while let hour = rests.compactMap({ $0.first?.entry.hour }).min() {
      var parts: [HourRows] = []
      for at in rests.indices where rests[at].first?.entry.hour == hour {
        parts.append(rests[at].removeFirst())
      }
      try body(parts.count == 1 ? parts[0] : Self.merged(parts, ofHour: hour, index))
    }
  }

  private static func merged(
    _ parts: [HourRows], ofHour hour: Int, _ index: BatchIndex
  ) -> HourRows {
    var rows: [BatchRow] = []
    do {
      for part in parts {
        try part.bytes.withUnsafeBytes { bytes in
          try UsageLedger.forEachRow(part.entry, bytes, index) { rows.append($0) }
        }
      }
    } catch {
      preconditionFailure("what this process has just written is sound: \(error)")
    }
    return HourRows(
      BatchRow.summed(rows), ofHour: hour, latest: parts.map(\.entry.latest).max() ?? 0)
  }
}
