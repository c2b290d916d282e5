// IngestFold: what was parsed, piece by piece in the order of the file, added up.

import CommitStore
import OrgModel

/// The sums of the file so far.
struct IngestFold: Sendable {
  private(set) var writer: BatchWriter
  private(set) var rollUp = RollUp()
  private(set) var subjects: [UsageSubject] = []
  private(set) var models: [String] = []
  private(set) var recordCount = 0
  private(set) var skippedCount = 0
  private(set) var header: CSVHeader?
  /// Why the file is not taken in.
  private(set) var failure: IngestError?

  private let skipsInvalid: Bool
  private var linesDone = 0
  private var numbersOfSubjects: [UsageSubject: Int32] = [:]
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
    let subjectNumbers = try result.subjects.map { (subject) throws(RollUpLimit) in
      try number(of: subject)
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

  private mutating func number(of subject: UsageSubject) throws(RollUpLimit) -> Int32 {
    if let known = numbersOfSubjects[subject] { return known }
    guard subjects.count < RollUp.subjectsMax else {
      throw RollUpLimit(message: "the file names more than \(RollUp.subjectsMax) members and keys")
    }
    subjects.append(subject)
    sums.append((0, .zero))
    numbersOfSubjects[subject] = Int32(subjects.count - 1)
    return Int32(subjects.count - 1)
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
