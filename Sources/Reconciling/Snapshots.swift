// Snapshots: when a snapshot is made and when it is believed.
// Invariants: a snapshot is named by the commit it folds up to, `NUMBER-DIGEST`; it is believed only
// if the commit of that number in the log states that digest, its own seal holds, and its facts agree
// with each other. Whether the commit's text is what it states is for `log --verify` to say: hashing
// it would take most of a command's time, and the answer comes from the snapshot.

import CommitStore
import Digests
import OrgModel
import Parallelism
import Records
import SystemCalls

enum Snapshots {
  /// A snapshot is made when this many commits came since the one before,
  static let commitsBetween = 32
  /// or with a commit of this many changes, which takes longer to fold than a snapshot to read.
  static let changesMax = 10_000
  /// So much of one is read at a time: what is read again and again is the same memory.
  private static let partBytes = 1 << 18
  /// More than this is a large state for the allocator.
  private static let largeBytes = 1 << 24

  static func name(of revision: Revision) -> String {
    let digits = String(revision.sequence)
    return String(repeating: "0", count: max(0, 12 - digits.count)) + digits + "-"
      + (revision.digest?.hex ?? "")
  }

  /// The newest snapshot that can be believed, or nil.
  static func newest(in medium: any Medium, upTo last: Int) -> Snapshot? {
    for name in medium.snapshotNames().reversed() {
      guard let sequence = Int(name.prefix { $0 != "-" }), sequence >= 1, sequence <= last,
        let snapshot = read(name, from: medium), snapshot.revision.sequence == sequence,
        let seal = try? medium.readEnd(of: sequence, bytesMax: SealedDocument.sealBytes),
        SealedDocument.statedDigest(atEndOf: seal) == snapshot.revision.digest
      else { continue }
      return snapshot
    }
    return nil
  }

  /// Nil if it is missing, damaged or misnamed: a cache may be.
  static func read(_ name: String, from medium: any Medium) -> Snapshot? {
    var offset = 0
    // While sense is made of one part, another thread reads the next.
    var ahead: Errand<[UInt8]?>?
    let snapshot = try? Snapshot(readingParts: {
      let part =
        if let ahead {
          ahead.result
        } else {
          medium.snapshot(named: name, from: offset, count: partBytes)
        }
      guard let part, !part.isEmpty else { return nil }
      if part.count == partBytes, offset == 0 { Memory.expect(largeBytes) }
      offset += part.count
      ahead =
        part.count < partBytes
        ? nil
        : Errand { [offset] in medium.snapshot(named: name, from: offset, count: partBytes) }
      return part
    })
    guard let snapshot, Self.name(of: snapshot.revision) == name else { return nil }
    return snapshot
  }

  /// The text of one that is being made, if it is due when a commit was folded.
  static func due(after commit: Commit, _ log: OpenedLog) -> Errand<SnapshotText?>? {
    guard commit.sequence % commitsBetween == 0 || commit.changes.count > changesMax
    else { return nil }
    return Errand { [state = log.state] in
      SnapshotText(sequence: commit.sequence, time: commit.time, state: state)
    }
  }

  /// Saves one. Failing to is no error.
  static func save(_ text: SnapshotText, of log: OpenedLog) {
    guard let digest = log.head.digest else { return }
    log.medium.saveSnapshot(named: name(of: log.head), text.sealed(as: digest))
  }
}

extension OpenedLog {
  /// Checks every snapshot against the log, of which this must be the whole fold.
  /// - Parameter willFold: Is told the number of every commit before it is read again, and of the last.
  /// - Throws: `LogError.snapshot` for the first one that tells another story than its commit.
  public func verifySnapshots(
    willFold: (Int, Int) -> Void = { _, _ in }
  ) throws(LogError) {
    for name in medium.snapshotNames() {
      guard let snapshot = Snapshots.read(name, from: medium) else { continue }
      let folded = try OpenedLog(
        medium, usingSnapshots: false, upTo: snapshot.revision.sequence, willFold: willFold)
      guard folded.head == snapshot.revision else { continue }
      guard folded.state == snapshot.state, folded.headTime == snapshot.time else {
        throw .snapshot(name: name, sequence: snapshot.revision.sequence)
      }
    }
  }
}
