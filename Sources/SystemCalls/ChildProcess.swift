// ChildProcess: a shell command fed on standard input, which never outlives usher.
// Invariants: the child leads a process group of its own; once it has ended, or usher is interrupted,
// the whole group is killed; if usher dies, the kernel kills the child.
//
// Ours because Foundation's Process takes 34 ms to wait, cannot ask for a signal at the parent's
// death, and deadlocks when the child does not read.

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

  /// Runs `/bin/sh -c COMMAND NAME ARGUMENT`; its output goes to standard error.
  /// - Parameters:
  ///   - input: What it reads; a child that does not read it all is no error.
  ///   - isInterrupted: Asked again and again while it runs.
  /// - Throws: `SystemError` if it cannot be started.
  public static func runShell(
    _ command: String, name: String, argument: String, input: [UInt8],
    isInterrupted: () -> Bool
  ) throws(SystemError) -> Outcome {
    Signals.ignoreBrokenPipes()
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw .last("start", command) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    let child = start(["/bin/sh", "-c", command, name, argument], reading: ends[0])
    close(ends[0])
    guard child > 0 else {
      let error = SystemError.last("start", command)
      close(ends[1])
      throw error
    }
    _ = setpgid(child, child)
    let outcome = watch(child, feeding: ends[1], input, isInterrupted)
    // Whatever it left behind in its group goes with it.
    kill(-child, SIGKILL)
    return outcome
  }

  private static func start(_ words: [String], reading end: Int32) -> Int32 {
    var arguments = words.map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    let parent = getpid()
    return arguments.withUnsafeMutableBufferPointer { buffer -> Int32 in
      guard let vector = buffer.baseAddress, let path = vector[0] else { return -1 }
      let child = forkProcess()
      guard child == 0 else { return child }
      Platform.dieWithParent()
      if getppid() != parent { _exit(127) }
      _ = setpgid(0, 0)
      signal(SIGINT, SIG_DFL)
      signal(SIGTERM, SIG_DFL)
      signal(SIGHUP, SIG_DFL)
      signal(SIGPIPE, SIG_DFL)
      if dup2(end, 0) < 0 || dup2(2, 1) < 0 { _exit(127) }
      execv(path, vector)
      _exit(127)
    }
  }

  private static func watch(
    _ child: Int32, feeding pipe: Int32, _ input: [UInt8], _ isInterrupted: () -> Bool
  ) -> Outcome {
    var offset = 0
    var isOpen = true
    var pause: Int32 = 1
    defer { if isOpen { close(pipe) } }
    while true {
      if isInterrupted() {
        kill(-child, SIGKILL)
        kill(child, SIGKILL)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return .interrupted
      }
      if isOpen {
        isOpen = feed(pipe, input, &offset)
        if !isOpen { close(pipe) }
      }
      var status: Int32 = 0
      let ended = waitpid(child, &status, WNOHANG)
      if ended == child {
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
      }
      // Wakes at once when the pipe has room, otherwise soon: a signal or the end may have come.
      var wanted = pollfd(fd: isOpen ? pipe : -1, events: Int16(POLLOUT), revents: 0)
      _ = poll(&wanted, 1, pause)
      pause = min(pause * 2, 20)
    }
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
