// Planner+Subscriptions: grow and renew first, shrink and remove last; capacity with its numbers.

import OrgFiles
import OrgModel
import Records
import SourceText

/// What a plan does to the seats of one subscription.
struct SeatDemand {
  /// Seats held before the plan, working or not.
  let held: Int
  /// Seats the plan reclaims.
  var freed = 0
  /// The value of `seat` of each member who gets one, by name.
  var wanted: [SourceRange?] = []
  /// Seats that stay held although their term is over.
  var lapsed = 0

  /// Adds what the plan does to the seats of members of higher names.
  mutating func add(_ more: SeatDemand) {
    freed += more.freed
    wanted += more.wanted
    lapsed += more.lapsed
  }
}

extension Planner {
  mutating func compareSubscriptions() {
    let before = stored.subscriptions
    var index = 0
    for (number, terms) in desired.subscriptions.enumerated() {
      while index < before.count, before[index].terms.id < terms.id {
        removeSubscription(before[index].terms)
        index += 1
      }
      let at = places.subscriptions[number].id
      if index < before.count, before[index].terms.id == terms.id {
        change(before[index], to: terms, at: at)
        index += 1
      } else {
        add(
          .putSubscription(terms), to: .grow, because: "the subscription \(terms.id) is new",
          at: at)
      }
    }
    for old in before[index...] { removeSubscription(old.terms) }
  }

  private mutating func removeSubscription(_ terms: Subscription) {
    add(
      .removeSubscription(terms.id), to: .shrink,
      because: "the subscription \(terms.id) is no longer in the org file", at: nil)
  }

  private mutating func change(
    _ old: StoredSubscription, to terms: Subscription, at place: SourceRange
  ) {
    guard old.terms != terms else { return }
    let isRenewed = terms.expires > old.terms.expires
    let reason = describe(old.terms, terms)
    guard terms.seats < old.terms.seats, !isRenewed || old.held > terms.seats else {
      add(.putSubscription(terms), to: .grow, because: reason, at: place)
      return
    }
    if isRenewed {
      // Seats may be assigned from the renewed term only after it; the shrink must wait for those
      // that this plan reclaims.
      var renewed = terms
      renewed.seats = old.terms.seats
      add(
        .putSubscription(renewed), to: .grow, because: describe(old.terms, renewed), at: place)
    }
    add(.putSubscription(terms), to: .shrink, because: reason, at: place)
  }

  private func describe(_ old: Subscription, _ new: Subscription) -> String {
    var parts: [String] = []
    if old.seats != new.seats { parts.append("have \(new.seats) seats instead of \(old.seats)") }
    if old.expires != new.expires {
      parts.append("expire at \(new.expires) instead of \(old.expires)")
    }
    if old.tier != new.tier { parts.append("be of tier \(new.tier) instead of \(old.tier)") }
    if old.credits != new.credits {
      let (was, becomes) = (old.credits.map(String.init), new.credits.map(String.init))
      parts.append("give \(becomes ?? "unstated") Credits a seat instead of \(was ?? "unstated")")
    }
    return "\(new.id) should " + parts.joined(separator: ", ")
  }

  mutating func reportShortfalls() {
    for (index, terms) in desired.subscriptions.enumerated() {
      let demand = demand[index]
      let after = demand.held - demand.freed + demand.wanted.count
      guard after > terms.seats else { continue }
      let free = terms.seats - demand.held
      let short = after - terms.seats
      let message: String
      if free >= 0 {
        message =
          "needs \(seats(demand.wanted.count, of: terms.id)), \(isOrAre(free)) free, "
          + "\(isOrAre(demand.freed)) freed by this plan: short by \(short)"
      } else {
        message =
          "has \(seats(terms.seats, of: terms.id)) left, \(isOrAre(demand.held)) held, "
          + "\(isOrAre(demand.freed)) freed and \(isOrAre(demand.wanted.count)) assigned by this "
          + "plan: short by \(short)"
      }
      // The first member by name whom the seats no longer reach; with a shrink, the new number.
      let reached = free + demand.freed
      let at = reached >= 0 && reached < demand.wanted.count ? demand.wanted[reached] : nil
      diagnostics.report(
        .notEnoughSeats, message, at: at ?? places.subscriptions[index].seats,
        help: "raise seats of '\(terms.id)' to \(after), or take seats from members")
    }
  }

  mutating func reportLapsedSeats() {
    for (index, terms) in desired.subscriptions.enumerated() where demand[index].lapsed > 0 {
      let lapsed = demand[index].lapsed
      diagnostics.report(
        .seatLapsed,
        "\(seats(lapsed, of: terms.id)) stay\(lapsed == 1 ? "s" : "") expired since \(terms.expires)",
        at: places.subscriptions[index].expires,
        help: "renew '\(terms.id)'; the next plan then assigns new seats with new keys")
    }
  }

  private func seats(_ count: Int, of id: SubscriptionID) -> String {
    "\(count) \(id) \(count == 1 ? "seat" : "seats")"
  }

  private func isOrAre(_ count: Int) -> String { count == 1 ? "1 is" : "\(count) are" }
}
