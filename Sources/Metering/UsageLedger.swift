// UsageLedger: answers about usage, from the sums of the batches.

public import CommitStore
import Digests
public import OrgModel

/// Reads usage; never writes.
public struct UsageLedger: Sendable {
  /// So much is read at a time, unless an hour has more.
  private static let partBytes = 1 << 17

  let shelf: BatchShelf

  /// The usage of a store.
  public init(_ medium: any BatchMedium) { shelf = BatchShelf(medium: medium) }

  /// The files that were ingested, oldest first.
  /// - Throws: `MeteringError`.
  public func sources() throws(MeteringError) -> [UsageSource] { try shelf.sources().found }

  /// The sums of some windows, which end at the same instant, in one go.
  /// - Throws: `MeteringError`.
  public func tables(
    for windows: [UsageWindow], by dimensions: UsageDimensions = [.subjects, .models]
  ) throws(MeteringError) -> [UsageTable] {
    guard let now = windows.first?.now else { return [] }
    precondition(windows.allSatisfy { $0.now == now }, "the windows end together")
    return try shelf.read { (cover) throws(MeteringError) in
      var builders = windows.map { UsageTableBuilder($0, dimensions) }
      for name in cover.batches {
        guard let index = try shelf.index(of: name) else { return nil }
        guard try add(name, index, windows, into: &builders) else { return nil }
      }
      return builders.map { $0.table() }
    }
  }

  /// The sums of one window.
  /// - Throws: `MeteringError`.
  public func table(
    for window: UsageWindow, by dimensions: UsageDimensions = [.subjects, .models]
  ) throws(MeteringError) -> UsageTable {
    try tables(for: [window], by: dimensions)[0]
  }

  /// Adds a batch to every table; false if the batch is gone.
  private func add(
    _ name: BatchName, _ index: BatchIndex, _ windows: [UsageWindow],
    into builders: inout [UsageTableBuilder]
  ) throws(MeteringError) -> Bool {
    var sinks = windows.indices.map { BatchSink(windows[$0], index) }
    return try forEachRow(of: name, index, in: Self.hours(of: windows), upTo: windows[0].now) {
      row, hour in
      for at in sinks.indices { sinks[at].add(row, hour: hour, into: &builders[at]) }
    }
  }

