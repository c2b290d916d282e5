// UsageWindow: which records count, and in which bucket.

public import OrgModel

/// Some UTC days, today the last; or, for one day, the 24 UTC hours of which the current is the last.
public struct UsageWindow: Hashable, Sendable {
  /// The lengths that there are.
  public static let lengths = [1, 7, 30]

  /// How many days.
  public let days: Int
  /// The end: records after it do not count.
  public let now: Instant
  /// The hour of the first bucket, counted from 1970.
  let firstHour: Int
  /// Hours of a bucket: 1 or 24.
  let bucketHours: Int

  /// How many buckets.
  public var bucketCount: Int { bucketHours == 1 ? 24 : days }
  /// The start of the first bucket.
  public var from: Instant { start(ofBucket: 0) }

  /// The window of that many days that ends now.
  public init(days: Int, now: Instant) {
    precondition(Self.lengths.contains(days), "a window has 1, 7 or 30 days")
    self.days = days
    self.now = now
    let hour = Self.hour(of: now)
    if days == 1 {
      bucketHours = 1
      firstHour = hour - 23
    } else {
      bucketHours = 24
      firstHour = (Int(floorDivide(now.seconds, by: 86_400)) - days + 1) * 24
    }
  }

  /// When a bucket starts; the earliest instant there is, if it would start before.
  public func start(ofBucket index: Int) -> Instant {
    Instant(seconds: Int64(firstHour + index * bucketHours) * 3600) ?? .earliest
  }

  /// The bucket of an hour; nil outside.
  func bucket(ofHour hour: Int) -> Int? {
    guard hour >= firstHour else { return nil }
    let index = (hour - firstHour) / bucketHours
    return index < bucketCount ? index : nil
  }

  /// The hour in which now lies.
  var currentHour: Int { Self.hour(of: now) }

  /// The hour in which an instant lies, counted from 1970.
  static func hour(of instant: Instant) -> Int { Int(floorDivide(instant.seconds, by: 3600)) }
}

/// Rounds towards the past.
func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
  let quotient = value / divisor
  return value % divisor < 0 ? quotient - 1 : quotient
}
