// MarkdownText: text of unknown origin made harmless in a pull-request comment.
//
// Escaping characters is not enough there: GitHub and GitLab look for mentions, issue numbers, commits
// and links in the rendered text, whatever escaped it in the source. Both leave code alone, so
// whatever is not a plain word of ours is shown as code.

/// Renders values into GitHub's and GitLab's Markdown, in and outside of tables.
enum MarkdownText {
  /// A value as code. It is one line, and control characters are visible escapes.
  static func code(_ text: String) -> String {
    let text = TerminalText.sanitized(text)
    let isLiteral = text.unicodeScalars.allSatisfy {
      !$0.isASCII || isLetterOrDigit($0) || "_-.:/+=%, ".unicodeScalars.contains($0)
    }
    if isLiteral, !text.isEmpty, !text.hasPrefix(" "), !text.hasSuffix(" ") { return "`\(text)`" }
    var result = "<code>"
    for scalar in text.unicodeScalars {
      if scalar.isASCII, !isLetterOrDigit(scalar) {
        result += "&#\(scalar.value);"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result + "</code>"
  }

  /// A sentence of usher's: words stay words, and everything else in it, such as numbers with a sign,
  /// places and whatever else the user wrote, is shown as code; of several words in quotes, as one.
  static func prose(_ sentence: String) -> String {
    parts(of: TerminalText.sanitized(sentence)).map { word in
      let start = word.firstIndex { !"('".contains($0) } ?? word.endIndex
      let head = word[..<start]
      let rest = word[start...]
      let end = rest.lastIndex { !"',.;:?!)".contains($0) }.map { rest.index(after: $0) } ?? start
      let core = String(rest[..<end])
      let tail = rest[end...]
      let shown = core.isEmpty || isPlain(core) ? core : code(core)
      return head + shown + tail
    }.joined(separator: " ")
  }

  /// The words, but what stands between quotes as one.
  private static func parts(of sentence: String) -> [Substring] {
    func opens(_ word: Substring) -> Bool { word.drop { $0 == "(" }.hasPrefix("'") }
    func closes(_ word: Substring) -> Bool {
      word.lastIndex { !",.;:?!)".contains($0) }.map { word[$0] == "'" } ?? false
    }
    var words = sentence.split(separator: " ")[...]
    var parts: [Substring] = []
    while let first = words.popFirst() {
      guard opens(first), !closes(first),
        let end = words.firstIndex(where: { opens($0) || closes($0) }), closes(words[end]),
        !opens(words[end])
      else {
        parts.append(first)
        continue
      }
      parts.append(sentence[first.startIndex..<words[end].endIndex])
      words = words[(end + 1)...]
    }
    return parts
  }

  private static func isPlain(_ word: String) -> Bool {
    if word == "→" { return true }
    let bytes = word.utf8
    if bytes.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) { return bytes.count <= 6 }
    guard bytes.allSatisfy({ $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }) else { return false }
    // Seven letters from a to f would be the name of a commit.
    return bytes.count < 7 || !bytes.allSatisfy { $0 | 0x20 <= 0x66 }
  }

  private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
    ("0"..."9").contains(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }
}
