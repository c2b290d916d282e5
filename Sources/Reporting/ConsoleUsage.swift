// ConsoleUsage: where the Credits go, over a day, a week and a month.
//
// Every chart is a picture of a table that stands beside it. All windows are in the page; the style
// sheet shows the one that is chosen, and paper shows all.

import Metering
import OrgModel

extension ConsolePage {
  /// The most rows of the table of everybody; what is cut is told.
  static let usersMax = 5000
  /// The most models that have a row of their own in a window.
  private static let modelsMax = 50
  /// The most bytes of names in a table of models, and of all in that of everybody: with the rest, a page of
  /// 5,000 members is 3 MB at most, whatever they are called.
  private static let (modelsBytesMax, usersBytesMax) = (24_000, 1_100_000)

  func writeUsage(into html: inout HTMLWriter) {
    guard !windows.isEmpty else {
      html.element("div", ["class": "card"], Self.writeNoUsage)
      return
    }
    html.element("div", ["class": "windows"]) { html in
      html.element("fieldset") { html in
        html.element("legend", ["class": "unseen"], "Window")
        for (index, window) in windows.enumerated() {
          let id = "window-\(window.window.days)"
          html.void(
            "input",
            [
              "type": "radio", "name": "window", "id": id,
              "checked": index == windows.count - 1 ? "" : nil,
            ])
          html.element("label", ["for": id], Self.title(of: window.window))
        }
      }
      for window in windows { write(window, into: &html) }
    }
    html.element("div", ["class": "card"]) { html in
      html.element("h3", "Everybody, by window")
      writeUsers(into: &html)
    }
  }

  static func writeNoUsage(into html: inout HTMLWriter) {
    html.element("p", ["class": "soft"]) { html in
      html.text("No usage in the last 30 days. ")
      html.element("code", "usher usage ingest FILE")
      html.text(" takes in what a gateway or a provider says.")
    }
  }

  static func title(of window: UsageWindow) -> String {
    window.days == 1 ? "24 hours" : "\(window.days) days"
  }

  private func write(_ window: Window, into html: inout HTMLWriter) {
    let title = Self.title(of: window.window)
    html.element("div", ["class": "panel grid d\(window.window.days)"]) { html in
      html.element("div", ["class": "card"]) { html in
        html.element("h3", "The last \(title)")
        TrendChart(window.trend, in: window.window).write(into: &html)
      }
      html.element("div", ["class": "grid pair"]) { html in
        html.element("div", ["class": "card"]) { html in
          html.element("h3", "By model, \(title)")
          writeModels(window, into: &html)
        }
        html.element("div", ["class": "card"]) { html in
          html.element("h3", "By member, \(title)")
          writeTop(window, countMax: window.top.count, into: &html)
        }
      }
    }
    html.breakLine()
  }

  private func writeModels(_ window: Window, into html: inout HTMLWriter) {
    let total = window.trend.total.microCredits
    guard !window.models.isEmpty else {
      html.element("p", ["class": "soft"], "Nothing was used.")
      return
    }
    let credits = CreditsText(window.models.lazy.map(\.totals.microCredits))
    html.table(
      "Credits by model, \(Self.title(of: window.window)), the most first",
      columns: Self.columns("Model")
    ) { html in
      let shown = Self.prefix(
        of: window.models, countMax: Self.modelsMax, bytesMax: Self.modelsBytesMax
      ) {
        HTMLWriter.size(of: $0.model)
      }
      for (model, totals) in shown { html.usage(model, totals, of: total, credits) }
      let rest = window.models.dropFirst(shown.count).map(\.totals)
      if !rest.isEmpty {
        html.usage(
          Words.counted(rest.count, "other model"), Array(rest).total, of: total, credits)
      }
    }
  }

