// Batch: what was ingested at once, or several of those merged. Format `usher.usage/2`.
//
// Binary, since nobody reads it but usher. In this order: the format's name; blocks, which hold every
// record to the second; rows, which hold the sums of each UTC hour by subject and model, hour by hour;
// the index, which says what is where; and a footer of fixed length, from which reading starts. A query
// reads the index and the rows of its hours. Blocks are read for the hour in which now lies, if a record
// of that hour comes after now, and when batches are merged. Every part has its checksum.
// Invariants: hours ascend; subjects and models are numbered within the batch.

public import Digests
public import OrgModel

/// The format.
enum Batch {
  static let format = "usher.usage/2"
  /// How a file begins, and how it ends: sixteen bytes.
  static let mark: [UInt8] = Array((format + "\n").utf8) + [0, 0]
  static let footerBytes = 16 + mark.count
  /// Records of a block.
  static let blockRecordsMax = 32_768
  /// No year that can be written lies beyond, in hours from 1970.
  static let hourMax = 1 << 27
  /// More than any file has bytes.
  static let bytesMax = 1 << 50
}

/// A file that was ingested.
public struct UsageSource: Hashable, Sendable {
  /// SHA-256 of its content.
  public let digest: Digest
  /// What it was called.
  public let name: String
  /// The number of its batch, from 1; it keeps it when batches are merged.
  public let batch: Int
  /// When it was ingested.
  public let ingested: Instant
  /// How many records it has.
  public let records: Int
  /// How many lines were skipped.
  public let skippedLines: Int
  /// Tells this ingest from another one of the same content, of which one does not count.
  let mark: UInt64
}

/// Where the rows of an hour are.
struct HourEntry: Sendable {
  let hour: Int
  /// The offset of its last record, see `RecordTime`.
  let latest: Int
  let rowCount: Int
  let byteCount: Int
  let checksum: UInt64
  /// From the start of the rows; not stored.
  var start = 0
}

/// Where a block of records is.
struct BlockEntry: Sendable {
  let hours: ClosedRange<Int>
  let recordCount: Int
  let byteCount: Int
  let checksum: UInt64
  /// From the start of the file; not stored.
  var start = 0
}

/// What is in a batch.
struct BatchIndex: Sendable {
  var sources: [UsageSource] = []
  var subjects: [UsageSubject] = []
  var models: [String] = []
  var hours: [HourEntry] = []
  var blocks: [BlockEntry] = []
  /// Where the rows start in the file; not stored.
  var rowsStart = 0

  func bytes() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(sources.count)
    for source in sources {
      writer.write(raw: source.digest.bytes)
      writer.write(source.name)
      writer.write(source.batch)
      writer.write(signed: Int(source.ingested.seconds))
      writer.write(source.records)
      writer.write(source.skippedLines)
      writer.write(fixed: source.mark)
    }
    writer.write(subjects.count)
    for subject in subjects {
      switch subject {
      case .unknown: writer.write(0)
      case .member(let name):
        writer.write(1)
        writer.write(name.text)
      case .key(let key):
        writer.write(2)
        writer.write(fixed: UInt64(bitPattern: Int64(key.number)))
      }
    }
    writer.write(models.count)
    for model in models { writer.write(model) }
    writer.write(hours.count)
    for entry in hours {
      writer.write(signed: entry.hour)
      writer.write(entry.latest)
      writer.write(entry.rowCount)
      writer.write(entry.byteCount)
      writer.write(fixed: entry.checksum)
    }
    writer.write(blocks.count)
    for entry in blocks {
      writer.write(signed: entry.hours.lowerBound)
      writer.write(entry.hours.upperBound - entry.hours.lowerBound)
      writer.write(entry.recordCount)
      writer.write(entry.byteCount)
      writer.write(fixed: entry.checksum)
    }
    return writer.bytes
  }

  init() {}

  init(reading bytes: UnsafeRawBufferPointer) throws(Damage) {
    var reader = ByteReader(bytes)
    for _ in 0..<(try reader.count()) { sources.append(try UsageSource(reading: &reader)) }
    for _ in 0..<(try reader.count()) { subjects.append(try UsageSubject(reading: &reader)) }
    for _ in 0..<(try reader.count()) { models.append(try reader.string()) }
    for _ in 0..<(try reader.count()) {
      let entry = HourEntry(
        hour: try reader.signed(max: Batch.hourMax), latest: try reader.int(max: 3600),
        rowCount: try reader.int(max: Batch.bytesMax),
        byteCount: try reader.int(max: Batch.bytesMax), checksum: try reader.fixed())
      guard hours.last.map({ $0.hour < entry.hour }) ?? true else { throw Damage() }
      hours.append(entry)
    }
    for _ in 0..<(try reader.count()) {
      let first = try reader.signed(max: Batch.hourMax)
      blocks.append(
        BlockEntry(
          hours: first...(first + (try reader.int(max: Batch.hourMax * 2))),
          recordCount: try reader.int(max: Batch.blockRecordsMax),
          byteCount: try reader.int(max: Batch.bytesMax), checksum: try reader.fixed()))
    }
    guard reader.isAtEnd else { throw Damage() }
    place()
  }

  /// Finds out where everything is.
  private mutating func place() {
    var position = Batch.mark.count
    for index in blocks.indices {
      blocks[index].start = position
      position &+= blocks[index].byteCount
    }
    rowsStart = position
    var start = 0
    for index in hours.indices {
      hours[index].start = start
      start &+= hours[index].byteCount
    }
  }

  /// The entries of these hours, which lie one behind the other.
  func hours(in range: Range<Int>) -> ArraySlice<HourEntry> {
    let first = hours.partition { $0.hour >= range.lowerBound }
    let last = hours.partition { $0.hour >= range.upperBound }
    return hours[first..<last]
  }
}

