// KeyTable: numbers for keys of 64 bits, in the order in which they come.

/// An open table that only grows.
struct KeyTable: Sendable {
  /// Side by side, so that looking at one place is one look into memory.
  private struct Place {
    var key: UInt64 = 0
    /// The number and one; 0 for a free place.
    var number: Int32 = 0
  }

  private var places = [Place](repeating: Place(), count: 1 << 10)
  /// How many keys there are.
  private(set) var count = 0

  /// The number of a key; nil if it is not there.
  @inline(__always)
  func find(_ key: UInt64) -> Int? {
    var at = Self.start(key) & (places.count &- 1)
    while places[at].number != 0 {
      if places[at].key == key { return Int(places[at].number &- 1) }
      at = (at &+ 1) & (places.count &- 1)
    }
    return nil
  }

  /// Gives the next number to a key that is not there.
  mutating func add(_ key: UInt64) {
    count += 1
    precondition(count < Int32.max, "numbers fit into 31 bits")
    put(Place(key: key, number: Int32(count)))
    if count * 2 > places.count { grow() }
  }

  private mutating func put(_ place: Place) {
    var at = Self.start(place.key) & (places.count - 1)
    while places[at].number != 0 { at = (at + 1) & (places.count - 1) }
    places[at] = place
  }

  private mutating func grow() {
    let old = places
    places = [Place](repeating: Place(), count: old.count * 2)
    for place in old where place.number != 0 { put(place) }
  }

  @inline(__always)
  private static func start(_ key: UInt64) -> Int {
    // Both halves of the product: every bit of the key counts.
    let product = key.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return Int(truncatingIfNeeded: product.high ^ product.low)
  }
}
