// FishCompletion: the completion script for fish, 3.2 and later, with descriptions.

/// Writes the script for fish.
enum FishCompletion {
  /// The script, tables first.
  static func script(_ table: CompletionTable) -> String {
    [
      header, commandFunction(table), function("__usher_next_words", table.nextWords),
      function("__usher_options", table.options), function("__usher_value", table.values),
      function("__usher_argument", table.arguments), reading, answering,
    ].joined(separator: "\n")
  }

  /// The text as one word that fish takes literally.
  static func quoted(_ text: String) -> String {
    var word = "'"
    for character in text.unicodeScalars {
      if character == "'" || character == "\\" { word += "\\" }
      word.unicodeScalars.append(character)
    }
    return word + "'"
  }

  private static func commandFunction(_ table: CompletionTable) -> String {
    """
    function __usher_is_command
        contains -- "$argv[1]" \(table.commands.map(quoted).joined(separator: " "))
    end

    """
  }

  /// A function that prints words with their descriptions.
  private static func function(
    _ name: String, _ cases: [CompletionTable.Case<[CompletionTable.Candidate]>]
  ) -> String {
    function(name, cases) { candidates in
      let words = candidates.map { " \\\n\(quoted($0.text)) \(quoted($0.summary))" }.joined()
      return "printf '%s\\t%s\\n'" + words.replacing("\n", with: "\n                ")
    }
  }

  /// A function that prints the kind of a value, and the choices.
  private static func function(
    _ name: String, _ cases: [CompletionTable.Case<ValueKind>]
  ) -> String {
    function(name, cases) { kind in
      guard case .choices(let choices) = kind else { return "printf '%s\\n' \(kind.word)" }
      return "printf '%s\\n' \(([kind.word] + choices.map(quoted)).joined(separator: " "))"
    }
  }

  private static func function<Answer>(
    _ name: String, _ cases: [CompletionTable.Case<Answer>], _ statement: (Answer) -> String
  ) -> String {
    var text = "function \(name)\n    switch \"$argv[1]\"\n"
    for entry in cases {
      text += "        case \(entry.patterns.map(glob).joined(separator: " "))\n"
      text += "            \(statement(entry.answer))\n"
    }
    return text + "    end\nend\n"
  }

  private static func glob(_ pattern: CompletionTable.Pattern) -> String {
    switch pattern {
    case .exactly(let text): quoted(text)
    case .beginning(let text): quoted(text + "*")
    case .ending(let text): quoted("*" + text)
    case .anything: quoted("*")
    }
  }

  private static let header = """
    # Completes the command line of usher in fish; made by 'usher completions fish'.
    # Nothing of the line is evaluated; words are only compared.

    """

  private static let reading = #"""
    # Expands the ~ at the start of a word, which is the only expansion made.
    function __usher_expand
        if string match -qr '^~(/|$)' -- "$argv[1]"
            printf '%s\n' $HOME(string sub -s 2 -- "$argv[1]")
        else
            printf '%s\n' "$argv[1]"
        end
    end

    # What the cursor stands at: text to put before each answer, the kind of answer, what to ask.
    function __usher_target
        set -l name
        set -l command
        set -l arguments
        set -l option
        set -l given
        set -l is_ended
        set -l tokens (commandline -opc)
        for token in $tokens[2..-1]
            if test -n "$option"; and not string match -qr '^-.' -- $token
                set option
            else if test -n "$is_ended"; or not string match -qr '^-.' -- $token
                if test -n "$command"
                    set -a arguments $token
                else
                    set -a name $token
                    if __usher_is_command "$name"
                        set command "$name"
                    end
                end
            else if test "$token" = --
                set option
                set is_ended 1
            else
                set option
                set -a given (string replace -r '=.*' '' -- $token)
                if not string match -q '*=*' -- $token; and __usher_value "$command $token" | read -l kind
                    set option $token
                end
            end
        end
        set -l current (commandline -ct)
        if test -n "$option"
            printf '%s\n' '' (__usher_value "$command $option")
        else if test -z "$is_ended"; and string match -q -- '--*=*' "$current"
            set option (string replace -r '=.*' '' -- "$current")
            printf '%s\n' "$option=" (__usher_value "$command $option")
        else if test -z "$is_ended"; and string match -q -- '-*' "$current"
            set -q command[1]; or set command "$name"
            printf '%s\n' '' options "$command" $given
        else if test -z "$command"
            printf '%s\n' '' command "$name"
        else
            set -l index (count $arguments)
            set -l answer (__usher_argument "$command $index")
            if test "$answer[1]" = command
                set -a answer "$arguments"
            end
            printf '%s\n' '' $answer
        end
    end

    """#

  private static let answering = #"""
    # The usernames of the state that the line names, asked of the usher that it runs.
    function __usher_members
        set -l tokens (commandline -op)
        set -l usher (__usher_expand "$tokens[1]")
        set -l state
        for index in (seq 2 (count $tokens))
            switch "$tokens[$index]"
                case --
                    break
                case --state
                    set state "$tokens["(math $index + 1)"]"
                case '--state=*'
                    set state (string replace -r '^--state=' '' -- "$tokens[$index]")
            end
        end
        set -l location
        if test -n "$state"
            set location --state=(__usher_expand "$state")
        end
        command $usher members --format json $location 2>/dev/null </dev/null \
            | command sed -n 's/.*"username": *"\([A-Za-z0-9_]*\)".*/\1/p'
    end

    function __usher_complete
        set -l target (__usher_target)
        set -l words
        switch "$target[2]"
            case command
                __usher_next_words "$target[3]"
            case options
                for line in (__usher_options "$target[3]")
                    if not contains -- (string split -f 1 \t -- $line) $target[4..-1]
                        printf '%s\n' $line
                    end
                end
            case member
                set words (__usher_members)
            case choices
                set words $target[3..-1]
            case folder
                set -l start (string length -- "$target[1]")
                set words (__fish_complete_directories (commandline -ct | string sub -s (math $start + 1)))
        end
        for word in $words
            printf '%s\n' "$target[1]$word"
        end
    end

    function __usher_wants_file
        set -l target (__usher_target)
        test "$target[2]" = file
    end

    complete -c usher -f -a '(__usher_complete)'
    complete -c usher -n __usher_wants_file -F

    """#
}
