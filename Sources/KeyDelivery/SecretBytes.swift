// SecretBytes: a plaintext in one place of the memory, overwritten when it is done with.
// Invariants: all copies of the value that holds it share that one place; it never grows, so no
// outgrown buffer keeps a part of it.

import Synchronization
import SystemCalls

/// Bytes that are shown, never given away.
final class SecretBytes: Sendable {
  /// How many there are.
  let count: Int
  private let bytes: Mutex<[UInt8]>

  /// Takes over bytes, of which nobody may keep another copy.
  init(_ bytes: consuming [UInt8]) {
    count = bytes.count
    self.bytes = Mutex(bytes)
  }

  deinit { wipe() }

  /// Shows the bytes to somebody who must not keep them.
  func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    bytes.withLock { bytes in bytes.withUnsafeBytes { body($0) } }
  }

  /// Overwrites them, for everybody who shares them.
  func wipe() { bytes.withLock { $0.wipe() } }
}
