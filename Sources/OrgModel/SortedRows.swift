// SortedRows: rows found by their ids and kept in the order of them, because nearly all that is done
// with an organization is a walk: reading a snapshot, comparing with the org file, applying a plan.
// Invariants: `base` ascends by id without repeating one; `gone` says of ids of `base` where they stand
// there; an id is in `base` and not gone, or in `late`, not both.

/// A row that says what its id is.
protocol Row: Hashable, Sendable {
  /// What tells one row from another.
  associatedtype ID: Hashable & Comparable & Sendable
  /// The row's own; it never changes.
  var id: ID { get }
}

/// Rows by id. A row whose id is higher than all others costs a constant time to add and so does
/// finding rows one after another in the order of ids; anything else a binary search, or hashing.
struct SortedRows<Element: Row>: Hashable, Sendable {
  private var base: [Element] = []
  /// What was added where `base` has no room, or changed where it stays as it is.
  private var late: [Element.ID: Element] = [:]
  /// What was removed from `base`, or changed beside it, and where it stood.
  private var gone: [Element.ID: Int] = [:]
  /// Whether `base` stays as it is, since copying it takes longer than what is to be changed.
  private var isBaseFixed = false
  /// Where the last row was found.
  private var cursor = 0
  /// Where in `base` rows that somebody asked for together stand or would stand.
  private var bounds = Memo<[Element.ID: Int]>()

  init() {}

  /// Nil if the ids do not ascend.
  init?(ascending rows: [Element]) {
    guard Self.isAscending(rows) else { return nil }
    base = rows
  }

  /// Rows of which somebody else finds out whether their ids ascend; if not, the rows are good for nothing.
  init(presumed rows: [Element]) { base = rows }

  static func isAscending(_ rows: [Element]) -> Bool {
    for index in rows.indices.dropFirst() where !(rows[index - 1].id < rows[index].id) {
      return false
    }
    return true
  }

  /// Rows per change from which on changes are kept beside the rows.
  private static var rowsPerChangeMin: Int { 8 }

  /// Whether so few changes are made beside the rows.
  func staysFixed(for changes: Int) -> Bool { changes < base.count / Self.rowsPerChangeMin }

  /// The same rows, for somebody who makes so many changes.
  /// - Parameter ids: Of rows that are changed, each once; for many changes nobody needs them.
  func branch(for changes: Int, of ids: [Element.ID]) -> SortedRows {
    var branch = self
    branch.isBaseFixed = staysFixed(for: changes)
    if changes > base.count { branch.base.reserveCapacity(base.count + changes) }
    if branch.isBaseFixed { branch.takeOut(ids) }
    return branch
  }

  /// Puts rows that will be asked for again and again beside `base`, where they are found without a search.
  private mutating func takeOut(_ ids: [Element.ID]) {
    let places = places(of: ids)
    late.reserveCapacity(late.count + ids.count)
    gone.reserveCapacity(gone.count + ids.count)
    for (id, place) in zip(ids, places) {
      if let place, gone.updateValue(place, forKey: id) == nil { late[id] = base[place] }
    }
  }

  var isEmpty: Bool { count == 0 }

  var count: Int { base.count - gone.count + late.count }

  /// The rows by id. Merges if rows came or went out of order: call it once.
  var inOrder: [Element] {
    if late.isEmpty, gone.isEmpty { return base }
    let added = late.values.sorted { $0.id < $1.id }
    var rows: [Element] = []
    rows.reserveCapacity(count)
    var next = 0
    for row in base where gone.isEmpty || gone[row.id] == nil {
      while next < added.count, added[next].id < row.id {
        rows.append(added[next])
        next += 1
      }
      rows.append(row)
    }
    rows += added[next...]
    return rows
  }

  /// Shows the id of every row, in no particular order.
  func forEachID(_ body: (Element.ID) -> Void) {
    for index in base.indices {
      let id = base[index].id
      if gone.isEmpty || gone[id] == nil { body(id) }
    }
    for id in late.keys { body(id) }
  }

  /// Some row that fits, or nil. Looks at every row.
  func first(where fits: (Element) -> Bool) -> Element? {
    for row in base where fits(row) && (gone.isEmpty || gone[row.id] == nil) { return row }
    return late.isEmpty ? nil : late.values.first(where: fits)
  }

  subscript(id: Element.ID) -> Element? {
    if let row = lateRow(of: id) { return row }
    return baseIndex(of: id).map { base[$0] }
  }

  /// The row, faster than the subscript if its neighbour was found before.
  mutating func find(_ id: Element.ID) -> Element? { find(id) { $0 } }

  /// What is asked of the row, or nil; in the same way, and without a copy of the whole row.
  @inline(__always)
  mutating func find<Value>(_ id: Element.ID, _ body: (Element) -> Value) -> Value? {
    if let row = lateRow(of: id) { return body(row) }
    return seek(id).map { body(base[$0]) }
  }

