// TrendChart: Credits over time as bars in SVG, with axes, and as a table.
//
// Lengths along the time axis are percentages and those of the amounts pixels, so that the chart is as
// wide as its place and its letters stay as large as the page's.

import Metering
import OrgModel

/// The buckets of a window.
struct TrendChart {
  /// Pixels from the top to the highest line of the scale: room for a number above a bar.
  private static let top: Int128 = 24
  /// Pixels from that line to the axis.
  private static let height: Int128 = 160

  private let buckets: [UsageTotals]
  private let window: UsageWindow
  private let credits: CreditsText
  /// What the highest line of the scale stands for.
  private let scale: Int128

  init(_ buckets: [UsageTotals], in window: UsageWindow) {
    precondition(buckets.count == window.bucketCount, "a window has sums for every bucket")
    self.buckets = buckets
    self.window = window
    credits = CreditsText(buckets.lazy.map(\.microCredits))
    scale = BarChart.top(for: buckets.map(\.microCredits).max() ?? 0, 1_000_000)
  }

  func write(into html: inout HTMLWriter) {
    let total = buckets.total
    html.element("figure") { html in
      html.element("figcaption") { html in
        html.element("strong", credits.text(total.microCredits))
        html.text(" Credits in \(counted(total.requests))")
        html.text(", by \(window.days == 1 ? "hour" : "day"), UTC")
      }
      html.element("div", ["class": "plot"]) { html in
        html.element("svg", ["aria-hidden": "true"], writeScale)
        html.element("svg", ["role": "img", "aria-label": summary], writeBars)
      }
      html.element("details") { html in
        html.element("summary", "The chart as a table")
        writeTable(into: &html)
      }
    }
  }

  /// Writes bars without a scale, to be seen beside a number; the chart tells what they are.
  static func writeSmall(_ buckets: [UsageTotals], into html: inout HTMLWriter) {
    let most = buckets.map(\.microCredits).max() ?? 0
    html.element("svg", ["class": "small", "aria-hidden": "true"]) { html in
      for (index, bucket) in buckets.enumerated() where bucket.microCredits > 0 {
        let share = max(40_000, Decimal.share(bucket.microCredits, of: most))
        html.void(
          "rect",
          [
            "class": "bar", "x": percent(index * 10_000 / buckets.count),
            "width": percent(7500 / buckets.count), "y": Percent.exact(1_000_000 - share),
            "height": Percent.exact(share),
          ])
      }
    }
  }

  /// The chart in a sentence, for who does not see it.
  private var summary: String {
    let unit = window.days == 1 ? "hour" : "day"
    guard let peak, buckets[peak] != .zero else {
      return "Bar chart of Credits by \(unit): nothing was used"
    }
    let most = credits.text(buckets[peak].microCredits)
    return "Bar chart of Credits by \(unit): the most, \(most), "
      + "\(window.days == 1 ? "in the hour from" : "on") \(name(of: peak)); "
      + "\(credits.text(buckets[buckets.count - 1].microCredits)) in the last \(unit) so far; "
      + "the table below has every number"
  }

  /// The first of the highest buckets.
  private var peak: Int? {
    buckets.indices.max { buckets[$0].microCredits < buckets[$1].microCredits }
  }

  private func counted(_ requests: Int128) -> String {
    "\(Decimal.grouped(requests)) request\(requests == 1 ? "" : "s")"
  }

  private func name(of index: Int) -> String {
    let start = window.start(ofBucket: index)
    let day = DayText.day(of: start)
    // The hour from midnight is not the day.
    return window.days == 1 ? "\(day) \(DayText.time(of: start))" : day
  }

  // Axes

  /// Where the lines of the scale are, and what they stand for.
  private var lines: [(y: Int128, micros: Int128)] {
    [(Self.top, scale), (Self.top + Self.height / 2, scale / 2), (Self.top + Self.height, 0)]
  }

  private func writeScale(into html: inout HTMLWriter) {
    for (y, micros) in lines {
      html.element(
        "text",
        ["x": "100%", "dx": "-10", "y": String(y), "dy": "4", "text-anchor": "end"],
        CreditsText.short(micros))
    }
  }

