// Context: what every command starts from: the world, the invocation and the options of §5.

import ByteOutput
import CommitStore
import OrgFiles
import OrgModel
import Reconciling
import Records
import Reporting
import SourceText
import SystemCalls

/// One run of one command.
struct Context {
  let world: World
  /// Tells a person who waits what is being done.
  let progress: Progress
  /// Gets what takes long to free.
  let leftovers: Leftovers
  let invocation: Invocation
  let now: Instant
  /// Whom --actor or USHER_ACTOR names; `authorize` says who acts.
  let namedActor: Username?
  let format: OutputFormat
  /// For standard output; standard error has its own.
  let style: TextStyle
  let errorStyle: TextStyle

  /// Reads the global options.
  /// - Throws: `CommandFailure` with the code for wrong usage.
  init(
    _ invocation: Invocation, in world: World, _ progress: Progress, leaving leftovers: Leftovers
  ) throws(CommandFailure) {
    self.world = world
    self.progress = progress
    self.leftovers = leftovers
    self.invocation = invocation
    format = invocation.value("format").flatMap { OutputFormat(rawValue: $0) } ?? .text
    if let text = invocation.value("now") {
      guard let instant = Instant(text) else {
        throw Self.misused("--now expects an instant such as 2026-11-23T08:00:00Z, not '\(text)'")
      }
      now = instant
    } else {
      now = world.now()
    }
    let name = invocation.value("actor") ?? world.environment["USHER_ACTOR"]
    if let name, !name.isEmpty {
      guard let username = Username(name) else {
        throw Self.misused("--actor expects a username, not '\(name)'")
      }
      namedActor = username
    } else {
      namedActor = nil
    }
    style = TextStyle(hasColor: Self.hasColor(world, world.isStandardOutputTerminal))
    errorStyle = TextStyle(
      hasColor: Self.hasColor(world, world.isStandardErrorTerminal))
  }

  /// Whether JSON was asked for.
  var isJSON: Bool { format == .json }

  static func misused(_ message: String) -> CommandFailure {
    CommandFailure(.usage, .usage, message)
  }

  /// `--color` first, then NO_COLOR, then CLICOLOR_FORCE, then whether a person is watching.
  static func hasColor(_ world: World, _ isTerminal: Bool) -> Bool {
    switch ArgumentParser.value(of: "color", in: world.arguments) {
    case "always": return true
    case "never": return false
    default: break
    }
    if world.environment["NO_COLOR"].map({ !$0.isEmpty }) ?? false { return false }
    if let force = world.environment["CLICOLOR_FORCE"], !force.isEmpty, force != "0" { return true }
    return isTerminal && world.environment["TERM"] != "dumb"
  }

  /// Where the state is kept.
  var location: String {
    invocation.value("state") ?? world.environment["USHER_STATE"].flatMap { $0.isEmpty ? nil : $0 }
      ?? ".usher"
  }

  /// The medium of the state.
  func medium() throws(CommandFailure) -> any Medium {
    do { return try Store.medium(at: location) } catch {
      throw CommandFailure(LogError.store(error))
    }
  }

  /// Says on standard error that there is nothing to tell of.
  func noteIfEmpty(_ log: OpenedLog) {
    if log.head.sequence == 0 { noteEmptyStore() }
  }

  /// See `noteIfEmpty`.
  func noteEmptyStore() { note("the store '\(location)' is empty") }

  /// Warns if the clock stands before the last commit, whose instant then counts.
  func clockWarning(_ log: OpenedLog) -> Diagnostic? {
    let counted = log.instant(for: now)
    guard counted > now else { return nil }
    return Diagnostic(
      .clockSetBack,
      "the clock says \(now), but the last commit was made at \(counted), which counts", at: nil)
  }

  /// Shows that warning on standard error.
  func warnIfClockIsSetBack(_ log: OpenedLog) {
    guard let warning = clockWarning(log) else { return }
    warn(DiagnosticReport(files: [], diagnostics: [warning]))
  }

  /// A line on standard error, keys and tokens in it masked as those of findings are.
  func note(_ text: String) {
    log(Array("usher: \(TerminalText.sanitized(text))\n".utf8))
  }

  /// Writes what is not a result. GitHub mixes both streams and looks for commands in either: there
  /// it goes to standard output, fenced.
  private func log(_ bytes: [UInt8]) {
    guard format == .github else { return world.writeError(bytes) }
    var sink = ByteSink()
    WorkflowCommands.fence(bytes, into: &sink)
    _ = world.write(sink.bytes)
  }

  /// Writes a result to standard output.
  /// - Throws: `CommandFailure` if it cannot be written.
  func emit(_ bytes: [UInt8]) throws(CommandFailure) {
    guard world.write(bytes) else {
      var failure = CommandFailure(
        .failure, .outputFailed, "standard output cannot be written")
      failure.isEmitted = true
      throw failure
    }
  }

  /// Ends the run if a signal has come.
  func heedSignals() throws(CommandFailure) {
    guard let signal = world.interruptedBy() else { return }
    throw CommandFailure(ExitCode(interruptedBy: signal), .interrupted, "interrupted")
  }

  /// Puts a file that `--out` names in place of the one that is there; that stays if a signal has come.
  /// - Parameter mode: What a new file gets, whatever the umask; nil: what that leaves of 0666.
  func save(
    _ path: String, mode: UInt32? = nil, by produce: (FileDescriptor) throws(SystemError) -> Void
  ) throws(CommandFailure) {
    let interruption = SystemError.interrupted("write", path)
    do throws(SystemError) {
      try FileSystem.replaceFile(path, mode: mode) { (file) throws(SystemError) in
        try produce(file)
        if world.interruptedBy() != nil { throw interruption }
      }
    } catch {
      if error == interruption { try heedSignals() }
      throw CommandFailure(error, .outputFailed)
    }
  }

  /// Writes a JSON object to standard output.
  func emitJSON(_ body: (inout JSONWriter) -> Void) throws(CommandFailure) {
    progress.begin(.rendering)
    var json = JSONWriter(.indented)
    json.object { body(&$0) }
    try emit(json.sink.bytes + [0x0A])
  }

  /// Writes text to standard output.
  func emitText(_ body: (inout ByteSink) -> Void) throws(CommandFailure) {
    progress.begin(.rendering)
    var sink = ByteSink()
    body(&sink)
    try emit(sink.bytes)
  }

  /// Shows findings on standard error.
  func warn(_ report: DiagnosticReport) {
    var sink = ByteSink()
    report.writeText(into: &sink, style: errorStyle)
    if !sink.bytes.isEmpty { log(sink.bytes) }
  }
}
