// RecordBuilder: the records of one piece of a file, as columns of numbers.
// Invariants: an API key is hashed where it stands and never copied, but for one with escapes, whose
// copy is overwritten; texts are told apart within the piece, so that only new ones become strings.

import Digests
import OrgModel

/// What a record may hold at most.
enum RecordLimit {
  /// Bytes of a line, or of a record of CSV.
  static let lineBytesMax = 1 << 20
  /// Bytes of a member, a key or a model.
  static let textBytesMax = 256
  /// Millionths of a Credit: 10¹² Credits.
  static let microCreditsMax: Int64 = 1_000_000_000_000_000_000
  /// Calls, or tokens.
  static let countMax: Int64 = 1_000_000_000_000_000
}

/// One record; subject and model are numbers of the piece's own lists.
struct UsageRecord {
  var hour: Int32 = 0
  var offset: UInt16 = 0
  var subject: Int32 = 0
  var model: Int32 = 0
  var microCredits: Int64 = 0
  var requests: Int64 = 0
  var inputTokens: Int64 = 0
  var outputTokens: Int64 = 0
}

/// A line where something begins that is no record.
struct BadLine: Sendable {
  /// From 0 within the piece.
  let line: Int
  let message: String
}

/// What a piece of a file says.
struct PieceResult {
  var records: [UsageRecord] = []
  var subjects: [UsageSubject] = []
  /// Of each subject a hash: the same for the same subject in this run.
  var subjectHashes: [UInt64] = []
  var models: [String] = []
  /// Line feeds in the piece.
  var lineCount = 0
  /// Line feeds before it that are in no piece.
  var linesBefore = 0
  /// The first of what is no record, in order.
  var badLines: [BadLine] = []
  /// How much there is that is no record.
  var badRecordCount = 0
  /// How many lines that takes.
  var badLineCount = 0

  static let badLinesKept = 20

  mutating func report(_ message: String, line: Int, lines: Int = 1) {
    badRecordCount += 1
    badLineCount += lines
    if badLines.count < Self.badLinesKept { badLines.append(BadLine(line: line, message: message)) }
  }
}

/// The fields that are read; everything else is ignored.
enum Field: Int, CaseIterable {
  case time, member, keyID, apiKey, model, credits, requests, inputTokens, outputTokens

  var name: StaticString {
    switch self {
    case .time: "time"
    case .member: "member"
    case .keyID: "key_id"
    case .apiKey: "api_key"
    case .model: "model"
    case .credits: "credits"
    case .requests: "requests"
    case .inputTokens: "input_tokens"
    case .outputTokens: "output_tokens"
    }
  }

  /// The field of a name.
  @inline(__always)
  static func of(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Field? {
    func isName(_ field: Field) -> Field? {
      let name = field.name
      guard name.utf8CodeUnitCount == count else { return nil }
      for index in 0..<count where bytes[index] != name.utf8Start[index] { return nil }
      return field
    }
    switch count {
    case 4: return isName(.time)
    case 5: return isName(.model)
    case 6: return isName(.member) ?? isName(.keyID)
    case 7: return isName(.credits) ?? isName(.apiKey)
    case 8: return isName(.requests)
    case 12: return isName(.inputTokens)
    case 13: return isName(.outputTokens)
    default: return nil
    }
  }
}

/// Builds records field by field.
struct RecordBuilder {
  var result = PieceResult()
  private var record = UsageRecord()
  private var seen = 0
  private var times = TimeScanner()
  private var subjects = TextTable()
  private var models = TextTable()
  private var keepsAlive: [UnsafeMutablePointer<UInt8>] = []

  /// Forgets what was begun.
  mutating func begin() {
    record = UsageRecord()
    record.requests = 1
    seen = 0
  }

  /// Notes that a field stands in this record; false if it did before.
  @inline(__always)
  mutating func note(_ field: Field) -> Bool {
    let bit = 1 << field.rawValue
    defer { seen |= bit }
    return seen & bit == 0
  }

  /// Takes a field back whose value is none.
  mutating func withdraw(_ field: Field) { seen &= ~(1 << field.rawValue) }

