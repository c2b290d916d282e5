// CommitTextTests: however many threads write a commit's text, it is the same.

import OrgModel
import Testing

@testable import Records

@Suite struct CommitTextTests {
  private static let count = 1000

  /// Blocks that leave nothing, one change, nearly a block or everything to the last thread.
  @Test(arguments: [1, 7, 250, 333, 499, 500, 501], [1, 30_000, Int.max])
  func `blocks of any size are the stored text`(_ blockCount: Int, _ bytesMax: Int) throws {
    let changes = try (0..<Self.count).map { number in
      PlannedChange(
        .addMember(try #require(Username("user_\(number)")), .member), because: .isNew, at: nil)
    }
    let commit = Commit(
      sequence: 1, previous: nil, time: .earliest, actor: nil,
      source: CommitSource(files: ["org.yaml"], desired: nil), plan: nil,
      changes: PlannedChanges(changes))
    let (bytes, digest) = commit.sealed()
    var text = CommitText(commit)
    text.blockCount = blockCount
    var pages: [[UInt8]] = []
    while text.digest == nil { pages += text.pages(bytesMax: bytesMax) }
    #expect(Array(pages.joined()) == bytes && text.digest == digest)
    #expect(text.pages(bytesMax: bytesMax) == [])
    #expect((try? Commit.read(bytes))?.commit.changes == commit.changes)
  }
}
