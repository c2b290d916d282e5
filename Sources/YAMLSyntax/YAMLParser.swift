// YAMLParser: bytes in, node arena out. Ours because the toolchain has no YAML reader, and none
// elsewhere gives the byte ranges that messages need.
// Source: YAML 1.2.2 (yaml.org/spec/1.2.2). Left out, and refused by name: anchors, aliases, tags,
// several documents, merge keys, explicit, complex, empty and other than string keys.

public import SourceText

/// The bounds of what is read.
public enum YAMLLimits {
  /// The largest text, in bytes.
  public static let bytesMax = 1 << 30
  /// How deep collections nest.
  public static let depthMax = 128
  /// How many nodes a document has.
  public static let nodesMax = 1 << 27
  /// How many characters a key has (YAML 1.2.2, section 7.4.2).
  public static let implicitKeyScalarsMax = 1024
  /// After how many findings that do not end reading it ends nevertheless.
  public static let errorsMax = 10_000
}

/// Reads documents.
public enum YAMLParser {
  /// Reads one document.
  /// - Parameters:
  ///   - file: The index that ranges get.
  ///   - diagnostics: Gets every finding; the first syntax error ends reading.
  /// - Returns: nil if an error was reported.
  public static func parse(
    _ bytes: [UInt8], file: Int, into diagnostics: inout Diagnostics
  ) -> YAMLDocument? {
    guard bytes.count <= YAMLLimits.bytesMax else {
      diagnostics.report(
        .limit, "the text has \(bytes.count) bytes; at most \(YAMLLimits.bytesMax) are read",
        at: SourceRange(file: file, start: 0, end: 0))
      return nil
    }
    return parse(bytes, file: file, ahead: TailReading(bytes, file: file), into: &diagnostics)
  }

  /// Reads one document, of which a part may be read ahead.
  static func parse(
    _ bytes: [UInt8], file: Int, ahead: TailReading?, into diagnostics: inout Diagnostics
  ) -> YAMLDocument? {
    let outcome = bytes.withUnsafeBufferPointer { buffer -> Reading in
      var reading = Reading(buffer, file: file)
      reading.ahead = ahead
      reading.run()
      return reading
    }
    diagnostics.append(outcome.diagnostics.all)
    guard !outcome.diagnostics.hasErrors else { return nil }
    return YAMLDocument(
      file: file, source: bytes, nodes: outcome.nodes, decoded: outcome.decoded)
  }
}

/// Reading ended; the reason was reported.
struct Stop: Error {}

