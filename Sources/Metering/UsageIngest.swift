// UsageIngest: from a file to a batch, all of it or nothing.
// Invariants: a file's content is in one batch at most, whoever ingests it at the same time; nothing
// of it is to be seen before its batch is published; memory does not grow with the file, but for the
// sums of its hours.

public import CommitStore
import Digests
public import OrgModel
import Parallelism
import Synchronization
public import SystemCalls

/// The form of a file of records.
public enum IngestForm: String, CaseIterable, Sendable {
  /// JSON objects, one a line.
  case ndjson
  /// CSV with a header.
  case csv
}

/// A file to ingest.
public struct IngestFile: Sendable {
  let name: String
  let form: IngestForm
  let read: @Sendable (Int) throws(SystemError) -> [UInt8]

  /// A file that is read piece by piece.
  /// - Parameter read: The next bytes, as many as asked for, fewer only at the end.
  public init(
    name: String, form: IngestForm, read: @escaping @Sendable (Int) throws(SystemError) -> [UInt8]
  ) {
    // The name is kept with the batch.
    self.name = SecretShape.isFound(in: name) ? "(a name that holds a key)" : name
    self.form = form
    self.read = read
  }
}

/// What became of a file.
public struct IngestReceipt: Sendable {
  /// The file as the store knows it.
  public let source: UsageSource
  /// Whether it was ingested now; false if its content was ingested before.
  public let isNew: Bool
  /// The sums of its records, by whom they name, in no telling order. Empty if it is not new.
  public let subjects: [(subject: UsageSubject, records: Int, totals: UsageTotals)]
}

/// Takes files in.
public struct UsageIngest: Sendable {
  let shelf: BatchShelf
  private let now: Instant
  private let skipsInvalid: Bool
  /// How much is read at once; anything for tests.
  var blockBytes = IngestFeed.blockBytes
  /// How many sums are open at once; anything for tests.
  var rowsMax = RollUp.rowsMax
  let isInterrupted: @Sendable () -> Bool

  /// Prepares to take files into a store.
  /// - Parameters:
  ///   - now: When that is, for the record.
  ///   - skipsInvalid: Whether lines that are no records are counted and left out.
  ///   - isInterrupted: Asked until a batch is published; true abandons it.
  public init(
    into medium: any BatchMedium, now: Instant, skipsInvalid: Bool,
    isInterrupted: @escaping @Sendable () -> Bool
  ) {
    shelf = BatchShelf(medium: medium)
    self.now = now
    self.skipsInvalid = skipsInvalid
    self.isInterrupted = isInterrupted
  }

  /// Takes in a file, unless its content was before.
  /// - Throws: `IngestError`; then nothing of it was kept, unless it is `.usage(.unsynced)` or `.unsettled`.
  public func ingest(_ file: IngestFile) throws(IngestError) -> IngestReceipt {
    let draft: any BatchDraft
    do { draft = try shelf.medium.draft() } catch { throw .usage(.store(error)) }
    defer { draft.discard() }
    let (digest, fold) = try read(file, into: BatchWriter(draft))
    do throws(MeteringError) {
      if let known = try known(digest, in: try shelf.sources().found) { return known }
    } catch {
      throw .usage(error)
    }
    if let failure = fold.failure { throw failure }
    if fold.recordCount == 0, fold.skippedCount > 0 {
      // Taken in, its content would never be taken in as what it is.
      let message = "not one of \(fold.skippedCount) lines is a record of this form"
      throw .invalid([LineFinding(line: 1, message: message)], count: 1)
    }
    do throws(MeteringError) {
      return try publish(fold, digest, file.name, draft)
    } catch {
      throw .usage(error)
    }
  }

  /// Reads, checks and sums, on all cores: one thread hashes, one adds up, this one reads ahead, and both
  /// that one and this one parse. What was parsed is added up in the order of the file.
  private func read(
    _ file: IngestFile, into writer: BatchWriter
  ) throws(IngestError) -> (digest: Digest, fold: IngestFold) {
    let feed = Locked(
      IngestFeed(isCSV: file.form == .csv, blockBytes: blockBytes, read: file.read))
    let fold = Locked(IngestFold(writer, skipsInvalid: skipsInvalid, rowsMax: rowsMax))
    let hash = Locked(SHA256())
    var portion = feed.withLock { $0.next() }
    var done: [PieceResult] = []
    while true {
      if let failure = feed.withLock({ $0.failure }) { throw .unreadable(failure) }
      if let failure = feed.withLock({ $0.headerFailure }) { fold.withLock { $0.refuse(failure) } }
      // What is invalid may have been taken in before, without its invalid lines: hashing goes on.
      if fold.withLock({ $0.refusal }) != nil { portion.pieces = [] }
      if isInterrupted() { throw .usage(.interrupted) }
      if portion.blocks.isEmpty, done.isEmpty { break }
      let jobs = ParsingJobs(portion, feed.withLock { $0.header })
      portion = IngestPortion()
      let results = done
      Threads.perform([
        { hash.withLock { jobs.hash(into: &$0) } },
        {
          fold.withLock { fold in for result in results { fold.add(result) } }
          jobs.parse()
        },
        {
          // On this thread, which a signal wakes that comes while it waits for a pipe.
          jobs.setNext(feed.withLock { $0.next() })
          jobs.parse()
        },
      ])
      (portion, done) = jobs.outcome
    }
    return (hash.withLock { $0.finalize() }, fold.withLock { $0 })
  }

