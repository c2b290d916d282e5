// RandomOrgText: org files as many people would write them: any order, spacing, quoting and comments.

import Foundation

/// Writes one random org file; the same seed writes the same.
struct RandomOrgText {
  /// A value of the file to be written.
  indirect enum Value {
    /// A text that means the same plain and in quotes.
    case text(String)
    /// What means something else in quotes.
    case number(Int)
    case mapping([(String, Value)])
  }

  private(set) var random: Xorshift
  /// How many comments were written; each has its number.
  private(set) var comments = 0
  private var lineBreak = "\n"

  init(seed: UInt64) { random = Xorshift(seed: seed &* 0x9E37_79B9_7F4A_7C15) }

  /// The file: valid, and alone an org.
  mutating func file() -> String {
    lineBreak = ["\n", "\n", "\r\n", "\r"].randomElement(using: &random) ?? "\n"
    let content = org()
    var text = chance(10) ? "\u{FEFF}" : ""
    if chance(10) { text += "%YAML 1.2" + lineBreak }
    let hasDirective = text.hasSuffix(lineBreak)
    text += noise(0)
    if hasDirective || chance(10) { text += "---" + endOfLine() }
    text += noise(0)
    text += chance(15) ? flow(content, 0) + endOfLine() : block(content, 0)
    text += noise(0)
    if chance(10) { text += "..." + endOfLine() }
    text += noise(0)
    return chance(10) ? text + "#\(comment())" : text
  }

