// Guardrails: the only place that turns a plan into one that may be executed.

public import OrgModel
public import Records
public import SourceText

/// A plan that passed the rails against a state. Only `Guardrails` makes one.
public struct ApprovedPlan: Sendable {
  /// The plan.
  public let plan: Plan
  /// The instant it was checked for and has to be committed at.
  public let now: Instant
  /// Who is to commit it.
  public let actor: Username?
  /// The state it leads to, in which new keys are not known yet.
  public let after: OrgState

  fileprivate init(plan: Plan, now: Instant, actor: Username?, after: OrgState) {
    self.plan = plan
    self.now = now
    self.actor = actor
    self.after = after
  }
}

/// Why a plan may not be executed. Nothing was changed.
public struct Refusal: Error, Hashable, Sendable {
  /// What kind of refusal.
  public let code: DiagnosticCode
  /// What was found and what the limit is.
  public let message: String
  /// What to do; nil if nothing helps.
  public let help: String?

  /// Makes a refusal.
  public init(_ code: DiagnosticCode, _ message: String, help: String?) {
    self.code = code
    self.message = message
    self.help = help
  }
}

/// Why a plan does not fit the state it is about to change.
public enum ApprovalError: Error, Sendable {
  /// The policy or the actor's role forbids it.
  case refused(Refusal)
  /// Time has passed the plan by: a change is no longer legal, or would do something else than what
  /// was reviewed.
  case stale(String)
}

/// Checks plans against policy and authority.
public enum Guardrails {
  /// The most names a refusal lists.
  static let namesMax = 10

  /// What a plan leads to, found by making it on a copy of the state.
  struct Simulation {
    var after: OrgState
    var authority = Role.member
  }

  /// Approves a plan for execution at an instant.
  /// - Parameters:
  ///   - allowance: What the command line allows, beside what the plan carries.
  ///   - after: What the planner found a moment ago that the plan leads to, on this very state and at this
  ///     instant; nil for a plan that comes from elsewhere, which is made on a copy of the state.
  /// - Throws: `ApprovalError`.
  public static func approve(
    _ plan: Plan, on stored: OrgState, by actor: Username?, allowing allowance: RemovalLimit?,
    at now: Instant, after: OrgState? = nil
  ) throws(ApprovalError) -> ApprovedPlan {
    try checkRenewals(of: plan, on: stored, at: now)
    let simulation: Simulation
    if let after {
      simulation = Simulation(after: after, authority: plan.authority)
    } else {
      simulation = try simulate(plan, on: stored, at: now)
    }
    if !plan.changes.isEmpty,
      let refusal = objection(to: simulation.authority, by: actor, on: stored, plan: plan)
    {
      throw .refused(refusal)
    }
    try check(simulation.after, of: plan, on: stored, allowing: allowance, at: now)
    return ApprovedPlan(plan: plan, now: now, actor: actor, after: simulation.after)
  }

  /// Checks that the plan hurts no more members than policy and allowances let it.
  /// - Parameter after: What the planner found that it leads to.
  /// - Throws: `ApprovalError`.
  public static func checkImpact(
    of plan: Plan, on stored: OrgState, after: OrgState, at now: Instant
  ) throws(ApprovalError) {
    try check(after, of: plan, on: stored, allowing: nil, at: now)
  }

  /// Why this actor may not apply the plan; nil if they may, or if nobody was named.
  public static func objection(
    to plan: Plan, by actor: Username?, on stored: OrgState
  ) -> Refusal? {
    guard !plan.changes.isEmpty else { return nil }
    return objection(to: plan.authority, by: actor, on: stored, plan: plan)
  }

  /// A renewal that was planned before the expiry lets seats go on; made after it, they would stay
  /// lapsed, which nobody reviewed.
  private static func checkRenewals(
    of plan: Plan, on stored: OrgState, at now: Instant
  ) throws(ApprovalError) {
    for index in plan.changes.indices
    where plan.changes.action(at: index) == .putSubscription {
      guard case .putSubscription(let terms) = plan.changes.change(at: index),
        !terms.isExpired(at: now),
        let old = stored.subscription(terms.id), old.held > 0,
        old.terms.isExpired(at: now), !old.terms.isExpired(at: plan.created)
      else { continue }
      throw .stale(
        "\(terms.id) expired at \(old.terms.expires), after the plan was made: its "
          + "\(old.held) \(old.held == 1 ? "seat" : "seats") would stay lapsed")
    }
  }

  private static func simulate(
    _ plan: Plan, on stored: OrgState, at now: Instant
  ) throws(ApprovalError) -> Simulation {
    var simulation = Simulation(after: stored.branch(for: plan.changes))
    guard !plan.changes.isEmpty else { return simulation }
    do throws(RuleViolation) {
      for change in plan.changes {
        let needed = change.change.authority(in: simulation.after)
        if needed.covers(simulation.authority) { simulation.authority = needed }
        try simulation.after.apply(change.change, at: now)
      }
      try simulation.after.checkCommitEnd()
    } catch {
      if error.rule == .authority {
        throw .refused(Refusal(.notAuthorized, error.message, help: nil))
      }
      throw .stale("\(error)")
    }
    return simulation
  }

  private static func check(
    _ after: OrgState, of plan: Plan, on stored: OrgState, allowing allowance: RemovalLimit?,
    at now: Instant
  ) throws(ApprovalError) {
    let hurt = Impact(of: plan.changes, before: stored, after: after, at: now).members
    let count = stored.memberCount
    let limits = [stored.policy.maxRemovals, after.policy.maxRemovals]
    let bound = limits.map { $0.bound(ofStoredMembers: count) }.min() ?? 1
    let allowed = [allowance, plan.allowance].compactMap { $0?.bound(ofStoredMembers: count) }
    guard hurt.count > max(bound, allowed.max() ?? 0) else { return }
    var names = hurt.prefix(namesMax).map(\.text).joined(separator: ", ")
    if hurt.count > namesMax { names += " and \(hurt.count - namesMax) more" }
    let limit = limits.first { $0.bound(ofStoredMembers: count) == bound } ?? limits[0]
    let words =
      "the plan takes from \(hurt.count) of \(count) members, more than the limit of "
      + "\(bound) (max_removals \(limit)): \(names)"
    throw .refused(
      Refusal(
        .tooManyRemovals, words,
        help: "review it, then run again with --allow-removals \(hurt.count)"))
  }

  private static func objection(
    to authority: Role, by actor: Username?, on stored: OrgState, plan: Plan
  ) -> Refusal? {
    guard let actor else { return nil }
    // A founder must be the owner whom the plan appoints.
    let isFounder =
      stored.isEmpty && plan.changes.contains { $0.change == .addMember(actor, .owner) }
    let help = "ask \(authority == .owner ? "the owner" : "the owner or an administrator")"
    guard let role = isFounder ? .owner : stored.member(actor)?.role else {
      let place = stored.isEmpty ? "the owner that the plan appoints" : "a member"
      return Refusal(.notAuthorized, "'\(actor)' is not \(place)", help: help)
    }
    guard role.covers(authority) else {
      return Refusal(
        .notAuthorized,
        "\(actor) is \(role.rawValue), but the plan needs the authority of \(authority.rawValue)",
        help: help)
    }
    return nil
  }
}