  /// Gives the batch the next number, unless a batch that counts has the same content.
  private func publish(
    _ fold: IngestFold, _ digest: Digest, _ name: String, _ draft: any BatchDraft
  ) throws(MeteringError) -> IngestReceipt {
    var writer = fold.writer
    do throws(StoreError) {
      try fold.forEachHour { (rows) throws(StoreError) in try writer.add(rows) }
    } catch {
      throw .store(error)
    }
    let mark = UInt64.random(in: .min ... .max)
    while true {
      // The number and what it was looked up in are of one listing: nothing can come between.
      let (sources, last) = try shelf.sources()
      if let known = try known(digest, in: sources) { return known }
      let number = last + 1
      let source = UsageSource(
        digest: digest, name: name, batch: number, ingested: now, records: fold.recordCount,
        skippedLines: fold.skippedCount, mark: mark)
      // The number is in the text: what was written for another one is written again behind it.
      do throws(StoreError) {
        try writer.finish(sources: [source], subjects: fold.subjects, models: fold.models)
      } catch {
        throw .store(error)
      }
      if try publish(number, mark, draft) {
        return IngestReceipt(source: source, isNew: true, subjects: fold.subjectSums)
      }
    }
  }

  /// The receipt of a content that was ingested before; nil if it was not.
  private func known(
    _ digest: Digest, in sources: [UsageSource]
  ) throws(MeteringError) -> IngestReceipt? {
    guard let source = sources.first(where: { $0.digest == digest }) else { return nil }
    // Whoever published it may not have come to sync it.
    do { try shelf.medium.sync() } catch { throw .store(error) }
    return IngestReceipt(source: source, isNew: false, subjects: [])
  }

  /// Publishes under a number; false if it is taken, or was and is merged already.
  private func publish(
    _ number: Int, _ mark: UInt64, _ draft: any BatchDraft
  ) throws(MeteringError) -> Bool {
    let name = BatchName(first: number, count: 1)
    let outcome: PublishOutcome
    do { outcome = try draft.publish(as: name.text, unless: isInterrupted) } catch {
      throw .store(error)
    }
    switch outcome {
    case .taken: return false
    case .interrupted: throw .interrupted
    case .unsynced(let error): throw .unsynced(number: number, error)
    case .published: break
    }
    // Between looking and publishing others may have used the number, merged that batch and removed it.
    // Then this one lies inside of the merged one and does not count.
    do throws(MeteringError) {
      let cover = try shelf.cover()
      guard cover.obsolete.contains(name) else { return true }
      if try shelf.sources().found.contains(where: { $0.mark == mark }) { return true }
    } catch {
      throw .unsettled(number: number, reason: "\(error)")
    }
    do { try shelf.medium.remove([name.text]) } catch { throw .store(error) }
    return false
  }
}

extension BatchShelf {
  /// The files that were ingested, and the number of the last batch.
  func sources() throws(MeteringError) -> (found: [UsageSource], last: Int) {
    try read { (cover) throws(MeteringError) in
      var found: [UsageSource] = []
      for name in cover.batches {
        guard let index = try index(of: name) else { return nil }
        found += index.sources
      }
      return (found, cover.lastNumber)
    }
  }
}

/// A value that threads take turns with.
final class Locked<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>

  init(_ value: Value) { mutex = Mutex(value) }

  func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    mutex.withLock { body(&$0) }
  }
}

/// A portion that threads hash and parse, each the next piece that nobody has.
private final class ParsingJobs: Sendable {
  private struct State {
    var portion: IngestPortion
    var results: [PieceResult?]
    var started = 0
    var next = IngestPortion()
  }

  private let state: Locked<State>
  private let header: CSVHeader?

  init(_ portion: IngestPortion, _ header: CSVHeader?) {
    state = Locked(
      State(portion: portion, results: Array(repeating: nil, count: portion.pieces.count)))
    self.header = header
  }

  /// Hashes what was read, and overwrites it.
  func hash(into hash: inout SHA256) {
    var blocks = state.withLock { state in
      let blocks = state.portion.blocks
      state.portion.blocks = []
      return blocks
    }
    for index in blocks.indices {
      hash.update(blocks[index])
      blocks[index].wipe()
    }
  }

  /// Parses until no piece is left. A piece has one owner, who overwrites it.
  func parse() {
    while var job = take() {
      var result = job.piece.bytes.withUnsafeBufferPointer { bytes in
        header.map { CSVRecords.read(bytes, $0) } ?? JSONLines.read(bytes)
      }
      result.linesBefore = job.piece.linesBefore
      job.piece.bytes.wipe()
      let (index, finished) = (job.index, result)
      state.withLock { $0.results[index] = finished }
    }
  }

  private func take() -> (index: Int, piece: IngestPiece)? {
    state.withLock { state in
      guard state.started < state.portion.pieces.count else { return nil }
      var piece = IngestPiece(bytes: [])
      swap(&piece, &state.portion.pieces[state.started])
      state.started += 1
      return (state.started - 1, piece)
    }
  }

  func setNext(_ portion: IngestPortion) { state.withLock { $0.next = portion } }

  /// What was read meanwhile, and what was parsed.
  var outcome: (IngestPortion, [PieceResult]) {
    state.withLock { ($0.next, $0.results.compactMap(\.self)) }
  }
}
