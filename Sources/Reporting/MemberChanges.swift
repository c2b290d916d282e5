// MemberChanges: what a plan does to one member, and what that means for them.

import OrgModel
import Records

/// The changes of one member.
struct MemberChanges {
  let name: Username
  let changes: [PlannedChange]
  /// What the changes come to.
  let kind: Kind
  /// What happens to a member without a change of their own; nil for all others.
  let ending: String?

  /// What may happen to a member, the most painful first. Somebody to whom several things happen is
  /// counted where it hurts most.
  enum Kind: CaseIterable {
    case losesAccess, leaves, changesSeat, getsSeat, getsKey, changesRole, changesTerm, joins, other

    var title: String {
      switch self {
      case .losesAccess: return "Loses access"
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
  }

  init(name: Username, changes: [PlannedChange], in report: PlanReport) {
    self.name = name
    self.changes = changes
    let seat = changes.isEmpty ? report.before.member(name)?.seat : nil
    ending = seat.map { "\($0.subscription) seat ends with its subscription" }
    kind =
      changes.isEmpty
      ? .losesAccess : Self.kind(of: name, Set(changes.map(\.change.action)), in: report)
  }

  /// Where in the files the first of them is asked for.
  var place: FilePosition? { changes.lazy.compactMap(\.at).first }

  var glyph: Glyph {
    switch kind {
    case .losesAccess, .leaves: return .remove
    case .getsSeat, .joins:
      return changes.contains { $0.change.action == .addMember } ? .add : .change
    case .changesSeat, .getsKey, .changesRole, .changesTerm, .other: return .change
    }
  }

  private static func kind(
    of name: Username, _ actions: Set<Change.Action>, in report: PlanReport
  ) -> Kind {
    let hadAccess = report.before.hasWorkingSeat(name, at: report.now)
    let hasAccess = report.after.hasWorkingSeat(name, at: report.now)
    if actions.contains(.removeMember) { return hadAccess ? .losesAccess : .leaves }
    if actions.contains(.reclaimSeat), hadAccess, !hasAccess { return .losesAccess }
    if actions.contains(.assignSeat) { return hadAccess ? .changesSeat : .getsSeat }
    if actions.contains(.issueKey) { return .getsKey }
    if actions.contains(.changeRole) { return .changesRole }
    if actions.contains(.changeTerm) { return .changesTerm }
    if actions.contains(.addMember) { return .joins }
    return .other
  }
}