  /// Adds the record.
  /// - Throws: `FieldError` if fields are missing.
  mutating func end() throws(FieldError) {
    for field in [Field.time, .model, .credits] where seen & 1 << field.rawValue == 0 {
      throw FieldError("'\(field.name)' is missing")
    }
    let who = seen >> Field.member.rawValue & 7
    guard who != 0 else {
      throw FieldError(
        "'member', 'key_id' or 'api_key' is missing: one must say whose record it is")
    }
    guard who & (who - 1) == 0 else {
      throw FieldError("only one of 'member', 'key_id' and 'api_key' may say whose record it is")
    }
    result.records.append(record)
  }

  /// Takes a number.
  mutating func take(_ number: ExactNumber, as field: Field) throws(FieldError) {
    switch field {
    case .time:
      let time = try RecordTime(number)
      record.hour = time.hour
      record.offset = time.offset
    case .credits:
      record.microCredits = try number.scaled(
        places: 6, max: RecordLimit.microCreditsMax, field.name)
    case .requests:
      record.requests = try number.scaled(places: 0, max: RecordLimit.countMax, field.name)
    case .inputTokens:
      record.inputTokens = try number.scaled(places: 0, max: RecordLimit.countMax, field.name)
    case .outputTokens:
      record.outputTokens = try number.scaled(places: 0, max: RecordLimit.countMax, field.name)
    case .member, .keyID, .apiKey, .model: throw FieldError("'\(field.name)' must be a text")
    }
  }

  /// Takes a text.
  /// - Parameter isLasting: Whether the bytes stay where they are until the piece is read.
  mutating func take(
    _ text: UnsafePointer<UInt8>, count: Int, isLasting: Bool, as field: Field
  ) throws(FieldError) {
    switch field {
    case .time:
      let time = try times.time(text, count: count)
      record.hour = time.hour
      record.offset = time.offset
      return
    case .credits, .requests, .inputTokens, .outputTokens:
      throw FieldError("'\(field.name)' must be a number, not a text")
    case .member, .keyID, .apiKey, .model: break
    }
    guard count > 0 else { throw FieldError("'\(field.name)' is empty") }
    guard count <= RecordLimit.textBytesMax else {
      throw FieldError("'\(field.name)' has more than \(RecordLimit.textBytesMax) bytes")
    }
    if field == .model {
      if let known = models.find(text, count, kind: 0) {
        record.model = known
      } else {
        result.models.append(try Self.harmless(text, count, field))
        record.model = models.add(lasting(text, count, isLasting), count, kind: 0)
      }
      return
    }
    if let known = subjects.find(text, count, kind: field.rawValue) {
      record.subject = known
      return
    }
    let subject = try Self.subject(text, count, field)
    result.subjects.append(subject)
    result.subjectHashes.append(Self.hash(of: subject, text, count))
    // A key must not be copied, which lasting memory would be.
    let isKept = isLasting || field != .apiKey
    record.subject =
      isKept
      ? subjects.add(lasting(text, count, isLasting), count, kind: field.rawValue)
      : subjects.addNameless()
  }

  private static func subject(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ field: Field
  ) throws(FieldError) -> UsageSubject {
    switch field {
    case .apiKey:
      return .key(KeyID(of: SHA256.hash(UnsafeRawBufferPointer(start: text, count: count))))
    case .keyID: return KeyID(string(text, count)).map { .key($0) } ?? .unknown
    default: return Username(try harmless(text, count, field)).map { .member($0) } ?? .unknown
    }
  }

  /// A key is one subject, whether it was given itself or by its id.
  private static func hash(
    of subject: UsageSubject, _ text: UnsafePointer<UInt8>, _ count: Int
  ) -> UInt64 {
    switch subject {
    case .member: return TextTable.hash(text, count, Field.member.rawValue)
    case .key(let id):
      return withUnsafeBytes(of: id.number) { bytes in
        let bytes = bytes.bindMemory(to: UInt8.self)
        return bytes.baseAddress.map { TextTable.hash($0, bytes.count, Field.keyID.rawValue) } ?? 0
      }
    case .unknown: return 0
    }
  }

