// FileSystem+Parts: files that are read piece by piece, because they may be larger than the memory.

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

extension FileSystem {
  /// Reads so many bytes of a plain file, or fewer at its end; a link is not followed.
  /// - Throws: `SystemError`.
  public static func readPart(
    of path: String, from offset: Int, count: Int
  ) throws(SystemError) -> [UInt8] {
    let descriptor = try retry("read", path) {
      open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    }
    defer { Platform.end(descriptor) }
    guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw .last("read", path) }
    return try readNext(count, from: descriptor, path)
  }

  /// Opens a file, a pipe or a device to read it from its start to its end.
  /// - Throws: `SystemError`, also for a folder.
  public static func openInput(_ path: String) throws(SystemError) -> FileDescriptor {
    // Opening a pipe waits for somebody who writes to it; a signal ends the wait.
    let number = try retry("read", path, unless: { Signals.isPending }) {
      open(path, O_RDONLY | O_CLOEXEC)
    }
    var status = stat()
    guard fstat(number, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
      Platform.end(number)
      throw SystemError("read", path, EISDIR)
    }
    return FileDescriptor(number: number, path: path)
  }

  /// Standard input, which nobody closes.
  public static var standardInput: FileDescriptor {
    FileDescriptor(number: 0, path: "standard input")
  }

  /// Reads the next bytes: fewer than so many only at the end.
  /// - Throws: `SystemError`, also if a signal came while it waited.
  public static func readNext(
    _ count: Int, from file: FileDescriptor
  ) throws(SystemError) -> [UInt8] {
    try readNext(count, from: file.number, file.path)
  }

  private static func readNext(
    _ wanted: Int, from descriptor: Int32, _ path: String
  ) throws(SystemError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
      while initialized < wanted {
        let count = read(
          descriptor, buffer.baseAddress.map { $0 + initialized }, wanted - initialized)
        if count < 0, errno == EINTR, !Signals.isPending { continue }
        if count < 0 { failure = errno }
        if count <= 0 { return }
        initialized += count
      }
    }
    if failure != 0 { throw SystemError("read", path, failure) }
    return bytes
  }
}
