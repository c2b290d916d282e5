// OrgFormatterLawsTests: whatever the file, formatting keeps what it means and every comment, and
// doing it twice changes nothing more.

import Foundation
import OrgFiles
import OrgModel
import SourceText
import Testing
import YAMLSyntax

private func format(
  _ text: String, as name: String
) -> (text: String?, codes: [DiagnosticCode]) {
  var diagnostics = Diagnostics()
  let file = SourceFile(name: name, bytes: Array(text.utf8))
  let formatted = OrgFormatter.format(file, into: &diagnostics)
  return (formatted.map { String(decoding: $0, as: UTF8.self) }, diagnostics.all.map(\.code))
}

@Suite struct OrgFormatterLaws {
  @Test(arguments: 1...400 as ClosedRange<UInt64>, ["org.yaml", "org.json"])
  func `a random org file means the same before and after`(_ seed: UInt64, _ name: String) throws {
    var writer = RandomOrgText(seed: seed)
    let text = writer.file()
    let before = Outcome([text])
    #expect(before.lines == [], "seed \(seed)\n\(text)")
    let (formatted, codes) = format(text, as: name)
    #expect(codes == [], "seed \(seed)\n\(text)")
    let result = try #require(formatted)
    #expect(Outcome([result]).org == before.org, "seed \(seed)\n\(text)\n\(result)")
    #expect(format(result, as: name).text == result, "seed \(seed)\n\(text)\n\(result)")
    let lines = result.components(separatedBy: "\n")
    for number in 0..<writer.comments {
      let count = lines.count { $0.contains("c\(number + 1).") }
      #expect(count == 1, "comment \(number + 1), seed \(seed)\n\(text)\n\(result)")
    }
    #expect(!result.contains("\n\n\n") && !result.contains(" \n") && !result.contains("\r"))
    #expect(!result.hasPrefix("\n") && result.hasSuffix("\n") && !result.hasSuffix("\n\n"))
    if name.hasSuffix(".json"), writer.comments == 0 {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(result.utf8)) }
    }
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>, ["a.yaml", "a.json"])
  func `any document at all is laid out, and once is enough`(_ seed: UInt64, _ name: String) {
    let words = [
      "a", "b: ", "members: ", "- ", "c: ", "\n", "\n  ", "\n    ", "\n\n", "[", "]", "{", "}", ",",
      "'d'", "\"", "\\n", "|\n", ">-", "#", " # e", "\n# f", "\n  # g", "---", "...", "\n---\n",
      "%YAML 1.2\n", "é", "1", "~", "null", "x: {y: 1}", "\r\n", "|2\n", " ", "k: |+\n  t\n\n",
      "p: - ", ": ", "version: 1\n", "no",
    ]
    var random = Xorshift(seed: seed &* 0x9E37_79B9_7F4A_7C15)
    var formattedCount = 0
    for _ in 0..<4000 {
      var text = ""
      for _ in 0..<Int.random(in: 1...16, using: &random) {
        text += words[Int.random(in: 0..<words.count, using: &random)]
      }
      let (formatted, codes) = format(text, as: name)
      #expect(!codes.contains(.notLaidOut), "seed \(seed)\n\(text)")
      guard let result = formatted else { continue }
      formattedCount += 1
      #expect(format(result, as: name).text == result, "seed \(seed)\n\(text)\n->\n\(result)")
    }
    #expect(formattedCount > 300)
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>, ["a.yaml", "a.json"])
  func `the beginning of a file is laid out or refused`(_ seed: UInt64, _ name: String) {
    var writer = RandomOrgText(seed: seed)
    let text = writer.file()
    var prefix = ""
    for scalar in text.unicodeScalars {
      prefix.unicodeScalars.append(scalar)
      let (formatted, codes) = format(prefix, as: name)
      #expect((formatted == nil) != codes.isEmpty, "seed \(seed)\n\(prefix)")
      #expect(!codes.contains(.notLaidOut), "seed \(seed)\n\(prefix)")
      guard let formatted else { continue }
      #expect(format(formatted, as: name).text == formatted, "seed \(seed)\n\(prefix)")
    }
  }
}