  private mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }

  // MARK: what is said

  private mutating func org() -> [(String, Value)] {
    let pools = (0..<Int.random(in: 0...4, using: &random)).map {
      ["standard", "pro", "no", "a-b-c", String(repeating: "long-", count: 11)][$0]
    }
    var top: [(String, Value)] = [
      ("organization", .text(["Acme Robotics", "a: b", "x", "é #1", "[ ]"].random(&random))),
      ("members", .mapping(members(pools))),
    ]
    if chance(50) { top.append(("version", .number(1))) }
    if chance(50) { top.append(("base_url", .text("https://[::1]/v1,{}"))) }
    if !pools.isEmpty || chance(30) {
      top.append(
        ("subscriptions", .mapping(pools.map { ($0, subscription()) }.shuffled(using: &random))))
    }
    if chance(50) {
      var policy: [(String, Value)] = []
      if chance(60) { policy.append(("max_removals", chance(50) ? .number(3) : .text("25%"))) }
      if chance(60) { policy.append(("key_max_age", .text("90d"))) }
      top.append(("policy", .mapping(policy)))
    }
    return top.shuffled(using: &random)
  }

  private mutating func subscription() -> Value {
    var settings: [(String, Value)] = [
      ("seats", .number(Int.random(in: 0...100, using: &random))), ("expires", .text("2099-01-31")),
    ]
    if chance(40) {
      settings.append(
        ("tier", .text(["pro", "on", String(repeating: "t", count: 60)].random(&random))))
    }
    if chance(40) { settings.append(("credits", .number(25_000))) }
    return .mapping(settings.shuffled(using: &random))
  }

  private mutating func members(_ pools: [String]) -> [(String, Value)] {
    let count = Int.random(in: 1...12, using: &random)
    let owner = Int.random(in: 0..<count, using: &random)
    return (0..<count).map { number in
      var settings: [(String, Value)] = []
      if number == owner {
        settings.append(("role", .text("owner")))
      } else if chance(30) {
        settings.append(("role", .text(["administrator", "member"].random(&random))))
      }
      if let pool = pools.randomElement(using: &random), chance(70) {
        settings.append(("seat", .text(pool)))
        if chance(30) { settings.append(("until", .text("2098-12-31T12:00:00Z"))) }
        if chance(30) { settings.append(("key", .number(2))) }
      }
      let name = ["m", "member_", "no", "a_name_that_is_longer_than_24_"].random(&random)
      return ("\(name)\(number)", .mapping(settings.shuffled(using: &random)))
    }
  }

  // MARK: how it is written

  private mutating func comment() -> String {
    comments += 1
    return "c\(comments)." + ["", " why: {not}", " - \"it", " # '\t", " é"].random(&random)
  }

  /// Blank lines and comments on lines of their own, at any indentation from `least` on.
  private mutating func noise(_ indent: Int, least: Int = 0) -> String {
    var text = ""
    while chance(25) {
      if chance(50) {
        text += ["", " ", "\t"].random(&random) + lineBreak
      } else {
        let column = [least, indent, indent, indent + 2, 7 + least].random(&random)
        text +=
          String(repeating: " ", count: column) + "#" + comment()
          + ["", "  "].random(&random) + lineBreak
      }
    }
    return text
  }

  private mutating func endOfLine() -> String {
    let blanks = [" ", "   ", "\t", "          "].random(&random)
    return (chance(20) ? blanks + "# " + comment() : ["", "  "].random(&random)) + lineBreak
  }

  private mutating func block(_ pairs: [(String, Value)], _ indent: Int) -> String {
    var text = ""
    for (key, value) in pairs {
      text += noise(indent) + String(repeating: " ", count: indent)
      text += scalar(key, indent, isFlow: false, isKey: true) + [":", ":", " :"].random(&random)
      let deeper = indent + Int.random(in: 1...4, using: &random)
      let fresh = String(repeating: " ", count: deeper)
      switch value {
      case .mapping(let inner) where !inner.isEmpty && chance(60):
        text += endOfLine() + block(inner, deeper)
      case .mapping(let inner):
        let isFresh = chance(10)
        text += isFresh ? endOfLine() + noise(deeper) + fresh : " "
        text += flow(inner, indent + 1) + endOfLine()
      case .text(let word):
        if chance(10) { text += endOfLine() + noise(deeper) + fresh } else { text += " " }
        text +=
          chance(10) && isOneWord(word)
          ? blockScalar(word, fresh, indent) : scalar(word, indent + 1, isFlow: false) + endOfLine()
      case .number(let number): text += "  \(number)" + endOfLine()
      }
    }
    return text + noise(indent)
  }

  private func isOneWord(_ word: String) -> Bool { !word.contains(" ") }

  /// The comment below is less indented: it ends the text, so that deeper ones are comments too.
  private mutating func blockScalar(_ word: String, _ fresh: String, _ indent: Int) -> String {
    [">-", "|-"].random(&random) + endOfLine() + fresh + word + lineBreak
      + String(repeating: " ", count: indent) + "#" + comment() + lineBreak
  }

  private mutating func flow(_ pairs: [(String, Value)], _ indent: Int) -> String {
    var text = "{" + space(indent)
    for (number, (key, value)) in pairs.enumerated() {
      if number > 0 { text += "," + space(indent) }
      text += scalar(key, indent, isFlow: true, isKey: true) + ": "
      switch value {
      case .mapping(let inner): text += space(indent) + flow(inner, indent)
      case .text(let word): text += scalar(word, indent, isFlow: true)
      case .number(let value): text += "\(value)"
      }
      text += space(indent)
    }
    if !pairs.isEmpty, chance(15) { text += "," + space(indent) }
    return text + "}"
  }

  /// What may stand between two tokens in braces.
  private mutating func space(_ indent: Int) -> String {
    if chance(70) { return ["", " "].random(&random) }
    var text = endOfLine()
    while chance(25) { text += noise(indent, least: indent) }
    return text + String(repeating: " ", count: indent + Int.random(in: 0...3, using: &random))
  }

  private mutating func scalar(
    _ text: String, _ indent: Int, isFlow: Bool, isKey: Bool = false
  ) -> String {
    let isPlain =
      !text.contains("#") && !text.contains(": ") && !text.hasPrefix("[")
      && !(isFlow && text.contains { "[]{},".contains($0) })
    switch Int.random(in: isPlain ? 0..<8 : 6..<8, using: &random) {
    case 0..<6: return text
    case 6: return "'\(text)'"
    default:
      let escaped = text.replacingOccurrences(
        of: "o", with: ["o", "\\x6F", "\\u006F"].random(&random))
      guard !isKey, chance(40) else { return "\"\(escaped)\"" }
      let fold = lineBreak + String(repeating: " ", count: indent)
      return "\"" + escaped.replacingOccurrences(of: " ", with: " " + fold) + "\""
    }
  }
}

extension Array {
  /// One of them; there is one.
  fileprivate func random(_ random: inout Xorshift) -> Element {
    self[Int.random(in: indices, using: &random)]
  }
}
