// MarkdownComment: a pull-request comment that never grows past what the platforms take.
// Invariants: `bytes` and the footer together never exceed `bytesMax`; what was cut is said.

import ByteOutput

/// A comment that is filled from the top; what comes later gets what room is left.
struct MarkdownComment {
  /// GitHub takes 65,536 characters a comment; a bot may want to add a few words.
  static let bytesMax = 60_000
  /// What a heading, a table's head and the note about cut rows take at most.
  private static let sectionReserve = 600

  private var sink = ByteSink()
  private let footer: String
  private var rowsCut = 0

  /// Starts a comment.
  /// - Parameters:
  ///   - marker: By which a bot finds its comment again: `plan` gives `<!-- usher:plan -->`.
  ///   - footer: Comes last, whatever is cut before it.
  init(marker: String, footer: String) {
    self.footer = footer
    sink.writeLine("<!-- usher:\(marker) -->")
  }

  /// A table of one kind of things.
  struct Section {
    let title: String
    let columns: [String]
    /// Cells are Markdown already.
    let rows: [[String]]
    /// Whether it shows only its title and count until it is opened.
    var isFolded = false
  }

  private var room: Int { Self.bytesMax - sink.bytes.count - footer.utf8.count }

  /// Appends a paragraph, if it fits.
  mutating func paragraph(_ text: String) {
    guard text.utf8.count + 2 <= room else { return }
    sink.writeLine(text)
    sink.writeLine()
  }

  /// Appends sections; each gets what is left, save that every later one can show that it exists.
  mutating func append(_ sections: [Section]) {
    let shown = sections.filter { !$0.rows.isEmpty }
    for (index, section) in shown.enumerated() {
      append(section, keeping: (shown.count - index) * Self.sectionReserve)
    }
  }

  private mutating func append(_ section: Section, keeping reserve: Int) {
    guard room > Self.sectionReserve else {
      rowsCut += section.rows.count
      return
    }
    let title = "\(section.title) (\(section.rows.count))"
    sink.writeLine(
      section.isFolded ? "<details><summary>\(title)</summary>\n" : "#### \(title)\n")
    sink.writeLine("| \(section.columns.joined(separator: " | ")) |")
    sink.writeLine("|" + String(repeating: " --- |", count: section.columns.count))
    var shown = 0
    for row in section.rows {
      let line = "| \(row.joined(separator: " | ")) |"
      guard line.utf8.count + 1 <= room - reserve else { break }
      sink.writeLine(line)
      shown += 1
    }
    if shown < section.rows.count {
      sink.writeLine()
      sink.writeLine(
        "**\(section.rows.count - shown) more** of \(section.rows.count) are not shown here.")
      rowsCut += section.rows.count - shown
    }
    sink.writeLine(section.isFolded ? "\n</details>\n" : "")
  }

  /// The comment.
  /// - Parameter whole: Where everything can be read, for the note that something was cut.
  consuming func bytes(whole: String) -> [UInt8] {
    if rowsCut > 0 {
      paragraph("Cut to fit a comment: \(rowsCut) rows are missing. The whole is \(whole).")
    }
    sink.write(footer)
    return sink.bytes
  }
}
