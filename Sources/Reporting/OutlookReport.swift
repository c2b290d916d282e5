// OutlookReport: what there is to warn of about Credits and seats, for a person, a program and a
// pull-request platform.

public import ByteOutput
public import Metering
public import OrgFiles
public import OrgModel
import Records
public import SourceText

/// Warnings beside the state that they are about and, where they are at hand, the org files.
public struct OutlookReport: Sendable {
  /// Warnings of a kind that are shown to a person who did not ask for them.
  static let shownMax = 5

  let outlook: Outlook
  private let state: OrgState
  private let desired: LocatedOrg?
  private let files: [SourceFile]
  /// All of them, in the order to show them in.
  public let warnings: [OutlookWarning]

  /// An edit of an org file that takes a seat from its holder.
  public struct Edit: Hashable, Sendable {
    /// Such as `members.bob`.
    public let path: String
    /// The settings to remove.
    public let removed: [String]
    /// The entry as it is, on one line.
    public let before: String
    /// The entry as it is to be, on one line.
    public let after: String
  }

  /// Pairs an outlook with the state it is of.
  /// - Parameter desired: What the org files ask for; what they settle already is no warning.
  public init(
    _ outlook: Outlook, of state: OrgState, desired: LocatedOrg? = nil, files: [SourceFile] = []
  ) {
    self.outlook = outlook
    self.state = state
    self.desired = desired
    self.files = files
    guard let org = desired?.org else {
      warnings = outlook.warnings
      return
    }
    warnings = outlook.warnings.compactMap { Self.open($0, org, at: outlook.now) }
  }

  /// What is left to warn of where the org files leave it as it is; nil if nothing is.
  private static func open(
    _ warning: OutlookWarning, _ org: DesiredOrg, at now: Instant
  ) -> OutlookWarning? {
    func isKept(_ seat: SeatOutlook) -> Bool {
      let member = index(of: seat.member, in: org.members, by: \.username).map { org.members[$0] }
      return member?.seat(at: now) == seat.subscription
    }
    switch warning {
    case .usageStale: return warning
    case .quotaExhausted(let seat), .quotaRunsOut(let seat, _), .seatUnused(let seat):
      return isKept(seat) ? warning : nil
    case .unusedUnknown(let seats, let doubt):
      let kept = seats.filter(isKept)
      return kept.isEmpty ? nil : .unusedUnknown(kept, doubt)
    case .subscriptionExpires(let stored):
      let place = index(of: stored.terms.id, in: org.subscriptions, by: \.id)
      let isKept = place.map { org.subscriptions[$0].expires <= stored.terms.expires } ?? false
      return isKept ? warning : nil
    }
  }

