// Threads: several pieces of work at once, for the few that keep more than one core busy.
//
// Ours because Foundation's threads cannot be waited for, and its queues come from a library whose
// loading takes longer than most commands.

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
  public static func both<First, Second: Sendable>(
    _ first: () throws -> First, _ second: @escaping @Sendable () -> Second
  ) rethrows -> (First, Second) {
    let errand = Errand(second)
    return (try first(), errand.result)
  }

  /// Does a piece of work on a thread that nobody waits for; the end of the process ends it. If the
  /// system gives no thread, it is not done.
  public static func detach(_ work: @escaping Work) {
    if let thread = start(work) { pthread_detach(thread) }
  }

  /// Signals are for the thread that waits for them.
  fileprivate static func start(_ work: @escaping Work) -> pthread_t? {
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

/// Work that is done on a thread of its own while its result is not wanted yet.
public final class Errand<Result: Sendable>: Sendable {
  private final class Box: Sendable {
    let result = Mutex<Result?>(nil)
    /// Nil once it is done, so that nothing is kept for its sake.
    let work: Mutex<(@Sendable () -> Result)?>

    init(_ work: @escaping @Sendable () -> Result) { self.work = Mutex(work) }

    /// Does the work, unless it is done.
    func finish() -> Result {
      result.withLock { result in
        if let result { return result }
        guard let work = work.withLock({ $0 }) else {
          preconditionFailure("what is not done is still to be done")
        }
        let done = work()
        result = done
        self.work.withLock { $0 = nil }
        return done
      }
    }
  }

  private let box: Box
  /// Nil once it was waited for.
  private let thread: Mutex<pthread_t?>

  /// Starts the work. If the system gives no thread, it is done when the result is wanted.
  public init(_ work: @escaping @Sendable () -> Result) {
    let box = Box(work)
    self.box = box
    thread = Mutex(Threads.start { _ = box.finish() })
  }

  deinit { wait() }

  /// The result; waits for it.
  public var result: Result {
    wait()
    return box.finish()
  }

  private func wait() {
    thread.withLock { thread in
      if let running = thread { pthread_join(running, nil) }
      thread = nil
    }
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
