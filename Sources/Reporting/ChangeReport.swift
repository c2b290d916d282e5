// ChangeReport: changes for a person: who is affected, then what happens member by member.

import ByteOutput
import OrgModel
import Parallelism
import Planning
import Records

/// Changes beside the state that they start from. A class, because copying two states for every member takes
/// longer than telling of them.
final class ChangeReport: Sendable {
  /// So many members are written at a time.
  private static let blockCount = 2048
  /// What most of them take, and a little more.
  private static let bytesPerMember = 256

  let changes: PlannedChanges
  let grouped: GroupedChanges
  let before: OrgState
  let after: OrgState
  let impact: Impact
  let words: ChangeWords
  let now: Instant

  /// Makes a report of changes to a state.
  /// - Parameter after: What they lead to; nil if that is not known yet. Where they are not legal at
  ///   `now`, those up to the first illegal one count.
  init(
    _ changes: PlannedChanges, on stored: OrgState, after: OrgState?, at now: Instant
  ) {
    self.changes = changes
    grouped = GroupedChanges(changes)
    self.now = now
    // In a branch, which is not changed, those whom it is about are found without a search.
    let before = stored.branch(for: changes)
    self.before = before
    words = ChangeWords(before: before, now: now)
    let end = after ?? Self.end(of: changes, on: before, at: now)
    self.after = end
    impact = Impact(of: changes, before: before, after: end, at: now)
  }

  private static func end(
    of changes: PlannedChanges, on stored: OrgState, at now: Instant
  ) -> OrgState {
    var state = stored
    do {
      for change in changes { try state.apply(change.change, at: now) }
    } catch {
      // Shown for what it is; the guardrails refuse to execute it.
    }
    return state
  }

  /// Changes that belong together: all of a plan, or what a pull request adds to what was pending.
  struct Part: Sendable {
    /// Nil if it is all of the plan.
    let title: String?
    let changes: GroupedChanges
    let report: ChangeReport

    /// Changes to the organization and its subscriptions, in the order of the plan.
    var general: PickedChanges { changes.general }

    /// Somebody it is about.
    enum Subject: Sendable {
      /// The number of a member with changes of their own.
      case changed(Int)
      /// Somebody whose subscription ends under them without a change of their own.
      case unseated(Username)
    }

    /// Whom it is about, by name.
    var subjects: [Subject] {
      var unseated = report.impact.unseated(by: changes.all)[...]
      var subjects: [Subject] = []
      subjects.reserveCapacity(changes.members.count + unseated.count)
      for member in changes.members {
        if let name = unseated.isEmpty ? nil : changes.name(of: member) {
          while let first = unseated.first, first <= name {
            unseated.removeFirst()
            if first < name { subjects.append(.unseated(first)) }
          }
        }
        subjects.append(.changed(member))
      }
      return subjects + unseated.map { .unseated($0) }
    }

    /// What happens to somebody it is about.
    func changes(of subject: Subject) -> MemberChanges {
      switch subject {
      case .changed(let member):
        return MemberChanges(
          name: changes.name(of: member), changes: changes.changes(of: member),
          at: changes.place(of: member), in: report)
      case .unseated(let name): return MemberChanges(name: name, changes: [], at: nil, in: report)
      }
    }

    /// The changes of each member, by name.
    var byMember: [MemberChanges] { subjects.map { changes(of: $0) } }

    /// Who is affected, without a full stop.
    var sentence: String {
      guard !changes.all.isEmpty else { return "nothing to change" }
      return ChangeCounts(of: changes, in: report).sentence
    }
  }

  /// The plan in parts: two if its changes are told apart, otherwise one.
  var parts: [Part] {
    guard changes.isMarked else {
      return [Part(title: nil, changes: grouped, report: self)]
    }
    let introduced = GroupedChanges(changes) { $0.isIntroduced == true }
    let pending = GroupedChanges(changes) { $0.isIntroduced == false }
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
  /// - Parameter part: Is called behind every few thousand members, where text may be taken out of the sink.
  func writeText(
    into sink: inout ByteSink, style: TextStyle,
    part parting: (inout ByteSink) -> Void = { _ in }
  ) {
    for part in parts {
      if let title = part.title {
        sink.writeLine()
        sink.writeLine(style.bold(title + ": ") + part.sentence)
      }
      write(part, into: &sink, style, parting)
    }
  }

  private func write(
    _ part: Part, into sink: inout ByteSink, _ style: TextStyle, _ parting: (inout ByteSink) -> Void
  ) {
    let general = part.general
    if !general.isEmpty {
      sink.writeLine()
      sink.writeLine(style.bold("Organization and subscriptions"))
      for change in general { write(change, indent: "  ", into: &sink, style: style) }
    }
    let subjects = part.subjects[...]
    guard !subjects.isEmpty else { return }
    sink.writeLine()
    sink.writeLine(style.bold("Members"))
    // While one block is written, another thread writes the next.
    var rest = subjects
    while !rest.isEmpty {
      let block = rest.prefix(Self.blockCount)
      let next = rest.dropFirst(block.count).prefix(Self.blockCount)
      let written =
        next.isEmpty ? nil : Errand { self.text(of: next, in: part, style) }
      sink.write(bytes: text(of: block, in: part, style))
      parting(&sink)
      if let written {
        sink.write(bytes: written.result)
        parting(&sink)
      }
      rest = rest.dropFirst(block.count + next.count)
    }
  }

  private func text(
    of subjects: ArraySlice<Part.Subject>, in part: Part, _ style: TextStyle
  ) -> [UInt8] {
    var sink = ByteSink()
    sink.reserve(subjects.count * Self.bytesPerMember)
    for subject in subjects { write(part.changes(of: subject), into: &sink, style: style) }
    return sink.bytes
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
        sink.write(place.line)
      }
    }
    sink.writeLine()
    if let ending = member.ending {
      sink.writeLine("      \(Glyph.remove.mark(style)) \(ending)")
    }
    var reason: Reason?
    for change in member.changes {
      write(change, indent: "      ", butNot: reason, into: &sink, style: style)
      reason = change.because
    }
  }

  /// - Parameter known: A reason that was told before.
  private func write(
    _ planned: PlannedChange, indent: StaticString, butNot known: Reason? = nil,
    into sink: inout ByteSink, style: TextStyle
  ) {
    sink.write(literal: indent)
    sink.write(words.glyph(of: planned.change).mark(style))
    sink.write(literal: " ")
    words.write(planned.change, into: &sink)
    if planned.because != known {
      style.writeDim(into: &sink) { sink in
        sink.write(literal: "  (")
        planned.writeReason(into: &sink, harmless: TerminalText.sanitized)
        sink.write(literal: ")")
      }
    }
    sink.writeLine()
  }

  var totals: (add: Int, change: Int, remove: Int) {
    ChangeWords.totals(of: changes.map { words.glyph(of: $0.change) })
  }
}