  private static func index<Element, Key: Comparable>(
    of key: Key, in list: [Element], by path: KeyPath<Element, Key>
  ) -> Int? {
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      if list[middle][keyPath: path] < key { low = middle + 1 } else { high = middle }
    }
    return low < list.count && list[low][keyPath: path] == key ? low : nil
  }

  /// One sentence, without a final stop.
  public func message(_ warning: OutlookWarning) -> String {
    switch warning {
    case .usageStale(let latest):
      return "the newest usage record is of the hour from \(latest) (\(distance(to: latest))): who "
        + "runs out and which seats are unused is not told"
    case .quotaExhausted(let seat):
      return "\(seat.member) has used \(use(of: seat)); \(renewal(of: seat))"
    case .quotaRunsOut(let seat, let instant):
      return "\(seat.member) has used \(use(of: seat)), \(Self.text(seat.pace.perDay)) a day, and "
        + "runs out at \(instant) (\(distance(to: instant))); \(renewal(of: seat))"
    case .subscriptionExpires(let stored):
      let expires = stored.terms.expires
      return "\(stored.terms.id) expires at \(expires) (\(distance(to: expires))), with "
        + "\(stored.held) seat\(stored.held == 1 ? "" : "s") held"
    case .seatUnused(let seat):
      let requests = outlook.unattributedRequests
      let doubt =
        requests == 0
        ? ""
        : ", unless \(Decimal.grouped(requests)) unattributed "
          + "request\(requests == 1 ? " was" : "s were") theirs"
      return "\(seat.member) has not used their \(seat.subscription) seat for 30 days: it could be "
        + "reclaimed\(doubt)"
    case .unusedUnknown(let seats, let doubt):
      return Self.unknown(seats.count, reason(doubt))
    }
  }

  /// A sentence of so many seats without a record, so that nobody takes silence for use.
  static func unknown(_ count: Int, _ reason: String) -> String {
    "which seats are unused is not told: \(reason); \(Words.counted(count, "seat")) "
      + "\(count == 1 ? "has" : "have") no record of 30 days"
  }

  private func reason(_ doubt: UnusedDoubt) -> String {
    switch doubt {
    case .knownSince(let first): "usage is known only since \(first) (\(distance(to: first)))"
    case .gap(let start, let end): "there is no record at all from \(start) to \(end)"
    case .unattributed(let requests):
      "no record is of a seat's holder, \(Self.nobodys(requests))"
    }
  }

  /// `12 requests are nobody's`.
  static func nobodys(_ requests: Int128) -> String {
    "\(Decimal.grouped(requests)) request\(requests == 1 ? " is" : "s are") nobody's"
  }

  private func distance(to instant: Instant) -> String {
    RelativeTime.distance(from: outlook.now, to: instant)
  }

  /// `24,000 of 25,000 Credits`.
  private func use(of seat: SeatOutlook) -> String {
    "\(Self.text(seat.used)) of \(Self.text(seat.quota ?? 0)) Credits"
  }

  private func renewal(of seat: SeatOutlook) -> String {
    isRenewed(seat) ? "new ones come at \(seat.end)" : "the seat ends at \(seat.end)"
  }

  /// Whether new Credits come when the cycle ends; the seat ends then or before otherwise.
  func isRenewed(_ seat: SeatOutlook) -> Bool {
    state.member(seat.member)?.seat.map { state.end(of: $0) } != seat.end
  }

  private static func text(_ micros: Int128) -> String { CreditsText([micros]).text(micros) }

  /// The edit that takes an unused seat from its holder; nil for other warnings.
  public func edit(_ warning: OutlookWarning) -> Edit? {
    guard case .seatUnused(let seat) = warning, let member = member(of: seat) else { return nil }
    var removed = ["seat"]
    if member.until != nil { removed.append("until") }
    if member.keyNumber != 1 { removed.append("key") }
    let isJSON = range(warning).map { files[Int($0.file)].name.hasSuffix(".json") } ?? false
    return Edit(
      path: "members.\(member.username)", removed: removed,
      before: member.entry(isJSON: isJSON), after: member.unseated.entry(isJSON: isJSON))
  }

  /// The holder of a seat as the org files have them, or would have them.
  private func member(of seat: SeatOutlook) -> DesiredMember? {
    if let org = desired?.org {
      return Self.index(of: seat.member, in: org.members, by: \.username).map { org.members[$0] }
    }
    guard let member = state.member(seat.member) else { return nil }
    return DesiredMember(
      username: member.username, role: member.role, seat: member.seat?.subscription,
      until: member.seat?.until, keyNumber: member.seat?.keyNumber ?? 1)
  }

  /// Where in the org files it stands; nil without them.
  private func range(_ warning: OutlookWarning) -> SourceRange? {
    guard let desired else { return nil }
    if let seat = warning.seat {
      return Self.index(of: seat.member, in: desired.org.members, by: \.username)
        .flatMap { desired.places.members[$0].seat }
    }
    guard case .subscriptionExpires(let stored) = warning else { return nil }
    return Self.index(of: stored.terms.id, in: desired.org.subscriptions, by: \.id)
      .map { desired.places.subscriptions[$0].expires }
  }
}

// MARK: - For a person

extension OutlookReport {
  /// Writes a heading and the first warnings of every kind; nothing if there are none.
  public func writeText(into sink: inout ByteSink, style: TextStyle) {
    guard !warnings.isEmpty else { return }
    sink.writeLine()
    sink.writeLine(style.bold("Warnings"))
    for (shown, rest, kind) in groups {
      for warning in shown {
        let text = TerminalText.sanitized(message(warning))
        sink.writeLine("  " + (kind == .quotaExhausted ? style.red(text) : style.yellow(text)))
        if let edit = edit(warning) {
          sink.writeLine(
            style.dim("    below 'members' write '\(edit.after)' for '\(edit.before)'"))
        }
      }
      if rest > 0 { sink.writeLine("  and \(Self.more(rest, kind)); --format json lists all") }
    }
  }

  /// The first of every kind, and how many more there are.
  private var groups: [(shown: ArraySlice<OutlookWarning>, rest: Int, kind: OutlookWarning.Kind)] {
    OutlookWarning.Kind.allCases.map { kind in
      let all = warnings.filter { $0.kind == kind }
      return (all.prefix(Self.shownMax), all.count - min(all.count, Self.shownMax), kind)
    }
  }

  private static func more(_ number: Int, _ kind: OutlookWarning.Kind) -> String {
    let (one, count) = (number == 1, Decimal.grouped(Int128(number)))
    switch kind {
    case .usageStale, .unusedUnknown: return "\(count) more"
    case .quotaExhausted: return "\(count) more \(one ? "has" : "have") used their Credits up"
    case .quotaRunsOut: return "\(count) more will run out of Credits"
    case .subscriptionExpires:
      return "\(count) more subscription\(one ? " expires" : "s expire") within 30 days"
    case .seatUnused:
      return "\(count) more seat\(one ? " was" : "s were") not used for 30 days"
    }
  }

