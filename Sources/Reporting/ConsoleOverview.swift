// ConsoleOverview: the answers that most people open the page for: what is free, what ends next, who
// used most.

import Metering
import OrgModel

extension ConsolePage {
  /// The most dates that the overview lists: of what is over, and of what is to come.
  private static let (overMax, datesMax) = (3, 8)
  /// Dates so near are marked, in seconds.
  private static let soon: Int64 = 30 * 86_400

  func writeOverview(into html: inout HTMLWriter) {
    // First of all, as what else is said of ends is not of every kind.
    html.element("dl", ["class": "facts grid"]) { html in
      write("Expires next", nextExpiry, cssClass: "card first", into: &html)
    }
    writeWarnings(into: &html)
    html.element("dl", ["class": "facts grid"], writeFacts)
    html.element("div", ["class": "grid pair"]) { html in
      html.element("div", ["class": "card"]) { html in
        html.element("h3", "What expires next")
        writeDates(into: &html)
      }
      html.element("div", ["class": "card"]) { html in
        html.element("h3", "Who used most, 30 days")
        if let window = windows.last {
          writeTop(window, countMax: 5, into: &html)
        } else {
          Self.writeNoUsage(into: &html)
        }
      }
    }
    html.element("div", ["class": "card"]) { html in
      html.element("h3", "Subscriptions")
      writeSubscriptions(into: &html)
    }
  }

  private func writeWarnings(into html: inout HTMLWriter) {
    guard !warnings.isEmpty else { return }
    html.element("ul", ["class": "notes", "aria-label": "What wants attention"]) { html in
      for warning in warnings {
        html.element("li", ["class": warning.isUrgent ? "note bad" : "note warn"]) {
          warning.write(into: &$0)
        }
      }
    }
  }

  // Facts

  /// What one card says: a value, perhaps of how many, and lines about it, perhaps with their day.
  private struct Fact {
    let value: String
    var of = ""
    var about: [(text: String, day: Instant?)] = []
    var trend: [UsageTotals] = []
  }

  private func writeFacts(into html: inout HTMLWriter) {
    let facts = [
      ("Used most, 30 days", mostUser), ("Seats assigned", seatFact), ("Members", memberFact),
      ("Credits, 30 days", creditsFact),
    ]
    for (title, fact) in facts { write(title, fact, cssClass: "card", into: &html) }
  }

  private func write(
    _ title: String, _ fact: Fact, cssClass: String, into html: inout HTMLWriter
  ) {
    html.element("div", ["class": cssClass]) { html in
      html.element("dt", title)
      html.element("dd", ["class": "big"]) { html in
        html.text(fact.value)
        if !fact.of.isEmpty { html.element("span", ["class": "of"], fact.of) }
      }
      for (text, day) in fact.about {
        html.element("dd", ["class": "soft"]) { html in
          html.text(text)
          guard let day else { return }
          html.text(", ")
          html.element(
            "time", ["datetime": day.description, "class": "k"], DayText.day(of: day))
        }
      }
      if !fact.trend.isEmpty {
        html.element("dd") { TrendChart.writeSmall(fact.trend, into: &$0) }
      }
    }
  }

  private var nextExpiry: Fact {
    guard let next = expiries.first(where: { $0.at > now }) else { return Fact(value: "nothing") }
    var fact = Fact(value: RelativeTime.distance(from: now, to: next.at))
    fact.about = [(Self.summary(of: next.kind), next.at)]
    // A key that is replaced takes nobody's access: what does is said, too.
    if next.isOfKeys, let end = expiries.first(where: { $0.at > now && !$0.isOfKeys }) {
      fact.about.append(("then " + Self.summary(of: end.kind), end.at))
    }
    return fact
  }

  private static let nothingUsed = [(text: "no usage in this time", day: nil as Instant?)]

