// CompletingShell: bash, zsh and fish, asked what they would complete a command line to.
//
// Each shell is run as the one a person types in, as far as that goes without a terminal: bash
// reads lines with readline, zsh edits them on its own pseudo terminal, fish completes its own way.

import Foundation

@testable import UsherCommands

/// A shell to test a completion script in.
struct CompletingShell {
  /// A word that a shell offers, and what it says of it; bash says nothing.
  struct Offer: Hashable {
    let word: String
    var summary = ""
  }

  let shell: CompletionShell
  let script: String

  init(_ shell: CompletionShell, _ table: CompletionTable = CompletionTable(CommandTable.all)) {
    self.shell = shell
    script = shell.script(table)
  }

  static func isInstalled(_ shell: CompletionShell) -> Bool { RealUsher.has(shell.rawValue) }

  /// Whether the shell reads the script to its end without an objection.
  func acceptsSyntax(in sandbox: Sandbox) throws -> Bool {
    try sandbox.write(script, to: "script")
    let run = try run("\(shell == .fish ? "--no-execute" : "-n") script", in: sandbox)
    return run.code == 0 && run.output.isEmpty
  }

  /// What the shell offers for each line, with the cursor at its end, or in bash and zsh at its
  /// `^`; sorted, each once.
  /// - Parameters:
  ///   - folder: Where the shell runs.
  ///   - setup: Commands that the shell runs after the script.
  func offers(
    for lines: [String], in folder: String, _ sandbox: Sandbox, setup: String = "",
    environment: [String: String] = [:]
  ) throws -> [[Offer]] {
    try sandbox.write("\(script)\n\(setup)\n", to: "script")
    try sandbox.write(lines.map { $0 + "\n" }.joined(), to: "lines")
    try sandbox.write(Self.zshSetup, to: "setup.zsh")
    try sandbox.write("", to: "offers")
    let driver: String
    switch shell {
    case .bash: driver = Self.bashDriver
    case .zsh: driver = Self.zshDriver
    case .fish: driver = Self.fishDriver
    }
    try sandbox.write(driver, to: "driver")
    let variables = ["SANDBOX": sandbox.folder, "FOLDER": folder]
    let output = try run("driver", environment.merging(variables) { $1 }, in: sandbox).output
    let answers = (shell == .zsh ? try sandbox.read("offers") : output)
      .components(separatedBy: "== line\n").dropFirst()
    return zip(lines, answers).map { line, answer in
      let shown = shell == .bash ? Self.listed(in: answer, for: line) : answer
      let offers = shown.split(separator: "\n").map { Self.offer(String($0), for: line) }
      // Where nothing else completes an option, fish offers what resembles it.
      let start = line.split(separator: " ").last.flatMap { $0.hasPrefix("-") ? $0 : nil } ?? ""
      let isGuess = { (word: String) in word.hasPrefix("--") && !word.hasPrefix(start) }
      return Set(offers).filter { shell != .fish || !isGuess($0.word) }
        .sorted { $0.word < $1.word }
    }
  }

  /// The part of a session of bash that lists the candidates.
  private static func listed(in session: String, for line: String) -> String {
    let rows =
      session.components(separatedBy: "\nbegin\n").last?
      .split(separator: "\n", omittingEmptySubsequences: false) ?? []
    // A bell is all that comes of a line without candidates; otherwise the line is shown again.
    guard rows.count > 1, !rows[0].contains("\u{7}") else { return "" }
    let shown = line.replacingOccurrences(of: "^", with: "")
    return rows.dropFirst().prefix { !$0.hasPrefix(shown) }.joined(separator: "\n")
  }

  /// Shells differ in whether a folder ends in a slash, and the value of `--name=` in its name.
  private static func offer(_ row: String, for line: String) -> Offer {
    let parts = row.split(separator: "\t", maxSplits: 1).map(String.init)
    var word = parts.first ?? ""
    if word.hasSuffix("/") { word.removeLast() }
    if let last = line.split(separator: " ").last, let sign = last.firstIndex(of: "="),
      word.hasPrefix(last[...sign])
    {
      word.removeFirst(last[...sign].count)
    }
    return Offer(word: word, summary: parts.count > 1 ? parts[1] : "")
  }
}

extension CompletingShell {
  /// A readline of its own for every line: one that has failed treats the next one differently.
  private static let bashDriver = #"""
    cd "$FOLDER" || exit
    while IFS= read -r line; do
      printf '== line\n'
      behind=
      if [[ $line == *^* ]]; then behind=${line#*^}; fi
      printf '%s\n' 'PS1=' 'PS2=' 'bind "set completion-display-width 1"' \
        'bind "set enable-bracketed-paste off"' '. "$SANDBOX/script"' 'echo begin' |
        cat - <(printf '%s%s\e?\x05\x15exit\n' "${line/^/}" "${behind//?/$'\x02'}") | bash --norc --noprofile -i 2>&1
    done <"$SANDBOX/lines"
    """#

  private static let zshDriver = #"""
    zmodload zsh/zpty
    cd "$FOLDER" || exit
    zpty child zsh -f -i
    zpty -w child 'source "$SANDBOX/setup.zsh"'
    zpty -w -n child $'\x14'
    while zpty -r child chunk; do :; done
    """#

  /// Defines a key that completes all lines, and a compadd that tells what it is given.
  private static let zshSetup = #"""
    PS1= PS2=
    fpath=("$SANDBOX/functions" $fpath)
    autoload -Uz compinit
    compinit -u -D
    if [[ -z $IS_AUTOLOADED ]]; then source "$SANDBOX/script"; fi
    compadd() {
      setopt localoptions extendedglob
      if [[ ${@[1,(i)(-|--)]} == *-[a-zA-Z]#(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
      fi
      local -a found shown
      local -i i at=${@[(I)-d]}
      if ((at)); then shown=("${(@P)@[at + 1]}"); fi
      builtin compadd -A found -D shown "$@"
      for ((i = 1; i <= $#found; i++)); do
        print -r -- "${(Q)found[i]}"$'\t'"${${shown[i]-}##*-- }" >>"$SANDBOX/offers"
      done
      builtin compadd "$@"
    }
    complete-lines() {
      local line
      for line in "${(@f)$(<"$SANDBOX/lines")}"; do
        BUFFER=${line/\^/} CURSOR=${#line%%\^*}
        print -r -- "== line" >>"$SANDBOX/offers"
        zle list-choices
      done
      exit
    }
    zle -N complete-lines
    bindkey '^T' complete-lines
    """#

  private static let fishDriver = #"""
    source "$SANDBOX/script"
    cd "$FOLDER"
    while read -l line
        printf '== line\n'
        complete -C "$line"
    end <"$SANDBOX/lines"
    """#

  /// Runs the shell on its own, without the terminal that an interactive one would wait for; both
  /// streams are one.
  private func run(
    _ arguments: String, _ environment: [String: String] = [:], in sandbox: Sandbox
  ) throws -> Run {
    var usher = RealUsher(sandbox: sandbox)
    usher.environment = [
      "HOME": sandbox.folder, "TERM": "dumb", "COLUMNS": "200", "LC_ALL": "C",
      "INPUTRC": "/dev/null",
    ].merging(environment) { $1 }
    return try usher.shell("exec \(shell.rawValue) \(arguments) 2>&1")
  }
}
