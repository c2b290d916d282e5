// NaiveOutlook: an organization made up at random, and what its outlook is by the plainest of means:
// events one by one, another calendar, and no sums kept.

import Digests
import Foundation
import OrgModel

@testable import Metering

/// A state, and the events that are about it.
struct MadeUpOrg {
  var facts: OrgFacts
  var events: [Event] = []

  /// Times near everything that could be told apart wrongly, in seconds.
  static func edges(_ now: Instant) -> [Int64] {
    let days: [Int64] = [0, 1, 3, 7, 10, 17, 23, 28, 29, 30, 31, 32, 37, 60]
    return days.map { now.seconds - $0 * 86_400 }
  }

  static func time(_ now: Instant, _ dice: inout Dice) -> Int64 {
    let edges = edges(now)
    let edge = edges[dice.roll(edges.count)]
    switch dice.roll(4) {
    case 0: return edge + [-1, 0, 1, 3599, 3600, -3600, -3601][dice.roll(7)]
    case 1: return edge - edge % 3600 + [-1, 0, 1][dice.roll(3)]
    case 2: return edge + Int64(dice.roll(7200)) - 3600
    default: return now.seconds - Int64(dice.roll(40 * 86_400))
    }
  }

  static func instant(_ seconds: Int64) -> Instant { Instant(seconds: seconds) ?? .earliest }

  init(_ now: Instant, _ dice: inout Dice) {
    let day: Int64 = 86_400
    let terms: [Int64] = [
      -1, 0, 1, 3600, 29 * day, 30 * day, 30 * day + 1, 31 * day, 61 * day, 200 * day,
    ]
    let subscriptions = ["a", "b", "c", "d"].compactMap { SubscriptionID($0) }.map { id in
      let expires = Self.instant(now.seconds + terms[dice.roll(terms.count)])
      return Subscription(
        id: id, tier: id, seats: 100, expires: expires,
        credits: dice.roll(4) == 0 ? nil : dice.roll(7))
    }
    facts = OrgFacts(
      organization: "acme", baseURL: nil, policy: .standard, subscriptions: subscriptions,
      members: [], keys: [], tokens: [])
    var keys: [KeyRecord] = []
    for (number, text) in ["alice", "bob", "carol", "dave", "erin", "frank", "Zoe"].sorted()
      .enumerated()
    {
      guard let name = Username(text) else { continue }
      let history = Self.keys(of: name, subscriptions, now, &dice)
      keys += history
      // One has left.
      if text == "erin" {
        keys = keys.map { $0.member == name ? Self.revoked($0, now) : $0 }
        continue
      }
      var member = Member(
        username: name, role: number == 0 ? .owner : .member, added: Self.instant(0))
      if let last = history.last, dice.roll(8) > 0 {
        member = Member(
          username: name, role: member.role, added: member.added,
          seat: Seat(
            subscription: last.subscription, until: Self.until(now, &dice),
            assigned: Self.assigned(history, now, &dice),
            key: last.revoked == nil ? last.credential.id : nil, keyNumber: 1,
            isLapsed: dice.roll(12) == 0))
      } else {
        keys = keys.map { $0.member == name ? Self.revoked($0, now) : $0 }
      }
      facts.members.append(member)
    }
    facts.keys = keys.sorted { ($0.member, $0.credential.id) < ($1.member, $1.credential.id) }
    addEvents(now, &dice)
  }

  private static func until(_ now: Instant, _ dice: inout Dice) -> Instant? {
    [nil, nil, nil, instant(now.seconds + 3), instant(now.seconds + 200_000), now][dice.roll(6)]
  }

  private static func assigned(
    _ history: [KeyRecord], _ now: Instant, _ dice: inout Dice
  ) -> Instant {
    let first = history[0].issued
    return dice.roll(3) > 0 ? first : min(now, max(first, instant(time(now, &dice))))
  }

  private static func revoked(_ key: KeyRecord, _ now: Instant) -> KeyRecord {
    KeyRecord(
      credential: key.credential, member: key.member, subscription: key.subscription,
      number: key.number, issued: key.issued, revoked: key.revoked ?? now)
  }