  private func writeBars(into html: inout HTMLWriter) {
    for (y, micros) in lines {
      html.void(
        "line",
        [
          "class": micros == 0 ? "base" : "rule", "x2": "100%", "y1": String(y), "y2": String(y),
        ])
    }
    for index in buckets.indices { writeBar(index, into: &html) }
    for index in buckets.indices { writeLabel(index, into: &html) }
  }

  /// Ten-thousandths of the width, as a percentage.
  private static func percent(_ tenThousandths: Int) -> String {
    Decimal.text(micros: Int128(tenThousandths) * 10_000) + "%"
  }

  private func left(_ index: Int) -> Int { index * 10_000 / buckets.count }

  private func writeBar(_ index: Int, into html: inout HTMLWriter) {
    let bucket = buckets[index]
    let (start, end) = (left(index), left(index + 1))
    let gap = (end - start) * 3 / 20
    let height = Decimal.share(bucket.microCredits, of: scale) * Self.height
    html.element("g") { html in
      html.element(
        "title",
        "\(name(of: index)): \(credits.text(bucket.microCredits)) Credits, "
          + counted(bucket.requests))
      html.void(
        "rect",
        [
          "class": "hit", "x": Self.percent(start), "y": String(Self.top),
          "width": Self.percent(end - start), "height": String(Self.height),
        ])
      guard bucket.microCredits > 0 else { return }
      // What is more than nothing is seen.
      let seen = max(height, 1_500_000)
      html.void(
        "rect",
        [
          "class": "bar", "x": Self.percent(start + gap),
          "width": Self.percent(end - start - 2 * gap),
          "y": Decimal.text(micros: (Self.top + Self.height) * 1_000_000 - seen),
          "height": Decimal.text(micros: seen), "rx": "2",
        ])
      if index == peak || buckets.count <= 7 { writePeak(index, seen, into: &html) }
    }
  }

  private func writePeak(_ index: Int, _ height: Int128, into html: inout HTMLWriter) {
    let y = (Self.top + Self.height - 6) * 1_000_000 - height
    var (x, anchor) = ((left(index) + left(index + 1)) / 2, "middle")
    // A number is wider than a narrow bar: at either end it stays beside what stands there.
    if buckets.count > 7 {
      if index < 2 { (x, anchor) = (left(index), "start") }
      if index >= buckets.count - 2 { (x, anchor) = (left(index + 1), "end") }
    }
    html.element(
      "text",
      [
        "class": "peak", "x": Self.percent(x), "y": Decimal.text(micros: y), "text-anchor": anchor,
      ], CreditsText.short(buckets[index].microCredits))
  }

  /// A name under every day of a week, every fifth of a month and every sixth hour.
  private func writeLabel(_ index: Int, into html: inout HTMLWriter) {
    let start = window.start(ofBucket: index)
    let x = Self.percent((left(index) + left(index + 1)) / 2)
    var texts: [String] = []
    switch window.days {
    case 1 where start.seconds % 21_600 == 0: texts = [DayText.time(of: start)]
    case 7: texts = [DayText.weekday(of: start), DayText.dayOfYear(of: start)]
    case 30 where (buckets.count - 1 - index) % 5 == 0: texts = [DayText.dayOfYear(of: start)]
    default: break
    }
    for (line, text) in texts.enumerated() {
      let y = Int(Self.top + Self.height) + 19 + line * 16
      html.element("text", ["x": x, "y": String(y), "text-anchor": "middle"], text)
    }
  }

  // The table

  private func writeTable(into html: inout HTMLWriter) {
    let columns: [HTMLWriter.Column] = [
      .init(window.days == 1 ? "Hour from, UTC" : "Day, UTC"), .init("Credits", isNumeric: true),
      .init("Requests", isNumeric: true),
    ]
    let unit = window.days == 1 ? "hour" : "day"
    let caption = "Credits by \(unit), \(ConsolePage.title(of: window))"
    html.table(caption, columns: columns) { html in
      for (index, bucket) in buckets.enumerated() {
        html.row { html in
          html.head(["scope": "row"]) { $0.text(name(of: index)) }
          html.number(credits.text(bucket.microCredits))
          html.number(Decimal.grouped(bucket.requests))
        }
      }
    }
  }
}