  /// The rows of these ids, nil where there is none; faster than one after the other.
  func rows(of ids: [Element.ID]) -> [Element?] {
    var rows = late.isEmpty ? [Element?](repeating: nil, count: ids.count) : ids.map { late[$0] }
    let sought = ids.indices.filter { rows[$0] == nil && (gone.isEmpty || gone[ids[$0]] == nil) }
    for (index, place) in zip(sought, places(of: sought.map { ids[$0] })) {
      rows[index] = place.map { base[$0] }
    }
    return rows
  }

  /// Adds a row of an id that none has or had.
  mutating func add(_ row: Element) {
    if !isBaseFixed, base.last.map({ $0.id < row.id }) ?? true {
      base.append(row)
    } else {
      late[row.id] = row
    }
  }

  /// Adds a row; false if there is one of its id.
  mutating func insert(_ row: Element) -> Bool {
    if !isBaseFixed, base.last.map({ $0.id < row.id }) ?? true {
      base.append(row)
      return true
    }
    guard seek(row.id) == nil, late[row.id] == nil else { return false }
    if !isBaseFixed, let index = place(of: row.id) {
      base[index] = row
      gone[row.id] = nil
    } else {
      late[row.id] = row
    }
    return true
  }

  /// Changes the row; its id must stay. False if there is none.
  @discardableResult
  mutating func update(_ id: Element.ID, _ body: (inout Element) -> Void) -> Bool {
    if !late.isEmpty, let place = late.index(forKey: id) {
      body(&late.values[place])
    } else if let index = seek(id) {
      guard isBaseFixed else {
        body(&base[index])
        return true
      }
      var row = base[index]
      body(&row)
      gone[id] = index
      late[id] = row
    } else {
      return false
    }
    return true
  }

  /// Changes every row in place.
  mutating func updateAll(_ body: (inout Element) -> Void) {
    isBaseFixed = false
    for index in base.indices { body(&base[index]) }
    for place in late.indices { body(&late.values[place]) }
  }

  /// Removes the row, if there is one.
  mutating func remove(_ id: Element.ID) {
    if late.removeValue(forKey: id) == nil, let index = seek(id) { gone[id] = index }
  }

  static func == (left: SortedRows, right: SortedRows) -> Bool { left.inOrder == right.inOrder }

  func hash(into hasher: inout Hasher) { hasher.combine(inOrder) }

  /// Asked first: what was changed is soon asked for again, and a search in `base` walks through memory.
  private func lateRow(of id: Element.ID) -> Element? { late.isEmpty ? nil : late[id] }

  /// Where in `base` a row that is not gone stands.
  private func baseIndex(of id: Element.ID) -> Int? {
    place(of: id).flatMap { gone.isEmpty || gone[id] == nil ? $0 : nil }
  }

  /// The same; the next search begins there.
  private mutating func seek(_ id: Element.ID) -> Int? {
    guard let index = place(of: id) else { return nil }
    cursor = index
    return gone.isEmpty || gone[id] == nil ? index : nil
  }

  /// Where in `base` a row stands, gone or not: soonest where the last one was found or right behind it,
  /// sooner a little behind it than far away.
  private func place(of id: Element.ID) -> Int? {
    if cursor < base.count, base[cursor].id == id { return cursor }
    if cursor + 1 < base.count, base[cursor + 1].id == id { return cursor + 1 }
    // Whoever adds rows in order asks for what lies behind all of them.
    guard let last = base.last, !(last.id < id) else { return nil }
    var (low, high) = (0, base.count)
    if base[cursor].id < id {
      low = cursor + 1
      var step = 1
      while low + step < high, base[low + step].id < id {
        low += step
        step *= 2
      }
      high = min(high, low + step + 1)
    }
    while low < high {
      let middle = (low + high) / 2
      if base[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < base.count && base[low].id == id ? low : nil
  }

  /// The same for many. The first such search is remembered, by copies too, since one plan is looked at from
  /// many sides; what is remembered is checked, as copies go different ways.
  private func places(of ids: [Element.ID]) -> [Int?] {
    let known = bounds.value {
      Dictionary(zip(ids, lowerBounds(of: ids))) { first, _ in first }
    }
    return ids.map { id in
      guard let bound = known[id], bound <= base.count else { return place(of: id) }
      if bound < base.count, base[bound].id == id { return bound }
      let isBetween =
        (bound == base.count || id < base[bound].id) && (bound == 0 || base[bound - 1].id < id)
      return isBetween ? nil : place(of: id)
    }
  }

  /// Where in `base` the first row stands that is not before each of these. The searches go on together,
  /// step by step: each step waits for memory, and this is waiting for all of them at once.
  private func lowerBounds(of ids: [Element.ID]) -> [Int] {
    var bounds = [Int](repeating: 0, count: ids.count)
    base.withUnsafeBufferPointer { base in
      var length = base.count
      while length > 0 {
        let half = (length + 1) / 2
        for index in ids.indices where base[bounds[index] + half - 1].id < ids[index] {
          bounds[index] += half
        }
        length -= half
      }
    }
    return bounds
  }
}
