// UsageTotals: what calls add up to, exactly.
// Invariants: Credits are whole millionths; sums have 128 bits, which no number of records that a disk
// could hold overflows.

public import OrgModel

/// Whom a record names, before anybody is asked who that is.
public enum UsageSubject: Hashable, Comparable, Sendable {
  /// A member, or what could be one.
  case member(Username)
  /// A key, or what could be one.
  case key(KeyID)
  /// Nobody that there could be.
  case unknown

  /// Members by name, then keys, then what is neither: stable, for files.
  public static func < (left: UsageSubject, right: UsageSubject) -> Bool {
    switch (left, right) {
    case (.member(let left), .member(let right)): left < right
    case (.key(let left), .key(let right)): left < right
    case (.member, _): right != left
    case (.key, .unknown): true
    default: false
    }
  }
}

/// Sums over records.
public struct UsageTotals: Hashable, Sendable {
  /// Millionths of a Credit.
  public var microCredits: Int128
  /// Calls.
  public var requests: Int128
  /// Tokens that went in.
  public var inputTokens: Int128
  /// Tokens that came out.
  public var outputTokens: Int128

  /// The sum of nothing.
  public static let zero = UsageTotals(
    microCredits: 0, requests: 0, inputTokens: 0, outputTokens: 0)

  /// Gathers sums.
  public init(
    microCredits: Int128, requests: Int128, inputTokens: Int128, outputTokens: Int128
  ) {
    self.microCredits = microCredits
    self.requests = requests
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
  }

  /// Adds other sums.
  public static func += (left: inout UsageTotals, right: UsageTotals) {
    left.microCredits += right.microCredits
    left.requests += right.requests
    left.inputTokens += right.inputTokens
    left.outputTokens += right.outputTokens
  }
}

/// Exact decimals.
public enum Decimal {
  /// Millionths as a decimal without zeros at its end: `17.25`, `0`, `0.000001`.
  public static func text(micros: Int128) -> String {
    let magnitude = micros.magnitude
    let (whole, rest) = magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    let sign = micros < 0 ? "-" : ""
    guard rest > 0 else { return "\(sign)\(whole)" }
    let digits = String(rest)
    var fraction = String(repeating: "0", count: 6 - digits.count) + digits
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(sign)\(whole).\(fraction)"
  }

  /// Millionths as a decimal of so many places, 0…6, rounded half up, with commas between thousands.
  public static func rounded(micros: Int128, places: Int) -> String {
    precondition((0...6).contains(places), "millionths have six places")
    let unit = (0..<(6 - places)).reduce(1 as Int128) { unit, _ in unit * 10 }
    let scale = 1_000_000 / unit
    let (whole, rest) = ((micros + unit / 2) / unit).quotientAndRemainder(dividingBy: scale)
    guard places > 0 else { return grouped(whole) }
    let digits = String(rest)
    return "\(grouped(whole))." + String(repeating: "0", count: places - digits.count) + digits
  }

  /// A whole number with commas between thousands.
  public static func grouped(_ number: Int128) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.append(String(digits.suffix(3)))
      digits.removeLast(3)
    }
    groups.append(digits)
    return (number < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
  }

  /// A part of a whole in millionths, rounded half up; 0 if the whole is.
  public static func share(_ part: Int128, of whole: Int128) -> Int128 {
    whole == 0 ? 0 : (part * 2_000_000 + whole) / (whole * 2)
  }
}
