// CSVRecords: usage records as CSV with a header (RFC 4180).
// Invariants: a piece begins at a record and ends behind one; a quote stands at the start of a cell and
// inside of a quoted one only; an empty cell is an absent field; what is no record ends where its row does.

import SystemCalls

/// The columns that a header names.
struct CSVHeader: Sendable {
  /// Of each column its field; nil for one that is ignored.
  let fields: [Field?]

  /// Reads the first record of a file.
  /// - Throws: `FieldError` if a column stands twice or one that records need is missing.
  init(_ line: [UInt8]) throws(FieldError) {
    var fields: [Field?] = []
    var names: Set<String> = []
    var cells = CSVCells(line)
    while let cell = try cells.next() {
      guard let name = String(validating: cell, as: UTF8.self) else {
        throw FieldError("the header is not UTF-8")
      }
      let field = cell.withUnsafeBufferPointer { cell in
        cell.baseAddress.flatMap { Field.of($0, cell.count) }
      }
      guard names.insert(name).inserted else {
        // A file without a header has a record there, which may hold a key: no text of it is shown.
        let column =
          field.map { "the column '\($0.name)'" } ?? "the name of column \(fields.count + 1)"
        throw FieldError("the header has \(column) twice")
      }
      fields.append(field)
    }
    func has(_ field: Field) -> Bool { fields.contains { $0 == field } }
    for field in [Field.time, .model, .credits] where !has(field) {
      throw FieldError("the header has no column '\(field.name)'")
    }
    guard has(.member) || has(.keyID) || has(.apiKey) else {
      throw FieldError("the header has none of the columns 'member', 'key_id' and 'api_key'")
    }
    self.fields = fields
  }

  /// Whether a cell of a column may hold a line break: any but a time or a number.
  func mayHoldBreak(_ column: Int) -> Bool {
    guard column < fields.count else { return false }
    switch fields[column] {
    case nil, .member, .keyID, .apiKey, .model: return true
    case .time, .credits, .requests, .inputTokens, .outputTokens: return false
    }
  }
}

/// The cells of one record in an array; for the header.
private struct CSVCells {
  private let bytes: [UInt8]
  private var at = 0
  private var isDone = false

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() throws(FieldError) -> [UInt8]? {
    if isDone { return nil }
    var cell: [UInt8] = []
    if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
      at += 1
      while true {
        guard at < bytes.count else { throw FieldError("a quoted cell of the header has no end") }
        if bytes[at] == UInt8(ascii: "\"") {
          at += 1
          guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { break }
        }
        cell.append(bytes[at])
        at += 1
      }
    } else {
      while at < bytes.count, bytes[at] != UInt8(ascii: ",") {
        guard bytes[at] != UInt8(ascii: "\"") else {
          throw FieldError("a quote stands inside of a cell of the header")
        }
        cell.append(bytes[at])
        at += 1
      }
    }
    guard at < bytes.count else {
      isDone = true
      return cell
    }
    guard bytes[at] == UInt8(ascii: ",") else {
      throw FieldError("something follows a quoted cell of the header")
    }
    at += 1
    return cell
  }
}

/// Reads the records of a piece.
struct CSVRecords {
  private static let openCell = "a quoted cell has no end"

  private let header: CSVHeader
  private let bytes: UnsafePointer<UInt8>
  private let end: Int
  private var at = 0
  /// Behind the last byte that a record may have which starts where this one does.
  private var wall = 0
  private var builder = RecordBuilder()
  private var decoded: [UInt8] = []
  private var line = 0
  /// Whether a cell of this record holds a line break.
  private var hasBreak = false

  /// Reads all records of a piece.
  static func read(_ piece: UnsafeBufferPointer<UInt8>, _ header: CSVHeader) -> PieceResult {
    guard let start = piece.baseAddress else { return PieceResult() }
    var records = CSVRecords(start, piece.count, header)
    records.readAll()
    return records.builder.result
  }

  private init(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ header: CSVHeader) {
    self.bytes = bytes
    end = count
    self.header = header
    builder.result.records.reserveCapacity(count / 64 + 8)
  }

  private mutating func readAll() {
    defer { builder.free() }
    while at < end {
      if takeBreak() { continue }  // an empty line is no record
      let (start, firstLine) = (at, line)
      do { try readRecord() } catch {
        let message = leaveOut(start)
        line = firstLine
        for index in start..<at where bytes[index] == 0x0A { line += 1 }
        builder.result.report(
          message ?? error.message, line: firstLine,
          lines: line - firstLine + (bytes[at - 1] == 0x0A ? 0 : 1))
      }
    }
    builder.result.lineCount = line
  }

