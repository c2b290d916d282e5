// JSONWriter: JSON (RFC 8259), key by key in the order given, the same bytes for the same values.
//
// Ours because Foundation's encoder sorts or shuffles keys, prints three lines for an empty object
// and is fifteen times slower on large plans.

/// Writes one JSON document. The caller opens and closes containers in pairs.
public struct JSONWriter: Sendable {
  /// Compact (one line) or indented by two spaces.
  public enum Layout: Sendable {
    case compact
    case indented
  }

  /// The text so far.
  public private(set) var sink = ByteSink()
  private let layout: Layout
  private var depth = 0
  private var isFirst = true
  private var isAfterKey = false
  private var isInline = false

  /// Starts a document.
  public init(_ layout: Layout = .indented) { self.layout = layout }

  /// Hands out the text so far, to be followed by what comes: for a document that is written out page
  /// by page.
  public mutating func take() -> [UInt8] { sink.take() }

  /// A writer of elements of the list that is open, behind others that somebody else writes.
  public var continued: JSONWriter {
    var writer = self
    writer.sink = ByteSink()
    writer.isFirst = false
    return writer
  }

  /// Writes `{`, what `body` writes, and `}`.
  public mutating func object<Failure: Error>(
    _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    openObject()
    try body(&self)
    closeObject()
  }

  /// Writes `{`, for whoever cannot write the whole object at once; `closeObject` ends it.
  public mutating func openObject() { open(UInt8(ascii: "{")) }

  /// Writes the `}` of the object that was opened last.
  public mutating func closeObject() { close(UInt8(ascii: "}")) }

  /// Writes `[`, for whoever cannot write the whole list at once; `closeArray` ends it.
  public mutating func openArray() { open(UInt8(ascii: "[")) }

  /// Writes the `]` of the list that was opened last.
  public mutating func closeArray() { close(UInt8(ascii: "]")) }

  /// Writes an object on one line, also where the rest of the document is indented: for the many
  /// like objects of a list.
  public mutating func line<Failure: Error>(
    _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    separate()
    isAfterKey = true
    let wasInline = isInline
    isInline = true
    try object(body)
    isInline = wasInline
  }

  /// Writes `[`, what `body` writes, and `]`.
  public mutating func array<Failure: Error>(
    _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    openArray()
    try body(&self)
    closeArray()
  }

  /// Writes a key that needs no escapes; the next call writes its value.
  public mutating func key(_ name: StaticString) {
    separate()
    quote(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), isKey: true)
    isAfterKey = true
  }

  /// Writes a key that is not known beforehand; the next call writes its value.
  public mutating func key(text name: String) {
    separate()
    quote(name)
    sink.write(literal: isSpaced ? ": " : ":")
    isAfterKey = true
  }

  /// Whether each value stands on a line of its own, a blank behind its key.
  private var isSpaced: Bool { layout == .indented && !isInline }

  /// Writes a string, or `null` for nil.
  public mutating func value(_ text: String?) {
    separate()
    if let text { quote(text) } else { sink.write("null") }
  }

  /// Writes a whole number.
  public mutating func value(_ number: Int) {
    separate()
    sink.write(number)
  }

  /// Writes `true` or `false`.
  public mutating func value(_ flag: Bool) {
    separate()
    sink.write(flag ? "true" : "false")
  }

  /// Writes `null`.
  public mutating func null() {
    separate()
    sink.write("null")
  }

  /// Writes a value that is JSON already, such as an exact decimal.
  public mutating func raw(_ json: String) {
    separate()
    sink.write(json)
  }

  /// Writes a key and a string or `null`.
  public mutating func member(_ name: StaticString, _ text: String?) {
    key(name)
    value(text)
  }

  /// Writes a key and a string that needs no escapes, piece by piece.
  public mutating func member(_ name: StaticString, _ pieces: (inout ByteSink) -> Void) {
    key(name)
    separate()
    sink.write(byte: UInt8(ascii: "\""))
    pieces(&sink)
    sink.write(byte: UInt8(ascii: "\""))
  }

  /// Writes a key and a whole number.
  public mutating func member(_ name: StaticString, _ number: Int) {
    key(name)
    value(number)
  }

  /// Writes a key and a truth value.
  public mutating func member(_ name: StaticString, _ flag: Bool) {
    key(name)
    value(flag)
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    sink.write(byte: bracket)
    depth += 1
    isFirst = true
  }

  private mutating func close(_ bracket: UInt8) {
    depth -= 1
    if !isFirst { breakLine() }
    sink.write(byte: bracket)
    isFirst = false
  }

  private mutating func separate() {
    if isAfterKey {
      isAfterKey = false
      return
    }
    if !isFirst { sink.write(byte: UInt8(ascii: ",")) }
    if depth > 0 { breakLine() }
    isFirst = false
  }

  private mutating func breakLine() {
    guard isSpaced else { return }
    sink.write(byte: 0x0A)
    for _ in 0..<depth { sink.write("  ") }
  }

  /// Escapes what JSON must have escaped, and DEL, C1 controls, U+2028, U+2029 and bidirectional
  /// controls as well, so that no reader of the text is fooled by it.
  private mutating func quote(_ text: String) {
    let isPlain = text.utf8.withContiguousStorageIfAvailable { bytes in
      for byte in bytes where byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C {
        return false
      }
      quote(bytes)
      return true
    }
    if isPlain == true { return }
    sink.write(byte: UInt8(ascii: "\""))
    for scalar in text.unicodeScalars { write(escaping: scalar) }
    sink.write(byte: UInt8(ascii: "\""))
  }

  /// What needs no escapes, in quotation marks; if it is a key, with the colon. Put together first, as a
  /// buffer that may grow is dear to append to.
  private mutating func quote(_ plain: UnsafeBufferPointer<UInt8>, isKey: Bool = false) {
    /// Enough for nearly all.
    let countMax = 60
    guard plain.count <= countMax else {
      sink.write(byte: UInt8(ascii: "\""))
      sink.write(bytes: plain)
      sink.write(byte: UInt8(ascii: "\""))
      if isKey { sink.write(literal: isSpaced ? ": " : ":") }
      return
    }
    let isSpaced = isSpaced
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: countMax + 4) { text in
      text.initializeElement(at: 0, to: UInt8(ascii: "\""))
      var end = text[1...].initialize(fromContentsOf: plain)
      text.initializeElement(at: end, to: UInt8(ascii: "\""))
      end += 1
      if isKey {
        text.initializeElement(at: end, to: UInt8(ascii: ":"))
        text.initializeElement(at: end + 1, to: UInt8(ascii: " "))
        end += isSpaced ? 2 : 1
      }
      sink.write(bytes: UnsafeBufferPointer(rebasing: text[..<end]))
    }
  }

  private mutating func write(escaping scalar: Unicode.Scalar) {
    switch scalar {
    case "\"": sink.write("\\\"")
    case "\\": sink.write("\\\\")
    case "\n": sink.write("\\n")
    case "\r": sink.write("\\r")
    case "\t": sink.write("\\t")
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{61C}", "\u{200E}", "\u{200F}",
      "\u{2028}"..."\u{202E}", "\u{2066}"..."\u{206F}":
      let digits = String(scalar.value, radix: 16)
      sink.write("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
    default: sink.write(bytes: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
  }
}
