// OrgDecoding+Values: scalars of the expected type, and what to say of those that are not.

import OrgModel
import SourceText
import YAMLSyntax

/// A node and the document it is in. Not for the loop over members: it counts references.
struct Value {
  /// How much of a text a message shows, in Unicode scalars.
  private static let shownMax = 60

  let document: YAMLDocument
  let node: NodeID

  init(_ document: YAMLDocument, _ node: NodeID) {
    self.document = document
    self.node = node
  }

  var range: SourceRange { document.range(node) }
  var isScalar: Bool { document.kind(node) == .scalar }
  var text: String { document.text(node) }

  /// Whether nothing at all is written here.
  var isEmpty: Bool {
    isScalar && document.style(node) == .plain && document.withBytes(node) { $0.isEmpty }
  }

  /// The pairs of a mapping; none for other values.
  var entries: [Entry] {
    document.pairs(node).map { Entry(key: Value(document, $0), value: Value(document, $1)) }
  }

  /// What was found, for messages.
  var found: String {
    switch document.kind(node) {
    case .mapping: return "a mapping"
    case .sequence: return "a list"
    case .scalar:
      switch document.value(node) {
      case .null: return isEmpty ? "nothing" : "\(text)"
      case .bool: return "the truth value \(quoted)"
      case .int, .number, .nonFinite: return "the number \(quoted)"
      case .string: return "the string \(quoted)"
      }
    }
  }

  /// The beginning of the text, so that a huge one costs nothing. Secrets are masked here already: half
  /// of one that is cut off is too much, and not found later.
  var shortText: String {
    let bytes = document.withBytes(node) { Array($0.prefix(4 * Self.shownMax + 8)) }
    return String(decoding: SecretShape.masked(bytes), as: UTF8.self)
  }

  /// The text in quotes, cut to a length that fits a message.
  var quoted: String {
    let text = shortText
    let scalars = text.unicodeScalars
    guard
      let end = scalars.index(
        scalars.startIndex, offsetBy: Self.shownMax, limitedBy: scalars.endIndex),
      end < scalars.endIndex
    else { return "'\(text)'" }
    return "'\(text[..<end])…'"
  }
}

/// A key and its value.
struct Entry {
  let key: Value
  let value: Value
}

extension OrgDecoding {
  /// The string; reports another kind of value, and advises quotes if its text would then do.
  mutating func string(
    _ value: Value, _ what: String, quotedIf isFit: (String) -> Bool = { _ in false }
  ) -> String? {
    if value.isScalar, value.document.value(value.node) == .string { return value.text }
    let isText = value.isScalar && value.document.value(value.node) != .null
    diagnostics.report(
      .wrongType, "expected \(what), found \(value.found)", at: value.range,
      help: isText && isFit(value.shortText) ? "put it in quotes if it is meant as text" : nil)
    return nil
  }

  /// Reports a key or a token in a text that would be kept and shown; false if there is none.
  mutating func reportSecret(
    in text: String, _ what: String, _ code: DiagnosticCode, _ range: SourceRange
  ) -> Bool {
    guard SecretShape.isFound(in: text) else { return false }
    diagnostics.report(
      code, "\(what) holds a key or a token, which would be shown to all who read the state",
      at: range, help: "leave it out, and revoke it: it was seen where the file was")
    return true
  }

  /// The whole number in a range; reports what is none or lies outside.
  mutating func whole(
    _ document: YAMLDocument, _ node: NodeID, _ name: StaticString, in range: ClosedRange<Int>
  ) -> Int? {
    if document.kind(node) == .scalar {
      switch document.value(node) {
      case .int(let number) where range.contains(number): return number
      case .int: return reportOutOfRange(Value(document, node), name, range)
      case .number(let text) where !text.utf8.contains(where: { ".eE".utf8.contains($0) }):
        return reportOutOfRange(Value(document, node), name, range)
      case .nonFinite(let text) where text.hasPrefix("0"):
        return reportOutOfRange(Value(document, node), name, range)
      default: break
      }
    }
    let value = Value(document, node)
    diagnostics.report(
      .wrongType,
      "expected a whole number from \(range.lowerBound) to \(range.upperBound), "
        + "found \(value.found)",
      at: value.range, help: Self.helpForNumber(value, range))
    return nil
  }

  private mutating func reportOutOfRange(
    _ value: Value, _ name: StaticString, _ range: ClosedRange<Int>
  ) -> Int? {
    diagnostics.report(
      .numberOutOfRange,
      "\(name) is \(value.shortText); expected \(range.lowerBound) to \(range.upperBound)",
      at: value.range)
    return nil
  }

  /// A number in quotes is a string: says so.
  private static func helpForNumber(_ value: Value, _ range: ClosedRange<Int>) -> String? {
    guard value.isScalar, value.document.value(value.node) == .string,
      let number = Int(value.shortText), range.contains(number)
    else { return nil }
    return "write \(number) without quotes"
  }

  mutating func instant(_ document: YAMLDocument, _ node: NodeID) -> Instant? {
    if document.kind(node) == .scalar, document.value(node) == .string,
      let instant = Instant(document.text(node))
    {
      return instant
    }
    reportNoInstant(Value(document, node))
    return nil
  }

  private mutating func reportNoInstant(_ value: Value) {
    let forms = "write a date such as 2027-01-31 or an instant such as 2027-01-31T12:00:00Z"
    guard value.isScalar, value.document.value(value.node) == .string else {
      diagnostics.report(
        .wrongType, "expected a date or an instant, found \(value.found)", at: value.range,
        help: forms)
      return
    }
    let text = value.shortText
    let isWithoutOffset = Instant(text + "Z") != nil
    let guesses = [text + "Z", text.uppercased(), text.replacingFirstBlank().uppercased()]
    let meant = guesses.first { Instant($0) != nil }
    diagnostics.report(
      .invalidInstant,
      isWithoutOffset
        ? "\(value.quoted) does not say in which time zone it is; expected an offset or 'Z'"
        : "\(value.quoted) is no date or instant; expected a day that exists, or a time on it",
      at: value.range,
      help: meant.map { isWithoutOffset ? "write '\($0)' for UTC" : "did you mean '\($0)'?" }
        ?? forms)
  }
}

extension String {
  /// With a `T` for the first blank, as people write `2027-01-31 12:00:00Z`.
  fileprivate func replacingFirstBlank() -> String {
    guard let blank = firstIndex(of: " ") else { return self }
    return self[..<blank] + "T" + self[index(after: blank)...]
  }
}
