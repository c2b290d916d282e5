// Site: the files and states that the workloads of one size work on, each made when it is first
// asked for.
// Invariants: what was made is never written to; a run that writes gets a place of its own.

import CommitStore
import Digests
import OrgModel
import Records
import SourceText
import SystemCalls

/// What could not be measured, and why.
struct BenchError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// One line of usher: what it reads, and the status that shows that it did what was meant.
struct Command {
  var arguments: [String]
  var input = "/dev/null"
  var status: Int32 = 0
}

/// A team in a folder.
final class Site {
  let roster: Roster
  private let folder: String
  private let usher: String
  /// How many commits the long log has.
  private let commits: Int
  /// The clock.
  let now: () -> Instant
  /// The paths that were made.
  private var made: Set<String> = []

  init(
    members: Int, commits: Int, folder: String, usher: String, now: @escaping () -> Instant
  ) throws {
    roster = Roster(members: members)
    self.commits = commits
    self.folder = folder
    self.usher = usher
    self.now = now
    try FileSystem.makeFolder(folder, mode: 0o700)
  }

  /// Runs usher and measures it.
  /// - Throws: `BenchError` with what it said if its status is another one.
  func run(_ command: Command) throws -> Sample {
    let errors = "\(folder)/errors"
    let words = [usher] + command.arguments
    let run = try MeasuredProcess.run(words, input: command.input, errors: errors)
    guard run.status == command.status else {
      let said = String(decoding: try FileSystem.readFile(errors), as: UTF8.self)
      let line = (["usher"] + command.arguments).joined(separator: " ")
      throw BenchError(
        "'\(line)' ended with status \(run.status), not \(command.status): \(said)")
    }
    return run.sample
  }

  // Files

  func orgFile() throws -> String { try make("org.yaml") { try roster.write(to: $0) } }

  func blockFile() throws -> String {
    try make("block.yaml") { try roster.write(.block, to: $0) }
  }

  func changedFile() throws -> String {
    try make("changed.yaml") { path in
      var changed = roster
      changed.isChanged = true
      try changed.write(to: path)
    }
  }

  /// A file that holds one key that works.
  func keyFile() throws -> String {
    let keys = FileSystem.parent(of: try state()) + "/keys"
    return try make("key") { path in
      // The last lines of the delivery; a line has less than a thousand bytes.
      let end = try FileSystem.readEnd(of: keys, bytesMax: 2000)
      guard let line = end.split(separator: 0x0A).last,
        let key = String(decoding: line, as: UTF8.self).split(separator: "\"")
          .first(where: { $0.hasPrefix("usk_") })
      else { throw BenchError("'\(keys)' holds no key") }
      try FileSystem.createFile(path, with: Array(key.utf8), mode: 0o600)
    }
  }

  /// What the team used in the month up to now.
  func usageLog() throws -> String {
    try make("usage.jsonl") { try UsageLog(roster: roster, end: now()).write(to: $0) }
  }

  // States

  /// The state that the org file was applied to.
  func state() throws -> String {
    try make("applied") { path in
      try FileSystem.makeFolder(path, mode: 0o700)
      _ = try run(apply(try orgFile(), in: path))
    } + "/state"
  }

  /// The state with what was used.
  func usedState() throws -> String {
    let (state, log) = (try state(), try usageLog())
    return try make("used") { path in
      try FileSystem.makeFolder(path, mode: 0o700)
      try ScratchFolder.link(state, as: "\(path)/state")
      _ = try run(Command(arguments: ["usage", "ingest", log, "--state", "\(path)/state"]))
    } + "/state"
  }

  /// Where nothing was applied.
  func emptyState() -> String { "\(folder)/none" }

  /// A line that applies a file to the state in a place, which may be empty.
  func apply(_ file: String, in place: String) -> Command {
    Command(arguments: [
      "apply", file, "--state", "\(place)/state", "--keys-to", "\(place)/keys", "--create", "--yes",
    ])
  }

  /// An empty folder, for one run.
  func freshPlace() throws -> String {
    let place = "\(folder)/run"
    try ScratchFolder.renew(place)
    return place
  }

  /// A folder with the applied state, for one run.
  func appliedPlace() throws -> String {
    let state = try state()
    let place = try freshPlace()
    try ScratchFolder.link(state, as: "\(place)/state")
    return place
  }

  // A long log

  /// The org file as the last commit of the long log has it.
  func lateOrgFile() throws -> String { try orgFile(afterCommit: commits) }

  /// A state of many commits: the first is that of `state`, the others change little.
  func longState() throws -> String {
    let first = try state()
    return try make("long") { path in
      try FileSystem.makeFolder(path, mode: 0o700)
      try ScratchFolder.link(first, as: "\(path)/state")
      try extend(in: path)
    } + "/state"
  }

  /// Adds commits, one of them by usher itself: the last one that it makes a snapshot with.
  private func extend(in place: String) throws {
    let medium = FolderMedium(path: "\(place)/state")
    var head = try digest(of: 1, in: medium)
    for sequence in stride(from: 2, through: commits, by: 1) {
      if sequence == commits / 32 * 32 {
        _ = try run(apply(try orgFile(afterCommit: sequence), in: place))
        head = try digest(of: sequence, in: medium)
        continue
      }
      let change = Change.updateOrganization(baseURL: baseURL(sequence), policy: .standard)
      let commit = Commit(
        sequence: sequence, previous: head, time: now(), actor: nil,
        source: CommitSource(files: [], desired: nil), plan: nil,
        changes: [PlannedChange(change, reason: "the base_url should change", at: nil)])
      let (bytes, digest) = commit.sealed()
      guard try medium.create(sequence, bytes, unless: { Signals.pending != nil }) else {
        throw BenchError("commit \(sequence) of '\(place)' was there already")
      }
      head = digest
    }
  }

  private func orgFile(afterCommit sequence: Int) throws -> String {
    guard sequence > 1 else { return try orgFile() }
    return try make("org-\(sequence).yaml") { path in
      var late = roster
      late.baseURL = baseURL(sequence)
      try late.write(to: path)
    }
  }

  private func baseURL(_ sequence: Int) -> String { "https://llm\(sequence).acme.example/v1" }

  private func digest(of sequence: Int, in medium: FolderMedium) throws -> Digest {
    let seal = try medium.readEnd(of: sequence, bytesMax: SealedDocument.sealBytes)
    guard let digest = SealedDocument.statedDigest(atEndOf: seal) else {
      throw BenchError("commit \(sequence) is not sealed")
    }
    return digest
  }

  /// The path of what `body` makes there, unless it has done so before.
  private func make(_ name: String, _ body: (String) throws -> Void) throws -> String {
    let path = "\(folder)/\(name)"
    if made.insert(path).inserted { try body(path) }
    return path
  }
}
