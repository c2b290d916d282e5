// RuleViolation: why the state refuses a change.

/// A change that would break one of the rules that always hold.
public struct RuleViolation: Error, Hashable, Sendable, CustomStringConvertible {
  /// The rules, numbered as users know them.
  public enum Rule: Int, Sendable {
    /// Exactly one owner, never removed, demoted or moved.
    case oneOwner = 1
    /// A member holds at most one seat.
    case oneSeat = 2
    /// Of a subscription at most its seats are assigned.
    case capacity = 3
    /// No seat of an expired subscription is assigned.
    case expiry = 4
    /// A key lives exactly as long as its seat is held.
    case keyFollowsSeat = 5
    /// A removed member keeps nothing.
    case removalIsWhole = 6
    /// A revoked key never becomes valid again.
    case revokedForever = 7
    /// A lapsed seat does not come back to life.
    case lapsedForever = 8
    /// A change needs its authority.
    case authority = 9
    /// A change fits the state it is applied to.
    case exactBase = 10
  }

  /// The rule that would be broken.
  public let rule: Rule
  /// What is wrong, lower case, without a final stop.
  public let message: String

  init(_ rule: Rule, _ message: String) {
    self.rule = rule
    self.message = message
  }

  /// The message and the rule's number.
  public var description: String { "\(message) (rule \(rule.rawValue))" }
}
