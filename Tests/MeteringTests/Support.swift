// Support: files to ingest made up in memory, and an aggregator that could not be simpler.

import CommitStore
import DiskSimulation
import Digests
import Foundation
import OrgModel
import Synchronization
import SystemCalls
import Testing

@testable import Metering

/// SplitMix64: the same numbers for the same seed.
struct Dice {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  mutating func roll(_ count: Int) -> Int { Int(next() % UInt64(count)) }
}

/// A file that is handed out in parts.
private final class Parts: Sendable {
  private let rest: Mutex<ArraySlice<UInt8>>

  init(_ bytes: [UInt8]) { rest = Mutex(bytes[...]) }

  func next(_ count: Int) -> [UInt8] {
    rest.withLock { rest in
      let part = Array(rest.prefix(count))
      rest = rest.dropFirst(count)
      return part
    }
  }
}

extension IngestFile {
  /// A file of this text.
  init(_ text: String, name: String = "file", form: IngestForm = .ndjson) {
    self.init(bytes: Array(text.utf8), name: name, form: form)
  }

  init(bytes: [UInt8], name: String = "file", form: IngestForm = .ndjson) {
    let parts = Parts(bytes)
    self.init(name: name, form: form) { parts.next($0) }
  }
}

/// A store on a simulated disk.
struct UsageSite {
  var blockBytes = IngestFeed.blockBytes
  /// How many sums are open at once.
  var rowsMax = RollUp.rowsMax

  static let store = "/home/state"
  static let empty = DiskImage(folders: ["/home"])

  let disk: SimulatedDisk
  var now = Instant(seconds: 1_795_600_000) ?? .latest

  init(_ disk: SimulatedDisk = SimulatedDisk(Self.empty)) { self.disk = disk }

  var medium: FolderBatches { FolderBatches(path: Self.store, on: disk) }
  var ledger: UsageLedger { UsageLedger(medium) }

  func ingest(skipsInvalid: Bool = false) -> UsageIngest {
    var ingest = UsageIngest(
      into: medium, now: now, skipsInvalid: skipsInvalid, isInterrupted: { false })
    ingest.blockBytes = blockBytes
    ingest.rowsMax = rowsMax
    return ingest
  }

  @discardableResult
  func take(_ text: String, name: String = "file", form: IngestForm = .ndjson) throws
    -> IngestReceipt
  {
    try ingest().ingest(IngestFile(text, name: name, form: form))
  }

  /// The names in the folder of batches.
  var files: [String] {
    disk.image.files.compactMap { file in
      let prefix = "\(Self.store)/usage/"
      return file.path.hasPrefix(prefix) ? String(file.path.dropFirst(prefix.count)) : nil
    }
  }
}

/// What became of a file.
struct IngestOutcome: Equatable {
  var records = 0
  var skippedLines = 0
  var microCredits: Int128 = 0
  /// Why it was not taken in.
  var findings: [LineFinding] = []
  var findingCount = 0

  init(
    of text: String, form: IngestForm = .csv, skipsInvalid: Bool,
    blockBytes: Int = IngestFeed.blockBytes
  ) {
    var ingest = UsageSite().ingest(skipsInvalid: skipsInvalid)
    ingest.blockBytes = blockBytes
    do throws(IngestError) {
      let receipt = try ingest.ingest(IngestFile(text, form: form))
      records = receipt.source.records
      skippedLines = receipt.source.skippedLines
      microCredits = receipt.subjects.map(\.totals).total.microCredits
    } catch {
      guard case .invalid(let findings, let count) = error else {
        Issue.record("\(error)")
        return
      }
      self.findings = findings
      findingCount = count
    }
  }
}

/// One call, as a test knows it.
struct Event {
  /// Nanoseconds from 1970.
  var nanoseconds: Int128
  var subject: UsageSubject
  var model: String
  var micros: Int64
  var requests: Int64

  /// The name as a record has it.
  private var who: String {
    switch subject {
    case .member(let name): "\"member\":\"\(name)\""
    case .key(let key): "\"key_id\":\"\(key)\""
    case .unknown: "\"member\":\"no such name\""
    }
  }

  var credits: String { Decimal.text(micros: Int128(micros)) }

  /// ISO 8601 with an offset of some hours, and a fraction if there is one.
  func time(offsetHours: Int) -> String {
    let seconds = floorDivide(Int64(nanoseconds / 1_000_000_000), by: 1)
    let local = Instant(seconds: seconds + Int64(offsetHours) * 3600)?.description ?? ""
    let fraction = Int64(nanoseconds % 1_000_000_000)
    var text = String(local.dropLast())
    if fraction > 0 {
      let digits = String(fraction)
      text += "." + String(repeating: "0", count: 9 - digits.count) + digits
    }
    if offsetHours == 0 { return text + "Z" }
    let hours = abs(offsetHours)
    return text + (offsetHours < 0 ? "-" : "+") + (hours < 10 ? "0" : "") + "\(hours):00"
  }

  func json(offsetHours: Int = 0) -> String {
    "{\"time\":\"\(time(offsetHours: offsetHours))\",\(who),\"model\":\"\(model)\","
      + "\"credits\":\(credits),\"requests\":\(requests)}\n"
  }
}

/// Adds up events one by one.
struct NaiveUsage {
  let events: [Event]
  let days: Int
  let now: Instant

  /// The starts of all buckets, and the end of the last one, in seconds.
  private var edges: [Int64] {
    let size: Int64 = days == 1 ? 3600 : 86_400
    let last = Int64((Double(now.seconds) / Double(size)).rounded(.down)) * size
    let count = days == 1 ? 24 : days
    return (0...count).map { last + Int64($0 - count + 1) * size }
  }

  private func isCounted(_ event: Event) -> Bool {
    event.nanoseconds >= Int128(edges[0]) * 1_000_000_000
      && event.nanoseconds <= Int128(now.seconds) * 1_000_000_000
  }

  private var counted: [Event] { events.filter(isCounted) }

  var trend: [UsageTotals] {
    zip(edges, edges.dropFirst()).map { start, end in
      Self.sum(
        counted.filter {
          $0.nanoseconds >= Int128(start) * 1_000_000_000
            && $0.nanoseconds < Int128(end) * 1_000_000_000
        })
    }
  }

  var models: [String: UsageTotals] {
    Dictionary(grouping: counted, by: \.model).mapValues(Self.sum)
  }

  var subjects: [UsageSubject: UsageTotals] {
    Dictionary(grouping: counted, by: \.subject).mapValues(Self.sum)
  }

  static func sum(_ events: [Event]) -> UsageTotals {
    events.reduce(into: .zero) {
      $0.microCredits += Int128($1.micros)
      $0.requests += Int128($1.requests)
    }
  }
}
