// RecordTime: when a call was made: ISO 8601 with an offset, or seconds since 1970.

import OrgModel

/// A second and whether the call came a fraction later.
struct RecordTime {
  /// The hour, counted from 1970.
  let hour: Int32
  /// Seconds from the start of the hour, rounded up, 0…3600: the call counts from there on.
  let offset: UInt16

  /// Nil outside the years 1 to 9999.
  init?(seconds: Int64, hasFraction: Bool) {
    guard seconds >= Instant.earliest.seconds, seconds <= Instant.latest.seconds else { return nil }
    let hour = floorDivide(seconds, by: 3600)
    self.hour = Int32(hour)
    offset = UInt16(seconds - hour * 3600) + (hasFraction ? 1 : 0)
  }

  /// From a number.
  init(_ number: ExactNumber) throws(FieldError) {
    guard let (seconds, hasFraction) = number.seconds,
      let time = RecordTime(seconds: seconds, hasFraction: hasFraction)
    else {
      let place = number.isNegative ? "before the year 1" : "beyond the year 9999"
      throw FieldError("'time' is \(place) if it counts seconds since 1970, not milliseconds")
    }
    self = time
  }
}

/// Reads texts; the last date is remembered, since the next record has it, too.
struct TimeScanner {
  private var knownDate: UInt64 = 0
  private var knownDateEnd: UInt16 = 0
  private var knownMidnight: Int64 = 0

  private static let unreadable = FieldError(
    "'time' is no ISO 8601 date-time with an offset, such as 2026-11-23T08:00:00Z, and no number of "
      + "seconds since 1970")

  /// The time of a text: a date, or a date and a time of day with an offset.
  mutating func time(_ bytes: UnsafePointer<UInt8>, count: Int) throws(FieldError) -> RecordTime {
    guard count >= 10 else { throw Self.unreadable }
    var seconds = try midnight(bytes)
    var hasFraction = false
    if count > 10 {
      guard bytes[10] | 0x20 == UInt8(ascii: "t") else { throw Self.unreadable }
      var clock = Clock(bytes, at: 11, end: count)
      guard let ofDay = clock.scan() else { throw Self.unreadable }
      seconds += ofDay
      hasFraction = clock.hasFraction
    }
    guard let time = RecordTime(seconds: seconds, hasFraction: hasFraction) else {
      throw Self.unreadable
    }
    return time
  }

  private mutating func midnight(_ bytes: UnsafePointer<UInt8>) throws(FieldError) -> Int64 {
    let raw = UnsafeRawPointer(bytes)
    let date = raw.loadUnaligned(as: UInt64.self)
    let end = raw.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
    if date == knownDate, end == knownDateEnd { return knownMidnight }
    guard
      let midnight = Instant(
        String(
          decoding: UnsafeRawBufferPointer(start: bytes, count: 10),
          as: UTF8.self))
    else { throw Self.unreadable }
    knownDate = date
    knownDateEnd = end
    knownMidnight = midnight.seconds
    return midnight.seconds
  }
}

/// A time of day with its offset from UTC.
private struct Clock {
  private let bytes: UnsafePointer<UInt8>
  private var at: Int
  private let end: Int
  private(set) var hasFraction = false

  init(_ bytes: UnsafePointer<UInt8>, at: Int, end: Int) {
    self.bytes = bytes
    self.at = at
    self.end = end
  }

  /// Seconds from midnight UTC, which may be of the day before or after.
  mutating func scan() -> Int64? {
    guard let hour = pair(24), take(UInt8(ascii: ":")), let minute = pair(60) else { return nil }
    var second: Int64 = 0
    if take(UInt8(ascii: ":")) {
      guard let value = pair(60) else { return nil }
      second = value
      if take(UInt8(ascii: ".")) || take(UInt8(ascii: ",")) {
        let start = at
        while at < end, bytes[at] &- 0x30 < 10 {
          if bytes[at] != 0x30 { hasFraction = true }
          at += 1
        }
        guard at > start else { return nil }
      }
    }
    guard let offset = offset(), at == end else { return nil }
    return hour * 3600 + minute * 60 + second - offset
  }

  /// `Z`, `+05:30`, `+0530` or `+05`.
  private mutating func offset() -> Int64? {
    guard at < end else { return nil }
    if bytes[at] | 0x20 == UInt8(ascii: "z") {
      at += 1
      return 0
    }
    let isWest = bytes[at] == UInt8(ascii: "-")
    guard isWest || bytes[at] == UInt8(ascii: "+") else { return nil }
    at += 1
    guard let hours = pair(24) else { return nil }
    var minutes: Int64 = 0
    if at < end {
      _ = take(UInt8(ascii: ":"))
      guard let value = pair(60) else { return nil }
      minutes = value
    }
    let offset = hours * 3600 + minutes * 60
    return isWest ? -offset : offset
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < end, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  /// Two digits less than a limit.
  private mutating func pair(_ limit: Int64) -> Int64? {
    guard at + 1 < end else { return nil }
    let (tens, ones) = (bytes[at] &- 0x30, bytes[at + 1] &- 0x30)
    guard tens < 10, ones < 10 else { return nil }
    let value = Int64(tens) * 10 + Int64(ones)
    guard value < limit else { return nil }
    at += 2
    return value
  }
}
