// MeteringError: why usage cannot be answered from, or taken in.

public import CommitStore
public import SystemCalls

/// What is wrong with the batches, or around them.
public enum MeteringError: Error, Sendable, CustomStringConvertible {
  /// The medium failed.
  case store(StoreError)
  /// A batch is not as it was written.
  case damaged(name: String, reason: String)
  /// A batch is of another format.
  case foreign(name: String, format: String)
  /// There is none of a number, although there are later ones.
  case missing(number: Int)
  /// A batch is there and counts, but may not survive a power cut.
  case unsynced(number: Int, SystemError)
  /// A batch is there, but it could not be looked up whether it counts: others may have merged that number
  /// meanwhile.
  case unsettled(number: Int, reason: String)
  /// A signal came first; nothing was kept.
  case interrupted

  /// One sentence.
  public var description: String {
    switch self {
    case .store(let error): "\(error)"
    case .damaged(let name, let reason): "the usage batch '\(name)' is damaged: \(reason)"
    case .foreign(let name, let format):
      "the usage batch '\(name)' is of the format '\(format)', but this usher reads only "
        + "'\(Batch.format)'"
    case .missing(let number): "the usage batch \(number) is missing"
    case .unsynced(let number, let error):
      "the usage batch \(number) was made, but may not survive a power cut: \(error)"
    case .unsettled(let number, let reason):
      "the usage batch \(number) was made, but whether it counts is not known: \(reason)"
    case .interrupted: "interrupted; nothing was kept"
    }
  }
}

/// Why a file was not taken in. Nothing of it was kept, unless it is `.usage(.unsynced)` or
/// `.usage(.unsettled)`.
public enum IngestError: Error, Sendable {
  /// It cannot be read.
  case unreadable(SystemError)
  /// Lines of it are no records: the first of them, counted from 1, and how many there are.
  case invalid([LineFinding], count: Int)
  /// The store failed.
  case usage(MeteringError)
}

/// A line that is no record, and why.
public struct LineFinding: Hashable, Sendable {
  /// From 1.
  public let line: Int
  /// Lower case, without a final stop; shows nothing of what stands there.
  public let message: String

  /// Pairs them.
  public init(line: Int, message: String) {
    self.line = line
    self.message = message
  }
}
