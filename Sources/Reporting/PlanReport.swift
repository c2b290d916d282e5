// PlanReport: a plan for a person: who is affected, what happens, and who may apply it.

public import ByteOutput
public import OrgModel
public import Records

/// A plan beside the state it starts from.
public struct PlanReport: Sendable {
  let plan: Plan
  let report: ChangeReport

  /// Makes a report of a plan.
  /// - Parameter after: What it leads to; nil if that is not known yet. Where it is not legal at `now`,
  ///   the changes up to the first illegal one count.
  public init(_ plan: Plan, on stored: OrgState, after: OrgState? = nil, at now: Instant) {
    self.plan = plan
    report = ChangeReport(plan.changes, on: stored, after: after, at: now)
  }

  /// One sentence that says who is affected, such as `2 people lose access, 4 seats stay free`.
  public var sentence: String { report.sentence }

  /// How many of its changes add, change and take away something; together all of them.
  public var totals: (add: Int, change: Int, remove: Int) { report.totals }

  /// The sentence with a capital letter and a full stop.
  public static func capitalized(_ sentence: String) -> String {
    sentence.prefix(1).uppercased() + sentence.dropFirst() + "."
  }

  /// Writes the sentence, the changes grouped by member, and the authority needed.
  /// - Parameter part: Is called behind every few thousand members, where text may be taken out of the sink.
  public func writeText(
    into sink: inout ByteSink, style: TextStyle, part: (inout ByteSink) -> Void = { _ in }
  ) {
    sink.writeLine(style.bold(Self.capitalized(sentence)))
    guard !plan.changes.isEmpty else { return }
    report.writeText(into: &sink, style: style, part: part)
    sink.writeLine()
    sink.writeLine("Authority needed: \(plan.authority.rawValue)")
    if let allowance = plan.allowance {
      sink.writeLine("Carries --allow-removals \(allowance)")
    }
  }
}
