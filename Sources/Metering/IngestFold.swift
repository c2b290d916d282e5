// IngestFold: what was parsed, piece by piece in the order of the file, added up.

import CommitStore
import OrgModel

/// The sums of the file so far.
struct IngestFold: Sendable {
  private(set) var writer: BatchWriter
  private var rollUp = RollUp()
  private var runs = RollUpRuns()
  var subjects: [UsageSubject] { numbersOfSubjects.subjects }
  private(set) var models: [String] = []
  private(set) var recordCount = 0
  private(set) var skippedCount = 0
  /// Why nothing of the rest of the file matters.
  private(set) var refusal: IngestError?

  private let skipsInvalid: Bool
  private let rowsMax: Int
  /// The first lines that are no records, and how many there are, unless they are skipped.
  private var findings: [LineFinding] = []
  private var findingCount = 0
  private var linesDone = 0
  private var numbersOfSubjects = SubjectNumbers()
  private var numbersOfModels: [ExactText: Int32] = [:]
  private var sums: [(records: Int, totals: UsageTotals)] = []

  /// - Parameter rowsMax: With about so many rows the sums so far are put away.
  init(_ writer: BatchWriter, skipsInvalid: Bool, rowsMax: Int) {
    self.writer = writer
    self.skipsInvalid = skipsInvalid
    self.rowsMax = rowsMax
  }

  /// The sums by whom the records name.
  var subjectSums: [(subject: UsageSubject, records: Int, totals: UsageTotals)] {
    zip(subjects, sums).map { ($0, $1.records, $1.totals) }
  }

  /// Why the file is not taken in, as far as it was read.
  var failure: IngestError? {
    refusal ?? (findingCount > 0 ? .invalid(findings, count: findingCount) : nil)
  }

  /// Shows the sums, hour by hour.
  func forEachHour<Failure: Error>(
    _ body: (HourRows) throws(Failure) -> Void
  ) throws(Failure) {
    var index = BatchIndex()
    (index.subjects, index.models) = (subjects, models)
    try runs.forEachHour(with: rollUp, index, body)
  }

  /// Takes no more, since the header of a file is none.
  mutating func refuse(_ header: FieldError) {
    refusal = .invalid([LineFinding(line: 1, message: header.message)], count: 1)
  }

  /// Adds what was parsed. Behind a line that is no record, other such lines are all that is looked for.
  mutating func add(_ result: PieceResult) {
    guard refusal == nil else { return }
    linesDone += result.linesBefore
    defer { linesDone += result.lineCount }
    if skipsInvalid {
      skippedCount += result.badLineCount
    } else {
      findingCount += result.badRecordCount
      for bad in result.badLines.prefix(PieceResult.badLinesKept - findings.count) {
        findings.append(LineFinding(line: linesDone + bad.line + 1, message: bad.message))
      }
      guard findingCount == 0 else { return }
    }
    do throws(RollUpLimit) { try addRecords(of: result) } catch {
      refusal = .invalid([LineFinding(line: linesDone + 1, message: error.message)], count: 1)
    }
  }

  private mutating func addRecords(of result: PieceResult) throws(RollUpLimit) {
    numbersOfSubjects.touch(result.subjectHashes)
    let subjectNumbers = try result.subjects.indices.map { (index) throws(RollUpLimit) in
      try number(of: result.subjects[index], hash: result.subjectHashes[index])
    }
    let modelNumbers = try result.models.map { (model) throws(RollUpLimit) in
      try number(of: model)
    }
    var records = result.records
    for at in records.indices {
      records[at].subject = subjectNumbers[Int(records[at].subject)]
      records[at].model = modelNumbers[Int(records[at].model)]
    }
    rollUp.add(records)
    if rollUp.rowCount >= rowsMax {
      try runs.add(rollUp)
      rollUp = RollUp()
    }
    for record in records {
      sums[Int(record.subject)].records += 1
      sums[Int(record.subject)].totals += BatchRow(record).totals
      do { try writer.add(record) } catch {
        refusal = .usage(.store(error))
        return
      }
    }
    recordCount += records.count
  }

  private mutating func number(
    of subject: UsageSubject, hash: UInt64
  ) throws(RollUpLimit) -> Int32 {
    if let known = numbersOfSubjects.find(subject, hash) { return known }
    guard subjects.count < RollUp.subjectsMax else {
      throw RollUpLimit(
        message: "the file names more than \(RollUp.subjectsMax) members and keys; split it")
    }
    sums.append((0, .zero))
    return numbersOfSubjects.add(subject, hash)
  }

  private mutating func number(of model: String) throws(RollUpLimit) -> Int32 {
    let key = ExactText(model)
    if let known = numbersOfModels[key] { return known }
    guard models.count < RollUp.modelsMax else {
      throw RollUpLimit(message: "the file names more than \(RollUp.modelsMax) models; split it")
    }
    models.append(model)
    numbersOfModels[key] = Int32(models.count - 1)
    return Int32(models.count - 1)
  }
}

/// Subjects by their turn, found by a hash that was made where they were read.
struct SubjectNumbers: Sendable {
  /// In the order in which they came.
  private(set) var subjects: [UsageSubject] = []
  private var hashes = KeyTable()
  /// The subject that came first with each hash.
  private var firsts: [Int32] = []
  /// Those that came with the hash of another one.
  private var others: [UsageSubject: Int32] = [:]
  private var touched: Int32 = 0

  /// Prepares for looking for subjects of these hashes.
  mutating func touch(_ hashes: [UInt64]) { touched &+= self.hashes.touch(hashes) }

  func find(_ subject: UsageSubject, _ hash: UInt64) -> Int32? {
    guard let place = hashes.find(hash) else { return nil }
    let first = firsts[place]
    return subjects[Int(first)] == subject ? first : others[subject]
  }

  /// Gives the next number to a subject that is not there.
  mutating func add(_ subject: UsageSubject, _ hash: UInt64) -> Int32 {
    let number = Int32(subjects.count)
    subjects.append(subject)
    if hashes.find(hash) == nil {
      hashes.add(hash)
      firsts.append(number)
    } else {
      others[subject] = number
    }
    return number
  }
}
