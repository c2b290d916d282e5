// RecordReader: reads the JSON documents usher itself writes, with a position for what is wrong.

public import SourceText
import YAMLSyntax

/// Why a record cannot be used.
public struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was found and what was expected; lower case, without a final stop.
  public let message: String
  /// Line and column in the record; nil if the whole of it is meant.
  public let position: SourcePosition?
  /// Whether a newer usher wrote it: nothing is damaged.
  public let isOfNewerFormat: Bool

  init(_ message: String, at position: SourcePosition? = nil, isOfNewerFormat: Bool = false) {
    self.message = message
    self.position = position
    self.isOfNewerFormat = isOfNewerFormat
  }

  /// `LINE:COLUMN: message`.
  public var description: String {
    position.map { "\($0.line):\($0.column): \(message)" } ?? message
  }
}

/// One JSON object of a record. Fields it does not ask for are ignored: later versions may add some.
struct RecordObject {
  let document: YAMLDocument
  let node: NodeID

  init(_ document: YAMLDocument, _ node: NodeID) throws(RecordError) {
    self.document = document
    self.node = node
    guard document.kind(node) == .mapping else { throw fail(node, "expected an object") }
  }

  func fail(_ node: NodeID, _ message: String) -> RecordError {
    let start = Int(document.range(node).start)
    return RecordError(message, at: LineIndex(document.source).position(of: start))
  }

  func find(_ key: StaticString) -> NodeID? {
    for (name, value) in document.pairs(node) where document.isEqual(name, key) { return value }
    return nil
  }

  func require(_ key: StaticString) throws(RecordError) -> NodeID {
    guard let value = find(key) else { throw fail(node, "the field '\(key)' is missing") }
    return value
  }

  func string(_ key: StaticString) throws(RecordError) -> String {
    let value = try require(key)
    guard document.kind(value) == .scalar, document.value(value) == .string else {
      throw fail(value, "'\(key)' should be a string")
    }
    return document.text(value)
  }

  /// Nil if the field is absent or null.
  func optionalString(_ key: StaticString) throws(RecordError) -> String? {
    guard let value = find(key), !isNull(value) else { return nil }
    return try string(key)
  }

  func int(_ key: StaticString) throws(RecordError) -> Int {
    let value = try require(key)
    guard document.kind(value) == .scalar, case .int(let number) = document.value(value) else {
      throw fail(value, "'\(key)' should be a whole number")
    }
    return number
  }

  /// Nil if the field is absent or null.
  func optionalInt(_ key: StaticString) throws(RecordError) -> Int? {
    guard let value = find(key), !isNull(value) else { return nil }
    return try int(key)
  }

  /// A whole number within limits.
  func int(_ key: StaticString, in limits: ClosedRange<Int>) throws(RecordError) -> Int {
    let number = try int(key)
    guard limits.contains(number) else {
      throw fail(try require(key), "'\(key)' is \(number), which is out of range")
    }
    return number
  }

  func bool(_ key: StaticString) throws(RecordError) -> Bool {
    let value = try require(key)
    guard document.kind(value) == .scalar, case .bool(let flag) = document.value(value) else {
      throw fail(value, "'\(key)' should be true or false")
    }
    return flag
  }

  func object(_ key: StaticString) throws(RecordError) -> RecordObject {
    try RecordObject(document, require(key))
  }

  /// Nil if the field is absent or null.
  func optionalObject(_ key: StaticString) throws(RecordError) -> RecordObject? {
    guard let value = find(key), !isNull(value) else { return nil }
    return try RecordObject(document, value)
  }

  func array(_ key: StaticString) throws(RecordError) -> ChildSequence {
    let value = try require(key)
    guard document.kind(value) == .sequence else {
      throw fail(value, "'\(key)' should be an array")
    }
    return document.children(value)
  }

  func strings(_ key: StaticString) throws(RecordError) -> [String] {
    var texts: [String] = []
    for item in try array(key) {
      guard document.kind(item) == .scalar, document.value(item) == .string else {
        throw fail(item, "'\(key)' should hold strings only")
      }
      texts.append(document.text(item))
    }
    return texts
  }

  /// The fields `file`, `line` and `column`.
  func position() throws(RecordError) -> FilePosition {
    FilePosition(
      file: try string("file"), line: try int("line", in: Self.places),
      column: try int("column", in: Self.places))
  }

  /// A line or a column; a file that is read has fewer bytes.
  static let places = 1...Int(Int32.max)

  /// A string field read by `parse`, which returns nil for a bad text.
  func parsed<Value>(
    _ key: StaticString, _ what: String, _ parse: (String) -> Value?
  ) throws(RecordError) -> Value {
    let text = try string(key)
    guard let value = parse(text) else { throw fail(try require(key), "'\(key)' is no \(what)") }
    return value
  }

  /// The same for a field that may be absent or null.
  func optionalParsed<Value>(
    _ key: StaticString, _ what: String, _ parse: (String) -> Value?
  ) throws(RecordError) -> Value? {
    guard let value = find(key), !isNull(value) else { return nil }
    return try parsed(key, what, parse)
  }

  private func isNull(_ value: NodeID) -> Bool {
    document.kind(value) == .scalar && document.value(value) == .null
  }
}
