// Plan: an ordered list of changes from one stored revision to the desired state, and its file.
// Format `usher.plan/1`.

public import ByteOutput
public import Digests
public import OrgModel
import SourceText
import YAMLSyntax

/// A revision of the stored state.
public struct Revision: Hashable, Sendable {
  /// An empty store.
  public static let empty = Revision(sequence: 0, digest: nil)
  /// The largest number of a commit: twelve digits.
  public static let sequenceMax = 999_999_999_999

  /// The number of the last commit; 0 for an empty store.
  public let sequence: Int
  /// The digest of the last commit; nil for an empty store.
  public let digest: Digest?

  /// Makes a revision.
  public init(sequence: Int, digest: Digest?) {
    self.sequence = sequence
    self.digest = digest
  }
}

/// How many changes of each kind a plan has.
public struct PlanSummary: Hashable, Sendable {
  private var counts: [Int]
  /// All changes.
  public let total: Int

  /// Counts.
  public init(_ changes: PlannedChanges) {
    counts = [Int](repeating: 0, count: Change.Action.allCases.count)
    for index in changes.indices { counts[Self.index(changes.action(at: index))] += 1 }
    total = changes.count
  }

  /// How many changes do this.
  public func count(_ action: Change.Action) -> Int { counts[Self.index(action)] }

  /// Writes the object of counts.
  public func write(into json: inout JSONWriter) {
    json.object { json in
      for action in [
        Change.Action.addMember, .removeMember, .changeRole, .assignSeat, .reclaimSeat, .issueKey,
        .revokeKey, .changeTerm,
      ] {
        json.key(text: action.rawValue)
        json.value(count(action))
      }
      json.member("subscription", count(.putSubscription) + count(.removeSubscription))
      json.member("organization", count(.createOrganization) + count(.updateOrganization))
      json.member("total", total)
    }
  }

  private static func index(_ action: Change.Action) -> Int {
    switch action {
    case .createOrganization: return 0
    case .updateOrganization: return 1
    case .putSubscription: return 2
    case .revokeKey: return 3
    case .reclaimSeat: return 4
    case .removeMember: return 5
    case .addMember: return 6
    case .changeRole: return 7
    case .assignSeat: return 8
    case .changeTerm: return 9
    case .issueKey: return 10
    case .removeSubscription: return 11
    case .issueToken: return 12
    case .revokeToken: return 13
    }
  }
}

/// A plan. It holds no secret and may be published.
public struct Plan: Sendable {
  /// The value of `format`.
  public static let format = "usher.plan/1"

  /// Version of the usher that made it.
  public let usher: String
  /// Whose plan it is.
  public let organization: String
  /// When it was made.
  public let created: Instant
  /// Who made it, if that was said.
  public let actor: Username?
  /// The revision it starts from.
  public let base: Revision
  /// What it was made from: files and digest of the desired org.
  public var source: CommitSource
  /// The least role that may apply it.
  public let authority: Role
  /// With how many members hurt it may pass, if more than the policy allows.
  public let allowance: RemovalLimit?
  /// What to do, in order.
  public let changes: PlannedChanges
  /// Warnings found on the way.
  public let diagnostics: [LocatedDiagnostic]

  /// Makes a plan.
  public init(
    usher: String, organization: String, created: Instant, actor: Username?, base: Revision,
    source: CommitSource, authority: Role, allowance: RemovalLimit?, changes: PlannedChanges,
    diagnostics: [LocatedDiagnostic]
  ) {
    self.usher = usher
    self.organization = organization
    self.created = created
    self.actor = actor
    self.base = base
    self.source = source
    self.authority = authority
    self.allowance = allowance
    self.changes = changes
    self.diagnostics = diagnostics
  }

  /// How many changes of each kind.
  public var summary: PlanSummary { PlanSummary(changes) }

  /// The plan file and its digest.
  public func sealed() -> (bytes: [UInt8], digest: Digest) { SealedDocument.seal(write) }

  /// Writes the plan file without keeping it.
  /// - Parameter page: Gets its text in pieces, in order.
  /// - Returns: Its digest.
  public func seal(page: @escaping ([UInt8]) -> Void = { _ in }) -> Digest {
    SealedDocument.seal(page: page, write)
  }

  private func write(into json: inout JSONWriter, _ part: SealedDocument.Parting) {
    json.member("format", Self.format)
    json.member("usher", usher)
    json.member("organization", organization)
    json.member("created", created.description)
    json.member("actor", actor?.text)
    json.key("base")
    json.object { json in
      json.member("sequence", base.sequence)
      json.member("digest", base.digest?.labelled)
    }
    json.key("desired")
    json.object { json in
      json.member("digest", source.desired?.labelled)
      json.key("files")
      json.array { json in for file in source.files { json.value(file) } }
      if let commit = source.gitCommit { json.member("git_commit", commit) }
    }
    json.member("authority", authority.rawValue)
    if let allowance { json.member("allow_removals", allowance.description) }
    json.key("changes")
    json.array { json in
      for change in changes {
        change.write(into: &json)
        part(&json)
      }
    }
    json.key("summary")
    summary.write(into: &json)
    json.key("diagnostics")
    json.array { json in for diagnostic in diagnostics { diagnostic.write(into: &json) } }
  }

  /// Reads a plan file.
  /// - Throws: `RecordError` if it is no plan, of a newer format, or was edited.
  public static func read(_ bytes: [UInt8]) throws(RecordError) -> (plan: Plan, digest: Digest) {
    let sealed = try SealedDocument(reading: bytes, format: format)
    let object = try sealed.object
    let base = try object.object("base")
    let desired = try object.object("desired")
    var changes = PlannedChanges()
    for node in try object.array("changes") {
      let change = try PlannedChange(reading: RecordObject(sealed.document, node))
      // No planner makes such a change; whoever wrote it there has no reviewer's eyes in mind.
      guard change.change.isAboutOrgFiles else {
        throw object.fail(node, "a plan issues and revokes no tokens")
      }
      changes.append(change)
    }
    var diagnostics: [LocatedDiagnostic] = []
    for node in try object.array("diagnostics") {
      diagnostics.append(try LocatedDiagnostic(reading: RecordObject(sealed.document, node)))
    }
    let plan = Plan(
      usher: try object.string("usher"), organization: try object.organization(),
      created: try object.parsed("created", "instant") { Instant($0) },
      actor: try object.optionalParsed("actor", "username") { Username($0) },
      base: try Revision(reading: base),
      source: CommitSource(
        files: try desired.strings("files"),
        desired: try desired.optionalParsed("digest", "digest") { Digest(labelled: $0) },
        gitCommit: try desired.optionalString("git_commit")),
      authority: try object.role("authority"),
      allowance: try object.optionalParsed("allow_removals", "count or percentage") {
        RemovalLimit($0)
      }, changes: changes, diagnostics: diagnostics)
    return (plan, sealed.digest)
  }
}

extension Revision {
  init(reading object: RecordObject) throws(RecordError) {
    sequence = try object.int("sequence", in: 0...Self.sequenceMax)
    digest = try object.optionalParsed("digest", "digest") { Digest(labelled: $0) }
    guard (sequence == 0) == (digest == nil) else {
      throw object.fail(object.node, "a commit has a digest, and an empty store has none")
    }
  }
}
