// FileSystem: the few file operations usher needs, with errors that name their file.

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

/// An open file descriptor; whoever opens one closes it.
public struct FileDescriptor: Hashable, Sendable {
  /// The system's number for it.
  public let number: Int32
  /// The name it was opened by.
  public let path: String

  /// A descriptor of a disk that numbers its own.
  public init(number: Int32, path: String) {
    self.number = number
    self.path = path
  }
}

/// What a path leads to.
public enum FileKind: Sendable {
  case file
  case folder
  case other
}

/// Which very file something is, whatever its name.
public struct FileIdentity: Hashable, Sendable {
  let device: UInt64
  let inode: UInt64

  /// The identity of a file on a disk that numbers its own.
  public init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}

/// Files and folders.
public enum FileSystem {
  /// The largest file that is read, 1 GiB.
  public static let readBytesMax = 1 << 30
  /// What a pipe that is ready takes without waiting, on every system (POSIX: PIPE_BUF).
  private static let pipeBytesMin = 512

  /// What the path leads to, symbolic links followed; nil if nothing is there.
  public static func kind(_ path: String) -> FileKind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  /// Reads a whole file.
  /// - Parameter followsLinks: Whether the last part of the path may be a symbolic link, or something
  ///   else than a plain file, such as a pipe.
  /// - Throws: `SystemError`; also for a folder and for more than `readBytesMax` bytes.
  public static func readFile(
    _ path: String, followsLinks: Bool = true
  ) throws(SystemError) -> [UInt8] {
    let flags = O_RDONLY | O_CLOEXEC | (followsLinks ? 0 : O_NOFOLLOW | O_NONBLOCK)
    // Opening a pipe waits for somebody who writes to it; a signal ends the wait.
    let descriptor = try retry("read", path, unless: { followsLinks && Signals.isPending }) {
      open(path, flags)
    }
    defer { Platform.end(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .last("read", path) }
    let type = status.st_mode & S_IFMT
    guard type != S_IFDIR else { throw SystemError("read", path, EISDIR) }
    guard followsLinks || type == S_IFREG else { throw SystemError("read", path, EINVAL) }
    return try readAll(descriptor, path, expecting: Int(status.st_size))
  }

  /// Reads the last bytes of a plain file, or all of it if it has fewer; a link is not followed.
  /// - Throws: `SystemError`.
  public static func readEnd(of path: String, bytesMax: Int) throws(SystemError) -> [UInt8] {
    let descriptor = try retry("read", path) {
      open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    }
    defer { Platform.end(descriptor) }
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0, lseek(descriptor, max(0, end - off_t(bytesMax)), SEEK_SET) >= 0 else {
      throw .last("read", path)
    }
    return try readAll(descriptor, path, expecting: bytesMax)
  }

  /// Reads standard input to its end.
  /// - Throws: `SystemError`.
  public static func readStandardInput() throws(SystemError) -> [UInt8] {
    try readAll(0, "standard input", expecting: 0)
  }

  /// Names in a folder, sorted by bytes, without `.` and `..`.
  /// - Throws: `SystemError`.
  public static func listFolder(_ path: String) throws(SystemError) -> [String] {
    guard let stream = opendir(path) else { throw .last("read", path) }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw .last("read", path) }
    // Comparing strings is fast and bytewise for ASCII only; other names are put in order by hand.
    if names.allSatisfy({ $0.utf8.allSatisfy { $0 < 0x80 } }) { return names.sorted() }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Creates a folder, whatever the umask.
  /// - Throws: `SystemError`, also if it exists.
  public static func makeFolder(_ path: String, mode: UInt32) throws(SystemError) {
    guard mkdir(path, mode_t(mode)) == 0 else { throw .last("create the folder", path) }
    guard chmod(path, mode_t(mode)) == 0 else { throw .last("create the folder", path) }
  }

  /// Creates a file that must not exist; a symbolic link counts as existing.
  /// - Parameter mode: What it gets, whatever the umask; nil: what that leaves of 0666.
  /// - Throws: `SystemError`.
  public static func create(_ path: String, mode: UInt32?) throws(SystemError) -> FileDescriptor {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let number = try retry("create", path) { open(path, flags, mode_t(mode ?? 0o666)) }
    if let mode, fchmod(number, mode_t(mode)) != 0 {
      let error = SystemError.last("create", path)
      Platform.end(number)
      unlink(path)
      throw error
    }
    return FileDescriptor(number: number, path: path)
  }

  /// Creates a file with this content, or nothing.
  /// - Throws: `SystemError`, also if it exists.
  public static func createFile(
    _ path: String, with bytes: [UInt8], mode: UInt32?
  ) throws(SystemError) {
    let file = try create(path, mode: mode)
    try LocalDisk().fill(file, path) { (file) throws(SystemError) in try write(bytes, to: file) }
  }

  /// Adds to the end of a file, which is created if it is not there.
  /// - Throws: `SystemError`.
  public static func append(_ bytes: [UInt8], to path: String) throws(SystemError) {
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
    let number = try retry("write", path) { open(path, flags, mode_t(0o644)) }
    let file = FileDescriptor(number: number, path: path)
    do throws(SystemError) { try write(bytes, to: file) } catch {
      Platform.end(number)
      throw error
    }
    try close(file)
  }

  /// Writes everything, however many calls it takes.
  /// - Throws: `SystemError`.
  public static func write(_ bytes: [UInt8], to file: FileDescriptor) throws(SystemError) {
    let failure = writeAll(bytes, to: file.number)
    if failure != 0 { throw SystemError("write", file.path, failure) }
  }

  /// Makes the content survive a power cut.
  /// - Throws: `SystemError`; what was written may then be lost.
  public static func flush(_ file: FileDescriptor) throws(SystemError) {
    guard Platform.flush(file.number) == 0 else { throw .last("sync", file.path) }
  }

  /// Closes; the descriptor is gone even if an error is thrown.
  /// - Throws: `SystemError`.
  public static func close(_ file: FileDescriptor) throws(SystemError) {
    guard Platform.end(file.number) == 0 || errno == EINTR else { throw .last("close", file.path) }
  }

  /// Makes the names in a folder survive a power cut.
  /// - Throws: `SystemError`.
  public static func flushFolder(_ path: String) throws(SystemError) {
    let number = try retry("sync", path) { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    defer { Platform.end(number) }
    guard Platform.flush(number) == 0 else { throw .last("sync", path) }
  }

  /// Gives a file a second name, which must not exist.
  /// - Throws: `SystemError`.
  public static func link(_ path: String, as name: String) throws(SystemError) {
    guard Platform.addName(path, name) == 0 else { throw .last("create", name) }
  }

  /// Takes a name away; a missing one is no error.
  /// - Throws: `SystemError`.
  public static func remove(_ path: String) throws(SystemError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw .last("remove", path) }
  }

  /// Moves a file over another.
  /// - Throws: `SystemError`.
  public static func move(_ path: String, to name: String) throws(SystemError) {
    guard rename(path, name) == 0 else { throw .last("create", name) }
  }

  /// Takes the lock that tells a living writer's file from a dead one's; closing gives it back.
  /// - Returns: false if somebody else holds it.
  /// - Throws: `SystemError` if there are no locks here, as on some network file systems.
  public static func lock(_ file: FileDescriptor) throws(SystemError) -> Bool {
    let failure = Platform.lock(file.number)
    guard failure == 0 || failure == EWOULDBLOCK else {
      throw SystemError("lock", file.path, failure)
    }
    return failure == 0
  }

  /// Opens an existing file to look at its lock; nil if it is gone or no plain file.
  public static func openForLock(_ path: String) -> FileDescriptor? {
    let number = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    return number < 0 ? nil : FileDescriptor(number: number, path: path)
  }

  /// Which file a descriptor is open on; nil if the system does not say.
  public static func identity(_ file: FileDescriptor) -> FileIdentity? {
    var status = stat()
    guard fstat(file.number, &status) == 0 else { return nil }
    return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }

  /// Which file a path names, symbolic links not followed; nil if there is none.
  public static func identity(_ path: String) -> FileIdentity? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }

