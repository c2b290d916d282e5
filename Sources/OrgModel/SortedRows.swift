// SortedRows: rows found by their ids and kept in the order of them, because nearly all that is done
// with an organization is a walk: reading a snapshot, comparing with the org file, applying a plan.
// Invariants: `base` ascends by id without repeating one; an id is in `base` or in `late`, not in both;
// the ids of `late` are lower than the last of `base`; `gone` holds ids of `base`.

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
  /// What was added where `base` has no room.
  private var late: [Element.ID: Element] = [:]
  /// What was removed from `base`.
  private var gone: Set<Element.ID> = []
  /// Where the last row was found.
  private var cursor = 0

  init() {}

  /// Nil if the ids do not ascend.
  init?(ascending rows: [Element]) {
    for index in rows.indices.dropFirst() where !(rows[index - 1].id < rows[index].id) {
      return nil
    }
    base = rows
  }

  /// Makes room for more rows, if they are many.
  mutating func reserve(adding more: Int) {
    if more > base.count { base.reserveCapacity(base.count + more) }
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
    for row in base where gone.isEmpty || !gone.contains(row.id) {
      while next < added.count, added[next].id < row.id {
        rows.append(added[next])
        next += 1
      }
      rows.append(row)
    }
    rows += added[next...]
    return rows
  }

  /// Shows every row, in no particular order.
  func forEach(_ body: (Element) -> Void) {
    for row in base where gone.isEmpty || !gone.contains(row.id) { body(row) }
    for row in late.values { body(row) }
  }

  /// Some row that fits, or nil. Looks at every row.
  func first(where fits: (Element) -> Bool) -> Element? {
    for row in base where fits(row) && (gone.isEmpty || !gone.contains(row.id)) { return row }
    return late.isEmpty ? nil : late.values.first(where: fits)
  }

  subscript(id: Element.ID) -> Element? {
    guard let index = baseIndex(of: id, near: cursor) else { return late[id] }
    return base[index]
  }

  /// The row, faster than the subscript if its neighbour was found before.
  mutating func find(_ id: Element.ID) -> Element? {
    guard let index = baseIndex(of: id, near: cursor) else { return late[id] }
    cursor = index
    return base[index]
  }

  /// Adds a row; false if there is one of its id.
  mutating func insert(_ row: Element) -> Bool {
    if base.last.map({ $0.id < row.id }) ?? true {
      base.append(row)
      return true
    }
    guard baseIndex(of: row.id, near: cursor) == nil, late[row.id] == nil else { return false }
    if let index = search(row.id) {
      base[index] = row
      gone.remove(row.id)
    } else {
      late[row.id] = row
    }
    return true
  }

  /// Changes the row in place; its id must stay. Nothing happens if there is none.
  mutating func update(_ id: Element.ID, _ body: (inout Element) -> Void) {
    if let index = baseIndex(of: id, near: cursor) {
      cursor = index
      body(&base[index])
    } else if let place = late.index(forKey: id) {
      body(&late.values[place])
    }
  }

  /// Changes every row in place.
  mutating func updateAll(_ body: (inout Element) -> Void) {
    for index in base.indices { body(&base[index]) }
    for place in late.indices { body(&late.values[place]) }
  }

  /// Removes the row, if there is one.
  mutating func remove(_ id: Element.ID) {
    if late.removeValue(forKey: id) == nil, baseIndex(of: id, near: cursor) != nil {
      gone.insert(id)
    }
  }

  static func == (left: SortedRows, right: SortedRows) -> Bool { left.inOrder == right.inOrder }

  func hash(into hasher: inout Hasher) { hasher.combine(inOrder) }

  /// Where in `base` a row that is not gone stands.
  private func baseIndex(of id: Element.ID, near guess: Int) -> Int? {
    let index: Int
    if guess < base.count, base[guess].id == id {
      index = guess
    } else if guess + 1 < base.count, base[guess + 1].id == id {
      index = guess + 1
    } else if let found = search(id) {
      index = found
    } else {
      return nil
    }
    return gone.isEmpty || !gone.contains(id) ? index : nil
  }

  /// Where in `base` a row stands, gone or not.
  private func search(_ id: Element.ID) -> Int? {
    // Whoever adds rows in order asks for what lies behind all of them.
    guard let last = base.last, !(last.id < id) else { return nil }
    var (low, high) = (0, base.count)
    while low < high {
      let middle = (low + high) / 2
      if base[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < base.count && base[low].id == id ? low : nil
  }
}
