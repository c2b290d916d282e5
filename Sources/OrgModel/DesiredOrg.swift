// DesiredOrg: what the org files ask for, checked by itself and stripped of its positions.

/// A member as an org file wants them.
public struct DesiredMember: Hashable, Sendable {
  /// The highest number a key is issued under.
  public static let keyNumberMax = 1_000_000_000

  /// The subscription of the seat, or nil for none.
  public let seat: SubscriptionID?
  /// Who.
  public let username: Username
  private let ending: InstantOrNone
  private let number: Int32
  /// The role, `member` where the file says none.
  public let role: Role

  /// When the seat ends by itself; nil: with its subscription.
  public var until: Instant? { ending.instant }
  /// The number the API key should be issued under, 1…`keyNumberMax`.
  public var keyNumber: Int { Int(number) }

  /// Makes a member.
  public init(
    username: Username, role: Role, seat: SubscriptionID?, until: Instant?, keyNumber: Int
  ) {
    self.username = username
    self.role = role
    self.seat = seat
    ending = InstantOrNone(until)
    number = Int32(keyNumber)
  }

  /// The seat that the file wants this member to have at an instant: none once `until` has passed.
  public func seat(at now: Instant) -> SubscriptionID? {
    if let until, until <= now { return nil }
    return seat
  }
}

/// The organization that the org files describe.
/// Invariants: members and subscriptions are sorted and unique; exactly one member is the owner;
/// every seat names a subscription that exists.
public struct DesiredOrg: Hashable, Sendable {
  /// The organization's name.
  public let organization: String
  /// Handed out with every key; nil if the file has none.
  public let baseURL: String?
  /// The rails, defaults filled in.
  public let policy: Policy
  /// By id.
  public let subscriptions: [Subscription]
  /// By username.
  public let members: [DesiredMember]

  /// Makes an org of sorted parts.
  public init(
    organization: String, baseURL: String?, policy: Policy, subscriptions: [Subscription],
    members: [DesiredMember]
  ) {
    self.organization = organization
    self.baseURL = baseURL
    self.policy = policy
    self.subscriptions = subscriptions
    self.members = members
  }
}
