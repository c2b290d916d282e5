// BatchMedium: where batches are kept: files beside the log, created once under a name that was free,
// never changed, and taken away when a larger one holds what they hold.

public import SystemCalls

/// Files that are created once, read in parts and perhaps removed.
public protocol BatchMedium: Sendable {
  /// The names that one listing shows, sorted. It is not of one instant: it may lack a file and show one
  /// that was published after it.
  /// - Throws: `StoreError`. That there are none yet is no error.
  func names() throws(StoreError) -> [String]

  /// The last bytes of a file, or all of it if it has fewer; nil if there is no such file any more.
  /// - Throws: `StoreError`.
  func readEnd(of name: String, bytesMax: Int) throws(StoreError) -> [UInt8]?

  /// So many bytes of a file, or fewer at its end; nil if there is no such file any more.
  /// - Throws: `StoreError`.
  func read(_ name: String, from offset: Int, count: Int) throws(StoreError) -> [UInt8]?

  /// Begins a file that nobody sees before it is published.
  /// - Throws: `StoreError`.
  func draft() throws(StoreError) -> any BatchDraft

  /// Makes every name that was ever listed survive a power cut.
  /// - Throws: `StoreError`.
  func sync() throws(StoreError)

  /// Takes files away, also those that are gone already.
  /// - Throws: `StoreError`.
  func remove(_ names: [String]) throws(StoreError)
}

/// A file that is being written.
public protocol BatchDraft: Sendable {
  /// Adds to its end.
  /// - Throws: `StoreError`.
  func append(_ bytes: [UInt8]) throws(StoreError)

  /// Gives it a name. May be called again with another one if the first was taken.
  /// - Throws: `StoreError`; then it has no name.
  func publish(
    as name: String, unless isInterrupted: () -> Bool
  ) throws(StoreError) -> PublishOutcome

  /// Ends writing; a file without a name is gone.
  func discard()
}

/// Batches in the folder `usage` of a store.
public struct FolderBatches: BatchMedium {
  private let folder: DurableFolder

  /// The batches of the store at a path, none of which need exist yet.
  public init(path: String, on disk: any Disk = LocalDisk()) {
    folder = DurableFolder(path: "\(path)/usage", in: path, on: disk)
  }

  /// See `BatchMedium`.
  public func names() throws(StoreError) -> [String] {
    try refuseLink()
    do { return try folder.disk.listFolder(folder.path).filter { !$0.hasPrefix(".") } } catch {
      if error.isMissing { return [] }
      throw .system(error)
    }
  }

  /// See `BatchMedium`.
  public func readEnd(of name: String, bytesMax: Int) throws(StoreError) -> [UInt8]? {
    do { return try folder.disk.readEnd(of: file(name), bytesMax: bytesMax) } catch {
      if error.isMissing { return nil }
      throw .system(error)
    }
  }

  /// See `BatchMedium`.
  public func read(
    _ name: String, from offset: Int, count: Int
  ) throws(StoreError) -> [UInt8]? {
    do { return try folder.disk.readPart(of: file(name), from: offset, count: count) } catch {
      if error.isMissing { return nil }
      throw .system(error)
    }
  }

  /// See `BatchMedium`.
  public func draft() throws(StoreError) -> any BatchDraft {
    try refuseLink()
    do throws(SystemError) {
      try folder.make()
      folder.sweep()
      return FolderDraft(folder: folder, file: try folder.createTemporary())
    } catch {
      throw .system(error)
    }
  }

  /// See `BatchMedium`.
  public func sync() throws(StoreError) {
    do { try folder.disk.flushFolder(folder.path) } catch { throw .system(error) }
  }

  /// See `BatchMedium`.
  public func remove(_ names: [String]) throws(StoreError) {
    for name in names {
      do { try folder.disk.remove(file(name)) } catch { throw .system(error) }
    }
  }

  private func file(_ name: String) -> String {
    precondition(!name.contains("/") && !name.hasPrefix("."), "a batch has a plain name")
    return "\(folder.path)/\(name)"
  }

  private func refuseLink() throws(StoreError) {
    guard folder.disk.isLink(folder.path) else { return }
    throw .corrupt(path: folder.path, reason: "it is a symbolic link, which is not followed")
  }
}

private struct FolderDraft: BatchDraft {
  let folder: DurableFolder
  let file: FileDescriptor

  func append(_ bytes: [UInt8]) throws(StoreError) {
    do { try folder.disk.write(bytes, to: file) } catch { throw .system(error) }
  }

  func publish(
    as name: String, unless isInterrupted: () -> Bool
  ) throws(StoreError) -> PublishOutcome {
    do throws(SystemError) {
      // Who published the batch before may not have come to sync it: a power cut must not take it
      // from under this one.
      try folder.disk.flushFolder(folder.path)
      return try folder.publish(file, as: "\(folder.path)/\(name)", unless: isInterrupted)
    } catch {
      throw .system(error)
    }
  }

  func discard() { folder.discard(file) }
}

extension Store {
  /// The batches of a location: the path of a folder.
  /// - Throws: `StoreError.unsupportedLocation` for anything with a scheme.
  public static func batches(at location: String) throws(StoreError) -> any BatchMedium {
    guard !location.contains("://"), !location.isEmpty else {
      throw .unsupportedLocation(location)
    }
    return FolderBatches(path: location)
  }
}
