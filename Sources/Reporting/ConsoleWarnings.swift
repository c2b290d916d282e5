// ConsoleWarnings: what the outlook warns of, a line a kind: a page is no place for a line a seat.

import Metering
import OrgModel

extension ConsolePage.Warning {
  /// The most names that a line tells.
  private static let namesMax = 5

  /// The lines for an outlook, in its order.
  public static func all(of report: OutlookReport) -> [ConsolePage.Warning] {
    let (outlook, warnings) = (report.outlook, report.warnings)
    return OutlookWarning.Kind.allCases.flatMap { kind -> [ConsolePage.Warning] in
      let some = warnings.filter { $0.kind == kind }
      let names = some.prefix(namesMax).compactMap(\.seat?.member)
      switch kind {
      case _ where some.isEmpty: return []
      case .usageStale, .subscriptionExpires, .unusedUnknown:
        return some.compactMap { single($0, outlook.now) }
      case .quotaExhausted:
        return [.init(isUrgent: true, "Used up", "the quota of \(Words.list(names, some.count))")]
      case .quotaRunsOut:
        return [.init(isUrgent: false, "Runs out", "at the pace of 7 days, \(dates(of: some))")]
      case .seatUnused:
        let (seats, holders) = (Words.counted(some.count, "seat"), Words.list(names, some.count))
        return [
          .init(
            isUrgent: false, "Unused",
            "\(seats) without a call in 30 days, of \(holders)\(doubt(outlook))"
              + edits(of: some, report))
        ]
      }
    }
  }

  /// How the org file takes such seats back: `. To reclaim it write 'bob: {}' for …`.
  private static func edits(of warnings: [OutlookWarning], _ report: OutlookReport) -> String {
    let edits = warnings.prefix(namesMax).compactMap { report.edit($0) }
    guard !edits.isEmpty else { return "" }
    return ". To reclaim \(warnings.count == 1 ? "it" : "them"), below 'members' write "
      + edits.map { "'\($0.after)' for '\($0.before)'" }.joined(separator: ", ")
      + (warnings.count > edits.count ? ", and so on" : "")
  }

  private static func single(_ warning: OutlookWarning, _ now: Instant) -> ConsolePage.Warning? {
    switch warning {
    case .usageStale(let latest):
      return .init(
        isUrgent: false, "Usage is old",
        "the newest record is of \(DayText.day(of: latest)), "
          + "\(RelativeTime.distance(from: now, to: latest)): "
          + "what runs out and what is unused can only be said with newer ones")
    case .subscriptionExpires(let subscription):
      let end = subscription.terms.expires
      return .init(
        isUrgent: false, "Expires",
        "subscription \(subscription.terms.id) with \(Words.counted(subscription.held, "seat")), "
          + "\(RelativeTime.distance(from: now, to: end)), on \(DayText.day(of: end))")
    case .unusedUnknown(let seats, let doubt):
      return .init(
        isUrgent: false, "Usage is missing", OutlookReport.unknown(seats.count, reason(doubt)))
    default: return nil
    }
  }

  private static func reason(_ doubt: UnusedDoubt) -> String {
    switch doubt {
    case .knownSince(let first): "usage is known only since \(DayText.day(of: first))"
    case .gap(let start, let end):
      "there is no record at all from \(DayText.short(start)) to \(DayText.short(end))"
    case .unattributed(let requests):
      "no record is of a seat's holder, \(OutlookReport.nobodys(requests))"
    }
  }

  /// Calls that are nobody's may be those of seats that seem unused.
  private static func doubt(_ outlook: Outlook) -> String {
    let requests = outlook.unattributedRequests
    guard requests > 0 else { return "" }
    return "; unless \(Decimal.grouped(requests)) unattributed "
      + "\(requests == 1 ? "call was" : "calls were") theirs"
  }

  /// `the quota of carol on 2026-11-28, of dave on 2026-12-01, and of 2 more later`.
  private static func dates(of warnings: [OutlookWarning]) -> String {
    let parts = warnings.prefix(namesMax).compactMap { warning -> String? in
      guard case .quotaRunsOut(let seat, let end) = warning else { return nil }
      return "of \(seat.member) on \(DayText.day(of: end))"
    }
    let more = warnings.count - parts.count
    return "the quota " + parts.joined(separator: ", ")
      + (more > 0 ? ", and of \(Words.grouped(more)) more later" : "")
  }
}
