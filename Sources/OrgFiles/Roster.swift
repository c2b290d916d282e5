// Roster: the members of all files, in the order in which they stand until they are sorted.
// Invariants: `members` and `places` run parallel; sorting moves both alike.

import OrgModel
import SourceText

/// Someone who has the role of the owner.
struct OwnerClaim {
  /// The name as written, whether or not it is a username.
  let name: String
  /// The value of `role`.
  let role: SourceRange
}

/// The members that were read so far.
struct Roster {
  private(set) var members: [DesiredMember] = []
  private(set) var places: [MemberPlaces] = []
  var claims: [OwnerClaim] = []
  /// Whether somebody whose role could not be read may be the owner.
  var mayHideOwner = false
  private var isSorted = true
  private var hasCapitals = false

  /// A name that was used before.
  struct Clash {
    let index: Int
    let earlier: Int
  }

  mutating func reserve(_ more: Int) {
    members.reserveCapacity(members.count + more)
    places.reserveCapacity(places.count + more)
  }

  mutating func append(_ member: DesiredMember, at place: MemberPlaces) {
    if let last = members.last, !(last.username < member.username) { isSorted = false }
    hasCapitals = hasCapitals || member.username.text.utf8.contains { $0 >= 0x41 && $0 <= 0x5A }
    members.append(member)
    places.append(place)
  }

  /// Every member whose name differs at most in case from an earlier one's: nothing to do if names
  /// ascend and have no capitals. A seed hidden in the hash keeps prepared names from colliding; it
  /// changes no result.
  func clashes() -> [Clash] {
    guard hasCapitals || !isSorted else { return [] }
    var capacity = 16
    while capacity < members.count * 2 { capacity *= 2 }
    var table = [Int32](repeating: -1, count: capacity)
    let seed = UInt64.random(in: .min ... .max)
    var found: [Clash] = []
    for index in members.indices {
      var slot = Int(truncatingIfNeeded: hash(index, seed)) & (capacity - 1)
      while table[slot] >= 0, !isTwin(Int(table[slot]), index) {
        slot = (slot + 1) & (capacity - 1)
      }
      if table[slot] >= 0 {
        found.append(Clash(index: index, earlier: Int(table[slot])))
      } else {
        table[slot] = Int32(index)
      }
    }
    return found
  }

  /// By username.
  mutating func sort() {
    guard !isSorted else { return }
    var keys = members.indices.map {
      SortKey(first: word(of: $0, from: 0), second: word(of: $0, from: 8), index: Int32($0))
    }
    keys.sort { left, right in
      if left.first != right.first { return left.first < right.first }
      if left.second != right.second { return left.second < right.second }
      return members[Int(left.index)].username < members[Int(right.index)].username
    }
    members = keys.map { members[Int($0.index)] }
    places = keys.map { places[Int($0.index)] }
    isSorted = true
  }

  private struct SortKey {
    let first: UInt64
    let second: UInt64
    let index: Int32
  }

  /// Eight bytes of a username as a number that compares as they do.
  private func word(of index: Int, from start: Int) -> UInt64 {
    var word: UInt64 = 0
    var shift: UInt64 = 64
    for byte in members[index].username.text.utf8.dropFirst(start) {
      shift -= 8
      word |= UInt64(byte) << shift
      if shift == 0 { break }
    }
    return word
  }

  /// Multiplies and mixes; arithmetic modulo 2⁶⁴ is the point, hence `&*`.
  private func hash(_ index: Int, _ seed: UInt64) -> UInt64 {
    var state = seed
    for byte in members[index].username.text.utf8 {
      state = (state ^ UInt64(folded(byte))) &* 0x9E37_79B9_7F4A_7C15
      state ^= state >> 29
    }
    return state ^ (state >> 32)
  }

  private func isTwin(_ a: Int, _ b: Int) -> Bool {
    let (a, b) = (members[a].username.text.utf8, members[b].username.text.utf8)
    return a.count == b.count && zip(a, b).allSatisfy { folded($0) == folded($1) }
  }

  private func folded(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
}