  /// Keys one after the other, perhaps with a gap, perhaps without one now.
  private static func keys(
    of name: Username, _ subscriptions: [Subscription], _ now: Instant, _ dice: inout Dice
  ) -> [KeyRecord] {
    let subscription = subscriptions[dice.roll(subscriptions.count)].id
    var times = (0..<(1 + dice.roll(4))).map { _ in min(now.seconds, time(now, &dice)) }.sorted()
    if dice.roll(3) == 0 { times.insert(now.seconds - 100 * 86_400, at: 0) }
    return times.indices.map { index in
      let digest = SHA256.hash(Array("\(name) \(index) \(dice.next())".utf8))
      var revoked = index + 1 < times.count ? Self.instant(times[index + 1]) : nil
      if let end = revoked, dice.roll(6) == 0 {
        revoked = Self.instant(max(times[index], end.seconds - 1))
      }
      if index + 1 == times.count, dice.roll(8) == 0 { revoked = now }
      return KeyRecord(
        credential: Credential(digest: digest, masked: "usk_…"), member: name,
        subscription: subscription, number: 1, issued: Self.instant(times[index]),
        revoked: revoked)
    }
  }

  private mutating func addEvents(_ now: Instant, _ dice: inout Dice) {
    var subjects: [UsageSubject] = facts.keys.map { .key($0.credential.id) }
    subjects += facts.members.map { .member($0.username) }
    // Some are not heard of at all.
    subjects = subjects.filter { _ in dice.roll(3) > 0 }
    if dice.roll(2) == 0 {
      subjects +=
        [.unknown, .key(KeyID(number: 7))] + (Username("erin").map { [.member($0)] } ?? [])
      subjects += Username("mallory").map { [.member($0)] } ?? []
    }
    guard !subjects.isEmpty else { return }
    for _ in 0..<(20 + dice.roll(60)) {
      let fraction: Int128 = dice.roll(4) == 0 ? 500_000_000 : 0
      events.append(
        Event(
          nanoseconds: Int128(Self.time(now, &dice)) * 1_000_000_000 + fraction,
          subject: subjects[dice.roll(subjects.count)], model: "m\(dice.roll(3))",
          micros: [0, 1, 500_000, 1_000_000, 1_000_000, 2_000_000][dice.roll(6)],
          requests: Int64(dice.roll(3))))
    }
    // Usage may begin late, and end early.
    if dice.roll(4) == 0 {
      let first = Int128(now.seconds - Int64(dice.roll(31)) * 86_400 - 1800) * 1_000_000_000
      events.removeAll { $0.nanoseconds < first }
    }
    guard dice.roll(5) == 0 else { return }
    let last = Int128(now.seconds - Int64(dice.roll(6)) * 86_400 - 3600) * 1_000_000_000
    events.removeAll { $0.nanoseconds > last }
  }
}

/// An outlook, computed as slowly as can be.
struct NaiveOutlook {
  let facts: OrgFacts
  let events: [Event]
  let now: Int64

  init(_ org: MadeUpOrg, at now: Instant) {
    facts = org.facts
    self.now = now.seconds
    events = org.events.filter { $0.nanoseconds <= Int128(now.seconds) * 1_000_000_000 }
  }

  /// The start of the UTC hour.
  private func hour(_ seconds: Int64) -> Int64 {
    Int64((Double(seconds) / 3600).rounded(.down)) * 3600
  }

  private func hour(_ event: Event) -> Int64 { hour(Int64(event.nanoseconds / 1_000_000_000)) }

  private func holder(_ event: Event) -> Username? {
    switch event.subject {
    case .unknown: return nil
    case .key(let key): return facts.keys.first { $0.credential.id == key }?.member
    case .member(let name):
      let isKnown =
        facts.members.contains { $0.username == name } || facts.keys.contains { $0.member == name }
      return isKnown ? name : nil
    }
  }

  private func events(of name: Username, since: Int64) -> [Event] {
    events.filter { holder($0) == name && hour($0) >= hour(since) }
  }

  private func credits(of name: Username, since: Int64) -> Int128 {
    events(of: name, since: since).reduce(0) { $0 + Int128($1.micros) }
  }

  private func terms(_ seat: Seat) -> Subscription? {
    facts.subscriptions.first { $0.id == seat.subscription }
  }

  private func end(_ seat: Seat) -> Int64 {
    min(terms(seat)?.expires.seconds ?? 0, seat.until?.seconds ?? .max)
  }

