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

  /// Changes that belong together: all of a plan, or what a pull request adds to what was pending.
  struct Part {
    /// Nil if it is all of the plan.
    let title: String?
    let changes: [PlannedChange]
    let report: PlanReport

    /// Changes to the organization and its subscriptions, in the order of the plan.
    var general: [PlannedChange] { changes.filter { $0.change.member == nil } }

    /// The changes of each member, by name.
    var byMember: [MemberChanges] {
      var order: [Username: Int] = [:]
      var groups: [(name: Username, changes: [PlannedChange])] = []
      for change in changes {
        guard let name = change.change.member else { continue }
        if let index = order[name] {
          groups[index].changes.append(change)
        } else {
          order[name] = groups.count
          groups.append((name, [change]))
        }
      }
      // Whose subscription ends under them without a change of their own.
      for name in report.impact.unseated(by: changes) where order[name] == nil {
        groups.append((name, []))
      }
      return groups.sorted { $0.name < $1.name }
        .map { MemberChanges(name: $0.name, changes: $0.changes, in: report) }
    }

    /// Who is affected, without a full stop.
    var sentence: String {
      guard !changes.isEmpty else { return "nothing to change" }
      return Counts(of: changes, in: report).sentence
    }
  }

  /// The plan in parts: two if its changes are told apart, otherwise one.
  var parts: [Part] {
    guard plan.changes.contains(where: { $0.isIntroduced != nil }) else {
      return [Part(title: nil, changes: plan.changes, report: self)]
    }
    let introduced = plan.changes.filter { $0.isIntroduced == true }
    let pending = plan.changes.filter { $0.isIntroduced == false }
    return [
      Part(title: "This change", changes: introduced, report: self),
      Part(title: "Already pending", changes: pending, report: self),
    ]
  }

  /// One sentence that says who is affected, such as `2 people lose access, 4 seats stay free`.
  public var sentence: String {
    guard !plan.changes.isEmpty else { return "nothing to change" }
    var counts = Counts(of: plan.changes, in: self)
    counts.countFreeSeats(in: after, at: now)
    return counts.sentence
  }

  /// The sentence with a capital letter and a full stop.
  public static func capitalized(_ sentence: String) -> String {
    sentence.prefix(1).uppercased() + sentence.dropFirst() + "."
  }

  /// Writes the sentence, the changes grouped by member, and the authority needed.
  public func writeText(into sink: inout ByteSink, style: TextStyle) {
    sink.writeLine(style.bold(Self.capitalized(sentence)))
    guard !plan.changes.isEmpty else { return }
    for part in parts {
      if let title = part.title {
        sink.writeLine()
        sink.writeLine(style.bold(title + ": ") + part.sentence)
      }
      write(part, into: &sink, style)
    }
    sink.writeLine()
    sink.writeLine("Authority needed: \(plan.authority.rawValue)")
    if let allowance = plan.allowance {
      sink.writeLine("Carries --allow-removals \(allowance)")
    }
  }

  private func write(_ part: Part, into sink: inout ByteSink, _ style: TextStyle) {
    let general = part.general
    if !general.isEmpty {
      sink.writeLine()
      sink.writeLine(style.bold("Organization and subscriptions"))
      for change in general { write(change, indent: "  ", into: &sink, style: style) }
    }
    let members = part.byMember
    if !members.isEmpty {
      sink.writeLine()
      sink.writeLine(style.bold("Members"))
      for member in members { write(member, into: &sink, style: style) }
    }
  }

  private func write(_ member: MemberChanges, into sink: inout ByteSink, style: TextStyle) {
    let tail =
      member.place.map { "  " + style.dim("\(TerminalText.sanitized($0.file)):\($0.line)") } ?? ""
    sink.writeLine("  \(member.glyph.mark(style)) \(style.bold(member.name.text))\(tail)")
    if let ending = member.ending {
      sink.writeLine("      \(Glyph.remove.mark(style)) \(ending)")
    }
    var reason = ""
    for change in member.changes {
      let isRepeated = change.reason == reason
      reason = change.reason
      write(change, indent: "      ", isReasonKnown: isRepeated, into: &sink, style: style)
    }
  }

  private func write(
    _ planned: PlannedChange, indent: String, isReasonKnown: Bool = false,
    into sink: inout ByteSink, style: TextStyle
  ) {
    let (glyph, words) = words.describe(planned.change)
    let why = isReasonKnown ? "" : style.dim("  (\(TerminalText.sanitized(planned.reason)))")
    sink.writeLine("\(indent)\(glyph.mark(style)) \(TerminalText.sanitized(words))\(why)")
  }

  var words: ChangeWords { ChangeWords(before: before, now: now) }
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
  /// Nil if it is not said.
  var free: Int?

  init(of changes: [PlannedChange], in report: PlanReport) {
    var assigned: Set<Username> = []
    for change in changes {
      switch change.change {
      case .revokeKey(let name, _):
        if report.before.hasWorkingSeat(name, at: report.now) { stopping += 1 }
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
    let unseated = report.impact.unseated(by: changes)
    losing += unseated.count
    let revocations = changes.filter { $0.change.action == .revokeKey }
    let revoked = Set(revocations.compactMap(\.change.member))
    stopping += unseated.count {
      !revoked.contains($0) && report.before.member($0)?.seat?.key != nil
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
    add(
      switching, "person changes seat and gets a new key", "people change seat and get new keys")
    add(gaining, "person gets a seat and a key", "people get a seat and a key")
    add(rekeyed, "person gets a new key", "people get new keys")
    add(joining, "person joins without a seat", "people join without a seat")
    add(leaving, "person without access leaves", "people without access leave")
    add(roles, "role changes", "roles change")
    add(terms, "seat ends at another time", "seats end at another time")
    if parts.isEmpty { parts.append("nobody gains or loses access") }
    if let free { parts.append(free == 1 ? "1 seat stays free" : "\(free) seats stay free") }
    return parts.joined(separator: ", ")
  }
}
