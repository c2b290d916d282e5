// Signals: SIGINT, SIGTERM and SIGHUP as a flag that is looked at where stopping is safe.

internal import Synchronization

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

private let arrived = Atomic<Int32>(0)

/// A signal that comes after the flag was looked at and before a call that waits, such as reading from
/// a terminal, does not end the wait. From the first one on an alarm comes again and again, and does.
private let reminderSeconds: UInt32 = 1

/// The signals that ask a process to stop.
public enum Signals {
  /// From now on a first signal is only remembered, and a broken pipe is an error of `write`.
  /// A second SIGINT ends the process at once with status 130, and with it the command that runs:
  /// the way out if a key sink hangs. A commit is then published or it is not, but keys that were
  /// handed over are not erased; they never work. A SIGHUP that is ignored stays so, as nohup wants;
  /// but signals that were blocked by whoever started usher, such as a thread of a pool, are let in.
  public static func install() {
    surviveFailedWrites()
    ChildProcess.prepareForHandler()
    StatusTerminal.prepareForHandler()
    arrived.store(0, ordering: .relaxed)
    Platform.handle(SIGALRM) { _ in alarm(reminderSeconds) }
    for number in [SIGINT, SIGTERM, SIGHUP] where number != SIGHUP || !Platform.isIgnored(number) {
      Platform.handle(number) { number in
        let former = arrived.exchange(number, ordering: .relaxed)
        if number == SIGINT, former == SIGINT {
          ChildProcess.killRunning()
          StatusTerminal.eraseInHandler()
          _exit(130)
        }
        alarm(reminderSeconds)
      }
    }
    var blocked = sigset_t()
    sigemptyset(&blocked)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGALRM] { sigaddset(&blocked, number) }
    sigprocmask(SIG_UNBLOCK, &blocked, nil)
  }

  /// From now on writing to a pipe that nobody reads, or beyond the limit of a file's size, is an
  /// error of `write` and ends nothing. They are handled, not ignored: a command that is started would
  /// inherit that.
  static func surviveFailedWrites() {
    for number in [SIGPIPE, SIGXFSZ] { Platform.handle(number) { _ in } }
  }

  /// The last signal that arrived, or nil.
  public static var pending: Int32? {
    let number = arrived.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  static var isPending: Bool { pending != nil }
}
