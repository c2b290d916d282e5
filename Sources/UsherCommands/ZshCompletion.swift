// ZshCompletion: the completion script for zsh, with descriptions.

/// Writes the script for zsh.
enum ZshCompletion {
  /// The script, tables first.
  static func script(_ table: CompletionTable) -> String {
    [
      header, ShellCase.commandFunction(table),
      ShellCase.function("_usher_next_words", table.nextWords, word: described),
      ShellCase.function("_usher_options", table.options, word: described),
      ShellCase.function("_usher_value", table.values),
      ShellCase.function("_usher_argument", table.arguments), reading, answering,
    ].joined(separator: "\n")
  }

  /// In the form of `_describe`: the word ends at the first colon, and a backslash escapes.
  private static func described(_ candidate: CompletionTable.Candidate) -> String {
    "\(candidate.text):\(candidate.summary.replacing("\\", with: "\\\\"))"
  }

  private static let header = """
    #compdef usher
    # Completes the command line of usher in zsh; made by 'usher completions zsh'.
    # Nothing of the line is evaluated; words are only compared.

    """

  private static let reading = #"""
    # Sets plain to a word without its quotes; of all expansions only that of a ~ is made.
    _usher_unquote() {
      plain=${(Q)1}
      if [[ $1 == '~' || $1 == '~/'* ]]; then plain=$HOME${plain#'~'}; fi
    }

    # Reads the words before the cursor: name, command, arguments, count, option, given, is_ended.
    _usher_read() {
      local -i i
      for ((i = 2; i < CURRENT; i++)); do
        _usher_unquote "$words[i]"
        if [[ -n $option && ($plain == - || $plain != -*) ]]; then
          option=
        elif [[ -n $is_ended || $plain == - || $plain != -* ]]; then
          if [[ -n $command ]]; then
            arguments+=${arguments:+ }$plain
            count+=1
          else
            name+=${name:+ }$plain
            if _usher_is_command "$name"; then command=$name; fi
          fi
        elif [[ $plain == -- ]]; then
          option= is_ended=1
        else
          option= kind=
          given+=("${plain%%=*}")
          if [[ $plain != *=* ]]; then _usher_value "$command $plain"; fi
          if [[ -n $kind ]]; then option=$plain; fi
        fi
      done
      kind= candidates=()
    }

    """#

  private static let answering = #"""
    # The usernames of the state that the line names, asked of the usher that it runs.
    _usher_members() {
      local -i i
      local usher state plain
      _usher_unquote "$words[1]"
      usher=$plain
      for ((i = 2; i <= $#words; i++)); do
        _usher_unquote "$words[i]"
        case "$plain" in
        --) break ;;
        --state)
          _usher_unquote "${words[i + 1]-}"
          state=$plain
          ;;
        --state=*) state=${plain#*=} ;;
        esac
      done
      command "$usher" members --format json ${state:+"--state=$state"} 2>/dev/null </dev/null |
        command sed -n 's/.*"username": *"\([A-Za-z0-9_]*\)".*/\1/p'
    }

    _usher() {
      local plain current name command arguments option is_ended kind expl
      local -i count=0
      local -a candidates given
      _usher_read
      _usher_unquote "$PREFIX"
      current=$plain
      if [[ -n $option ]]; then
        _usher_value "$command $option"
      elif [[ -z $is_ended && $current == --*=* ]]; then
        option=${current%%=*}
        compset -P "$option="
        _usher_value "$command $option"
      elif [[ -z $is_ended && $current == -* ]]; then
        _usher_options "${command:-$name}"
        for option in $given; do candidates=("${(@)candidates:#$option:*}"); done
        _describe -o -t options option candidates
        return
      elif [[ -z $command ]]; then
        kind=command arguments=$name
      else
        _usher_argument "$command $count"
      fi
      case "$kind" in
      file) _files ;;
      folder) _files -/ ;;
      command)
        _usher_next_words "$arguments"
        _describe -t commands command candidates
        ;;
      member)
        candidates=(${(f)"$(_usher_members)"})
        _wanted members expl member compadd -a candidates
        ;;
      choices) _wanted values expl value compadd -a candidates ;;
      *) return 1 ;;
      esac
    }

    if [[ "${funcstack[1]}" == _usher ]]; then
      _usher "$@"
    else
      compdef _usher usher
    fi

    """#
}
