// JSONLines: usage records as JSON objects, one a line, read strictly (RFC 8259).
// Invariants: nothing is read outside of the line; every string of a line, also of a field that is
// ignored, is UTF-8 with sound escapes; nesting is counted, so no line can exhaust the stack.

import SystemCalls

/// Reads the lines of a piece.
struct JSONLines {
  /// How deep an ignored value may nest.
  static let depthMax = 64
  /// How many fields a record may have, also counting those that are ignored.
  static let fieldsMax = 256

  private let bytes: UnsafePointer<UInt8>
  private let end: Int
  private var at = 0
  private var lineEnd = 0
  private var builder = RecordBuilder()
  /// The names of ignored fields of this line, to find one that stands twice.
  private var ignored: [(start: Int, count: Int)] = []
  private var fieldCount = 0
  private var decoded: [UInt8] = []

  /// Reads all lines of a piece.
  static func read(_ piece: UnsafeBufferPointer<UInt8>) -> PieceResult {
    guard let start = piece.baseAddress else { return PieceResult() }
    var lines = JSONLines(start, piece.count)
    lines.readAll()
    return lines.builder.result
  }

  private init(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    self.bytes = bytes
    end = count
    builder.result.records.reserveCapacity(count / 128 + 8)
  }

  private mutating func readAll() {
    defer { builder.free() }
    var line = 0
    while at < end {
      lineEnd = ByteScan.first(0x0A, in: bytes, from: at, to: end)
      do { try readLine() } catch { builder.result.report(error.message, line: line) }
      at = lineEnd
      if at < end {
        line += 1
        at += 1
      }
    }
    builder.result.lineCount = line
  }

  private mutating func readLine() throws(FieldError) {
    guard lineEnd - at <= RecordLimit.lineBytesMax else {
      throw FieldError("the line has more than \(RecordLimit.lineBytesMax) bytes")
    }
    skipBlanks()
    guard at < lineEnd else { return }  // an empty line is no record
    guard take(UInt8(ascii: "{")) else {
      throw FieldError("the line is no JSON object")
    }
    builder.begin()
    ignored.removeAll(keepingCapacity: true)
    fieldCount = 0
    skipBlanks()
    if !take(UInt8(ascii: "}")) {
      while true {
        skipBlanks()
        fieldCount &+= 1
        guard fieldCount <= Self.fieldsMax else {
          throw FieldError("the object has more than \(Self.fieldsMax) fields")
        }
        try readField()
        skipBlanks()
        if take(UInt8(ascii: ",")) { continue }
        if take(UInt8(ascii: "}")) { break }
        throw unexpected("',' or '}'")
      }
    }
    skipBlanks()
    guard at == lineEnd else { throw FieldError("something follows the JSON object on its line") }
    try builder.end()
  }

  private mutating func readField() throws(FieldError) {
    guard at < lineEnd, bytes[at] == UInt8(ascii: "\"") else { throw unexpected("a field's name") }
    let start = at + 1
    let hasEscapes = try skipString()
    let field: Field?
    if hasEscapes {
      decode(start, at - 1)
      field = decoded.withUnsafeBufferPointer { name in
        name.baseAddress.flatMap { Field.of($0, name.count) }
      }
      if field == nil { try noteIgnored(start, at - 1 - start) }
      decoded.removeAll(keepingCapacity: true)
    } else {
      field = Field.of(bytes + start, at - 1 - start)
      if field == nil { try noteIgnored(start, at - 1 - start) }
    }
    skipBlanks()
    guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
    skipBlanks()
    guard let field else { return try skipValue() }
    guard builder.note(field) else { throw FieldError("'\(field.name)' stands twice") }
    try readValue(of: field)
  }

  /// Names are compared as they are written.
  private mutating func noteIgnored(_ start: Int, _ count: Int) throws(FieldError) {
    for other in ignored where other.count == count {
      var index = 0
      while index < count, bytes[other.start + index] == bytes[start + index] { index += 1 }
      if index == count { throw FieldError("a field stands twice") }
    }
    ignored.append((start, count))
  }

