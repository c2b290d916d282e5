// StatusTerminal: a line on the terminal of standard error that comes and goes, and never makes
// anybody wait.
//
// Written through an open file of its own, since O_NONBLOCK belongs to the open file: on the one that
// was inherited it would hold for the shell and every other program of the terminal as well.

internal import Synchronization

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

/// Its descriptor; -1 before the first line, -2 if there is no way to the terminal.
private let line = Atomic<Int32>(-1)
/// Whether something stands there, for the signal handler.
private let isShown = Atomic<Bool>(false)

/// The status line of this process. `show` and `erase` are not for two threads at once.
public enum StatusTerminal {
  /// Back to the first column, and everything behind it away.
  private static let erasure: [UInt8] = [0x0D, 0x1B, 0x5B, 0x4B]

  /// Writes a line over the one before; false if it cannot be seen now: the terminal is stopped or
  /// slow, or another job has it.
  /// - Parameter text: One line that fits the terminal, without controls.
  public static func show(_ text: [UInt8]) -> Bool {
    let descriptor = opened()
    guard descriptor >= 0, isForeground(descriptor) else { return false }
    // Text first: a line of the same length does not flicker.
    let bytes = [0x0D] + text + erasure.dropFirst()
    isShown.store(true, ordering: .relaxed)
    return bytes.withUnsafeBytes { Platform.put(descriptor, $0.baseAddress, $0.count) } > 0
  }

  /// Takes the line away.
  /// - Parameter isWaiting: Whether to wait for a terminal that is stopped, as what is written next
  ///   will; not at the end of a run.
  public static func erase(isWaiting: Bool) {
    if isWaiting { Host.writeError(erasure) } else { eraseAtOnce() }
    isShown.store(false, ordering: .relaxed)
  }

  /// Columns of the terminal on standard error, or nil.
  public static var columns: Int? { Platform.columns(2) }

  /// For the signal handler: makes what it needs.
  static func prepareForHandler() {
    _ = line.load(ordering: .relaxed)
    isShown.store(false, ordering: .relaxed)
    _ = erasure
  }

  /// For the signal handler: takes away what stands there.
  static func eraseInHandler() {
    if isShown.load(ordering: .relaxed) { eraseAtOnce() }
  }

  private static func eraseAtOnce() {
    let descriptor = line.load(ordering: .relaxed)
    guard descriptor >= 0 else { return }
    _ = erasure.withUnsafeBytes { Platform.put(descriptor, $0.baseAddress, $0.count) }
  }

  private static func opened() -> Int32 {
    let known = line.load(ordering: .relaxed)
    guard known == -1 else { return known }
    var name = [CChar](repeating: 0, count: 1024)
    var descriptor: Int32 = -1
    if ttyname_r(2, &name, name.count) == 0 {
      descriptor = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }
    if descriptor < 0 { descriptor = -2 }
    line.store(descriptor, ordering: .relaxed)
    return descriptor
  }

  /// A terminal that is not this session's has no foreground that we could be outside of.
  private static func isForeground(_ descriptor: Int32) -> Bool {
    let group = tcgetpgrp(descriptor)
    return group < 0 || group == getpgrp()
  }
}
