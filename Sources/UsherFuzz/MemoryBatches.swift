// MemoryBatches: usage batches in memory, so that an attempt takes no longer than what it tries.

import CommitStore
import Synchronization

/// Batches that are gone when the last reference is.
final class MemoryBatches: BatchMedium {
  private let files = Mutex<[String: [UInt8]]>([:])

  func names() -> [String] { files.withLock { $0.keys.sorted() } }

  func readEnd(of name: String, bytesMax: Int) -> [UInt8]? {
    files.withLock { $0[name].map { Array($0.suffix(bytesMax)) } }
  }

  func read(_ name: String, from offset: Int, count: Int) -> [UInt8]? {
    files.withLock { $0[name].map { Array($0.dropFirst(offset).prefix(count)) } }
  }

  func draft() -> any BatchDraft { Draft(self) }

  func sync() {}

  func remove(_ names: [String]) {
    files.withLock { files in for name in names { files[name] = nil } }
  }

  private final class Draft: BatchDraft {
    private let batches: MemoryBatches
    private let bytes = Mutex<[UInt8]>([])

    init(_ batches: MemoryBatches) { self.batches = batches }

    func append(_ more: [UInt8]) { bytes.withLock { $0 += more } }

    func publish(as name: String, unless isInterrupted: () -> Bool) -> PublishOutcome {
      if isInterrupted() { return .interrupted }
      let content = bytes.withLock { $0 }
      return batches.files.withLock { files in
        guard files[name] == nil else { return .taken }
        files[name] = content
        return .published
      }
    }

    func discard() {}
  }
}
