// Change: one step of a plan, and what the log keeps of it.

/// One step from one state of an organization to another.
public enum Change: Hashable, Sendable {
  case createOrganization(name: String, baseURL: String?, policy: Policy)
  case updateOrganization(baseURL: String?, policy: Policy)
  case putSubscription(Subscription)
  case revokeKey(Username, KeyID)
  case reclaimSeat(Username, SubscriptionID)
  case removeMember(Username)
  case addMember(Username, Role)
  case changeRole(Username, from: Role, to: Role)
  case assignSeat(Username, SubscriptionID, until: Instant?)
  case changeTerm(Username, until: Instant?)
  /// The credential is nil in a plan and known in a commit.
  case issueKey(Username, number: Int, Credential?)
  case removeSubscription(SubscriptionID)
  /// The credential is nil before the commit is made and known in it.
  case issueToken(Username, TokenCredential?)
  case revokeToken(Username, TokenID)

  /// The member it is about, or nil.
  public var member: Username? {
    switch self {
    case .createOrganization, .updateOrganization, .putSubscription, .removeSubscription: return nil
    case .revokeKey(let name, _), .reclaimSeat(let name, _), .removeMember(let name),
      .addMember(let name, _), .changeRole(let name, _, _), .assignSeat(let name, _, _),
      .changeTerm(let name, _), .issueKey(let name, _, _), .issueToken(let name, _),
      .revokeToken(let name, _):
      return name
    }
  }

  /// What it does.
  public var action: Action {
    switch self {
    case .createOrganization: return .createOrganization
    case .updateOrganization: return .updateOrganization
    case .putSubscription: return .putSubscription
    case .revokeKey: return .revokeKey
    case .reclaimSeat: return .reclaimSeat
    case .removeMember: return .removeMember
    case .addMember: return .addMember
    case .changeRole: return .changeRole
    case .assignSeat: return .assignSeat
    case .changeTerm: return .changeTerm
    case .issueKey: return .issueKey
    case .removeSubscription: return .removeSubscription
    case .issueToken: return .issueToken
    case .revokeToken: return .revokeToken
    }
  }

  /// Whether it is about what org files describe; tokens stand in none.
  public var isAboutOrgFiles: Bool {
    switch self {
    case .issueToken, .revokeToken: return false
    default: return true
    }
  }

  /// The name of a kind of change.
  public enum Action: String, CaseIterable, Sendable {
    /// Whether it brings a new secret into the world.
    public var isIssue: Bool { self == .issueKey || self == .issueToken }

    case createOrganization = "create_organization"
    case updateOrganization = "update_organization"
    case putSubscription = "put_subscription"
    case revokeKey = "revoke_key"
    case reclaimSeat = "reclaim_seat"
    case removeMember = "remove_member"
    case addMember = "add_member"
    case changeRole = "change_role"
    case assignSeat = "assign_seat"
    case changeTerm = "change_term"
    case issueKey = "issue_key"
    case removeSubscription = "remove_subscription"
    case issueToken = "issue_token"
    case revokeToken = "revoke_token"
  }
}
