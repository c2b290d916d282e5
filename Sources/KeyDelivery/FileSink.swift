// FileSink: keys in a file of their own, one JSON object a line.
// Invariants: the file is created new, mode 0600; both its content and its name are synced when
// `store` returns; it is taken away only while it holds the very keys that were written to it.

public import SystemCalls

/// Hands keys over as a file.
public struct FileSink: KeyReceiver {
  private static let keysAtOnce = 1024

  private let path: String
  private let disk: any Disk

  /// A file at a path where nothing is yet.
  public init(path: String, on disk: any Disk = LocalDisk()) {
    self.path = path
    self.disk = disk
  }

  /// See `KeyReceiver`.
  public func store(
    _ keys: [HandedKey], isInterrupted: @escaping @Sendable () -> Bool
  ) throws(SinkError) {
    if isInterrupted() { throw .interrupted }
    do throws(SystemError) {
      try disk.createFile(path, mode: 0o600) { (file) throws(SystemError) in
        // A part at a time, so that there are not all of them in memory once more.
        for start in stride(from: 0, to: keys.count, by: Self.keysAtOnce) {
          var lines = KeyLines.bytes(of: keys[start..<min(start + Self.keysAtOnce, keys.count)])
          defer { lines.wipe() }
          try disk.write(lines, to: file)
        }
      }
    } catch {
      throw error.isExisting ? .existing(path) : .file(error)
    }
    do throws(SystemError) { try disk.flushFolder(FileSystem.parent(of: path)) } catch {
      var lines = KeyLines.bytes(of: keys)
      defer { lines.wipe() }
      do throws(SinkError) { try remove(holding: lines) } catch let eraseError {
        throw .notErased(.file(error), eraseError)
      }
      throw .file(error)
    }
  }

  /// See `KeyReceiver`. The file is removed only if it still holds these very keys.
  public func erase(_ keys: [HandedKey]) throws(SinkError) {
    var lines = KeyLines.bytes(of: keys)
    defer { lines.wipe() }
    try remove(holding: lines)
  }

  /// The keys are 256 random bits each: a file with the same content is the one that was written.
  private func remove(holding lines: [UInt8]) throws(SinkError) {
    var found: [UInt8]
    do throws(SystemError) { found = try disk.readFile(path) } catch {
      if error.isMissing { return }
      throw .file(error)
    }
    defer { found.wipe() }
    guard found == lines else { throw .foreign(path) }
    do throws(SystemError) {
      try disk.remove(path)
      try disk.flushFolder(FileSystem.parent(of: path))
    } catch {
      throw .file(error)
    }
  }
}
