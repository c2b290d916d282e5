// HelpText: what `--help` prints, made of the command table, at most 80 columns wide.

import ByteOutput
import Reporting

/// Renders help.
enum HelpText {
  static let widthMax = 80

  /// Writes the overview, or the help of one command.
  static func write(_ command: CommandName?, into sink: inout ByteSink, style: TextStyle) {
    if let command {
      write(CommandTable.spec(of: command), into: &sink, style)
    } else {
      writeOverview(into: &sink, style)
    }
  }

  private static func writeOverview(into sink: inout ByteSink, _ style: TextStyle) {
    sink.writeLine("usher keeps the seats of an organization as its org file in git wants them.")
    sink.writeLine()
    sink.writeLine("\(style.bold("Usage:")) usher COMMAND [ARGUMENTS] [OPTIONS]")
    let width = CommandName.allCases.reduce(0) { max($0, $1.rawValue.utf8.count) }
    for group in CommandGroup.allCases {
      heading(group.rawValue, into: &sink, style)
      for spec in CommandTable.all where spec.group == group {
        entry(spec.name.rawValue, spec.summary, width, into: &sink)
      }
    }
    heading("Options of every command", into: &sink, style)
    write(CommandTable.globalOptions + CommandTable.programOptions, into: &sink)
    heading("Exit codes", into: &sink, style)
    let codes = [
      "0 done · 1 error · 2 there are changes · 3 conflict · 4 refused ·",
      "5 key sink failed · 64 wrong usage · 130 and 143 interrupted",
    ]
    for line in codes { sink.writeLine("  " + line) }
    sink.writeLine()
    sink.writeLine("Run 'usher COMMAND --help' for the options and examples of a command.")
  }

  private static func write(_ spec: CommandSpec, into sink: inout ByteSink, _ style: TextStyle) {
    sink.writeLine("\(style.bold("usher " + spec.name.rawValue)): \(spec.summary)")
    heading("Usage", into: &sink, style)
    for line in spec.usage { wrap("usher " + line, indent: 2, hanging: 4, into: &sink) }
    for paragraph in spec.details {
      sink.writeLine()
      wrap(paragraph, indent: 0, into: &sink)
    }
    if !spec.arguments.isEmpty {
      heading("Arguments", into: &sink, style)
      let width = spec.arguments.reduce(0) { max($0, DisplayWidth.columns($1.placeholder)) }
      for argument in spec.arguments {
        entry(argument.placeholder, argument.help, width, into: &sink)
      }
    }
    if !spec.options.isEmpty {
      heading("Options", into: &sink, style)
      write(spec.options, into: &sink)
    }
    heading("Options of every command", into: &sink, style)
    write(CommandTable.globalOptions(formats: spec.formats), into: &sink)
    heading(spec.examples.count == 1 ? "Example" : "Examples", into: &sink, style)
    for example in spec.examples {
      sink.writeLine("  " + style.dim("# " + example.purpose))
      sink.writeLine("  " + example.line)
    }
    heading("Exit codes", into: &sink, style)
    let exits = spec.exits + [ExitNote(.usage, "wrong usage of the command line")]
    for note in exits.sorted(by: { $0.code.rawValue < $1.code.rawValue }) {
      let code = String(note.code.rawValue)
      entry(String(repeating: " ", count: 3 - code.utf8.count) + code, note.meaning, 3, into: &sink)
    }
  }

  private static func write(_ options: [OptionSpec], into sink: inout ByteSink) {
    let width = options.reduce(0) { max($0, DisplayWidth.columns($1.usage)) }
    for option in options {
      let environment = option.environment.map { " (env \($0))" } ?? ""
      entry(option.usage, option.help + environment, width, into: &sink)
    }
  }

  private static func heading(_ text: String, into sink: inout ByteSink, _ style: TextStyle) {
    sink.writeLine()
    sink.writeLine(style.bold(text + ":"))
  }

  /// A term and what it means, the meaning wrapped in its own column.
  private static func entry(
    _ term: String, _ meaning: String, _ width: Int, into sink: inout ByteSink
  ) {
    let padding = width - DisplayWidth.columns(term) + 2
    sink.write("  " + term + String(repeating: " ", count: padding))
    wrap(meaning, indent: 0, hanging: width + 4, used: width + 4, into: &sink)
  }

  /// Breaks a text between words; `used` columns of the first line are taken already.
  private static func wrap(
    _ text: String, indent: Int, hanging: Int? = nil, used: Int = 0, into sink: inout ByteSink
  ) {
    sink.write(String(repeating: " ", count: indent))
    var column = indent + used
    var isFirst = true
    for word in bracketedWords(text) {
      let width = DisplayWidth.columns(word)
      if !isFirst {
        if column + 1 + width > widthMax {
          sink.writeLine()
          column = hanging ?? indent
          sink.write(String(repeating: " ", count: column))
        } else {
          sink.write(" ")
          column += 1
        }
      }
      sink.write(word)
      column += width
      isFirst = false
    }
    sink.writeLine()
  }

  /// The words of a text; what stands in brackets, such as `[--out FILE]`, is one.
  private static func bracketedWords(_ text: String) -> [String] {
    var words: [String] = []
    var isOpen = false
    for word in text.split(separator: " ") {
      if isOpen { words[words.count - 1] += " " + word } else { words.append(String(word)) }
      if word.hasPrefix("[") { isOpen = true }
      if word.hasSuffix("]") { isOpen = false }
    }
    return words
  }
}
