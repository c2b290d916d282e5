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
    ]
    let at = FilePosition(file: "org.yaml", line: 14, column: 3)
    return Commit(
      sequence: 42, previous: SHA256.hash([2]), time: time, actor: name,
      source: CommitSource(files: ["org.yaml"], desired: SHA256.hash([3])), plan: SHA256.hash([4]),
      changes: changes.enumerated().map {
        PlannedChange($1, reason: "be\u{202E}cause", at: $0 % 2 == 0 ? at : nil)
      })
  }

  @Test func `a commit with every kind of change reads back the same`() throws {
    let commit = try commit()
    let (bytes, digest) = commit.sealed()
    let read = try Commit.read(bytes)
    #expect(read.commit == commit)
    #expect(read.digest == digest)
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