  /// Which file or folder a path leads to, symbolic links followed; nil if it leads nowhere.
  public static func target(_ path: String) -> FileIdentity? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }

  /// The folder that a path is in.
  public static func parent(of path: String) -> String {
    var trimmed = path[...]
    while trimmed.count > 1, trimmed.last == "/" { trimmed = trimmed.dropLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  /// The name of a path in its folder.
  public static func lastPart(of path: String) -> String {
    String(path.split(separator: "/").last ?? "/")
  }

  /// Writes everything; 0, or the error number.
  /// - Parameter isInterrupted: Whether a signal has come: then only what can be written without
  ///   waiting is, and the rest fails with EINTR.
  static func writeAll(
    _ bytes: [UInt8], to descriptor: Int32, unless isInterrupted: () -> Bool = { false }
  ) -> Int32 {
    bytes.withUnsafeBytes { buffer in
      var offset = 0
      while offset < buffer.count {
        var size = buffer.count - offset
        if isInterrupted() {
          var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          var ready: Int32 = -1
          repeat { ready = poll(&wanted, 1, 0) } while ready < 0 && errno == EINTR
          guard ready == 1 else { return EINTR }
          size = min(size, pipeBytesMin)
        }
        let count = Platform.put(descriptor, buffer.baseAddress.map { $0 + offset }, size)
        if count < 0 {
          if errno == EINTR, !isInterrupted() { continue }
          return errno
        }
        offset += count
      }
      return 0
    }
  }

  static func retry(
    _ operation: String, _ path: String, unless isInterrupted: () -> Bool = { false },
    _ call: () -> Int32
  ) throws(SystemError) -> Int32 {
    while true {
      let result = call()
      if result >= 0 { return result }
      // Opening a pipe waits for somebody at its other end: a signal ends the wait.
      let failure = errno
      if failure != EINTR || isInterrupted() { throw SystemError(operation, path, failure) }
    }
  }

  private static func readAll(
    _ descriptor: Int32, _ path: String, expecting size: Int
  ) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = max(4096, min(size, readBytesMax) + 1)
    while true {
      var count = 0
      var failure: Int32 = 0
      let start = bytes.count
      let part = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, initialized in
        count = read(descriptor, buffer.baseAddress, chunk)
        failure = errno
        initialized = max(0, count)
      }
      // What comes in one piece, such as a key, is never copied: wiping the result is enough.
      if bytes.isEmpty { bytes = part } else { bytes += part }
      if count < 0 {
        if failure == EINTR, !Signals.isPending { continue }
        throw SystemError("read", path, failure)
      }
      if count == 0 { return bytes }
      guard bytes.count <= readBytesMax else { throw SystemError("read", path, EFBIG) }
      chunk = max(65536, min(bytes.count - start, 1 << 24))
    }
  }
}
