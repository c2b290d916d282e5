// Compaction: many small batches become one, which holds exactly what they held.
// Invariants: the merged batch is published before a part is removed, and survives a power cut by then;
// it follows from its parts alone, so that whoever merges them writes the same; a failed or killed merge
// leaves the parts, which go on counting.

import CommitStore
import OrgModel

extension UsageIngest {
  /// Merges batches as long as there are sixteen that belong together, and removes what was merged.
  /// - Returns: How many batches were made.
  /// - Throws: `MeteringError`; what counts is the same as before.
  @discardableResult
  public func compact() throws(MeteringError) -> Int {
    var count = 0
    while true {
      let cover = try shelf.cover()
      try removeObsolete(cover)
      guard let parts = cover.mergeable, !isInterrupted() else { return count }
      // Somebody else merged them, or a larger part, meanwhile: then look again.
      if try merge(parts) { count += 1 }
    }
  }

  private func removeObsolete(_ cover: BatchCover) throws(MeteringError) {
    guard !cover.obsolete.isEmpty else { return }
    do throws(StoreError) {
      // Whoever published the larger one may not have come to sync it.
      try shelf.medium.sync()
      try shelf.medium.remove(cover.obsolete.map(\.text))
    } catch {
      throw .store(error)
    }
  }

  /// Merges batches that lie one behind the other; false if one of them is gone.
  private func merge(_ parts: ArraySlice<BatchName>) throws(MeteringError) -> Bool {
    guard let first = parts.first else { return false }
    let name = BatchName(first: first.first, count: parts.reduce(0) { $0 + $1.count })
    var indexes: [BatchIndex] = []
    for part in parts {
      guard let index = try shelf.index(of: part) else { return false }
      indexes.append(index)
    }
    let draft: any BatchDraft
    do { draft = try shelf.medium.draft() } catch { throw .store(error) }
    defer { draft.discard() }
    var merger = BatchMerger(shelf, Array(parts), indexes, BatchWriter(draft))
    guard try merger.mergeBlocks(), try merger.mergeRows() else { return false }
    do throws(StoreError) {
      try merger.finish()
      switch try draft.publish(as: name.text, unless: isInterrupted) {
      case .published, .taken: return true
      case .interrupted: throw StoreError.interrupted
      case .unsynced(let error): throw StoreError.system(error)
      }
    } catch {
      throw .store(error)
    }
  }
}

extension BatchCover {
  /// Batches of one size that belong together, the smallest first; nil if there are none.
  var mergeable: ArraySlice<BatchName>? {
    var best: ArraySlice<BatchName>?
    var start = 0
    for index in batches.indices {
      let size = batches[index].count
      if batches[start].count != size || (batches[index].first - 1) % (size * BatchName.fanIn) == 0
      {
        start = index
      }
      let isWhole =
        index - start + 1 == BatchName.fanIn
        && (batches[start].first - 1) % (size * BatchName.fanIn) == 0
      if isWhole, best?.first.map({ size < $0.count }) ?? true { best = batches[start...index] }
    }
    return best
  }
}

/// Writes what several batches hold into one.
private struct BatchMerger {
  private let shelf: BatchShelf
  private let parts: [BatchName]
  private let indexes: [BatchIndex]
  private var writer: BatchWriter
  private var subjects: [UsageSubject] = []
  private var models: [String] = []
  /// What each part calls by number, by the numbers of the merged one.
  private var subjectNumbers: [[Int32]] = []
  private var modelNumbers: [[Int32]] = []

