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

/// The signals that ask a process to stop.
public enum Signals {
  /// From now on a first signal is only remembered, and a broken pipe is an error of `write`.
  /// A second SIGINT ends the process at once with status 130, and with it the command that runs:
  /// the way out if a key sink hangs. A commit is then published or it is not, but keys that were
  /// handed over are not erased; they never work. Under nohup(1) SIGHUP goes on being ignored.
  public static func install() {
    ignoreBrokenPipes()
    ChildProcess.prepareForHandler()
    arrived.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP]
    where number != SIGHUP || !Platform.isIgnored(SIGHUP) {
      Platform.unblock(number)
      Platform.handle(number) { number in
        let former = arrived.exchange(number, ordering: .relaxed)
        guard number == SIGINT, former == SIGINT else { return }
        ChildProcess.killRunning()
        _exit(130)
      }
    }
  }

  /// From now on writing to a pipe that nobody reads is an error of `write` and ends nothing.
  static func ignoreBrokenPipes() { Platform.handle(SIGPIPE) { _ in } }

  /// The last signal that arrived, or nil.
  public static var pending: Int32? {
    let number = arrived.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  static var isPending: Bool { pending != nil }
}
