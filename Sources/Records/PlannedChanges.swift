// PlannedChanges: the changes of a plan or a commit, of which there may be millions.
// Invariants: what is read is what was appended, to the letter. What a plan says over and over of new
// members is a row of 32 bytes without a reference, which shares names and places with other rows.
//
// Ours because an array of such changes is four times as large, and most of what takes time in a large plan
// is memory that is touched for the first time, and references that are counted.

public import OrgModel
public import SourceText

/// Changes, in the order in which they are legal.
public struct PlannedChanges: Sendable {
  private enum Kind: UInt8 {
    /// Anything, kept as it is.
    case whole
    case addMember
    case assignSeat
    case issueKey
    /// With a credential.
    case deliverKey
  }

  private struct Row {
    var kind = Kind.whole
    /// 0: not told, 1: no, 2: yes.
    var introduced: UInt8 = 0
    var subscription: UInt16 = 0
    /// The index of the member's name, or of the whole change.
    var subject: Int32
    /// The number of the key, or the index of the role.
    var number: Int32 = 0
    /// -1: nowhere.
    var file: Int32 = -1
    var line: Int32 = 0
    var column: Int32 = 0
    /// The end of the seat in seconds, or the index of the credential.
    var more = Self.never

    static let never = Int64.min
  }

  private var rows: [Row] = []
  private var names: [Username] = []
  /// Whether the names ascend, and each stands there once.
  private var isAscending = true
  private var wholes: [PlannedChange] = []
  private var subscriptions = IndexedWords<SubscriptionID>()
  private var files = IndexedWords<ExactText>()
  private var credentials: [Credential] = []

  /// Starts empty.
  public init() {}

  /// Of those changes.
  public init(_ changes: some Sequence<PlannedChange>) {
    for change in changes { append(change) }
  }

  /// A place in a file by its number here.
  public struct Place: Sendable {
    let file: Int32
    let position: SourcePosition

    /// Pairs them.
    /// - Parameter file: What `number(ofFile:)` says.
    public init(file: Int32, _ position: SourcePosition) {
      self.file = file
      self.position = position
    }
  }

  /// The number of a file, from 0, under which places are told.
  public mutating func number(ofFile name: String) -> Int32 {
    Int32(files.index(of: ExactText(name)))
  }

  /// Appends a change.
  public mutating func append(_ change: PlannedChange) {
    let place = place(change.at)
    if let row = row(
      for: change.change, change.because, place, change.isIntroduced, near: names.count - 1)
    {
      rows.append(row)
    } else {
      rows.append(Row(subject: Int32(wholes.count)))
      wholes.append(change)
    }
  }

  /// Appends a change of which the place is told by number: the file's name is one for all, and references
  /// to it would be counted by every thread that plans.
  public mutating func append(_ change: Change, because: Reason, at place: Place?) {
    if let row = row(for: change, because, place, nil, near: names.count - 1) {
      rows.append(row)
    } else {
      rows.append(Row(subject: Int32(wholes.count)))
      let at = place.map {
        FilePosition(
          file: files.words[Int($0.file)].text, line: $0.position.line, column: $0.position.column)
      }
      wholes.append(PlannedChange(change, because: because, at: at))
    }
  }

  private mutating func place(_ at: FilePosition?) -> Place? {
    at.map {
      Place(file: number(ofFile: $0.file), SourcePosition(line: $0.line, column: $0.column))
    }
  }

  /// Appends the changes of another list.
  public mutating func append(contentsOf more: PlannedChanges) {
    let (name, whole) = (Int32(names.count), Int32(wholes.count))
    let credential = Int64(credentials.count)
    let subscription = more.subscriptions.words.map { subscriptions.index(of: $0) }
    let file = more.files.words.map { files.index(of: $0) }
    guard subscriptions.words.count <= Int(UInt16.max) else {
      for change in more { append(change) }
      return
    }
    if let last = names.last, let next = more.names.first, !(last < next) { isAscending = false }
    isAscending = isAscending && more.isAscending
    names += more.names
    wholes += more.wholes
    credentials += more.credentials
    rows.reserveCapacity(rows.count + more.rows.count)
    for var row in more.rows {
      row.subject += row.kind == .whole ? whole : name
      if row.kind == .deliverKey { row.more += credential }
      if row.file >= 0 { row.file = Int32(file[Int(row.file)]) }
      if row.kind != .whole, row.kind != .addMember {
        row.subscription = UInt16(subscription[Int(row.subscription)])
      }
      rows.append(row)
    }
  }

