// SnapshotReadingTests: a snapshot of several parts is read as it was written, or not at all.

import CommitStore
import Digests
import OrgModel
import Records
import Testing

@testable import Reconciling

@Suite struct SnapshotReadingTests {
  @Test func `parts that are read ahead are the whole, and one that is cut is none`() throws {
    let now = try #require(Instant("2026-11-23T08:00:00Z"))
    var state = OrgState()
    try state.apply(.createOrganization(name: "acme", baseURL: nil, policy: .standard), at: now)
    for number in 0..<20_000 {
      let name = try #require(Username("somebody_\(100_000 + number)_of_the_team"))
      try state.apply(.addMember(name, number == 0 ? .owner : .member), at: now)
    }
    let revision = Revision(sequence: 7, digest: SHA256.hash([7]))
    let bytes = try #require(Snapshot(revision: revision, time: now, state: state).bytes())
    let partBytes = 1 << 18
    try #require(bytes.count > 2 * partBytes)
    let (name, medium) = (Snapshots.name(of: revision), MemoryMedium())
    medium.saveSnapshot(named: name, bytes)
    let snapshot = try #require(Snapshots.read(name, from: medium))
    #expect(snapshot.state == state && snapshot.revision == revision && snapshot.time == now)
    for count in [partBytes - 1, partBytes, partBytes + 1, 2 * partBytes, bytes.count - 1] {
      let cut = MemoryMedium()
      cut.saveSnapshot(named: name, Array(bytes[..<count]))
      #expect(Snapshots.read(name, from: cut) == nil, "\(count) bytes")
    }
  }
}
