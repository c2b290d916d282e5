// CompletionsCommand: `usher completions`: the script that lets a shell complete the command line.

/// A shell that can complete.
enum CompletionShell: String, CaseIterable, Sendable {
  case bash
  case zsh
  case fish

  /// The script that completes the commands and options of a table.
  func script(_ table: CompletionTable) -> String {
    switch self {
    case .bash: BashCompletion.script(table)
    case .zsh: ZshCompletion.script(table)
    case .fish: FishCompletion.script(table)
    }
  }
}

enum CompletionsCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    guard let shell = CompletionShell(rawValue: context.invocation.arguments[0]) else {
      preconditionFailure("the parser lets only the choices of the table through")
    }
    let script = shell.script(CompletionTable(CommandTable.all))
    try context.emit(Array(script.utf8))
    return .success
  }
}