  /// Puts the changes in the ascending order of their keys; those of one key stay in their order.
  /// - Parameter keys: One for each change, less than `count`.
  public mutating func sort(by keys: [UInt8], count: Int) {
    precondition(keys.count == rows.count, "every change has a key")
    var starts = [Int](repeating: 0, count: count + 1)
    for key in keys { starts[Int(key) + 1] += 1 }
    for key in 0..<count { starts[key + 1] += starts[key] }
    rows = [Row](unsafeUninitializedCapacity: rows.count) { sorted, initialized in
      for (index, key) in keys.enumerated() {
        sorted.initializeElement(at: starts[Int(key)], to: rows[index])
        starts[Int(key)] += 1
      }
      initialized = rows.count
    }
  }

  /// The changes as a commit keeps them, but for the keys and tokens that they issue: with nothing that
  /// only told a reviewer something.
  public var committed: PlannedChanges {
    var changes = self
    for index in changes.rows.indices { changes.rows[index].introduced = 0 }
    changes.wholes = wholes.map { $0.committed() }
    return changes
  }

  /// Makes room for so many changes in all, of so many members.
  public mutating func reserve(_ count: Int, members: Int) {
    rows.reserveCapacity(count)
    names.reserveCapacity(members)
  }

  /// What a change does; quicker than asking the change.
  public func action(at position: Int) -> Change.Action {
    let row = rows[position]
    switch row.kind {
    case .whole: return wholes[Int(row.subject)].change.action
    case .addMember: return .addMember
    case .assignSeat: return .assignSeat
    case .issueKey, .deliverKey: return .issueKey
    }
  }

  /// Whether changes say if they are introduced.
  public var isMarked: Bool {
    rows.contains { $0.introduced > 0 } || wholes.contains { $0.isIntroduced != nil }
  }

  /// How many members the numbers of `memberNumber` count; nil if they do not follow the order of names,
  /// as they do in what a planner has made of new members.
  public var numberedMemberCount: Int? {
    isAscending && wholes.allSatisfy { $0.change.member == nil } ? names.count : nil
  }

  /// The number of the member that a change is about, or nil.
  public func memberNumber(at position: Int) -> Int? {
    let row = rows[position]
    return row.kind == .whole ? nil : Int(row.subject)
  }

  /// The member that a change is about, or nil; quicker than asking the change.
  public func member(at position: Int) -> Username? {
    let row = rows[position]
    return row.kind == .whole
      ? wholes[Int(row.subject)].change.member : names[Int(row.subject)]
  }
}

extension OrgState {
  /// The same state, for somebody who makes these changes to it while others keep this one.
  public func branch(for changes: PlannedChanges) -> OrgState {
    branch(for: changes.count) { changes.touched }
  }
}

extension PlannedChanges {
  /// The members that are changed, and the keys that are revoked, each once.
  fileprivate var touched: (members: [Username], keys: [(Username, KeyID)]) {
    var members = Set(names)
    var keys: [(Username, KeyID)] = []
    for whole in wholes {
      if let member = whole.change.member { members.insert(member) }
      if case .revokeKey(let name, let key) = whole.change { keys.append((name, key)) }
    }
    return (Array(members), keys)
  }
}

extension PlannedChanges: RandomAccessCollection, MutableCollection {
  /// The first change.
  public var startIndex: Int { 0 }
  /// Behind the last change.
  public var endIndex: Int { rows.count }

  /// A change.
  public subscript(position: Int) -> PlannedChange {
    get {
      let row = rows[position]
      return row.kind == .whole
        ? wholes[Int(row.subject)] : change(of: row, at: place(of: row))
    }
    set {
      let old = rows[position]
      let place = place(newValue.at)
      if let row = row(
        for: newValue.change, newValue.because, place, newValue.isIntroduced,
        near: old.kind == .whole ? -1 : Int(old.subject))
      {
        rows[position] = row
      } else if old.kind == .whole {
        wholes[Int(old.subject)] = newValue
      } else {
        rows[position] = Row(subject: Int32(wholes.count))
        wholes.append(newValue)
      }
    }
  }

  /// A change without its place: whoever looks at many from two threads counts no references to the file's
  /// one name, for which both would wait.
  public func unplaced(at position: Int) -> PlannedChange {
    let row = rows[position]
    guard row.kind == .whole else { return change(of: row, at: nil) }
    let change = wholes[Int(row.subject)]
    return PlannedChange(
      change.change, because: change.because, at: nil, isIntroduced: change.isIntroduced)
  }

