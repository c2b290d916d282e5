// BashCompletion: the completion script for bash, 3.2 and later, which macOS still has.
//
// bash hands over the command line cut at every = and : of COMP_WORDBREAKS, and replaces only what
// is behind the last of them; the script joins the pieces again before it reads them.

/// Writes the script for bash.
enum BashCompletion {
  /// The script, tables first.
  static func script(_ table: CompletionTable) -> String {
    [
      header, ShellCase.commandFunction(table),
      ShellCase.function("_usher_next_words", table.nextWords) { $0.text },
      ShellCase.function("_usher_options", table.options) { $0.text },
      ShellCase.function("_usher_value", table.values),
      ShellCase.function("_usher_argument", table.arguments), reading, answering,
    ].joined(separator: "\n")
  }

  private static let header = """
    # Completes the command line of usher in bash; made by 'usher completions bash'.
    # Nothing of the line is evaluated; words are only compared.

    """

  /// From COMP_WORDS to words as usher would get them.
  private static let reading = #"""
    # Joins what bash has cut: words, and the part of the one at the cursor that is before it.
    _usher_split() {
      local rest=$COMP_LINE piece i behind
      for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        piece=${COMP_WORDS[i]}
        if [[ $i -eq 0 || $rest == [[:space:]]* ]]; then
          if [[ -n $piece ]]; then rest=${rest#"${rest%%[![:space:]]*}"}; fi
          words+=("$piece")
        else
          words[${#words[@]} - 1]+=$piece
        fi
        rest=${rest#"$piece"}
        if ((i == COMP_CWORD)); then
          cursor=$((${#words[@]} - 1))
          current=${words[cursor]}
          behind=$((${#COMP_LINE} - ${#rest} - COMP_POINT))
          if ((behind >= ${#current})); then
            current=
          elif ((behind > 0)); then
            current=${current:0:${#current} - behind}
          fi
        fi
      done
    }

    # Sets plain to a word without its quotes; of all expansions only that of a ~ is made.
    _usher_unquote() {
      local rest=$1 quote= char
      plain=
      case $rest in
      '~' | '~/'*) plain=$HOME rest=${rest:1} ;;
      esac
      while [[ -n $rest ]]; do
        char=${rest:0:1}
        rest=${rest:1}
        case $quote$char in
        \' | \") quote=$char ;;
        "''" | '""') quote= ;;
        \\ | \"\\) plain+=${rest:0:1} rest=${rest:1} ;;
        *) plain+=$char ;;
        esac
      done
    }

    # Reads the words before the cursor: name, command, arguments, count, option, given, is_ended.
    _usher_read() {
      local i is_redirected=
      for ((i = 1; i < cursor; i++)); do
        _usher_unquote "${words[i]}"
        if [[ -n $is_redirected ]]; then
          is_redirected=
        elif [[ ${words[i]} =~ $redirection ]]; then
          if [[ ${words[i]} == *[\<\>] ]]; then is_redirected=1; fi
        elif [[ -n $option && ($plain == - || $plain != -*) ]]; then
          option=
        elif [[ -n $is_ended || $plain == - || $plain != -* ]]; then
          if [[ -n $command ]]; then
            arguments+=${arguments:+ }$plain count=$((count + 1))
          else
            name+=${name:+ }$plain
            if _usher_is_command "$name"; then command=$name; fi
          fi
        elif [[ $plain == -- ]]; then
          option= is_ended=1
        else
          option= kind= given+="${plain%%=*} "
          if [[ $plain != *=* ]]; then _usher_value "$command $plain"; fi
          if [[ -n $kind ]]; then option=$plain; fi
        fi
      done
      if [[ -n $is_redirected || ${words[cursor]} =~ $redirection ]]; then is_ended=redirected; fi
      kind= candidates=()
    }

    """#

  /// From words to COMPREPLY.
  private static let answering = #"""
    # The usernames of the state that the line names, asked of the usher that it runs.
    _usher_members() {
      local i state= usher
      _usher_unquote "${words[0]}"
      usher=$plain
      for ((i = 1; i < ${#words[@]}; i++)); do
        _usher_unquote "${words[i]}"
        case $plain in
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

    # Lets bash complete files or folders by itself where it can, which is since version 4.
    _usher_files() {
      local action=-f line
      if [[ $kind == folder ]]; then action=-d; fi
      if [[ -z $prefix && ${BASH_VERSINFO[0]} -ge 4 ]]; then
        if [[ $kind == folder ]]; then
          compopt -o filenames -o dirnames
        else
          compopt -o filenames -o default
        fi
        return
      fi
      while IFS= read -r line; do
        COMPREPLY+=("$prefix$line")
      done < <(compgen "$action" -- "$current")
    }

    _usher() {
      local IFS=$' \t\n' redirection='^([0-9]*|&)[<>]'
      local cursor=0 current= plain= name= command= arguments= count=0 option= given=' ' is_ended=
      local kind= prefix= word
      local -a words candidates
      words=() candidates=() COMPREPLY=()
      _usher_split
      _usher_read
      _usher_unquote "$current"
      current=$plain
      if [[ $is_ended == redirected ]]; then
        kind=file
      elif [[ -n $option ]]; then
        _usher_value "$command $option"
      elif [[ -z $is_ended && $current == --*=* ]]; then
        option=${current%%=*} current=${current#*=}
        if [[ $COMP_WORDBREAKS != *=* ]]; then prefix=$option=; fi
        _usher_value "$command $option"
      elif [[ -z $is_ended && $current == -* ]]; then
        _usher_options "${command:-$name}"
      elif [[ -z $command ]]; then
        _usher_next_words "$name"
      else
        _usher_argument "$command $count"
      fi
      case $kind in
      file | folder) _usher_files ;;
      command) _usher_next_words "$arguments" ;;
      member)
        while IFS= read -r word; do candidates+=("$word"); done < <(_usher_members)
        ;;
      esac
      for word in ${candidates[@]+"${candidates[@]}"}; do
        if [[ $word == "$current"* && $given != *" $word "* ]]; then COMPREPLY+=("$prefix$word"); fi
      done
    }

    complete -F _usher usher

    """#
}
