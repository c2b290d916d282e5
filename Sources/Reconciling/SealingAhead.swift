// SealingAhead: the text of a commit, made while other things are done.
// Invariants: no more than one part waits to be written while the next one is made, whatever the size of
// the commit.

import Digests
import Parallelism
import Records

/// Seals a commit on a thread of its own.
struct SealingAhead {
  private typealias Part = (text: CommitText, pages: [[UInt8]])

  private let partBytes: Int
  private var making: Errand<Part>
  /// What of a part is not taken yet, the last page first.
  private var pages: [[UInt8]] = []
  /// The commit's digest; nil before its last part was begun.
  private var sealed: Digest?

  /// Starts sealing.
  /// - Parameters:
  ///   - aheadBytes: About so much is sealed before anybody asks for it: while keys are handed over. A
  ///     commit of a hundred thousand new members is less.
  ///   - partBytes: So much while the part before is written.
  init(_ commit: Commit, aheadBytes: Int = 64 << 20, partBytes: Int = 16 << 20) {
    self.partBytes = partBytes
    making = Errand { Self.part(of: CommitText(commit), bytesMax: aheadBytes) }
  }

  private static func part(of text: CommitText, bytesMax: Int) -> Part {
    var text = text
    let pages = text.pages(bytesMax: bytesMax)
    return (text, pages)
  }

  /// The digest, once all pages are taken.
  var digest: Digest {
    guard let sealed else { preconditionFailure("who asks for the digest has taken all pages") }
    return sealed
  }

  /// The next page of the text; nil behind its end.
  mutating func next() -> [UInt8]? {
    if pages.isEmpty, sealed == nil {
      let (text, made) = making.result
      pages = made.reversed()
      sealed = text.digest
      if sealed == nil {
        making = Errand { [partBytes] in Self.part(of: text, bytesMax: partBytes) }
      }
    }
    return pages.popLast()
  }
}