  private var mostUser: Fact {
    guard let window = windows.last, window.trend.total != .zero, let first = window.top.first
    else {
      let isUsed = windows.last.map { $0.unattributed != .zero } ?? false
      return isUsed
        ? Fact(value: "nobody known", about: [("all usage is unattributed", nil)])
        : Fact(value: "nobody", about: Self.nothingUsed)
    }
    let credits = first.totals.microCredits
    let share = Decimal.share(credits, of: window.trend.total.microCredits)
    let text = "\(CreditsText([credits]).text(credits)) Credits, \(Percent.rounded(share)) of all"
    return Fact(value: first.member.text, about: [(text, nil)])
  }

  private var seatFact: Fact {
    let seats = subscriptions.reduce(0) { $0 + $1.terms.seats }
    let assigned = subscriptions.reduce(0) { $0 + $1.assigned }
    let unassigned = subscriptions.reduce(0) { $0 + $1.unassigned }
    let expired = seats - assigned - unassigned
    return Fact(
      value: Words.grouped(assigned), of: " of \(Words.grouped(seats))",
      about: [
        ("\(Words.grouped(unassigned)) unassigned, \(Words.grouped(expired)) expired", nil)
      ])
  }

  private var memberFact: Fact {
    let administrators = members.count { $0.member.role == .administrator }
    let seated = members.count { $0.member.seat != nil }
    let text =
      "\(Words.grouped(seated)) with a seat, \(Words.counted(administrators, "administrator"))"
    return Fact(value: Words.grouped(members.count), about: [(text, nil)])
  }

  private var creditsFact: Fact {
    guard let trend = windows.last?.trend, let day = windows.first?.trend.total.microCredits else {
      return Fact(value: "0", about: Self.nothingUsed)
    }
    let month = trend.total.microCredits
    let credits = CreditsText([month, day])
    return Fact(
      value: credits.text(month), about: [("\(credits.text(day)) in the last 24 hours", nil)],
      trend: trend)
  }

  // Dates

  private func writeDates(into html: inout HTMLWriter) {
    guard !expiries.isEmpty else {
      html.element("p", ["class": "soft"], "Nothing expires.")
      return
    }
    let start = expiries.firstIndex { $0.at > now } ?? expiries.count
    let shown = expiries[max(0, start - Self.overMax)..<min(expiries.count, start + Self.datesMax)]
    html.element("ol", ["class": "dates"]) { html in
      for expiry in shown {
        let isOver = expiry.at <= now
        let isSoon = expiry.at.seconds - now.seconds <= Self.soon
        html.element("li", ["class": isOver ? "bad" : isSoon ? "soon" : nil]) { html in
          html.element("span", ["class": "when"]) { html in
            if expiry.isOfKeys {
              html.element("time", ["datetime": expiry.at.description], DayText.day(of: expiry.at))
            } else {
              html.time(expiry.at)
            }
            html.element("small", RelativeTime.distance(from: now, to: expiry.at))
          }
          html.element("span") { html in
            if isOver { html.element("strong", Self.over(expiry.kind)) }
            html.text(Self.words(for: expiry.kind))
          }
        }
      }
    }
    let count = expiries.count - shown.endIndex
    guard count > 0 else { return }
    html.element("p", ["class": "soft"], "And \(Words.counted(count, "later date")).")
  }

  private static func over(_ kind: Expiry.Kind) -> String {
    if case .keys = kind { "Due: " } else { "Over: " }
  }

  private static func words(for kind: Expiry.Kind) -> String {
    switch kind {
    case .subscription(let id, let held):
      "subscription \(id), \(held == 0 ? "no seat held" : Words.counted(held, "seat") + " held")"
    case .seats(let names, let count):
      "\(count == 1 ? "seat" : "\(Words.grouped(count)) seats") of \(Words.list(names, count))"
    case .keys(let names, let count):
      "\(count == 1 ? "key" : "\(Words.grouped(count)) keys") of \(Words.list(names, count)), "
        + "for the next plan to replace"
    }
  }

  private static func summary(of kind: Expiry.Kind) -> String {
    switch kind {
    case .subscription(let id, let held):
      "subscription \(id) with \(Words.counted(held, "seat")) held"
    case .seats(let names, let count):
      count == 1 ? "the seat of \(Words.list(names, 1))" : Words.counted(count, "seat")
    case .keys(let names, let count):
      (count == 1 ? "the key of \(Words.list(names, 1))" : Words.counted(count, "key"))
        + " to be replaced"
    }
  }

