// OrgDecoder: from documents to one desired org; every error of every file in one run.

import OrgModel
public import SourceText
import YAMLSyntax

/// Reads org files.
public enum OrgDecoder {
  /// Reads all files as one org.
  /// - Parameter diagnostics: Gets every error of every file.
  /// - Returns: nil if there was an error.
  public static func decode(
    _ files: [SourceFile], into diagnostics: inout Diagnostics
  ) -> LocatedOrg? {
    var decoding = OrgDecoding(files)
    let org = decoding.run()
    diagnostics.append(decoding.diagnostics.all)
    return decoding.diagnostics.hasErrors ? nil : org
  }
}

/// A node and the document it is in.
struct Value {
  let document: YAMLDocument
  let node: NodeID

  var range: SourceRange { document.range(node) }
  var isScalar: Bool { document.kind(node) == .scalar }
  var text: String { document.text(node) }

  /// The string; nil if it is another kind of value.
  var string: String? {
    isScalar && document.value(node) == .string ? document.text(node) : nil
  }

  /// What was found, for messages.
  var found: String {
    switch document.kind(node) {
    case .mapping: return "a mapping"
    case .sequence: return "a list"
    case .scalar:
      switch document.value(node) {
      case .null: return "nothing"
      case .bool: return "the truth value \(quoted)"
      case .int, .number, .nonFinite: return "the number \(quoted)"
      case .string: return "the text \(quoted)"
      }
    }
  }

  /// The text in quotes, cut to a length that fits a message.
  var quoted: String {
    let text = self.text
    return text.count > 60 ? "'\(text.prefix(60))…'" : "'\(text)'"
  }
}

/// A key and its value.
struct Entry {
  let key: Value
  let value: Value
}

struct OrgDecoding {
  let files: [SourceFile]
  var diagnostics = Diagnostics()
  /// The files that could be read as far as their top-level keys.
  var documents: [YAMLDocument] = []
  var top: [String: Entry] = [:]
  var policyEntries: [String: Entry] = [:]
  var subscriptionSections: [Entry] = []
  var memberSections: [Entry] = []
  /// False once a subscription could not be read: then an unknown one is no finding of its own.
  var knowsSubscriptions = true

  static let topKeys = [
    "version", "organization", "base_url", "subscriptions", "policy", "members",
  ]

  init(_ files: [SourceFile]) { self.files = files }

  mutating func run() -> LocatedOrg? {
    for (index, file) in files.enumerated() {
      if let document = YAMLParser.parse(file.bytes, file: index, into: &diagnostics) {
        gather(document)
      }
    }
    // A file that could not be read may hold what seems to be missing from the others.
    let isComplete = documents.count == files.count
    knowsSubscriptions = isComplete
    checkVersion()
    let organization = organization(isComplete)
    let baseURL = baseURL()
    let policy = policy()
    let subscriptions = subscriptions()
    let members = members(subscriptions.map(\.terms.id), isComplete)
    guard !diagnostics.hasErrors, let organization else { return nil }
    return LocatedOrg(
      org: DesiredOrg(
        organization: organization.text, baseURL: baseURL?.text, policy: policy,
        subscriptions: subscriptions.map(\.terms), members: members.map(\.member)),
      places: OrgPlaces(
        organization: organization.range, baseURL: baseURL?.range,
        policy: top["policy"]?.key.range, subscriptions: subscriptions.map(\.places),
        members: members.map(\.places)))
  }

  // MARK: structure

  private mutating func gather(_ document: YAMLDocument) {
    let root = Value(document: document, node: document.root)
    guard document.kind(document.root) == .mapping else {
      diagnostics.report(
        .wrongType, "expected the keys of an org file, found \(root.found)", at: root.range,
        help: "begin with 'organization: NAME'; 'usher init' writes an example")
      return
    }
    documents.append(document)
    for entry in entries(of: root) {
      switch entry.key.text {
      case "subscriptions": subscriptionSections.append(entry)
      case "members": memberSections.append(entry)
      case "policy":
        if top["policy"] == nil { top["policy"] = entry }
        guard isMapping(entry.value, "the policy's settings") else { continue }
        for setting in entries(of: entry.value) { keepFirst(\.policyEntries, setting) }
      case let name where Self.topKeys.contains(name): keepFirst(\.top, entry)
      default: reportUnknown(entry.key, Self.topKeys)
      }
    }
  }

  func entries(of value: Value) -> [Entry] {
    value.document.pairs(value.node).map { key, node in
      Entry(
        key: Value(document: value.document, node: key),
        value: Value(document: value.document, node: node))
    }
  }

  private mutating func keepFirst(
    _ table: WritableKeyPath<OrgDecoding, [String: Entry]>, _ entry: Entry
  ) {
    guard let first = self[keyPath: table][entry.key.text] else {
      self[keyPath: table][entry.key.text] = entry
      return
    }
    reportTwice("'\(entry.key.text)'", entry.key.range, first: first.key.range)
  }

  mutating func reportTwice(_ what: String, _ range: SourceRange, first: SourceRange) {
    let file = files[Int(first.file)]
    let line = LineIndex(file.bytes).position(of: Int(first.start)).line
    diagnostics.report(
      .definedTwice, "\(what) is defined a second time; the first is in \(file.name):\(line)",
      at: range)
  }

  mutating func isMapping(_ value: Value, _ what: String) -> Bool {
    guard value.document.kind(value.node) != .mapping else { return true }
    diagnostics.report(
      .wrongType, "expected \(what), found \(value.found)", at: value.range,
      help: "write {} for none")
    return false
  }

  mutating func reportUnknown(_ key: Value, _ known: [String]) {
    diagnostics.report(
      .unknownKey, "the key \(key.quoted) is unknown; expected \(Self.list(known))", at: key.range,
      help: Suggestion.help(for: key.text, among: known))
  }

