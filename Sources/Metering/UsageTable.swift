// UsageTable: the sums of one window by whom the records name, by model and by bucket, and what people
// ask of them. Values in, values out: nothing here reads the store.

public import OrgModel

/// What sums tell apart, beside buckets: the less, the sooner they are added up.
public struct UsageDimensions: OptionSet, Sendable {
  /// The bits of what is told apart.
  public let rawValue: Int

  /// Of these bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Whom records name.
  public static let subjects = UsageDimensions(rawValue: 1)
  /// Their models.
  public static let models = UsageDimensions(rawValue: 2)
}

/// The sums of one window.
public struct UsageTable: Sendable {
  /// Which records it counts.
  public let window: UsageWindow
  /// What it tells apart.
  public let dimensions: UsageDimensions
  /// Whom its records name, each once, in the order of the store; none if they are not told apart.
  public let subjects: [UsageSubject]
  /// Their models, each once, in the order of the store; none if they are not told apart.
  public let models: [String]

  /// The sums of a subject and a model in a bucket.
  struct Cell: Sendable {
    let subject: Int32
    let model: Int32
    var totals: UsageTotals
  }

  /// Of every bucket what is not nothing, each once.
  let cells: [[Cell]]

  /// The sums of every bucket, in order; those of some subjects only, if a filter is given.
  public func trend(of isCounted: ((UsageSubject) -> Bool)? = nil) -> [UsageTotals] {
    let isCounted = flags(isCounted)
    var buckets = [UsageTotals](repeating: .zero, count: window.bucketCount)
    for (bucket, cells) in cells.enumerated() {
      for cell in cells where isCounted?[Int(cell.subject)] ?? true {
        buckets[bucket] += cell.totals
      }
    }
    return buckets
  }

  private func flags(_ isCounted: ((UsageSubject) -> Bool)?) -> [Bool]? {
    precondition(
      isCounted == nil || dimensions.contains(.subjects), "who is told apart can be picked")
    return isCounted.map { subjects.map($0) }
  }

  /// The sums by model, the most Credits first, then by name. Models must be told apart.
  public func models(
    of isCounted: ((UsageSubject) -> Bool)? = nil
  ) -> [(model: String, totals: UsageTotals)] {
    precondition(dimensions.contains(.models), "models are told apart")
    let isCounted = flags(isCounted)
    var totals = [UsageTotals](repeating: .zero, count: models.count)
    var hasRecords = [Bool](repeating: false, count: models.count)
    for cells in cells {
      for cell in cells where isCounted?[Int(cell.subject)] ?? true {
        totals[Int(cell.model)] += cell.totals
        hasRecords[Int(cell.model)] = true
      }
    }
    return models.indices.filter { hasRecords[$0] }.map { (models[$0], totals[$0]) }
      .sorted { left, right in
        left.1.microCredits != right.1.microCredits
          ? left.1.microCredits > right.1.microCredits : isBefore(left.0, right.0)
      }
  }

  /// The sums by member, the most Credits first, then by name, and those that are nobody's. Subjects must
  /// be told apart.
  /// - Parameter attribution: Who a subject is; nil for nobody that is known.
  public func members(
    _ attribution: (UsageSubject) -> Username?
  ) -> (members: [MemberUsage], unattributed: UsageTotals) {
    precondition(dimensions.contains(.subjects), "subjects are told apart")
    var numbers: [Username: Int] = [:]
    let owners = subjects.map { subject -> Int? in
      guard let name = attribution(subject) else { return nil }
      if let known = numbers[name] { return known }
      numbers[name] = numbers.count
      return numbers.count - 1
    }
    // The Credits of each in every bucket, side by side: lists of their own would be as many.
    let count = window.bucketCount
    var credits = [Int128](repeating: 0, count: count * numbers.count)
    var totals = [UsageTotals](repeating: .zero, count: numbers.count)
    var unattributed = UsageTotals.zero
    for (bucket, cells) in cells.enumerated() {
      for cell in cells {
        if let owner = owners[Int(cell.subject)] {
          credits[owner * count + bucket] += cell.totals.microCredits
          totals[owner] += cell.totals
        } else {
          unattributed += cell.totals
        }
      }
    }
    var members = numbers.map { name, number in
      MemberUsage(
        member: name, totals: totals[number],
        credits: credits[number * count..<(number + 1) * count])
    }
    members.sort {
      $0.totals.microCredits != $1.totals.microCredits
        ? $0.totals.microCredits > $1.totals.microCredits : $0.member < $1.member
    }
    return (members, unattributed)
  }
}

/// What a member used in a window.
public struct MemberUsage: Hashable, Sendable {
  /// Who; perhaps not a member any more.
  public let member: Username
  /// The sums of all buckets.
  public let totals: UsageTotals
  /// The millionths of Credits of every bucket, in order.
  public let credits: ArraySlice<Int128>
}