  /// The months before the expiry, day by day, by Foundation's calendar.
  private func cycle(_ seat: Seat) -> (start: Int64, end: Int64) {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(identifier: "UTC") ?? .gmt
    let expires = terms(seat)?.expires.seconds ?? 0
    let wanted = Self.day(expires, calendar)
    var end = expires
    // A cycle starts at the expiry's time of day, on its day of the month or on a shorter month's last.
    var start = expires
    repeat {
      start -= 86_400
      let day = Self.day(start, calendar)
      let isLast = Self.day(start + 86_400, calendar) == 1
      if day == wanted || isLast && day < wanted {
        if start <= now { return (start, end) }
        end = start
      }
    } while start > 0
    return (0, 0)
  }

  private static func day(_ seconds: Int64, _ calendar: Calendar) -> Int {
    calendar.component(.day, from: Date(timeIntervalSince1970: Double(seconds)))
  }

  var seated: [(name: Username, seat: Seat)] {
    facts.members.compactMap { member in
      member.seat.flatMap { !$0.isLapsed && end($0) > now ? (member.username, $0) : nil }
    }
  }

  /// Every hour with a record, oldest first.
  private var hours: [Int64] { Set(events.map(hour)).sorted() }

  private var isCurrent: Bool { hours.last.map { hour(now) - $0 <= 72 * 3600 } ?? false }

  private var isWhole: Bool {
    let start = hour(now - 30 * 86_400)
    guard let before = hours.last(where: { $0 <= start }) else { return false }
    let known = [before] + hours.filter { $0 > start }
    return zip(known, known.dropFirst()).allSatisfy { $1 - $0 <= 168 * 3600 }
  }

  var unattributedRequests: Int128 {
    events.filter { holder($0) == nil && hour($0) >= hour(now - 30 * 86_400) }
      .reduce(0) { $0 + Int128($1.requests) }
  }

  private func hasKeyAllTheTime(_ name: Username) -> Bool {
    var reached = now - 30 * 86_400
    for key in facts.keys.filter({ $0.member == name }).sorted(by: { $0.issued < $1.issued }) {
      let end = key.revoked?.seconds ?? .max
      if key.issued.seconds <= reached, end > reached { reached = end }
    }
    return reached > now
  }

  /// A line for every warning, in no order.
  var warnings: Set<String> {
    var lines: Set<String> = []
    if !events.isEmpty, !isCurrent, !seated.isEmpty { lines.insert("usage_stale") }
    if !events.isEmpty {
      for (name, seat) in seated { lines.formUnion(warnings(name, seat)) }
      let count = seated.count { isSilent($0.name, $0.seat) }
      if isCurrent, count > 0, !isWhole || !isAttributed { lines.insert("unused_unknown \(count)") }
    }
    return lines
  }

  private var monthAgo: Int64 { now - 30 * 86_400 }

  private var isAttributed: Bool {
    unattributedRequests == 0
      || seated.contains { !events(of: $0.name, since: monthAgo).isEmpty }
  }

  /// Whether there could be records of 30 days and is none.
  private func isSilent(_ name: Username, _ seat: Seat) -> Bool {
    seat.assigned.seconds <= monthAgo && seat.key != nil && hasKeyAllTheTime(name)
      && events(of: name, since: monthAgo).isEmpty
  }

  private func warnings(_ name: Username, _ seat: Seat) -> [String] {
    var lines: [String] = []
    let cycle = cycle(seat)
    if let credits = terms(seat)?.credits {
      let quota = Int128(credits) * 1_000_000
      let used = self.credits(of: name, since: max(cycle.start, seat.assigned.seconds))
      if used > 0, used >= quota {
        lines.append("quota_exhausted \(name)")
      } else if let end = runsOut(name, seat, left: quota - used), isCurrent {
        if end < min(cycle.end, self.end(seat)) {
          lines.append("quota_runs_out \(name) \(MadeUpOrg.instant(end))")
        }
      }
    }
    if isCurrent, isWhole, isAttributed, isSilent(name, seat) {
      lines.append("seat_unused \(name)")
    }
    return lines
  }

  /// The first second at which the pace has used what is left, found by halving.
  private func runsOut(_ name: Username, _ seat: Seat, left: Int128) -> Int64? {
    let start = hour(max(now - 7 * 86_400, seat.assigned.seconds))
    let recent = credits(of: name, since: start)
    guard recent > 0 else { return nil }
    let length = Int128(max(86_400, now - start))
    var (low, high) = (Int128(0), Int128(1) << 50)
    while low < high {
      let middle = (low + high) / 2
      if recent * middle >= left * length { high = middle } else { low = middle + 1 }
    }
    return now + Int64(low)
  }
}
