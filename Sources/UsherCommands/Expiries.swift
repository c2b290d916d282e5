// Expiries: what ends when: subscriptions, seats with a term of their own, and keys that get too old.

import OrgModel
import Reporting

/// The dates of an organization.
struct Expiries {
  /// The most names that a date tells.
  private static let namesMax = 3

  /// Members for whom something ends at the same date.
  private struct Group {
    var at: Instant
    var names: [Username] = []
    var count = 0

    init(at: Instant) { self.at = at }

    mutating func add(_ name: Username, at instant: Instant) {
      at = min(at, instant)
      count += 1
      if names.count < Expiries.namesMax { names.append(name) }
    }
  }

  private let state: OrgState
  private let now: Instant
  /// By `until`; what is over stands in one group.
  private var seats: [Instant: Group] = [:]
  /// By the day on which they are due; what is due stands in one group.
  private var keys: [Instant: Group] = [:]

  /// Looks at the seats of all members.
  init(of members: [Member], in state: OrgState, at now: Instant) {
    self.state = state
    self.now = now
    for member in members {
      guard let seat = member.seat else { continue }
      addTerm(of: seat, member.username)
      addKey(of: member, seat)
    }
  }

  /// The dates, the earliest first.
  var sorted: [ConsolePage.Expiry] {
    typealias Dated = (at: Instant, kind: ConsolePage.Expiry.Kind)
    var dates = state.subscriptions.compactMap { subscription -> Dated? in
      let terms = subscription.terms
      // An expired subscription that nobody holds a seat of has ended for nobody.
      if terms.isExpired(at: now), subscription.held == 0 { return nil }
      return (terms.expires, .subscription(terms.id, held: subscription.held))
    }
    dates += Self.sorted(seats).map { ($0.at, .seats($0.names, $0.count)) }
    dates += Self.sorted(keys).map { ($0.at, .keys($0.names, $0.count)) }
    // Of what ends at once, subscriptions come before seats, and those before keys.
    return dates.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
      .map { .init($0.element.at, $0.element.kind) }
  }

  private static func sorted(_ groups: [Instant: Group]) -> [Group] {
    groups.values.sorted { $0.at < $1.at }
  }

  private mutating func addTerm(of seat: Seat, _ name: Username) {
    // A term that is as long as the subscription's ends with that.
    guard let until = seat.until,
      let expires = state.subscription(seat.subscription)?.terms.expires, until < expires
    else { return }
    let date = until <= now ? now : until
    seats[date, default: Group(at: until)].add(name, at: until)
  }

  private mutating func addKey(of member: Member, _ seat: Seat) {
    // A key is replaced once it is older than it may be, if its seat works until then.
    guard let age = state.policy.keyMaxAge, let issued = state.key(of: member)?.issued,
      let due = Instant(seconds: issued.seconds + age.seconds + 1), state.isWorking(seat, at: now),
      due < state.end(of: seat), let day = Instant(seconds: due.seconds - due.secondOfDay)
    else { return }
    let date = due <= now ? now : day
    keys[date, default: Group(at: due)].add(member.username, at: due)
  }
}

extension Instant {
  /// Seconds since midnight UTC.
  fileprivate var secondOfDay: Int64 { (seconds % 86_400 + 86_400) % 86_400 }
}
