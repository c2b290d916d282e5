// BarChartTests: bars are as long as their amounts, and the chart as wide as the terminal.

import ByteOutput
import Testing

@testable import Reporting

@Suite struct BarChartTests {
  private func lines(_ values: [Int128], columns: Int, hasColor: Bool = false) -> [String] {
    let bars = values.enumerated().map { BarChart.Bar("b\($0)", $1) }
    var sink = ByteSink()
    BarChart(bars, unit: 100, text: { String($0) }, tick: { String($0) })
      .render(into: &sink, columns: columns, style: TextStyle(hasColor: hasColor))
    return sink.text.split(separator: "\n").map(String.init)
  }

  @Test func `a bar is as long as its amount, to the eighth of a column`() {
    #expect(BarChart.bar(0, of: 100, columns: 10) == "")
    #expect(BarChart.bar(100, of: 100, columns: 10) == "██████████")
    #expect(BarChart.bar(50, of: 100, columns: 10) == "█████")
    #expect(BarChart.bar(15, of: 100, columns: 10) == "█▌")
    #expect(BarChart.bar(1, of: 1_000_000, columns: 10) == "▏")
  }

  @Test(
    arguments: [0, 1, 7, 99, 100, 101, 149, 1000, 1001, 2400, 2600, 79_999, 80_001] as [Int128])
  func `the end of the scale is round and no longer than twice the amount needs`(_ value: Int128) {
    let top = BarChart.top(for: value, 100)
    #expect(top >= value && (top < value * 2 || value == 0 || top <= 2), "\(top)")
    #expect(String(top).drop { $0 != "0" }.allSatisfy { $0 == "0" }, "\(top)")
  }

  @Test(arguments: [24, 40, 80, 200])
  func `no line is wider than the terminal`(_ columns: Int) {
    for values in [[0, 0], [1, 2, 3], [12_345, 678_901]] as [[Int128]] {
      let lines = lines(values, columns: columns)
      #expect(lines.allSatisfy { DisplayWidth.columns($0) <= columns }, "\(lines)")
      #expect(lines.count == values.count + 2)
    }
  }

  @Test func `without room for bars the amounts stand alone, as narrow as they go`() {
    for columns in [1, 14] {
      #expect(lines([7, 123_456], columns: columns) == ["b0      7", "b1 123456"])
    }
    let lines = lines([7, 123_456], columns: 15)
    #expect(lines.count == 4 && lines.allSatisfy { DisplayWidth.columns($0) <= 15 })
  }

  @Test func `colour changes no character`() {
    var colored = lines([1, 200], columns: 40, hasColor: true).joined(separator: "\n")
    for code in ["0", "2", "36"] { colored = colored.replacing("\u{1B}[\(code)m", with: "") }
    #expect(colored == lines([1, 200], columns: 40).joined(separator: "\n"))
  }

  @Test func `a sparkline adds up neighbours where there are too many`() {
    #expect(Sparkline.text([0, 1, 4, 8], columnsMax: 10) == "·▁▄█")
    #expect(Sparkline.text([8, 0, 1, 3, 4, 4], columnsMax: 3) == "█▄█")
    #expect(Sparkline.text([5, 0, 0, 0, 0, 1, 1], columnsMax: 4) == "█··▄")
    #expect(Sparkline.text([0, 0], columnsMax: 2) == "··")
    #expect(Sparkline.text([], columnsMax: 2) == "" && Sparkline.text([1], columnsMax: 0) == "")
  }
}
