// GroupedChanges: changes in the order in which people read them, side by side by whom they are about.
// Invariants: changes about the same stand in the order of the plan; members ascend by name; no change
// is copied.

import OrgModel
import Records

/// Some of a plan's changes.
struct PickedChanges: RandomAccessCollection, Sendable {
  let changes: [PlannedChange]
  let picks: ArraySlice<Int32>

  var startIndex: Int { picks.startIndex }
  var endIndex: Int { picks.endIndex }

  subscript(position: Int) -> PlannedChange { changes[Int(picks[position])] }
}

/// Changes by member.
struct GroupedChanges: Sendable {
  private let changes: [PlannedChange]
  /// First those about the organization and its subscriptions, then those of each member.
  private let picks: [Int32]
  /// How many of them are about no member.
  private let generalCount: Int

  /// - Parameter isIncluded: Which of the changes; nil: all.
  init(_ changes: [PlannedChange], where isIncluded: ((PlannedChange) -> Bool)? = nil) {
    self.changes = changes
    var picks: [Int32] = []
    picks.reserveCapacity(changes.count)
    var places: [(member: Username, index: Int32)] = []
    places.reserveCapacity(changes.count)
    for index in changes.indices where isIncluded?(changes[index]) ?? true {
      if let name = changes[index].change.member {
        places.append((name, Int32(index)))
      } else {
        picks.append(Int32(index))
      }
    }
    // A plan has a few runs in the order of names, which is what this sort is quick at.
    places.sort { $0.member == $1.member ? $0.index < $1.index : $0.member < $1.member }
    generalCount = picks.count
    for place in places { picks.append(place.index) }
    self.picks = picks
  }

  /// All of them.
  var all: PickedChanges { PickedChanges(changes: changes, picks: picks[...]) }

  /// Changes to the organization and its subscriptions.
  var general: PickedChanges { PickedChanges(changes: changes, picks: picks[..<generalCount]) }

  /// Shows the changes of each member, by name.
  func forEachMember(_ body: (Username, PickedChanges) -> Void) {
    var start = generalCount
    while start < picks.count, let name = changes[Int(picks[start])].change.member {
      var end = start + 1
      while end < picks.count, changes[Int(picks[end])].change.member == name { end += 1 }
      body(name, PickedChanges(changes: changes, picks: picks[start..<end]))
      start = end
    }
  }
}
