// ChildProcess: a shell command fed on standard input, which never outlives usher.
// Invariants: one child at a time, in a process group of its own; once it has ended, or usher
// is interrupted, the whole group is killed, and only then is the leader reaped, so that its number
// cannot have gone to somebody else; a guard, which leads the group, kills it if usher dies first.
//
// Ours because Foundation's Process takes 34 ms to wait, leaves its grandchildren
// behind, and deadlocks when the child does not read.

internal import Synchronization

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

/// The C function. Swift hides it because a child must not run Swift code that allocates or locks:
/// ours calls only async-signal-safe functions, on buffers made before.
@_silgen_name("fork") private func forkProcess() -> Int32

/// Held while a child runs. A second child forked meanwhile would keep the first one's pipe open.
private let turn = Mutex(())

/// The group of the child that runs, for the signal handler; 0 if there is none.
private let runningGroup = Atomic<Int32>(0)

/// Runs commands.
public enum ChildProcess {
  /// How a command ended.
  public enum Outcome: Hashable, Sendable {
    /// By itself, with this status.
    case exited(Int32)
    /// By a signal.
    case signalled(Int32)
    /// Killed, because usher was interrupted.
    case interrupted
  }

  /// How long at most an end or an interruption goes unnoticed.
  private static let pauseMillisecondsMax: Int32 = 20

  /// Runs `/bin/sh -c COMMAND NAME ARGUMENT`; its output goes to standard error.
  /// - Parameters:
  ///   - input: What it reads; a child that does not read it all is no error.
  ///   - isInterrupted: Asked again and again while it runs.
  /// - Throws: `SystemError` if it cannot be started.
  public static func runShell(
    _ command: String, name: String, argument: String, input: [UInt8],
    isInterrupted: () -> Bool
  ) throws(SystemError) -> Outcome {
    try run(["/bin/sh", "-c", command, name, argument], input: input, isInterrupted)
  }

  /// Runs a program; `words[0]` is its path.
  static func run(
    _ words: [String], input: [UInt8], _ isInterrupted: () -> Bool
  ) throws(SystemError) -> Outcome {
    try turn.withLock { _ throws(SystemError) -> Outcome in
      Signals.ignoreBrokenPipes()
      // If usher was started with SIGCHLD ignored, the kernel would throw the status away.
      signal(SIGCHLD, SIG_DFL)
      // Nobody writes to the lifeline: its end is our end, however we die.
      let lifeline = try pipeEnds(for: words[0])
      defer { for end in lifeline { close(end) } }
      let group = startGuard(on: lifeline)
      guard group > 0 else { throw .last("guard", words[0]) }
      runningGroup.store(group, ordering: .relaxed)
      defer {
        runningGroup.store(0, ordering: .relaxed)
        kill(-group, SIGKILL)
        _ = reap(group)
      }
      return try runGuarded(words, in: group, input, isInterrupted)
    }
  }

  private static func runGuarded(
    _ words: [String], in group: Int32, _ input: [UInt8], _ isInterrupted: () -> Bool
  ) throws(SystemError) -> Outcome {
    // Made after the guard, which would otherwise keep it open: the command would see no end.
    let feed = try pipeEnds(for: words[0])
    let child: Int32
    do throws(SystemError) { child = try start(words, reading: feed[0], in: group) } catch {
      for end in feed { close(end) }
      throw error
    }
    close(feed[0])
    let isStopped = watch(child, feeding: feed[1], input, isInterrupted)
    // Whatever the command left behind in its group goes with it.
    kill(-group, SIGKILL)
    let status = reap(child)
    if isStopped { return .interrupted }
    let number = status & 0x7F
    return number == 0 ? .exited(status >> 8 & 0xFF) : .signalled(number)
  }

  /// Makes what the signal handler needs, so that it need not.
  static func prepareForHandler() { runningGroup.store(0, ordering: .relaxed) }

  /// For the signal handler: kills the command that runs, if one does.
  static func killRunning() {
    let group = runningGroup.load(ordering: .relaxed)
    if group > 0 { kill(-group, SIGKILL) }
  }

