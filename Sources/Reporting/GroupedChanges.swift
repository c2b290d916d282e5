// GroupedChanges: changes in the order in which people read them, side by side by whom they are about.
// Invariants: changes about the same stand in the order of the plan; members ascend by name.

import OrgModel
import Records

/// Changes by member.
struct GroupedChanges: Sendable {
  /// All: first those about the organization and its subscriptions, then those of each member.
  let all: [PlannedChange]
  /// How many of them are about no member.
  private let generalCount: Int

  init(_ changes: [PlannedChange]) {
    var general: [PlannedChange] = []
    var places: [(member: Username, index: Int32)] = []
    places.reserveCapacity(changes.count)
    for index in changes.indices {
      if let name = changes[index].change.member {
        places.append((name, Int32(index)))
      } else {
        general.append(changes[index])
      }
    }
    // A plan has a few runs in the order of names, which is what this sort is quick at.
    places.sort { $0.member == $1.member ? $0.index < $1.index : $0.member < $1.member }
    generalCount = general.count
    general.reserveCapacity(changes.count)
    for place in places { general.append(changes[Int(place.index)]) }
    all = general
  }

  /// Changes to the organization and its subscriptions.
  var general: ArraySlice<PlannedChange> { all[..<generalCount] }

  /// The changes of each member, by name.
  var byMember: [(name: Username, changes: ArraySlice<PlannedChange>)] {
    var groups: [(name: Username, changes: ArraySlice<PlannedChange>)] = []
    var start = generalCount
    while start < all.count, let name = all[start].change.member {
      var end = start + 1
      while end < all.count, all[end].change.member == name { end += 1 }
      groups.append((name, all[start..<end]))
      start = end
    }
    return groups
  }
}
