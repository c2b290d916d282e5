// SecretShapeTests: whatever could be used as a key is masked, and nothing else is touched.

import OrgModel
import Testing

private let key = "usk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8_Ab-d_9"
private let token = "ust_ZZECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHt4_AbCd09"

@Suite struct SecretShapeTests {
  @Test(arguments: [
    (key, "usk_…dHh8_…"), (token, "ust_…dHt4_…"), ("--days=\(key)", "--days=usk_…dHh8_…"),
    ("/srv/é \(key).jsonl", "/srv/é usk_…dHh8_….jsonl"),
    ("'\(key)' '\(token)'", "'usk_…dHh8_…' 'ust_…dHt4_…'"),
    // Glued to letters that keys are made of, as far as those go.
    ("x\(key)\(token)-x é", "xusk_…dHh8_… é"), (key + "_2026", "usk_…dHh8_…"),
    // The secret half alone, and one letter more than there should be.
    (String(key.prefix(47)), "usk_…dHh8_…"), (key.replacing("AAEC", with: "AAECC"), "usk_…wdHh_…"),
  ])
  func `a key or a token in a text is masked, and the text around it stays`(
    _ text: String, _ masked: String
  ) {
    #expect(SecretShape.isFound(in: text))
    #expect(SecretShape.masked(text) == masked)
    #expect(SecretShape.masked(Array(text.utf8)) == Array(masked.utf8))
    #expect(SecretShape.masked(masked) == masked && !SecretShape.isFound(in: masked))
  }

  @Test(arguments: [
    "", "us", "usk_", String(key.prefix(46)), "usk_" + String(repeating: "é", count: 50),
    key.replacing("usk_", with: "USK_"), key.replacing("DA0", with: "DA "),
    "a musk_ox, usk_ and ust_ and other words that mean nothing here, as long as they may be",
  ])
  func `a text that holds none is the text that it was`(_ text: String) {
    #expect(!SecretShape.isFound(in: text))
    #expect(SecretShape.masked(text) == text)
  }

  @Test func `bytes that are no UTF-8 stay around a masked key`() {
    let bytes: [UInt8] = [0xFF, 0x75] + Array(key.utf8) + [0xC3]
    #expect(SecretShape.masked(bytes) == [0xFF, 0x75] + Array("usk_…dHh8_…".utf8) + [0xC3])
  }
}