extension Array {
  /// The index of the first element that belongs to the second half of a sorted array.
  fileprivate func partition(_ isSecond: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isSecond(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension UsageSource {
  fileprivate init(reading reader: inout ByteReader) throws(Damage) {
    digest = try reader.digest()
    name = try reader.string()
    batch = try reader.int(max: BatchName.numberMax)
    guard let time = Instant(seconds: Int64(try reader.signed(max: 1 << 40))) else {
      throw Damage()
    }
    ingested = time
    records = try reader.int()
    skippedLines = try reader.int()
    mark = try reader.fixed()
  }
}

extension UsageSubject {
  fileprivate init(reading reader: inout ByteReader) throws(Damage) {
    switch try reader.int(max: 2) {
    case 0: self = .unknown
    case 1:
      guard let name = Username(try reader.string()) else { throw Damage() }
      self = .member(name)
    default: self = .key(KeyID(number: Int(Int64(bitPattern: try reader.fixed()))))
    }
  }
}

/// The sums of an hour by subject and model.
struct BatchRow: Sendable {
  var subject: Int32
  var model: Int32
  var microCredits: Int64
  var requests: Int64
  var inputTokens: Int64
  var outputTokens: Int64

  init(_ record: UsageRecord) {
    subject = record.subject
    model = record.model
    microCredits = record.microCredits
    requests = record.requests
    inputTokens = record.inputTokens
    outputTokens = record.outputTokens
  }

  /// Adds another one's sums; false, and nothing is added, if one of them would not fit: there may be
  /// several rows of the same subject and model.
  mutating func add(_ other: BatchRow) -> Bool {
    let (credits, first) = microCredits.addingReportingOverflow(other.microCredits)
    let (requests, second) = requests.addingReportingOverflow(other.requests)
    let (input, third) = inputTokens.addingReportingOverflow(other.inputTokens)
    let (output, fourth) = outputTokens.addingReportingOverflow(other.outputTokens)
    guard !first, !second, !third, !fourth else { return false }
    microCredits = credits
    self.requests = requests
    inputTokens = input
    outputTokens = output
    return true
  }

  var totals: UsageTotals {
    UsageTotals(
      microCredits: Int128(microCredits), requests: Int128(requests),
      inputTokens: Int128(inputTokens), outputTokens: Int128(outputTokens))
  }

  @inline(__always)
  func write(into writer: inout ByteWriter) {
    writer.write(UInt64(subject))
    writer.write(UInt64(model))
    writer.write(UInt64(microCredits))
    writer.write(UInt64(requests))
    writer.write(UInt64(inputTokens))
    writer.write(UInt64(outputTokens))
  }

  @inline(__always)
  init(
    reading reader: inout ByteReader, subjects: Int, models: Int
  ) throws(Damage) {
    subject = Int32(try reader.int(max: subjects - 1))
    model = Int32(try reader.int(max: models - 1))
    microCredits = Int64(try reader.int())
    requests = Int64(try reader.int())
    inputTokens = Int64(try reader.int())
    outputTokens = Int64(try reader.int())
  }

  static func isBefore(_ left: BatchRow, _ right: BatchRow) -> Bool {
    (left.subject, left.model) < (right.subject, right.model)
  }
}