  // Subscriptions

  private func writeSubscriptions(into html: inout HTMLWriter) {
    guard !subscriptions.isEmpty else {
      html.element("p", ["class": "soft"], "There is no subscription.")
      return
    }
    let hasQuota = subscriptions.contains { $0.terms.credits != nil }
    var columns: [HTMLWriter.Column] = [
      .init("Subscription"), .init("Expires"), .init("Assigned", isNumeric: true),
      .init("Unassigned", isNumeric: true), .init("Expired", isNumeric: true),
      .init("Seats", isNumeric: true), .init("Seats in use", cssClass: "w30"), .init("Tier"),
    ]
    if hasQuota { columns.append(.init("Credits a seat", isNumeric: true)) }
    html.table("Seats by subscription", columns: columns) { html in
      for seats in subscriptions { write(seats, hasQuota: hasQuota, into: &html) }
    }
    html.element("p", ["class": "legend", "aria-hidden": "true"]) { html in
      for (name, title) in [
        ("key used", "assigned"), ("key free", "unassigned"), ("key over", "expired"),
      ] {
        html.element("span") { html in
          html.element("span", ["class": name], "")
          html.text(title)
        }
      }
    }
  }

  private func write(_ seats: Seats, hasQuota: Bool, into html: inout HTMLWriter) {
    let terms = seats.terms
    let isExpired = terms.isExpired(at: now)
    html.row { html in
      html.rowHead(terms.id.text)
      html.cell(["class": "k"]) { html in
        html.time(terms.expires)
        html.text(" ")
        let isSoon = terms.expires.seconds - now.seconds <= Self.soon
        html.element(
          "span", ["class": isExpired ? "tag bad" : isSoon ? "tag warn" : "soft"],
          (isExpired ? "expired " : "") + RelativeTime.distance(from: now, to: terms.expires))
      }
      for count in [seats.assigned, seats.unassigned] { html.number(Words.grouped(count)) }
      html.cell(["class": seats.expired > 0 ? "n bad" : "n"]) { html in
        let text = Words.grouped(seats.expired)
        if seats.expired > 0 { html.element("strong", text) } else { html.text(text) }
      }
      html.number(Words.grouped(terms.seats))
      html.cell(["class": "w30"]) { Self.writeStack(seats, into: &$0) }
      html.cell(["class": "tier"], terms.tier.text)
      if hasQuota { html.number(terms.credits.map(Words.grouped) ?? "–") }
    }
  }

  private static func writeStack(_ seats: Seats, into html: inout HTMLWriter) {
    let used = Decimal.share(Int128(seats.assigned), of: Int128(seats.terms.seats))
    let over = Decimal.share(Int128(seats.expired), of: Int128(seats.terms.seats))
    html.element("svg", ["class": "stack", "aria-hidden": "true"]) { html in
      html.void("rect", ["class": "s-used", "width": Percent.exact(used), "height": "100%"])
      let place: HTMLWriter.Attributes = [
        "class": "s-over", "x": Percent.exact(used), "width": Percent.exact(over),
        "height": "100%",
      ]
      html.void("rect", place)
    }
  }
}

/// Counts and lists as sentences have them.
enum Words {
  /// With commas between thousands.
  static func grouped(_ number: Int) -> String { Decimal.grouped(Int128(number)) }

  /// `1 seat`, `2,000 seats`.
  static func counted(_ number: Int, _ thing: String) -> String {
    "\(grouped(number)) \(thing)\(number == 1 ? "" : "s")"
  }

  /// `carol`, `carol and dave`, `carol, dave and 7 more`.
  static func list(_ names: [Username], _ count: Int) -> String {
    var words = names.map(\.text)
    if count > words.count { words.append("\(grouped(count - words.count)) more") }
    guard words.count > 1 else { return words.first ?? "nobody" }
    return words.dropLast().joined(separator: ", ") + " and " + words[words.count - 1]
  }
}
