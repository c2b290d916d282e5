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

  @Test(arguments: [
    "\u{AD}", "\u{34F}", "\u{115F}", "\u{180E}", "\u{200A}", "\u{200B}", "\u{200C}", "\u{200D}",
    "\u{2060}", "\u{2061}", "\u{2800}", "\u{3164}", "\u{FE00}", "\u{FE0F}", "\u{FEFF}", "\u{FFA0}",
    "\u{FFFA}", "\u{1D173}", "\u{E0001}", "\u{E0041}", "\u{E0100}",
  ])
  func `what nobody sees becomes a visible escape`(_ text: String) throws {
    let digits = String(try #require(text.unicodeScalars.first).value, radix: 16, uppercase: true)
    for (before, after) in [("", ""), ("a", "b"), ("1", "2"), (" ", "é"), ("}", "漢")] {
      #expect(
        TerminalText.sanitized(before + text + after) == "\(before)\\u{\(digits)}\(after)")
    }
  }

  @Test(arguments: [
    "👩‍🚀", "❤️‍🔥", "👩🏽‍🚀", "1️⃣", "☎️", "☎︎", "🏳️‍🌈", "می‌خواهم", "क्‍ष", "क्‌ष", "ad\u{A0}ac", "株\u{3000}式",
  ])
  func `what changes how its neighbours look stays`(_ text: String) {
    #expect(TerminalText.sanitized(text) == text)
  }

  @Test(arguments: [
    ("🔥\u{200D}", "🔥\\u{200D}"), ("🔥\u{FE0F}", "🔥\\u{FE0F}"), ("☎️\u{FE0F}", "☎️\\u{FE0F}"),
    ("1\u{FE0F}2", "1\\u{FE0F}2"), ("a\u{FE0F}\u{20E3}", "a\\u{FE0F}\u{20E3}"),
    ("a\u{FE0F}\u{200D}🔥", "a\\u{FE0F}\\u{200D}🔥"),
    // An alef joins nothing behind it, so that a joiner there does nothing.
    ("ا\u{200C}م", "ا\\u{200C}م"), ("م\u{200C}", "م\\u{200C}"), ("م\u{200C}a", "م\\u{200C}a"),
  ])
  func `where that does nothing it becomes a visible escape`(_ text: String, _ shown: String) {
    #expect(Array(TerminalText.sanitized(text).unicodeScalars) == Array(shown.unicodeScalars))
    #expect(TerminalText.sanitized(shown) == shown)
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