  /// Shows the rows of some hours, and of the hour in which now lies only what is not after now; false
  /// if the batch is gone.
  @inline(__always)
  func forEachRow(
    of name: BatchName, _ index: BatchIndex, in range: Range<Int>, upTo now: Instant,
    _ body: (_ row: BatchRow, _ hour: Int) -> Void
  ) throws(MeteringError) -> Bool {
    let hours = index.hours(in: range)
    guard let last = hours.last else { return true }
    let currentHour = UsageWindow.hour(of: now)
    let isSplit =
      last.hour == currentHour && Int64(last.hour) * 3600 + Int64(last.latest) > now.seconds
    var rest = isSplit ? hours.dropLast() : hours
    while let first = rest.first {
      // The hours lie one behind the other: one read fetches some of them, into memory that the next
      // read finds free.
      let part = rest.prefix { $0.start + $0.byteCount - first.start <= Self.partBytes }
      let entries = part.isEmpty ? rest.prefix(1) : part
      let size = entries.reduce(0) { $0 + $1.byteCount }
      guard
        let bytes = try shelf.part(of: name, from: index.rowsStart + first.start, count: size)
      else { return false }
      try shelf.sound(name, bytes) { (bytes) throws(Damage) in
        for entry in entries {
          let start = entry.start - first.start
          let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + entry.byteCount])
          try Self.forEachRow(entry, part, index) { body($0, entry.hour) }
        }
      }
      rest = rest.dropFirst(entries.count)
    }
    guard isSplit else { return true }
    return try forEachRecord(ofHour: currentHour, name, index) { row, second in
      if second <= now.seconds { body(row, currentHour) }
    }
  }

  private static func hours(of windows: [UsageWindow]) -> Range<Int> {
    let first = windows.map(\.firstHour).min() ?? 0
    return first..<windows[0].currentHour + 1
  }

  static func forEachRow(
    _ entry: HourEntry, _ part: UnsafeRawBufferPointer, _ index: BatchIndex,
    _ body: (BatchRow) -> Void
  ) throws(Damage) {
    guard XXHash64.hash(part) == entry.checksum else { throw BatchShelf.checksumFails }
    var reader = ByteReader(part)
    for _ in 0..<entry.rowCount {
      body(
        try BatchRow(
          reading: &reader, subjects: index.subjects.count, models: index.models.count))
    }
    guard reader.isAtEnd else { throw Damage() }
  }

  /// Shows the records of an hour, each with the second from which on it counts; false if the batch is
  /// gone.
  private func forEachRecord(
    ofHour hour: Int, _ name: BatchName, _ index: BatchIndex, _ body: (BatchRow, Int64) -> Void
  ) throws(MeteringError) -> Bool {
    for block in index.blocks where block.hours.contains(hour) {
      guard
        let bytes = try shelf.part(
          of: name, from: block.start, count: block.byteCount, checksum: block.checksum)
      else { return false }
      try shelf.sound(name, bytes) { (bytes) throws(Damage) in
        try block.forEachRecord(in: bytes, index) { of, offset, row in
          if of == hour { body(row, Int64(hour) * 3600 + Int64(offset)) }
        }
      }
    }
    return true
  }

  /// The hour in which each subject was last seen, in the order of subjects; records after now do not
  /// count. Reads the sums of all times: for warnings, not for every command.
  /// - Throws: `MeteringError`.
  public func lastUse(
    upTo now: Instant
  ) throws(MeteringError) -> [(subject: UsageSubject, hour: Instant)] {
    let found = try shelf.read { (cover) throws(MeteringError) -> [UsageSubject: Int]? in
      var last: [UsageSubject: Int] = [:]
      for name in cover.batches {
        guard let index = try shelf.index(of: name), try addLast(name, index, now, into: &last)
        else { return nil }
      }
      return last
    }
    return found.sorted { $0.key < $1.key }.map {
      ($0.key, Instant(seconds: Int64($0.value) * 3600) ?? .earliest)
    }
  }

  private func addLast(
    _ name: BatchName, _ index: BatchIndex, _ now: Instant, into last: inout [UsageSubject: Int]
  ) throws(MeteringError) -> Bool {
    let currentHour = UsageWindow.hour(of: now)
    var hours = [Int?](repeating: nil, count: index.subjects.count)
    for entry in index.hours where entry.hour <= currentHour {
      if Int64(entry.hour) * 3600 + Int64(entry.latest) > now.seconds {
        guard
          try forEachRecord(
            ofHour: entry.hour, name, index,
            { row, second in
              if second <= now.seconds { hours[Int(row.subject)] = entry.hour }
            })
        else { return false }
        continue
      }
      let start = index.rowsStart + entry.start
      guard let bytes = try shelf.part(of: name, from: start, count: entry.byteCount) else {
        return false
      }
      try shelf.sound(name, bytes) { (bytes) throws(Damage) in
        try Self.forEachRow(entry, bytes, index) { hours[Int($0.subject)] = entry.hour }
      }
    }
    for (subject, hour) in zip(index.subjects, hours) {
      if let hour { last[subject] = max(last[subject] ?? hour, hour) }
    }
    return true
  }
}

extension BlockEntry {
  /// Shows the records of a block, each with its hour and its offset.
  func forEachRecord(
    in bytes: UnsafeRawBufferPointer, _ index: BatchIndex,
    _ body: (_ hour: Int, _ offset: Int, _ row: BatchRow) -> Void
  ) throws(Damage) {
    var reader = ByteReader(bytes)
    for _ in 0..<recordCount {
      let hour = hours.lowerBound + (try reader.int(max: hours.count - 1))
      let offset = try reader.int(max: 3600)
      body(
        hour, offset,
        try BatchRow(
          reading: &reader, subjects: index.subjects.count, models: index.models.count))
    }
    guard reader.isAtEnd else { throw Damage() }
  }
}

/// Adds rows of one batch to a table; what the batch calls by number is looked up once.
private struct BatchSink {
  private let window: UsageWindow
  private let index: BatchIndex
  private var subjects: [Int32]
  private var models: [Int32]

  init(_ window: UsageWindow, _ index: BatchIndex) {
    self.window = window
    self.index = index
    subjects = [Int32](repeating: -1, count: index.subjects.count)
    models = [Int32](repeating: -1, count: index.models.count)
  }

  mutating func add(_ row: BatchRow, hour: Int, into builder: inout UsageTableBuilder) {
    guard let bucket = window.bucket(ofHour: hour) else { return }
    let (subject, model) = (Int(row.subject), Int(row.model))
    if subjects[subject] < 0 { subjects[subject] = builder.number(of: index.subjects[subject]) }
    if models[model] < 0 { models[model] = builder.number(of: index.models[model]) }
    builder.add(row.totals, subject: subjects[subject], model: models[model], bucket: bucket)
  }
}
