// ConsoleTable: the parts that the sections of the console are made of: tables, rows, instants, shares.

import Metering
import OrgModel

extension HTMLWriter {
  /// The most rows of a table. A browser lays a table out as a whole, but of several only those that
  /// come into view.
  static let rowsMax = 500

  /// A column of a table.
  struct Column {
    let title: String
    let isNumeric: Bool
    /// Whether only screen readers need the title.
    let isUnseen: Bool
    let cssClass: String?

    init(
      _ title: String, isNumeric: Bool = false, isUnseen: Bool = false, cssClass: String? = nil
    ) {
      self.title = title
      self.isNumeric = isNumeric
      self.isUnseen = isUnseen
      self.cssClass = cssClass
    }
  }

  /// Writes a table that scrolls in a place of its own where it is too wide, the caption for screen
  /// readers only: a heading says the same.
  mutating func table(
    _ caption: String, columns: [Column], _ rows: (inout HTMLWriter) -> Void
  ) {
    scrolling(caption, cssClass: "scroll") { html in
      html.element("table") { html in
        html.element("caption", ["class": "unseen"], caption)
        html.head(columns, isSortable: false)
        html.element("tbody", rows)
      }
    }
  }

  /// Writes rows that can be sorted, and filtered by what stands in the element with this id and
  /// `-filter`: a table, or several one below the other, of which the script makes one. Their cells are
  /// styled by the id and the column: a class in each of a hundred thousand cells is half a megabyte.
  /// - Parameter name: What a caption calls a row.
  mutating func livelyTable<Row>(
    _ id: String, _ caption: String, columns: [Column], _ rows: ArraySlice<Row>,
    name: (Row) -> String, _ write: (inout HTMLWriter, Row) -> Void
  ) {
    var start = rows.startIndex
    repeat {
      let end = min(start + Self.rowsMax, rows.endIndex)
      let part = rows[start..<end]
      var title = caption
      if let first = part.first, let last = part.last, part.count < rows.count {
        title += ": \(name(first)) to \(name(last))"
      }
      let isFirst = start == rows.startIndex
      scrolling(title, cssClass: isFirst ? "scroll hold" : "scroll hold part") { html in
        let attributes: Attributes =
          isFirst ? ["id": id, "class": "lively"] : ["data-part-of": id]
        html.element("table", attributes) { html in
          html.element("caption", title)
          html.head(columns, isSortable: true)
          html.element("tbody") { html in
            for row in part {
              html.element("tr") { write(&$0, row) }
              html.breakLine()
            }
          }
        }
      }
      start = end
    } while start < rows.endIndex
  }

  private mutating func scrolling(
    _ label: String, cssClass: String, _ body: (inout HTMLWriter) -> Void
  ) {
    element(
      "div", ["class": cssClass, "role": "group", "tabindex": "0", "aria-label": label], body)
  }

  private mutating func head(_ columns: [Column], isSortable: Bool) {
    element("thead") { html in
      html.element("tr") { html in
        for column in columns { html.write(column, isSortable: isSortable) }
      }
    }
  }

  private mutating func write(_ column: Column, isSortable: Bool) {
    let cssClass = column.isNumeric ? "n" : column.cssClass
    if isSortable {
      let sort = column.isNumeric ? "number" : "text"
      element("th", ["scope": "col", "class": cssClass, "data-sort": sort], column.title)
    } else {
      element("th", ["scope": "col", "class": cssClass]) { html in
        if column.isUnseen {
          html.element("span", ["class": "unseen"], column.title)
        } else {
          html.text(column.title)
        }
      }
    }
  }

  /// Writes what heads a row: a name, which may be broken behind its first underscores.
  mutating func rowHead(_ name: String) {
    element("th", ["scope": "row"]) { html in
      let parts = name.split(separator: "_", maxSplits: 3, omittingEmptySubsequences: false)
      for (index, part) in parts.enumerated() {
        if index > 0 {
          html.text("_")
          html.void("wbr")
        }
        html.text(String(part))
      }
    }
  }

  /// Writes a cell of a number.
  mutating func number(_ text: String) { element("td", ["class": "n"], text) }

  /// Writes a cell with a bar of a share in millionths; the number stands beside it.
  mutating func shareBar(_ share: Int128) {
    element("td", ["class": "w30"]) { html in
      html.element("svg", ["class": "share", "aria-hidden": "true"]) { html in
        html.void(
          "rect", ["class": "bar", "width": Percent.exact(share), "height": "100%", "rx": "3"])
      }
    }
  }

  /// Writes an instant: short for people, in full for machines.
  mutating func time(_ instant: Instant, suffix: String = "") {
    element("time", ["datetime": instant.description], DayText.short(instant) + suffix)
  }
}

/// Shares in millionths as percentages.
enum Percent {
  /// To a tenth, for people.
  static func rounded(_ share: Int128) -> String {
    Decimal.rounded(micros: share * 100, places: 1) + "%"
  }

  /// Without rounding, for lengths.
  static func exact(_ share: Int128) -> String { Decimal.text(micros: share * 100) + "%" }
}