/// One pass over a text.
struct Reading {
  let bytes: UnsafeBufferPointer<UInt8>
  let count: Int
  let file: Int
  var nodes: [Node] = []
  var decoded: [UInt8] = []
  var diagnostics = Diagnostics()
  /// Where reading is.
  var pos = 0
  /// Where the current line starts.
  var lineStart = 0
  /// Where the current line's content starts; -1 before any was found.
  var contentStart = -1
  /// The first tab before that content; -1 if it is indented by spaces alone.
  var leadingTab = -1
  var depth = 0
  var duplicates = DuplicateKeys()
  /// What another thread reads meanwhile.
  var ahead: TailReading?
  /// The line starts, found when the first message needs one.
  var lineStarts: [UInt32] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>, file: Int) {
    self.bytes = bytes
    self.file = file
    count = bytes.count
    nodes.reserveCapacity(min(bytes.count / 6 + 16, 1 << 22))
  }

  mutating func run() {
    var quotedOnly: [Int] = []
    if let finding = CharacterCheck.firstFinding(in: bytes, quotedOnly: &quotedOnly) {
      report(finding)
      return
    }
    do throws(Stop) { try stream() } catch { return }
    if let offset = firstOutsideQuotes(quotedOnly) {
      report(CharacterCheck.unquoted(bytes, offset))
    }
  }

  private mutating func report(_ finding: CharacterCheck.Finding) {
    report(
      finding.isEncoding ? .invalidEncoding : .syntax, finding.message, finding.offset,
      finding.offset + 1)
  }

  /// The first of these ascending offsets that no quoted scalar holds. Scalars stand in order.
  private func firstOutsideQuotes(_ offsets: [Int]) -> Int? {
    guard !offsets.isEmpty else { return nil }
    var index = 0
    for node in nodes where node.style == .doubleQuoted || node.style == .singleQuoted {
      if offsets[index] < Int(node.start) { return offsets[index] }
      while offsets[index] < Int(node.end) {
        index += 1
        if index == offsets.count { return nil }
      }
    }
    return offsets[index]
  }

  // MARK: bytes

  /// The byte at an offset, 0 behind the end: NUL cannot occur in the text.
  @inline(__always)
  func byte(_ offset: Int) -> UInt8 { offset < count ? bytes[offset] : 0 }

  @inline(__always)
  func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  @inline(__always)
  func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// White space, a line break or the end.
  @inline(__always)
  func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 || byte == 0
  }

  @inline(__always)
  func isFlowIndicator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
      || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{")
  }

  /// Steps over LF, CRLF or CR.
  @inline(__always)
  mutating func skipBreak() {
    pos += byte(pos) == 0x0D && byte(pos + 1) == 0x0A ? 2 : 1
    lineStart = pos
  }

  var column: Int { pos - lineStart }

  /// Whether only white space stands before this place on its line.
  var isAtLineStart: Bool { pos == contentStart }

  /// Whether `---` or `...` stands here at the start of a line.
  func isMarker(_ offset: Int) -> Bool {
    let first = byte(offset)
    guard first == UInt8(ascii: "-") || first == UInt8(ascii: ".") else { return false }
    return byte(offset + 1) == first && byte(offset + 2) == first && isSpace(byte(offset + 3))
  }

  /// Steps over white space, comments and line breaks to what comes next; false at the end.
  mutating func nextContent() -> Bool {
    var at = pos
    var isFresh = at == lineStart
    while true {
      while byte(at) == 0x20 { at += 1 }
      var tab = -1
      if byte(at) == 0x09 {
        tab = at
        while isBlank(byte(at)) { at += 1 }
      }
      let next = byte(at)
      if next == 0x0A || next == 0x0D {
        at += next == 0x0D && byte(at + 1) == 0x0A ? 2 : 1
        lineStart = at
        isFresh = true
      } else if next == UInt8(ascii: "#"), at == lineStart || isBlank(byte(at - 1)) {
        at = endOfLine(at)
      } else {
        pos = at
        guard at < count else { return false }
        if isFresh {
          contentStart = at
          leadingTab = tab
        }
        return true
      }
    }
  }

  /// The offset of the break that ends a line, or of the end.
  @inline(__always)
  func endOfLine(_ offset: Int) -> Int {
    var at = offset
    while at < count, !isBreak(bytes[at]) { at += 1 }
    return at
  }

  // MARK: nodes

  @discardableResult
  mutating func append(
    _ kind: NodeKind, _ style: ScalarStyle, start: Int, end: Int, content: Int = 0,
    count length: Int = 0, isDecoded: Bool = false
  ) throws(Stop) -> Int {
    guard nodes.count < YAMLLimits.nodesMax else {
      throw stop("more than \(YAMLLimits.nodesMax) values", start, end, code: .limit)
    }
    nodes.append(
      Node(
        kind: kind, style: style, isDecoded: isDecoded, start: UInt32(start), end: UInt32(end),
        next: UInt32(nodes.count + 1), content: UInt32(content), count: UInt32(length)))
    return nodes.count - 1
  }

  /// Ends a collection: its range and everything behind it.
  mutating func close(_ index: Int, end: Int, count: Int) {
    nodes[index].end = UInt32(max(end, Int(nodes[index].start)))
    nodes[index].count = UInt32(count)
    nodes[index].next = UInt32(nodes.count)
  }

  mutating func appendNull(at offset: Int) throws(Stop) {
    try append(.scalar, .plain, start: offset, end: offset, content: offset)
  }

  mutating func enter(_ start: Int) throws(Stop) {
    depth += 1
    guard depth <= YAMLLimits.depthMax else {
      throw stop(
        "collections nest deeper than \(YAMLLimits.depthMax)", start, start + 1, code: .limit)
    }
  }

  // MARK: findings

  mutating func report(_ code: DiagnosticCode, _ message: String, _ start: Int, _ end: Int) {
    let start = min(start, count)
    diagnostics.report(
      code, message, at: SourceRange(file: file, start: start, end: min(max(start, end), count)))
  }

  mutating func stop(
    _ message: String, _ start: Int, _ end: Int? = nil, code: DiagnosticCode = .syntax
  ) -> Stop {
    report(code, message, start, end ?? start + 1)
    return Stop()
  }

  /// Reports what does not end reading, until there is too much of it.
  mutating func note(
    _ code: DiagnosticCode, _ message: String, _ start: Int, _ end: Int
  ) throws(Stop) {
    report(code, message, start, end)
    guard diagnostics.all.count < YAMLLimits.errorsMax else {
      throw stop(
        "reading ended here after \(YAMLLimits.errorsMax) errors; correct those first", end,
        code: .limit)
    }
  }

  /// The number of the line an offset stands in, from 1.
  mutating func lineNumber(of offset: Int) -> Int {
    if lineStarts.isEmpty {
      lineStarts = [0]
      for at in 0..<count where isBreak(bytes[at]) && !(bytes[at] == 0x0D && byte(at + 1) == 0x0A) {
        lineStarts.append(UInt32(at + 1))
      }
    }
    var (low, high) = (0, lineStarts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(lineStarts[middle]) <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  mutating func unsupported(_ construct: String, _ start: Int, instead: String) -> Stop {
    stop("\(construct) not supported; \(instead)", start, code: .unsupportedSyntax)
  }

  /// What stands at an offset, for messages: one character, escaped if it is not plain ASCII.
  func found(_ offset: Int) -> String {
    guard offset < count else { return "the end of the file" }
    let byte = bytes[offset]
    if isBreak(byte) { return "the end of the line" }
    if byte == 0x20 { return "a space" }
    if byte == 0x09 { return "a tab" }
    if byte < 0x80 { return "'\(Unicode.Scalar(byte))'" }
    let scalar = String(decoding: bytes[offset..<min(offset + 4, count)], as: UTF8.self)
      .unicodeScalars.first
    return scalar.map { "U+" + String($0.value, radix: 16, uppercase: true) } ?? "text"
  }

  // MARK: the stream

  mutating func stream() throws(Stop) {
    if count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      pos = 3
      lineStart = 3
    }
    skipEnds()
    let hasDirectives = try directives()
    var hasContent = nextContent()
    var isInline = false
    if hasContent, column == 0, isMarker(pos), byte(pos) == UInt8(ascii: "-") {
      pos += 3
      isInline = true
    } else if hasDirectives {
      throw stop("expected '---' behind the directives, found \(found(pos))", pos)
    }
    if isInline || hasContent {
      try blockNode(parent: -1, mayStartBlock: !isInline, maySequenceAtParent: false)
    } else {
      try appendNull(at: pos)
    }
    hasContent = nextContent()
    guard hasContent else { return }
    guard isAtLineStart else { throw unexpected() }
    guard column == 0, isMarker(pos) else { throw unexpected() }
    while byte(pos) == UInt8(ascii: "."), column == 0, isMarker(pos) {
      pos += 3
      guard nextContent() else { return }
      guard isAtLineStart else {
        throw stop("expected nothing behind '...', found \(found(pos))", pos)
      }
    }
    throw unsupported("several documents are", pos, instead: "keep one document a file")
  }

  /// Steps over `...` lines before the document: they end nothing (YAML 1.2.2, production 211).
  private mutating func skipEnds() {
    while true {
      var ahead = self
      guard ahead.nextContent(), ahead.column == 0, isMarker(ahead.pos),
        byte(ahead.pos) == UInt8(ascii: ".")
      else { return }
      ahead.pos += 3
      let hasMore = ahead.nextContent()
      guard !hasMore || ahead.isAtLineStart else { return }
      lineStart = ahead.lineStart
      pos = hasMore ? lineStart : ahead.pos
      if !hasMore { return }
    }
  }

  mutating func tabFinding() -> Stop {
    stop("a tab cannot indent; expected spaces", leadingTab)
  }

  private mutating func unexpected() -> Stop {
    let column = self.column + 1
    if isAtLineStart, leadingTab >= 0 { return tabFinding() }
    if isAtLineStart {
      return stop(
        "found \(found(pos)) in column \(column), where no entry can stand; expected the indentation "
          + "of an entry above, or the end of the file", pos)
    }
    return stop("expected the end of the line, found \(found(pos))", pos)
  }

  /// Reads `%…` lines; true if there was one.
  private mutating func directives() throws(Stop) -> Bool {
    var hasVersion = false
    var isAny = false
    while true {
      guard nextContent(), column == 0, byte(pos) == UInt8(ascii: "%") else { return isAny }
      isAny = true
      let start = pos
      pos = endOfLine(pos)
      let words = String(decoding: bytes[start..<pos], as: UTF8.self)
        .split { $0 == " " || $0 == "\t" }.prefix(4)
      let comment = words.firstIndex { $0.hasPrefix("#") } ?? words.endIndex
      let parts = words[..<comment]
      if parts.first == "%TAG" {
        try note(
          .unsupportedSyntax, "a %TAG directive is not supported; remove it", start, pos)
        continue
      }
      guard parts.first == "%YAML" else {
        if parts.first == "%" { throw stop("expected a directive's name behind '%'", start) }
        continue
      }
      let numbers = parts.dropFirst().first?.split(separator: ".", omittingEmptySubsequences: false)
      guard !hasVersion, parts.count == 2, let numbers, numbers.count == 2, numbers[0] == "1",
        !numbers[1].isEmpty, numbers[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
      else { throw stop("expected '%YAML 1.2', once", start, pos) }
      hasVersion = true
    }
  }
}
