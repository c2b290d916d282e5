// Meanwhile: another process at any step of an act.

import Synchronization

/// What another process does between the steps of an act, on the same disk.
public final class Meanwhile: Sendable {
  private struct State {
    var disk: SimulatedDisk?
    var isBusy = false
    var results: [String] = []
  }

  private let state = Mutex(State())

  /// What came of it, each time it was done.
  public var results: [String] { state.withLock { $0.results } }

  /// Makes nothing busy.
  public init() {}

  /// Names the disk of the act that begins.
  public func begin(on disk: SimulatedDisk) { state.withLock { $0.disk = disk } }

  /// Does something on the disk, unless it is already being done.
  public func run(_ body: (SimulatedDisk) throws -> String) {
    let disk = state.withLock { state -> SimulatedDisk? in
      guard !state.isBusy else { return nil }
      state.isBusy = true
      return state.disk
    }
    guard let disk else { return }
    let result: String
    do { result = try body(disk) } catch { result = "\(error)" }
    state.withLock { state in
      state.results.append(result)
      state.isBusy = false
    }
  }
}
