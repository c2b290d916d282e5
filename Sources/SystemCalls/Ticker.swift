// Ticker: a thread that does one small thing again and again while the first one works.

internal import Parallelism
internal import Synchronization

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

private let ticking = Mutex<(@Sendable () -> Void)?>(nil)

/// The one ticker of the process.
public enum Ticker {
  private static let intervalMicroseconds: UInt32 = 100_000

  /// Starts it; once it runs, it ticks for the last one who asked. It ends with the process, whose
  /// exit waits for nobody.
  /// - Parameter tick: Is called ten times a second; must not wait for anything.
  public static func start(_ tick: @escaping @Sendable () -> Void) {
    let isRunning = ticking.withLock { current in
      defer { current = tick }
      return current != nil
    }
    guard !isRunning else { return }
    Threads.detach {
      while true {
        usleep(intervalMicroseconds)
        ticking.withLock { $0 }?()
      }
    }
  }
}
