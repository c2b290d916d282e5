// ShellCase: the answers of a completion table as `case` statements, which bash and zsh share.

/// Writes functions that look an answer up.
enum ShellCase {
  /// The text as one word that a shell takes literally.
  static func quoted(_ text: String) -> String {
    var word = "'"
    for character in text.unicodeScalars {
      if character == "'" { word += "'\\''" } else { word.unicodeScalars.append(character) }
    }
    return word + "'"
  }

  /// A function that succeeds if `$1` is a whole command.
  static func commandFunction(_ table: CompletionTable) -> String {
    let patterns = table.commands.map(quoted).joined(separator: " | ")
    return """
      _usher_is_command() {
        case "$1" in
        \(patterns)) return 0 ;;
        esac
        return 1
      }

      """
  }

  /// A function that sets `candidates` to what the case for `$1` holds, if there is one.
  static func function(
    _ name: String, _ cases: [CompletionTable.Case<[CompletionTable.Candidate]>],
    word: (CompletionTable.Candidate) -> String
  ) -> String {
    function(name, cases) { candidates in
      let words = candidates.map { "    \(quoted(word($0)))\n" }.joined()
      return "candidates=(\n\(words)  )"
    }
  }

  /// A function that sets `kind`, and `candidates` for choices, to what the case for `$1` holds.
  static func function(
    _ name: String, _ cases: [CompletionTable.Case<ValueKind>]
  ) -> String {
    function(name, cases) { kind in
      guard case .choices(let choices) = kind else { return "kind=\(kind.word)" }
      return "kind=\(kind.word) candidates=(\(choices.map(quoted).joined(separator: " ")))"
    }
  }

  private static func function<Answer>(
    _ name: String, _ cases: [CompletionTable.Case<Answer>], _ statement: (Answer) -> String
  ) -> String {
    var text = "\(name)() {\n  case \"$1\" in\n"
    for entry in cases {
      text += "  \(entry.patterns.map(glob).joined(separator: " | "))) "
      text += statement(entry.answer) + " ;;\n"
    }
    return text + "  esac\n}\n"
  }

  private static func glob(_ pattern: CompletionTable.Pattern) -> String {
    switch pattern {
    case .exactly(let text): quoted(text)
    case .beginning(let text): quoted(text) + "*"
    case .ending(let text): "*" + quoted(text)
    case .anything: "*"
    }
  }
}

extension ValueKind {
  /// What completion scripts call it.
  var word: String {
    switch self {
    case .text: "text"
    case .file: "file"
    case .folder: "folder"
    case .member: "member"
    case .command: "command"
    case .choices: "choices"
    }
  }
}
