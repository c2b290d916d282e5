// LineDiffTests: a difference leads from one text to the other, is small, and is shown as patch has it.

import ByteOutput
import Foundation
import Testing

@testable import Reporting

private func unified(_ old: String, _ new: String, hasColor: Bool = false) -> String {
  var sink = ByteSink()
  LineDiff(from: Array(old.utf8), to: Array(new.utf8)).writeUnified(
    oldName: "a", newName: "b", into: &sink, style: TextStyle(hasColor: hasColor))
  return sink.text
}

private func lines(_ text: String) -> [String] {
  var lines = text.components(separatedBy: "\n").map { $0 + "\n" }
  lines[lines.count - 1].removeLast()
  return lines.filter { !$0.isEmpty }
}

/// The new text, made of the old one by the changes.
private func applied(_ old: String, _ new: String) -> String {
  let diff = LineDiff(from: Array(old.utf8), to: Array(new.utf8))
  var (result, at) = ("", 0)
  for change in diff.changes {
    result += lines(old)[at..<change.old.lowerBound].joined()
    result += lines(new)[change.new].joined()
    at = change.old.upperBound
  }
  return result + lines(old)[at...].joined()
}

@Suite struct LineDiffTests {
  @Test func `the same text has no difference`() {
    #expect(unified("a\nb\n", "a\nb\n") == "")
    #expect(unified("", "") == "")
    #expect(LineDiff(from: [1], to: [1]).isEmpty)
  }

  @Test func `a changed line stands between three lines of context`() {
    #expect(
      unified("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n") == """
        --- a
        +++ b
        @@ -2,7 +2,7 @@
         2
         3
         4
        -5
        +five
         6
         7
         8

        """)
  }

  @Test func `changes far apart are hunks of their own, near ones share one`() {
    let old = (1...20).map { "\($0)\n" }.joined()
    func hunks(_ changed: [Int]) -> Int {
      let new = (1...20).map { changed.contains($0) ? "x\($0)\n" : "\($0)\n" }.joined()
      return unified(old, new).components(separatedBy: "\n@@").count - 1
    }
    #expect(hunks([5, 12]) == 1)
    #expect(hunks([5, 13]) == 2)
    #expect(hunks([1, 20]) == 2)
  }

  @Test func `lines that are only added or taken away have the place before them`() {
    #expect(unified("", "a\nb\n") == "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+a\n+b\n")
    #expect(unified("a\n", "") == "--- a\n+++ b\n@@ -1 +0,0 @@\n-a\n")
  }

  @Test func `a missing last line feed is a difference, and said`() {
    #expect(
      unified("a", "a\n")
        == "--- a\n+++ b\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n")
  }

  @Test func `control characters are shown, not obeyed`() {
    #expect(unified("a\u{1B}[2J\r\n", "a\n").contains("\n-a\\u{1B}[2J\\u{0D}\n"))
  }

  @Test func `colour changes no word of a difference`() {
    let colored = unified("a\nb\n", "a\nc\n", hasColor: true)
    #expect(colored.contains("\u{1B}[31m-b\u{1B}[0m\n\u{1B}[32m+c\u{1B}[0m\n"))
    var plain = colored
    for code in ["0", "1", "31", "32", "36"] {
      plain = plain.replacing("\u{1B}[\(code)m", with: "")
    }
    #expect(plain == unified("a\nb\n", "a\nc\n"))
  }

  @Test(arguments: UInt64(1)...8)
  func `the changes lead from the old text to the new one, and are the fewest`(_ seed: UInt64) {
    var random = Seeded(state: seed)
    for _ in 0..<200 {
      func text() -> [String] {
        (0..<Int.random(in: 0...9, using: &random)).map { _ in
          ["a", "b", "c"][Int.random(in: 0...2, using: &random)]
        }
      }
      let (old, new) = (text(), text())
      let (oldText, newText) = (old.joined(separator: "\n"), new.joined(separator: "\n"))
      #expect(applied(oldText, newText) == newText, "seed \(seed)")
      let diff = LineDiff(from: Array(oldText.utf8), to: Array(newText.utf8))
      let edits = diff.changes.reduce(0) { $0 + $1.old.count + $1.new.count }
      let (a, b) = (lines(oldText), lines(newText))
      #expect(edits == a.count + b.count - 2 * common(a, b), "seed \(seed)")
    }
  }

  @Test func `beyond the limit of edits everything between the ends is replaced`() {
    let old = (0..<5000).map { "\($0)\n" }.joined()
    let new = (0..<5000).map { $0 % 4 == 1 ? "x\($0)\n" : "\($0)\n" }.joined()
    let diff = LineDiff(from: Array(old.utf8), to: Array(new.utf8))
    #expect(diff.changes == [LineDiff.Change(old: 1..<4998, new: 1..<4998)])
    #expect(applied(old, new) == new)
  }

  @Test func `a hundred thousand lines that all differ are no burden`() {
    let old = (0..<100_000).map { "\($0)\n" }.joined()
    let new = (0..<100_000).map { "  \($0)\n" }.joined()
    let diff = LineDiff(from: Array(old.utf8), to: Array(new.utf8))
    #expect(diff.changes.count == 1)
  }

  /// The length of the longest common subsequence, by the book.
  private func common(_ a: [String], _ b: [String]) -> Int {
    var row = [Int](repeating: 0, count: b.count + 1)
    for left in a {
      var diagonal = 0
      for (index, right) in b.enumerated() {
        let above = row[index + 1]
        row[index + 1] = left == right ? diagonal + 1 : max(above, row[index])
        diagonal = above
      }
    }
    return row[b.count]
  }
}

/// SplitMix64: a seed gives the same numbers on every machine.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