  private mutating func readValue(of field: Field) throws(FieldError) {
    guard at < lineEnd else { throw unexpected("a value") }
    switch bytes[at] {
    case UInt8(ascii: "\""):
      let start = at + 1
      if try skipString() {
        decode(start, at - 1)
        var own: [UInt8] = []
        swap(&own, &decoded)
        defer {
          own.wipe()
          own.removeAll(keepingCapacity: true)
          swap(&own, &decoded)
        }
        try own.withUnsafeBufferPointer { (text) throws(FieldError) in
          guard let first = text.baseAddress, text.count > 0 else {
            throw FieldError("'\(field.name)' is empty")
          }
          try builder.take(first, count: text.count, isLasting: false, as: field)
        }
      } else {
        try builder.take(bytes + start, count: at - 1 - start, isLasting: true, as: field)
      }
    case UInt8(ascii: "-"), 0x30...0x39:
      guard let number = ExactNumber(bytes, &at, lineEnd) else { throw unexpected("a number") }
      try builder.take(number, as: field)
    case UInt8(ascii: "n"):
      try skipValue()
      builder.withdraw(field)
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "{"), UInt8(ascii: "["):
      throw FieldError(
        field == .time
          ? "'time' must be a text or a number"
          : "'\(field.name)' must be a \(field.rawValue >= Field.credits.rawValue ? "number" : "text")"
      )
    default: throw unexpected("a value")
    }
  }

  private mutating func skipValue() throws(FieldError) {
    var depth = 0
    // Of each open bracket, whether it is a brace: one bit each.
    var braces: UInt64 = 0
    while true {
      skipBlanks()
      guard at < lineEnd else { throw unexpected("a value") }
      switch bytes[at] {
      case UInt8(ascii: "\""): _ = try skipString()
      case UInt8(ascii: "-"), 0x30...0x39:
        guard ExactNumber(bytes, &at, lineEnd) != nil else { throw unexpected("a number") }
      case UInt8(ascii: "t"): try skipWord("true")
      case UInt8(ascii: "f"): try skipWord("false")
      case UInt8(ascii: "n"): try skipWord("null")
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        let isBrace = bytes[at] == UInt8(ascii: "{")
        guard depth < Self.depthMax else {
          throw FieldError("a value nests deeper than \(Self.depthMax) levels")
        }
        at += 1
        skipBlanks()
        if !take(isBrace ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          depth += 1
          braces = braces << 1 | (isBrace ? 1 : 0)
          if isBrace { try skipName() }
          continue
        }
      default: throw unexpected("a value")
      }
      while true {
        if depth == 0 { return }
        skipBlanks()
        let isBrace = braces & 1 == 1
        if take(UInt8(ascii: ",")) {
          if isBrace { try skipName() }
          break
        }
        guard take(isBrace ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
          throw unexpected(isBrace ? "',' or '}'" : "',' or ']'")
        }
        depth -= 1
        braces >>= 1
      }
    }
  }

  private mutating func skipName() throws(FieldError) {
    skipBlanks()
    guard at < lineEnd, bytes[at] == UInt8(ascii: "\"") else { throw unexpected("a field's name") }
    _ = try skipString()
    skipBlanks()
    guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
  }

  private mutating func skipWord(_ word: StaticString) throws(FieldError) {
    for index in 0..<word.utf8CodeUnitCount {
      guard at < lineEnd, bytes[at] == word.utf8Start[index] else { throw unexpected("a value") }
      at += 1
    }
  }

  /// Goes behind a string; whether it has escapes.
  @inline(__always)
  private mutating func skipString() throws(FieldError) -> Bool {
    at &+= 1
    var hasEscapes = false
    while at < lineEnd {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        at &+= 1
        return hasEscapes
      }
      if byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\\") {
        at &+= 1
        continue
      }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        try skipEscape()
      } else if byte < 0x20 {
        throw FieldError("a string holds a control character, which JSON escapes")
      } else {
        guard let count = UTF8Check.sequence(bytes, at, lineEnd) else {
          throw FieldError("the line is not UTF-8")
        }
        at &+= count
      }
    }
    throw FieldError("a string has no end")
  }

  private mutating func skipEscape() throws(FieldError) {
    let bad = FieldError("a string holds an escape that JSON does not know")
    at += 1
    guard at < lineEnd else { throw bad }
    switch bytes[at] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      at += 1
    case UInt8(ascii: "u"):
      guard let unit = hexUnit(at + 1) else { throw bad }
      at += 5
      if unit >= 0xD800, unit <= 0xDBFF {
        guard at + 1 < lineEnd, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u"),
          let low = hexUnit(at + 2), low >= 0xDC00, low <= 0xDFFF
        else { throw FieldError("a string holds half a surrogate pair") }
        at += 6
      } else if unit >= 0xDC00, unit <= 0xDFFF {
        throw FieldError("a string holds half a surrogate pair")
      }
    default: throw bad
    }
  }

  private func hexUnit(_ start: Int) -> UInt32? {
    guard start + 4 <= lineEnd else { return nil }
    var value: UInt32 = 0
    for index in start..<start + 4 {
      switch bytes[index] {
      case 0x30...0x39: value = value << 4 | UInt32(bytes[index] - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(bytes[index] - 0x41 + 10)
      case 0x61...0x66: value = value << 4 | UInt32(bytes[index] - 0x61 + 10)
      default: return nil
      }
    }
    return value
  }

  /// Decodes a string that was checked. One buffer, never outgrown: what it held is overwritten.
  private mutating func decode(_ start: Int, _ stop: Int) {
    decoded.reserveCapacity(stop - start)
    var at = start
    while at < stop {
      guard bytes[at] == UInt8(ascii: "\\") else {
        decoded.append(bytes[at])
        at += 1
        continue
      }
      switch bytes[at + 1] {
      case UInt8(ascii: "b"): decoded.append(0x08)
      case UInt8(ascii: "f"): decoded.append(0x0C)
      case UInt8(ascii: "n"): decoded.append(0x0A)
      case UInt8(ascii: "r"): decoded.append(0x0D)
      case UInt8(ascii: "t"): decoded.append(0x09)
      case UInt8(ascii: "u"):
        var value = hexUnit(at + 2) ?? 0xFFFD
        if value >= 0xD800, value <= 0xDBFF {
          let low = hexUnit(at + 8) ?? 0xDC00
          value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
          at += 6
        }
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        at += 4
      default: decoded.append(bytes[at + 1])
      }
      at += 2
    }
  }

  @inline(__always)
  private mutating func skipBlanks() {
    while at < lineEnd {
      let byte = bytes[at]
      guard byte == 0x20 || byte == 0x09 || byte == 0x0D else { return }
      at &+= 1
    }
  }

  @inline(__always)
  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < lineEnd, bytes[at] == byte else { return false }
    at &+= 1
    return true
  }

  /// The text itself is not shown: it may be a part of a key.
  private func unexpected(_ expected: String) -> FieldError {
    at < lineEnd
      ? FieldError("the line is no JSON: \(expected) is expected at byte \(column)")
      : FieldError("the line is no JSON: it ends where \(expected) is expected")
  }

  /// From 1, in the line.
  private var column: Int {
    var start = at
    while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
    return at - start + 1
  }
}

/// Sequences of UTF-8, as the Unicode standard, table 3-7, has them.
enum UTF8Check {
  /// How long the sequence is that starts with a byte from 0x80 on; nil if there is none.
  static func sequence(_ bytes: UnsafePointer<UInt8>, _ at: Int, _ end: Int) -> Int? {
    let first = bytes[at]
    func isTail(_ index: Int) -> Bool { index < end && bytes[index] & 0xC0 == 0x80 }
    switch first {
    case 0xC2...0xDF: return isTail(at + 1) ? 2 : nil
    case 0xE0...0xEF:
      guard isTail(at + 1), isTail(at + 2) else { return nil }
      if first == 0xE0, bytes[at + 1] < 0xA0 { return nil }
      if first == 0xED, bytes[at + 1] > 0x9F { return nil }
      return 3
    case 0xF0...0xF4:
      guard isTail(at + 1), isTail(at + 2), isTail(at + 3) else { return nil }
      if first == 0xF0, bytes[at + 1] < 0x90 { return nil }
      if first == 0xF4, bytes[at + 1] > 0x8F { return nil }
      return 4
    default: return nil
    }
  }
}
