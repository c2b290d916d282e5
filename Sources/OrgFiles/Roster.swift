// Roster: the members of all files, in the order in which they stand, until they are made in the order
// of their names.
// Invariants: `rows` and `places` run parallel; a row holds nothing that must be counted, so that many
// are read and put in order as plain memory.

import OrgModel
import Parallelism
import SourceText
import YAMLSyntax

/// Someone who has the role of the owner.
struct OwnerClaim {
  /// The name as written, whether or not it is a username.
  let name: String
  /// The value of `role`.
  let role: SourceRange
}

/// The members that were read so far.
struct Roster {
  /// What the files say of a member whose name is a username.
  struct Row {
    /// The name.
    let node: NodeID
    var role = Role.member
    /// Where the subscription of the seat is in the table of subscriptions, or -1.
    var seat: Int32 = -1
    var keyNumber: Int32 = 1
    var until: Instant?
  }

  /// A name that was used before.
  struct Clash {
    let index: Int
    let earlier: Int
  }

  private(set) var rows: [Row] = []
  private(set) var places: [MemberPlaces] = []
  var claims: [OwnerClaim] = []
  /// Whether somebody whose role could not be read may be the owner.
  var mayHideOwner = false
  /// How the names compare, in no particular order.
  private var keys: [SortKey] = []
  /// The names of the first and the last row.
  private var ends: (first: SortKey, last: SortKey)?
  /// Whether names ascend without a repetition.
  private var isAscending = true
  private var hasCapitals = false
  private var sections = 0
  /// By the index of their file.
  private var documents: [YAMLDocument?] = []

  var count: Int { rows.count }

  /// Begins one of the files' maps, in which no name can stand twice.
  mutating func beginSection(_ document: YAMLDocument, members more: Int) {
    sections += 1
    while documents.count <= document.file { documents.append(nil) }
    documents[document.file] = document
    rows.reserveCapacity(rows.count + more)
    places.reserveCapacity(places.count + more)
    keys.reserveCapacity(keys.count + more)
  }

  mutating func append(_ row: Row, named name: UnsafeBufferPointer<UInt8>, at place: MemberPlaces) {
    let key = SortKey(name, index: rows.count)
    if isAscending, let last = ends?.last { isAscending = last.precedesSurely(key) }
    for byte in name where byte >= 0x41 && byte <= 0x5A { hasCapitals = true }
    rows.append(row)
    places.append(place)
    keys.append(key)
    ends = (ends?.first ?? key, key)
  }

  /// Appends what was read of the same section, in its place if it is the first.
  mutating func take(_ part: consuming Roster) {
    guard rows.isEmpty else { return append(part) }
    part.sections = sections
    part.documents = documents
    part.claims = claims + part.claims
    part.mayHideOwner = mayHideOwner || part.mayHideOwner
    self = part
  }

  /// Appends what another thread read of the same section.
  mutating func append(_ part: Roster) {
    if let last = ends?.last, let first = part.ends?.first {
      isAscending = isAscending && last.precedesSurely(first)
    }
    isAscending = isAscending && part.isAscending
    hasCapitals = hasCapitals || part.hasCapitals
    mayHideOwner = mayHideOwner || part.mayHideOwner
    if let last = part.ends?.last { ends = (ends?.first ?? part.ends?.first ?? last, last) }
    for key in part.keys { keys.append(key.moved(by: rows.count)) }
    rows += part.rows
    places += part.places
    claims += part.claims
  }

  /// The name of a row.
  func username(_ index: Int) -> Username {
    guard let document = documents[Int(places[index].name.file)],
      let name = document.withBytes(rows[index].node, { Username(utf8: $0) })
    else { preconditionFailure("a row's name is a username") }
    return name
  }