  init(
    _ shelf: BatchShelf, _ parts: [BatchName], _ indexes: [BatchIndex], _ writer: BatchWriter
  ) {
    self.shelf = shelf
    self.parts = parts
    self.indexes = indexes
    self.writer = writer
    var knownSubjects: [UsageSubject: Int32] = [:]
    var knownModels: [ExactText: Int32] = [:]
    for index in indexes {
      var numbers: [Int32] = []
      for subject in index.subjects {
        if knownSubjects[subject] == nil {
          knownSubjects[subject] = Int32(subjects.count)
          subjects.append(subject)
        }
        numbers.append(knownSubjects[subject] ?? 0)
      }
      subjectNumbers.append(numbers)
      numbers = []
      for model in index.models {
        let key = ExactText(model)
        if knownModels[key] == nil {
          knownModels[key] = Int32(models.count)
          models.append(model)
        }
        numbers.append(knownModels[key] ?? 0)
      }
      modelNumbers.append(numbers)
    }
  }

  /// False if a part is gone.
  mutating func mergeBlocks() throws(MeteringError) -> Bool {
    for (at, index) in indexes.enumerated() {
      for block in index.blocks {
        guard
          let bytes = try shelf.part(
            of: parts[at], from: block.start, count: block.byteCount, checksum: block.checksum)
        else { return false }
        var records: [UsageRecord] = []
        records.reserveCapacity(block.recordCount)
        try shelf.sound(parts[at], bytes) { (bytes) throws(Damage) in
          try block.forEachRecord(in: bytes, index) { hour, offset, row in
            let row = renumbered(row, part: at)
            records.append(
              UsageRecord(
                hour: Int32(hour), offset: UInt16(offset), subject: row.subject, model: row.model,
                microCredits: row.microCredits, requests: row.requests,
                inputTokens: row.inputTokens, outputTokens: row.outputTokens))
          }
        }
        do throws(StoreError) { for record in records { try writer.add(record) } } catch {
          throw .store(error)
        }
      }
    }
    return true
  }

  /// False if a part is gone.
  mutating func mergeRows() throws(MeteringError) -> Bool {
    var rows: [[UInt8]] = []
    for (part, index) in zip(parts, indexes) {
      let size = index.hours.last.map { $0.start + $0.byteCount } ?? 0
      guard let bytes = try shelf.part(of: part, from: index.rowsStart, count: size) else {
        return false
      }
      rows.append(bytes)
    }
    var entries: [(hour: Int, part: Int, entry: HourEntry)] = []
    for (at, index) in indexes.enumerated() {
      for entry in index.hours { entries.append((entry.hour, at, entry)) }
    }
    entries.sort { ($0.hour, $0.part) < ($1.hour, $1.part) }
    var start = 0
    while start < entries.count {
      var end = start
      var latest = 0
      var merged: [BatchRow] = []
      while end < entries.count, entries[end].hour == entries[start].hour {
        let (_, part, entry) = entries[end]
        latest = max(latest, entry.latest)
        let slice = Array(rows[part][entry.start..<entry.start + entry.byteCount])
        try shelf.sound(parts[part], slice) { (bytes) throws(Damage) in
          try UsageLedger.forEachRow(entry, bytes, indexes[part]) {
            merged.append(renumbered($0, part: part))
          }
        }
        end += 1
      }
      do throws(StoreError) {
        try writer.add(
          HourRows(BatchRow.summed(merged), ofHour: entries[start].hour, latest: latest))
      } catch {
        throw .store(error)
      }
      start = end
    }
    return true
  }

  mutating func finish() throws(StoreError) {
    try writer.finish(sources: indexes.flatMap(\.sources), subjects: subjects, models: models)
  }

  private func renumbered(_ row: BatchRow, part: Int) -> BatchRow {
    var row = row
    row.subject = subjectNumbers[part][Int(row.subject)]
    row.model = modelNumbers[part][Int(row.model)]
    return row
  }
}

extension BatchRow {
  /// Sorted, and one row for each subject and model, unless their sum would not fit.
  static func summed(_ rows: [BatchRow]) -> [BatchRow] {
    var summed: [BatchRow] = []
    for row in rows.sorted(by: BatchRow.isBefore) {
      if let last = summed.last, last.subject == row.subject, last.model == row.model,
        summed[summed.count - 1].add(row)
      {
        continue
      }
      summed.append(row)
    }
    return summed
  }
}
