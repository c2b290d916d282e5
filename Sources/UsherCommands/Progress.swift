// Progress: what a run that takes its time is doing, on one line of the terminal of standard error.
// Invariants: nothing is shown in the first second of silence, nor more often than ten times a second;
// the line is gone before anything else is written to the terminal, and before the run ends; it holds
// no member's name and no secret, and nothing of it can be obeyed by the terminal.

import Reporting
import Synchronization
import SystemCalls

/// The line that progress is shown on.
public struct StatusLine: Sendable {
  /// Milliseconds since some instant in the past, which never go back.
  public var milliseconds: @Sendable () -> Int64
  /// Columns of the terminal, or nil if it does not tell.
  public var columns: @Sendable () -> Int?
  /// Writes a text over the one before, without waiting; false if it is not to be seen now.
  public var show: @Sendable ([UInt8]) -> Bool
  /// Takes the text away; may wait for the terminal if the argument is true.
  public var erase: @Sendable (Bool) -> Void
  /// From now on calls a function several times a second, until the run ends.
  public var startTicking: @Sendable (@escaping @Sendable () -> Void) -> Void

  /// Makes a line of its parts.
  public init(
    milliseconds: @escaping @Sendable () -> Int64, columns: @escaping @Sendable () -> Int?,
    show: @escaping @Sendable ([UInt8]) -> Bool, erase: @escaping @Sendable (Bool) -> Void,
    startTicking: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
  ) {
    self.milliseconds = milliseconds
    self.columns = columns
    self.show = show
    self.erase = erase
    self.startTicking = startTicking
  }

  /// The terminal on standard error.
  static let real = StatusLine(
    milliseconds: { Host.uptimeMilliseconds }, columns: { StatusTerminal.columns },
    show: { StatusTerminal.show($0) }, erase: { StatusTerminal.erase(isWaiting: $0) },
    startTicking: { Ticker.start($0) })
}

/// Shows the step of one run, if there is a line to show it on.
final class Progress: Sendable {
  /// How long a run is silent before it says what it does.
  private static let silenceMilliseconds: Int64 = 1000
  /// How long at least between two texts.
  private static let intervalMilliseconds: Int64 = 100
  /// What is taken for the width of a terminal that does not tell.
  private static let columnsDefault = 80

  private struct State {
    var step: Step?
    /// When the first step after the last output began.
    var silentSince: Int64?
    /// What stands on the line.
    var shown: String?
    /// When that was written.
    var shownAt: Int64?
    var isTicking = false
  }

  private let line: StatusLine?
  private let state = Mutex(State())

  /// - Parameter line: Nil where nobody is to see progress.
  init(on line: StatusLine?) { self.line = line }

  /// Begins a step, which lasts until the next one or until something else is written.
  func begin(_ step: Step) {
    guard let line else { return }
    let isFirst = state.withLock { state in
      defer { state.isTicking = true }
      state.step = step
      if state.silentSince == nil { state.silentSince = line.milliseconds() }
      return !state.isTicking
    }
    // For steps that say nothing from inside.
    if isFirst { line.startTicking { [weak self] in self?.tick() } }
    tick()
  }

  /// Shows the step if it is time to.
  func tick() {
    guard let line else { return }
    state.withLock { state in
      guard let step = state.step, let since = state.silentSince else { return }
      let now = line.milliseconds()
      guard now - since >= Self.silenceMilliseconds,
        state.shownAt.map({ now - $0 >= Self.intervalMilliseconds }) ?? true
      else { return }
      let text = Self.fitting(step.words, columns: line.columns() ?? Self.columnsDefault)
      guard text != state.shown else { return }
      state.shownAt = now
      if line.show(Array(text.utf8)) { state.shown = text }
    }
  }

  /// Ends the step and takes the line away, because something else is to be written or asked, or
  /// because the run ends, which waits for no terminal.
  func end(isLast: Bool = false) {
    guard let line else { return }
    state.withLock { state in
      state.step = nil
      state.silentSince = nil
      guard state.shown != nil else { return }
      line.erase(!isLast)
      state.shown = nil
    }
  }

  /// The same world, in which the line is gone before anything else appears on the terminal, or a
  /// person is to type.
  func yielding(_ world: World) -> World {
    guard line != nil else { return world }
    var result = world
    result.writeError = { bytes in
      self.end()
      world.writeError(bytes)
    }
    if world.isStandardOutputTerminal {
      result.write = { bytes in
        self.end()
        return world.write(bytes)
      }
    }
    // Who writes into our standard input may write to the terminal as well.
    result.readStandardInput = { () throws(SystemError) -> [UInt8] in
      self.end()
      return try world.readStandardInput()
    }
    if let read = world.readStandardInputPart {
      result.readStandardInputPart = { (count) throws(SystemError) -> [UInt8] in
        self.end()
        return try read(count)
      }
    }
    return result
  }

  /// What fits into a line whose last column stays free, since terminals differ in what they do when
  /// it is filled.
  private static func fitting(_ words: String, columns: Int) -> String {
    let text = TerminalText.sanitized(words)
    guard DisplayWidth.columns(text) >= columns else { return text }
    var result = ""
    var width = 0
    for scalar in text.unicodeScalars {
      width += DisplayWidth.columns(scalar)
      if width >= columns { break }
      result.unicodeScalars.append(scalar)
    }
    return result
  }
}