  /// The warnings as findings in the org files.
  /// - Parameter isWhole: Whether all are wanted, not the first ones of every kind.
  public func diagnostics(isWhole: Bool) -> [Diagnostic] {
    guard !isWhole else { return warnings.map(diagnostic) }
    return groups.flatMap { shown, rest, kind in
      shown.map(diagnostic)
        + (rest > 0
          ? [
            Diagnostic(
              Self.code(kind), "\(Self.more(rest, kind)); --format json lists all", at: nil)
          ] : [])
    }
  }

  private func diagnostic(_ warning: OutlookWarning) -> Diagnostic {
    var help: String?
    switch warning {
    case .seatUnused: help = edit(warning).map { "to do so, make the entry '\($0.after)'" }
    case .subscriptionExpires: help = "renew it, then move 'expires'"
    case .usageStale: help = "ingest what is newer"
    case .unusedUnknown(_, .knownSince): help = "ingest older records too, or wait"
    case .unusedUnknown(_, .gap): help = "ingest what is missing"
    case .unusedUnknown(_, .unattributed): help = "records name a member or one of the state's keys"
    case .quotaExhausted, .quotaRunsOut: break
    }
    return Diagnostic(
      Self.code(warning.kind), message(warning), at: range(warning), help: help)
  }

  private static func code(_ kind: OutlookWarning.Kind) -> DiagnosticCode {
    switch kind {
    case .usageStale: .usageStale
    case .quotaExhausted: .quotaExhausted
    case .quotaRunsOut: .quotaRunsOut
    case .subscriptionExpires: .subscriptionExpires
    case .seatUnused: .seatUnused
    case .unusedUnknown: .unusedUnknown
    }
  }
}

// MARK: - For a program

extension OutlookReport {
  /// Writes the member `warnings` of the object that is open: all of them, whatever a person is shown.
  public func writeJSON(into json: inout JSONWriter) {
    var map = SourceMap(files)
    json.key("warnings")
    json.array { json in
      for warning in warnings {
        json.line { json in
          json.member("kind", warning.kind.rawValue)
          write(warning, into: &json)
          json.member("message", message(warning))
          if let edit = edit(warning) {
            json.key("edit")
            json.object { $0.write(edit) }
          }
          guard let range = range(warning) else { return }
          map.position(of: range).write(into: &json)
        }
      }
    }
    if let warning = warnings.first(where: { $0.kind == .unusedUnknown }) {
      json.member("unused_not_told", message(warning))
    }
  }

  private func write(_ warning: OutlookWarning, into json: inout JSONWriter) {
    switch warning {
    case .usageStale(let latest): json.member("latest", latest.description)
    case .quotaExhausted(let seat): write(seat, runsOut: nil, into: &json)
    case .quotaRunsOut(let seat, let instant): write(seat, runsOut: instant, into: &json)
    case .subscriptionExpires(let stored):
      json.member("subscription", stored.terms.id.text)
      json.member("expires", stored.terms.expires.description)
      json.member("held", stored.held)
    case .seatUnused(let seat):
      json.member("member", seat.member.text)
      json.member("subscription", seat.subscription.text)
      json.member("assigned", seat.assigned.description)
      json.key("unattributed_requests")
      json.raw(String(outlook.unattributedRequests))
    case .unusedUnknown(let seats, let doubt):
      json.member("seats", seats.count)
      switch doubt {
      case .knownSince(let first): json.member("known_since", first.description)
      case .gap(let start, let end):
        json.member("gap_start", start.description)
        json.member("gap_end", end.description)
      case .unattributed(let requests):
        json.key("unattributed_requests")
        json.raw(String(requests))
      }
    }
  }

  private func write(_ seat: SeatOutlook, runsOut: Instant?, into json: inout JSONWriter) {
    json.member("member", seat.member.text)
    json.member("subscription", seat.subscription.text)
    json.key("quota")
    json.raw(Decimal.text(micros: seat.quota ?? 0))
    json.key("used")
    json.raw(Decimal.text(micros: seat.used))
    json.key("per_day")
    json.raw(Decimal.text(micros: seat.pace.perDay))
    json.member("cycle_start", seat.cycle.lowerBound.description)
    json.member("cycle_end", seat.cycle.upperBound.description)
    json.member("end", seat.end.description)
    if let runsOut { json.member("runs_out", runsOut.description) }
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ edit: OutlookReport.Edit) {
    member("path", edit.path)
    key("remove")
    array { json in for name in edit.removed { json.value(name) } }
    member("before", edit.before)
    member("after", edit.after)
  }
}
