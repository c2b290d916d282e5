// ReadmeTests: what the README shows is what usher does.

import Foundation
import SystemCalls
import Testing

@testable import UsherCommands

@Suite struct ReadmeTests {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func readme() throws -> String {
    try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
  }

  /// The fenced blocks of one language, without their fences.
  private func blocks(_ language: String) throws -> [String] {
    try readme().components(separatedBy: "\n```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "\n```").first.map { $0 + "\n" }
    }
  }

  @Test func `every org file in the README is valid and formatted`() throws {
    let sandbox = try Sandbox()
    let blocks = try blocks("yaml")
    #expect(!blocks.isEmpty)
    for block in blocks {
      let file = try sandbox.write(block, to: "org.yaml")
      #expect(sandbox.usher("validate", file).errors == "")
      #expect(sandbox.usher("fmt", "--check", file).output == "")
    }
  }

  @Test func `the error in the README is the one that usher shows`() throws {
    let sandbox = try Sandbox()
    let org = try #require(try blocks("yaml").first)
    let broken = org.replacingOccurrences(
      of: "carol: { seat: standard }", with: "carol: { seat: standrd }")
    #expect(broken != org)
    let file = try sandbox.write(broken, to: "org.yaml")
    let shown = sandbox.usher("validate", file).errors
      .replacingOccurrences(of: sandbox.path(""), with: "")
    let transcript = try readme().components(separatedBy: "$ usher validate org.yaml\n").last?
      .components(separatedBy: "```").first
    #expect(transcript == shown)
  }

  @Test func `the first command founds the example, and its first lines are those shown`() throws {
    let sandbox = try Sandbox()
    let example = root.appendingPathComponent("examples/acme/org.yaml").path
    let run = sandbox.usher(
      "apply", example, "--create", "--yes", "--keys-to", sandbox.path("keys.jsonl"))
    #expect(run.code == 0)
    let readme = try readme()
    let lines = run.output.components(separatedBy: "\n")
    #expect(readme.contains("\n\(lines[0])\n\n\(lines[2])\n\(lines[3])\n"), "\(lines[0...3])")
    #expect(readme.contains("\nApplied as commit 1, 10 keys delivered (sha256:"))
  }

  @Test func `the command lines in the README are ones that usher takes`() throws {
    let lines = try readme().components(separatedBy: "\n").filter { $0.hasPrefix("    usher ") }
    #expect(lines.count >= 2)
    let sandbox = try Sandbox()
    for line in lines {
      // A shell splits the words; usher is a function that prints them.
      let script = "usher() { printf '%s\\0' \"$@\" >&3; }; \(line)"
      let words = try ChildProcess.capture(
        "sh", ["-c", "cd '\(sandbox.folder)'; exec 3>&1; \(script)"], isInterrupted: { false })
      let arguments = words.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      #expect(throws: Never.self) { try ArgumentParser.parse(arguments) }
    }
  }

  @Test func `every command of the program is in the README`() throws {
    let readme = try readme()
    let help = try Sandbox().usher("help").output
    for line in help.components(separatedBy: "\n")
    where line.hasPrefix("  ") && !line.hasPrefix("   ") {
      let words = line.split(separator: " ")
      guard let first = words.first, first.allSatisfy({ $0.isLowercase || $0 == "-" }) else {
        continue
      }
      guard !first.hasPrefix("-"), first != "help", words.count > 2 else { continue }
      #expect(readme.contains("`usher \(first)"), "\(first)")
    }
  }

  @Test func `what is said to prove a promise is there`() throws {
    let tests = root.appendingPathComponent("Tests")
    let suites = try FileManager.default.subpathsOfDirectory(atPath: tests.path)
      .filter { $0.hasSuffix(".swift") }
      .map { try String(contentsOf: tests.appendingPathComponent($0), encoding: .utf8) }
      .joined()
    let table = try #require(
      readme().components(separatedBy: "\n| whatever happens | what holds | proved by |\n").last)
    let rows = table.components(separatedBy: "\n").dropFirst().prefix { $0.hasPrefix("|") }
    #expect(rows.count >= 9)
    for row in rows {
      let proofs = row.components(separatedBy: " | ").last?.components(separatedBy: "`")
        .enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
      #expect(proofs?.isEmpty == false, "\(row)")
      for proof in proofs ?? [] {
        let isFile = FileManager.default.fileExists(atPath: root.appendingPathComponent(proof).path)
        #expect(isFile || suites.contains("@Suite struct \(proof) {"), "\(proof)")
      }
    }
  }
}