  /// Every member whose name differs at most in case from an earlier one's, in the order of the files.
  mutating func clashes() -> [Clash] {
    guard hasCapitals || (sections > 1 && !isAscending) else { return [] }
    guard hasCapitals else {
      sort()
      return Self.clashes(in: keys) { username($0) }
    }
    let names = rows.indices.map { username($0).folded }
    var keys = names.indices.map { SortKey(names[$0], index: $0) }
    keys.sort { $0.precedes($1) { names[$0] } }
    return Self.clashes(in: keys) { names[$0] }
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

  /// Puts the keys in the order of names; of equal ones the earlier comes first. What is in order is
  /// left as it is, and what two threads put in order is merged.
  mutating func sort() {
    guard !isAscending else { return }
    var sorted: [SortKey] = []
    swap(&sorted, &keys)
    sorted.sort { $0.precedes($1) { username($0) } }
    keys = sorted
  }

  /// Whether more of them may want a seat of some subscription than it has; somebody who stands twice,
  /// which is another error, counts twice.
  func mayFallShort(of subscriptions: DecodedSubscriptions, at now: Instant) -> Bool {
    var wanted = [Int](repeating: 0, count: subscriptions.table.names.count)
    for row in rows where row.seat >= 0 && row.until.map({ $0 > now }) ?? true {
      wanted[Int(row.seat)] += 1
    }
    return subscriptions.terms.contains { terms in
      guard let index = subscriptions.table.names.firstIndex(of: terms.id.text) else { return true }
      return wanted[index] > terms.seats
    }
  }

  /// So many rows are fetched at a time.
  private static let fetchedMax = 1024

  /// The members by username, and where each stands in `places`.
  mutating func inOrder(
    _ subscriptions: SubscriptionTable
  ) -> (members: [DesiredMember], order: [Int32]) {
    sort()
    var members: [DesiredMember] = []
    members.reserveCapacity(count)
    // Rows lie all over memory: fetched one after another with nothing in between, they come at once.
    var fetched: [Row] = []
    fetched.reserveCapacity(Self.fetchedMax)
    for start in stride(from: 0, to: count, by: Self.fetchedMax) {
      let keys = keys[start..<min(start + Self.fetchedMax, count)]
      fetched.removeAll(keepingCapacity: true)
      for key in keys { fetched.append(rows[Int(key.index)]) }
      for (key, row) in zip(keys, fetched) {
        members.append(
          DesiredMember(
            username: key.username ?? username(Int(key.index)), role: row.role,
            seat: row.seat < 0 ? nil : subscriptions.id(row.seat), until: row.until,
            keyNumber: Int(row.keyNumber)))
      }
    }
    return (members, keys.map(\.index))
  }
}

/// A name's place in the order of names, mostly told by its first 24 bytes as numbers.
private struct SortKey {
  private let first: UInt64
  private let second: UInt64
  private let third: UInt64
  let index: Int32

  init(_ name: UnsafeBufferPointer<UInt8>, index: Int) {
    first = Self.word(name, from: 0)
    second = Self.word(name, from: 8)
    third = Self.word(name, from: 16)
    self.index = Int32(index)
  }

  init(_ name: Username, index: Int) {
    var text = name.text
    self = text.withUTF8 { SortKey($0, index: index) }
  }

  private init(_ key: SortKey, index: Int32) {
    (first, second, third) = (key.first, key.second, key.third)
    self.index = index
  }

  /// The name, if it is not longer than what is kept of it.
  var username: Username? {
    let zeros =
      third != 0
      ? third.trailingZeroBitCount
      : 64 + (second != 0 ? second.trailingZeroBitCount : 64 + first.trailingZeroBitCount)
    // A name of the very length may be the beginning of a longer one.
    guard zeros >= 8 else { return nil }
    return withUnsafeBytes(of: (first.bigEndian, second.bigEndian, third.bigEndian)) { bytes in
      Username(
        utf8: UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self)[..<(24 - zeros / 8)]))
    }
  }

  /// The key of a row that stands further behind.
  func moved(by rows: Int) -> SortKey { SortKey(self, index: index + Int32(rows)) }

  /// Negative if this comes before the other one, 0 if the numbers do not tell.
  @inline(__always)
  func compare(_ other: SortKey) -> Int {
    if first != other.first { return first < other.first ? -1 : 1 }
    if second != other.second { return second < other.second ? -1 : 1 }
    return third == other.third ? 0 : third < other.third ? -1 : 1
  }

  /// Whether the numbers tell that this comes before the other one.
  func precedesSurely(_ other: SortKey) -> Bool { compare(other) < 0 }

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
