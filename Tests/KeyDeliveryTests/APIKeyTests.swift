// APIKeyTests: the form of a key, and how little its masked form tells.

import Digests
import SystemCalls
import Testing

@testable import KeyDelivery

extension Secret {
  /// The plaintext.
  fileprivate var bytes: [UInt8] {
    var bytes: [UInt8] = []
    text.withBytes { bytes += $0 }
    return bytes
  }
}

@Suite struct APIKeyTests {
  private let key = APIKey.mint(random: Array(0..<32))

  @Test func `a key has its form and reads back`() {
    let text = String(decoding: key.bytes, as: UTF8.self)
    #expect(text.hasPrefix("usk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8_"))
    #expect(text.utf8.count == 54)
    #expect(APIKey.digest(ofWellFormed: key.bytes) == SHA256.hash(key.bytes))
    #expect(key.masked == "usk_…Hh8_…" || key.masked == "usk_…dHh8_…")
  }

  @Test func `every changed character is malformed, not unknown`() {
    for index in key.bytes.indices {
      var changed = key.bytes
      changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(APIKey.digest(ofWellFormed: changed) == nil)
    }
    #expect(APIKey.digest(ofWellFormed: Array(key.bytes.dropLast())) == nil)
    #expect(APIKey.digest(ofWellFormed: []) == nil)
  }

  @Test func `a mask tells at most four characters of the secret`() {
    for seed in 0..<64 {
      let key = APIKey.mint(random: (0..<32).map { UInt8(truncatingIfNeeded: $0 * 7 + seed) })
      let secret = Array(key.bytes[4..<47])
      let shown = Array(key.masked.utf8).filter { $0 < 0x80 }
      #expect(shown == Array("usk_".utf8) + secret.suffix(4) + [UInt8(ascii: "_")])
      let check = String(decoding: key.bytes.suffix(6), as: UTF8.self)
      #expect(!key.masked.contains(check))
    }
  }

  @Test func `two keys of the system's generator differ`() {
    let keys = (0..<100).map { _ in APIKey.mint(random: Host.randomBytes(32)).bytes }
    #expect(Set(keys).count == 100)
  }

  @Test func `a line of the sink is the object of the contract`() {
    let handed = HandedKey(
      member: "carol", key: key, baseURL: nil, subscription: "pro", issued: "now")
    let line = String(decoding: KeyLines.bytes(of: [handed]), as: UTF8.self)
    #expect(line.hasPrefix("{\"member\":\"carol\",\"api_key\":\"usk_"))
    #expect(
      line.hasSuffix(
        "\"base_url\":null,\"subscription\":\"pro\",\"key_id\":\"\(key.credential.id)\","
          + "\"issued\":\"now\"}\n"))
  }

  @Test func `a token has the form of a key under another name, and is never taken for one`() {
    let token = ManagementToken.mint(random: Array(0..<32))
    let text = String(decoding: token.bytes, as: UTF8.self)
    #expect(text.hasPrefix("ust_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8_"))
    #expect(text.utf8.count == 54 && token.masked.hasPrefix("ust_…"))
    #expect(ManagementToken.digest(ofWellFormed: token.bytes) == token.credential.digest)
    #expect(APIKey.digest(ofWellFormed: token.bytes) == nil)
    #expect(ManagementToken.digest(ofWellFormed: key.bytes) == nil)
    #expect(token.credential.id.description.hasPrefix("t_"))
  }

  @Test func `a line with a token says whose it is and nothing of seats`() {
    let token = ManagementToken.mint(random: Array(0..<32))
    let handed = HandedKey(member: "alice", token: token, issued: "now")
    let line = String(decoding: KeyLines.bytes(of: [handed]), as: UTF8.self)
    #expect(line.hasPrefix("{\"member\":\"alice\",\"token\":\"ust_"))
    #expect(line.hasSuffix("\",\"token_id\":\"\(token.credential.id)\",\"issued\":\"now\"}\n"))
  }

  @Test func `a sink is a file or a command`() {
    #expect(KeySink(argument: "") == nil && KeySink(argument: "exec: ") == nil)
    if case .command(let command)? = KeySink(argument: "exec:cat") { #expect(command == "cat") }
    if case .file(let path)? = KeySink(argument: "keys") { #expect(path == "keys") }
  }
}
