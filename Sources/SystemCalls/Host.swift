// Host: what the process was started with and what it is attached to.

internal import Synchronization

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

/// Whether the reader of standard output has gone.
private let isUnread = Atomic<Bool>(false)

/// The process and its surroundings.
public enum Host {
  /// The arguments behind the program's name.
  public static var arguments: [String] { Array(CommandLine.arguments.dropFirst()) }

  /// The value of an environment variable, or nil.
  public static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// The same of a variable that holds a secret, which is then overwritten where the system shows other
  /// processes of this user the environment of this one. For the start, before there are threads.
  public static func takeEnvironment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    memset(value, 0, strlen(value))
    unsetenv(name)
    return text
  }

  /// The absolute path of the working folder; `/` if it is gone.
  public static var workingFolder: String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }

  /// Seconds since 1970 UTC.
  public static var clockSeconds: Int64 { Int64(time(nil)) }

  /// Whether a descriptor (0, 1 or 2) is a terminal.
  public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Columns of the terminal on standard output, or nil.
  public static var terminalColumns: Int? { Platform.columns(1) }

  /// Writes to standard output; false if it cannot all be written. A reader that went away has seen
  /// what it wanted: that is no failure. A signal ends the wait for one that does not read.
  public static func writeOutput(_ bytes: [UInt8]) -> Bool {
    let failure = FileSystem.writeAll(bytes, to: 1, unless: { Signals.isPending })
    if failure == EPIPE { isUnread.store(true, ordering: .relaxed) }
    return failure == 0 || failure == EPIPE
  }

  /// Whether the reader of standard output went away, so that more of it is in vain.
  public static var isOutputUnread: Bool { isUnread.load(ordering: .relaxed) }

  /// Writes to standard error; there is nowhere to tell of a failure.
  public static func writeError(_ bytes: [UInt8]) {
    _ = FileSystem.writeAll(bytes, to: 2, unless: { Signals.isPending })
  }

  /// Milliseconds since some instant in the past; they never go back, whoever sets the clock.
  public static var uptimeMilliseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Reads a line from standard input, without its break; nil at its end or at a signal.
  public static func readLine() -> String? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let count = read(0, &byte, 1)
      if count < 0, errno == EINTR, Signals.pending == nil { continue }
      if count <= 0 { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
      if byte == 0x0A { return String(decoding: line, as: UTF8.self) }
      if line.count < 4096 { line.append(byte) }
    }
  }

  /// Bytes of the system's random generator.
  public static func randomBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      // A call for each secret: Swift's generator makes one for every eight bytes.
      var filled = 0
      while filled < count {
        let part = bytes[filled..<min(count, filled + entropyMax)]
        let result = getentropy(
          UnsafeMutableRawBufferPointer(rebasing: part).baseAddress, part.count)
        precondition(result == 0, "the system has a random generator")
        filled += part.count
      }
      initialized = count
    }
  }

  /// The most that getentropy(3) gives at once.
  private static let entropyMax = 256

  /// A name that no other process has chosen: sixteen hexadecimal digits.
  public static func randomName() -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Ends the process.
  public static func exit(_ code: Int32) -> Never { _exit(code) }

  /// This process, for names of temporary files.
  public static var processID: Int32 { getpid() }
}
