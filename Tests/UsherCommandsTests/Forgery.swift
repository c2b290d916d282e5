// Forgery: commits by somebody who may write to the files, sealed as usher itself seals them.

import Digests
import Foundation
import Testing

extension Sandbox {
  private static let seal = ",\n  \"digest\": \"sha256:"

  func commitName(_ sequence: Int) -> String {
    let digits = String(sequence)
    return "state/commits/" + String(repeating: "0", count: 12 - digits.count) + digits + ".json"
  }

  /// The text of a commit without its seal, and the digest that seals it.
  func unsealed(_ sequence: Int) throws -> (text: String, digest: String) {
    let parts = try read(commitName(sequence)).components(separatedBy: Self.seal)
    return (parts[0], "sha256:" + (parts.last?.prefix(64) ?? ""))
  }

  /// Writes a commit, sealed.
  func forge(_ sequence: Int, _ text: String) throws {
    let digest = SHA256.hash(Array(text.utf8)).hex
    try write("\(text)\(Self.seal)\(digest)\"\n}\n", to: commitName(sequence))
  }

  /// Rewrites a saved plan, sealed.
  func forge(plan name: String, _ find: String, _ replacement: String) throws {
    let text = try read(name).components(separatedBy: Self.seal)[0]
    try #require(text.contains(find), "the forgery changes something")
    let forged = text.replacingOccurrences(of: find, with: replacement)
    let digest = SHA256.hash(Array(forged.utf8)).hex
    try write("\(forged)\(Self.seal)\(digest)\"\n}\n", to: name)
  }

  /// Rewrites the last commit.
  func forge(_ sequence: Int, _ find: String, _ replacement: String) throws {
    let (text, _) = try unsealed(sequence)
    try #require(text.contains(find), "the forgery changes something")
    try forge(sequence, text.replacingOccurrences(of: find, with: replacement))
  }
}
