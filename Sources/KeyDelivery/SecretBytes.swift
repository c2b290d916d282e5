// SecretBytes: a plaintext in one place of the memory, overwritten when it is done with.
// Invariants: all copies of the value that holds it share that one place; it never grows, so no
// outgrown buffer keeps a part of it.

import Synchronization
import SystemCalls

/// Bytes that are shown, never given away.
final class SecretBytes: Sendable {
  /// Room for a secret in the object itself: of eighty thousand keys an array each is felt.
  private typealias Room = InlineArray<56, UInt8>

  /// How many there are.
  let count: Int
  private let room = Mutex(Room(repeating: 0))

  /// Copies bytes, which their owner is to wipe.
  init(copying bytes: [UInt8]) {
    precondition(bytes.count <= Room.count, "a secret has at most \(Room.count) bytes")
    count = bytes.count
    room.withLock { room in withUnsafeMutableBytes(of: &room) { $0.copyBytes(from: bytes) } }
  }

  deinit { wipe() }

  /// Shows the bytes to somebody who must not keep them.
  func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    room.withLock { room in
      withUnsafeMutableBytes(of: &room) { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }

  /// Overwrites them, for everybody who shares them.
  func wipe() {
    room.withLock { room in withUnsafeMutableBytes(of: &room) { $0.wipe() } }
  }
}
