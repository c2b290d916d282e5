// HelpTextTests: help is whole, fits 80 columns and is what the golden files say.

import ByteOutput
import Foundation
import Reporting
import Testing

@testable import UsherCommands

@Suite struct HelpTextTests {
  private func help(_ name: CommandName?) -> String {
    var sink = ByteSink()
    HelpText.write(name, into: &sink, style: TextStyle(hasColor: false))
    return sink.text
  }

  @Test(arguments: CommandName.allCases + [nil])
  func `help is what its golden file says`(_ name: CommandName?) throws {
    let word = name.map { "-" + $0.words.joined(separator: "-") } ?? ""
    try GoldenFile("help\(word).txt").expect(help(name))
  }

  @Test(arguments: CommandName.allCases + [nil])
  func `help fits 80 columns`(_ name: CommandName?) {
    for line in help(name).split(separator: "\n") {
      #expect(DisplayWidth.columns(String(line)) <= 80, "\(line)")
    }
  }

  @Test(arguments: CommandName.allCases + [nil])
  func `no line of help ends in a blank`(_ name: CommandName?) {
    #expect(!help(name).split(separator: "\n").contains { $0.hasSuffix(" ") })
  }

  @Test(arguments: CommandName.allCases)
  func `every command stands in the overview`(_ name: CommandName) {
    #expect(help(nil).contains("\n  \(name.rawValue) "))
  }

  @Test(arguments: CommandName.allCases)
  func `the usage names every option of the command`(_ name: CommandName) {
    let spec = CommandTable.spec(of: name)
    let usage = spec.usage.joined(separator: " ")
    #expect(spec.options.allSatisfy { usage.contains($0.usage) })
  }

  @Test(arguments: CommandName.allCases)
  func `the examples of a command are command lines that parse`(_ name: CommandName) throws {
    for example in CommandTable.spec(of: name).examples {
      let start = try #require(example.line.firstRange(of: "usher ")).upperBound
      let words = example.line[start...].split(separator: " ").prefix { $0 != ">" && $0 != "<" }
      #expect(throws: Never.self) { try ArgumentParser.parse(words.map(String.init)) }
    }
  }

  @Test func `the table has every command once`() {
    let names = CommandTable.all.map(\.name.rawValue)
    #expect(names.sorted() == CommandName.allCases.map(\.rawValue).sorted())
  }

  @Test func `colour changes no word of help`() {
    var sink = ByteSink()
    HelpText.write(.plan, into: &sink, style: TextStyle(hasColor: true))
    var text = sink.text
    for code in ["0", "1", "2"] { text = text.replacing("\u{1B}[\(code)m", with: "") }
    #expect(text == help(.plan))
  }
}
