// GoldenFile: what a command printed once, to compare with.
//
// RECORD_GOLDEN=1 rewrites the files and fails, so that nobody leaves it on.

import Foundation
import Testing

/// A file of the folder `Golden`.
struct GoldenFile {
  private static let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent()

  /// The product's README, which shows parts of such files.
  static var readme: String {
    get throws {
      try String(contentsOf: folder.appending(path: "../../README.md"), encoding: .utf8)
    }
  }

  private let file: URL

  /// - Parameter name: The name in the folder.
  init(_ name: String) { file = Self.folder.appending(path: "Golden/\(name)") }

  /// Expects the file to say this.
  func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try Data(text.utf8).write(to: file)
      Issue.record("recorded \(file.lastPathComponent); run again without RECORD_GOLDEN")
    }
    #expect(
      try String(contentsOf: file, encoding: .utf8) == text, sourceLocation: sourceLocation)
  }
}
