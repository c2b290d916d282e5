// DesiredOrg+YAML: an org as the file that a person would write.

import ByteOutput
public import OrgModel

extension DesiredOrg {
  /// An org file that says the same: one member a line, defaults left out, texts quoted only where
  /// they would be read as something else.
  public func yaml() -> [UInt8] {
    var sink = ByteSink()
    sink.writeLine("version: 1")
    sink.writeLine("organization: \(YAMLText.scalar(organization))")
    if let baseURL { sink.writeLine("base_url: \(YAMLText.scalar(baseURL))") }
    if subscriptions.isEmpty {
      sink.writeLine("subscriptions: {}")
    } else {
      sink.writeLine("subscriptions:")
      for terms in subscriptions { Self.write(terms, into: &sink) }
    }
    if policy != .standard {
      sink.writeLine("policy:")
      sink.writeLine("  max_removals: \(policy.maxRemovals)")
      if let age = policy.keyMaxAge { sink.writeLine("  key_max_age: \(age)") }
    }
    sink.writeLine(members.isEmpty ? "members: {}" : "members:")
    for member in members { Self.write(member, into: &sink) }
    return sink.bytes
  }

  private static func write(_ terms: Subscription, into sink: inout ByteSink) {
    sink.write("  \(YAMLText.scalar(terms.id.text)): { ")
    if terms.tier != terms.id { sink.write("tier: \(YAMLText.scalar(terms.tier.text)), ") }
    sink.write("seats: \(terms.seats), expires: \(short(terms.expires))")
    if let credits = terms.credits { sink.write(", credits: \(credits)") }
    sink.writeLine(" }")
  }

  private static func write(_ member: DesiredMember, into sink: inout ByteSink) {
    sink.write("  ")
    sink.write(YAMLText.scalar(member.username.text))
    var separator = ": { "
    func setting(_ name: String, _ value: String, _ sink: inout ByteSink) {
      sink.write(separator)
      sink.write(name)
      sink.write(value)
      separator = ", "
    }
    if member.role != .member { setting("role: ", member.role.rawValue, &sink) }
    if let seat = member.seat { setting("seat: ", YAMLText.scalar(seat.text), &sink) }
    if let until = member.until { setting("until: ", short(until), &sink) }
    if member.keyNumber != 1 { setting("key: ", String(member.keyNumber), &sink) }
    sink.writeLine(separator == ", " ? " }" : ": {}")
  }

  /// A date alone where the instant is its start.
  private static func short(_ instant: Instant) -> String {
    let text = instant.description
    return text.hasSuffix("T00:00:00Z") ? String(text.dropLast(10)) : text
  }
}

/// Scalars as an org file writes them.
enum YAMLText {
  /// A text as it stands where that is read as the same text, also by readers of YAML 1.1;
  /// otherwise in double quotes.
  static func scalar(_ text: String) -> String {
    let bytes = text.utf8
    guard let first = bytes.first, let last = bytes.last, isLetter(first), isPlain(last),
      last != UInt8(ascii: ":"), bytes.allSatisfy({ isPlain($0) || $0 == 0x20 }),
      !hasKeyIndicator(text), !isReserved(text)
    else { return quoted(text) }
    return text
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte == UInt8(ascii: "_")
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x2D...0x3A, UInt8(ascii: "_"), 0x41...0x5A, 0x61...0x7A: return true  // - . / 0…9 :
    default: return false
    }
  }

  /// `: ` would end a key.
  private static func hasKeyIndicator(_ text: String) -> Bool {
    var last: UInt8 = 0
    for byte in text.utf8 {
      if last == UInt8(ascii: ":"), byte == 0x20 { return true }
      last = byte
    }
    return false
  }

  private static func isReserved(_ text: String) -> Bool {
    guard text.utf8.count <= 5 else { return false }
    switch text.lowercased() {
    case "null", "true", "false", "yes", "no", "on", "off", "y", "n": return true
    default: return false
    }
  }

  /// Escapes what YAML does not print, and what a terminal would obey.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22, 0x5C:
        result += "\\"
        result.unicodeScalars.append(scalar)
      case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF,
        0xFFFE, 0xFFFF:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
