// CompletionTable: the command table as the questions that a completion script asks of it.
//
// The three scripts walk the command line in the same way and ask the same five questions; they
// differ in how the answers are written down. A question is one text, such as `plan --out` for the
// value of an option, and is looked up in a list of cases from the top.

/// The answers to everything that a completion script asks.
struct CompletionTable {
  /// A word that may stand, and what it means.
  struct Candidate: Hashable {
    let text: String
    let summary: String
  }

  /// The questions that have the same answer.
  struct Case<Answer> {
    var patterns: [Pattern]
    let answer: Answer
  }

  /// Which questions a case answers.
  enum Pattern: Hashable {
    case exactly(String)
    case beginning(String)
    case ending(String)
    case anything
  }

  /// The texts that are a whole command: `plan`, `debug yaml`.
  let commands: [String]
  /// What may follow the words of a command that is not whole: the empty text or `debug`.
  let nextWords: [Case<[Candidate]>]
  /// The options of a command; of no command, which is the empty text; of any other one.
  let options: [Case<[Candidate]>]
  /// The value of an option: `plan --out`, or ` --out` as long as there is no command.
  let values: [Case<ValueKind>]
  /// An argument by its index: `show 0`. Without an answer there is none.
  let arguments: [Case<ValueKind>]

  /// Makes the answers for these commands.
  init(_ specs: [CommandSpec]) {
    commands = specs.map(\.name.rawValue)
    nextWords = Self.nextWords(specs)
    options = Self.options(specs)
    values = Self.values(specs)
    arguments = Self.arguments(specs)
    for text in nextWords.flatMap(\.answer).map(\.text) + (values + arguments).flatMap(\.choices) {
      precondition(Self.isPlain(text), "a shell would take '\(text)' for more than a word")
    }
  }

  /// Shells put the words they complete on the command line as they are, some without quotes.
  private static func isPlain(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
      }
  }

  private static func nextWords(_ specs: [CommandSpec]) -> [Case<[Candidate]>] {
    var firsts: [Candidate] = []
    var longer: [Case<[Candidate]>] = []
    for spec in specs {
      let first = spec.name.words[0]
      guard !firsts.contains(where: { $0.text == first }) else { continue }
      guard spec.name.words.count == 2 else {
        firsts.append(Candidate(text: first, summary: spec.summary))
        continue
      }
      let seconds = specs.filter { $0.name.words.count == 2 && $0.name.words[0] == first }
        .map { Candidate(text: $0.name.words[1], summary: $0.summary) }
      let summary =
        seconds.count == 1 ? spec.summary : seconds.map(\.text).joined(separator: ", ")
      firsts.append(Candidate(text: first, summary: summary))
      longer.append(Case(patterns: [.exactly(first)], answer: seconds))
    }
    return [Case(patterns: [.exactly("")], answer: firsts)] + longer
  }

  private static func options(_ specs: [CommandSpec]) -> [Case<[Candidate]>] {
    func candidates(_ options: [OptionSpec]) -> [Candidate] {
      options.map { Candidate(text: "--\($0.name)", summary: $0.help) }
    }
    let none = candidates(CommandTable.globalOptions + CommandTable.programOptions)
    let own = specs.map { (Pattern.exactly($0.name.rawValue), candidates($0.allOptions)) }
    return grouped(own + [(.exactly(""), none)])
      + [Case(patterns: [.anything], answer: candidates(CommandTable.globalOptions))]
  }

  private static func values(_ specs: [CommandSpec]) -> [Case<ValueKind>] {
    // What an option takes where nothing else is said: in the global options, or at first sight.
    var usual: [(Pattern, ValueKind)] = []
    for option in CommandTable.globalOptions + specs.flatMap(\.options) {
      let pattern = Pattern.ending(" --\(option.name)")
      guard let kind = option.value?.kind, !usual.contains(where: { $0.0 == pattern }) else {
        continue
      }
      usual.append((pattern, kind))
    }
    var special: [(Pattern, ValueKind)] = []
    for spec in specs {
      for option in spec.allOptions {
        let isUsual = usual.contains {
          $0.0 == .ending(" --\(option.name)") && $0.1 == option.value?.kind
        }
        guard let kind = option.value?.kind, !isUsual else { continue }
        special.append((.exactly("\(spec.name.rawValue) --\(option.name)"), kind))
      }
    }
    return grouped(special) + grouped(usual)
  }

  private static func arguments(_ specs: [CommandSpec]) -> [Case<ValueKind>] {
    var counted: [(Pattern, ValueKind)] = []
    var endless: [(Pattern, ValueKind)] = []
    for spec in specs {
      var index = 0
      for argument in spec.arguments {
        guard argument.count.upperBound < ArgumentSpec.countMax else {
          endless.append((.beginning("\(spec.name.rawValue) "), argument.kind))
          break
        }
        for _ in 0..<argument.count.upperBound {
          counted.append((.exactly("\(spec.name.rawValue) \(index)"), argument.kind))
          index += 1
        }
      }
    }
    return grouped(counted) + grouped(endless)
  }

  /// Puts questions with the same answer into one case, in the order of the first of them.
  private static func grouped<Answer: Equatable>(
    _ answers: [(Pattern, Answer)]
  ) -> [Case<Answer>] {
    var cases: [Case<Answer>] = []
    for (pattern, answer) in answers {
      if let same = cases.firstIndex(where: { $0.answer == answer }) {
        cases[same].patterns.append(pattern)
      } else {
        cases.append(Case(patterns: [pattern], answer: answer))
      }
    }
    return cases
  }
}

extension CompletionTable.Case<ValueKind> {
  fileprivate var choices: [String] {
    guard case .choices(let choices) = answer else { return [] }
    return choices
  }
}
