// Planner+Members: one walk over stored and desired members, both by username.

import OrgFiles
import OrgModel
import Parallelism
import Records
import SourceText

extension Planner {
  /// Fewer members are not worth a thread.
  private static let threadMembersMin = 4096
  /// Where fewer are new, the next one stands too far away to be looked up ahead.
  private static let membersPerNewMax = 8

  /// The lower half of the names on this thread, the upper on another.
  mutating func compareMembers() {
    let (before, wanted) = (stored.members, desired.members)
    guard max(before.count, wanted.count) >= Self.threadMembersMin else {
      compare(before[...], with: wanted.indices)
      return
    }
    // Of the longer list, so that nobody is far from the middle.
    let middle =
      wanted.count < before.count
      ? before[before.count / 2].username : wanted[wanted.count / 2].username
    let low = before[..<before.partitioningIndex { !($0.username < middle) }]
    let high = before[low.endIndex...]
    let split = wanted.partitioningIndex { !($0.username < middle) }
    if wanted.count - before.count > wanted.count / Self.membersPerNewMax { ahead = PlacesAhead() }
    let upper = Errand { [self] in
      var part = branch(capacity: Self.capacity(wanted.count - split, before.count - low.count))
      part.compare(high, with: split..<wanted.count)
      return part
    }
    phases.reserve(Self.capacity(split, low.count))
    compare(low, with: 0..<split)
    merge(upper.result)
  }

  /// How many changes there are if everybody new gets a seat: more memory than that is seldom touched.
  private static func capacity(_ wanted: Int, _ stored: Int) -> (changes: Int, members: Int) {
    let fresh = max(0, wanted - stored)
    return (3 * fresh, fresh)
  }

  private mutating func compare(_ before: ArraySlice<Member>, with wanted: Range<Int>) {
    var index = before.startIndex
    for number in wanted {
      let member = desired.members[number]
      while index < before.endIndex, before[index].username < member.username {
        remove(before[index])
        index += 1
      }
      if index < before.endIndex, before[index].username == member.username {
        compare(before[index], with: member, number)
        index += 1
      } else {
        welcome(member, number)
      }
    }
    for member in before[index...] { remove(member) }
  }

  /// Where the files speak of a desired member. Looked up only for what is told of: places stand in
  /// the order of the files, so that each costs a walk through memory.
  private mutating func place(_ index: Int) -> MemberPlaces {
    ahead?.place(index, of: places.members) ?? places.members[index]
  }

  /// Rule 1: whoever the file makes owner must be the owner already.
  mutating func compareOwner() {
    guard let owner = stored.owner,
      let index = desired.members.firstIndex(where: { $0.role == .owner }),
      desired.members[index].username != owner
    else { return }
    let name = desired.members[index].username
    diagnostics.report(
      .ownerChange, "\(owner) is the owner; ownership does not move to \(name) by editing the file",
      at: places.members[index].role ?? places.members[index].name,
      help: "give '\(owner)' the role owner")
  }

  private mutating func remove(_ member: Member) {
    guard member.role != .owner else { return }
    let reason = "\(member.username) is no longer in the org file"
    vacate(member, because: reason, at: nil)
    add(.removeMember(member.username), to: .remove, because: reason, at: nil)
  }

  private mutating func welcome(_ member: DesiredMember, _ index: Int) {
    add(
      .addMember(member.username, member.role), to: .add,
      because: .isNew, at: place(index).name)
    seatAnew(member, index)
  }

  private mutating func compare(
    _ member: Member, with wanted: DesiredMember, _ index: Int
  ) {
    let name = member.username
    if member.role != wanted.role, member.role != .owner, wanted.role != .owner {
      add(
        .changeRole(name, from: member.role, to: wanted.role), to: .role,
        because: "\(name) should be \(wanted.role.rawValue) instead of \(member.role.rawValue)",
        at: place(index).name)
    }
    if let seat = member.seat {
      compare(seat, of: member, with: wanted, index)
    } else {
      seatAnew(wanted, index)
    }
  }

  private mutating func compare(
    _ seat: Seat, of member: Member, with wanted: DesiredMember, _ index: Int
  ) {
    let name = member.username
    guard wanted.seat == seat.subscription, let terms = terms(seat.subscription) else {
      let target = wanted.seat(at: now)
      vacate(
        member,
        because: target.map { "\(name) should hold a \($0) seat instead" }
          ?? "\(name) should hold no seat", at: place(index).name)
      if let target { assign(target, to: wanted, index) }
      return
    }
    if let until = seat.until, until <= now {
      vacate(member, because: "the seat of \(name) ended at \(until)", at: place(index).name)
      seatAnew(wanted, index)
      return
    }
    if stored.isWorking(seat, at: now), wanted.seat(at: now) == nil {
      vacate(
        member, because: "the seat of \(name) should have ended at \(text(wanted.until))",
        at: place(index).name)
      reportPassedTerm(of: wanted, index)
      return
    }
    if terms.isExpired(at: now) {
      // Rule 8: left as it is, whatever the file says of its key or term, until it is renewed.
      demand(of: seat.subscription) { $0.lapsed += 1 }
      if wanted.seat(at: now) != nil { listUnreachable(terms, wanted, index) }
      return
    }
    guard stored.isWorking(seat, at: now) else {
      vacate(
        member, because: "the seat of \(name) lapsed before \(terms.id) was renewed",
        at: place(index).name)
      seatAnew(wanted, index)
      return
    }
    compareTermAndKey(seat, of: member, with: wanted, index)
  }

