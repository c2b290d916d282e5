// MeasuredProcess: a process of its own, how long it took and the most memory it had.
//
// Not ChildProcess, which feeds and guards its child and would be measured with it.

import SystemCalls

#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Musl)
  @preconcurrency import Musl
#else
  @preconcurrency import Darwin
#endif

/// What one run took.
struct Sample {
  /// From before the start to after the end, by a clock that nobody sets.
  let duration: Duration
  /// Peak resident memory in bytes; nil if it is not known.
  var peakBytes: Int?
}

/// Starts programs and measures them.
enum MeasuredProcess {
  /// Runs a program to its end; what it writes to standard output is dropped, as fast as that goes.
  /// - Parameters:
  ///   - words: The path and the arguments.
  ///   - input: The file that it reads from standard input.
  ///   - errors: The file that gets its standard error.
  /// - Returns: What it took, and its exit status, or 128 and the signal that ended it.
  /// - Throws: `SystemError` if it cannot be started.
  static func run(
    _ words: [String], input: String, errors: String
  ) throws(SystemError) -> (sample: Sample, status: Int32) {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    // Nothing but what programs are found by: no variable of usher's changes what is measured.
    let path = "PATH=" + (Host.environment("PATH") ?? "/usr/bin:/bin")
    var arguments = words.map { strdup($0) } + [nil]
    var variables = [strdup(path), nil]
    defer { for text in arguments + variables { free(text) } }
    let ownPeak = ownPeakBytes()
    var child: pid_t = 0
    var status: Int32 = 0
    var usage = rusage()
    let clock = ContinuousClock()
    let start = clock.now
    let failure = posix_spawn(&child, words[0], &actions, nil, &arguments, &variables)
    guard failure == 0 else { throw SystemError("start", words[0], failure) }
    while wait4(child, &status, 0, &usage) < 0, errno == EINTR {}
    let duration = clock.now - start
    let peak = Int(usage.ru_maxrss) * unit
    let signal = status & 0x7F
    return (
      Sample(duration: duration, peakBytes: peak > ownPeak ? peak : nil),
      signal == 0 ? status >> 8 & 0xFF : 128 + signal
    )
  }

  /// Bytes that `ru_maxrss` counts in: getrusage(2) of each system.
  private static var unit: Int {
    #if canImport(Darwin)
      1
    #else
      1024
    #endif
  }

  /// The peak memory of this process. Linux lets a child begin in the memory of its parent and counts
  /// that as the child's: a peak that is no larger says nothing. 0 where it is not so.
  private static func ownPeakBytes() -> Int {
    let status: [UInt8]
    do { status = try FileSystem.readFile("/proc/self/status") } catch { return 0 }
    for line in status.split(separator: 0x0A) {
      let words = String(decoding: line, as: UTF8.self).split { $0 == "\t" || $0 == " " }
      if words.first == "VmHWM:", words.count == 3 { return (Int(words[1]) ?? 0) * 1024 }
    }
    return 0
  }

  /// Reads a file in pieces and counts its lines: what nothing that answers from it can go below.
  /// - Throws: `SystemError`.
  static func countLines(_ path: String) throws(SystemError) -> (lines: Int, bytes: Int) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw SystemError("read", path, errno) }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var (lines, bytes) = (0, 0)
    while true {
      let count = read(file, &buffer, buffer.count)
      guard count >= 0 else { throw SystemError("read", path, errno) }
      if count == 0 { return (lines, bytes) }
      bytes += count
      for byte in buffer[..<count] where byte == 0x0A { lines += 1 }
    }
  }
}
