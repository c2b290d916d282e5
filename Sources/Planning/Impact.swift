// Impact: whom a plan hurts, told from the states before and after it.

public import OrgModel
public import Records

/// The members that a plan removes, leaves without a working seat, or demotes.
public struct Impact: Hashable, Sendable {
  /// Members who are removed, by name.
  public let removed: [Username]
  /// Members who stay but lose a working seat without getting another, by name.
  public let unseated: [Username]
  /// Administrators who stay but become members, by name.
  public let demoted: [Username]

  /// Members whose seat is reclaimed, as against ended by its subscription.
  private let reclaimed: Set<Username>

  /// Everybody hurt, each once, by name.
  public var members: [Username] { Set(removed + unseated + demoted).sorted() }

  /// Those of `unseated` whom these changes of the plan touch, or a subscription that they end.
  public func unseated(by changes: some Sequence<PlannedChange>) -> [Username] {
    guard !unseated.isEmpty else { return [] }
    let touched = Set(changes.compactMap(\.change.member))
    let isEnding = changes.contains { $0.change.action == .putSubscription }
    return unseated.filter { touched.contains($0) || (isEnding && !reclaimed.contains($0)) }
  }

  private static func mayHurt(_ action: Change.Action) -> Bool {
    switch action {
    case .removeMember, .changeRole, .reclaimSeat, .putSubscription: return true
    default: return false
    }
  }

  /// Compares the states before and after the changes at an instant.
  public init(of changes: PlannedChanges, before: OrgState, after: OrgState, at now: Instant) {
    var removed: [Username] = []
    var demoted: [Username] = []
    var candidates: Set<Username> = []
    var ended: Set<SubscriptionID> = []
    for index in changes.indices where Self.mayHurt(changes.action(at: index)) {
      switch changes.change(at: index) {
      case .removeMember(let name): removed.append(name)
      case .changeRole(let name, .administrator, .member): demoted.append(name)
      case .reclaimSeat(let name, _): candidates.insert(name)
      case .putSubscription(let terms) where terms.isExpired(at: now): ended.insert(terms.id)
      default: break
      }
    }
    reclaimed = candidates
    if !ended.isEmpty {
      for member in before.members {
        if let seat = member.seat, ended.contains(seat.subscription) {
          candidates.insert(member.username)
        }
      }
    }
    self.removed = removed.sorted()
    self.demoted = demoted.sorted().filter { after.member($0) != nil }
    let names = candidates.sorted()
    let members = zip(before.members(named: names), after.members(named: names))
    unseated = zip(names, members).compactMap { name, member in
      guard let left = member.1, before.hasWorkingSeat(member.0, at: now),
        !after.hasWorkingSeat(left, at: now)
      else { return nil }
      return name
    }
  }
}
