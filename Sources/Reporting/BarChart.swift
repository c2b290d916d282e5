// BarChart: amounts as bars on a terminal, with a scale that people read off, with or without colour.

public import ByteOutput

/// Horizontal bars, one a line, between a label and the amount.
public struct BarChart: Sendable {
  /// One line.
  public struct Bar: Sendable {
    let label: String
    let value: Int128

    /// Makes a bar; the amount must not be negative.
    public init(_ label: String, _ value: Int128) {
      precondition(value >= 0, "a bar has a length")
      self.label = TerminalText.sanitized(label)
      self.value = value
    }
  }

  /// The fewest columns that bars are drawn in; on a terminal without room for them the amounts stand
  /// alone.
  private static let barColumnsMin = 4
  private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  private let bars: [Bar]
  private let unit: Int128
  private let text: @Sendable (Int128) -> String
  private let tick: @Sendable (Int128) -> String

  /// Makes a chart.
  /// - Parameters:
  ///   - unit: The amount that counts as one: ticks of the scale are whole ones, or tenths and so on
  ///     if all amounts are less.
  ///   - text: An amount as it stands beside its bar.
  ///   - tick: An amount as it stands under the scale.
  public init(
    _ bars: [Bar], unit: Int128, text: @escaping @Sendable (Int128) -> String,
    tick: @escaping @Sendable (Int128) -> String
  ) {
    self.bars = bars
    self.unit = unit
    self.text = text
    self.tick = tick
  }

  /// Writes the bars and the scale, no line wider than so many columns if that can be.
  public func render(
    into sink: inout ByteSink, columns: Int, style: TextStyle = TextStyle(hasColor: false)
  ) {
    let values = bars.map { text($0.value) }
    let labelColumns = bars.reduce(0) { max($0, DisplayWidth.columns($1.label)) }
    let valueColumns = values.reduce(0) { max($0, DisplayWidth.columns($1)) }
    let barColumns = columns - labelColumns - valueColumns - 3
    guard barColumns >= Self.barColumnsMin else {
      for (bar, value) in zip(bars, values) {
        sink.write(padding(labelColumns - DisplayWidth.columns(bar.label)) + bar.label + " ")
        sink.writeLine(padding(valueColumns - DisplayWidth.columns(value)) + value)
      }
      return
    }
    let top = Self.top(for: bars.reduce(0) { max($0, $1.value) }, unit)
    for (bar, value) in zip(bars, values) {
      let filled = Self.bar(bar.value, of: top, columns: barColumns)
      sink.write(padding(labelColumns - DisplayWidth.columns(bar.label)) + bar.label + " ")
      sink.write(style.dim("│") + style.cyan(filled))
      let used = DisplayWidth.columns(filled) + DisplayWidth.columns(value)
      sink.writeLine(padding(barColumns + valueColumns + 1 - used) + value)
    }
    writeScale(top, labelColumns, barColumns, into: &sink, style)
  }

  /// A bar of blocks, to the eighth of a column; what is more than nothing is never nothing.
  static func bar(_ value: Int128, of top: Int128, columns: Int) -> String {
    guard value > 0 else { return "" }
    let length = max(1, Int((value * Int128(columns) * 16 + top) / (top * 2)))
    return String(repeating: "█", count: length / 8) + eighths[length % 8]
  }

  /// The least round number that is not less than an amount; both its halves are round, too.
  static func top(for value: Int128, _ unit: Int128) -> Int128 {
    guard value > 0 else { return unit }
    var step = unit
    while step >= 10, value * 10 <= step { step /= 10 }
    while true {
      for tenths: Int128 in [10, 12, 15, 20, 25, 30, 40, 50, 60, 80]
      where value * 10 <= step * tenths && step * tenths % 10 == 0 {
        return step * tenths / 10
      }
      step *= 10
    }
  }

  /// The axis with ticks at nothing, half and all of it, and what they stand for.
  private func writeScale(
    _ top: Int128, _ labelColumns: Int, _ barColumns: Int, into sink: inout ByteSink,
    _ style: TextStyle
  ) {
    var axis = Array(repeating: "─", count: barColumns + 1)
    var marks: [(column: Int, text: String)] = [(0, "0")]
    axis[0] = "└"
    axis[barColumns] = "┘"
    let half = barColumns / 2
    if barColumns % 2 == 0, top % 2 == 0, barColumns >= 16 {
      axis[half] = "┴"
      marks.append((half, tick(top / 2)))
    }
    marks.append((barColumns, tick(top)))
    sink.writeLine(padding(labelColumns + 1) + style.dim(axis.joined()))
    var line = padding(labelColumns + 1)
    for (column, text) in marks {
      let width = DisplayWidth.columns(text)
      // Each number ends at its tick, but the first.
      let start = labelColumns + 1 + max(0, column == 0 ? 0 : column + 1 - width)
      let end = DisplayWidth.columns(line)
      if start > end || column == 0 { line += padding(start - end) + text }
    }
    sink.writeLine(style.dim(line))
  }

  private func padding(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}

/// Amounts as one short line of blocks.
public enum Sparkline {
  private static let blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// A block for each amount, the largest the highest; a dot for none. If there are more than so many
  /// columns, neighbours are added up.
  public static func text(_ values: ArraySlice<Int128>, columnsMax: Int) -> String {
    guard columnsMax > 0, !values.isEmpty else { return "" }
    let size = (values.count + columnsMax - 1) / columnsMax
    // The last group, which people look at first, is a whole one.
    var groups: [Int128] = []
    var end = values.endIndex
    while end > values.startIndex {
      groups.append(values[max(values.startIndex, end - size)..<end].reduce(0, +))
      end -= size
    }
    let top = groups.max() ?? 0
    var text = ""
    for value in groups.reversed() {
      text += value <= 0 ? "·" : blocks[max(0, Int((value * 8 + top - 1) / top) - 1)]
    }
    return text
  }
}
