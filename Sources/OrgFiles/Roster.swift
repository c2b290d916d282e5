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
  /// How the names compare; runs parallel to `members` until all are read.
  private var keys: [SortKey] = []
  /// Whether names ascend without a repetition.
  private var isAscending = true
  private var hasCapitals = false
  private var sections = 0

  /// A name that was used before.
  struct Clash {
    let index: Int
    let earlier: Int
  }

  /// Begins one of the files' maps, in which no name can stand twice.
  mutating func beginSection(_ more: Int) {
    sections += 1
    members.reserveCapacity(members.count + more)
    places.reserveCapacity(places.count + more)
    keys.reserveCapacity(keys.count + more)
  }

  mutating func append(_ member: DesiredMember, at place: MemberPlaces) {
    let key = SortKey(member.username, index: members.count)
    if isAscending, let last = keys.last {
      let order = key.compare(last)
      isAscending = order > 0 || order == 0 && members[keys.count - 1].username < member.username
    }
    hasCapitals = hasCapitals || member.username.hasCapitals
    members.append(member)
    places.append(place)
    keys.append(key)
  }

  /// Every member whose name differs at most in case from an earlier one's, in the order of the files.
  mutating func clashes() -> [Clash] {
    guard hasCapitals || (sections > 1 && !isAscending) else { return [] }
    guard hasCapitals else {
      keys.sort { $0.precedes($1) { members[$0].username } }
      return Self.clashes(in: keys) { members[$0].username }
    }
    let names = members.map(\.username.folded)
    let keys = names.indices.map { SortKey(names[$0], index: $0) }
    return Self.clashes(in: keys.sorted { $0.precedes($1) { names[$0] } }) { names[$0] }
  }

  private static func clashes(in keys: [SortKey], _ name: (Int) -> Username) -> [Clash] {
    var found: [Clash] = []
    var earlier = 0
    for place in keys.indices.dropFirst() {
      let (first, key) = (keys[earlier], keys[place])
      if key.compare(first) == 0, name(Int(first.index)) == name(Int(key.index)) {
        found.append(Clash(index: Int(key.index), earlier: Int(first.index)))
      } else {
        earlier = place
      }
    }
    return found.sorted { $0.index < $1.index }
  }

  /// By username; of equal ones the earlier comes first.
  mutating func sort() {
    guard !isAscending else { return }
    keys.sort { $0.precedes($1) { members[$0].username } }
    members = keys.map { members[Int($0.index)] }
    places = keys.map { places[Int($0.index)] }
    keys = []
    isAscending = true
  }
}

/// A name's place in the order of names, mostly told by its first 24 bytes as numbers.
private struct SortKey {
  private let first: UInt64
  private let second: UInt64
  private let third: UInt64
  let index: Int32

  init(_ name: Username, index: Int) {
    var text = name.text
    (first, second, third) = text.withUTF8 {
      (Self.word($0, from: 0), Self.word($0, from: 8), Self.word($0, from: 16))
    }
    self.index = Int32(index)
  }

  /// Negative if this comes before the other one, 0 if the numbers do not tell.
  @inline(__always)
  func compare(_ other: SortKey) -> Int {
    if first != other.first { return first < other.first ? -1 : 1 }
    if second != other.second { return second < other.second ? -1 : 1 }
    return third == other.third ? 0 : third < other.third ? -1 : 1
  }

  @inline(__always)
  func precedes(_ other: SortKey, _ name: (Int) -> Username) -> Bool {
    let order = compare(other)
    guard order == 0 else { return order < 0 }
    let (left, right) = (name(Int(index)), name(Int(other.index)))
    return left == right ? index < other.index : left < right
  }

  /// Eight bytes as a number that compares as they do; zeros behind the end.
  private static func word(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> UInt64 {
    let left = bytes.count - start
    guard left > 0, let base = UnsafeRawPointer(bytes.baseAddress) else { return 0 }
    if left >= 8 { return base.loadUnaligned(fromByteOffset: start, as: UInt64.self).bigEndian }
    if start > 0 {
      // The bytes before are there to be read, and are shifted out.
      let word = base.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self).bigEndian
      return word << UInt64(64 - 8 * left)
    }
    var word: UInt64 = 0
    for byte in bytes { word = word << 8 | UInt64(byte) }
    return word << UInt64(64 - 8 * left)
  }
}
