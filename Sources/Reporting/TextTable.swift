// TextTable: rows of cells in columns that line up on a terminal.

public import ByteOutput

/// A table with a header row, laid out once all rows are known.
public struct TextTable: Sendable {
  private let columns: [Column]
  private var rows: [[Cell]] = []

  /// A column's header, and on which side its cells stand.
  public struct Column: Sendable {
    let title: String
    let isNumeric: Bool

    /// Makes a column; numeric ones are aligned to the right.
    public init(_ title: String, isNumeric: Bool = false) {
      self.title = title
      self.isNumeric = isNumeric
    }
  }

  /// What a cell tells apart from its text.
  public enum Tone: Sendable {
    case plain
    case strong
    case faint
    case good
    case caution
    case bad
  }

  /// One cell: text, made harmless, and its tone.
  public struct Cell: Sendable {
    let text: String
    let tone: Tone

    /// Makes a cell; the text may be untrusted.
    public init(_ text: String, tone: Tone = .plain) {
      self.text = TerminalText.sanitized(text)
      self.tone = tone
    }
  }

  /// Starts a table without rows.
  public init(columns: [Column]) { self.columns = columns }

  /// Appends a row, which has a cell for every column.
  public mutating func add(_ row: [Cell]) {
    precondition(row.count == columns.count, "a row has a cell for every column")
    rows.append(row)
  }

  /// Writes the header and the rows, two blanks between columns, none at the end of a line.
  public func render(into sink: inout ByteSink, style: TextStyle = TextStyle(hasColor: false)) {
    let widths = Self.widths(of: columns.map(\.title), rows)
    write(columns.map { Cell($0.title, tone: .strong) }, widths, into: &sink, style)
    for row in rows { write(row, widths, into: &sink, style) }
  }

  /// How wide each column is, for its title and what is in it.
  public static func widths(of titles: [String], _ rows: [[Cell]]) -> [Int] {
    var widths = titles.map { DisplayWidth.columns($0) }
    for row in rows {
      for column in widths.indices {
        widths[column] = max(widths[column], DisplayWidth.columns(row[column].text))
      }
    }
    return widths
  }

  private func write(
    _ row: [Cell], _ widths: [Int], into sink: inout ByteSink, _ style: TextStyle
  ) {
    // Blanks are held back until something visible follows them.
    var blanks = 0
    for (index, cell) in row.enumerated() {
      if index > 0 { blanks += 2 }
      let padding = widths[index] - DisplayWidth.columns(cell.text)
      if columns[index].isNumeric { blanks += padding }
      if !cell.text.isEmpty {
        sink.write(String(repeating: " ", count: blanks))
        sink.write(styled(cell, style))
        blanks = 0
      }
      if !columns[index].isNumeric { blanks += padding }
    }
    sink.writeLine()
  }

  private func styled(_ cell: Cell, _ style: TextStyle) -> String {
    switch cell.tone {
    case .plain: cell.text
    case .strong: style.bold(cell.text)
    case .faint: style.dim(cell.text)
    case .good: style.green(cell.text)
    case .caution: style.yellow(cell.text)
    case .bad: style.red(cell.text)
    }
  }
}
