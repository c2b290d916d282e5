// ArgumentParser: from the command line to an invocation, by the command table.
//
// An option is known by its name before the command is: names mean the same, and take or do not
// take a value, in every command. That is what lets options stand before the command.

import OrgModel
import SourceText

/// Reads command lines.
struct ArgumentParser {
  private var words: [String] = []
  private var options: [(spec: OptionSpec, value: String)] = []
  /// The first thing wrong with an option; help is given all the same.
  private var error: UsageError?
  /// An option of no command, named once it is known which ones it could be.
  private var unknownOption: String?

  /// Reads the arguments behind the program's name.
  /// - Throws: `UsageError`; `usher --help` and `usher COMMAND --help` never do for what else
  ///   stands on the line.
  static func parse(_ arguments: [String]) throws(UsageError) -> Request {
    var parser = ArgumentParser()
    parser.scan(arguments)
    return try parser.request()
  }

  /// Whether the line asks for JSON, as far as can be told of one that is in error.
  static func asksForJSON(_ arguments: [String]) -> Bool {
    value(of: "format", in: arguments) == "json"
  }

  /// The value of an option, as far as can be told of a line that is in error.
  static func value(of name: String, in arguments: [String]) -> String? {
    let options = arguments.prefix { $0 != "--" }
    for (index, option) in options.enumerated() {
      if option == "--\(name)" { return index + 1 < options.count ? options[index + 1] : nil }
      if option.hasPrefix("--\(name)=") { return String(option.dropFirst(name.utf8.count + 3)) }
    }
    return nil
  }

  private static let knownOptions: [String: OptionSpec] = {
    let specs = CommandTable.all.flatMap(\.options) + CommandTable.globalOptions
    return Dictionary(
      (specs + CommandTable.programOptions).map { ($0.name, $0) },
      uniquingKeysWith: { first, _ in first })
  }()

