// Planner: what has to change for the stored state to become the desired org. Writes nothing.

public import OrgFiles
public import OrgModel
public import Records
public import SourceText

/// Diffs a desired org against a stored state.
public struct Planner: Sendable {
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
  /// Nil where few members are told of.
  var ahead: PlacesAhead?

  /// The changes of a plan and the state they lead to.
  public struct Outcome: Sendable {
    /// In the order in which they are legal.
    public let changes: PlannedChanges
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
    _ change: Change, to phase: Phases.Phase, because reason: Reason, at range: SourceRange?
  ) {
    let place = range.map {
      PlannedChanges.Place(
        file: phases.number(of: Int($0.file), in: map), map.sourcePosition(of: $0))
    }
    phases.add(change, to: phase, because: reason, at: place)
  }

  mutating func add(
    _ change: Change, to phase: Phases.Phase, because reason: String, at range: SourceRange?
  ) {
    add(change, to: phase, because: .text(reason), at: range)
  }

  /// A planner of the same that has found nothing yet.
  func branch(capacity: (changes: Int, members: Int)) -> Planner {
    var branch = self
    branch.phases = Phases()
    branch.phases.reserve(capacity)
    branch.diagnostics = Diagnostics()
    branch.unreachable = []
    branch.demand = demand.map { SeatDemand(held: $0.held) }
    return branch
  }

  /// Takes in what a branch found about members of higher names.
  mutating func merge(_ branch: Planner) {
    phases.append(branch.phases)
    diagnostics.append(branch.diagnostics.all)
    unreachable += branch.unreachable
    for index in demand.indices { demand[index].add(branch.demand[index]) }
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
  private mutating func simulate(_ changes: PlannedChanges) -> (Role, OrgState) {
    var state = stored.branch(for: changes)
    var authority = Role.member
    do throws(RuleViolation) {
      for index in changes.indices {
        let change = changes.change(at: index)
        let needed = change.authority(in: state)
        if needed.covers(authority) { authority = needed }
        try state.apply(change, at: now)
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
  enum Phase: UInt8, CaseIterable {
    case organization, grow, revoke, reclaim, remove, add, role, assign, term, issue, shrink
  }

  private var changes = PlannedChanges()
  /// The phase of each.
  private var phases: [UInt8] = []
  /// What the changes call the run's files by number; empty before one is asked for.
  private var fileNumbers: [Int32] = []

  /// Whoever adds to a phase does so in the order of names.
  mutating func add(
    _ change: Change, to phase: Phase, because reason: Reason, at place: PlannedChanges.Place?
  ) {
    changes.append(change, because: reason, at: place)
    phases.append(phase.rawValue)
  }

  /// The number that the changes have for a file of a run.
  mutating func number(of file: Int, in map: SourceMap) -> Int32 {
    if fileNumbers.isEmpty { fileNumbers = map.files.map { changes.number(ofFile: $0.name) } }
    return fileNumbers[file]
  }

  mutating func reserve(_ capacity: (changes: Int, members: Int)) {
    changes.reserve(changes.count + capacity.changes, members: capacity.members)
    phases.reserveCapacity(phases.count + capacity.changes)
  }

  /// Adds changes about members of higher names.
  mutating func append(_ more: Phases) {
    changes.append(contentsOf: more.changes)
    phases += more.phases
  }

  /// All of them, in the order of the phases.
  mutating func takeInOrder() -> PlannedChanges {
    var taken = PlannedChanges()
    swap(&taken, &changes)
    taken.sort(by: phases, count: Phase.allCases.count)
    return taken
  }
}
