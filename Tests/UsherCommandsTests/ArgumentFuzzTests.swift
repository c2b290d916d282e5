// ArgumentFuzzTests: any words at all are a request with one meaning, or wrong usage.

import Testing

@testable import UsherCommands

@Suite struct ArgumentFuzzTests {
  private static let words: [String] = {
    let specs = CommandTable.all.flatMap(\.allOptions)
    let names = Set(specs.map(\.name)).sorted()
    return CommandName.allCases.flatMap(\.words) + names.map { "--\($0)" }
      + names.map { "--\($0)=x" } + [
        "", "-", "--", "---", "-h", "-x", "--=", "--=x", "--state=", "=", "json", "text", "sarif",
        "bash", "never", "org.yaml", "a b", "--help=1", "--version", "\u{1B}[m", "é", "\u{0}",
        "2026-11-23", "-1", String(repeating: "a", count: 5000), "--no-such", "yaml", "debug",
      ]
  }()

  /// Xorshift: the same seed, the same words.
  private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `a random line is refused, or written out in full it means the same`(_ seed: UInt64) {
    var random = Random(state: seed &* 0x9E37_79B9_7F4A_7C15)
    var acceptedCount = 0
    for _ in 0..<1000 {
      let line = (0..<Int.random(in: 0...7, using: &random)).map { _ in
        Self.words.randomElement(using: &random) ?? ""
      }
      // Half of the lines begin as a command would.
      let first = CommandName.allCases.randomElement(using: &random)?.words ?? []
      let arguments = (Bool.random(using: &random) ? first : []) + line
      guard case .run(let invocation)? = try? ArgumentParser.parse(arguments) else { continue }
      acceptedCount += 1
      var full = invocation.command.words
      for option in CommandTable.spec(of: invocation.command).allOptions {
        guard let value = invocation.value(option.name) else { continue }
        full.append(option.value == nil ? "--\(option.name)" : "--\(option.name)=\(value)")
      }
      full += ["--"] + invocation.arguments
      let again = try? ArgumentParser.parse(full)
      #expect(again == .run(invocation), "seed \(seed): \(arguments)")
    }
    #expect(acceptedCount > 20, "seed \(seed)")
  }
}
