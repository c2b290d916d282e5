// ChangeCounts: the numbers in the sentence above changes.

import OrgModel
import Records

/// How many people, keys and seats changes are about.
struct ChangeCounts {
  var losing = 0
  var stopping = 0
  var gaining = 0
  var switching = 0
  var rekeyed = 0
  var joining = 0
  var leaving = 0
  var promoted = 0
  var demoted = 0
  var terms = 0
  /// Whether clients are sent to another place than before.
  var hasNewURL = false
  var isRailLoosened = false
  /// Nil if it is not said.
  var free: Int?

  init(of grouped: GroupedChanges, in report: ChangeReport) {
    let changes = grouped.all
    // Whoever got a seat last: a member's changes stand together.
    var assigned: Username?
    var (before, after) = (report.before, report.after)
    for index in changes.indices {
      guard let name = changes.member(at: index) else {
        count(changes.change(at: index), report, &after)
        continue
      }
      switch changes.action(at: index) {
      case .revokeKey: if before.findsWorkingSeat(name, at: report.now) { stopping += 1 }
      case .assignSeat:
        assigned = name
        if before.findsWorkingSeat(name, at: report.now) { switching += 1 } else { gaining += 1 }
      case .issueKey: if assigned != name { rekeyed += 1 }
      case .removeMember:
        if before.findsWorkingSeat(name, at: report.now) { losing += 1 } else { leaving += 1 }
      case .changeTerm: terms += 1
      case .addMember, .changeRole:
        count(changes.change(at: index), report, &after)
      default: break
      }
    }
    let unseated = report.impact.unseated(by: changes)
    guard !unseated.isEmpty else { return }
    losing += unseated.count
    let revocations = changes.filter { $0.change.action == .revokeKey }
    let revoked = Set(revocations.compactMap(\.change.member))
    stopping += unseated.count {
      !revoked.contains($0) && report.before.member($0)?.seat?.key != nil
    }
  }

  /// Counts a change of which the kind alone does not tell enough.
  private mutating func count(
    _ change: Change, _ report: ChangeReport, _ after: inout OrgState
  ) {
    switch change {
    case .addMember(let name, let role):
      if role == .administrator { promoted += 1 }
      if after.findSeat(name) == nil { joining += 1 }
    case .changeRole(_, _, let role):
      if role == .administrator { promoted += 1 } else { demoted += 1 }
    case .updateOrganization(let url, let policy):
      let members = report.before.memberCount
      hasNewURL = url != report.before.baseURL
      isRailLoosened =
        policy.maxRemovals.bound(ofStoredMembers: members)
        > report.before.policy.maxRemovals.bound(ofStoredMembers: members)
    default: break
    }
  }

  mutating func countFreeSeats(in state: OrgState, at now: Instant) {
    free = state.subscriptions.reduce(0) {
      $0 + ($1.terms.isExpired(at: now) ? 0 : $1.terms.seats - $1.held)
    }
  }

  var sentence: String {
    var parts: [String] = []
    func add(_ count: Int, _ one: String, _ many: String) {
      if count > 0 { parts.append(count == 1 ? "1 \(one)" : "\(count) \(many)") }
    }
    add(losing, "person loses access", "people lose access")
    add(stopping, "key stops working", "keys stop working")
    add(promoted, "person becomes administrator", "people become administrators")
    add(demoted, "administrator becomes member", "administrators become members")
    if hasNewURL { parts.append("the base URL changes") }
    if isRailLoosened { parts.append("the limit of removals is loosened") }
    add(
      switching, "person changes seat and gets a new key", "people change seat and get new keys")
    add(gaining, "person gets a seat and a key", "people get a seat and a key")
    add(rekeyed, "person gets a new key", "people get new keys")
    add(joining, "person joins without a seat", "people join without a seat")
    add(leaving, "person without access leaves", "people without access leave")
    add(terms, "seat ends at another time", "seats end at another time")
    if parts.isEmpty { parts.append("nobody gains or loses access") }
    if let free { parts.append(free == 1 ? "1 seat stays free" : "\(free) seats stay free") }
    return parts.joined(separator: ", ")
  }
}
