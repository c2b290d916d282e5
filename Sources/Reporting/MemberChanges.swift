// MemberChanges: what a plan does to one member, and what that means for them.

import OrgModel
import Records

/// The changes of one member.
struct MemberChanges {
  let name: Username
  /// Without their places.
  let changes: [PlannedChange]
  /// Where in the files the first of them is asked for.
  let place: FilePosition?
  /// What the changes come to.
  let kind: Kind
  /// What happens to a member without a change of their own; nil for all others.
  let ending: String?
  /// The change of the subscription that ends their seat.
  private let cause: PlannedChange?

  /// What may happen to a member, the most painful first. Somebody to whom several things happen is
  /// counted where it hurts most.
  enum Kind: CaseIterable {
    case losesAccess, gainsPower, leaves, changesSeat, getsSeat, getsKey, changesRole, changesTerm,
      joins, other

    var title: String {
      switch self {
      case .losesAccess: return "Loses access"
      case .gainsPower: return "Becomes administrator"
      case .leaves: return "Leaves, had no access"
      case .changesSeat: return "Changes seat and gets a new key"
      case .getsSeat: return "Gets a seat and a key"
      case .getsKey: return "Gets a new key"
      case .changesRole: return "Changes role"
      case .changesTerm: return "Seat ends at another time"
      case .joins: return "Joins without a seat"
      case .other: return "Other changes"
      }
    }

    /// Whether a comment shows it without being asked.
    var isShown: Bool {
      switch self {
      case .losesAccess, .gainsPower, .changesRole: return true
      case .leaves, .changesSeat, .getsSeat, .getsKey, .changesTerm, .joins, .other: return false
      }
    }
  }

  init(
    name: Username, changes: [PlannedChange], at place: FilePosition?, in report: ChangeReport
  ) {
    self.name = name
    self.changes = changes
    let seat = changes.isEmpty ? report.before.member(name)?.seat : nil
    ending = seat.map { "\($0.subscription) seat ends with its subscription" }
    cause = seat.flatMap { seat in
      report.changes.first {
        if case .putSubscription(let terms) = $0.change {
          terms.id == seat.subscription
        } else {
          false
        }
      }
    }
    self.place = place ?? cause?.at
    kind =
      changes.isEmpty
      ? .losesAccess : Self.kind(of: name, changes, in: report)
  }

  /// Why, in the order of the changes.
  var reasons: [String] { cause.map { [$0.reason] } ?? changes.map(\.reason) }

  var glyph: Glyph {
    switch kind {
    case .losesAccess, .leaves: return .remove
    case .getsSeat, .joins, .gainsPower:
      return changes.contains { $0.change.action == .addMember } ? .add : .change
    case .changesSeat, .getsKey, .changesRole, .changesTerm, .other: return .change
    }
  }

  private static func kind(
    of name: Username, _ changes: [PlannedChange], in report: ChangeReport
  ) -> Kind {
    var done = Done()
    for change in changes { done.count(change.change) }
    var hadAccess: Bool { report.before.hasWorkingSeat(name, at: report.now) }
    var hasAccess: Bool { report.after.hasWorkingSeat(name, at: report.now) }
    if done.isRemoved { return hadAccess ? .losesAccess : .leaves }
    if done.isReclaimed, hadAccess, !hasAccess { return .losesAccess }
    if done.isPromoted { return .gainsPower }
    if done.isAssigned { return hadAccess ? .changesSeat : .getsSeat }
    if done.isIssued { return .getsKey }
    if done.hasNewRole { return .changesRole }
    if done.hasNewTerm { return .changesTerm }
    if done.isAdded { return .joins }
    return .other
  }

  /// What is done to a member, whatever else is.
  private struct Done {
    var isRemoved = false
    var isReclaimed = false
    var isPromoted = false
    var isAssigned = false
    var isIssued = false
    var hasNewRole = false
    var hasNewTerm = false
    var isAdded = false

    mutating func count(_ change: Change) {
      switch change {
      case .removeMember: isRemoved = true
      case .reclaimSeat: isReclaimed = true
      case .assignSeat: isAssigned = true
      case .issueKey: isIssued = true
      case .changeTerm: hasNewTerm = true
      case .changeRole(_, _, let role):
        hasNewRole = true
        if role == .administrator { isPromoted = true }
      case .addMember(_, let role):
        isAdded = true
        if role == .administrator { isPromoted = true }
      default: break
      }
    }
  }
}
