// Commit: one applied plan in the log, as it is stored. Format `usher.commit/1`.

public import ByteOutput
public import Digests
public import OrgModel
import YAMLSyntax

/// What a commit's plan was made from.
public struct CommitSource: Hashable, Sendable {
  /// The org files as they were named; empty for a commit that no file asked for.
  public let files: [String]
  /// Digest of the org they describe; nil for a commit that no file asked for.
  public var desired: Digest?
  /// The git commit they were read from, if it is known.
  public let gitCommit: String?

  /// Makes a source.
  public init(files: [String], desired: Digest?, gitCommit: String? = nil) {
    self.files = files
    self.desired = desired
    self.gitCommit = gitCommit
  }
}

/// One link of the log.
public struct Commit: Hashable, Sendable {
  /// The value of `format`.
  public static let format = "usher.commit/1"

  /// Its number, from 1.
  public let sequence: Int
  /// Digest of the commit before; nil for the first.
  public let previous: Digest?
  /// When it was made; never before the one before.
  public let time: Instant
  /// Who made it, if that was said.
  public let actor: Username?
  /// What it was planned from.
  public let source: CommitSource
  /// Digest of the plan it executes; nil for a commit without one.
  public let plan: Digest?
  /// What it does, in order.
  public let changes: PlannedChanges

  /// Makes a commit.
  public init(
    sequence: Int, previous: Digest?, time: Instant, actor: Username?, source: CommitSource,
    plan: Digest?, changes: PlannedChanges
  ) {
    self.sequence = sequence
    self.previous = previous
    self.time = time
    self.actor = actor
    self.source = source
    self.plan = plan
    self.changes = changes
  }

  /// The stored text and its digest, by which the next commit names it.
  public func sealed() -> (bytes: [UInt8], digest: Digest) {
    var text = CommitText(self)
    var bytes: [UInt8] = []
    while true {
      for page in text.pages(bytesMax: .max) { bytes += page }
      if let digest = text.digest { return (bytes, digest) }
    }
  }

  /// Writes the commit as `usher log` shows it.
  /// - Parameter afterChange: Is called behind every change, where text may be taken out of `json`.
  public func write(
    into json: inout JSONWriter, digest: Digest,
    afterChange: (inout JSONWriter) -> Void = { _ in }
  ) {
    json.object { json in
      writeChain(into: &json)
      json.member("digest", digest.labelled)
      writeHead(into: &json)
      json.array { json in
        for change in changes {
          change.write(into: &json)
          afterChange(&json)
        }
      }
    }
  }

  /// Writes what stands before the list of changes, of the stored text.
  func writeStart(into json: inout JSONWriter) {
    json.member("format", Self.format)
    writeChain(into: &json)
    writeHead(into: &json)
  }

  private func writeChain(into json: inout JSONWriter) {
    json.member("sequence", sequence)
    json.member("previous", previous?.labelled)
  }

  private func writeHead(into json: inout JSONWriter) {
    json.member("time", time.description)
    json.member("actor", actor?.text)
    json.key("source")
    json.object { json in
      json.key("files")
      json.array { json in for file in source.files { json.value(file) } }
      json.member("desired", source.desired?.labelled)
      json.member("git_commit", source.gitCommit)
    }
    json.member("plan", plan?.labelled)
    json.key("changes")
  }

  /// Reads a stored commit.
  /// - Throws: `RecordError` if it is damaged, of a newer format, or holds a secret without credential.
  public static func read(_ bytes: [UInt8]) throws(RecordError) -> (commit: Commit, digest: Digest)
  {
    let sealed = try SealedDocument(reading: bytes, format: format)
    let object = try sealed.object
    let source = try object.object("source")
    var changes = PlannedChanges()
    for node in try object.array("changes") {
      let change = try PlannedChange(reading: RecordObject(sealed.document, node))
      switch change.change {
      case .issueKey(_, _, nil): throw object.fail(node, "an issued key has no digest")
      case .issueToken(_, nil): throw object.fail(node, "an issued token has no digest")
      default: break
      }
      changes.append(change)
    }
    let commit = Commit(
      sequence: try object.int("sequence", in: 1...Revision.sequenceMax),
      previous: try object.optionalParsed("previous", "digest") { Digest(labelled: $0) },
      time: try object.parsed("time", "instant") { Instant($0) },
      actor: try object.optionalParsed("actor", "username") { Username($0) },
      source: CommitSource(
        files: try source.strings("files"),
        desired: try source.optionalParsed("desired", "digest") { Digest(labelled: $0) },
        gitCommit: try source.optionalString("git_commit")),
      plan: try object.optionalParsed("plan", "digest") { Digest(labelled: $0) }, changes: changes)
    return (commit, sealed.digest)
  }
}
