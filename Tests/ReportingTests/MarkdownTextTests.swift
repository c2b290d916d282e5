// MarkdownTextTests: nothing a file says can forge a heading, a link, a mention or a table.

import Testing

@testable import Reporting

@Suite struct MarkdownTextTests {
  @Test(arguments: [
    ("carol", "`carol`"), ("_x_", "`_x_`"), ("@octocat", "<code>&#64;octocat</code>"),
    ("GH-2", "`GH-2`"),
    ("https://evil.example", "`https://evil.example`"), ("", "<code></code>"),
    ("a|b", "<code>a&#124;b</code>"), ("`x`", "<code>&#96;x&#96;</code>"),
    ("<script>", "<code>&#60;script&#62;</code>"), (" a", "<code>&#32;a</code>"),
    ("a\n# b", "<code>a&#92;u&#123;0A&#125;&#35;&#32;b</code>"),
  ])
  func `a value is shown as code`(_ text: String, _ expected: String) {
    #expect(MarkdownText.code(text) == expected)
  }

  @Test(arguments: [
    ("carol_2 gets a pro-1 seat → b", "`carol_2` gets a `pro-1` seat → b"),
    (
      "role 'ownr' is unknown; expected one of a or b",
      "role 'ownr' is unknown; expected one of a or b"
    ),
    ("see https://evil.example now", "see `https://evil.example` now"),
    ("ask @octocat.", "ask <code>&#64;octocat</code>."),
    ("deadbeef was 7 of 1234567", "`deadbeef` was 7 of `1234567`"),
    (
      "[x](y) # **b** :tada:",
      "<code>&#91;x&#93;&#40;y</code>) <code>&#35;</code> <code>&#42;&#42;b&#42;&#42;</code> `:tada`:"
    ),
    (
      "make the entry 'bob: {}', or not",
      "make the entry '<code>bob&#58;&#32;&#123;&#125;</code>', or not"
    ),
    ("run 'usher fmt' (or 'a' and 'b c')", "run '`usher fmt`' (or 'a' and '`b c`')"),
    ("the seats' holder, 'a and 'b' c'", "the seats' holder, 'a and 'b' c'"),
    ("(was 2026-11-23T08:00:00Z)", "(was `2026-11-23T08:00:00Z`)"), ("!", "!"), ("", ""),
  ])
  func `a sentence keeps its words and shows all else as code`(_ text: String, _ expected: String) {
    #expect(MarkdownText.prose(text) == expected)
  }

  @Test func `whatever the text, no character of it can start anything`() {
    var generator = Seeded(state: 7)
    let pieces = [
      "@a", "#1", "|", "`", "``", "<b>", "-->", "](x)", "\\", "https://x.y", "\n", "* ", "www.a.b",
      "é", "~~", "$x$", "\u{202E}",
    ]
    for _ in 0..<2000 {
      let text = (0..<5).map { _ in pieces[Int(generator.next() % UInt64(pieces.count))] }.joined()
      for shown in [MarkdownText.code(text), MarkdownText.prose("a \(text) b")] {
        #expect(!shown.contains("\n") && !shown.contains("|") && !shown.contains("-->"))
        #expect(outsideCode(shown).allSatisfy { "@#[]<>*\\$~".contains($0) == false }, "\(shown)")
      }
    }
  }

  /// What is left when code spans and code elements are taken out.
  private func outsideCode(_ text: String) -> String {
    var (rest, result) = (text[...], "")
    while let start = rest.firstIndex(where: { $0 == "`" || $0 == "<" }) {
      result += rest[..<start]
      let end = rest[start] == "`" ? "`" : "</code>"
      let behind = rest[rest.index(after: start)...]
      guard let range = behind.firstRange(of: end) else { return result + rest }
      rest = behind[range.upperBound...]
    }
    return result + rest
  }
}
