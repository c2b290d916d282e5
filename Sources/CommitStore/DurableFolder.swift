// DurableFolder: a folder of a store, in which files are created once and never changed.
// Invariants: a file gets its name by link(2), after its content and before its folder is synced; a
// file whose name begins with a dot is not there for readers; who writes one holds a lock on it.

public import SystemCalls

/// What became of a file that was to be published.
public enum PublishOutcome: Sendable {
  /// It is there, and would survive a power cut.
  case published
  /// Another file has the name.
  case taken
  /// A signal came first; it is not there.
  case interrupted
  /// It is there for everybody to see, but its folder could not be synced.
  case unsynced(SystemError)
}

/// The one way in which files get into a store.
struct DurableFolder: Sendable {
  private static let temporaryPrefix = ".tmp-"

  /// Its own path.
  let path: String
  /// The store that it is in.
  let store: String
  let disk: any Disk

  init(path: String, in store: String, on disk: any Disk) {
    self.path = path
    self.store = store
    self.disk = disk
  }

  /// Publishes a text under a name that must be free.
  func publish(
    parts next: () -> [UInt8]?, as name: String, unless isInterrupted: () -> Bool
  ) throws(SystemError) -> PublishOutcome {
    let temporary = try createTemporary()
    defer { discard(temporary) }
    while let part = next() { try disk.write(part, to: temporary) }
    return try publish(temporary, as: name, unless: isInterrupted)
  }

  /// Publishes what was written to a temporary file, which keeps its own name, too.
  func publish(
    _ temporary: FileDescriptor, as name: String, unless isInterrupted: () -> Bool
  ) throws(SystemError) -> PublishOutcome {
    try disk.flush(temporary)
    if isInterrupted() { return .interrupted }
    do throws(SystemError) { try disk.link(temporary.path, as: name) } catch {
      // A network file system may have made a link and report that it failed, or that its second try
      // did: it is ours then.
      if let own = disk.identity(temporary), own == disk.identity(name) {
        return syncedOutcome()
      }
      guard error.isExisting else { throw error }
      return .taken
    }
    return syncedOutcome()
  }

  private func syncedOutcome() -> PublishOutcome {
    do throws(SystemError) { try disk.flushFolder(path) } catch { return .unsynced(error) }
    return .published
  }

  /// A locked temporary file. A sweeper may come between its creation and its lock: then again.
  func createTemporary() throws(SystemError) -> FileDescriptor {
    while true {
      let name = "\(Self.temporaryPrefix)\(Host.processID)-\(Host.randomName())"
      let file = try disk.create("\(path)/\(name)", mode: 0o600)
      do throws(SystemError) {
        if try disk.lock(file), disk.identity(file) == disk.identity(file.path) {
          return file
        }
      } catch {
        discard(file)
        throw error
      }
      discard(file)
    }
  }

  /// Makes the folder and those above, which may exist, or appear meanwhile. They are synced whoever
  /// made them: that process may have died first.
  func make() throws(SystemError) {
    let made = try disk.makeFolders(path, mode: 0o700).map { FileSystem.parent(of: $0) }
    try disk.flushFolder(store)
    var folder = store
    while folder != FileSystem.parent(of: folder), folder != "." {
      folder = FileSystem.parent(of: folder)
      do throws(SystemError) { try disk.flushFolder(folder) } catch {
        // Somebody else's folder that we may not read, or one that knows no sync, is theirs to keep.
        guard error.isDenied || error.isUnsupported, !made.contains(folder) else { throw error }
      }
    }
  }

  /// Removes the temporary files of writers that died: those that nobody holds a lock on. Failing to
  /// remove one leaves litter, not a wrong state.
  func sweep() {
    let names: [String]
    do { names = try disk.listFolder(path) } catch { return }
    for name in names where name.hasPrefix(Self.temporaryPrefix) {
      let path = "\(path)/\(name)"
      guard let file = disk.openForLock(path) else { continue }
      do throws(SystemError) {
        if try disk.lock(file), disk.identity(file) == disk.identity(path) {
          try disk.remove(path)
        }
      } catch {}  // litter stays
      close(file)
    }
  }

  /// Takes the temporary name away and ends the lock. What fails here leaves litter for `sweep`.
  func discard(_ file: FileDescriptor) {
    do { try disk.remove(file.path) } catch {}  // litter stays
    close(file)
  }

  private func close(_ file: FileDescriptor) {
    do { try disk.close(file) } catch {}  // what counts was synced before
  }
}
