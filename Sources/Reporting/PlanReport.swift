// PlanReport: a plan for a person: who is affected, then the changes member by member.

public import ByteOutput
public import OrgModel
import Planning
public import Records

/// A plan beside the state it starts from.
public struct PlanReport: Sendable {
  let plan: Plan
  let before: OrgState
  let after: OrgState
  let impact: Impact
  let now: Instant

  /// Makes a report of a plan that is legal on `stored` at `now`; where it is not, the changes up
  /// to the first illegal one count.
  public init(_ plan: Plan, on stored: OrgState, at now: Instant) {
    self.plan = plan
    self.now = now
    before = stored
    var state = stored
    do {
      for change in plan.changes { try state.apply(change.change, at: now) }
    } catch {
      // Shown for what it is; the guardrails refuse to execute it.
    }
    after = state
    impact = Impact(of: plan.changes, before: stored, after: state, at: now)
  }

  /// One sentence that says who is affected, such as `2 people lose access, 4 seats stay free`.
  public var sentence: String {
    guard !plan.changes.isEmpty else { return "nothing to change" }
    var counts = Counts()
    counts.gather(from: self)
    return counts.sentence
  }

  /// Writes the sentence, the changes grouped by member, and the authority needed.
  public func writeText(into sink: inout ByteSink, style: TextStyle) {
    let sentence = TerminalText.sanitized(sentence)
    sink.writeLine(style.bold(sentence.prefix(1).uppercased() + sentence.dropFirst() + "."))
    guard !plan.changes.isEmpty else { return }
    let general = plan.changes.filter { $0.change.member == nil }
    if !general.isEmpty {
      sink.writeLine()
      sink.writeLine(style.bold("Organization and subscriptions"))
      for change in general { write(change, indent: "  ", into: &sink, style: style) }
    }
    let grouped = byMember
    if !grouped.isEmpty {
      sink.writeLine()
      sink.writeLine(style.bold("Members"))
      for (name, changes) in grouped { write(name, changes, into: &sink, style: style) }
    }
    sink.writeLine()
    sink.writeLine("Authority needed: \(plan.authority.rawValue)")
    if let allowance = plan.allowance {
      sink.writeLine("Carries --allow-removals \(allowance)")
    }
  }

  private var byMember: [(Username, [PlannedChange])] {
    var order: [Username: Int] = [:]
    var groups: [(Username, [PlannedChange])] = []
    for change in plan.changes {
      guard let name = change.change.member else { continue }
      if let index = order[name] {
        groups[index].1.append(change)
      } else {
        order[name] = groups.count
        groups.append((name, [change]))
      }
    }
    return groups.sorted { $0.0 < $1.0 }
  }

  private func write(
    _ name: Username, _ changes: [PlannedChange], into sink: inout ByteSink, style: TextStyle
  ) {
    let glyph: Glyph
    if changes.contains(where: { $0.change.action == .removeMember })
      || impact.unseated.contains(name)
    {
      glyph = .remove
    } else if changes.contains(where: { $0.change.action == .addMember }) {
      glyph = .add
    } else {
      glyph = .change
    }
    let place = changes.lazy.compactMap(\.at).first
    let tail = place.map { "  " + style.dim("\(TerminalText.sanitized($0.file)):\($0.line)") } ?? ""
    sink.writeLine("  \(glyph.mark(style)) \(style.bold(name.text))\(tail)")
    var reason = ""
    for change in changes {
      let isRepeated = change.reason == reason
      reason = change.reason
      write(change, indent: "      ", isReasonKnown: isRepeated, into: &sink, style: style)
    }
  }

  private func write(
    _ planned: PlannedChange, indent: String, isReasonKnown: Bool = false,
    into sink: inout ByteSink, style: TextStyle
  ) {
    let (glyph, words) = describe(planned.change)
    let why = isReasonKnown ? "" : style.dim("  (\(TerminalText.sanitized(planned.reason)))")
    sink.writeLine("\(indent)\(glyph.mark(style)) \(TerminalText.sanitized(words))\(why)")
  }

