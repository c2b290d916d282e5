// Platform: everything that differs between Linux and macOS, and nothing else does.

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

enum Platform {
  /// Asks the disk itself to keep what was written to a descriptor.
  static func flush(_ descriptor: Int32) -> Int32 {
    #if os(Linux)
      return fsync(descriptor)
    #else
      // On macOS fsync leaves data in the drive's cache.
      return fcntl(descriptor, F_FULLFSYNC) == 0 ? 0 : fsync(descriptor)
    #endif
  }

  /// The number of terminal columns of a descriptor, or nil.
  static func columns(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Locks a whole file without waiting; 0, or the error number.
  static func lock(_ descriptor: Int32) -> Int32 {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno != EINTR { return errno }
    }
    return 0
  }

  /// link(2), write(2) and close(2) by names that `FileSystem` does not use itself.
  static func addName(_ path: String, _ name: String) -> Int32 { link(path, name) }

  /// See `addName`.
  static func put(_ descriptor: Int32, _ from: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, from, count)
  }

  /// See `addName`.
  @discardableResult
  static func end(_ descriptor: Int32) -> Int32 { close(descriptor) }

  /// Sets what a signal does.
  static func handle(_ signal: Int32, with handler: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    #if canImport(Glibc)
      action.__sigaction_handler.sa_handler = handler
    #elseif canImport(Musl)
      action.__sa_handler.sa_handler = handler
    #else
      action.__sigaction_u.__sa_handler = handler
    #endif
    sigemptyset(&action.sa_mask)
    // No SA_RESTART: a blocked read returns, so that a question can be abandoned.
    action.sa_flags = 0
    sigaction(signal, &action, nil)
  }
}
