// Memory: what the C library's allocator is told before much is read.
//
// A large org file and its state become some hundred thousand small pieces. Handing out memory for them
// page by page, and from a heap for every thread, takes a quarter of the whole run.

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

/// The memory of this process.
public enum Memory {
  /// Prepares for so many bytes: one heap for all threads, in large pages where the system has them to
  /// give. What is not used is taken from nobody. Does nothing with other C libraries than glibc, or
  /// where the system refuses, or for what is not much.
  public static func expect(_ bytes: Int) {
    #if canImport(Glibc)
      guard bytes >= bytesMin, let symbol = dlsym(nil, "mallopt") else { return }
      let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
      func set(_ option: Option, _ value: Int32) { _ = mallopt(option.rawValue, value) }
      set(.heaps, 1)
      set(.trimThreshold, .max)
      set(.mappedMax, 0)
      // What is very large goes back to the system when it is given back.
      defer {
        set(.mapThreshold, 1 << 25)
        set(.mappedMax, 1 << 16)
      }
      guard let block = malloc(bytes) else { return }
      let start = (Int(bitPattern: block) + largePage - 1) / largePage * largePage
      let end = (Int(bitPattern: block) + bytes) / largePage * largePage
      madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, useLargePages)
      free(block)
    #endif
  }

  #if canImport(Glibc)
    /// Options of mallopt(3), which Swift's view of glibc lacks.
    private enum Option: Int32 {
      case trimThreshold = -1
      case mapThreshold = -3
      case mappedMax = -4
      case heaps = -8
    }

    private static let largePage = 1 << 21
    private static let bytesMin = 1 << 23
    /// `MADV_HUGEPAGE` of madvise(2).
    private static let useLargePages: Int32 = 14
  #endif
}
