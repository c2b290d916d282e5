// FolderMedium: the log as a folder of files.
// Invariants: `commits/000000000042.json` exists iff commit 42 is published, and never changes;
// a file whose name begins with a dot is not state; a commit is published by link(2), after its
// content and before its folder is synced; a published commit is never taken back, since others may
// have read it, or stand on it, the moment it is there; reading never writes; the path of the store
// may lead through symbolic links, but nothing in it is one.

public import SystemCalls

/// A store in a folder, mode 0700, files 0600, whatever the umask.
public struct FolderMedium: Medium {
  /// How many snapshots are kept.
  static let snapshotsKept = 2
  private static let digits = 12
  private static let snapshotSuffix = ".snapshot"

  private let path: String
  private let disk: any Disk
  private var durable: DurableFolder { DurableFolder(path: commits, in: path, on: disk) }
  private var commits: String { "\(path)/commits" }
  private var snapshots: String { "\(path)/snapshots" }
  private var cache: DurableFolder { DurableFolder(path: snapshots, in: path, on: disk) }

  /// A store at a path, which need not exist yet.
  public init(path: String, on disk: any Disk = LocalDisk()) {
    self.path = path
    self.disk = disk
  }

  /// See `Medium`.
  public func lastNumber() throws(StoreError) -> Int {
    var last = 0
    for number in try commitNumbers() where number > last {
      // A listing is not of one instant: it may lack commits and show one that was published after
      // them. A commit that was there is never taken away, so each can be asked for by itself.
      for missing in last + 1..<number where disk.identity(file(missing)) == nil {
        throw .corrupt(
          path: commits, reason: "commit \(missing) is missing, there is no '\(file(missing))'")
      }
      last = number
    }
    return last
  }

  /// See `Medium`.
  public func read(_ number: Int) throws(StoreError) -> [UInt8] {
    do { return try disk.readFile(file(number)) } catch {
      if error.isMissing { throw .missing(number: number, path: file(number)) }
      throw .system(error)
    }
  }

  /// See `Medium`.
  public func readEnd(of number: Int, bytesMax: Int) throws(StoreError) -> [UInt8] {
    do { return try disk.readEnd(of: file(number), bytesMax: bytesMax) } catch {
      if error.isMissing { throw .missing(number: number, path: file(number)) }
      throw .system(error)
    }
  }

  /// See `Medium`.
  public func create(
    _ number: Int, parts next: () -> [UInt8]?, unless isInterrupted: () -> Bool
  ) throws(StoreError) -> Bool {
    precondition(number >= 1, "commits are numbered from 1")
    try refuseLink()
    if number > 1, disk.identity(file(number - 1)) == nil {
      throw .missing(number: number - 1, path: file(number - 1))
    }
    do throws(SystemError) {
      // Who published the commit before may not have come to sync it: a power cut must not take it
      // from under this one.
      if number == 1 { try durable.make() } else { try disk.flushFolder(commits) }
    } catch {
      throw .system(error)
    }
    durable.sweep()
    if !disk.isLink(snapshots) { cache.sweep() }
    let outcome: PublishOutcome
    do throws(SystemError) {
      outcome = try durable.publish(parts: next, as: file(number), unless: isInterrupted)
    } catch {
      throw .system(error)
    }
    switch outcome {
    case .published: return true
    case .taken: return false
    case .interrupted: throw .interrupted
    case .unsynced(let error): throw .unsynced(number: number, error)
    }
  }

  /// See `Medium`.
  public func snapshot(named name: String, from offset: Int, count: Int) -> [UInt8]? {
    guard Self.isPlainName(name), !disk.isLink(snapshots) else { return nil }
    do { return try disk.readPart(of: file(ofSnapshot: name), from: offset, count: count) } catch {
      return nil  // a cache may be missing or unreadable
    }
  }

  /// See `Medium`.
  public func snapshotNames() -> [String] {
    guard !disk.isLink(snapshots) else { return [] }
    do {
      return try disk.listFolder(snapshots)
        .filter { !$0.hasPrefix(".") && $0.hasSuffix(Self.snapshotSuffix) }
        .map { String($0.dropLast(Self.snapshotSuffix.utf8.count)) }
    } catch {
      return []  // a cache may be missing or unreadable
    }
  }

  /// See `Medium`.
  public func saveSnapshot(named name: String, _ bytes: [UInt8]) {
    guard Self.isPlainName(name), !disk.isLink(snapshots) else { return }
    do throws(SystemError) {
      if disk.kind(snapshots) == nil { try disk.makeFolder(snapshots, mode: 0o700) }
      cache.sweep()
      let temporary = try cache.createTemporary()
      defer { cache.discard(temporary) }
      try disk.write(bytes, to: temporary)
      try disk.flush(temporary)
      try disk.move(temporary.path, to: file(ofSnapshot: name))
      for old in snapshotNames().filter({ $0 != name }).dropLast(Self.snapshotsKept - 1) {
        try disk.remove(file(ofSnapshot: old))
      }
    } catch {
      return  // a cache that cannot be written costs time, never truth
    }
  }

  /// A link in place of the folder would let its author choose where keys' digests go.
  private func refuseLink() throws(StoreError) {
    guard disk.isLink(commits) else { return }
    throw .corrupt(path: commits, reason: "it is a symbolic link, which is not followed")
  }

  /// The numbers of all commits that one listing shows, ascending.
  private func commitNumbers() throws(StoreError) -> [Int] {
    try refuseLink()
    let names: [String]
    do { names = try disk.listFolder(commits) } catch {
      if error.isMissing { return [] }
      throw .system(error)
    }
    var numbers: [Int] = []
    numbers.reserveCapacity(names.count)
    for name in names where !name.hasPrefix(".") {
      guard let number = Self.number(of: name) else {
        throw .corrupt(path: commits, reason: "'\(name)' is no commit")
      }
      numbers.append(number)
    }
    return numbers
  }

  private func file(_ number: Int) -> String {
    let text = String(number)
    return "\(commits)/" + String(repeating: "0", count: max(0, Self.digits - text.count)) + text
      + ".json"
  }

  private func file(ofSnapshot name: String) -> String {
    "\(snapshots)/\(name)\(Self.snapshotSuffix)"
  }

  private static func number(of name: String) -> Int? {
    let text = name.utf8.dropLast(5)
    guard name.hasSuffix(".json"), text.count == digits,
      text.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
    else { return nil }
    return Int(name.dropLast(5)).flatMap { $0 >= 1 ? $0 : nil }
  }

  private static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && !name.contains("/")
  }
}
