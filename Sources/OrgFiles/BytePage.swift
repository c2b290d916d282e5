// BytePage: a page that many short texts are written to, one after the other.
// Invariants: `count` bytes of the memory are written; nothing is written behind its end.
//
// Ours because a buffer that may grow asks for each text whether it does: of a hundred thousand members that
// takes ten times as long as their bytes.

/// Memory of a fixed size that is filled with UTF-8 text again and again.
struct BytePage {
  private let memory: UnsafeMutableRawBufferPointer
  private var count = 0

  /// An empty page in somebody's memory.
  init(in memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

  /// How many bytes more there is room for.
  var room: Int { memory.count - count }

  /// What was written.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Starts anew.
  mutating func clear() { count = 0 }

  /// Appends text as it is. There must be room.
  @inline(__always)
  mutating func write(_ text: String) {
    // Neither counts a reference nor copies, but for a string of at most 15 bytes.
    let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable {
      write(UnsafeRawBufferPointer($0))
    }
    if isWritten == nil { Array(text.utf8).withUnsafeBytes { write($0) } }
  }

  /// Appends a literal as it is. There must be room.
  @inline(__always)
  mutating func write(literal: StaticString) {
    write(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  @inline(__always)
  private mutating func write(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count <= room, "the page has room")
    guard let end = memory.baseAddress, let start = bytes.baseAddress else { return }
    (end + count).copyMemory(from: start, byteCount: bytes.count)
    count += bytes.count
  }
}