  private mutating func scan(_ arguments: [String]) {
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      if argument == "--" {
        words += arguments[index...]
        return
      }
      guard argument.hasPrefix("-"), argument != "-" else {
        words.append(argument)
        continue
      }
      let next = index < arguments.count ? arguments[index] : nil
      if take(option: argument, next: next) { index += 1 }
    }
  }

  /// Takes one option; true if its value was the next argument.
  private mutating func take(option argument: String, next: String?) -> Bool {
    let text = argument == "-h" ? "--help" : argument
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts[0].dropFirst(2)
    guard text.hasPrefix("--"), let spec = Self.knownOptions[String(name)] else {
      unknownOption = unknownOption ?? String(parts[0])
      return false
    }
    let attached = parts.count == 2 ? String(parts[1]) : nil
    guard let value = spec.value else {
      if attached != nil { note("option '--\(name)' takes no value") }
      append(spec, "")
      return false
    }
    if let attached {
      if attached.isEmpty { noteEmpty(spec.name, value) }
      append(spec, attached)
      return false
    }
    guard let next, next == "-" || !next.hasPrefix("-") else {
      let hint = next.map { "write --\(name)=\($0) if '\($0)' is the value" }
      note("option '--\(name)' expects \(value.placeholder)", help: hint)
      return false
    }
    if next.isEmpty { noteEmpty(spec.name, value) }
    append(spec, next)
    return true
  }

  private mutating func append(_ spec: OptionSpec, _ value: String) {
    // Asking for help twice is no contradiction.
    if spec.name != "help", options.contains(where: { $0.spec.name == spec.name }) {
      note("option '--\(spec.name)' stands twice")
    }
    options.append((spec, value))
  }

  private mutating func note(_ message: String, help: String? = nil) {
    if error == nil { error = UsageError(message, help: help) }
  }

  private mutating func noteEmpty(_ name: String, _ value: OptionSpec.Value) {
    note(
      "option '--\(name)' expects \(value.placeholder), not an empty text",
      help: "is a variable of the shell not set?")
  }

  private func isGiven(_ name: String) -> Bool { options.contains { $0.spec.name == name } }

  private func request() throws(UsageError) -> Request {
    if unknownOption != nil, !isGiven("help") { throw unknownOptionError() }
    if words.isEmpty {
      if isGiven("help") { return .help(nil) }
      if let error { throw error }
      if isGiven("version") { return .version }
      for option in options where !Self.isGlobal(option.spec.name) {
        throw UsageError(
          "option '--\(option.spec.name)' needs its command", help: Self.seeHelp(nil))
      }
      return .nothing
    }
    // `usher debug --help` has no second word, but its meaning is plain.
    if isGiven("help"), words.count == 1, Self.isHalf(words[0]) {
      return .help(Self.onlyCommand(after: words[0]))
    }
    let (name, rest) = try Self.command(words)
    if name == .help { return .help(try Self.topic(rest)) }
    if isGiven("help") { return .help(name) }
    if let error { throw error }
    return .run(try invocation(CommandTable.spec(of: name), rest))
  }

  private func invocation(
    _ spec: CommandSpec, _ arguments: [String]
  ) throws(UsageError) -> Invocation {
    let allowed = spec.allOptions
    var values: [String: String] = [:]
    for (option, value) in options {
      guard let own = allowed.first(where: { $0.name == option.name }) else {
        throw UsageError(
          "'\(spec.name.rawValue)' has no option '--\(option.name)'",
          help: Suggestion.help(for: "--" + option.name, among: allowed.map { "--" + $0.name })
            ?? Self.seeHelp(spec.name))
      }
      if case .choices(let choices) = own.value?.kind, !choices.contains(value) {
        throw UsageError(
          "option '--\(option.name)' of '\(spec.name.rawValue)' expects "
            + "\(CommandTable.alternatives(choices)), not '\(value)'",
          help: Suggestion.help(for: value, among: choices))
      }
      values[option.name] = value
    }
    try Self.check(arguments, against: spec)
    return Invocation(spec.name, arguments: arguments, options: values)
  }

  private static func check(
    _ arguments: [String], against spec: CommandSpec
  ) throws(UsageError) {
    let least = spec.arguments.reduce(0) { $0 + $1.count.lowerBound }
    let most = spec.arguments.reduce(0) { $0 + $1.count.upperBound }
    if arguments.count < least {
      let missing = spec.arguments.first { $0.count.lowerBound > 0 }?.placeholder ?? ""
      throw UsageError(
        "'\(spec.name.rawValue)' expects \(missing)", help: "usage: usher \(spec.usage[0])")
    }
    if arguments.count > most {
      let found = "'\(spec.name.rawValue)' does not expect '\(arguments[most])'"
      let limit =
        most == 0 ? "it takes options only" : "it takes \(most) argument\(most == 1 ? "" : "s")"
      throw UsageError("\(found); \(limit)", help: help(for: arguments[most], of: spec))
    }
    for (index, argument) in arguments.enumerated() {
      guard let own = spec.argument(at: index) else { continue }
      if argument.isEmpty {
        throw UsageError(
          "'\(spec.name.rawValue)' expects \(own.placeholder), not an empty text",
          help: "is a variable of the shell not set?")
      }
      if case .choices(let choices) = own.kind, !choices.contains(argument) {
        throw UsageError(
          "'\(spec.name.rawValue)' expects \(CommandTable.alternatives(choices)), not '\(argument)'",
          help: Suggestion.help(for: argument, among: choices))
      }
    }
  }
}

extension ArgumentParser {
  /// How to call a command that was given an argument too many: it may be the key that it reads
  /// elsewhere.
  private static func help(for argument: String, of spec: CommandSpec) -> String {
    guard spec.readsKey else { return "usage: usher \(spec.usage[0])" }
    let isLeaked = SecretShape.isFound(in: argument)
    return "it reads the key from standard input, as in 'usher \(spec.usage[0]) < key.txt'"
      + (isLeaked ? "; programs and shells show what stands in arguments" : "")
  }

  private static func isGlobal(_ name: String) -> Bool {
    CommandTable.globalOptions.contains { $0.name == name }
  }

