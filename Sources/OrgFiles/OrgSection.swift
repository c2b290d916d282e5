// OrgSection: the parts of an org file, the keys that they know, and the order those stand in.

/// A part of an org file.
enum OrgSection {
  case top
  case subscriptions
  case subscription
  case policy
  case members
  case member
  /// What is none of an org file.
  case other

  static let topKeys = [
    "version", "organization", "base_url", "subscriptions", "policy", "members",
  ]
  static let subscriptionKeys = ["tier", "seats", "expires", "credits"]
  static let policyKeys = ["max_removals", "key_max_age"]
  static let memberKeys = ["role", "seat", "until", "key"]

  /// The known keys in their order; none where the keys are names, or nothing is known.
  private var keys: [String] {
    switch self {
    case .top: Self.topKeys
    case .subscription: Self.subscriptionKeys
    case .policy: Self.policyKeys
    case .member: Self.memberKeys
    case .subscriptions, .members, .other: []
    }
  }

  /// Whether its keys are the names of members or subscriptions.
  var isNamed: Bool { self == .subscriptions || self == .members }

  /// Whether it stands on lines of its own however short it is.
  var isAlwaysBlock: Bool { isNamed || self == .policy }

  /// The place of a key among the known ones; unknown ones come behind them.
  func rank(of key: UnsafeBufferPointer<UInt8>) -> Int {
    keys.firstIndex { $0.utf8.elementsEqual(key) } ?? keys.count
  }

  /// What stands under a key.
  func section(under key: UnsafeBufferPointer<UInt8>) -> OrgSection {
    switch self {
    case .subscriptions: .subscription
    case .members: .member
    case .top:
      switch rank(of: key) {
      case 3: .subscriptions
      case 4: .policy
      case 5: .members
      default: .other
      }
    case .subscription, .policy, .member, .other: .other
    }
  }
}
