// RelativeTime: how far off an instant is, as people say it.

public import OrgModel

/// Distances in one unit, cut down, so that "in 2 days" never promises more than there is.
public enum RelativeTime {
  private static let minute: Int64 = 60
  private static let hour: Int64 = 3600
  private static let day: Int64 = 86_400
  private static let month: Int64 = 2_629_746
  private static let year: Int64 = 31_556_952

  /// `in 12 days`, `3 hours ago`, or `now` within a minute.
  ///
  /// Minutes under 60, hours under 48, days up to 60, months under 24 (of 30.44 days), then years.
  public static func distance(from now: Instant, to then: Instant) -> String {
    let seconds = then.seconds - now.seconds
    let length = abs(seconds)
    guard length >= minute else { return "now" }
    let words: String
    if length < hour {
      words = counted(length / minute, "minute")
    } else if length < 48 * hour {
      words = counted(length / hour, "hour")
    } else if length < 61 * day {
      words = counted(length / day, "day")
    } else if length < 24 * month {
      words = counted(length / month, "month")
    } else {
      words = counted(length / year, "year")
    }
    return seconds > 0 ? "in \(words)" : "\(words) ago"
  }

  private static func counted(_ count: Int64, _ unit: String) -> String {
    "\(count) \(unit)\(count == 1 ? "" : "s")"
  }
}
