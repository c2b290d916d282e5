// TidyTests: the source itself held to its rules: layers, lengths, and calls that are banned.

import Foundation
import Testing

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

private struct File {
  let path: String
  let target: String
  let lines: [Substring]
}

private func swiftFiles(below folder: String) throws -> [File] {
  let base = root.appendingPathComponent(folder).path
  let paths = try FileManager.default.subpathsOfDirectory(atPath: base).sorted()
  return try paths.filter { $0.hasSuffix(".swift") }.map { path in
    let text = try String(contentsOfFile: "\(base)/\(path)", encoding: .utf8)
    return File(
      path: "\(folder)/\(path)", target: String(path.prefix { $0 != "/" }),
      lines: text.split(separator: "\n", omittingEmptySubsequences: false))
  }
}

/// Which layer a target is in; a target imports from lower layers only.
private let layers: [[String]] = [
  ["Parallelism"],
  ["ByteOutput", "Digests", "SourceText", "SystemCalls"],
  ["YAMLSyntax", "OrgModel"],
  ["Records", "OrgFiles", "CommitStore", "KeyDelivery"],
  ["Metering", "Planning"],
  ["Reconciling", "Reporting"],
  ["UsherCommands"],
  ["usher", "UsherBench", "UsherFuzz"],
]

private let systemModules: Set<String> = ["Glibc", "Musl", "Darwin", "Synchronization"]

/// Instructions of the processor, for what hashes.
private let instructions = "_Builtin_intrinsics"

@Suite struct TidyTests {
  @Test func `a target imports only from lower layers`() throws {
    let layer = Dictionary(
      uniqueKeysWithValues: layers.enumerated().flatMap { number, names in
        names.map { ($0, number) }
      })
    for file in try swiftFiles(below: "Sources") {
      let own = try #require(layer[file.target], "\(file.target) stands in no layer")
      for line in file.lines where line.contains("import ") && !line.hasPrefix("//") {
        let words = line.split(separator: " ")
        guard let at = words.firstIndex(of: "import"), words.prefix(at).allSatisfy({ $0 != "//" })
        else { continue }
        guard at + 1 < words.count, words.count == at + 2 else { continue }
        let module = String(words[at + 1])
        if systemModules.contains(module) {
          #expect(
            // The bench measures processes in a way that usher has no use for.
            ["Parallelism", "SystemCalls", "UsherBench"].contains(file.target)
              || module == "Synchronization",
            "\(file.path) imports \(module)")
          continue
        }
        if module.hasPrefix("\(instructions).") {
          #expect(file.target == "Digests", "\(file.path) imports \(module)")
          continue
        }
        let other = layer[module]
        #expect(other.map { $0 < own } ?? false, "\(file.path) imports \(module)")
      }
    }
  }

  @Test func `every source file says what it is for, in at most 500 lines`() throws {
    for file in try swiftFiles(below: "Sources") + swiftFiles(below: "Tests") {
      #expect(file.lines.count <= 501, "\(file.path)")
      let name = file.path.split(separator: "/").last?.dropLast(6) ?? ""
      let first = file.lines.first ?? ""
      #expect(
        first.hasPrefix("// ") && first.contains(": ") || name == "Package",
        "\(file.path): \(first)")
    }
  }

  @Test func `calls that lose data, errors or order are not made`() throws {
    let banned = [
      "replaceItemAt", "print(", "try! ", "fatalError(", "String(format:", "@unchecked",
      "JSONEncoder", "NSRegularExpression", "FIXME", "TODO",
    ]
    for file in try swiftFiles(below: "Sources") {
      for (number, line) in file.lines.enumerated() {
        for call in banned where line.contains(call) {
          Issue.record("\(file.path):\(number + 1) has '\(call)'")
        }
      }
    }
  }

  @Test func `main is short`() throws {
    let main = try #require(try swiftFiles(below: "Sources/usher").first)
    #expect(main.lines.count < 20)
  }

  @Test func `the package depends on nothing`() throws {
    let manifest = try String(
      contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
    #expect(!manifest.contains(".package("))
  }
}
