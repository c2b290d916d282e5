// Pages: results that may be larger than memory, written as they are made.

import ByteOutput

/// Standard output, page by page.
struct Pages {
  /// So much is gathered before it is written, but for a person, who sees each commit or member at once.
  private static let pageBytes = 65_536

  private let context: Context
  private let bytesMin: Int
  /// Whether something was written.
  private(set) var isBegun = false
  /// Why nothing more can be written.
  private(set) var failure: CommandFailure?

  init(_ context: Context) {
    self.context = context
    bytesMin = context.world.isStandardOutputTerminal ? 0 : Self.pageBytes
  }

  /// Whether more would be in vain.
  var isOver: Bool { failure != nil || context.world.isOutputUnread() }

  func isFull(_ sink: ByteSink) -> Bool { sink.bytes.count > bytesMin }

  mutating func write(_ bytes: [UInt8]) {
    guard !isOver, !bytes.isEmpty else { return }
    isBegun = true
    do { try context.emit(bytes) } catch { failure = error }
  }

  /// - Throws: `CommandFailure` if something could not be written.
  func finish() throws(CommandFailure) {
    if let failure { throw failure }
  }
}
