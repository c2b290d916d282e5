// OrgFormatter: the canonical layout of an org file; what the file means stays the same.
//
// It is no validator: a file may be a part of an org, or none, and what it does not know it keeps.

public import SourceText
import YAMLSyntax

/// Lays out org files.
public enum OrgFormatter {
  /// Lays out one file, as JSON if its name ends in `.json`. Doing it twice changes nothing more.
  /// - Parameters:
  ///   - index: What the ranges of findings name the file by.
  ///   - diagnostics: Gets what makes the text no document.
  /// - Returns: nil if an error was reported.
  public static func format(
    _ file: SourceFile, index: Int = 0, into diagnostics: inout Diagnostics
  ) -> [UInt8]? {
    guard let document = YAMLParser.parse(file.bytes, file: index, into: &diagnostics) else {
      return nil
    }
    let (comments, prologue) = document.comments()
    var reading = LayoutReading(
      document, comments: comments, isJSON: file.name.hasSuffix(".json"))
    reading.run(prologue)
    var writer = LayoutWriter(reading.file.layout, comments: comments, source: file.bytes)
    writer.write(reading.file)
    // A file that somebody keeps in git is rewritten only if the result is known to say the same.
    // There are files that cannot be laid out: a key of more than 1,024 characters may stand in
    // braces, but not on a line of its own.
    guard Proof(document, comments).holds(for: writer) else {
      diagnostics.report(
        .notLaidOut,
        "no layout of the file reads as the same; it is left as it is",
        at: SourceRange(file: index, start: 0, end: 0))
      return nil
    }
    return writer.bytes
  }
}

/// Compares a written file with what it was written from.
private struct Proof {
  private let before: YAMLDocument
  private let comments: [YAMLComment]

  init(_ before: YAMLDocument, _ comments: [YAMLComment]) {
    self.before = before
    self.comments = comments
  }

  /// Whether every comment was written once and is read as one, and the values are the same.
  func holds(for writer: LayoutWriter) -> Bool {
    var diagnostics = Diagnostics()
    guard let after = YAMLParser.parse(writer.bytes, file: 0, into: &diagnostics) else {
      return false
    }
    let found = after.comments().comments
    guard found.count == comments.count, writer.written.count == comments.count else {
      return false
    }
    var isWritten = [Bool](repeating: false, count: comments.count)
    for (number, comment) in zip(writer.written, found) {
      let original = comments[Int(number)]
      guard !isWritten[Int(number)],
        before.source[original.start..<original.end] == after.source[comment.start..<comment.end]
      else { return false }
      isWritten[Int(number)] = true
    }
    return isSame(before.root, after, after.root, .top)
  }

  /// The order of known keys is the only thing that may differ.
  private func isSame(
    _ node: NodeID, _ after: YAMLDocument, _ other: NodeID, _ section: OrgSection
  ) -> Bool {
    guard before.kind(node) == after.kind(other), before.childCount(node) == after.childCount(other)
    else { return false }
    switch before.kind(node) {
    case .scalar: return isSameScalar(node, after, other)
    case .sequence:
      var items = after.children(other)
      return before.children(node).allSatisfy { item in
        items.next().map { isSame(item, after, $0, .other) } ?? false
      }
    case .mapping:
      var pairs = after.pairs(other)
      return section.ordered(before, node).allSatisfy { key, value in
        guard let pair = pairs.next() else { return false }
        let under = before.withBytes(key) { section.section(under: $0) }
        return isSameScalar(key, after, pair.key) && isSame(value, after, pair.value, under)
      }
    }
  }

  private func isSameScalar(_ node: NodeID, _ after: YAMLDocument, _ other: NodeID) -> Bool {
    let value = before.value(node)
    guard value == after.value(other) else { return false }
    guard value == .string else { return true }
    return before.withBytes(node) { left in
      after.withBytes(other) { left.elementsEqual($0) }
    }
  }
}
