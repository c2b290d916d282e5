// CommitText: a commit as it is stored, written part by part, because that of a million members is half
// a gigabyte.

import ByteOutput
public import Digests

/// The stored text of a commit; its parts, one after the other, are the whole.
public struct CommitText: Sendable {
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
      commit.changes[written].write(into: &writer)
      written += 1
      if let page = sealing.takePage(from: &writer) {
        count += page.count
        pages.append(page)
      }
    }
    guard written == commit.changes.count, digest == nil else { return pages }
    writer.closeArray()
    let (page, digest) = sealing.end(&writer)
    self.digest = digest
    return pages + [page]
  }
}
