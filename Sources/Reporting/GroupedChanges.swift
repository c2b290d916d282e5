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

  func action(at position: Int) -> Change.Action { changes.action(at: Int(picks[position])) }

  func member(at position: Int) -> Username? { changes.member(at: Int(picks[position])) }
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
    if isIncluded == nil, let count = changes.numberedMemberCount {
      (picks, starts) = Self.counted(changes, memberCount: count)
    } else {
      (picks, starts) = Self.sorted(changes, where: isIncluded)
    }
  }

  /// Counts the changes of each member, so that every change can be put in its place.
  private static func counted(
    _ changes: PlannedChanges, memberCount: Int
  ) -> (picks: [Int32], starts: [Int32]) {
    func group(_ index: Int) -> Int { changes.memberNumber(at: index).map { $0 + 1 } ?? 0 }
    // Where each group starts: those about no member, then those of each.
    var places = [Int32](repeating: 0, count: memberCount + 2)
    for index in changes.indices { places[group(index) + 1] += 1 }
    for group in 1..<places.count { places[group] += places[group - 1] }
    var starts: [Int32] = []
    starts.reserveCapacity(memberCount + 1)
    for group in 1..<places.count - 1 where places[group] < places[group + 1] {
      starts.append(places[group])
    }
    starts.append(Int32(changes.count))
    var picks = [Int32](repeating: 0, count: changes.count)
    for index in changes.indices {
      let group = group(index)
      picks[Int(places[group])] = Int32(index)
      places[group] += 1
    }
    return (picks, starts)
  }

  private static func sorted(
    _ changes: PlannedChanges, where isIncluded: ((PlannedChange) -> Bool)?
  ) -> (picks: [Int32], starts: [Int32]) {
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
    return (picks, starts)
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

  /// The changes of a member, without their places.
  func changes(of member: Int) -> [PlannedChange] {
    picks[Int(starts[member])..<Int(starts[member + 1])].map { changes.unplaced(at: Int($0)) }
  }

  /// Where the files ask for the first change of a member that they ask for.
  func place(of member: Int) -> FilePosition? {
    for index in picks[Int(starts[member])..<Int(starts[member + 1])] {
      if let place = changes.place(at: Int(index)) { return place }
    }
    return nil
  }
}
