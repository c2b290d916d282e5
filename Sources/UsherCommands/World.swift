// World: everything a run gets from outside itself, and the only way it gets it.

public import OrgModel
import Synchronization
public import SystemCalls

/// The process as a value: a test can make any world, and a run in the same world does the same.
public struct World: Sendable {
  /// The command line without the program's name.
  public var arguments: [String]
  /// The environment variables.
  public var environment: [String: String]
  /// The absolute path of the folder that relative paths start from.
  public var workingFolder: String
  /// The clock, to the second.
  public var now: @Sendable () -> Instant
  /// That many bytes of the system's generator.
  public var random: @Sendable (Int) -> [UInt8]
  /// Whether a person may type.
  public var isStandardInputTerminal: Bool
  /// Whether a person sees the results.
  public var isStandardOutputTerminal: Bool
  /// Whether a person sees the diagnostics.
  public var isStandardErrorTerminal: Bool
  /// Columns of the terminal on standard output; nil if it is none.
  public var terminalColumns: Int?
  /// Everything on standard input, to its end.
  public var readStandardInput: @Sendable () throws(SystemError) -> [UInt8]
  /// So many bytes of standard input, fewer at its end; nil: only all of it at once.
  public var readStandardInputPart: (@Sendable (Int) throws(SystemError) -> [UInt8])?
  /// Writes to standard output; false if not all could be written.
  public var write: @Sendable ([UInt8]) -> Bool
  /// Writes to standard error; there is nowhere to tell of a failure.
  public var writeError: @Sendable ([UInt8]) -> Void
  /// A line that a person typed, without its break; nil at the end of input or at a signal.
  public var readLine: @Sendable () -> String?
  /// The signal that asks the run to end, or nil.
  public var interruptedBy: @Sendable () -> Int32?
  /// Whether the reader of standard output has gone, so that more of it is in vain.
  public var isOutputUnread: @Sendable () -> Bool = { false }
  /// Where progress is shown; nil where nobody is to see any.
  public var statusLine: StatusLine?

  /// Makes a world of its parts.
  public init(
    arguments: [String], environment: [String: String], workingFolder: String,
    now: @escaping @Sendable () -> Instant, random: @escaping @Sendable (Int) -> [UInt8],
    isStandardInputTerminal: Bool, isStandardOutputTerminal: Bool,
    isStandardErrorTerminal: Bool, terminalColumns: Int?,
    readStandardInput: @escaping @Sendable () throws(SystemError) -> [UInt8],
    write: @escaping @Sendable ([UInt8]) -> Bool, writeError: @escaping @Sendable ([UInt8]) -> Void,
    readLine: @escaping @Sendable () -> String?, interruptedBy: @escaping @Sendable () -> Int32?
  ) {
    self.arguments = arguments
    self.environment = environment
    self.workingFolder = workingFolder
    self.now = now
    self.random = random
    self.isStandardInputTerminal = isStandardInputTerminal
    self.isStandardOutputTerminal = isStandardOutputTerminal
    self.isStandardErrorTerminal = isStandardErrorTerminal
    self.terminalColumns = terminalColumns
    self.readStandardInput = readStandardInput
    self.write = write
    self.writeError = writeError
    self.readLine = readLine
    self.interruptedBy = interruptedBy
  }

  /// A world of its own: fixed clock, counted randomness, output kept in `recorder`.
  /// - Parameters:
  ///   - now: What the clock always says; 1970-01-01T00:00:00Z by default.
  ///   - answers: The lines that a person types, in this order; then the input ends.
  ///   - isTerminal: Whether all three streams are terminals of 80 columns.
  public static func test(
    arguments: [String], environment: [String: String] = [:], now: Instant? = nil,
    standardInput: [UInt8] = [], answers: [String] = [], isTerminal: Bool = false,
    into recorder: WorldRecorder = WorldRecorder()
  ) -> World {
    let answers = Answers(answers)
    return World(
      arguments: arguments, environment: environment, workingFolder: Host.workingFolder,
      now: { now ?? Instant(seconds: 0) ?? .earliest }, random: { recorder.random($0) },
      isStandardInputTerminal: isTerminal, isStandardOutputTerminal: isTerminal,
      isStandardErrorTerminal: isTerminal, terminalColumns: isTerminal ? 80 : nil,
      readStandardInput: { () throws(SystemError) -> [UInt8] in standardInput },
      write: { recorder.write($0) }, writeError: { recorder.writeError($0) },
      readLine: { answers.next() }, interruptedBy: { recorder.signal })
  }
}

/// What a run in a test world wrote, and the switches to disturb it with.
public final class WorldRecorder: Sendable {
  private struct State {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var randomCount: UInt64 = 0
    var signal: Int32?
    var isOutputBroken = false
  }

  private let state = Mutex(State())

  /// Starts with nothing written.
  public init() {}

  /// What was written to standard output.
  public var output: String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }
  /// What was written to standard error.
  public var errors: String { state.withLock { String(decoding: $0.errors, as: UTF8.self) } }
  /// The signal that `interruptedBy` tells of.
  public var signal: Int32? {
    get { state.withLock { $0.signal } }
    set { state.withLock { $0.signal = newValue } }
  }
  /// Whether writing to standard output fails, as on a full disk.
  public var isOutputBroken: Bool {
    get { state.withLock { $0.isOutputBroken } }
    set { state.withLock { $0.isOutputBroken = newValue } }
  }

  fileprivate func write(_ bytes: [UInt8]) -> Bool {
    state.withLock { state in
      guard !state.isOutputBroken else { return false }
      state.output += bytes
      return true
    }
  }

  fileprivate func writeError(_ bytes: [UInt8]) { state.withLock { $0.errors += bytes } }

  /// SplitMix64 from a fixed start: no two keys of a test are the same, all runs are.
  fileprivate func random(_ count: Int) -> [UInt8] {
    state.withLock { state in
      (0..<count).map { _ in
        state.randomCount &+= 1
        var value = state.randomCount &* 0x9E37_79B9_7F4A_7C15
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return UInt8(truncatingIfNeeded: value ^ (value >> 31))
      }
    }
  }
}

private final class Answers: Sendable {
  private let lines: Mutex<[String]>

  init(_ lines: [String]) { self.lines = Mutex(lines) }

  func next() -> String? { lines.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}
