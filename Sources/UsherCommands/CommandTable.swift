// CommandTable: every command and option in one place; parsing, help and completions follow it.

import SourceText

/// The commands and options that there are.
enum CommandTable {
  /// By group and then as a newcomer meets them.
  static let all: [CommandSpec] = [
    initialize, validate, format, export, schema, plan, apply, drift, revoke, tokenIssue,
    tokenRevoke, status, members, show, log, tokenList, verifyKey, me, usageTrend, usageModels,
    usageMembers, usageIngest, console, gatewayHAProxy, gatewayJSON, completions, debugYAML, help,
  ]

  /// The command of that name.
  static func spec(of name: CommandName) -> CommandSpec {
    guard let spec = all.first(where: { $0.name == name }) else {
      preconditionFailure("every command stands in the table")
    }
    return spec
  }

  /// The options of every command.
  static let globalOptions = globalOptions(formats: OutputFormat.allCases)

  /// The options of every command, for one that can write these formats.
  static func globalOptions(formats: [OutputFormat]) -> [OptionSpec] {
    [
      OptionSpec(
        "state", "LOCATION", .folder, environment: "USHER_STATE",
        "where the state is kept; default .usher"),
      OptionSpec(
        "format", "FORMAT", .choices(formats.map(\.rawValue)),
        "how results are written: \(alternatives(formats.map(\.rawValue)))"),
      OptionSpec(
        "color", "WHEN", .choices(["auto", "always", "never"]),
        "auto, always or never; auto respects NO_COLOR and CLICOLOR_FORCE"),
      OptionSpec(
        "now", "INSTANT", .text, "the clock, such as 2026-11-23T08:00:00Z, for reproducible runs"),
      OptionSpec(
        "actor", "USERNAME", .member, environment: "USHER_ACTOR",
        "who runs this, where no USHER_TOKEN says so; plans are held to what they may do"),
      OptionSpec("help", "print help and exit; also -h"),
    ]
  }

  /// `a`, `a or b`, `a, b or c`.
  static func alternatives(_ words: [String]) -> String {
    guard words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
  }

  /// Options that stand without a command.
  static let programOptions = [OptionSpec("version", "print the version and exit")]

  /// The first words of all commands, each once, in the order of the table.
  static let firstWords: [String] = all.reduce(into: []) { words, spec in
    if !words.contains(spec.name.words[0]) { words.append(spec.name.words[0]) }
  }

  /// The second words that may follow a first one; empty if the first is a whole command.
  static func secondWords(after first: String) -> [String] {
    all.compactMap {
      $0.name.words.count == 2 && $0.name.words[0] == first ? $0.name.words[1] : nil
    }
  }
}

/// A command by the words it is called with.
enum CommandName: String, CaseIterable, Sendable {
  case initialize = "init"
  case validate
  case format = "fmt"
  case plan
  case apply
  case drift
  case revoke
  case status
  case members
  case show
  case log
  case export
  case verifyKey = "verify-key"
  case tokenIssue = "token issue"
  case tokenRevoke = "token revoke"
  case tokenList = "token list"
  case me
  case usageIngest = "usage ingest"
  case usageTrend = "usage trend"
  case usageModels = "usage models"
  case usageMembers = "usage members"
  case console
  case gatewayHAProxy = "gateway haproxy"
  case gatewayJSON = "gateway json"
  case schema
  case completions
  case debugYAML = "debug yaml"
  case help

  /// The words of the name, one or two.
  var words: [String] { rawValue.split(separator: " ").map(String.init) }
}

/// A value of `--format`.
enum OutputFormat: String, CaseIterable, Sendable {
  case text
  case json
  /// A comment on a pull request.
  case markdown
  /// Workflow commands, a step's summary and its outputs.
  case github
  /// The merge-request widget, or code quality.
  case gitlab
  /// SARIF 2.1.0.
  case sarif

  /// Those that every command knows that has results.
  static let common: [OutputFormat] = [.text, .json]
}

/// What a value names, so that a shell can complete it.
enum ValueKind: Hashable, Sendable {
  /// Anything.
  case text
  case file
  case folder
  /// A username of the stored organization.
  case member
  /// The words of a command.
  case command
  /// One of these and nothing else.
  case choices([String])
}

/// A positional argument, or several of the same meaning.
struct ArgumentSpec: Sendable {
  /// More than any system lets a command line have.
  static let countMax = 1_000_000_000

  let placeholder: String
  let kind: ValueKind
  /// How many may stand; `countMax` stands for as many as there are.
  let count: ClosedRange<Int>
  let help: String

  init(_ placeholder: String, _ kind: ValueKind, _ count: ClosedRange<Int>, _ help: String) {
    self.placeholder = placeholder
    self.kind = kind
    self.count = count
    self.help = help
  }
}

/// An option: a flag, or a name with a value.
struct OptionSpec: Sendable {
  /// The value of an option.
  struct Value: Sendable {
    let placeholder: String
    let kind: ValueKind
  }

  /// Without the hyphens.
  let name: String
  /// Nil for a flag.
  let value: Value?
  /// Stands in where the option is not given.
  let environment: String?
  let help: String

  /// A flag.
  init(_ name: String, _ help: String) {
    self.name = name
    value = nil
    environment = nil
    self.help = help
  }

  /// An option with a value.
  init(
    _ name: String, _ placeholder: String, _ kind: ValueKind, environment: String? = nil,
    _ help: String
  ) {
    self.name = name
    value = Value(placeholder: placeholder, kind: kind)
    self.environment = environment
    self.help = help
  }

  /// `--out FILE` or `--yes`.
  var usage: String { "--\(name)" + (value.map { " \($0.placeholder)" } ?? "") }
}

/// A command line to copy, and what it is for.
struct Example: Sendable {
  let purpose: String
  let line: String

  init(_ purpose: String, _ line: String) {
    self.purpose = purpose
    self.line = line
  }
}

/// When a command exits with a code.
struct ExitNote: Sendable {
  let code: ExitCode
  let meaning: String

  init(_ code: ExitCode, _ meaning: String) {
    self.code = code
    self.meaning = meaning
  }
}

/// The part of the overview that a command stands in.
enum CommandGroup: String, CaseIterable, Sendable {
  case writing = "Describe the organization"
  case changing = "Change it"
  case reading = "Look at it"
  case usage = "Credits used"
  case gateway = "Let calls through"
  case other = "More"
}

/// One command: all that parsing, help and completions know of it.
struct CommandSpec: Sendable {
  let name: CommandName
  let group: CommandGroup
  /// Half a line for the overview, lower case, without a final stop.
  let summary: String
  /// The forms of the command line behind `usher`.
  let usage: [String]
  /// Paragraphs that say what the summary does not.
  let details: [String]
  var arguments: [ArgumentSpec] = []
  /// Without the global options.
  var options: [OptionSpec] = []
  /// The values of `--format`, the default first.
  var formats: [OutputFormat] = OutputFormat.common
  let examples: [Example]
  let exits: [ExitNote]

  /// Whether it reads a key from standard input.
  var readsKey: Bool { name == .verifyKey || name == .me }

  /// Its own options and then the global ones, `--format` cut to what this command can write.
  var allOptions: [OptionSpec] { options + CommandTable.globalOptions(formats: formats) }

  /// What the argument of that index is, counted from 0; nil behind the last one.
  func argument(at index: Int) -> ArgumentSpec? {
    var countBefore = 0
    for argument in arguments {
      countBefore += argument.count.upperBound
      if index < countBefore { return argument }
    }
    return nil
  }
}
