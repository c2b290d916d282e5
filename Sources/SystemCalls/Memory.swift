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
      guard bytes >= bytesMin, setOptions(), let block = malloc(bytes) else { return }
      let start = (Int(bitPattern: block) + largePage - 1) / largePage * largePage
      let end = (Int(bitPattern: block) + bytes) / largePage * largePage
      madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, useLargePages)
      free(block)
    #endif
  }

  #if canImport(Glibc)
    private static let largePage = 1 << 21
    private static let bytesMin = 1 << 23
    /// `MADV_HUGEPAGE` of madvise(2).
    private static let useLargePages: Int32 = 14

    /// Options of mallopt(3), which Swift's view of glibc lacks: one heap, from which large pieces come
    /// as well, and which is kept when they are given back.
    private static func setOptions() -> Bool {
      guard let symbol = dlsym(nil, "mallopt") else { return false }
      let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
      let (trimThreshold, mmapMax, arenaMax): (Int32, Int32, Int32) = (-1, -4, -8)
      return mallopt(arenaMax, 1) == 1 && mallopt(mmapMax, 0) == 1
        && mallopt(trimThreshold, .max) == 1
    }
  #endif
}
