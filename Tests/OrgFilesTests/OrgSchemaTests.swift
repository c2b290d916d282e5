// OrgSchemaTests: the schema is JSON and says what the decoder does.

import Foundation
import OrgFiles
import SourceText
import Testing
import YAMLSyntax

/// The keys of the objects named `properties` that a JSON text has, at any depth.
private func properties() throws -> [String: [String: Any]] {
  var all: [String: [String: Any]] = [:]
  func visit(_ value: Any) {
    guard let object = value as? [String: Any] else { return }
    for (name, definition) in object["properties"] as? [String: [String: Any]] ?? [:] {
      all[name] = definition
    }
    for (_, value) in object { visit(value) }
  }
  visit(try JSONSerialization.jsonObject(with: Data(OrgSchema.json())))
  return all
}

@Suite struct Schema {
  @Test func `is JSON that the reader reads without a finding`() throws {
    var diagnostics = Diagnostics()
    let document = try #require(YAMLParser.parse(OrgSchema.json(), file: 0, into: &diagnostics))
    #expect(diagnostics.all.isEmpty)
    #expect(document.kind(document.root) == .mapping)
    #expect(OrgSchema.json().last == 0x0A)
  }

  @Test func `lists each key with a description`() throws {
    let properties = try properties()
    let expected = [
      "version", "organization", "base_url", "subscriptions", "policy", "members", "tier", "seats",
      "expires", "credits", "max_removals", "key_max_age", "role", "seat", "until", "key",
    ]
    #expect(properties.keys.sorted() == expected.sorted())
    for (name, definition) in properties where definition["$ref"] == nil {
      #expect(definition["description"] is String, "\(name)")
    }
  }

  @Test func `refuses unknown keys in every mapping of fixed keys`() throws {
    let text = String(decoding: OrgSchema.json(), as: UTF8.self)
    #expect(text.components(separatedBy: "\"additionalProperties\": false").count == 5)
  }

  @Test(arguments: [
    ("organization", "Acme Ünï", true), ("organization", "a\nb", false),
    ("organization", "a\u{202E}", false), ("base_url", "https://h:80/a`?b#[c]", true),
    ("base_url", "https:///v1", false), ("base_url", "https://a b", false),
    ("base_url", "ftp://h", false), ("base_url", "http://h/\\", false), ("tier", "a-b_1", true),
    ("tier", "1a", false), ("key_max_age", "90d", true), ("key_max_age", "0d", false),
    ("key_max_age", "90", false), ("seat", "pro-2", true), ("seat", "", false),
  ])
  func `patterns agree with the decoder`(_ key: String, _ text: String, _ isMatch: Bool) throws {
    let pattern = try #require(try properties()[key]?["pattern"] as? String)
    let regex = try NSRegularExpression(pattern: pattern)
    let range = NSRange(text.startIndex..., in: text)
    #expect((regex.firstMatch(in: text, range: range) != nil) == isMatch)
  }
}

@Suite struct Template {
  @Test func `validates as it stands`() {
    #expect(Outcome([OrgTemplate.text]).lines == [])
  }

  @Test func `validates with every example taken out of its comment, and teaches each key`() {
    let examples = ["base_url", "pro", "key_max_age", "alice", "bob", "carol", "dave", "erin"]
    let lines = OrgTemplate.text.split(separator: "\n", omittingEmptySubsequences: false).map {
      line in
      for name in examples where line.drop(while: { $0 == " " }).hasPrefix("# \(name):") {
        return line.replacingOccurrences(of: "# \(name):", with: "\(name):")
      }
      return String(line)
    }
    let outcome = Outcome([lines.joined(separator: "\n")])
    #expect(outcome.lines == [])
    #expect(outcome.org?.members.count == 6)
    #expect(outcome.org?.subscriptions.count == 2)
    for key in ["version", "tier", "credits", "until", "key", "role", "seat", "max_removals"] {
      #expect(OrgTemplate.text.contains("\(key):"), "\(key)")
    }
  }
}
