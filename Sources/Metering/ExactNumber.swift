// ExactNumber: decimals as whole multiples of a power of ten, never through a binary fraction.
// Source: the grammar of numbers is JSON's, RFC 8259, section 6.

/// Why a text is not the number that it should be.
struct FieldError: Error {
  let message: String

  init(_ message: String) { self.message = message }
}

/// A number as it is written: sign, digits and the place of the point.
struct ExactNumber {
  /// Digits without zeros in front, as far as they fit; `isHuge` if they do not.
  private(set) var digits: UInt64 = 0
  /// The value is digits × 10^exponent.
  private(set) var exponent = 0
  private(set) var isNegative = false
  private(set) var isHuge = false
  /// Zeros at the end of the whole part.
  private var heldZeros = 0

  /// Scans a number; `at` is then behind it. Nil if there is none.
  init?(_ bytes: UnsafePointer<UInt8>, _ at: inout Int, _ end: Int) {
    if at < end, bytes[at] == UInt8(ascii: "-") {
      isNegative = true
      at += 1
    }
    let start = at
    scanDigits(bytes, &at, end, isFraction: false)
    guard at > start, bytes[start] != 0x30 || at == start + 1 else { return nil }
    if at < end, bytes[at] == UInt8(ascii: ".") {
      at += 1
      let start = at
      scanDigits(bytes, &at, end, isFraction: true)
      guard at > start else { return nil }
    }
    exponent &+= heldZeros
    if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
      guard scanExponent(bytes, &at, end) else { return nil }
    }
  }

  /// Zeros are held back until another digit follows, so that `100e-2` and `1.50` are small numbers.
  @inline(__always)
  private mutating func scanDigits(
    _ bytes: UnsafePointer<UInt8>, _ at: inout Int, _ end: Int, isFraction: Bool
  ) {
    var zeros = 0
    while at < end, bytes[at] &- 0x30 < 10 {
      let digit = UInt64(bytes[at] &- 0x30)
      at &+= 1
      if digit == 0 {
        zeros &+= 1
        continue
      }
      while heldZeros > 0 {
        append(0)
        heldZeros &-= 1
      }
      while zeros > 0 {
        append(0)
        if isFraction, !isHuge { exponent &-= 1 }
        zeros &-= 1
      }
      append(digit)
      if isFraction, !isHuge { exponent &-= 1 }
    }
    if !isFraction { heldZeros = zeros }
  }

  @inline(__always)
  private mutating func append(_ digit: UInt64) {
    // Nineteen digits fit into 64 bits.
    if digits >= 1_000_000_000_000_000_000 { isHuge = true }
    if !isHuge { digits = digits &* 10 &+ digit }
  }

  private mutating func scanExponent(
    _ bytes: UnsafePointer<UInt8>, _ at: inout Int, _ end: Int
  ) -> Bool {
    at += 1
    var isDown = false
    if at < end, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
      isDown = bytes[at] == UInt8(ascii: "-")
      at += 1
    }
    let start = at
    var value = 0
    while at < end, bytes[at] &- 0x30 < 10 {
      value = min(value * 10 + Int(bytes[at] &- 0x30), 1_000_000)
      at += 1
    }
    exponent += isDown ? -value : value
    return at > start
  }

  /// The value in units of 10^-places.
  /// - Throws: `FieldError` if it is negative, not a whole number of units or more than `max`.
  func scaled(places: Int, max limit: Int64, _ name: StaticString) throws(FieldError) -> Int64 {
    var value = digits
    if value == 0, !isHuge { return 0 }
    if isNegative { throw FieldError("'\(name)' is negative; it must be 0 or more") }
    if isHuge {
      // Too many digits: too large, or too fine, by where the point is.
      throw exponent + 19 > 12 ? tooLarge(places, limit, name) : tooFine(places, name)
    }
    var shift = exponent + places
    while shift < 0 {
      guard value % 10 == 0 else { throw tooFine(places, name) }
      value /= 10
      shift += 1
    }
    while shift > 0 {
      let (product, isOver) = value.multipliedReportingOverflow(by: 10)
      guard !isOver, product <= UInt64(limit) else { throw tooLarge(places, limit, name) }
      value = product
      shift -= 1
    }
    guard value <= UInt64(limit) else { throw tooLarge(places, limit, name) }
    return Int64(value)
  }

  private func tooLarge(_ places: Int, _ limit: Int64, _ name: StaticString) -> FieldError {
    let units = places == 6 ? limit / 1_000_000 : limit
    return FieldError("'\(name)' is more than \(units), the most that one record has")
  }

  private func tooFine(_ places: Int, _ name: StaticString) -> FieldError {
    places == 0
      ? FieldError("'\(name)' is no whole number")
      : FieldError("'\(name)' has more than \(places) decimal places")
  }

  /// Whole seconds, rounded towards the past, and whether there is a fraction beyond; nil if they are
  /// beyond every calendar.
  var seconds: (whole: Int64, hasFraction: Bool)? {
    var value = digits
    var shift = exponent
    var hasFraction = false
    // A fraction finer than sixty-four bits tell is one all the same.
    if isHuge, exponent >= 0 { return nil }
    if isHuge { hasFraction = true }
    while shift < 0, value > 0 {
      if value % 10 != 0 { hasFraction = true }
      value /= 10
      shift += 1
    }
    while shift > 0, value > 0 {
      guard value < 1_000_000_000_000 else { return nil }
      value *= 10
      shift -= 1
    }
    guard value < 1_000_000_000_000 else { return nil }
    let whole = Int64(value)
    guard isNegative else { return (whole, hasFraction) }
    return (hasFraction ? -whole - 1 : -whole, hasFraction)
  }
}
