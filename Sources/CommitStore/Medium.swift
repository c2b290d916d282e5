// Medium: where the log is kept. Its one writing verb is: create commit N if N does not exist.

public import SystemCalls

/// Why a store cannot be read or written.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A system call failed.
  case system(SystemError)
  /// What is there cannot be a log.
  case corrupt(path: String, reason: String)
  /// There is no such commit.
  case missing(number: Int, path: String)
  /// A commit was published and holds, but whether it would survive a power cut is not known.
  case unsynced(number: Int, SystemError)
  /// A signal came before the commit was published; nothing was changed.
  case interrupted
  /// The location names a kind of store that this usher does not know.
  case unsupportedLocation(String)

  /// One sentence.
  public var description: String {
    switch self {
    case .system(let error): return "\(error)"
    case .corrupt(let path, let reason): return "'\(path)' is not a sound store: \(reason)"
    case .missing(let number, let path): return "commit \(number) is missing: there is no '\(path)'"
    case .unsynced(let number, let error):
      return "commit \(number) was made, but may not survive a power cut: \(error)"
    case .interrupted: return "interrupted before the commit was published"
    case .unsupportedLocation(let location):
      return "'\(location)' is not supported: expected the path of a folder"
    }
  }
}

/// A log of immutable, numbered texts, and a cache of others beside it.
public protocol Medium: Sendable {
  /// The number of the last commit; 0 if there is none.
  /// - Throws: `StoreError`; `.corrupt` if the numbers have a hole.
  func lastNumber() throws(StoreError) -> Int

  /// The text of a commit.
  /// - Throws: `StoreError`; `.missing` if there is no such commit.
  func read(_ number: Int) throws(StoreError) -> [UInt8]

  /// The last bytes of a commit's text, or all of it if it has fewer.
  /// - Throws: `StoreError`; `.missing` if there is no such commit.
  func readEnd(of number: Int, bytesMax: Int) throws(StoreError) -> [UInt8]

  /// Publishes a commit, if its number is free; returns once it would survive a power cut.
  /// - Parameters:
  ///   - number: The last number and one, or a number that is taken.
  ///   - next: Yields the text part by part, then nil.
  ///   - isInterrupted: Asked for the last time right before publishing.
  /// - Returns: false if the number is taken.
  /// - Throws: `StoreError`; then the commit does not exist, unless it is `.unsynced`.
  func create(
    _ number: Int, parts next: () -> [UInt8]?, unless isInterrupted: () -> Bool
  ) throws(StoreError) -> Bool

  /// So many bytes of a cached text, or fewer at its end; nil if there is none.
  func snapshot(named name: String, from offset: Int, count: Int) -> [UInt8]?

  /// The names of all cached texts, sorted.
  func snapshotNames() -> [String]

  /// Caches a text and drops older ones. Failing to is no error.
  func saveSnapshot(named name: String, _ bytes: [UInt8])
}

extension Medium {
  /// A cached text as a whole, or nil.
  public func snapshot(named name: String) -> [UInt8]? {
    let partBytes = 1 << 18
    var text: [UInt8] = []
    while let part = snapshot(named: name, from: text.count, count: partBytes) {
      text += part
      if part.count < partBytes { return text }
    }
    return nil
  }

  /// Publishes a commit whose text is there as a whole; see above.
  public func create(
    _ number: Int, _ bytes: [UInt8], unless isInterrupted: () -> Bool
  ) throws(StoreError) -> Bool {
    var rest: [UInt8]? = bytes
    return try create(number, parts: { rest.take() }, unless: isInterrupted)
  }
}

/// Opens stores by their location.
public enum Store {
  /// The medium of a location: the path of a folder.
  /// - Throws: `StoreError.unsupportedLocation` for anything with a scheme.
  public static func medium(at location: String) throws(StoreError) -> any Medium {
    guard !location.contains("://"), !location.isEmpty else {
      throw .unsupportedLocation(location)
    }
    return FolderMedium(path: location)
  }
}
