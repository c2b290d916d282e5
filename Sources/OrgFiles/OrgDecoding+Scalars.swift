// OrgDecoding+Scalars: version, organization, base URL and policy.

import OrgModel
import SourceText
import YAMLSyntax

extension OrgDecoding {
  mutating func checkVersion() {
    guard let value = scalars["version"]?.value else { return }
    if value.isScalar, case .int(let version) = value.document.value(value.node) {
      guard version != 1 else { return }
      diagnostics.report(
        .unsupportedVersion, "version \(version) of the org file is unknown; expected 1",
        at: value.range, help: version > 1 ? "a newer usher may read it" : nil)
    } else {
      diagnostics.report(
        .wrongType, "expected the number 1, found \(value.found)", at: value.range,
        help: "write 'version: 1', or leave it out")
    }
  }

  mutating func organization() -> (text: String, range: SourceRange)? {
    guard let value = scalars["organization"]?.value else {
      if isComplete, !misspelt.contains("organization") {
        diagnostics.report(
          .missingKey, "the key 'organization' is missing; expected the organization's name",
          at: startOfFiles, help: "write 'organization: NAME' at the top")
      }
      return nil
    }
    guard let text = string(value, "the organization's name", quotedIf: { _ in true })
    else { return nil }
    guard !reportSecret(in: text, "the organization's name", .invalidOrganization, value.range)
    else { return nil }
    guard let finding = Self.findingInOrganization(text) else { return (text, value.range) }
    diagnostics.report(
      .invalidOrganization,
      "the organization's name \(finding); expected one line of 1 to "
        + "\(OrganizationText.nameLengthMax) characters without control characters", at: value.range
    )
    return nil
  }

  /// The start of the first file: where a missing key belongs.
  var startOfFiles: SourceRange? {
    files.isEmpty ? nil : SourceRange(file: 0, start: 0, end: 0)
  }

  private static func findingInOrganization(_ text: String) -> String? {
    let scalars = text.unicodeScalars
    if scalars.isEmpty { return "is empty" }
    if scalars.contains("\n") || scalars.contains("\r") { return "has several lines" }
    if let control = scalars.first(where: OrganizationText.isControl) {
      return "contains U+" + padded(String(control.value, radix: 16, uppercase: true))
    }
    guard scalars.count > OrganizationText.nameLengthMax else { return nil }
    return "has \(scalars.count) characters"
  }

  private static func padded(_ digits: String) -> String {
    String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  mutating func baseURL() -> (text: String, range: SourceRange)? {
    guard let value = scalars["base_url"]?.value, let text = string(value, "an absolute URL") else {
      return nil
    }
    guard !reportSecret(in: text, "the base URL", .invalidBaseURL, value.range) else { return nil }
    guard let finding = BaseURL.finding(in: text) else { return (text, value.range) }
    diagnostics.report(
      .invalidBaseURL, "the base URL \(value.quoted) \(finding.message)", at: value.range,
      help: finding.help)
    return nil
  }

  // MARK: policy

  mutating func policy() -> Policy {
    var settings: [String: Entry] = [:]
    for section in policySections {
      guard isMapping(section.value, "the policy's settings", help: "write {} for none") else {
        continue
      }
      for entry in section.value.entries {
        let name = entry.key.text
        if !OrgSection.policyKeys.contains(name) {
          reportUnknown(entry.key, OrgSection.policyKeys)
        } else if let first = settings[name] {
          reportTwice("the key '\(name)' of the policy", entry.key.range, first: first.key.range)
        } else {
          settings[name] = entry
        }
      }
    }
    var policy = Policy.standard
    if let value = settings["max_removals"]?.value, let limit = removalLimit(value) {
      policy.maxRemovals = limit
    }
    if let value = settings["key_max_age"]?.value { policy.keyMaxAge = span(value) }
    return policy
  }

  private mutating func removalLimit(_ value: Value) -> RemovalLimit? {
    let expected =
      "expected a count from 0 to \(RemovalLimit.countMax), such as 5, or a percentage "
      + "from 0% to 100%, such as 25%"
    switch value.isScalar ? value.document.value(value.node) : .null {
    case .int(let count) where (0...RemovalLimit.countMax).contains(count): return .count(count)
    case .int: break
    case .string:
      if let limit = RemovalLimit(value.shortText), case .percent = limit { return limit }
    default:
      diagnostics.report(.wrongType, "\(expected), found \(value.found)", at: value.range)
      return nil
    }
    diagnostics.report(
      .invalidPolicy, "max_removals is \(value.found); \(expected)", at: value.range,
      help: RemovalLimit(value.shortText).map { "write \($0) without quotes" })
    return nil
  }

  private mutating func span(_ value: Value) -> Span? {
    let expected = "expected a whole number and a unit, one of w, d, h, m or s, at most 36500d"
    let isScalar = value.isScalar
    if isScalar, value.document.value(value.node) == .string {
      if let span = Span(value.shortText) { return span }
      diagnostics.report(
        .invalidPolicy, "key_max_age is \(value.quoted); \(expected)", at: value.range,
        help: "write a term such as 90d")
      return nil
    }
    let days = isScalar ? Span(value.shortText + "d") : nil
    diagnostics.report(
      .wrongType, "\(expected), found \(value.found)", at: value.range,
      help: days == nil ? "write a term such as 90d" : "did you mean '\(value.shortText)d'?")
    return nil
  }
}
