// Planner: what has to change for the stored state to become the desired org. Writes nothing.

public import OrgFiles
public import OrgModel
public import Records
public import SourceText

/// Diffs a desired org against a stored state.
public struct Planner {
  let stored: OrgState
  let desired: DesiredOrg
  let places: OrgPlaces
  let now: Instant
  var map: SourceMap
  var diagnostics = Diagnostics()
  var phases = Phases()
  /// By index of desired subscription: what this plan does to its seats.
  var demand: [SeatDemand]
  /// What is done about a seat that would be assigned from an expired subscription.
  let expiredSeats: ExpiredSeats
  /// Seats that the file wants and that only a renewal can bring back.
  var unreachable: [PlannedChange] = []
  /// Where each desired subscription is, by id.
  let subscriptionIndex: [SubscriptionID: Int]

  /// The changes of a plan and the state they lead to.
  public struct Outcome: Sendable {
    /// In the order in which they are legal.
    public let changes: [PlannedChange]
    /// The least role that may make them.
    public let authority: Role
    /// Seats that the file wants, by member, and that no plan can bring back before their
    /// subscription is renewed.
    public let unreachable: [PlannedChange]
    /// The state that the changes lead to.
    public let after: OrgState
  }

  /// What to do about seats that would be assigned from an expired subscription.
  public enum ExpiredSeats: Sendable {
    /// It is an error: the file cannot be applied.
    case refuse
    /// It is listed as unreachable, and the rest is planned: how drift looks at it.
    case list
  }

  /// Plans.
  /// - Parameters:
  ///   - files: The files that `desired` was read from, for positions.
  ///   - now: The instant that decides what has expired.
  ///   - diagnostics: Gets warnings, and every reason why the desired org cannot be reached, each
  ///     with its place.
  /// - Returns: nil if an error was reported.
  public static func plan(
    from stored: OrgState, to desired: LocatedOrg, files: [SourceFile], at now: Instant,
    expiredSeats: ExpiredSeats = .refuse, into diagnostics: inout Diagnostics
  ) -> Outcome? {
    var planner = Planner(
      stored: stored, desired: desired, files: files, now: now, expiredSeats: expiredSeats)
    planner.compareOrganization()
    planner.compareOwner()
    planner.compareSubscriptions()
    planner.compareMembers()
    planner.reportShortfalls()
    planner.reportLapsedSeats()
    let changes = planner.phases.takeInOrder()
    var (authority, after) = (Role.member, stored)
    if !planner.diagnostics.hasErrors { (authority, after) = planner.simulate(changes) }
    diagnostics.append(planner.diagnostics.all)
    guard !planner.diagnostics.hasErrors else { return nil }
    return Outcome(
      changes: changes, authority: authority, unreachable: planner.unreachable, after: after)
  }

  private init(
    stored: OrgState, desired: LocatedOrg, files: [SourceFile], now: Instant,
    expiredSeats: ExpiredSeats
  ) {
    self.expiredSeats = expiredSeats
    self.stored = stored
    self.desired = desired.org
    self.places = desired.places
    self.now = now
    map = SourceMap(files)
    demand = desired.org.subscriptions.map { terms in
      SeatDemand(held: stored.subscription(terms.id)?.held ?? 0)
    }
    subscriptionIndex = Dictionary(
      uniqueKeysWithValues: desired.org.subscriptions.enumerated().map { ($1.id, $0) })
  }

  mutating func add(
    _ change: Change, to phase: Phases.Phase, because reason: String, at range: SourceRange?
  ) {
    let position = range.map { map.position(of: $0) }
    phases.add(PlannedChange(change, reason: reason, at: position), to: phase)
  }

  /// The terms a subscription will have; nil if the files do not define it.
  func terms(_ id: SubscriptionID) -> Subscription? {
    subscriptionIndex[id].map { desired.subscriptions[$0] }
  }

  private mutating func compareOrganization() {
    guard let organization = stored.organization else {
      add(
        .createOrganization(
          name: desired.organization, baseURL: desired.baseURL, policy: desired.policy),
        to: .organization, because: "the organization \(desired.organization) should be founded",
        at: places.organization)
      return
    }
    if organization != desired.organization {
      diagnostics.report(
        .organizationChange,
        "the state belongs to the organization '\(organization)', not to '\(desired.organization)'",
        at: places.organization, help: "check --state, or name the organization '\(organization)'")
    }
    var differences: [String] = []
    if stored.baseURL != desired.baseURL { differences.append("base URL") }
    if stored.policy != desired.policy { differences.append("policy") }
    guard !differences.isEmpty else { return }
    let at = stored.baseURL != desired.baseURL ? places.baseURL : places.policy
    add(
      .updateOrganization(baseURL: desired.baseURL, policy: desired.policy), to: .organization,
      because: "the \(differences.joined(separator: " and ")) should be as in the org file", at: at)
  }

  /// Makes the changes on a copy of the state: a plan that cannot be applied is never handed out.
  private mutating func simulate(_ changes: [PlannedChange]) -> (Role, OrgState) {
    var state = stored
    var authority = Role.member
    do throws(RuleViolation) {
      for change in changes {
        let needed = change.change.authority(in: state)
        if needed.covers(authority) { authority = needed }
        try state.apply(change.change, at: now)
      }
      if !changes.isEmpty { try state.checkCommitEnd() }
    } catch {
      diagnostics.report(.ruleViolation, "\(error)", at: nil)
    }
    return (authority, state)
  }
}

/// The changes of a plan by phase, in each phase by name.
struct Phases {
  enum Phase: Int, CaseIterable {
    case organization, grow, revoke, reclaim, remove, add, role, assign, term, issue, shrink
  }

  private var lists = [[PlannedChange]](repeating: [], count: Phase.allCases.count)

  /// Whoever adds does so in the order of names.
  mutating func add(_ change: PlannedChange, to phase: Phase) {
    lists[phase.rawValue].append(change)
  }

  /// All of them, in the order of the phases. Gives up each list when it has been copied.
  mutating func takeInOrder() -> [PlannedChange] {
    var changes: [PlannedChange] = []
    changes.reserveCapacity(lists.reduce(0) { $0 + $1.count })
    for phase in lists.indices {
      changes += lists[phase]
      lists[phase] = []
    }
    return changes
  }
}
