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
      case .subscriptionExpires:
        return some.prefix(namesMax).compactMap { single($0, outlook.now) }
          + ending(some.dropFirst(namesMax), outlook.now)
      case .usageStale, .unusedUnknown: return some.compactMap { single($0, outlook.now) }
      case .quotaExhausted:
        let sentence = "the quota \(quotas(some, report, rest: ""))"
        return [.init(isUrgent: true, "Used up", sentence, others: others(some, report))]
      case .quotaRunsOut:
        let sentence = "at the pace of 7 days, the quota \(quotas(some, report, rest: " later"))"
        return [.init(isUrgent: false, "Runs out", sentence, others: others(some, report))]
      case .seatUnused:
        let (seats, holders) = (Words.counted(some.count, "seat"), Words.list(names, some.count))
        return [
          .init(
            isUrgent: false, "Unused",
            "\(seats) without a call in 30 days, of \(holders)\(doubt(outlook))",
            edits: (some.prefix(linesMax).compactMap { report.edit($0) }, some.count))
        ]
      }
    }
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
      return .init(isUrgent: false, "Subscription expires", sentence(of: subscription, now))
    case .unusedUnknown(let seats, let doubt):
      return .init(
        isUrgent: false, "Usage is missing", OutlookReport.unknown(seats.count, reason(doubt)))
    default: return nil
    }
  }

  private static func sentence(of subscription: StoredSubscription, _ now: Instant) -> String {
    let end = subscription.terms.expires
    return "\(subscription.terms.id) with \(Words.counted(subscription.held, "seat")) held, "
      + "\(RelativeTime.distance(from: now, to: end)), on \(DayText.day(of: end))"
  }

  /// One line for all subscriptions behind the first ones, since each of its own would hide the page.
  private static func ending(
    _ warnings: ArraySlice<OutlookWarning>, _ now: Instant
  ) -> [ConsolePage.Warning] {
    var others = Others(count: warnings.count)
    var bytes = 0
    for case .subscriptionExpires(let subscription) in warnings.prefix(linesMax) {
      let line = sentence(of: subscription, now)
      bytes += line.utf8.count
      guard bytes <= Others.bytesMax else { break }
      others.lines.append(line)
      others.shown += 1
    }
    guard others.shown > 0 else { return [] }
    let count = Words.counted(warnings.count, "other subscription")
    return [
      .init(isUrgent: false, "Subscription expires", "\(count) within 30 days", others: others)
    ]
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

  /// `of carol on 2026-11-28 (new Credits on 2026-12-01), of dave on …, and of 2 more later`.
  private static func quotas(
    _ warnings: [OutlookWarning], _ report: OutlookReport, rest: String
  ) -> String {
    let parts = warnings.prefix(namesMax).compactMap { warning -> String? in
      guard let seat = warning.seat else { return nil }
      var end = ""
      if case .quotaRunsOut(_, let instant) = warning { end = " on \(DayText.day(of: instant))" }
      return "of \(seat.member)\(end) (\(renewal(of: seat, report)))"
    }
    let more = warnings.count - parts.count
    return parts.joined(separator: ", ")
      + (more > 0 ? ", and of \(Words.grouped(more)) more\(rest)" : "")
  }

  /// Those whom the sentence only counts, a line for all who share what happens and its date.
  private static func others(_ warnings: [OutlookWarning], _ report: OutlookReport) -> Others {
    let all = warnings.dropFirst(namesMax)
    var names: [String: [String]] = [:]
    var bytes = 0
    var others = Others(count: all.count)
    for warning in all.prefix(linesMax) {
      guard let seat = warning.seat else { continue }
      var date = renewal(of: seat, report)
      if case .quotaRunsOut(_, let instant) = warning {
        date = "on \(DayText.day(of: instant)) (\(date))"
      }
      bytes += seat.member.text.utf8.count + 2 + (names[date] == nil ? date.utf8.count : 0)
      guard bytes <= Others.bytesMax else { break }
      names[date, default: []].append(seat.member.text)
      others.shown += 1
    }
    others.lines = names.sorted { $0.key < $1.key }
      .map { "\($0.key): \($0.value.joined(separator: ", "))" }
    return others
  }

  /// `new Credits on 2026-12-01`.
  private static func renewal(of seat: SeatOutlook, _ report: OutlookReport) -> String {
    "\(report.isRenewed(seat) ? "new Credits" : "the seat ends") on \(DayText.day(of: seat.end))"
  }
}

extension ConsolePage.Warning {
  /// Writes what it says, whom it only counts behind a summary, and the edits: the first ones, and the
  /// others behind a summary.
  func write(into html: inout HTMLWriter) {
    html.element("b", label + ":")
    html.text(" " + sentence)
    if !others.lines.isEmpty { writeOthers(into: &html) }
    if !edits.shown.isEmpty { writeEdits(into: &html) }
  }

  /// Paper shows them, too, as nothing else there tells who they are.
  private func writeOthers(into html: inout HTMLWriter) {
    html.element("details", ["class": "unfold"]) { html in
      html.element("summary", "\(Words.grouped(others.count)) more")
      html.element("ul") { html in
        for line in others.lines {
          html.element("li", line)
          html.breakLine()
        }
      }
      Self.writeRest(others.count - others.shown, into: &html)
    }
  }

  private func writeEdits(into html: inout HTMLWriter) {
    html.text(". To reclaim \(edits.count == 1 ? "it" : "them"), edit the org file below ")
    html.element("code", "members")
    html.text(":")
    let (first, others) = (edits.shown.prefix(Self.namesMax), edits.shown.dropFirst(Self.namesMax))
    Self.write(first, into: &html)
    guard !others.isEmpty else { return }
    html.element("details") { html in
      html.element("summary", "\(Words.grouped(edits.count - first.count)) more")
      Self.write(others, into: &html)
      Self.writeRest(edits.count - edits.shown.count, into: &html)
    }
  }

  private static func writeRest(_ count: Int, into html: inout HTMLWriter) {
    guard count > 0 else { return }
    html.element("p") { html in
      html.text("And \(Words.grouped(count)) more: ")
      html.element("code", "usher status --format json")
      html.text(" lists all.")
    }
  }

  private static func write(
    _ edits: ArraySlice<OutlookReport.Edit>, into html: inout HTMLWriter
  ) {
    html.element("ul") { html in
      for edit in edits {
        html.element("li") { html in
          html.element("code", edit.before)
          html.text(" becomes ")
          html.element("code", edit.after)
        }
        html.breakLine()
      }
    }
  }
}