  static func list(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "none" }
    return "one of " + words.dropLast().joined(separator: ", ") + " or " + last
  }

  // MARK: scalars

  private mutating func checkVersion() {
    guard let entry = top["version"] else { return }
    guard let version = whole(entry.value, "the version 1") else { return }
    if version != 1 {
      diagnostics.report(
        .unsupportedVersion, "version \(version) of the org file is not known; expected 1",
        at: entry.value.range)
    }
  }

  private mutating func organization(_ isComplete: Bool) -> (text: String, range: SourceRange)? {
    guard let entry = top["organization"] else {
      if isComplete { reportMissing("organization", "the organization's name") }
      return nil
    }
    guard let text = string(entry.value, "the organization's name") else { return nil }
    let scalars = text.unicodeScalars
    guard !scalars.contains(where: Self.isControl), scalars.count >= 1, scalars.count <= 100,
      scalars.contains(where: { !$0.properties.isWhitespace })
    else {
      diagnostics.report(
        .invalidOrganization,
        "the organization's name has \(scalars.count) characters; expected one line of 1 to 100, "
          + "without control characters", at: entry.value.range)
      return nil
    }
    return (text, entry.value.range)
  }

  private mutating func reportMissing(_ key: String, _ what: String) {
    diagnostics.report(
      .missingKey, "the key '\(key)' is missing: \(what)",
      at: documents.isEmpty ? nil : SourceRange(file: 0, start: 0, end: 0))
  }

  static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0xFEFF:
      return true
    default: return false
    }
  }

  private mutating func baseURL() -> (text: String, range: SourceRange)? {
    guard let entry = top["base_url"], let text = string(entry.value, "an absolute URL") else {
      return nil
    }
    guard Self.isURL(text) else {
      diagnostics.report(
        .invalidBaseURL,
        "\(entry.value.quoted) is no base URL; expected http:// or https:// and a host, at most 2048 "
          + "ASCII characters, without spaces, quotes, backslashes or angle brackets",
        at: entry.value.range, help: "percent-encode other characters")
      return nil
    }
    return (text, entry.value.range)
  }

  /// RFC 3986 leaves more to be said; this is what a client can call and a terminal can show.
  static func isURL(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    let refused = Array(" \"'`\\<>".utf8)
    guard bytes.count <= 2048,
      bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !refused.contains($0) })
    else { return false }
    let lowered = text.lowercased()
    guard let scheme = ["https://", "http://"].first(where: { lowered.hasPrefix($0) }) else {
      return false
    }
    let authority = text.utf8.dropFirst(scheme.utf8.count).prefix {
      $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
    }
    let host =
      authority.split(
        separator: UInt8(ascii: "@"), omittingEmptySubsequences: false
      ).last ?? authority
    return host.first.map { $0 != UInt8(ascii: ":") } ?? false
  }

  private mutating func policy() -> Policy {
    var policy = Policy.standard
    let known = ["max_removals", "key_max_age"]
    for name in policyEntries.keys.sorted() where !known.contains(name) {
      if let entry = policyEntries[name] { reportUnknown(entry.key, known) }
    }
    if let value = policyEntries["max_removals"]?.value {
      let limit = value.isScalar ? RemovalLimit(value.text) : nil
      if let limit, !isBoolOrNull(value) {
        policy.maxRemovals = limit
      } else {
        diagnostics.report(
          .invalidPolicy,
          "max_removals is \(value.found); expected a count such as 5 or a percentage "
            + "such as 25%", at: value.range)
      }
    }
    if let value = policyEntries["key_max_age"]?.value {
      if let age = value.string.flatMap({ Span($0) }) {
        policy.keyMaxAge = age
      } else {
        diagnostics.report(
          .invalidPolicy,
          "key_max_age is \(value.found); expected a whole number and one of w, d, h, "
            + "m or s, such as 90d", at: value.range)
      }
    }
    return policy
  }

  private func isBoolOrNull(_ value: Value) -> Bool {
    switch value.document.value(value.node) {
    case .bool, .null: return true
    default: return false
    }
  }

  // MARK: values

  mutating func string(_ value: Value, _ what: String) -> String? {
    if let string = value.string { return string }
    let isText = value.isScalar && !value.text.isEmpty
    diagnostics.report(
      .wrongType, "expected \(what), found \(value.found)", at: value.range,
      help: isText ? "put it in quotes if it is meant as text" : nil)
    return nil
  }

  mutating func whole(_ value: Value, _ what: String) -> Int? {
    if value.isScalar, case .int(let number) = value.document.value(value.node) { return number }
    diagnostics.report(
      .wrongType, "expected \(what), found \(value.found)", at: value.range)
    return nil
  }

  mutating func whole(_ value: Value, _ name: String, in range: ClosedRange<Int>) -> Int? {
    let limits = "\(range.lowerBound) to \(range.upperBound)"
    guard let number = whole(value, "a whole number from \(limits)") else { return nil }
    guard range.contains(number) else {
      diagnostics.report(
        .numberOutOfRange, "\(name) is \(number); expected \(limits)", at: value.range)
      return nil
    }
    return number
  }

  mutating func instant(_ value: Value) -> Instant? {
    guard let text = string(value, "a date or an instant") else { return nil }
    if let instant = Instant(text) { return instant }
    let lacksOffset = Instant(text + "Z") != nil
    diagnostics.report(
      .invalidInstant,
      lacksOffset
        ? "\(value.quoted) does not say in which time zone it is"
        : "\(value.quoted) is no date or instant; expected 2027-01-31 or 2027-01-31T12:00:00Z",
      at: value.range, help: lacksOffset ? "write '\(text)Z' for UTC" : nil)
    return nil
  }
}
