// Change: one step of a plan, and what the log keeps of it.

public import Digests

/// The public half of an API key: the first 64 bits of the key's SHA-256, `k_` and 16 hex digits.
public struct KeyID: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let bits: UInt64

  /// The id of the key with this digest.
  public init(of digest: Digest) {
    bits = digest.prefix
  }

  /// The id of that number; every number is one.
  public init(number: Int) { bits = UInt64(bitPattern: Int64(number)) }

  /// The id as a number, for storing it.
  public var number: Int { Int(truncatingIfNeeded: bits) }

  /// Reads `k_` and 16 lower-case hexadecimal digits; nil for anything else.
  public init?(_ text: String) {
    let digits = text.utf8.dropFirst(2)
    guard text.hasPrefix("k_"), digits.count == 16,
      digits.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }),
      let bits = UInt64(text.dropFirst(2), radix: 16)
    else { return nil }
    self.bits = bits
  }

  /// By value; without meaning but stable.
  public static func < (left: KeyID, right: KeyID) -> Bool { left.bits < right.bits }

  /// `k_` and 16 hexadecimal digits.
  public var description: String {
    let digits = String(bits, radix: 16)
    return "k_" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// What the state keeps of an API key: enough to recognize it, nothing to use it with.
public struct Credential: Hashable, Sendable {
  /// SHA-256 of the key's text.
  public let digest: Digest
  /// A form to show, such as `usk_…x9Qd_…`.
  public let masked: String

  /// Makes a credential.
  public init(digest: Digest, masked: String) {
    self.digest = digest
    self.masked = masked
  }

  /// The key's id, which follows from its digest.
  public var id: KeyID { KeyID(of: digest) }
}

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

  /// The member it is about, or nil.
  public var member: Username? {
    switch self {
    case .createOrganization, .updateOrganization, .putSubscription, .removeSubscription: return nil
    case .revokeKey(let name, _), .reclaimSeat(let name, _), .removeMember(let name),
      .addMember(let name, _), .changeRole(let name, _, _), .assignSeat(let name, _, _),
      .changeTerm(let name, _), .issueKey(let name, _, _):
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
    }
  }

  /// The name of a kind of change.
  public enum Action: String, CaseIterable, Sendable {
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
  }
}
