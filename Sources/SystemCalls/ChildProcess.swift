// ChildProcess: a command fed on standard input, which never outlives usher.
// Invariants: one child at a time, in a process group of its own; once it has ended, or usher
// is interrupted, the whole group is killed, and only then is the leader reaped, so that its number
// cannot have gone to somebody else; a guard, which leads the group, kills it if usher dies first;
// no child sees USHER_TOKEN.
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

  /// Runs a program that is looked up in PATH, and yields what it writes to standard output. Its
  /// standard input is empty, and its standard error is dropped.
  /// - Parameter isInterrupted: Asked again and again while it runs.
  /// - Throws: `SystemError` if it cannot be started. A program that is not there ends with 127.
  public static func capture(
    _ program: String, _ arguments: [String], isInterrupted: () -> Bool
  ) throws(SystemError) -> (outcome: Outcome, output: [UInt8]) {
    var output: [UInt8]? = []
    do throws(SystemError) {
      let outcome = try run([program] + arguments, input: [], keeping: &output, isInterrupted)
      return (outcome, output ?? [])
    } catch {
      guard error.isMissing else { throw error }
      return (.exited(127), [])
    }
  }

  /// Runs a program; `words[0]` is its path, its output goes to standard error.
  static func run(
    _ words: [String], input: [UInt8], _ isInterrupted: () -> Bool
  ) throws(SystemError) -> Outcome {
    var output: [UInt8]?
    return try run(words, input: input, keeping: &output, isInterrupted)
  }

  /// The same, but if `output` is not nil, it gets standard output, and what goes to standard error is
  /// dropped.
  private static func run(
    _ words: [String], input: [UInt8], keeping output: inout [UInt8]?, _ isInterrupted: () -> Bool
  ) throws(SystemError) -> Outcome {
    try turn.withLock { _ throws(SystemError) -> Outcome in
      Signals.surviveFailedWrites()
      // If usher was started with SIGCHLD ignored, the kernel would throw the status away.
      signal(SIGCHLD, SIG_DFL)
      // Nobody writes to the lifeline: its end is our end, however we die.
      let lifeline = try pipeEnds(for: words[0])
      defer { for end in lifeline { close(end) } }
      let group = try startGuard(on: lifeline)
      runningGroup.store(group, ordering: .relaxed)
      defer {
        runningGroup.store(0, ordering: .relaxed)
        kill(-group, SIGKILL)
        _ = reap(group)
      }
      return try runGuarded(words, in: group, input, &output, isInterrupted)
    }
  }

  private static func runGuarded(
    _ words: [String], in group: Int32, _ input: [UInt8], _ output: inout [UInt8]?,
    _ isInterrupted: () -> Bool
  ) throws(SystemError) -> Outcome {
    let feed = try pipeEnds(for: words[0])
    var drain: [Int32] = []
    let child: Int32
    do throws(SystemError) {
      if output != nil { drain = try pipeEnds(for: words[0]) }
      child = try Platform.spawn(
        words, reading: feed[0], writing: drain.last ?? 2, isSilent: output != nil, group: group)
    } catch {
      for end in feed + drain { close(end) }
      throw error
    }
    close(feed[0])
    if let end = drain.last { close(end) }
    var failure: SystemError?
    var isStopped = false
    do throws(SystemError) {
      isStopped = try watch(
        child, feeding: feed[1], input, draining: drain.first ?? -1, &output, isInterrupted)
    } catch {
      failure = error
    }
    // Whatever the command left behind in its group goes with it, and the command itself even if it
    // has moved to another group.
    kill(-group, SIGKILL)
    kill(child, SIGKILL)
    let status = reap(child)
    if let failure { throw failure }
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
  private static func startGuard(on lifeline: [Int32]) throws(SystemError) -> Int32 {
    let script =
      "trap '' HUP INT QUIT ABRT USR1 USR2 PIPE ALRM TERM TSTP TTIN TTOU; "
      + "read -r _; kill -KILL 0"
    return try Platform.spawn(
      ["/bin/sh", "-c", script, "usher-guard"], reading: lifeline[0], writing: 2, group: 0)
  }

  /// Feeds and drains the child until it ends, and closes both pipes; true if usher was interrupted
  /// first.
  /// - Throws: `SystemError` if the child cannot be fed, though it reads.
  private static func watch(
    _ child: Int32, feeding feedEnd: Int32, _ input: [UInt8], draining drainEnd: Int32,
    _ output: inout [UInt8]?, _ isInterrupted: () -> Bool
  ) throws(SystemError) -> Bool {
    _ = fcntl(feedEnd, F_SETFL, O_NONBLOCK)
    if drainEnd >= 0 { _ = fcntl(drainEnd, F_SETFL, O_NONBLOCK) }
    var offset = 0
    var isOpen = true
    var pause: Int32 = 1
    defer {
      if isOpen { close(feedEnd) }
      if drainEnd >= 0 { close(drainEnd) }
    }
    while true {
      if isInterrupted() { return true }
      if isOpen {
        isOpen = try feed(feedEnd, input, &offset)
        if !isOpen { close(feedEnd) }
      }
      let isDone = hasEnded(child)
      if drainEnd >= 0 { drain(drainEnd, into: &output) }
      if isDone { return false }
      // Wakes at once when a pipe is ready, otherwise soon: a signal or the end may have come.
      var wanted = [
        pollfd(fd: isOpen ? feedEnd : -1, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: drainEnd, events: Int16(POLLIN), revents: 0),
      ]
      _ = poll(&wanted, 2, pause)
      pause = min(pause * 2, pauseMillisecondsMax)
    }
  }

  /// Reads what there is.
  private static func drain(_ end: Int32, into output: inout [UInt8]?) {
    var count = 1
    while count > 0 {
      let chunk = [UInt8](unsafeUninitializedCapacity: 65536) { buffer, initialized in
        repeat { count = read(end, buffer.baseAddress, 65536) } while count < 0 && errno == EINTR
        initialized = max(0, count)
      }
      output?.append(contentsOf: chunk)
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
  /// - Throws: `SystemError`: a child that reads on must not take a part for the whole.
  private static func feed(
    _ pipe: Int32, _ input: [UInt8], _ offset: inout Int
  ) throws(SystemError) -> Bool {
    while offset < input.count {
      let count = input.withUnsafeBytes {
        write(pipe, $0.baseAddress.map { $0 + offset }, input.count - offset)
      }
      if count < 0 {
        guard errno == EAGAIN || errno == EINTR || errno == EPIPE else {
          throw .last("write to", "the command")
        }
        return errno != EPIPE
      }
      offset += count
    }
    return false
  }
}
