// OrgDecoder: from documents to one desired org; every error of every file in one run.

public import OrgModel
public import SourceText
import YAMLSyntax

/// Reads org files.
public enum OrgDecoder {
  /// Reads all files as one org.
  /// - Parameters:
  ///   - isComplete: False if there are more files that could not be read: what seems to be missing
  ///     may stand there.
  ///   - instant: When the seats wanted are compared with those there are; nil: not at all.
  ///   - diagnostics: Gets every error of every file.
  /// - Returns: nil if there was an error.
  public static func decode(
    _ files: [SourceFile], isComplete: Bool = true, checkingCapacityAt instant: Instant? = nil,
    into diagnostics: inout Diagnostics
  ) -> LocatedOrg? {
    read(files, isComplete, instant, into: &diagnostics) {
      $0.wantsOrder = true
      return $0.run()
    }
  }

  /// Checks all files as one org, which takes half the time of reading it.
  /// - Parameters: As for `decode`.
  /// - Returns: What it is about; nil if there was an error.
  public static func check(
    _ files: [SourceFile], isComplete: Bool = true, checkingCapacityAt instant: Instant? = nil,
    into diagnostics: inout Diagnostics
  ) -> OrgOutline? {
    read(files, isComplete, instant, into: &diagnostics) { $0.read() }.map {
      OrgOutline(
        organization: $0.organization.text, members: $0.roster.count,
        subscriptions: $0.subscriptions.terms.count)
    }
  }

  private static func read<Result>(
    _ files: [SourceFile], _ isComplete: Bool, _ instant: Instant?,
    into diagnostics: inout Diagnostics, _ body: (inout OrgDecoding) -> Result
  ) -> Result {
    var decoding = OrgDecoding(files)
    decoding.isComplete = isComplete
    decoding.capacityInstant = instant
    defer { diagnostics.append(decoding.diagnostics.all) }
    return body(&decoding)
  }
}

/// What a sound org is about.
public struct OrgOutline: Hashable, Sendable {
  /// The organization's name.
  public let organization: String
  /// How many members.
  public let members: Int
  /// How many subscriptions.
  public let subscriptions: Int
}

/// The parts of an org without an error, the members in the order of the files.
struct OrgParts {
  let organization: (text: String, range: SourceRange)
  let baseURL: (text: String, range: SourceRange)?
  let policy: Policy
  let subscriptions: DecodedSubscriptions
  var roster: Roster
}

/// One run over all files.
struct OrgDecoding {
  let files: [SourceFile]
  var diagnostics = Diagnostics()
  /// The scalars of the top level; the first of each.
  var scalars: [String: Entry] = [:]
  var policySections: [Entry] = []
  var subscriptionSections: [Entry] = []
  var memberSections: [Entry] = []
  /// False if a file could not be read: it may hold what seems to be missing from the others.
  var isComplete = true
  /// Top-level keys that a misspelt one probably means: they are not missing as well.
  var misspelt: Set<String> = []
  /// How many words may still be compared with a misspelt one: thousands of findings against
  /// thousands of names would take minutes. Findings beyond it come without a suggestion.
  private var comparisonsLeft = 1_000_000
  /// When wishes are compared with seats; nil: never.
  var capacityInstant: Instant?
  /// Whether the members will be asked for by name.
  var wantsOrder = false
  private var lineIndexes: [LineIndex?]

  init(_ files: [SourceFile]) {
    self.files = files
    lineIndexes = Array(repeating: nil, count: files.count)
  }

  mutating func run() -> LocatedOrg? {
    guard var parts = read() else { return nil }
    let (members, order) = parts.roster.inOrder(parts.subscriptions.table)
    return LocatedOrg(
      org: DesiredOrg(
        organization: parts.organization.text, baseURL: parts.baseURL?.text, policy: parts.policy,
        subscriptions: parts.subscriptions.terms, members: members),
      places: OrgPlaces(
        organization: parts.organization.range, baseURL: parts.baseURL?.range,
        policy: policySections.first?.key.range, subscriptions: parts.subscriptions.places,
        members: MemberPlacesList(places: parts.roster.places, order: order)))
  }

  mutating func read() -> OrgParts? {
    for (index, file) in files.enumerated() {
      if let document = YAMLParser.parse(file.bytes, file: index, into: &diagnostics) {
        gather(document)
      } else {
        isComplete = false
      }
    }
    checkVersion()
    let organization = organization()
    let baseURL = baseURL()
    let policy = policy()
    let subscriptions = subscriptions()
    var roster = roster(subscriptions.table)
    if let instant = capacityInstant { reportShortfalls(&roster, subscriptions, at: instant) }
    guard !diagnostics.hasErrors, let organization else { return nil }
    return OrgParts(
      organization: organization, baseURL: baseURL, policy: policy, subscriptions: subscriptions,
      roster: roster)
  }

  private mutating func gather(_ document: YAMLDocument) {
    let root = Value(document, document.root)
    guard document.kind(root.node) == .mapping else {
      let isEmpty = root.isEmpty
      diagnostics.report(
        .wrongType,
        isEmpty
          ? "the file is empty; expected the keys of an org file"
          : "expected the keys of an org file, found \(root.found)", at: root.range,
        help: "begin with 'organization: NAME'; 'usher init' writes an example")
      isComplete = false
      return
    }
    for entry in root.entries {
      switch entry.key.text {
      case "subscriptions": subscriptionSections.append(entry)
      case "members": memberSections.append(entry)
      case "policy": policySections.append(entry)
      case let name where OrgSection.topKeys.contains(name):
        if let first = scalars[name] {
          reportTwice("the key '\(name)'", entry.key.range, first: first.key.range)
        } else {
          scalars[name] = entry
        }
      default:
        if let meant = reportUnknown(entry.key, OrgSection.topKeys) { misspelt.insert(meant) }
      }
    }
  }

  // MARK: findings

  mutating func reportTwice(_ what: String, _ range: SourceRange, first: SourceRange) {
    diagnostics.report(
      .definedTwice, "\(what) is defined a second time; the first is in \(place(first))", at: range,
      help: "remove one of the two")
  }

  /// The file and the line of a range, for messages.
  mutating func place(_ range: SourceRange) -> String {
    let number = Int(range.file)
    let index = lineIndexes[number] ?? LineIndex(files[number].bytes)
    lineIndexes[number] = index
    return "\(files[number].name):\(index.position(of: Int(range.start)).line)"
  }

  /// The name that is probably meant, among any number of them.
  mutating func suggestion(for text: String, among names: [String]) -> String? {
    guard comparisonsLeft >= names.count else { return nil }
    comparisonsLeft -= names.count
    return Suggestion.help(for: text, among: names)
  }

  mutating func isMapping(_ value: Value, _ what: String, help: String?) -> Bool {
    guard value.document.kind(value.node) != .mapping else { return true }
    diagnostics.report(
      .wrongType, "expected \(what), found \(value.found)", at: value.range, help: help)
    return false
  }

  /// Reports a key that is none of the known ones; returns the one that is probably meant.
  @discardableResult
  mutating func reportUnknown(_ key: Value, _ known: [String]) -> String? {
    let meant = Suggestion.closest(to: key.shortText, among: known)
    diagnostics.report(
      .unknownKey, "the key \(key.quoted) is unknown; expected \(Self.list(known))", at: key.range,
      help: meant.map { "did you mean '\($0)'?" })
    return meant
  }

  /// `one of a, b or c`.
  static func list(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "none" }
    return "one of " + words.dropLast().joined(separator: ", ") + " or " + last
  }
}
