// CommitText: a commit as it is stored, written part by part, because that of a million members is half
// a gigabyte.

import ByteOutput
public import Digests
import Parallelism

/// The stored text of a commit; its parts, one after the other, are the whole.
public struct CommitText: Sendable {
  /// So many changes are written by one thread while another one writes as many: about two pages each;
  /// anything for tests.
  var blockCount = 1 << 14
  private let commit: Commit
  private var writer = JSONWriter(.indented)
  private var sealing = Sealing()
  private var written = 0
  /// By which the next commit names this one; nil before the last part is written.
  public private(set) var digest: Digest?

  /// Writes nothing yet.
  public init(_ commit: Commit) {
    self.commit = commit
    writer.openObject()
    commit.writeStart(into: &writer)
    writer.openArray()
  }

  /// The next pages, until they are about so many bytes, or the text ends; none behind its end.
  public mutating func pages(bytesMax: Int) -> [[UInt8]] {
    var pages: [[UInt8]] = []
    var count = 0
    while written < commit.changes.count, count < bytesMax {
      let next = nextPages()
      if !next.isEmpty { sealing.hash(next) }
      count += next.reduce(0) { $0 + $1.count }
      pages += next
    }
    guard written == commit.changes.count, digest == nil else { return pages }
    writer.closeArray()
    let (page, digest) = sealing.end(&writer)
    self.digest = digest
    return pages + [page]
  }

  /// The pages of two blocks; of what is less, the next page, if it is one.
  private mutating func nextPages() -> [[UInt8]] {
    let (changes, middle) = (commit.changes, written + blockCount)
    let end = middle + blockCount
    guard end <= changes.count else { return nextPage() }
    let (lower, upper) = Threads.both(
      { Self.pages(of: changes[written..<middle], by: writer) },
      { [writer = writer.continued] in Self.pages(of: changes[middle..<end], by: writer) })
    writer = writer.continued
    written = end
    return lower + upper
  }

  private mutating func nextPage() -> [[UInt8]] {
    while written < commit.changes.count {
      commit.changes[written].write(into: &writer)
      written += 1
      if Sealing.isPage(writer) { return [writer.take()] }
    }
    return []
  }

  /// The text of changes, the last page whatever its size.
  private static func pages(
    of changes: Slice<PlannedChanges>, by writer: JSONWriter
  ) -> [[UInt8]] {
    var (writer, pages) = (writer, [[UInt8]]())
    for change in changes {
      change.write(into: &writer)
      if Sealing.isPage(writer) { pages.append(writer.take()) }
    }
    return pages + [writer.take()]
  }
}
