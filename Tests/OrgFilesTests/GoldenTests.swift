// GoldenTests: NAME.yaml beside NAME.diag, every finding in full; RECORD_GOLDEN=1 rewrites them.

import Foundation
import OrgFiles
import SourceText
import Testing

private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("Golden")

private func names() -> [String] {
  let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
}

@Suite struct Golden {
  @Test func `there are golden files`() { #expect(names().count >= 8) }

  @Test(arguments: names())
  func `the findings are those recorded`(_ name: String) throws {
    let source = try Data(contentsOf: folder.appendingPathComponent("\(name).yaml"))
    let lines = Outcome([SourceFile(name: "\(name).yaml", bytes: Array(source))]).lines
    let found = lines.map { $0 + "\n" }.joined()
    let golden = folder.appendingPathComponent("\(name).diag")
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try Data(found.utf8).write(to: golden)
      Issue.record("recorded \(name).diag")
      return
    }
    #expect(found == (try String(contentsOf: golden, encoding: .utf8)))
  }
}
