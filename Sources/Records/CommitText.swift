// CommitText: a commit as it is stored, written part by part, because that of a million members is half
// a gigabyte.

import ByteOutput
public import Digests
import Parallelism

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

  /// So many changes are written by one thread while another one writes as many: about two pages each.
  private static let blockCount = 1 << 14

  /// The next pages, until they are about so many bytes, or the text ends; none behind its end.
  public mutating func pages(bytesMax: Int) -> [[UInt8]] {
    var pages: [[UInt8]] = []
    var count = 0
    while written < commit.changes.count, count < bytesMax {
      let next = nextPages()
      sealing.hash(next)
      count += next.reduce(0) { $0 + $1.count }
      pages += next
    }
    guard written == commit.changes.count, digest == nil else { return pages }
    writer.closeArray()
    let (page, digest) = sealing.end(&writer)
    self.digest = digest
    return pages + [page]
  }

  private mutating func nextPages() -> [[UInt8]] {
    let (changes, middle) = (commit.changes, written + Self.blockCount)
    let end = middle + Self.blockCount
    guard end <= changes.count else {
      let next = Self.write(changes, from: written, to: changes.count, isOnePage: true, by: &writer)
      written = next.end
      return next.pages
    }
    let upper = Errand { [writer = writer.continued] in
      var writer = writer
      let next = Self.write(changes, from: middle, to: end, by: &writer)
      return next.pages + [writer.take()]
    }
    let lower = Self.write(changes, from: written, to: middle, by: &writer)
    written = end
    return lower.pages + [writer.take()] + upper.result
  }

  /// Writes changes, and takes out what is a page; stops behind the first one if it is to be one.
  private static func write(
    _ changes: PlannedChanges, from first: Int, to end: Int, isOnePage: Bool = false,
    by writer: inout JSONWriter
  ) -> (end: Int, pages: [[UInt8]]) {
    var pages: [[UInt8]] = []
    for index in first..<end {
      changes[index].write(into: &writer)
      guard Sealing.isPage(writer) else { continue }
      pages.append(writer.take())
      if isOnePage { return (index + 1, pages) }
    }
    return (end, pages)
  }
}
