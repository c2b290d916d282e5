// ConsoleMembers: the roster, to look somebody up in.

import Metering
import OrgModel

extension ConsolePage {
  func writeMembers(into html: inout HTMLWriter) {
    html.element("div", ["class": "card"]) { html in
      guard !members.isEmpty else {
        html.element("p", ["class": "soft"], "There are no members.")
        return
      }
      writeFilter(into: &html)
      let columns: [HTMLWriter.Column] = [
        .init("Member"), .init("Role"), .init("Seat"), .init("Status"), .init("Key"),
        .init("Key issued"), .init("Until"), .init("Credits, 30 days", isNumeric: true),
        .init("Quota used", isNumeric: true),
      ]
      let credits = CreditsText(members.lazy.map(\.used))
      html.livelyTable(
        "roster", "The roster", columns: columns, members[...],
        name: \.member.username.text
      ) { html, person in
        write(person, credits, into: &html)
      }
      html.element(
        "p", ["class": "soft"],
        "Keys are shown in masked form: the state keeps none to read back. A quota is what a seat "
          + "includes in a billing cycle, and is used by its holder in this one.")
    }
  }

  private func writeFilter(into html: inout HTMLWriter) {
    let attributes: HTMLWriter.Attributes = [
      "id": "roster-filter", "class": "filter", "role": "search", "aria-label": "Filter the roster",
      "data-noun": "members", "hidden": "",
    ]
    html.element("div", attributes) { html in
      html.search("Name contains", id: "roster-name")
      html.choice("Role", id: "roster-role", column: 1, Role.allCases.map(\.rawValue))
      html.choice("Seat", id: "roster-seat", column: 2, subscriptions.map(\.terms.id.text) + ["–"])
      html.choice("Status", id: "roster-status", column: 3, ["assigned", "expired", "none"])
      html.element("p", ["role": "status"], "")
    }
  }

  /// Writes the cells of a line, of which there may be thousands: how they look the style sheet says by
  /// their column.
  private func write(_ person: Person, _ credits: CreditsText, into html: inout HTMLWriter) {
    html.rowHead(person.member.username.text)
    html.cell(person.member.role.rawValue)
    html.cell(person.member.seat?.subscription.text ?? "–")
    html.cell { html in
      switch person.seatStatus {
      case "assigned": html.element("b", person.seatStatus)
      case "expired": html.element("b", ["class": "bad"], person.seatStatus)
      default: html.text(person.seatStatus)
      }
    }
    html.cell { html in
      if let key = person.key {
        html.text(key.credential.masked)
      } else if person.member.seat != nil {
        html.element("b", ["class": "warn"], "revoked")
      } else {
        html.text("–")
      }
    }
    html.cell(person.key.map { DayText.day(of: $0.issued) } ?? "–")
    html.cell(person.member.seat?.until.map(DayText.short) ?? "–")
    html.number(credits.text(person.used))
    writeQuota(of: person, into: &html)
  }

  private func writeQuota(of person: Person, into html: inout HTMLWriter) {
    guard let quota = person.quota, person.seatStatus == "assigned" else { return html.number("–") }
    let micros = Int128(quota) * 1_000_000
    let isOver = person.spent > micros
    guard quota > 0 || !isOver else {
      return html.cell(["class": "n q100 over", "data-key": "Infinity"], "over 0")
    }
    let percent = quota > 0 ? person.spent * 100 / micros : 0
    let isLittle = percent == 0 && person.spent > 0
    // A bar of twentieths, by a class: a style of its own in each cell is what the policy forbids.
    let bar = min(100, (percent + 2) / 5 * 5)
    html.cell(
      ["class": "n q\(bar)\(isOver ? " over" : "")", "data-key": isLittle ? "0.5" : nil],
      "\(isLittle ? "<1" : Decimal.grouped(percent))% of \(Words.grouped(quota))")
  }
}

extension HTMLWriter {
  /// Writes a field that rows must contain in their first column.
  mutating func search(_ label: String, id: String) {
    element("label") { html in
      html.text(label)
      html.void(
        "input",
        [
          "type": "search", "id": id, "data-column": "0", "autocomplete": "off",
          "spellcheck": "false",
        ])
    }
  }

  /// Writes a choice of what rows have in a column.
  mutating func choice(_ label: String, id: String, column: Int, _ values: [String]) {
    element("label") { html in
      html.text(label)
      html.element("select", ["id": id, "data-column": String(column)]) { html in
        html.element("option", ["value": ""], "any")
        for value in values {
          html.element("option", ["value": value], value == "–" ? "no seat" : value)
        }
      }
    }
  }
}
