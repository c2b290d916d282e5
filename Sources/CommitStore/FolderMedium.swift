// FolderMedium: the log as a folder of files.
// Invariants: `commits/000000000042.json` exists iff commit 42 is published, and never changes;
// a file whose name begins with a dot is not state; a commit is published by link(2), after its
// content and before its folder is synced; reading never writes.

import SystemCalls

/// A store in a folder, mode 0700, files 0600, whatever the umask.
public struct FolderMedium: Medium {
  /// How many snapshots are kept.
  static let snapshotsKept = 2
  private static let digits = 12
  private static let temporaryPrefix = ".tmp-"

  private let path: String
  private var commits: String { "\(path)/commits" }
  private var snapshots: String { "\(path)/snapshots" }

  /// A store at a path, which need not exist yet.
  public init(path: String) {
    self.path = path
  }

  /// See `Medium`.
  public func lastNumber() throws(StoreError) -> Int {
    let names: [String]
    do { names = try FileSystem.listFolder(commits) } catch {
      if error.isMissing, FileSystem.kind(commits) == nil { return 0 }
      throw .system(error)
    }
    var last = 0
    for name in names where !name.hasPrefix(".") {
      guard let number = Self.number(of: name) else {
        throw .corrupt(path: commits, reason: "'\(name)' is no commit")
      }
      guard number == last + 1 else {
        throw .corrupt(path: commits, reason: "commit \(last + 1) is missing")
      }
      last = number
    }
    return last
  }

  /// See `Medium`.
  public func read(_ number: Int) throws(StoreError) -> [UInt8] {
    do { return try FileSystem.readFile(file(number), followsLinks: false) } catch {
      throw .system(error)
    }
  }

  /// See `Medium`. A sync of the folder that fails after publishing takes the name away again: until
  /// this call returns nobody was told of the commit.
  public func create(
    _ number: Int, _ bytes: [UInt8], unless isInterrupted: () -> Bool
  ) throws(StoreError) -> Bool {
    let outcome: Outcome
    do throws(SystemError) {
      try makeFolders()
      sweep()
      outcome = try publish(bytes, as: file(number), unless: isInterrupted)
    } catch {
      throw .system(error)
    }
    if outcome == .interrupted { throw .interrupted }
    return outcome == .published
  }

  /// See `Medium`.
  public func snapshot(named name: String) -> [UInt8]? {
    guard Self.isPlainName(name) else { return nil }
    do { return try FileSystem.readFile("\(snapshots)/\(name).json", followsLinks: false) } catch {
      return nil  // a cache may be missing or unreadable
    }
  }

  /// See `Medium`.
  public func snapshotNames() -> [String] {
    do {
      return try FileSystem.listFolder(snapshots)
        .filter { !$0.hasPrefix(".") && $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
    } catch {
      return []  // a cache may be missing or unreadable
    }
  }

  /// See `Medium`.
  public func saveSnapshot(named name: String, _ bytes: [UInt8]) {
    guard Self.isPlainName(name) else { return }
    do {
      if FileSystem.kind(snapshots) == nil { try FileSystem.makeFolder(snapshots, mode: 0o700) }
      let temporary = "\(snapshots)/\(Self.temporaryPrefix)\(Host.processID)"
      try FileSystem.remove(temporary)
      try FileSystem.createFile(temporary, with: bytes, mode: 0o600)
      try FileSystem.move(temporary, to: "\(snapshots)/\(name).json")
      for old in snapshotNames().dropLast(Self.snapshotsKept) {
        try FileSystem.remove("\(snapshots)/\(old).json")
      }
    } catch {
      return  // a cache that cannot be written costs time, never truth
    }
  }

  private enum Outcome {
    case published
    case taken
    case interrupted
  }

  private func publish(
    _ bytes: [UInt8], as name: String, unless isInterrupted: () -> Bool
  ) throws(SystemError) -> Outcome {
    let temporary = try createTemporary()
    defer { discard(temporary) }
    try FileSystem.write(bytes, to: temporary)
    try FileSystem.flush(temporary)
    if isInterrupted() { return .interrupted }
    do throws(SystemError) { try FileSystem.link(temporary.path, as: name) } catch {
      if error.isExisting { return .taken }
      throw error
    }
    do throws(SystemError) { try FileSystem.flushFolder(commits) } catch {
      try FileSystem.remove(name)
      throw error
    }
    return .published
  }

  /// A locked temporary file. A sweeper may come between its creation and its lock: then again.
  private func createTemporary() throws(SystemError) -> FileDescriptor {
    while true {
      let random = Host.randomBytes(8).map { String($0, radix: 16) }.joined()
      let path = "\(commits)/\(Self.temporaryPrefix)\(Host.processID)-\(random)"
      let file = try FileSystem.create(path, mode: 0o600)
      if FileSystem.lock(file), FileSystem.identity(file) == FileSystem.identity(path) {
        return file
      }
      try FileSystem.close(file)
    }
  }

  /// Makes the store's folders, each synced into its parent; they may exist, or appear meanwhile.
  private func makeFolders() throws(SystemError) {
    var missing: [String] = []
    var folder = commits
    while FileSystem.kind(folder) == nil {
      missing.append(folder)
      folder = FileSystem.parent(of: folder)
    }
    for folder in missing.reversed() {
      do throws(SystemError) { try FileSystem.makeFolder(folder, mode: 0o700) } catch {
        if !error.isExisting { throw error }
      }
      try FileSystem.flushFolder(FileSystem.parent(of: folder))
    }
  }

  /// Removes the temporary files of writers that died: those that nobody holds a lock on. Failing to
  /// remove one leaves litter, not a wrong state.
  private func sweep() {
    guard let names = try? FileSystem.listFolder(commits) else { return }
    for name in names where name.hasPrefix(Self.temporaryPrefix) {
      let path = "\(commits)/\(name)"
      guard let file = FileSystem.openForLock(path) else { continue }
      if FileSystem.lock(file), FileSystem.identity(file) == FileSystem.identity(path) {
        try? FileSystem.remove(path)
      }
      try? FileSystem.close(file)
    }
  }

  /// Takes the temporary name away and ends the lock. What fails here leaves litter for `sweep`.
  private func discard(_ file: FileDescriptor) {
    try? FileSystem.remove(file.path)
    try? FileSystem.close(file)
  }

  private func file(_ number: Int) -> String {
    let text = String(number)
    return "\(commits)/" + String(repeating: "0", count: max(0, Self.digits - text.count)) + text
      + ".json"
  }

  private static func number(of name: String) -> Int? {
    let text = name.utf8.dropLast(5)
    guard name.hasSuffix(".json"), text.count == digits,
      text.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
    else { return nil }
    return Int(name.dropLast(5))
  }

  private static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && !name.contains("/")
  }
}