  /// Splits the words into a command and its arguments; nil if they name no command.
  private static func split(_ words: [String]) -> (name: CommandName, rest: [String])? {
    for count in [1, 2] where words.count >= count {
      if let name = CommandName(rawValue: words.prefix(count).joined(separator: " ")),
        name.words.count == count
      {
        return (name, Array(words.dropFirst(count)))
      }
    }
    return nil
  }

  /// Splits the words, of which there is one at least, into the command and its arguments.
  private static func command(
    _ words: [String]
  ) throws(UsageError) -> (name: CommandName, rest: [String]) {
    if let found = split(words) { return found }
    let first = words[0]
    let seconds = CommandTable.secondWords(after: first)
    guard !seconds.isEmpty else {
      throw UsageError(
        "command '\(first)' is unknown",
        help: Suggestion.help(for: first, among: CommandTable.firstWords) ?? seeHelp(nil))
    }
    guard words.count > 1 else {
      throw UsageError("'\(first)' expects \(CommandTable.alternatives(seconds)) behind it")
    }
    throw UsageError(
      "command '\(first) \(words[1])' is unknown; '\(first)' expects \(CommandTable.alternatives(seconds))",
      help: Suggestion.help(for: words[1], among: seconds))
  }

  /// What `usher help WORDS` asks for.
  private static func topic(_ words: [String]) throws(UsageError) -> CommandName? {
    guard let first = words.first else { return nil }
    if words.count == 1, isHalf(first) { return onlyCommand(after: first) }
    let (name, rest) = try command(words)
    if let extra = rest.first {
      throw UsageError("'help' does not expect '\(extra)'", help: "usage: usher help [COMMAND]")
    }
    return name
  }

  /// Whether a word begins commands of two words.
  private static func isHalf(_ word: String) -> Bool {
    !CommandTable.secondWords(after: word).isEmpty
  }

  /// The command of two words that a first word can only mean; nil if it may mean several, which the
  /// overview tells apart.
  private static func onlyCommand(after first: String) -> CommandName? {
    let seconds = CommandTable.secondWords(after: first)
    return seconds.count == 1 ? CommandName(rawValue: "\(first) \(seconds[0])") : nil
  }

  private func unknownOptionError() -> UsageError {
    let name = unknownOption ?? ""
    // The command may be unknown as well, or be taken from the option's value: then any option
    // may be meant.
    let found = Self.split(words)?.name
    let candidates =
      found.map { CommandTable.spec(of: $0).allOptions.map(\.name) }
      ?? Self.knownOptions.keys.sorted()
    return UsageError(
      "option '\(name)' is unknown",
      help: Suggestion.help(for: name, among: candidates.map { "--" + $0 }) ?? Self.seeHelp(found))
  }

  private static func seeHelp(_ name: CommandName?) -> String {
    "run 'usher \(name.map { "\($0.rawValue) " } ?? "")--help'"
  }
}

/// A command line that usher does not understand; exit 64.
struct UsageError: Error, Hashable, Sendable {
  /// What was found and what was expected, lower case, without a final stop.
  let message: String
  /// The likely correction, or where to read on.
  let help: String?

  init(_ message: String, help: String? = nil) {
    self.message = message
    self.help = help
  }

  /// The error as every other one is shown.
  var diagnostic: Diagnostic { Diagnostic(.usage, message, at: nil, help: help) }
}

/// A command with its arguments and options, checked against the table.
struct Invocation: Hashable, Sendable {
  let command: CommandName
  let arguments: [String]
  private let options: [String: String]

  /// For an option that was given: its value, or the empty text of a flag.
  init(_ command: CommandName, arguments: [String], options: [String: String]) {
    self.command = command
    self.arguments = arguments
    self.options = options
  }

  /// Whether the flag was given; its name without hyphens.
  func flag(_ name: String) -> Bool { options[name] != nil }

  /// The value of an option; nil if it was not given on the command line.
  func value(_ name: String) -> String? { options[name] }
}

/// What a command line asks for.
enum Request: Hashable, Sendable {
  case run(Invocation)
  /// Help of a command, or the overview.
  case help(CommandName?)
  case version
  /// Nothing was asked for: the overview belongs on standard error, and the exit code is 64.
  case nothing
}