  private func describe(_ change: Change) -> (Glyph, String) {
    switch change {
    case .createOrganization(let name, _, _): return (.add, "found the organization \(name)")
    case .updateOrganization(let url, let policy):
      let age = policy.keyMaxAge.map { ", key_max_age \($0)" } ?? ""
      return (
        .change, "set base_url \(url ?? "to none"), max_removals \(policy.maxRemovals)\(age)"
      )
    case .putSubscription(let terms):
      let glyph: Glyph = before.subscription(terms.id) == nil ? .add : .change
      return (
        glyph,
        "subscription \(terms.id): \(terms.seats) seats until \(terms.expires), "
          + RelativeTime.distance(from: now, to: terms.expires)
      )
    case .removeSubscription(let id): return (.remove, "subscription \(id) is removed")
    case .revokeKey(_, let key): return (.remove, "key \(key) stops working")
    case .reclaimSeat(_, let id): return (.remove, "\(id) seat is reclaimed")
    case .removeMember(let name): return (.remove, "\(name) is removed")
    case .addMember(_, let role): return (.add, "joins as \(role.rawValue)")
    case .changeRole(_, let from, let to):
      return (.change, "becomes \(to.rawValue), was \(from.rawValue)")
    case .assignSeat(_, let id, let until):
      return (.add, "gets a \(id) seat" + (until.map { " until \($0)" } ?? ""))
    case .changeTerm(_, let until):
      return (.change, until.map { "seat ends at \($0)" } ?? "seat lasts with its subscription")
    case .issueKey(_, let number, _): return (.add, "gets a new API key (number \(number))")
    }
  }
}

/// What a line of a plan does, told without colour.
enum Glyph: String {
  case add = "+"
  case change = "~"
  case remove = "-"

  func mark(_ style: TextStyle) -> String {
    switch self {
    case .add: return style.green(rawValue)
    case .change: return style.yellow(rawValue)
    case .remove: return style.red(rawValue)
    }
  }
}

/// The numbers in the sentence above a plan.
private struct Counts {
  var losing = 0
  var stopping = 0
  var gaining = 0
  var switching = 0
  var rekeyed = 0
  var joining = 0
  var leaving = 0
  var roles = 0
  var terms = 0
  var free = 0

  mutating func gather(from report: PlanReport) {
    var assigned: Set<Username> = []
    for change in report.plan.changes {
      switch change.change {
      case .revokeKey: stopping += 1
      case .assignSeat(let name, _, _):
        assigned.insert(name)
        if report.before.hasWorkingSeat(name, at: report.now) {
          switching += 1
        } else {
          gaining += 1
        }
      case .issueKey(let name, _, _) where !assigned.contains(name): rekeyed += 1
      case .addMember(let name, _):
        if report.after.member(name)?.seat == nil { joining += 1 }
      case .removeMember(let name):
        if report.before.hasWorkingSeat(name, at: report.now) { losing += 1 } else { leaving += 1 }
      case .changeRole: roles += 1
      case .changeTerm: terms += 1
      default: break
      }
    }
    losing += report.impact.unseated.count
    for subscription in report.after.subscriptions
    where !subscription.terms.isExpired(at: report.now) {
      free += subscription.terms.seats - subscription.held
    }
  }

  var sentence: String {
    var parts: [String] = []
    func add(_ count: Int, _ one: String, _ many: String) {
      if count > 0 { parts.append(count == 1 ? "1 \(one)" : "\(count) \(many)") }
    }
    add(losing, "person loses access", "people lose access")
    add(stopping, "key stops working", "keys stop working")
    add(
      switching, "person changes seat and gets a new key", "people change seat and get new keys")
    add(gaining, "person gets a seat and a key", "people get a seat and a key")
    add(rekeyed, "person gets a new key", "people get new keys")
    add(joining, "person joins without a seat", "people join without a seat")
    add(leaving, "person without access leaves", "people without access leave")
    add(roles, "role changes", "roles change")
    add(terms, "seat ends at another time", "seats end at another time")
    if parts.isEmpty { parts.append("nobody gains or loses access") }
    parts.append(free == 1 ? "1 seat stays free" : "\(free) seats stay free")
    return parts.joined(separator: ", ")
  }
}
