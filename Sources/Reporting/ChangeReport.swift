// ChangeReport: changes for a person: who is affected, then what happens member by member.

import ByteOutput
import OrgModel
import Planning
import Records

/// Changes beside the state that they start from.
struct ChangeReport: Sendable {
  let changes: [PlannedChange]
  let grouped: GroupedChanges
  let before: OrgState
  let after: OrgState
  let impact: Impact
  let now: Instant

  /// Makes a report of changes to a state.
  /// - Parameter after: What they lead to; nil if that is not known yet. Where they are not legal at
  ///   `now`, those up to the first illegal one count.
  init(
    _ changes: [PlannedChange], on stored: OrgState, after: OrgState?, at now: Instant
  ) {
    self.changes = changes
    grouped = GroupedChanges(changes)
    self.now = now
    before = stored
    if let after {
      self.after = after
    } else {
      var state = stored
      do {
        for change in changes { try state.apply(change.change, at: now) }
      } catch {
        // Shown for what it is; the guardrails refuse to execute it.
      }
      self.after = state
    }
    impact = Impact(of: changes, before: stored, after: self.after, at: now)
  }

  /// Changes that belong together: all of a plan, or what a pull request adds to what was pending.
  struct Part {
    /// Nil if it is all of the plan.
    let title: String?
    let changes: GroupedChanges
    let report: ChangeReport

    /// Changes to the organization and its subscriptions, in the order of the plan.
    var general: ArraySlice<PlannedChange> { changes.general }

    /// The changes of each member, by name.
    var byMember: [MemberChanges] {
      var groups = changes.byMember
      // Whose subscription ends under them without a change of their own.
      let unseated = report.impact.unseated(by: changes.all)
      if !unseated.isEmpty {
        let named = Set(groups.map(\.name))
        groups += unseated.filter { !named.contains($0) }.map { ($0, []) }
        groups.sort { $0.name < $1.name }
      }
      return groups.map { MemberChanges(name: $0.name, changes: $0.changes, in: report) }
    }

    /// Who is affected, without a full stop.
    var sentence: String {
      guard !changes.all.isEmpty else { return "nothing to change" }
      return ChangeCounts(of: changes, in: report).sentence
    }
  }

  /// The plan in parts: two if its changes are told apart, otherwise one.
  var parts: [Part] {
    guard changes.contains(where: { $0.isIntroduced != nil }) else {
      return [Part(title: nil, changes: grouped, report: self)]
    }
    let introduced = GroupedChanges(changes.filter { $0.isIntroduced == true })
    let pending = GroupedChanges(changes.filter { $0.isIntroduced == false })
    return [
      Part(title: "This change", changes: introduced, report: self),
      Part(title: "Already pending", changes: pending, report: self),
    ]
  }

  /// One sentence that says who is affected, such as `2 people lose access, 4 seats stay free`.
  var sentence: String {
    guard !changes.isEmpty else { return "nothing to change" }
    var counts = ChangeCounts(of: grouped, in: self)
    counts.countFreeSeats(in: after, at: now)
    return counts.sentence
  }

  /// Writes the changes in their parts, grouped by member.
  func writeText(into sink: inout ByteSink, style: TextStyle) {
    for part in parts {
      if let title = part.title {
        sink.writeLine()
        sink.writeLine(style.bold(title + ": ") + part.sentence)
      }
      write(part, into: &sink, style)
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
    sink.write(literal: "  ")
    sink.write(member.glyph.mark(style))
    sink.write(literal: " ")
    sink.write(style.bold(member.name.text))
    if let place = member.place {
      sink.write(literal: "  ")
      style.writeDim(into: &sink) { sink in
        sink.write(TerminalText.sanitized(place.file))
        sink.write(literal: ":")
        sink.write(String(place.line))
      }
    }
    sink.writeLine()
    if let ending = member.ending {
      sink.writeLine("      \(Glyph.remove.mark(style)) \(ending)")
    }
    var reason = ""
    for change in member.changes {
      write(change, indent: "      ", butNot: reason, into: &sink, style: style)
      reason = change.reason
    }
  }

  /// - Parameter known: A reason that was told before.
  private func write(
    _ planned: PlannedChange, indent: StaticString, butNot known: String = "",
    into sink: inout ByteSink, style: TextStyle
  ) {
    sink.write(literal: indent)
    sink.write(words.glyph(of: planned.change).mark(style))
    sink.write(literal: " ")
    words.write(planned.change, into: &sink)
    if planned.reason != known {
      style.writeDim(into: &sink) { sink in
        sink.write(literal: "  (")
        sink.write(TerminalText.sanitized(planned.reason))
        sink.write(literal: ")")
      }
    }
    sink.writeLine()
  }

  var totals: (add: Int, change: Int, remove: Int) {
    ChangeWords.totals(of: changes.map { words.glyph(of: $0.change) })
  }

  var words: ChangeWords { ChangeWords(before: before, now: now) }
}