  /// A text that is kept as it is.
  private static func harmless(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ field: Field
  ) throws(FieldError) -> String {
    let text = string(text, count)
    guard !SecretShape.isFound(in: text) else {
      throw FieldError("'\(field.name)' holds a key or a token, which is not kept: revoke it")
    }
    return text
  }

  private static func string(_ text: UnsafePointer<UInt8>, _ count: Int) -> String {
    String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
  }

  private mutating func lasting(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ isLasting: Bool
  ) -> UnsafePointer<UInt8> {
    if isLasting { return text }
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
    copy.update(from: text, count: count)
    keepsAlive.append(copy)
    return UnsafePointer(copy)
  }

  /// Frees what texts with escapes took. To be called once, at the end of the piece.
  mutating func free() {
    for pointer in keepsAlive { pointer.deallocate() }
    keepsAlive = []
  }
}

/// Texts by their turn, found by their bytes, which lie elsewhere.
private struct TextTable {
  private struct Entry {
    let text: UnsafePointer<UInt8>
    let count: Int
    let hash: UInt64
  }

  private var entries: [Entry?] = []
  /// Turn and one; 0 for a free place.
  private var places = [Int32](repeating: 0, count: 256)
  private var last: Int32 = -1

  @inline(__always)
  mutating func find(_ text: UnsafePointer<UInt8>, _ count: Int, kind: Int) -> Int32? {
    let hash = Self.hash(text, count, kind)
    // Neighbours are often alike.
    if last >= 0, matches(last, text, count, hash) { return last }
    var place = Int(truncatingIfNeeded: hash) & (places.count - 1)
    while places[place] != 0 {
      if matches(places[place] - 1, text, count, hash) {
        last = places[place] - 1
        return last
      }
      place = (place + 1) & (places.count - 1)
    }
    return nil
  }

  mutating func add(_ text: UnsafePointer<UInt8>, _ count: Int, kind: Int) -> Int32 {
    entries.append(Entry(text: text, count: count, hash: Self.hash(text, count, kind)))
    if entries.count * 2 > places.count {
      places = [Int32](repeating: 0, count: places.count * 2)
      for turn in entries.indices { if let entry = entries[turn] { place(entry.hash, turn) } }
    } else if let entry = entries[entries.count - 1] {
      place(entry.hash, entries.count - 1)
    }
    last = Int32(entries.count - 1)
    return last
  }

  /// Gives the next turn to a text that is not found again.
  mutating func addNameless() -> Int32 {
    entries.append(nil)
    return Int32(entries.count - 1)
  }

  private mutating func place(_ hash: UInt64, _ turn: Int) {
    var place = Int(truncatingIfNeeded: hash) & (places.count - 1)
    while places[place] != 0 { place = (place + 1) & (places.count - 1) }
    places[place] = Int32(turn + 1)
  }

  @inline(__always)
  private func matches(
    _ turn: Int32, _ text: UnsafePointer<UInt8>, _ count: Int, _ hash: UInt64
  ) -> Bool {
    guard let entry = entries[Int(turn)], entry.hash == hash, entry.count == count else {
      return false
    }
    for index in 0..<count where entry.text[index] != text[index] { return false }
    return true
  }

  /// Good enough for a table, and seeded by the process, so that nobody can prepare collisions.
  @inline(__always)
  static func hash(_ text: UnsafePointer<UInt8>, _ count: Int, _ kind: Int) -> UInt64 {
    let raw = UnsafeRawPointer(text)
    var hash = seed ^ UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
    hash ^= UInt64(truncatingIfNeeded: kind) &<< 56
    var at = 0
    while at &+ 8 <= count {
      hash = mix(hash, raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      at &+= 8
    }
    var rest: UInt64 = 0
    while at < count {
      rest = rest &<< 8 | UInt64(text[at])
      at &+= 1
    }
    return mix(hash, rest)
  }

  @inline(__always)
  private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    return product.high ^ product.low
  }

  private static let seed = UInt64.random(in: .min ... .max)
}
