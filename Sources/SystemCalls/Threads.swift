// Threads: several pieces of work at once, for the few that keep more than one core busy.

internal import Synchronization

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

/// POSIX threads that get no signals.
public enum Threads {
  /// A piece of work.
  public typealias Work = @Sendable () -> Void

  /// Does all pieces, each on a thread of its own and the last on this one, and waits for all. If the
  /// system gives no more threads, the work is done here.
  public static func perform(_ pieces: [Work]) {
    var threads: [pthread_t] = []
    for piece in pieces.dropLast() {
      if let thread = start(piece) { threads.append(thread) } else { piece() }
    }
    pieces.last?()
    for thread in threads { pthread_join(thread, nil) }
  }

  /// Does two things at once and gives both results: the first on this thread, the second on one of
  /// its own, or behind the first if the system gives none.
  public static func both<First: Sendable, Second: Sendable>(
    _ first: @escaping @Sendable () -> First, _ second: @escaping @Sendable () -> Second
  ) -> (First, Second) {
    let results = Mutex<(First?, Second?)>((nil, nil))
    perform([
      {
        let result = second()
        results.withLock { $0.1 = result }
      },
      {
        let result = first()
        results.withLock { $0.0 = result }
      },
    ])
    guard case (let first?, let second?) = results.withLock({ $0 }) else {
      preconditionFailure("a thread that was waited for has done its work")
    }
    return (first, second)
  }

  /// Does a piece of work on a thread that nobody waits for; the end of the process ends it. If the
  /// system gives no thread, it is not done.
  static func detach(_ work: @escaping Work) {
    if let thread = start(work) { pthread_detach(thread) }
  }

  /// Signals are for the thread that waits for them.
  private static func start(_ work: @escaping Work) -> pthread_t? {
    var all = sigset_t()
    var former = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &former)
    defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
    let box = Unmanaged.passRetained(ThreadWork(work))
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    guard pthread_create(&thread, nil, runThread, box.toOpaque()) == 0 else {
      box.release()
      return nil
    }
    return thread
  }
}

private final class ThreadWork: Sendable {
  let work: Threads.Work

  init(_ work: @escaping Threads.Work) { self.work = work }
}

#if canImport(Darwin)
  private func runThread(_ box: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<ThreadWork>.fromOpaque(box).takeRetainedValue().work()
    return nil
  }
#else
  private func runThread(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let box { Unmanaged<ThreadWork>.fromOpaque(box).takeRetainedValue().work() }
    return nil
  }
#endif
