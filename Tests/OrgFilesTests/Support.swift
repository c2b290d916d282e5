// Support: reading org files from strings, and findings as short lines.

import Foundation
import OrgFiles
import OrgModel
import SourceText

/// What a run over texts named a.yaml, b.yaml, … found.
struct Outcome {
  let located: LocatedOrg?
  let files: [SourceFile]
  let diagnostics: [Diagnostic]

  init(_ texts: [String]) {
    self.init(
      zip("abcdefgh", texts).map { SourceFile(name: "\($0).yaml", bytes: Array($1.utf8)) })
  }

  init(_ files: [SourceFile]) {
    var diagnostics = Diagnostics()
    self.files = files
    located = OrgDecoder.decode(files, into: &diagnostics)
    self.diagnostics = diagnostics.sorted
  }

  var org: DesiredOrg? { located?.org }

  /// `a.yaml:1:2: E101`.
  var places: [String] {
    diagnostics.map { "\(position($0.range)): \($0.code.rawValue)" }
  }

  /// `a.yaml:1:2: E101: message  (help: …)`.
  var lines: [String] {
    diagnostics.map {
      "\(position($0.range)): \($0.code.rawValue): \($0.message)"
        + ($0.help.map { "  (help: \($0))" } ?? "")
    }
  }

  /// The source text in a range.
  func text(_ range: SourceRange?) -> String? {
    range.map {
      String(decoding: files[Int($0.file)].bytes[Int($0.start)..<Int($0.end)], as: UTF8.self)
    }
  }

  private func position(_ range: SourceRange?) -> String {
    guard let range else { return "-" }
    let file = files[Int(range.file)]
    let position = LineIndex(file.bytes).position(of: Int(range.start))
    return "\(file.name):\(position.line):\(position.column)"
  }
}

/// The finding of a text in which `«` marks where it stands, as `a.yaml:1:2`, and the text without.
func unmarked(_ marked: String) -> (text: String, place: String) {
  var (line, column) = (1, 1)
  for scalar in marked.unicodeScalars {
    if scalar == "«" { break }
    (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
  }
  return (marked.replacingOccurrences(of: "«", with: ""), "a.yaml:\(line):\(column)")
}

/// xorshift64*: a seed gives the same numbers on every machine.
struct Xorshift: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed | 1 }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }
}
