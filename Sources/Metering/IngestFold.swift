// IngestFold: what was parsed, piece by piece in the order of the file, added up.

import CommitStore
import OrgModel

/// The sums of the file so far.
struct IngestFold: Sendable {
  private(set) var writer: BatchWriter
  private(set) var rollUp = RollUp()
  var subjects: [UsageSubject] { numbersOfSubjects.subjects }
  private(set) var models: [String] = []
  private(set) var recordCount = 0
  private(set) var skippedCount = 0
  private(set) var header: CSVHeader?
  /// Why the file is not taken in.
  private(set) var failure: IngestError?

  private let skipsInvalid: Bool
  private var linesDone = 0
  private var numbersOfSubjects = SubjectNumbers()
  private var numbersOfModels: [ExactText: Int32] = [:]
  private var sums: [(records: Int, totals: UsageTotals)] = []

  init(_ writer: BatchWriter, skipsInvalid: Bool) {
    self.writer = writer
    self.skipsInvalid = skipsInvalid
  }

  /// The sums by whom the records name.
  var subjectSums: [(subject: UsageSubject, records: Int, totals: UsageTotals)] {
    zip(subjects, sums).map { ($0, $1.records, $1.totals) }
  }

  /// Takes the header off the first piece.
  mutating func takeHeader(off pieces: inout [IngestPiece]) {
    guard !pieces.isEmpty else {
      failure = .invalid(
        [LineFinding(line: 1, message: "the file is empty; CSV begins with a header")], count: 1)
      return
    }
    var isQuoted = false
    var end = pieces[0].bytes.count
    for (index, byte) in pieces[0].bytes.enumerated() {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if byte == 0x0A, !isQuoted {
        end = index + 1
        break
      }
    }
    var line = Array(pieces[0].bytes[..<end])
    linesDone += line.count { $0 == 0x0A }
    if line.last == 0x0A { line.removeLast() }
    if line.last == 0x0D { line.removeLast() }
    do throws(FieldError) { header = try CSVHeader(line) } catch {
      failure = .invalid([LineFinding(line: 1, message: error.message)], count: 1)
      return
    }
    pieces[0].bytes.removeFirst(end)
  }

  /// Adds what was parsed.
  mutating func add(_ result: PieceResult) {
    guard failure == nil else { return }
    linesDone += result.linesBefore
    defer { linesDone += result.lineCount }
    skippedCount += result.badLineCount
    if result.badLineCount > 0, !skipsInvalid {
      let findings = result.badLines.map {
        LineFinding(line: linesDone + $0.line + 1, message: $0.message)
      }
      failure = .invalid(findings, count: result.badLineCount)
      return
    }
    do throws(RollUpLimit) { try addRecords(of: result) } catch {
      failure = .invalid([LineFinding(line: linesDone + 1, message: error.message)], count: 1)
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
    try rollUp.add(records)
    for record in records {
      sums[Int(record.subject)].records += 1
      sums[Int(record.subject)].totals += BatchRow(record).totals
      do { try writer.add(record) } catch {
        failure = .usage(.store(error))
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
      throw RollUpLimit(message: "the file names more than \(RollUp.subjectsMax) members and keys")
    }
    sums.append((0, .zero))
    return numbersOfSubjects.add(subject, hash)
  }

  private mutating func number(of model: String) throws(RollUpLimit) -> Int32 {
    let key = ExactText(model)
    if let known = numbersOfModels[key] { return known }
    guard models.count < RollUp.modelsMax else {
      throw RollUpLimit(message: "the file names more than \(RollUp.modelsMax) models")
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
