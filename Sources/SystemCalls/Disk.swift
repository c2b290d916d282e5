// Disk: the file operations that the state and the keys are kept by, and nothing else does.
//
// A protocol so that tests can put a simulated disk there, which stops, tears, loses and fails.

/// A disk. What each operation means stands with `FileSystem`.
public protocol Disk: Sendable {
  /// See `FileSystem`.
  func kind(_ path: String) -> FileKind?
  /// See `FileSystem`.
  func identity(_ path: String) -> FileIdentity?
  /// See `FileSystem`.
  func identity(_ file: FileDescriptor) -> FileIdentity?
  /// See `FileSystem`.
  func isLink(_ path: String) -> Bool
  /// Reads a whole plain file; a symbolic link is not followed.
  func readFile(_ path: String) throws(SystemError) -> [UInt8]
  /// See `FileSystem`.
  func readEnd(of path: String, bytesMax: Int) throws(SystemError) -> [UInt8]
  /// See `FileSystem`.
  func readPart(of path: String, from offset: Int, count: Int) throws(SystemError) -> [UInt8]
  /// See `FileSystem`.
  func listFolder(_ path: String) throws(SystemError) -> [String]
  /// See `FileSystem`.
  func makeFolder(_ path: String, mode: UInt32) throws(SystemError)
  /// See `FileSystem`.
  func create(_ path: String, mode: UInt32) throws(SystemError) -> FileDescriptor
  /// See `FileSystem`.
  func openForLock(_ path: String) -> FileDescriptor?
  /// See `FileSystem`.
  func lock(_ file: FileDescriptor) throws(SystemError) -> Bool
  /// See `FileSystem`.
  func write(_ bytes: [UInt8], to file: FileDescriptor) throws(SystemError)
  /// See `FileSystem`.
  func flush(_ file: FileDescriptor) throws(SystemError)
  /// See `FileSystem`.
  func close(_ file: FileDescriptor) throws(SystemError)
  /// See `FileSystem`.
  func link(_ path: String, as name: String) throws(SystemError)
  /// See `FileSystem`.
  func move(_ path: String, to name: String) throws(SystemError)
  /// See `FileSystem`.
  func remove(_ path: String) throws(SystemError)
  /// See `FileSystem`.
  func flushFolder(_ path: String) throws(SystemError)
}

extension Disk {
  /// Creates a folder and those above it, as far as they are missing.
  /// - Returns: Those that were missing, the outermost first, even if somebody else made them first.
  /// - Throws: `SystemError`. That it exists, or appears meanwhile, is no error.
  public func makeFolders(_ path: String, mode: UInt32) throws(SystemError) -> [String] {
    var missing: [String] = []
    var folder = path
    while kind(folder) == nil {
      missing.append(folder)
      let parent = FileSystem.parent(of: folder)
      if parent == folder { break }
      folder = parent
    }
    for folder in missing.reversed() {
      do throws(SystemError) { try makeFolder(folder, mode: mode) } catch {
        if !error.isExisting { throw error }
      }
    }
    return missing.reversed()
  }

  /// Creates a file with this content, or nothing.
  /// - Throws: `SystemError`, also if it exists.
  public func createFile(
    _ path: String, with bytes: [UInt8], mode: UInt32
  ) throws(SystemError) {
    try createFile(path, mode: mode) { (file) throws(SystemError) in try write(bytes, to: file) }
  }

  /// The same, for content that is written piece by piece.
  /// - Throws: `SystemError`, also if it exists, and what `produce` throws.
  public func createFile(
    _ path: String, mode: UInt32, by produce: (FileDescriptor) throws(SystemError) -> Void
  ) throws(SystemError) {
    try fill(create(path, mode: mode), path, by: produce)
  }

  /// Writes, syncs and closes a new file, which is removed again if that cannot be done to its end.
  func fill(
    _ file: FileDescriptor, _ path: String,
    by produce: (FileDescriptor) throws(SystemError) -> Void
  ) throws(SystemError) {
    var isOpen = true
    do throws(SystemError) {
      try produce(file)
      try flush(file)
      isOpen = false
      try close(file)
    } catch {
      // The first failure is the one to tell.
      if isOpen { do { try close(file) } catch {} }
      do { try remove(path) } catch {}
      throw error
    }
  }
}

/// The disk of this machine.
public struct LocalDisk: Disk {
  /// There is one.
  public init() {}

  /// See `FileSystem`.
  public func kind(_ path: String) -> FileKind? { FileSystem.kind(path) }

  /// See `FileSystem`.
  public func identity(_ path: String) -> FileIdentity? { FileSystem.identity(path) }

  /// See `FileSystem`.
  public func identity(_ file: FileDescriptor) -> FileIdentity? { FileSystem.identity(file) }

  /// See `FileSystem`.
  public func isLink(_ path: String) -> Bool { FileSystem.isLink(path) }

  /// See `Disk`.
  public func readFile(_ path: String) throws(SystemError) -> [UInt8] {
    try FileSystem.readFile(path, followsLinks: false)
  }

  /// See `FileSystem`.
  public func readEnd(of path: String, bytesMax: Int) throws(SystemError) -> [UInt8] {
    try FileSystem.readEnd(of: path, bytesMax: bytesMax)
  }

  /// See `FileSystem`.
  public func readPart(
    of path: String, from offset: Int, count: Int
  ) throws(SystemError) -> [UInt8] {
    try FileSystem.readPart(of: path, from: offset, count: count)
  }

  /// See `FileSystem`.
  public func listFolder(_ path: String) throws(SystemError) -> [String] {
    try FileSystem.listFolder(path)
  }

  /// See `FileSystem`.
  public func makeFolder(_ path: String, mode: UInt32) throws(SystemError) {
    try FileSystem.makeFolder(path, mode: mode)
  }

  /// See `FileSystem`.
  public func create(_ path: String, mode: UInt32) throws(SystemError) -> FileDescriptor {
    try FileSystem.create(path, mode: mode)
  }

  /// See `FileSystem`.
  public func openForLock(_ path: String) -> FileDescriptor? { FileSystem.openForLock(path) }

  /// See `FileSystem`.
  public func lock(_ file: FileDescriptor) throws(SystemError) -> Bool {
    try FileSystem.lock(file)
  }

  /// See `FileSystem`.
  public func write(_ bytes: [UInt8], to file: FileDescriptor) throws(SystemError) {
    try FileSystem.write(bytes, to: file)
  }

  /// See `FileSystem`.
  public func flush(_ file: FileDescriptor) throws(SystemError) { try FileSystem.flush(file) }

  /// See `FileSystem`.
  public func close(_ file: FileDescriptor) throws(SystemError) { try FileSystem.close(file) }

  /// See `FileSystem`.
  public func link(_ path: String, as name: String) throws(SystemError) {
    try FileSystem.link(path, as: name)
  }

  /// See `FileSystem`.
  public func move(_ path: String, to name: String) throws(SystemError) {
    try FileSystem.move(path, to: name)
  }

  /// See `FileSystem`.
  public func remove(_ path: String) throws(SystemError) { try FileSystem.remove(path) }

  /// See `FileSystem`.
  public func flushFolder(_ path: String) throws(SystemError) {
    try FileSystem.flushFolder(path)
  }
}
