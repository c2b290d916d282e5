// SealingAheadTests: the parts of a commit are the commit.

import OrgModel
import Records
import Testing

@testable import Reconciling

@Suite struct SealingAheadTests {
  private func commit(_ count: Int) throws -> Commit {
    let changes = try (0..<count).map { number in
      PlannedChange(
        .addMember(try #require(Username("user_\(number)")), .member), because: .isNew, at: nil)
    }
    return Commit(
      sequence: 1, previous: nil, time: .earliest, actor: nil,
      source: CommitSource(files: ["org.yaml"], desired: nil), plan: nil,
      changes: PlannedChanges(changes))
  }

  @Test(arguments: [(0, 1), (1, 1), (20_000, 1), (20_000, 2_500_000), (20_000, 1 << 30)])
  func `parts of any size are the stored text`(_ count: Int, _ bytesMax: Int) throws {
    let commit = try commit(count)
    let (bytes, digest) = commit.sealed()
    var text = SealingAhead(commit, aheadBytes: bytesMax, partBytes: bytesMax)
    var parts: [[UInt8]] = []
    while let part = text.next() { parts.append(part) }
    #expect(parts.count == bytes.count >> 20 + 1)
    #expect(Array(parts.joined()) == bytes && text.digest == digest)
    #expect(text.next() == nil)
  }
}
