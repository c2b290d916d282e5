// LocatedOrg: a desired org and where each of its parts stands, in lists side by side.

public import OrgModel
public import SourceText

/// Where a subscription stands.
public struct SubscriptionPlaces: Hashable, Sendable {
  /// Its id.
  public let id: SourceRange
  /// The value of `seats`.
  public let seats: SourceRange
  /// The value of `expires`.
  public let expires: SourceRange
}

/// Where a member stands.
public struct MemberPlaces: Hashable, Sendable {
  /// The username.
  public let name: SourceRange
  /// The value of `role`.
  public var role: SourceRange?
  /// The value of `seat`.
  public var seat: SourceRange?
  /// The value of `until`.
  public var until: SourceRange?
  /// The value of `key`.
  public var key: SourceRange?
}

/// Where the parts of an org stand; the lists run parallel to the org's.
public struct OrgPlaces: Sendable {
  /// The value of `organization`.
  public let organization: SourceRange
  /// The value of `base_url`.
  public let baseURL: SourceRange?
  /// The key `policy`.
  public let policy: SourceRange?
  /// Parallel to the org's subscriptions.
  public let subscriptions: [SubscriptionPlaces]
  /// Parallel to the org's members.
  public let members: [MemberPlaces]
}

/// An org that was read from files.
public struct LocatedOrg: Sendable {
  /// What the files ask for.
  public let org: DesiredOrg
  /// Where they ask for it.
  public let places: OrgPlaces
}