  private func change(of row: Row, at place: FilePosition?) -> PlannedChange {
    let (change, reason) = content(of: row)
    return PlannedChange(
      change, because: reason, at: place,
      isIntroduced: row.introduced == 0 ? nil : row.introduced == 2)
  }

  /// Where the files ask for a change.
  public func place(at position: Int) -> FilePosition? {
    let row = rows[position]
    return row.kind == .whole ? wholes[Int(row.subject)].at : place(of: row)
  }

  private func place(of row: Row) -> FilePosition? {
    guard row.file >= 0 else { return nil }
    return FilePosition(
      file: files.words[Int(row.file)].text, line: Int(row.line), column: Int(row.column))
  }

  /// What is done, without the reason and the place; quicker than asking for all of it.
  public func change(at position: Int) -> Change {
    let row = rows[position]
    return row.kind == .whole ? wholes[Int(row.subject)].change : content(of: row).0
  }

  private func content(of row: Row) -> (Change, Reason) {
    let name = names[Int(row.subject)]
    if row.kind == .addMember {
      return (.addMember(name, Role.allCases[Int(row.number)]), .isNew)
    }
    let subscription = subscriptions.words[Int(row.subscription)]
    let change: Change
    switch row.kind {
    case .assignSeat:
      let until = row.more == Row.never ? nil : Instant(seconds: row.more)
      change = .assignSeat(name, subscription, until: until)
    case .deliverKey:
      change = .issueKey(name, number: Int(row.number), credentials[Int(row.more)])
    case .issueKey, .addMember, .whole: change = .issueKey(name, number: Int(row.number), nil)
    }
    return (change, .shouldHold(subscription))
  }

  /// Nil for a change that has to be kept whole.
  /// - Parameter near: Where the name may be.
  private mutating func row(
    for change: Change, _ because: Reason, _ place: Place?, _ isIntroduced: Bool?, near: Int
  ) -> Row? {
    var row = Row(subject: 0)
    let member: Username
    switch (change, because) {
    case (.addMember(let name, let role), .isNew):
      row.kind = .addMember
      row.number = Int32(Role.allCases.firstIndex(of: role) ?? 0)
      member = name
    case (.assignSeat(let name, let id, let until), .shouldHold(let wanted)):
      guard id == wanted, let subscription = index(of: id) else { return nil }
      row.kind = .assignSeat
      row.subscription = subscription
      row.more = until?.seconds ?? Row.never
      member = name
    case (.issueKey(let name, let number, let credential), .shouldHold(let id)):
      guard let subscription = index(of: id), let number = Int32(exactly: number) else {
        return nil
      }
      row.kind = credential == nil ? .issueKey : .deliverKey
      row.subscription = subscription
      row.number = number
      if let credential {
        row.more = Int64(credentials.count)
        credentials.append(credential)
      }
      member = name
    default: return nil
    }
    if let place {
      guard let line = Int32(exactly: place.position.line),
        let column = Int32(exactly: place.position.column)
      else { return nil }
      row.file = place.file
      row.line = line
      row.column = column
    }
    if let isIntroduced { row.introduced = isIntroduced ? 2 : 1 }
    if near < 0 || names[near] != member {
      row.subject = Int32(names.count)
      if let last = names.last, !(last < member) { isAscending = false }
      names.append(member)
    } else {
      row.subject = Int32(near)
    }
    return row
  }

  private mutating func index(of id: SubscriptionID) -> UInt16? {
    UInt16(exactly: subscriptions.index(of: id))
  }
}

extension PlannedChanges: Hashable, ExpressibleByArrayLiteral {
  /// Of those changes.
  public init(arrayLiteral changes: PlannedChange...) { self.init(changes) }

  /// Whether they are the same changes in the same order.
  public static func == (left: PlannedChanges, right: PlannedChanges) -> Bool {
    left.elementsEqual(right)
  }

  /// Feeds every change.
  public func hash(into hasher: inout Hasher) {
    for change in self { hasher.combine(change) }
  }
}

/// Words that occur over and over, by number.
private struct IndexedWords<Word: Hashable & Sendable>: Sendable {
  private(set) var words: [Word] = []
  private var indexes: [Word: Int] = [:]
  private var last = 0

  mutating func index(of word: Word) -> Int {
    if last < words.count, words[last] == word { return last }
    if let known = indexes[word] {
      last = known
    } else {
      last = words.count
      indexes[word] = last
      words.append(word)
    }
    return last
  }
}
