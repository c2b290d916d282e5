// Platform: everything that differs between Linux and macOS, and nothing else does.

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

#if os(Linux)
  /// The C function, which Swift does not import because it is variadic.
  @_silgen_name("prctl") private func processControl(
    _ option: Int32, _ a: UInt, _ b: UInt, _ c: UInt, _ d: UInt
  ) -> Int32
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

  /// In a new child: makes the kernel kill it when its parent dies. macOS has no such call; there a
  /// child is killed with its group whenever its parent can still do so.
  @inline(__always)
  static func dieWithParent() {
    #if os(Linux)
      let setParentDeathSignal: Int32 = 1  // PR_SET_PDEATHSIG of <sys/prctl.h>
      _ = processControl(setParentDeathSignal, UInt(SIGKILL), 0, 0, 0)
    #endif
  }

  /// The number of terminal columns of a descriptor, or nil.
  static func columns(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Locks a whole file without waiting; false if somebody else holds the lock.
  static func lock(_ descriptor: Int32) -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

  /// Sets what a signal does.
  static func handle(_ signal: Int32, with handler: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    #if os(Linux)
      action.__sigaction_handler.sa_handler = handler
    #else
      action.__sigaction_u.__sa_handler = handler
    #endif
    sigemptyset(&action.sa_mask)
    // No SA_RESTART: a blocked read returns, so that a question can be abandoned.
    action.sa_flags = 0
    sigaction(signal, &action, nil)
  }
}
