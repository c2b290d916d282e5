// Hardening: what the process does first, so that no accident writes a secret where it can be read.

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

extension Host {
  /// Prepares a process that will hold keys. To be called once, before any file is opened.
  public static func harden() {
    holdStandardDescriptors()
    forbidCoreDumps()
    forbidCrashReports()
  }

  /// Fills the places of standard streams that are closed. A commit or a file of keys that was opened
  /// as descriptor 1 would get what is meant for standard output. Reading and writing the stand-in
  /// fail, as they would without it.
  private static func holdStandardDescriptors() {
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number, which is this one, or nothing: without /dev there is no better way.
      _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
    }
  }

  /// No core dump of this process or of a key sink holds a key: none is written, and on Linux nothing
  /// of the memory is in those that are piped to a program, for which the limit does not count.
  private static func forbidCoreDumps() {
    Platform.forbidCoreFiles()
    #if os(Linux)
      let filter = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC)
      guard filter >= 0 else { return }
      _ = FileSystem.writeAll([UInt8(ascii: "0")], to: filter)
      Platform.end(filter)
    #endif
  }
}

extension Host {
  /// A crash ends the process and no more. The report that Swift's runtime would write to standard
  /// error shows the memory that registers point to, which may be half a key in a pipeline's log.
  /// Who sets SWIFT_BACKTRACE has asked for it.
  private static func forbidCrashReports() {
    guard environment("SWIFT_BACKTRACE") == nil else { return }
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV, SIGQUIT] {
      signal(number, SIG_DFL)
    }
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Overwrites every byte with zero. It goes through explicit_bzero(3), or memset_s(3), which no
  /// optimizer removes, although nobody reads the bytes again.
  public func wipe() { Platform.overwrite(self) }
}

extension Array where Element == UInt8 {
  /// Overwrites every byte with zero, as no optimizer removes. If another array shares the memory, it is
  /// that one's to wipe.
  public mutating func wipe() {
    withUnsafeMutableBytes { $0.wipe() }
  }
}
