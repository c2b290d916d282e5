// LogStretch: a stretch of the log, read commit by commit from either end.
// Invariants: one commit is held at a time; each is as it was sealed, is the one of its number, and
// follows its neighbour in the stretch. The whole log from its first commit on is folded as well, and
// with that held to every rule; of a part nobody knows the state that it begins with.

public import CommitStore
public import Digests
import OrgModel
public import Records

/// What ties a commit to the one before.
struct ChainLink: Sendable {
  let sequence: Int
  let previous: Digest?
  let time: Instant

  init(_ commit: Commit) {
    sequence = commit.sequence
    previous = commit.previous
    time = commit.time
  }

  /// - Throws: `LogError.chain` if it is not the commit of that number.
  func check(is number: Int) throws(LogError) {
    guard sequence == number else {
      throw .chain(sequence: number, reason: "it says it is commit \(sequence)")
    }
  }

  /// - Throws: `LogError.chain` if it does not follow the commit of that digest, or is dated before it.
  func check(follows former: Digest?, madeAt formerTime: Instant?) throws(LogError) {
    guard previous == former else {
      throw .chain(
        sequence: sequence,
        reason: "it was made on \(previous?.labelled ?? "an empty store"), not on "
          + (former?.labelled ?? "an empty store"))
    }
    guard time >= formerTime ?? time else {
      throw .chain(sequence: sequence, reason: "it is dated before it")
    }
  }
}

/// Some of the commits, or all.
public struct LogStretch: Sendable {
  /// The number of the last commit of the log.
  public let newest: Int
  /// How many commits the stretch has.
  public let count: Int
  /// How many of them were read.
  public private(set) var countRead = 0

  private let medium: any Medium
  private let first: Int
  private let isNewestFirst: Bool
  /// The fold, if the stretch is the whole log.
  private var fold: OpenedLog?
  /// The last commit that was read.
  private var neighbour: (link: ChainLink, digest: Digest)?

  /// Finds out which commits there are; reads none.
  /// - Parameters:
  ///   - after: Only commits of higher numbers.
  ///   - before: Only commits of lower numbers.
  ///   - limit: At most so many, the newest of them.
  ///   - isNewestFirst: Whether to read backwards.
  /// - Throws: `LogError`.
  public init(
    _ medium: any Medium, after: Int = 0, before: Int = .max, limit: Int = .max,
    isNewestFirst: Bool = false
  ) throws(LogError) {
    precondition(after >= 0 && before >= 1 && limit >= 0, "commits are numbered from 1")
    do { newest = try medium.lastNumber() } catch { throw .store(error) }
    let last = min(newest, before - 1)
    count = min(limit, last - min(after, last))
    first = last - count + 1
    self.medium = medium
    self.isNewestFirst = isNewestFirst
    fold = !isNewestFirst && count == newest ? OpenedLog(unfolded: medium) : nil
  }

  /// The next commit; nil at the end.
  /// - Throws: `LogError`.
  public mutating func next() throws(LogError) -> (commit: Commit, digest: Digest)? {
    guard countRead < count else { return nil }
    let number = isNewestFirst ? first + count - 1 - countRead : first + countRead
    countRead += 1
    if fold != nil { return try fold?.foldNext() }
    let (commit, digest) = try OpenedLog.read(number, from: medium)
    let link = ChainLink(commit)
    try link.check(is: number)
    if number == 1 { try link.check(follows: nil, madeAt: nil) }
    if let neighbour {
      if isNewestFirst {
        try neighbour.link.check(follows: digest, madeAt: commit.time)
      } else {
        try link.check(follows: neighbour.digest, madeAt: neighbour.link.time)
      }
    }
    neighbour = (link, digest)
    return (commit, digest)
  }
}
