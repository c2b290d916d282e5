// MarkdownCommentTests: a comment never grows past its limit, and says what it left out.

import Testing

@testable import Reporting

@Suite struct MarkdownCommentTests {
  private func section(_ title: String, rows: Int, isFolded: Bool = true) -> MarkdownComment.Section
  {
    MarkdownComment.Section(
      title: title, columns: ["member", "change"],
      rows: (0..<rows).map { ["`user_\($0)`", "gets a `pro` seat and a new API key"] },
      isFolded: isFolded)
  }

  private func comment(_ sections: [MarkdownComment.Section]) -> String {
    var comment = MarkdownComment(marker: "plan", footer: "the footer\n")
    comment.paragraph("the head")
    comment.append(sections)
    return String(decoding: comment.bytes(whole: "in the log"), as: UTF8.self)
  }

  @Test(arguments: [0, 1, 10, 400, 1000, 20_000])
  func `the limit holds, the footer is last, every kind is seen`(_ rows: Int) {
    let kinds = (0..<10).map { section("kind \($0)", rows: rows) }
    let text = comment([section("first", rows: rows, isFolded: false)] + kinds)
    #expect(text.utf8.count <= MarkdownComment.bytesMax)
    #expect(text.hasPrefix("<!-- usher:plan -->\nthe head\n"))
    #expect(text.hasSuffix("the footer\n"))
    #expect(text.components("<details>").count == text.components("</details>").count)
    for kind in 0..<10 where rows > 0 { #expect(text.contains("kind \(kind) (\(rows))")) }
    #expect(text.contains("are missing") == (rows >= 400))
  }

  @Test func `what is cut is counted`() {
    let text = comment([section("only", rows: 2000)])
    let shown = text.components("| `user_").count - 1
    #expect(text.contains("**\(2000 - shown) more** of 2000 are not shown here."))
    #expect(text.contains("\(2000 - shown) rows are missing. The whole is in the log."))
    #expect(shown > 500)
  }

  @Test func `an empty section is not there`() {
    #expect(
      comment([section("nobody", rows: 0)]) == "<!-- usher:plan -->\nthe head\n\nthe footer\n")
  }
}

extension String {
  fileprivate func components(_ separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
