// HTMLWriter: HTML, element by element, that no value breaks out of.
// Invariants: names of elements and attributes are literals; every text and every value of an
// attribute is escaped where it is written; styles and scripts are literals that cannot end early.
//
// What it writes is well-formed XML, too, but for the content of scripts and the ends of rows and cells,
// which are implied. Source: the HTML Living Standard, section 13.1, "Writing HTML documents".

public import ByteOutput
import Digests

/// Writes one HTML document.
public struct HTMLWriter: Sendable {
  /// Attributes in the order given; those of nil are left out.
  public typealias Attributes = KeyValuePairs<StaticString, String?>

  /// A style sheet or a script of the program itself.
  public struct Code: Sendable {
    let text: StaticString

    /// Takes a literal. One that could end its element early is a programmer error and traps.
    public init(_ text: StaticString) {
      self.text = text
      let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
      let isClosed = zip(bytes, bytes.dropFirst()).allSatisfy { pair in
        pair.0 != UInt8(ascii: "<") || (pair.1 != UInt8(ascii: "/") && pair.1 != UInt8(ascii: "!"))
      }
      precondition(isClosed, "code ends with its element, not before")
    }

    /// The source expression by which a Content-Security-Policy allows exactly this code: W3C Content
    /// Security Policy Level 3, section 2.3.1.
    public var policySource: String {
      let bytes = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
      let digits = Base64URL.encode(SHA256.hash(bytes).bytes).map { digit -> UInt8 in
        switch digit {
        case UInt8(ascii: "-"): UInt8(ascii: "+")
        case UInt8(ascii: "_"): UInt8(ascii: "/")
        default: digit
        }
      }
      // Of 32 bytes the last two are padded.
      return "'sha256-\(String(decoding: digits, as: UTF8.self))='"
    }
  }

  /// The document so far.
  public private(set) var sink = ByteSink()

  /// Starts a document.
  public init() { sink.write(literal: "<!DOCTYPE html>\n") }

  /// Writes an element with what `body` writes in it.
  public mutating func element(
    _ name: StaticString, _ attributes: Attributes, _ body: (inout HTMLWriter) -> Void
  ) {
    begin(name, attributes, body)
    close(name)
  }

  /// Writes an element without attributes, with what `body` writes in it.
  public mutating func element(_ name: StaticString, _ body: (inout HTMLWriter) -> Void) {
    element(name, [:], body)
  }

  /// Writes an element that holds a text and nothing else.
  public mutating func element(_ name: StaticString, _ attributes: Attributes, _ text: String) {
    element(name, attributes) { $0.text(text) }
  }

  /// Writes an element without attributes that holds a text and nothing else.
  public mutating func element(_ name: StaticString, _ text: String) {
    element(name, [:]) { $0.text(text) }
  }

  /// Writes an element that holds nothing.
  public mutating func void(_ name: StaticString, _ attributes: Attributes = [:]) {
    open(name, attributes)
    sink.write(literal: "/>")
  }

  /// Writes a row of a table, with the cells that `body` writes and nothing else in it.
  ///
  /// Its end is implied by the next row or the end of the table's body, as that of a cell by the next
  /// cell or the end of the row: section 13.1.2.4, "Optional tags". Of thousands of rows that is a
  /// seventh.
  public mutating func row(_ body: (inout HTMLWriter) -> Void) {
    begin("tr", [:], body)
  }

  /// Writes a cell with what `body` writes in it.
  public mutating func cell(_ attributes: Attributes = [:], _ body: (inout HTMLWriter) -> Void) {
    begin("td", attributes, body)
  }

  /// Writes a cell of a text.
  public mutating func cell(_ attributes: Attributes, _ text: String) {
    begin("td", attributes) { $0.text(text) }
  }

  /// Writes a cell of a text, without attributes.
  public mutating func cell(_ text: String) { begin("td", [:]) { $0.text(text) } }

  /// Writes a cell that heads a row or a column.
  public mutating func head(_ attributes: Attributes, _ body: (inout HTMLWriter) -> Void) {
    begin("th", attributes, body)
  }

  /// Writes a text; what would act on its surroundings unseen becomes visible, as on a terminal.
  public mutating func text(_ text: String) {
    var text = text
    let isPlain = text.withUTF8 { $0.allSatisfy(Self.isPlain) }
    guard !isPlain else { return sink.write(text) }
    for scalar in TerminalText.sanitized(text).unicodeScalars { write(escaping: scalar) }
  }

  /// Writes a style sheet.
  public mutating func style(_ code: Code) { write(code, in: "style") }

  /// Writes a script.
  public mutating func script(_ code: Code) { write(code, in: "script") }

  /// How many bytes a text takes, escaped.
  static func size(of text: String) -> Int {
    var html = HTMLWriter()
    let start = html.sink.bytes.count
    html.text(text)
    return html.sink.bytes.count - start
  }

  /// Ends a line: for who reads the source.
  public mutating func breakLine() { sink.write(byte: 0x0A) }

  private mutating func begin(
    _ name: StaticString, _ attributes: Attributes, _ body: (inout HTMLWriter) -> Void
  ) {
    open(name, attributes)
    sink.write(byte: UInt8(ascii: ">"))
    body(&self)
  }

  private mutating func write(_ code: Code, in name: StaticString) {
    open(name, [:])
    sink.write(byte: UInt8(ascii: ">"))
    sink.write(literal: code.text)
    close(name)
  }

  private mutating func open(_ name: StaticString, _ attributes: Attributes) {
    sink.write(byte: UInt8(ascii: "<"))
    sink.write(literal: name)
    for case (let name, let value?) in attributes {
      sink.write(byte: UInt8(ascii: " "))
      sink.write(literal: name)
      sink.write(literal: "=\"")
      text(value)
      sink.write(byte: UInt8(ascii: "\""))
    }
  }

  private mutating func close(_ name: StaticString) {
    sink.write(literal: "</")
    sink.write(literal: name)
    sink.write(byte: UInt8(ascii: ">"))
  }

  /// Whether a byte of UTF-8 stands for itself wherever it is.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0..<0x20, 0x7F...: false
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
      UInt8(ascii: "'"):
      false
    default: true
    }
  }

  /// Escapes what means something in HTML.
  private mutating func write(escaping scalar: Unicode.Scalar) {
    switch scalar {
    case "&": sink.write(literal: "&amp;")
    case "<": sink.write(literal: "&lt;")
    case ">": sink.write(literal: "&gt;")
    case "\"": sink.write(literal: "&quot;")
    case "'": sink.write(literal: "&#39;")
    // Not characters: neither XML nor HTML has them.
    case "\u{FFFE}", "\u{FFFF}": sink.write(TerminalText.escape(scalar))
    default: sink.write(bytes: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
  }
}
