// KeyLines: the keys as a sink reads them, JSON Lines, in one buffer that is wiped afterwards.

import ByteOutput

enum KeyLines {
  /// One object a key and line. The buffer is made as large as needed at once, and the plaintext goes
  /// nowhere else: no string is made of it.
  static func bytes(of keys: [HandedKey]) -> [UInt8] {
    let parts = keys.map { (before: before($0), after: after($0)) }
    var count = 0
    for (key, part) in zip(keys, parts) {
      count += part.before.count + key.textCount + part.after.count
    }
    var lines: [UInt8] = []
    lines.reserveCapacity(count)
    for (key, part) in zip(keys, parts) {
      lines += part.before
      // A key is letters, digits, `-` and `_`: nothing that JSON wants escaped.
      key.withText { lines += $0 }
      lines += part.after
    }
    precondition(lines.count == count, "the buffer never grew")
    return lines
  }

  private static func before(_ key: HandedKey) -> [UInt8] {
    var json = JSONWriter(.compact)
    json.object { $0.member("member", key.member) }
    let name: String
    switch key.purpose {
    case .calls: name = "api_key"
    case .management: name = "token"
    }
    return json.sink.bytes.dropLast() + Array(",\"\(name)\":\"".utf8)
  }

  private static func after(_ key: HandedKey) -> [UInt8] {
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
    return Array("\",".utf8) + json.sink.bytes.dropFirst() + [0x0A]
  }
}
