// MemoryMedium: a log in memory, for tests and for trying things out.

internal import Synchronization
import SystemCalls

/// A store that is gone when its last reference is.
public final class MemoryMedium: Medium {
  private struct Content {
    var commits: [[UInt8]] = []
    var snapshots: [String: [UInt8]] = [:]
  }

  private let content = Mutex(Content())

  /// Makes an empty store.
  public init() {}

  /// See `Medium`.
  public func lastNumber() throws(StoreError) -> Int { content.withLock { $0.commits.count } }

  /// See `Medium`.
  public func read(_ number: Int) throws(StoreError) -> [UInt8] {
    let bytes = content.withLock { content in
      content.commits.indices.contains(number - 1) ? content.commits[number - 1] : nil
    }
    guard let bytes else { throw .missing(number: number, path: "memory") }
    return bytes
  }

  /// See `Medium`.
  public func readEnd(of number: Int, bytesMax: Int) throws(StoreError) -> [UInt8] {
    try read(number).suffix(bytesMax)
  }

  /// See `Medium`.
  public func create(
    _ number: Int, parts next: () -> [UInt8]?, unless isInterrupted: () -> Bool
  ) throws(StoreError) -> Bool {
    var bytes: [UInt8] = []
    while let part = next() { bytes += part }
    if isInterrupted() { throw .interrupted }
    return content.withLock { content in
      guard content.commits.count == number - 1 else { return false }
      content.commits.append(bytes)
      return true
    }
  }

  /// See `Medium`.
  public func snapshot(named name: String, from offset: Int, count: Int) -> [UInt8]? {
    content.withLock { $0.snapshots[name].map { Array($0.dropFirst(offset).prefix(count)) } }
  }

  /// See `Medium`.
  public func snapshotNames() -> [String] { content.withLock { $0.snapshots.keys.sorted() } }

  /// See `Medium`.
  public func saveSnapshot(named name: String, _ bytes: [UInt8]) {
    content.withLock { $0.snapshots[name] = bytes }
  }
}
