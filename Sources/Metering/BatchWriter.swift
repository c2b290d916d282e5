// BatchWriter: a batch on its way into the store, piece by piece, so that it need not fit into memory.

import CommitStore
import Digests

/// Writes one batch.
struct BatchWriter: Sendable {
  private static let pendingBytesMax = 1 << 20

  let draft: any BatchDraft
  private(set) var index = BatchIndex()
  private var pending = ByteWriter()
  private var block = ByteWriter()
  private var blockRecords: [UsageRecord] = []

  init(_ draft: any BatchDraft) {
    self.draft = draft
    pending.write(raw: Batch.mark)
  }

  /// Adds a record, whose subject and model are numbers of this batch.
  mutating func add(_ record: UsageRecord) throws(StoreError) {
    blockRecords.append(record)
    if blockRecords.count == Batch.blockRecordsMax { try endBlock() }
  }

  private mutating func endBlock() throws(StoreError) {
    guard let first = blockRecords.first else { return }
    var (low, high) = (first.hour, first.hour)
    for record in blockRecords {
      low = min(low, record.hour)
      high = max(high, record.hour)
    }
    for record in blockRecords {
      block.write(UInt64(record.hour - low))
      block.write(UInt64(record.offset))
      BatchRow(record).write(into: &block)
    }
    let bytes = block.take()
    index.blocks.append(
      BlockEntry(
        hours: Int(low)...Int(high), recordCount: blockRecords.count, byteCount: bytes.count,
        checksum: XXHash64.hash(bytes)))
    blockRecords.removeAll(keepingCapacity: true)
    try write(bytes)
  }

  /// Adds the rows of an hour, once all records are added, in the order of hours.
  mutating func add(_ rows: HourRows) throws(StoreError) {
    try endBlock()
    precondition(index.hours.last.map { $0.hour < rows.entry.hour } ?? true, "hours ascend")
    index.hours.append(rows.entry)
    try write(rows.bytes)
  }

  /// Writes the rest; then the draft can be published.
  mutating func finish(
    sources: [UsageSource], subjects: [UsageSubject], models: [String]
  ) throws(StoreError) {
    try endBlock()
    try finishIndex(sources, subjects, models)
  }

  private mutating func finishIndex(
    _ sources: [UsageSource], _ subjects: [UsageSubject], _ models: [String]
  ) throws(StoreError) {
    index.sources = sources
    index.subjects = subjects
    index.models = models
    var bytes = ByteWriter()
    let text = index.bytes()
    bytes.write(raw: text)
    bytes.write(fixed: UInt64(text.count))
    bytes.write(fixed: XXHash64.hash(text))
    bytes.write(raw: Batch.mark)
    try write(bytes.bytes)
    try draft.append(pending.take())
  }

  private mutating func write(_ bytes: [UInt8]) throws(StoreError) {
    pending.write(raw: bytes)
    if pending.bytes.count > Self.pendingBytesMax { try draft.append(pending.take()) }
  }
}

extension XXHash64 {
  static func hash(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { hash($0) } }
}

/// The rows of an hour as a batch has them.
struct HourRows: Sendable {
  let entry: HourEntry
  let bytes: [UInt8]

  /// - Parameter rows: Sorted.
  init(_ rows: [BatchRow], ofHour hour: Int, latest: Int) {
    var writer = ByteWriter()
    for row in rows { row.write(into: &writer) }
    bytes = writer.take()
    entry = HourEntry(
      hour: hour, latest: latest, rowCount: rows.count, byteCount: bytes.count,
      checksum: XXHash64.hash(bytes))
  }
}