  /// Who used most in a window, then all others, so that the shares add up.
  func writeTop(_ window: Window, countMax: Int, into html: inout HTMLWriter) {
    let total = window.trend.total.microCredits
    guard window.trend.total != .zero else {
      html.element("p", ["class": "soft"], "Nothing was used.")
      return
    }
    var others = window.others
    for usage in window.top.dropFirst(countMax) {
      others.count += 1
      others.totals += usage.totals
    }
    let amounts = window.top.map(\.totals.microCredits) + [others.totals.microCredits]
    let credits = CreditsText(amounts + [window.unattributed.microCredits])
    html.table(
      "Credits by member, \(Self.title(of: window.window)), the most first",
      columns: Self.columns("Member")
    ) { html in
      for usage in window.top.prefix(countMax) {
        html.usage(usage.member.text, usage.totals, of: total, credits)
      }
      if others.count > 0 {
        html.usage(Words.counted(others.count, "other"), others.totals, of: total, credits)
      }
      if window.unattributed != .zero {
        html.usage("Unattributed", window.unattributed, of: total, credits)
      }
    }
  }

  private static func columns(_ first: String) -> [HTMLWriter.Column] {
    [
      .init(first), .init("Credits", isNumeric: true), .init("Share", isNumeric: true),
      .init("Share as a bar", isUnseen: true, cssClass: "w30"), .init("Requests", isNumeric: true),
    ]
  }

  /// What a row takes beside names, with numbers of a trillion.
  private static let userBytes = 130

  /// As many of the first as fit; the first one always does.
  private static func prefix<Element>(
    of all: [Element], countMax: Int, bytesMax: Int, _ size: (Element) -> Int
  ) -> ArraySlice<Element> {
    var bytes = 0
    let end = all.prefix(countMax).firstIndex { element in
      bytes += size(element)
      return bytes > bytesMax
    }
    return end.map { all[..<max(1, $0)] } ?? all.prefix(countMax)
  }

  private func writeUsers(into html: inout HTMLWriter) {
    let attributes: HTMLWriter.Attributes = [
      "id": "users-filter", "class": "filter", "role": "search",
      "aria-label": "Filter everybody's usage", "data-noun": "rows", "hidden": "",
    ]
    html.element("div", attributes) { html in
      html.search("Name contains", id: "users-name")
      html.element("p", ["role": "status"], "")
    }
    let columns: [HTMLWriter.Column] =
      [.init("Member"), .init("Seat")]
      + windows.map { .init("Credits, \(Self.title(of: $0.window))", isNumeric: true) }
      + [.init("Requests, 30 days", isNumeric: true), .init("Share", isNumeric: true)]
    let shown = Self.prefix(of: users, countMax: Self.usersMax, bytesMax: Self.usersBytesMax) {
      user in
      user.name.text.utf8.count + (user.subscription?.text.utf8.count ?? 0) + Self.userBytes
    }
    let credits = CreditsText(users.lazy.flatMap(\.used))
    let total = windows.last?.trend.total.microCredits ?? 0
    html.livelyTable(
      "users", "Everybody with calls in 30 days", columns: columns,
      shown, name: \.name.text
    ) { html, user in
      html.rowHead(user.name.text)
      html.cell(user.subscription?.text ?? (user.isMember ? "–" : "removed"))
      for amount in user.used { html.number(credits.text(amount)) }
      html.number(Decimal.grouped(user.requests))
      html.number(Percent.rounded(Decimal.share(user.used.last ?? 0, of: total)))
    }
    let cut = users.dropFirst(shown.count)
    guard !cut.isEmpty else { return }
    html.element("p", ["class": "soft"]) { html in
      let rest = cut.reduce(0 as Int128) { $0 + ($1.used.last ?? 0) }
      html.text(
        "\(Words.counted(cut.count, "other")) used \(credits.text(rest)) Credits in 30 days; ")
      html.element("code", "usher usage members --days 30")
      html.text(" lists all.")
    }
  }
}

extension HTMLWriter {
  /// Writes a row of a share of all Credits.
  fileprivate mutating func usage(
    _ name: String, _ totals: UsageTotals, of total: Int128, _ credits: CreditsText
  ) {
    let share = Decimal.share(totals.microCredits, of: total)
    row { html in
      html.rowHead(name)
      html.number(credits.text(totals.microCredits))
      html.number(Percent.rounded(share))
      html.shareBar(share)
      html.number(Decimal.grouped(totals.requests))
    }
  }
}
