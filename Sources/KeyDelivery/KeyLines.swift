// KeyLines: the keys as a sink reads them, JSON Lines, in one buffer that is wiped afterwards.

import ByteOutput

enum KeyLines {
  /// One object a key and line. The buffer is made as large as needed at once, and the plaintext goes
  /// nowhere else: no string is made of it.
  static func bytes(of keys: some Collection<HandedKey>) -> [UInt8] {
    // What stands before and behind each key, one after another.
    var parts = ByteSink()
    var ends: [(before: Int, after: Int)] = []
    ends.reserveCapacity(keys.count)
    var count = 0
    for key in keys {
      writeBefore(key, into: &parts)
      let before = parts.bytes.count
      writeAfter(key, into: &parts)
      ends.append((before, parts.bytes.count))
      count += key.textCount
    }
    count += parts.bytes.count
    var lines: [UInt8] = []
    lines.reserveCapacity(count)
    var start = 0
    for (key, end) in zip(keys, ends) {
      lines += parts.bytes[start..<end.before]
      // A key is letters, digits, `-` and `_`: nothing that JSON wants escaped.
      key.withText { lines += $0 }
      lines += parts.bytes[end.before..<end.after]
      start = end.after
    }
    precondition(lines.count == count, "the buffer never grew")
    return lines
  }

  private static func writeBefore(_ key: HandedKey, into sink: inout ByteSink) {
    var json = JSONWriter(.compact)
    json.object { $0.member("member", key.member) }
    sink.write(bytes: json.sink.bytes.dropLast())
    switch key.purpose {
    case .calls: sink.write(literal: ",\"api_key\":\"")
    case .management: sink.write(literal: ",\"token\":\"")
    }
  }

  private static func writeAfter(_ key: HandedKey, into sink: inout ByteSink) {
    var json = JSONWriter(.compact)
    json.object { json in
      switch key.purpose {
      case .calls(let subscription, let baseURL):
        json.member("base_url", baseURL)
        json.member("subscription", subscription)
        json.member("key_id", key.id)
      case .management: json.member("token_id", key.id)
      }
      json.member("issued", key.issued)
    }
    sink.write(literal: "\",")
    sink.write(bytes: json.sink.bytes.dropFirst())
    sink.write(byte: 0x0A)
  }
}