  private mutating func compareTermAndKey(
    _ seat: Seat, of member: Member, with wanted: DesiredMember, _ index: Int
  ) {
    let name = member.username
    if seat.until != wanted.until {
      add(
        .changeTerm(name, until: wanted.until), to: .term,
        because: wanted.until.map { "the seat of \(name) should end at \($0)" }
          ?? "the seat of \(name) should last as long as its subscription", at: place(index).name)
    }
    let issue = Change.issueKey(name, number: wanted.keyNumber, nil)
    guard let key = seat.key, let number = seat.keyNumber else {
      add(
        issue, to: .issue, because: "\(name) holds a seat whose key was revoked",
        at: place(index).name)
      return
    }
    let reason: String
    if number != wanted.keyNumber {
      reason = "\(name) should have key \(wanted.keyNumber) instead of key \(number)"
    } else if let age = desired.policy.keyMaxAge, let issued = stored.key(of: member)?.issued,
      now.seconds - issued.seconds > age.seconds
    {
      reason = "the key of \(name), issued at \(issued), is older than \(age)"
    } else {
      return
    }
    add(.revokeKey(name, key), to: .revoke, because: reason, at: place(index).name)
    add(issue, to: .issue, because: reason, at: place(index).name)
  }

  /// Assigns the seat that the file wants for somebody who holds none, or no more.
  private mutating func seatAnew(_ wanted: DesiredMember, _ index: Int) {
    if let target = wanted.seat(at: now) {
      assign(target, to: wanted, index)
    } else {
      reportPassedTerm(of: wanted, index)
    }
  }

  /// Revokes the key and reclaims the seat, if there is one.
  private mutating func vacate(_ member: Member, because reason: String, at place: SourceRange?) {
    guard let seat = member.seat else { return }
    if let key = seat.key {
      add(.revokeKey(member.username, key), to: .revoke, because: reason, at: place)
    }
    add(
      .reclaimSeat(member.username, seat.subscription), to: .reclaim, because: reason, at: place)
    demand(of: seat.subscription) { $0.freed += 1 }
  }

  private mutating func assign(
    _ subscription: SubscriptionID, to member: DesiredMember, _ index: Int
  ) {
    guard let terms = terms(subscription) else { return }
    let name = member.username
    if terms.isExpired(at: now) {
      guard expiredSeats == .refuse else {
        listUnreachable(terms, member, index)
        return
      }
      diagnostics.report(
        .subscriptionExpired,
        "\(name) cannot get a seat of '\(subscription)', which expired at \(terms.expires)",
        at: place(index).seat ?? place(index).name,
        help: "renew '\(subscription)' by a later 'expires'")
    }
    let seat = place(index).seat
    let at = place(index).name
    demand(of: subscription) { $0.wanted.append(seat) }
    add(
      .assignSeat(name, subscription, until: member.until), to: .assign,
      because: .shouldHold(subscription), at: at)
    add(
      .issueKey(name, number: member.keyNumber, nil), to: .issue,
      because: .shouldHold(subscription), at: at)
  }

  private mutating func listUnreachable(
    _ terms: Subscription, _ member: DesiredMember, _ index: Int
  ) {
    unreachable.append(
      PlannedChange(
        .assignSeat(member.username, terms.id, until: member.until),
        reason: "\(member.username) should hold a \(terms.id) seat, but \(terms.id) expired at "
          + "\(terms.expires)", at: map.position(of: place(index).seat ?? place(index).name)))
  }

  private mutating func reportPassedTerm(of member: DesiredMember, _ index: Int) {
    guard member.seat != nil, let until = member.until, until <= now else { return }
    diagnostics.report(
      .untilPassed, "the seat of \(member.username) ended at \(until); none is assigned",
      at: place(index).until ?? place(index).name,
      help: "remove 'seat' and 'until', or move 'until' on")
  }

  private mutating func demand(of id: SubscriptionID, _ change: (inout SeatDemand) -> Void) {
    guard let index = subscriptionIndex[id] else { return }
    change(&demand[index])
  }

  private func text(_ instant: Instant?) -> String { instant?.description ?? "once" }
}

/// Where members stand, looked up for many at once: their places lie all over memory, and walks that are
/// made together take little longer than one.
struct PlacesAhead {
  private static let countMax = 1024

  private var first = 0
  private var places: [MemberPlaces] = []

  mutating func place(_ index: Int, of all: MemberPlacesList) -> MemberPlaces {
    if !(first..<first + places.count).contains(index) {
      first = index
      places.removeAll(keepingCapacity: true)
      for next in index..<min(index + Self.countMax, all.count) { places.append(all[next]) }
    }
    return places[index - first]
  }
}

extension RandomAccessCollection where Index == Int {
  /// Where those that fit begin, if all behind one that fits do so too.
  fileprivate func partitioningIndex(where fits: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if fits(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
