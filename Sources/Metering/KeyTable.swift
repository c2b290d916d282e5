// KeyTable: numbers for keys of 64 bits, in the order in which they come.

/// An open table that only grows.
struct KeyTable: Sendable {
  private var keys = [UInt64](repeating: 0, count: 1 << 10)
  /// The number and one; 0 for a free place.
  private var numbers = [Int32](repeating: 0, count: 1 << 10)
  /// How many keys there are.
  private(set) var count = 0

  /// The number of a key; nil if it is not there.
  @inline(__always)
  func find(_ key: UInt64) -> Int? {
    var place = Self.place(key) & (keys.count &- 1)
    while numbers[place] != 0 {
      if keys[place] == key { return Int(numbers[place] &- 1) }
      place = (place &+ 1) & (keys.count &- 1)
    }
    return nil
  }

  /// Gives the next number to a key that is not there.
  mutating func add(_ key: UInt64) {
    count += 1
    precondition(count < Int32.max, "numbers fit into 31 bits")
    put(key, Int32(count))
    if count * 2 > keys.count { grow() }
  }

  private mutating func put(_ key: UInt64, _ number: Int32) {
    var place = Self.place(key) & (keys.count - 1)
    while numbers[place] != 0 { place = (place + 1) & (keys.count - 1) }
    keys[place] = key
    numbers[place] = number
  }

  private mutating func grow() {
    let old = (keys, numbers)
    keys = [UInt64](repeating: 0, count: old.0.count * 2)
    numbers = [Int32](repeating: 0, count: keys.count)
    for (key, number) in zip(old.0, old.1) where number != 0 { put(key, number) }
  }

  @inline(__always)
  private static func place(_ key: UInt64) -> Int {
    // Both halves of the product: every bit of the key counts.
    let product = key.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return Int(truncatingIfNeeded: product.high ^ product.low)
  }
}
