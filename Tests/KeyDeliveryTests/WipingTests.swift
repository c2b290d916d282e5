// WipingTests: no memory that usher manages holds a plaintext that was wiped.

import SystemCalls
import Testing

@testable import KeyDelivery

@Suite struct WipingTests {
  private let key = HandedKey(
    member: "m\"1", key: .mint(random: [UInt8](repeating: 7, count: 32)), baseURL: nil,
    subscription: "pro", issued: "now")

  @Test func `an array is wiped where it lies, not in a copy`() throws {
    var bytes = Array("usk_secret".utf8)
    let place = try #require(bytes.withUnsafeBytes { $0.baseAddress })
    bytes.wipe()
    #expect(bytes == [UInt8](repeating: 0, count: 10))
    #expect(bytes.withUnsafeBytes { $0.baseAddress } == place)
    var none: [UInt8] = []
    none.wipe()
    #expect(none.isEmpty)
  }

  @Test func `the memory behind a key is zero after wiping, through whichever copy`() throws {
    var place: UnsafeRawPointer?
    key.withText { place = $0.baseAddress }
    let copy = key
    copy.wipe()
    key.withText { text in
      #expect(text.baseAddress == place)
      #expect(text.count == 54 && text.allSatisfy { $0 == 0 })
    }
  }

  @Test func `the lines are written without ever growing, so that one wipe reaches all`() throws {
    let keys = (0..<100).map { number in
      HandedKey(
        member: String(repeating: "m", count: number + 1),
        key: .mint(random: [UInt8](repeating: UInt8(number), count: 32)), baseURL: "https://é",
        subscription: "pro", issued: "now")
    }
    var lines = KeyLines.bytes(of: keys)
    #expect(lines.count(where: { $0 == 0x0A }) == 100)
    let place = lines.withUnsafeBytes { $0.baseAddress }
    try KeySink.command("cat > /dev/null").store(keys, isInterrupted: { false })
    lines.wipe()
    #expect(lines.withUnsafeBytes { $0.baseAddress } == place)
    #expect(lines.allSatisfy { $0 == 0 })
  }

  @Test func `a line of a name that needs escapes is JSON`() {
    let id = APIKey.mint(random: [UInt8](repeating: 7, count: 32)).credential.id
    let text = String(decoding: KeyLines.bytes(of: [key]), as: UTF8.self)
    #expect(text.hasPrefix("{\"member\":\"m\\\"1\",\"api_key\":\"usk_"))
    #expect(
      text.hasSuffix(
        "\",\"base_url\":null,\"subscription\":\"pro\",\"key_id\":\"\(id)\","
          + "\"issued\":\"now\"}\n"))
  }
}
