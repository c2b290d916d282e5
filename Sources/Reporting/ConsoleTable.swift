// ConsoleTable: the parts that the sections of the console are made of: tables, rows, instants, shares.

import Metering
import OrgModel

extension HTMLWriter {
  /// The most rows of a table. A browser lays a table out as a whole, but of several only those that
  /// come into view.
  static let rowsMax = 500
  /// So long a name fits its column on one line.
  private static let unbrokenBytesMax = 14

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
      html.element("table", ["class": Self.numericClasses(of: columns)]) { html in
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
        let numbers = Self.numericClasses(of: columns)
        let attributes: Attributes =
          isFirst
          ? ["id": id, "class": "lively \(numbers ?? "")"] : ["data-part-of": id, "class": numbers]
        html.element("table", attributes) { html in
          html.element("caption", title)
          html.head(columns, isSortable: true)
          html.element("tbody") { html in
            for row in part {
              html.row { html in
                html.breakLine()
                write(&html, row)
              }
            }
          }
        }
      }
      start = end
    } while start < rows.endIndex
  }

  /// By which the style sheet knows the columns of numbers, such as `n3 n5`: once a table, not once a
  /// cell.
  private static func numericClasses(of columns: [Column]) -> String? {
    let names = columns.indices.filter { columns[$0].isNumeric }.map { "n\($0 + 1)" }
    return names.isEmpty ? nil : names.joined(separator: " ")
  }

  private mutating func scrolling(
    _ label: String, cssClass: String, _ body: (inout HTMLWriter) -> Void
  ) {
    element(
      "div", ["class": cssClass, "role": "group", "tabindex": "0", "aria-label": label], body)
  }

  private mutating func head(_ columns: [Column], isSortable: Bool) {
    element("thead") { html in
      html.row { html in
        for column in columns { html.write(column, isSortable: isSortable) }
      }
    }
  }

  private mutating func write(_ column: Column, isSortable: Bool) {
    let cssClass = column.isNumeric ? "n" : column.cssClass
    if isSortable {
      let sort = column.isNumeric ? "number" : "text"
      head(["scope": "col", "class": cssClass, "data-sort": sort]) { $0.text(column.title) }
    } else {
      head(["scope": "col", "class": cssClass]) { html in
        if column.isUnseen {
          html.element("span", ["class": "unseen"], column.title)
        } else {
          html.text(column.title)
        }
      }
    }
  }

  /// Writes what heads a row: a name, of which a long one may best be broken behind the underscore that
  /// is nearest to its middle.
  mutating func rowHead(_ name: String) {
    head(["scope": "row"]) { html in
      let bytes = name.utf8
      let middle = bytes.index(bytes.startIndex, offsetBy: bytes.count / 2)
      guard bytes.count > Self.unbrokenBytesMax,
        let end = [
          bytes[..<middle].lastIndex(of: UInt8(ascii: "_")),
          bytes[middle...].firstIndex(of: UInt8(ascii: "_")),
        ].compactMap({ $0 }).min(by: {
          abs(bytes.distance(from: $0, to: middle)) < abs(bytes.distance(from: $1, to: middle))
        })
      else { return html.text(name) }
      html.text(String(name[...end]))
      html.void("wbr")
      html.text(String(name[name.index(after: end)...]))
    }
  }

  /// Writes a cell of a number, in a column of numbers.
  mutating func number(_ text: String) { cell(text) }

  /// Writes a cell with a bar of a share in millionths; the number stands beside it.
  mutating func shareBar(_ share: Int128) {
    cell(["class": "w30"]) { html in
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
