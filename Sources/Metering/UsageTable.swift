// UsageTable: the sums of one window by whom the records name, by model and by bucket, and what people
// ask of them. Values in, values out: nothing here reads the store.

public import OrgModel

/// The sums of one window.
public struct UsageTable: Sendable {
  /// Which records it counts.
  public let window: UsageWindow
  /// Whom its records name, sorted.
  public let subjects: [UsageSubject]
  /// Their models, sorted.
  public let models: [String]

  /// A subject and a model, by their places in the lists.
  struct Pair: Hashable, Sendable {
    let subject: Int
    let model: Int
  }

  /// The pairs that there are, sorted.
  let pairs: [Pair]
  /// Of each pair the sums of every bucket, one pair behind the other.
  let cells: [UsageTotals]

  /// The sums of every bucket, in order; those of some subjects only, if a filter is given.
  public func trend(of isCounted: (UsageSubject) -> Bool = { _ in true }) -> [UsageTotals] {
    var buckets = [UsageTotals](repeating: .zero, count: window.bucketCount)
    forEachPair(of: isCounted) { _, cells in
      for index in buckets.indices { buckets[index] += cells[cells.startIndex + index] }
    }
    return buckets
  }

  /// The sums by model, the most Credits first, then by name.
  public func models(
    of isCounted: (UsageSubject) -> Bool = { _ in true }
  ) -> [(model: String, totals: UsageTotals)] {
    var totals = [UsageTotals?](repeating: nil, count: models.count)
    forEachPair(of: isCounted) { pair, cells in
      for cell in cells { totals[pair.model, default: .zero] += cell }
    }
    return zip(models, totals).compactMap { model, totals in totals.map { (model, $0) } }
      .sorted { left, right in
        left.totals.microCredits != right.totals.microCredits
          ? left.totals.microCredits > right.totals.microCredits : isBefore(left.model, right.model)
      }
  }

  /// The sums by member, the most Credits first, then by name, and those that are nobody's.
  /// - Parameter attribution: Who a subject is; nil for nobody that is known.
  public func members(
    _ attribution: (UsageSubject) -> Username?
  ) -> (members: [MemberUsage], unattributed: UsageTotals) {
    var buckets: [Username: [UsageTotals]] = [:]
    var unattributed = UsageTotals.zero
    for (index, subject) in subjects.enumerated() {
      let name = attribution(subject)
      forEachPair(ofSubject: index) { _, cells in
        guard let name else {
          for cell in cells { unattributed += cell }
          return
        }
        var own = buckets[name] ?? [UsageTotals](repeating: .zero, count: window.bucketCount)
        for index in own.indices { own[index] += cells[cells.startIndex + index] }
        buckets[name] = own
      }
    }
    let members = buckets.map { MemberUsage(member: $0, buckets: $1) }
    return (members.sorted(by: MemberUsage.isBefore), unattributed)
  }

  private func forEachPair(
    of isCounted: (UsageSubject) -> Bool, _ body: (Pair, ArraySlice<UsageTotals>) -> Void
  ) {
    for index in subjects.indices where isCounted(subjects[index]) {
      forEachPair(ofSubject: index, body)
    }
  }

  /// The pairs of a subject lie one behind the other.
  private func forEachPair(
    ofSubject subject: Int, _ body: (Pair, ArraySlice<UsageTotals>) -> Void
  ) {
    var (low, high) = (0, pairs.count)
    while low < high {
      let middle = (low + high) / 2
      if pairs[middle].subject < subject { low = middle + 1 } else { high = middle }
    }
    while low < pairs.count, pairs[low].subject == subject {
      let start = low * window.bucketCount
      body(pairs[low], cells[start..<start + window.bucketCount])
      low += 1
    }
  }
}

/// What a member used in a window.
public struct MemberUsage: Hashable, Sendable {
  /// Who; perhaps not a member any more.
  public let member: Username
  /// The sums of every bucket, in order.
  public let buckets: [UsageTotals]

  /// The sums of all buckets.
  public var totals: UsageTotals { buckets.total }

  static func isBefore(_ left: MemberUsage, _ right: MemberUsage) -> Bool {
    let (a, b) = (left.totals.microCredits, right.totals.microCredits)
    return a != b ? a > b : left.member < right.member
  }
}

extension Array where Element == UsageTotals {
  /// Their sum.
  public var total: UsageTotals { reduce(into: .zero) { $0 += $1 } }
}

extension Array {
  fileprivate subscript<Wrapped>(index: Int, default value: Wrapped) -> Wrapped
  where Element == Wrapped? {
    get { self[index] ?? value }
    set { self[index] = newValue }
  }
}

/// By bytes, which `String` compares ASCII by only.
func isBefore(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}

/// Gathers the sums of one window.
struct UsageTableBuilder {
  private let window: UsageWindow
  private var subjects: [UsageSubject: Int] = [:]
  private var models: [String: Int] = [:]
  private var places: [UsageTable.Pair: Int] = [:]
  private var cells: [UsageTotals] = []

  init(_ window: UsageWindow) { self.window = window }

  mutating func number(of subject: UsageSubject) -> Int {
    if let known = subjects[subject] { return known }
    subjects[subject] = subjects.count
    return subjects.count - 1
  }

  mutating func number(of model: String) -> Int {
    if let known = models[model] { return known }
    models[model] = models.count
    return models.count - 1
  }

  /// The place of the cells of a pair.
  mutating func place(subject: Int, model: Int) -> Int {
    let pair = UsageTable.Pair(subject: subject, model: model)
    if let known = places[pair] { return known }
    let place = cells.count
    places[pair] = place
    cells.append(contentsOf: repeatElement(.zero, count: window.bucketCount))
    return place
  }

  mutating func add(_ totals: UsageTotals, at cell: Int) { cells[cell] += totals }

  /// The table, in an order that does not tell how it was gathered.
  func table() -> UsageTable {
    let sortedSubjects = subjects.sorted { $0.key < $1.key }
    let sortedModels = models.sorted { isBefore($0.key, $1.key) }
    var newSubjects = [Int](repeating: 0, count: subjects.count)
    for (new, entry) in sortedSubjects.enumerated() { newSubjects[entry.value] = new }
    var newModels = [Int](repeating: 0, count: models.count)
    for (new, entry) in sortedModels.enumerated() { newModels[entry.value] = new }
    let pairs = places.map { pair, place in
      (
        pair: UsageTable.Pair(subject: newSubjects[pair.subject], model: newModels[pair.model]),
        place: place
      )
    }.sorted { ($0.pair.subject, $0.pair.model) < ($1.pair.subject, $1.pair.model) }
    var sortedCells: [UsageTotals] = []
    sortedCells.reserveCapacity(cells.count)
    for (_, place) in pairs { sortedCells += cells[place..<place + window.bucketCount] }
    return UsageTable(
      window: window, subjects: sortedSubjects.map(\.key), models: sortedModels.map(\.key),
      pairs: pairs.map(\.pair), cells: sortedCells)
  }
}
