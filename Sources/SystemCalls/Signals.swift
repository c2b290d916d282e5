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
  /// A second interrupt from the keyboard does no more than the first: an apply ends whole.
  public static func install() {
    ignoreBrokenPipes()
    for number in [SIGINT, SIGTERM, SIGHUP] {
      Platform.handle(number) { arrived.store($0, ordering: .relaxed) }
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
