// Memo: what follows from the rest of a value, and is kept to spare work.
// Invariants: copies share what one of them has made, until one is changed.

internal import Synchronization

/// Something that is made when it is first asked for. It counts for nothing when values are compared.
struct Memo<Value: Sendable>: Hashable, Sendable {
  private final class Box: Sendable {
    let value: Mutex<Value?>

    init(_ value: Value?) { self.value = Mutex(value) }
  }

  private var box: Box

  /// What follows, if it is known.
  init(_ value: Value? = nil) { box = Box(value) }

  /// What was made, by this copy or another one, or is made now.
  func value(_ make: () -> Value) -> Value {
    box.value.withLock { value in
      if let value { return value }
      let made = make()
      value = made
      return made
    }
  }

  /// Follows a change of the rest; nothing is to follow if nothing was made yet.
  mutating func change(_ body: (inout Value) -> Void) {
    if !isKnownUniquelyReferenced(&box) { box = Box(box.value.withLock { $0 }) }
    box.value.withLock { value in
      guard var changed = value else { return }
      value = nil
      body(&changed)
      value = changed
    }
  }

  static func == (left: Memo, right: Memo) -> Bool { true }

  func hash(into hasher: inout Hasher) {}
}
