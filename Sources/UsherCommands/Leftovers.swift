// Leftovers: what a run has read, kept until the process ends.

import Synchronization

/// Values that nobody needs any more. Freeing the hundred thousand pieces of a large state takes longer than
/// many a question about it, and the end of the process frees them at once. Nothing secret may be among
/// them: what is secret is wiped when it is done with.
public final class Leftovers: Sendable {
  private let values = Mutex<[any Sendable]>([])

  /// Keeps nothing yet.
  public init() {}

  func keep(_ value: some Sendable) { values.withLock { $0.append(value) } }
}
