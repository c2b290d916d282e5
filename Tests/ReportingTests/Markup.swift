// Markup: an HTML document of usher, read back as the XML that it is, too.

import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// An element and what stands in it.
final class Markup: NSObject, XMLParserDelegate {
  let name: String
  let attributes: [String: String]
  private(set) var children: [Markup] = []
  private(set) var text = ""
  private var open: [Markup] = []

  init(name: String = "", attributes: [String: String] = [:]) {
    self.name = name
    self.attributes = attributes
  }

  /// Reads a document; what it says in its script is no XML and left out.
  convenience init(_ document: String) throws {
    self.init()
    open = [self]
    var text = document
    if let start = text.range(of: "<script>"), let end = text.range(of: "</script>") {
      text.removeSubrange(start.upperBound..<end.lowerBound)
    }
    let parser = XMLParser(data: Data(Self.closing(text).utf8))
    parser.delegate = self
    try #require(parser.parse(), "\(parser.lineNumber): \(String(describing: parser.parserError))")
  }

  /// The document with the ends of cells and rows that are implied: by the next of their kind, and by
  /// the end of what they stand in.
  private static func closing(_ document: String) -> String {
    let parts = document.split(separator: "<", omittingEmptySubsequences: false)
    var result = String(parts[0])
    var open: [String] = []
    for part in parts.dropFirst() {
      let tag = String(part.prefix { $0 == "/" || $0.isLetter || $0.isNumber })
      var ends = 0
      if tag == "td" || tag == "th" { ends = open.last == "tr" ? 0 : 1 }
      if ["tr", "/tbody", "/thead"].contains(tag) { ends = open.count }
      for name in open.suffix(ends).reversed() { result += "</\(name)>" }
      open.removeLast(ends)
      if ["tr", "td", "th"].contains(tag) { open.append(tag) }
      result += "<" + part
    }
    return result
  }

  /// This element and all below, in the order of the document.
  var all: [Markup] { [self] + children.flatMap(\.all) }

  /// The elements of that name below.
  func all(_ name: String) -> [Markup] { all.filter { $0.name == name } }

  /// All text in it.
  var allText: String { text + children.map(\.allText).joined() }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    let child = Markup(name: name, attributes: attributes)
    open.last?.children.append(child)
    open.append(child)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { open.last?.text += string }
}