  /// Goes behind the row of what is no record; what is wrong with it, if that is its quotes alone.
  private mutating func leaveOut(_ start: Int) -> String? {
    let row = CSVRowScanner.row(at: start, of: bytes, end, isAll: true, header)
    at = row?.end ?? end
    // What else is wrong behind its first line is not the row's, and need not be in this piece.
    return row?.isSound == false && hasBreak ? Self.openCell : nil
  }

  /// Goes behind a line break, if one is here.
  private mutating func takeBreak() -> Bool {
    guard at < end else { return false }
    if bytes[at] == 0x0A {
      at += 1
      line += 1
      return true
    }
    guard bytes[at] == 0x0D, at + 1 == end || bytes[at + 1] == 0x0A else { return false }
    at = min(at + 2, end)
    line += 1
    return true
  }

  private mutating func readRecord() throws(FieldError) {
    let start = at
    wall = min(end, start + RecordLimit.lineBytesMax + 1)
    hasBreak = false
    builder.begin()
    var column = 0
    while true {
      guard column < header.fields.count else {
        throw FieldError(
          "the record has more cells than the header, which has \(header.fields.count)")
      }
      let field = header.fields[column]
      if at < end, bytes[at] == UInt8(ascii: "\"") {
        try readQuoted(field)
      } else {
        try readPlain(field)
      }
      guard at - start <= RecordLimit.lineBytesMax else {
        throw FieldError("the record has more than \(RecordLimit.lineBytesMax) bytes")
      }
      column += 1
      if at < end, bytes[at] == UInt8(ascii: ",") {
        at += 1
        continue
      }
      guard at == end || takeBreak() else { throw FieldError("something follows a quoted cell") }
      break
    }
    guard column == header.fields.count else {
      throw FieldError("the record has \(column) cells, the header has \(header.fields.count)")
    }
    try builder.end()
  }

  private mutating func readPlain(_ field: Field?) throws(FieldError) {
    let start = at
    while at < wall {
      let byte = bytes[at]
      if byte == UInt8(ascii: ",") || byte == 0x0A { break }
      if byte == 0x0D, at + 1 == end || bytes[at + 1] == 0x0A { break }
      if byte == UInt8(ascii: "\"") { throw FieldError("a quote stands inside of a cell") }
      if byte < 0x20, byte != 0x09 || byte == 0x7F {
        throw FieldError("a cell holds a control character")
      }
      if byte >= 0x80 {
        guard let count = UTF8Check.sequence(bytes, at, end) else {
          throw FieldError("the record is not UTF-8")
        }
        at += count
      } else {
        at += 1
      }
    }
    try take(bytes + start, at - start, isLasting: true, as: field)
  }

  private mutating func readQuoted(_ field: Field?) throws(FieldError) {
    at += 1
    let start = at
    var hasQuotes = false
    while true {
      guard at < wall else { throw FieldError(Self.openCell) }
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        guard at + 1 < end, bytes[at + 1] == UInt8(ascii: "\"") else { break }
        hasQuotes = true
        at += 2
      } else if byte >= 0x80 {
        guard let count = UTF8Check.sequence(bytes, at, end) else {
          throw FieldError("the record is not UTF-8")
        }
        at += count
      } else {
        if byte == 0x0A {
          line += 1
          hasBreak = true
        }
        if byte == 0 { throw FieldError("a cell holds a control character") }
        at += 1
      }
    }
    let stop = at
    at += 1
    guard hasQuotes else {
      return try take(bytes + start, stop - start, isLasting: true, as: field)
    }
    var own: [UInt8] = []
    swap(&own, &decoded)
    defer {
      own.wipe()
      own.removeAll(keepingCapacity: true)
      swap(&own, &decoded)
    }
    own.reserveCapacity(stop - start)
    var next = start
    while next < stop {
      own.append(bytes[next])
      next += bytes[next] == UInt8(ascii: "\"") ? 2 : 1
    }
    try own.withUnsafeBufferPointer { (text) throws(FieldError) in
      guard let first = text.baseAddress else { return }
      try take(first, text.count, isLasting: false, as: field)
    }
  }

  private mutating func take(
    _ text: UnsafePointer<UInt8>, _ count: Int, isLasting: Bool, as field: Field?
  ) throws(FieldError) {
    guard let field, count > 0 else { return }
    _ = builder.note(field)
    switch field {
    case .member, .keyID, .apiKey, .model:
      try builder.take(text, count: count, isLasting: isLasting, as: field)
    case .time:
      var at = 0
      if let number = ExactNumber(text, &at, count), at == count {
        try builder.take(number, as: field)
      } else {
        try builder.take(text, count: count, isLasting: isLasting, as: field)
      }
    case .credits, .requests, .inputTokens, .outputTokens:
      var at = 0
      guard let number = ExactNumber(text, &at, count), at == count else {
        throw FieldError("'\(field.name)' is no number")
      }
      try builder.take(number, as: field)
    }
  }
}
