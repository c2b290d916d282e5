// FileSystem+Replacing: a file whose content changes in one step, and nothing else of it.

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

extension FileSystem {
  /// How many symbolic links are followed one behind the other, as Linux has it.
  private static let linksMax = 40

  /// Puts a file in place of another in one step; a reader sees the old or the new one, whole. It
  /// keeps the mode of the old one and, as far as the system lets this process, its owner; a
  /// symbolic link stays, and the file it leads to is replaced. A new file gets what the umask leaves
  /// of the mode 0666.
  /// - Throws: `SystemError`.
  public static func replaceFile(_ path: String, with bytes: [UInt8]) throws(SystemError) {
    try replaceFile(path, mode: nil) { (file) throws(SystemError) in try write(bytes, to: file) }
  }

  /// The same, for content that is written piece by piece; nothing changes if `produce` throws.
  /// - Parameter mode: What a new file gets, whatever the umask; nil: what that leaves of 0666.
  /// - Throws: `SystemError`. If only the folder could not be synced, the new file is in place, but a
  ///   power cut may bring the old one back.
  public static func replaceFile(
    _ path: String, mode: UInt32?, by produce: (FileDescriptor) throws(SystemError) -> Void
  ) throws(SystemError) {
    if let kind = kind(path), kind != .file { return try overwrite(path, by: produce) }
    let target = try target(of: path)
    var status = stat()
    let isOld = stat(target, &status) == 0
    let temporary = "\(target).tmp-\(Host.randomName())"
    let file = try create(temporary, mode: isOld ? UInt32(status.st_mode & 0o777) : mode)
    try LocalDisk().fill(file, temporary, by: produce)
    if isOld, status.st_uid != geteuid() || status.st_gid != getegid() {
      // What only a privileged process may do; others own what they have written, as with editors.
      _ = lchown(temporary, status.st_uid, status.st_gid)
    }
    guard rename(temporary, target) == 0 else {
      let error = SystemError.last("write", path)
      unlink(temporary)
      throw error
    }
    do throws(SystemError) { try flushFolder(parent(of: target)) } catch {
      // A folder that we may write to and not read, or one that knows no sync, keeps what it can.
      guard error.isDenied || error.isUnsupported else { throw error }
    }
  }

  /// A device or a pipe, such as /dev/stdout, is written to, not replaced.
  private static func overwrite(
    _ path: String, by produce: (FileDescriptor) throws(SystemError) -> Void
  ) throws(SystemError) {
    let number = try retry("write", path) { open(path, O_WRONLY | O_CLOEXEC) }
    let file = FileDescriptor(number: number, path: path)
    do throws(SystemError) { try produce(file) } catch {
      Platform.end(number)
      throw error
    }
    try close(file)
  }

  /// Where a path leads through symbolic links, whether something is there or not.
  private static func target(of path: String) throws(SystemError) -> String {
    var path = path
    for _ in 0...linksMax {
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
      let count = readlink(path, &buffer, buffer.count)
      guard count >= 0 else { return path }
      guard count < buffer.count else { throw SystemError("write", path, ENAMETOOLONG) }
      let link = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      path = link.hasPrefix("/") ? link : "\(parent(of: path))/\(link)"
    }
    throw SystemError("write", path, ELOOP)
  }
}
