// RecordsTests: what is written reads back the same, and a changed byte is noticed.

import ByteOutput
import Digests
import OrgModel
import Records
import Testing

@Suite struct CommitTests {
  private func commit() throws -> Commit {
    let name = try #require(Username("alice"))
    let id = try #require(SubscriptionID("pro"))
    let time = try #require(Instant("2026-11-23T08:00:00Z"))
    let credential = Credential(digest: SHA256.hash([1]), masked: "usk_…x9Qd_…")
    let token = TokenCredential(digest: SHA256.hash([5]), masked: "ust_…x9Qd_…")
    let changes: [Change] = [
      .createOrganization(name: "a\"é\\b", baseURL: nil, policy: .standard),
      .updateOrganization(
        baseURL: "https://x", policy: Policy(maxRemovals: .count(3), keyMaxAge: Span("90d"))),
      .putSubscription(Subscription(id: id, tier: id, seats: 3, expires: time, credits: 7)),
      .revokeKey(name, credential.id), .reclaimSeat(name, id), .removeMember(name),
      .addMember(name, .administrator), .changeRole(name, from: .administrator, to: .member),
      .assignSeat(name, id, until: time), .assignSeat(name, id, until: nil),
      .changeTerm(name, until: nil), .changeTerm(name, until: time),
      .issueKey(name, number: 2, credential), .removeSubscription(id),
      .issueToken(name, token), .revokeToken(name, token.id),
    ]
    let at = FilePosition(file: "org.yaml", line: 14, column: 3)
    return Commit(
      sequence: 42, previous: SHA256.hash([2]), time: time, actor: name,
      source: CommitSource(files: ["org.yaml"], desired: SHA256.hash([3])), plan: SHA256.hash([4]),
      changes: PlannedChanges(
        changes.enumerated().map {
          PlannedChange($1, reason: "be\u{202E}cause", at: $0 % 2 == 0 ? at : nil)
        }))
  }

  @Test func `a commit with every kind of change reads back the same`() throws {
    let commit = try commit()
    let (bytes, digest) = commit.sealed()
    let read = try Commit.read(bytes)
    #expect(read.commit == commit)
    #expect(read.digest == digest)
  }

  /// 1 MiB is a page: texts of less than one, one, and many.
  @Test(arguments: [0, 4_000, 9_000, 60_000])
  func `a document of many pages is hashed as one text`(_ count: Int) throws {
    let whole = try commit()
    let changes = (0..<count).map { number in
      PlannedChange(
        .issueKey(
          whole.changes[3].change.member ?? Username("a")!, number: number + 1,
          Credential(digest: SHA256.hash(Array("\(number)".utf8)), masked: "m")),
        reason: "number \(number) of a long list of changes", at: nil)
    }
    let long = Commit(
      sequence: 1, previous: nil, time: whole.time, actor: nil, source: whole.source, plan: nil,
      changes: PlannedChanges(changes))
    let (bytes, digest) = long.sealed()
    #expect(digest == SHA256.hash(Array(bytes.dropLast(SealedDocument.sealBytes))))
    #expect(try SealedDocument.digest(ofSealed: bytes) == digest)
    #expect(try Commit.read(bytes).commit == long)
    let plan = Plan(
      usher: "1", organization: "acme", created: whole.time, actor: nil, base: .empty,
      source: whole.source, authority: .owner, allowance: nil,
      changes: PlannedChanges(
        changes.map { PlannedChange(.removeMember($0.change.member!), reason: $0.reason, at: nil) }),
      diagnostics: [])
    var pages: [[UInt8]] = []
    let paged = plan.seal { pages.append($0) }
    let sealed = plan.sealed()
    #expect(paged == sealed.digest && pages.flatMap { $0 } == sealed.bytes)
    #expect(pages.allSatisfy { $0.count < 1 << 20 + 1 << 12 })
  }

  @Test func `a secret of which a commit has no digest was never issued`() throws {
    for change in try [
      Change.issueKey(#require(Username("a")), number: 1, nil),
      .issueToken(#require(Username("a")), nil),
    ] {
      let whole = try commit()
      let forged = Commit(
        sequence: 1, previous: nil, time: whole.time, actor: nil, source: whole.source, plan: nil,
        changes: [PlannedChange(change, reason: "because", at: nil)])
      #expect(throws: RecordError.self) { try Commit.read(forged.sealed().bytes) }
    }
  }

  @Test func `a plan file that issues or revokes a token is none`() throws {
    for change in try commit().changes where !change.change.isAboutOrgFiles {
      let plan = Plan(
        usher: "0", organization: "acme", created: try commit().time, actor: nil, base: .empty,
        source: try commit().source, authority: .owner, allowance: nil, changes: [change],
        diagnostics: [])
      #expect(throws: RecordError.self) { try Plan.read(plan.sealed().bytes) }
    }
  }

  @Test func `every changed, missing or added byte is noticed`() throws {
    let bytes = try commit().sealed().bytes
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      #expect(throws: RecordError.self) { try Commit.read(changed) }
    }
    #expect(throws: RecordError.self) { try Commit.read(Array(bytes.dropLast())) }
    #expect(throws: RecordError.self) { try Commit.read(bytes + [0x0A]) }
    #expect(throws: RecordError.self) { try Commit.read([]) }
  }
}
