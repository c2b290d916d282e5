// Memory: what the C library's allocator is told before much is read.
//
// A large org file and its state become some hundred thousand small pieces. Handing out memory for them
// from a heap for every thread, and giving it back in between, takes a tenth of the whole run. Large pages
// (MADV_HUGEPAGE) are not asked for: they save a tenth where the system has them, and cost as much again as
// the whole run in a virtual machine that has given them back to its host.

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

/// The memory of this process.
public enum Memory {
  /// Prepares for so many bytes: one heap for all threads, which keeps what it was given. Does nothing with
  /// other C libraries than glibc, or for what is not much.
  public static func expect(_ bytes: Int) {
    #if canImport(Glibc)
      guard bytes >= bytesMin, let symbol = dlsym(nil, "mallopt") else { return }
      let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
      func set(_ option: Option, _ value: Int32) { _ = mallopt(option.rawValue, value) }
      set(.heaps, 1)
      set(.trimThreshold, .max)
      // What is very large goes back to the system when it is given back.
      set(.mapThreshold, 1 << 25)
    #endif
  }

  #if canImport(Glibc)
    /// Options of mallopt(3), which Swift's view of glibc lacks.
    private enum Option: Int32 {
      case trimThreshold = -1
      case mapThreshold = -3
      case heaps = -8
    }

    private static let bytesMin = 1 << 23
  #endif
}
