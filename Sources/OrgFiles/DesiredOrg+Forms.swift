// DesiredOrg+Forms: the digest of a desired org, the stored state as one, and both as an org file.

import ByteOutput
public import Digests
public import OrgModel
import YAMLSyntax

extension DesiredOrg {
  /// SHA-256 over all that the org says: files with the same meaning have the same digest.
  public var digest: Digest {
    var json = JSONWriter(.compact)
    json.array { json in
      json.value(organization)
      json.value(baseURL)
      json.value(policy.maxRemovals.description)
      json.value(policy.keyMaxAge?.description)
      for terms in subscriptions {
        json.value(terms.id.text)
        json.value(terms.tier.text)
        json.value(terms.seats)
        json.value(terms.expires.description)
        json.value(terms.credits.map(String.init))
      }
      json.null()
      for member in members {
        json.value(member.username.text)
        json.value(member.role.rawValue)
        json.value(member.seat?.text)
        json.value(member.until?.description)
        json.value(member.keyNumber)
      }
    }
    return SHA256.hash(json.sink.bytes)
  }

  /// The org that a stored state is: planning it changes nothing, but for seats whose own term has
  /// passed. The state must not be empty.
  public init(_ state: OrgState) {
    guard let organization = state.organization else {
      preconditionFailure("an empty state is no org")
    }
    self.init(
      organization: organization, baseURL: state.baseURL, policy: state.policy,
      subscriptions: state.subscriptions.map(\.terms),
      members: state.members.map { member in
        DesiredMember(
          username: member.username, role: member.role, seat: member.seat?.subscription,
          until: member.seat?.until, keyNumber: member.seat?.keyNumber ?? 1)
      })
  }

  /// The members who want a seat of a subscription that has not so many, whatever the stored state.
  public func capacityShortfalls(at now: Instant) -> [CapacityShortfall] {
    var wanting = [[Int]](repeating: [], count: subscriptions.count)
    let index = Dictionary(uniqueKeysWithValues: subscriptions.enumerated().map { ($1.id, $0) })
    for (number, member) in members.enumerated() {
      if let seat = member.seat(at: now), let at = index[seat] { wanting[at].append(number) }
    }
    return wanting.enumerated().compactMap { at, members in
      members.count > subscriptions[at].seats
        ? CapacityShortfall(subscription: at, members: members) : nil
    }
  }

  /// An org file that says the same, one member a line, defaults left out.
  public func yaml() -> [UInt8] {
    var sink = ByteSink()
    sink.writeLine("version: 1")
    sink.writeLine("organization: \(Self.scalar(organization))")
    if let baseURL { sink.writeLine("base_url: \(Self.scalar(baseURL))") }
    if subscriptions.isEmpty {
      sink.writeLine("subscriptions: {}")
    } else {
      sink.writeLine("subscriptions:")
      for terms in subscriptions { sink.writeLine("  \(Self.line(terms))") }
    }
    if policy != .standard {
      sink.writeLine("policy:")
      sink.writeLine("  max_removals: \(policy.maxRemovals)")
      if let age = policy.keyMaxAge { sink.writeLine("  key_max_age: \(age)") }
    }
    sink.writeLine("members:")
    for member in members { sink.writeLine("  \(Self.line(member))") }
    return sink.bytes
  }

  private static func line(_ terms: Subscription) -> String {
    var parts: [String] = []
    if terms.tier != terms.id { parts.append("tier: \(scalar(terms.tier.text))") }
    parts.append("seats: \(terms.seats)")
    parts.append("expires: \(short(terms.expires))")
    if let credits = terms.credits { parts.append("credits: \(credits)") }
    return "\(scalar(terms.id.text)): { \(parts.joined(separator: ", ")) }"
  }

  private static func line(_ member: DesiredMember) -> String {
    var parts: [String] = []
    if member.role != .member { parts.append("role: \(member.role.rawValue)") }
    if let seat = member.seat { parts.append("seat: \(scalar(seat.text))") }
    if let until = member.until { parts.append("until: \(short(until))") }
    if member.keyNumber != 1 { parts.append("key: \(member.keyNumber)") }
    let name = scalar(member.username.text)
    return parts.isEmpty ? "\(name): {}" : "\(name): { \(parts.joined(separator: ", ")) }"
  }

  /// A date alone where the instant is its start.
  private static func short(_ instant: Instant) -> String {
    let text = instant.description
    return text.hasSuffix("T00:00:00Z") ? String(text.dropLast(10)) : text
  }

  /// A text as it stands where that is read as the same text, otherwise in double quotes.
  static func scalar(_ text: String) -> String {
    let isPlain =
      text.utf8.allSatisfy {
        ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A)
          || "_-./:".utf8.contains($0)
      }
      && text.utf8.first.map { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 == 0x5F } ?? false
      && text.utf8.last != UInt8(ascii: ":")
    if isPlain, isString(text) { return text }
    var json = JSONWriter(.compact)
    json.value(text)
    return json.sink.text
  }

  private static func isString(_ text: String) -> Bool {
    switch text.lowercased() {
    case "null", "true", "false": return false
    default: return true
    }
  }
}

/// More members want a seat of a subscription than it has.
public struct CapacityShortfall: Hashable, Sendable {
  /// Index of the subscription in the org.
  public let subscription: Int
  /// Indexes of the members who want a seat of it, in order.
  public let members: [Int]
  /// How many they are.
  public var wanted: Int { members.count }
}
