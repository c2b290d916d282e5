// ExactText: texts told apart by their bytes. `String` takes some for one that are not: its equality is
// canonical equivalence, by which the Kelvin sign is the letter K.

/// A text from outside, such as the name of a file or a model, as the key of a table.
public struct ExactText: Hashable, Sendable {
  /// The text.
  public let text: String

  /// Of a text.
  public init(_ text: String) { self.text = text }

  /// Whether the bytes are the same.
  public static func == (left: ExactText, right: ExactText) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  /// Feeds the bytes.
  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xFF as UInt8)
  }
}
