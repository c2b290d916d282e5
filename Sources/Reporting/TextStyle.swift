// TextStyle: colour and weight for terminals, or nothing at all.

import ByteOutput

/// Wraps text in ANSI sequences if colour is wanted; otherwise every text stays as it is.
public struct TextStyle: Sendable {
  /// Whether sequences are written.
  public let hasColor: Bool

  /// Makes a style; whether colour is wanted is decided by the caller.
  public init(hasColor: Bool) { self.hasColor = hasColor }

  /// Heavy text, for what a section or a member is called.
  public func bold(_ text: String) -> String { wrap(text, "1") }
  /// Faint text, for asides.
  public func dim(_ text: String) -> String { wrap(text, "2") }
  /// For errors and what is taken away.
  public func red(_ text: String) -> String { wrap(text, "31") }
  /// For what is added and what works.
  public func green(_ text: String) -> String { wrap(text, "32") }
  /// For warnings and what changes.
  public func yellow(_ text: String) -> String { wrap(text, "33") }
  /// For places in files.
  public func cyan(_ text: String) -> String { wrap(text, "36") }

  /// Writes faint what `body` writes.
  func writeDim(into sink: inout ByteSink, _ body: (inout ByteSink) -> Void) {
    if hasColor { sink.write(literal: "\u{1B}[2m") }
    body(&sink)
    if hasColor { sink.write(literal: "\u{1B}[0m") }
  }

  private func wrap(_ text: String, _ code: String) -> String {
    hasColor && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
