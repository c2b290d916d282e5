// Instant: seconds since 1970 UTC, and the ISO 8601 text people write for them.
//
// Ours because Foundation's formatters are a thousand times slower and accept what they should not;
// the calendar arithmetic is the proleptic Gregorian one (days from civil, era by era).

/// A point in time, to the second, from year 1 to year 9999.
public struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The first second that can be written: 0001-01-01T00:00:00Z.
  public static let earliest = Instant(uncheckedSeconds: -62_135_596_800)
  /// The last second that can be written: 9999-12-31T23:59:59Z.
  public static let latest = Instant(uncheckedSeconds: 253_402_300_799)

  /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
  public let seconds: Int64

  private init(uncheckedSeconds: Int64) { seconds = uncheckedSeconds }

  /// Nil outside the years 1 to 9999.
  public init?(seconds: Int64) {
    guard seconds >= Self.earliest.seconds, seconds <= Self.latest.seconds else { return nil }
    self.seconds = seconds
  }

  /// Reads an ISO 8601 date (`2027-01-31`, 00:00:00 UTC) or date-time with an offset
  /// (`2027-01-31T12:00Z`, `2027-01-31T12:00:00.5+02:00`); fractions are cut to the second.
  /// Nil for anything else, for days that do not exist, and for a date-time without an offset.
  public init?(_ text: String) {
    var scanner = InstantScanner(Array(text.utf8))
    guard let seconds = scanner.scan() else { return nil }
    self.init(seconds: seconds)
  }

  /// Earlier first.
  public static func < (left: Instant, right: Instant) -> Bool { left.seconds < right.seconds }

  /// The full instant in UTC, such as `2026-11-23T08:00:00Z`.
  public var description: String {
    let day = floorDivide(seconds, by: 86_400)
    let second = seconds - day * 86_400
    let (year, month, dayOfMonth) = civil(fromDays: day)
    let (hour, minute) = (second / 3600, second / 60 % 60)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T"
      + "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second % 60, 2))Z"
  }
}

extension Instant {
  /// The same time of day so many months later, or earlier if negative, on the same day of the month, or
  /// on the last day of a month that has no such day; nil outside the years 1 to 9999.
  func adding(months: Int64) -> Instant? {
    let day = floorDivide(seconds, by: 86_400)
    let sum = month + months
    let (year, month) = (floorDivide(sum, by: 12), sum - floorDivide(sum, by: 12) * 12 + 1)
    let dayOfMonth = min(civil(fromDays: day).day, daysIn(month: month, of: year))
    return Instant(
      seconds: OrgModel.days(year: year, month: month, day: dayOfMonth) * 86_400 + seconds
        - day * 86_400)
  }

  /// Its month, counted from January of the year 0.
  var month: Int64 {
    let (year, month, _) = civil(fromDays: floorDivide(seconds, by: 86_400))
    return year * 12 + month - 1
  }
}

/// An instant or none, in the room of an instant.
struct InstantOrNone: Hashable, Sendable {
  private let seconds: Int64

  init(_ instant: Instant?) { seconds = instant?.seconds ?? .min }

  /// No instant has the seconds that stand for none.
  var instant: Instant? { Instant(seconds: seconds) }
}

/// A span of time in whole seconds, written as a count and a unit: `90d`.
public struct Span: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Longest span: 100 years of 365 days.
  public static let secondsMax: Int64 = 100 * 365 * 86_400
  private static let units: [(letter: Character, seconds: Int64)] = [
    ("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1),
  ]

  /// Length in seconds, 1…`secondsMax`.
  public let seconds: Int64

  /// Reads `90d`: a whole number from 1 and one of w, d, h, m, s; nil for anything else.
  public init?(_ text: String) {
    guard let letter = text.last, let count = Int64(digits: text.dropLast()),
      let unit = Self.units.first(where: { $0.letter == letter }), count > 0,
      count <= Self.secondsMax / unit.seconds
    else { return nil }
    seconds = count * unit.seconds
  }

  /// Shorter first.
  public static func < (left: Span, right: Span) -> Bool { left.seconds < right.seconds }

  /// Days if they come out even, otherwise the largest unit that does.
  public var description: String {
    for unit in Self.units where unit.letter != "w" && seconds % unit.seconds == 0 {
      return "\(seconds / unit.seconds)\(unit.letter)"
    }
    return "\(seconds)s"
  }
}

extension Int64 {
  /// Decimal digits only: no sign, no blanks, at most 18 of them.
  init?(digits: some StringProtocol) {
    guard !digits.isEmpty, digits.utf8.count <= 18,
      digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
    else { return nil }
    self.init(digits)
  }
}

private struct InstantScanner {
  let bytes: [UInt8]
  var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func scan() -> Int64? {
    guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
      year >= 1, month >= 1, month <= 12, day >= 1, day <= daysIn(month: month, of: year)
    else { return nil }
    let midnight = days(year: year, month: month, day: day) * 86_400
    if at == bytes.count { return midnight }
    guard take("T"), let hour = number(2), take(":"), let minute = number(2), hour < 24, minute < 60
    else { return nil }
    var second: Int64 = 0
    if take(":") {
      guard let value = number(2), value < 60 else { return nil }
      second = value
      if take(".") {
        guard number(1) != nil else { return nil }
        while number(1) != nil {}
      }
    }
    guard let offset = offset(), at == bytes.count else { return nil }
    return midnight + hour * 3600 + minute * 60 + second - offset
  }

  private mutating func offset() -> Int64? {
    if take("Z") { return 0 }
    let sign: Int64
    if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
    guard let hour = number(2), take(":"), let minute = number(2), hour < 24, minute < 60 else {
      return nil
    }
    return sign * (hour * 3600 + minute * 60)
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  private mutating func number(_ count: Int) -> Int64? {
    guard at + count <= bytes.count else { return nil }
    var value: Int64 = 0
    for byte in bytes[at..<at + count] {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int64(byte - 0x30)
    }
    at += count
    return value
  }
}

private func daysIn(month: Int64, of year: Int64) -> Int64 {
  switch month {
  case 4, 6, 9, 11: return 30
  case 2: return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
  default: return 31
  }
}

/// Days since 1970-01-01, years counted from March so that the leap day comes last.
private func days(year: Int64, month: Int64, day: Int64) -> Int64 {
  let year = month <= 2 ? year - 1 : year
  let era = floorDivide(year, by: 400)
  let yearOfEra = year - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

private func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let shifted = days + 719_468
  let era = floorDivide(shifted, by: 146_097)
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let marchMonth = (5 * dayOfYear + 2) / 153
  let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
}

private func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
  let quotient = value / divisor
  return value % divisor < 0 ? quotient - 1 : quotient
}

private func padded(_ value: Int64, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