extension Array where Element == UsageTotals {
  /// Their sum.
  public var total: UsageTotals { reduce(into: .zero) { $0 += $1 } }
}

/// By bytes, which `String` compares ASCII by only.
func isBefore(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}

/// Gathers the sums of one window.
struct UsageTableBuilder {
  /// The sums of a bucket. Hours come one after the other, and the table of one bucket is near at hand
  /// where that of all would be waited for row by row.
  private struct Bucket {
    var cells: [UsageTable.Cell] = []
    private var numbers = CellNumbers()

    @inline(__always)
    mutating func add(_ totals: UsageTotals, subject: Int32, model: Int32) {
      if let known = numbers.find(subject, model) {
        cells[known].totals += totals
      } else {
        cells.append(UsageTable.Cell(subject: subject, model: model, totals: totals))
        numbers.add(cells)
      }
    }
  }

  private let window: UsageWindow
  private let dimensions: UsageDimensions
  private var subjects: [UsageSubject] = []
  private var models: [String] = []
  /// Those that have sums; the others are nil.
  private var buckets: [Bucket?]
  private var numbersOfSubjects: [UsageSubject: Int32] = [:]
  private var numbersOfModels: [ExactText: Int32] = [:]

  init(_ window: UsageWindow, _ dimensions: UsageDimensions) {
    self.window = window
    self.dimensions = dimensions
    buckets = Array(repeating: nil, count: window.bucketCount)
  }

  /// The same for all if they are not told apart.
  mutating func number(of subject: UsageSubject) -> Int32 {
    guard dimensions.contains(.subjects) else { return 0 }
    if let known = numbersOfSubjects[subject] { return known }
    subjects.append(subject)
    numbersOfSubjects[subject] = Int32(subjects.count - 1)
    return Int32(subjects.count - 1)
  }

  /// The same for all if they are not told apart.
  mutating func number(of model: String) -> Int32 {
    guard dimensions.contains(.models) else { return 0 }
    let key = ExactText(model)
    if let known = numbersOfModels[key] { return known }
    models.append(model)
    numbersOfModels[key] = Int32(models.count - 1)
    return Int32(models.count - 1)
  }

  mutating func add(_ totals: UsageTotals, subject: Int32, model: Int32, bucket: Int) {
    if buckets[bucket] == nil { buckets[bucket] = Bucket() }
    buckets[bucket]?.add(totals, subject: subject, model: model)
  }

  func table() -> UsageTable {
    UsageTable(
      window: window, dimensions: dimensions, subjects: subjects, models: models,
      cells: buckets.map { $0?.cells ?? [] })
  }
}

/// The numbers of cells, found by subject and model: each pair has a place of its own while these are few,
/// and then a hash table has them.
private struct CellNumbers {
  /// A quarter of a mebibyte.
  private static let placesMax = 1 << 16

  /// How many models have a place beside each subject.
  private var width = 4
  /// The number of a cell and one; 0 for none. Empty once there are too many.
  private var places: [Int32] = []
  private var table: KeyTable?

  @inline(__always)
  func find(_ subject: Int32, _ model: Int32) -> Int? {
    if let table { return table.find(Self.key(subject, model)) }
    let place = Int(subject) * width + Int(model)
    guard Int(model) < width, place < places.count, places[place] > 0 else { return nil }
    return Int(places[place]) - 1
  }

  /// Gives the last cell the next number.
  mutating func add(_ cells: [UsageTable.Cell]) {
    guard let cell = cells.last else { return }
    let (subject, model) = (Int(cell.subject), Int(cell.model))
    if table == nil, model >= width || subject * width + model >= places.count {
      makeRoom(for: cells, model)
    }
    if table == nil {
      places[subject * width + model] = Int32(cells.count)
    } else {
      table?.add(Self.key(cell.subject, cell.model))
    }
  }

  /// Makes places, or a table, with the numbers of all cells but the last.
  private mutating func makeRoom(for cells: [UsageTable.Cell], _ model: Int) {
    while model >= width { width *= 2 }
    // A wider row moves those of all subjects.
    let count = (cells.reduce(0) { max($0, Int($1.subject)) } + 1) * width
    guard count <= Self.placesMax else {
      var table = KeyTable()
      for cell in cells.dropLast() { table.add(Self.key(cell.subject, cell.model)) }
      self.table = table
      places = []
      return
    }
    places = [Int32](repeating: 0, count: min(Self.placesMax, count * 2))
    for (number, cell) in cells.dropLast().enumerated() {
      places[Int(cell.subject) * width + Int(cell.model)] = Int32(number + 1)
    }
  }

  private static func key(_ subject: Int32, _ model: Int32) -> UInt64 {
    UInt64(subject) << 32 | UInt64(model)
  }
}
