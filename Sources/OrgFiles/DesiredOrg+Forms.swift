// DesiredOrg+Forms: the digest of a desired org, the stored state as one, and seats that run short.

import ByteOutput
public import Digests
public import OrgModel

extension DesiredOrg {
  /// SHA-256 over the canonical JSON of all that the org says: files with the same meaning have the
  /// same digest.
  public var digest: Digest {
    var hash = SHA256()
    writeCanonicalJSON { hash.update($0) }
    return hash.finalize()
  }

  /// What the digest is taken over.
  var canonicalJSON: [UInt8] {
    var bytes: [UInt8] = []
    writeCanonicalJSON { bytes += $0 }
    return bytes
  }

  /// Writes compact JSON, page by page. Lists are written byte by byte, as there are many members: nothing
  /// in a username, an id, a role or an instant needs escaping.
  private func writeCanonicalJSON(page: (UnsafeRawBufferPointer) -> Void) {
    /// What stays in a processor's cache until it is hashed.
    let pageBytes = 1 << 14
    /// The longest names, and 128 bytes for all else.
    let memberBytesMax = Username.lengthMax + SubscriptionID.lengthMax + 128
    startOfCanonicalJSON.withUnsafeBytes(page)
    let roles = Role.allCases.map { "\",\"\($0.rawValue)\"," }
    withUnsafeTemporaryAllocation(byteCount: pageBytes, alignment: 1) { memory in
      var text = BytePage(in: memory)
      members.withUnsafeBufferPointer { members in
        for index in members.indices {
          if text.room < memberBytesMax {
            page(text.bytes)
            text.clear()
          }
          text.write(literal: index == 0 ? "[\"" : ",[\"")
          text.write(members[index].username.text)
          text.write(roles[Role.allCases.firstIndex(of: members[index].role) ?? 0])
          Self.writeSeat(of: members[index], into: &text)
        }
      }
      text.write(literal: "]}")
      page(text.bytes)
    }
  }

  /// All that stands before the members.
  private var startOfCanonicalJSON: [UInt8] {
    var json = JSONWriter(.compact)
    json.object { json in
      json.member("organization", organization)
      json.member("base_url", baseURL)
      json.member("max_removals", policy.maxRemovals.description)
      json.member("key_max_age", policy.keyMaxAge?.description)
      json.key("subscriptions")
    }
    var sink = ByteSink()
    sink.write(bytes: json.sink.bytes.dropLast())
    sink.write(literal: "[")
    for (index, terms) in subscriptions.enumerated() {
      sink.write(literal: index == 0 ? "[" : ",[")
      Self.write(terms, into: &sink)
    }
    sink.write(literal: "],\"members\":[")
    return sink.bytes
  }

  private static func write(_ terms: Subscription, into sink: inout ByteSink) {
    writeQuoted(terms.id.text, into: &sink)
    sink.write(literal: ",")
    writeQuoted(terms.tier.text, into: &sink)
    sink.write(",\(terms.seats),")
    writeQuoted(terms.expires.description, into: &sink)
    sink.write(terms.credits.map { ",\($0)]" } ?? ",null]")
  }

  @inline(__always)
  private static func writeSeat(of member: DesiredMember, into text: inout BytePage) {
    if let seat = member.seat {
      text.write(literal: "\"")
      text.write(seat.text)
      text.write(literal: "\",")
    } else {
      text.write(literal: "null,")
    }
    // Nearly all: written at once.
    if member.until == nil, member.keyNumber == 1 { return text.write(literal: "null,1]") }
    text.write(member.until.map { "\"\($0)\"," } ?? "null,")
    text.write("\(member.keyNumber)]")
  }

  private static func writeQuoted(_ text: String, into sink: inout ByteSink) {
    sink.write(literal: "\"")
    sink.write(text)
    sink.write(literal: "\"")
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

  /// The subscriptions of which more members want a seat at an instant than there are, whatever the
  /// stored state.
  public func capacityShortfalls(at now: Instant) -> [CapacityShortfall] {
    var wanted = [Int](repeating: 0, count: subscriptions.count)
    var wishes = [Int32](repeating: -1, count: members.count)
    var last = 0
    for (number, member) in members.enumerated() {
      guard let seat = member.seat(at: now) else { continue }
      // A member who stands twice is another error, and wants one seat.
      if number > 0, members[number - 1].username == member.username { continue }
      if last >= subscriptions.count || subscriptions[last].id != seat {
        guard let index = index(of: seat) else { continue }
        last = index
      }
      wanted[last] += 1
      wishes[number] = Int32(last)
    }
    return subscriptions.indices.filter { wanted[$0] > subscriptions[$0].seats }.map { short in
      CapacityShortfall(
        subscription: short,
        members: members.indices.filter { wishes[$0] == Int32(short) })
    }
  }

  /// Binary search: subscriptions are sorted by id.
  private func index(of id: SubscriptionID) -> Int? {
    var (low, high) = (0, subscriptions.count)
    while low < high {
      let middle = (low + high) / 2
      if subscriptions[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < subscriptions.count && subscriptions[low].id == id ? low : nil
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
