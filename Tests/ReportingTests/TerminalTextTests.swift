// TerminalTextTests: nothing that a user wrote commands a terminal.

import Reporting
import Testing

@Suite struct TerminalTextTests {
  @Test func `plain text stays as it is`() {
    #expect(TerminalText.sanitized("carol, 張 and café 🎉") == "carol, 張 and café 🎉")
  }

  @Test(arguments: [
    ("\u{1B}[31mred", "\\u{1B}[31mred"), ("a\nb", "a\\u{0A}b"), ("\r", "\\u{0D}"),
    ("\u{0}", "\\u{00}"), ("\u{7F}", "\\u{7F}"),
  ])
  func `control characters become visible escapes`(_ text: String, _ shown: String) {
    #expect(TerminalText.sanitized(text) == shown)
  }

  @Test func `C1 controls become visible escapes`() {
    #expect(TerminalText.sanitized("\u{9B}31m") == "\\u{9B}31m")
  }

  @Test(arguments: ["\u{202E}", "\u{2066}", "\u{200F}", "\u{061C}", "\u{2028}", "\u{2029}"])
  func `bidirectional controls and separators become visible escapes`(_ text: String) {
    #expect(TerminalText.sanitized(text).utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
  }

  @Test func `a line break and a carriage return in one grapheme are both escaped`() {
    #expect(TerminalText.sanitized("a\r\nb") == "a\\u{0D}\\u{0A}b")
  }

  @Test func `sanitizing twice changes nothing more`() {
    let once = TerminalText.sanitized("a\u{1B}\u{202E}b")
    #expect(TerminalText.sanitized(once) == once)
  }

  @Test func `a style without colour adds nothing`() {
    #expect(TextStyle(hasColor: false).red("x") == "x")
  }

  @Test func `a style with colour resets behind the text`() {
    #expect(TextStyle(hasColor: true).red("x") == "\u{1B}[31mx\u{1B}[0m")
  }
}
