// GroupedChanges: changes in the order in which people read them, side by side by whom they are about.
// Invariants: changes about the same stand in the order of the plan; members ascend by name; no change
// is copied before it is wanted.

import OrgModel
import Records

/// Some of a plan's changes.
struct PickedChanges: RandomAccessCollection, Sendable {
  let changes: PlannedChanges
  let picks: ArraySlice<Int32>

  var startIndex: Int { picks.startIndex }
  var endIndex: Int { picks.endIndex }

  subscript(position: Int) -> PlannedChange { changes[Int(picks[position])] }

  func change(at position: Int) -> Change { changes.change(at: Int(picks[position])) }
}

/// Changes by member.
struct GroupedChanges: Sendable {
  let changes: PlannedChanges
  /// First those about the organization and its subscriptions, then those of each member.
  private let picks: [Int32]
  /// Where in `picks` those of each member start, and where the last one's end.
  private let starts: [Int32]

  /// - Parameter isIncluded: Which of the changes; nil: all.
  init(_ changes: PlannedChanges, where isIncluded: ((PlannedChange) -> Bool)? = nil) {
    self.changes = changes
    var picks: [Int32] = []
    picks.reserveCapacity(changes.count)
    var places: [(member: Username, index: Int32)] = []
    places.reserveCapacity(changes.count)
    for index in changes.indices where isIncluded?(changes[index]) ?? true {
      if let name = changes.member(at: index) {
        places.append((name, Int32(index)))
      } else {
        picks.append(Int32(index))
      }
    }
    // A plan has a few runs in the order of names, which is what this sort is quick at.
    places.sort { $0.member == $1.member ? $0.index < $1.index : $0.member < $1.member }
    var starts: [Int32] = []
    for (place, entry) in places.enumerated() {
      if place == 0 || places[place - 1].member != entry.member {
        starts.append(Int32(picks.count))
      }
      picks.append(entry.index)
    }
    starts.append(Int32(picks.count))
    self.picks = picks
    self.starts = starts
  }

  /// All of them.
  var all: PickedChanges { PickedChanges(changes: changes, picks: picks[...]) }

  /// Changes to the organization and its subscriptions.
  var general: PickedChanges {
    PickedChanges(changes: changes, picks: picks[..<Int(starts[0])])
  }

  /// Members by number, in the order of their names.
  var members: Range<Int> { 0..<starts.count - 1 }

  /// The name of a member.
  func name(of member: Int) -> Username {
    guard let name = changes.member(at: Int(picks[Int(starts[member])])) else {
      preconditionFailure("these changes are about members")
    }
    return name
  }

  /// The changes of a member.
  func changes(of member: Int) -> [PlannedChange] {
    picks[Int(starts[member])..<Int(starts[member + 1])].map { changes[Int($0)] }
  }
}
