// ExitCode: what a run tells the program that started it.

/// The codes of the contract; their numbers never change.
public enum ExitCode: Int32, Sendable {
  /// Done; with `--detailed-exitcode`: there are no changes.
  case success = 0
  /// Invalid input, I/O, a key that is not valid.
  case failure = 1
  /// `plan --detailed-exitcode`: there are changes.
  case changes = 2
  /// The plan is stale or another apply won the race; nothing was changed.
  case conflict = 3
  /// Refused by policy or authority; nothing was changed.
  case refused = 4
  /// The key sink failed; nothing was changed.
  case sinkFailed = 5
  /// Wrong usage of the command line.
  case usage = 64
  /// Interrupted by SIGHUP; nothing is half-done.
  case hungUp = 129
  /// Interrupted by SIGINT; nothing is half-done.
  case interrupted = 130
  /// Interrupted by SIGTERM; nothing is half-done.
  case terminated = 143

  /// The code after a signal: 128 and its number, as shells have it; SIGINT's for any other.
  public init(interruptedBy signal: Int32) {
    self = ExitCode(rawValue: 128 + signal) ?? .interrupted
  }
}
