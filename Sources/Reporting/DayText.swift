// DayText: instants as a table or a chart has them: the day, and the time if it is not midnight UTC.

public import OrgModel

/// Short forms of instants, all of them UTC.
public enum DayText {
  // 1970-01-01 was a Thursday.
  private static let daysOfWeek = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

  /// `2026-11-23`, or with the time as far as it is not nothing: `2026-11-23 08:00`.
  static func short(_ instant: Instant) -> String {
    let text = instant.description
    let day = text.prefix(10)
    let time = text.dropFirst(11).dropLast()
    if time == "00:00:00" { return String(day) }
    return "\(day) \(time.hasSuffix(":00") ? time.dropLast(3) : time)"
  }

  /// `2026-11-23`.
  static func day(of instant: Instant) -> String { String(instant.description.prefix(10)) }

  /// `08:00`.
  public static func time(of instant: Instant) -> String {
    String(instant.description.dropFirst(11).prefix(5))
  }

  /// `Mon`.
  static func weekday(of instant: Instant) -> String {
    // To a week's remainder first, which may be negative.
    let second = (instant.seconds % 604_800 + 604_800) % 604_800
    return daysOfWeek[Int(second / 86_400)]
  }

  /// `11-23`.
  public static func dayOfYear(of instant: Instant) -> String {
    String(instant.description.dropFirst(5).prefix(5))
  }

  /// `Mon 11-23`.
  public static func dayOfWeek(of instant: Instant) -> String {
    "\(weekday(of: instant)) \(dayOfYear(of: instant))"
  }
}
