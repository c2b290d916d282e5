// Policy: the rails an organization sets for its own changes.

/// How many members one plan may hurt.
public enum RemovalLimit: Hashable, Sendable, CustomStringConvertible {
  /// The most members a count can name.
  public static let countMax = 1_000_000_000

  /// A number of members, 0…`countMax`.
  case count(Int)
  /// A percentage of the stored members, 0…100.
  case percent(Int)

  /// Reads `5` or `25%`; nil for anything else.
  public init?(_ text: String) {
    let isPercentage = text.hasSuffix("%")
    guard let number = Int64(digits: isPercentage ? text.dropLast() : text[...]),
      number <= (isPercentage ? 100 : Int64(Self.countMax))
    else { return nil }
    self = isPercentage ? .percent(Int(number)) : .count(Int(number))
  }

  /// The bound in members: percentages rounded up, never under 1.
  public func bound(ofStoredMembers members: Int) -> Int {
    switch self {
    case .count(let count): return max(1, count)
    case .percent(let percent): return max(1, (members * percent + 99) / 100)
    }
  }

  /// As it is written in an org file.
  public var description: String {
    switch self {
    case .count(let count): return String(count)
    case .percent(let percent): return "\(percent)%"
    }
  }
}

/// The policy section of an org file, defaults filled in.
public struct Policy: Hashable, Sendable {
  /// What holds where an org file says nothing.
  public static let standard = Policy(maxRemovals: .percent(25), keyMaxAge: nil)

  /// The rail of rule §2: how many members one plan may hurt.
  public var maxRemovals: RemovalLimit
  /// Keys older than this are rotated by the next plan; nil: never.
  public var keyMaxAge: Span?

  /// Makes a policy.
  public init(maxRemovals: RemovalLimit, keyMaxAge: Span?) {
    self.maxRemovals = maxRemovals
    self.keyMaxAge = keyMaxAge
  }
}