  /// A pipe that exec closes and that is none of 0, 1 and 2, even if usher was started without them.
  private static func pipeEnds(for command: String) throws(SystemError) -> [Int32] {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw .last("start", command) }
    defer { for end in ends { close(end) } }
    let reading = fcntl(ends[0], F_DUPFD_CLOEXEC, 3)
    let writing = fcntl(ends[1], F_DUPFD_CLOEXEC, 3)
    guard reading >= 0, writing >= 0 else {
      let error = SystemError.last("start", command)
      if reading >= 0 { close(reading) }
      throw error
    }
    return [reading, writing]
  }

  /// Starts the leader of a new group, which waits for the end of the lifeline and then kills the
  /// group, itself included.
  private static func startGuard(on lifeline: [Int32]) -> Int32 {
    let (reading, writing) = (lifeline[0], lifeline[1])
    let child = forkProcess()
    guard child == 0 else {
      if child > 0 { _ = setpgid(child, child) }
      return child
    }
    _ = setpgid(0, 0)
    signal(SIGINT, SIG_IGN)
    signal(SIGTERM, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
    close(writing)
    var byte: UInt8 = 0
    while read(reading, &byte, 1) < 0 {}
    kill(0, SIGKILL)
    _exit(0)
  }

  /// Forks and executes; returns once the program runs.
  private static func start(
    _ words: [String], reading end: Int32, in group: Int32
  ) throws(SystemError) -> Int32 {
    let report = try pipeEnds(for: words[0])
    let reportEnd = report[1]
    var arguments = words.map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var none = sigset_t()
    sigemptyset(&none)
    let child = arguments.withUnsafeMutableBufferPointer { buffer -> Int32 in
      guard let vector = buffer.baseAddress, let path = vector[0] else { return -1 }
      let child = forkProcess()
      guard child == 0 else { return child }
      _ = setpgid(0, group)
      // What is ignored or blocked is handed down; the command starts with neither.
      var number: Int32 = 1
      while number < 32 {
        _ = signal(number, SIG_DFL)
        number += 1
      }
      sigprocmask(SIG_SETMASK, &none, nil)
      if dup2(end, 0) >= 0, dup2(2, 1) >= 0 { execv(path, vector) }
      var failure = errno
      _ = write(reportEnd, &failure, 4)
      _exit(127)
    }
    let forkError = SystemError.last("start", words[0])
    close(reportEnd)
    defer { close(report[0]) }
    guard child > 0 else { throw forkError }
    _ = setpgid(child, group)
    // exec closes the pipe; before that only an error number comes through it.
    var failure: Int32 = 0
    var count = 0
    repeat { count = read(report[0], &failure, 4) } while count < 0 && errno == EINTR
    guard count == 4 else { return child }
    _ = reap(child)
    throw SystemError("start", words[0], failure)
  }

  /// Feeds the child until it ends, and closes the pipe; true if usher was interrupted first.
  private static func watch(
    _ child: Int32, feeding pipe: Int32, _ input: [UInt8], _ isInterrupted: () -> Bool
  ) -> Bool {
    _ = fcntl(pipe, F_SETFL, O_NONBLOCK)
    var offset = 0
    var isOpen = true
    var pause: Int32 = 1
    defer { if isOpen { close(pipe) } }
    while true {
      if isInterrupted() { return true }
      if isOpen {
        isOpen = feed(pipe, input, &offset)
        if !isOpen { close(pipe) }
      }
      if hasEnded(child) { return false }
      // Wakes at once when the pipe has room, otherwise soon: a signal or the end may have come.
      var wanted = pollfd(fd: isOpen ? pipe : -1, events: Int16(POLLOUT), revents: 0)
      _ = poll(&wanted, 1, pause)
      pause = min(pause * 2, pauseMillisecondsMax)
    }
  }

  /// Whether a child has ended; it stays a zombie.
  private static func hasEnded(_ child: Int32) -> Bool {
    var information = siginfo_t()
    let result = waitid(P_PID, id_t(child), &information, WEXITED | WNOHANG | WNOWAIT)
    precondition(result == 0 || errno == EINTR, "nobody else reaps our children")
    return result == 0 && information.si_signo == SIGCHLD
  }

  private static func reap(_ child: Int32) -> Int32 {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status
  }

  /// Writes what fits; false once everything is written or nobody reads.
  private static func feed(_ pipe: Int32, _ input: [UInt8], _ offset: inout Int) -> Bool {
    while offset < input.count {
      let count = input.withUnsafeBytes {
        write(pipe, $0.baseAddress.map { $0 + offset }, input.count - offset)
      }
      if count < 0 { return errno == EAGAIN || errno == EINTR }
      offset += count
    }
    return false
  }
}
