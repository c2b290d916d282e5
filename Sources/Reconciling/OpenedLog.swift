// OpenedLog: the stored state as one reader sees it: the fold of all commits up to a head.
// Invariants: commits are numbered 1…head without a hole; each names the digest of the one before;
// each is legal on the fold of those before, and its actor may make it; instants never decrease.

public import CommitStore
public import Digests
public import OrgModel
public import Records

/// Why the log cannot be answered from.
public enum LogError: Error, Sendable, CustomStringConvertible {
  /// The medium failed.
  case store(StoreError)
  /// A commit is damaged, or of a newer format.
  case record(sequence: Int, RecordError)
  /// A commit does not follow the one before.
  case chain(sequence: Int, reason: String)
  /// A snapshot tells another story than the log, which holds.
  case snapshot(name: String, sequence: Int)

  /// One sentence that names the commit.
  public var description: String {
    switch self {
    case .store(let error): return "\(error)"
    case .record(let sequence, let error): return "commit \(sequence) is not readable: \(error)"
    case .chain(let sequence, let reason):
      return "commit \(sequence) does not follow the one before: \(reason)"
    case .snapshot(let name, let sequence):
      return "the snapshot '\(name)' differs from the fold of the log up to commit \(sequence)"
    }
  }
}

/// The log up to the commit that was the last when it was opened.
public struct OpenedLog: Sendable {
  /// Where it is kept.
  public let medium: any Medium
  /// The fold of all its commits.
  public private(set) var state = OrgState()
  /// The last commit; `.empty` before the first.
  public internal(set) var head = Revision.empty
  /// When the last commit was made; nil before the first.
  public private(set) var headTime: Instant?

  /// Reads and folds.
  /// - Parameters:
  ///   - usingSnapshots: Whether commits that a snapshot covers are skipped.
  ///   - limit: The last commit to fold.
  ///   - visit: Is shown every commit that is read, with its digest.
  ///   - willFold: Is told the number of every commit before it is read, and of the last one.
  /// - Throws: `LogError`.
  public init(
    _ medium: any Medium, usingSnapshots: Bool = true, upTo limit: Int = .max,
    visit: (Commit, Digest) -> Void = { _, _ in }, willFold: (Int, Int) -> Void = { _, _ in }
  ) throws(LogError) {
    self.init(unfolded: medium)
    let newest: Int
    do { newest = try medium.lastNumber() } catch { throw .store(error) }
    let last = min(newest, limit)
    if usingSnapshots, let snapshot = Snapshots.newest(in: medium, upTo: last) {
      state = snapshot.state
      head = snapshot.revision
      headTime = snapshot.time
    }
    while head.sequence < last {
      willFold(head.sequence + 1, last)
      let (commit, digest) = try foldNext()
      visit(commit, digest)
    }
  }

  /// The log before its first commit.
  init(unfolded medium: any Medium) { self.medium = medium }

  /// Reads the commit behind the head and puts it on top.
  /// - Throws: `LogError`.
  mutating func foldNext() throws(LogError) -> (commit: Commit, digest: Digest) {
    let (commit, digest) = try Self.read(head.sequence + 1, from: medium)
    try follow(commit, digest)
    return (commit, digest)
  }

  /// Reads one commit.
  /// - Throws: `LogError`.
  public static func read(
    _ sequence: Int, from medium: any Medium
  ) throws(LogError) -> (commit: Commit, digest: Digest) {
    let bytes: [UInt8]
    do { bytes = try medium.read(sequence) } catch { throw .store(error) }
    do { return try Commit.read(bytes) } catch { throw .record(sequence: sequence, error) }
  }

  /// The instant at which a change is planned and committed: the clock's, but never before the head.
  public func instant(for clock: Instant) -> Instant { max(clock, headTime ?? clock) }

  /// The commits since the last one that org files asked for, oldest first.
  /// - Throws: `LogError`.
  public func commitsOutOfBand() throws(LogError) -> [Commit] {
    var commits: [Commit] = []
    for sequence in stride(from: head.sequence, to: 0, by: -1) {
      let commit = try Self.read(sequence, from: medium).commit
      if commit.source.desired != nil { break }
      commits.append(commit)
    }
    return commits.reversed()
  }

  /// Puts a commit on top.
  /// - Throws: `LogError.chain` if it does not belong there.
  mutating func follow(_ commit: Commit, _ digest: Digest) throws(LogError) {
    try fold(commit)
    head = Revision(sequence: commit.sequence, digest: digest)
  }

  /// Does the same, while others keep the log as it was.
  /// - Throws: `LogError.chain` if it does not belong there.
  mutating func branchAndFold(_ commit: Commit) throws(LogError) {
    state = state.branch(for: commit.changes)
    try fold(commit)
  }

  /// Folds a commit that would be on top, whose digest is still to be told: the head stays.
  /// - Throws: `LogError.chain` if it does not belong there.
  mutating func fold(_ commit: Commit) throws(LogError) {
    let sequence = head.sequence + 1
    let link = ChainLink(commit)
    try link.check(is: sequence)
    try link.check(follows: head.digest, madeAt: headTime)
    let changes = commit.changes
    do throws(RuleViolation) {
      try state.commit(
        changes.indices.lazy.map { changes.change(at: $0) }, by: commit.actor, at: commit.time)
    } catch {
      throw .chain(sequence: sequence, reason: "\(error)")
    }
    headTime = commit.time
  }
}
