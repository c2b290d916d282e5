// Rendering: documents and findings as short text that a test compares.

import SourceText

@testable import YAMLSyntax

/// A document as compact JSON, or its findings as `CODE LINE:COLUMN`, in order.
func rendered(_ bytes: [UInt8]) -> String {
  var diagnostics = Diagnostics()
  guard let document = YAMLParser.parse(bytes, file: 0, into: &diagnostics) else {
    let index = LineIndex(bytes)
    return diagnostics.sorted.map {
      let position = index.position(of: Int($0.range?.start ?? 0))
      return "\($0.code.rawValue) \(position.line):\(position.column)"
    }.joined(separator: ", ")
  }
  return rendered(document, document.root)
}

/// A node as compact JSON; numbers as they are kept.
func rendered(_ document: YAMLDocument, _ node: NodeID) -> String {
  switch document.kind(node) {
  case .sequence:
    return "[" + document.children(node).map { rendered(document, $0) }.joined(separator: ",") + "]"
  case .mapping:
    let pairs = document.pairs(node).map {
      quoted(document.text($0.key)) + ":" + rendered(document, $0.value)
    }
    return "{" + pairs.joined(separator: ",") + "}"
  case .scalar:
    switch document.value(node) {
    case .null: return "null"
    case .bool(let flag): return "\(flag)"
    case .int(let number): return "\(number)"
    case .number(let text): return text
    case .nonFinite(let text): return "<\(text)>"
    case .string: return quoted(document.text(node))
    }
  }
}

/// A JSON string; only what must be escaped is.
func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case "\n": result += "\\n"
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FEFF}":
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

/// Numbers that are the same for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
