// Program: one run: from the command line to a command, and from whatever it ends with to a code.

import ByteOutput
import OrgModel
import Reporting
import SourceText
import SystemCalls

/// usher.
public enum Program {
  /// The version, as `usher --version` and plans say it.
  public static let version = "0.1.0"

  /// Runs in the real world and exits.
  public static func main() -> Never {
    Host.harden()
    Signals.install()
    let leftovers = Leftovers()
    withExtendedLifetime(leftovers) { Host.exit(run(.real(), leaving: leftovers)) }
  }

  /// Runs in a world and returns the exit code.
  /// - Parameter leftovers: Gets what takes long to free.
  public static func run(_ world: World, leaving leftovers: Leftovers = Leftovers()) -> Int32 {
    let progress = Progress(on: world.statusLine)
    defer { progress.end(isLast: true) }
    let world = progress.yielding(world)
    do throws(CommandFailure) {
      return try attempt(world, progress, leftovers)
    } catch {
      show(error, in: world)
      return code(of: error, in: world)
    }
  }

  private static func code(of failure: CommandFailure, in world: World) -> Int32 {
    // What failed because a signal came, such as waiting for input, was interrupted.
    if failure.exit == .failure, failure.mayBeInterrupted, let signal = world.interruptedBy() {
      return ExitCode(interruptedBy: signal).rawValue
    }
    return failure.exit.rawValue
  }

  private static func attempt(
    _ world: World, _ progress: Progress, _ leftovers: Leftovers
  ) throws(CommandFailure) -> Int32 {
    let request: Request
    do throws(UsageError) { request = try ArgumentParser.parse(world.arguments) } catch {
      throw CommandFailure(.usage, [error.diagnostic])
    }
    let hasColor = Context.hasColor(world, world.isStandardOutputTerminal)
    var sink = ByteSink()
    switch request {
    case .run(let invocation):
      let context = try Context(invocation, in: world, progress, leaving: leftovers)
      do throws(CommandFailure) { return try run(context).rawValue } catch {
        context.show(error)
        return code(of: error, in: world)
      }
    case .help(let command):
      HelpText.write(command, into: &sink, style: TextStyle(hasColor: hasColor))
    case .version: sink.writeLine("usher \(version)")
    case .nothing:
      HelpText.write(nil, into: &sink, style: TextStyle(hasColor: false))
      world.writeError(sink.bytes)
      return ExitCode.usage.rawValue
    }
    guard world.write(sink.bytes) else {
      throw CommandFailure(.failure, .outputFailed, "standard output cannot be written")
    }
    return ExitCode.success.rawValue
  }

  private static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    switch context.invocation.command {
    case .initialize: return try InitCommand.run(context)
    case .validate: return try ValidateCommand.run(context)
    case .format: return try FmtCommand.run(context)
    case .plan: return try PlanCommand.run(context)
    case .drift: return try DriftCommand.run(context)
    case .revoke: return try RevokeCommand.run(context)
    case .apply: return try ApplyCommand.run(context)
    case .status: return try StatusCommand.run(context)
    case .members: return try MembersCommand.run(context)
    case .show: return try ShowCommand.run(context)
    case .log: return try LogCommand.run(context)
    case .export: return try ExportCommand.run(context)
    case .verifyKey: return try VerifyKeyCommand.run(context)
    case .me: return try MeCommand.run(context)
    case .usageIngest: return try UsageIngestCommand.run(context)
    case .usageTrend: return try UsageTrendCommand.run(context)
    case .usageModels: return try UsageModelsCommand.run(context)
    case .usageMembers: return try UsageMembersCommand.run(context)
    case .console: return try ConsoleCommand.run(context)
    case .schema: return try SchemaCommand.run(context)
    case .tokenIssue: return try TokenIssueCommand.run(context)
    case .tokenRevoke: return try TokenRevokeCommand.run(context)
    case .tokenList: return try TokenListCommand.run(context)
    case .gatewayHAProxy: return try GatewayCommand.run(context, as: .haproxy)
    case .gatewayJSON: return try GatewayCommand.run(context, as: .json)
    case .completions: return try CompletionsCommand.run(context)
    case .debugYAML: return try DebugYAMLCommand.run(context)
    case .help: preconditionFailure("the parser answers help itself")
    }
  }

  /// Shows what is wrong with a command line: on standard error, and as JSON to standard output where
  /// JSON was asked for.
  private static func show(_ failure: CommandFailure, in world: World) {
    let report = DiagnosticReport(files: failure.files, diagnostics: failure.diagnostics)
    let color = Context.hasColor(world, world.isStandardErrorTerminal)
    var sink = ByteSink()
    report.writeText(into: &sink, style: TextStyle(hasColor: color))
    world.writeError(sink.bytes)
    guard ArgumentParser.asksForJSON(world.arguments) else { return }
    var json = JSONWriter(.indented)
    json.object { json in
      json.key("diagnostics")
      report.writeJSON(into: &json)
    }
    // The command has failed already: that this cannot be written either changes nothing.
    _ = world.write(json.sink.bytes + [0x0A])
  }
}

extension World {
  /// The process as it is.
  public static func real() -> World {
    let names = [
      "USHER_STATE", "USHER_ACTOR", "NO_COLOR", "CLICOLOR_FORCE", "TERM", "GITHUB_WORKSPACE",
      "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "CI_PROJECT_DIR", "GIT_DIR", "GIT_WORK_TREE",
    ]
    var environment: [String: String] = [:]
    for name in names { environment[name] = Host.environment(name) }
    environment["USHER_TOKEN"] = Host.takeEnvironment("USHER_TOKEN")
    var world = World(
      arguments: Host.arguments, environment: environment, workingFolder: Host.workingFolder,
      now: { Instant(seconds: Host.clockSeconds) ?? .latest }, random: Host.randomBytes,
      isStandardInputTerminal: Host.isTerminal(0), isStandardOutputTerminal: Host.isTerminal(1),
      isStandardErrorTerminal: Host.isTerminal(2), terminalColumns: Host.terminalColumns,
      readStandardInput: { () throws(SystemError) -> [UInt8] in
        try FileSystem.readStandardInput()
      },
      write: Host.writeOutput, writeError: Host.writeError, readLine: Host.readLine,
      interruptedBy: { Signals.pending })
    world.readStandardInputPart = { (count) throws(SystemError) -> [UInt8] in
      try FileSystem.readNext(count, from: FileSystem.standardInput)
    }
    world.isOutputUnread = { Host.isOutputUnread }
    let kind = environment["TERM"] ?? ""
    if world.isStandardErrorTerminal, kind != "", kind != "dumb" { world.statusLine = .real }
    return world
  }
}
