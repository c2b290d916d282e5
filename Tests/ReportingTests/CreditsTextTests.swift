// CreditsTextTests: amounts as people read them, in a column and on a scale.

import Testing

@testable import Reporting

@Suite struct CreditsTextTests {
  @Test(
    arguments: [
      ([0, 5_000_000], "5"), ([5_250_000, 1_000_000], "5.25"), ([5_254_999, 1], "5.25"),
      ([123_456, 10], "0.123456"), ([1_234_567_000_000], "1,234,567"),
    ] as [([Int128], String)])
  func `a column has the places that it needs`(_ amounts: [Int128], _ text: String) {
    #expect(CreditsText(amounts).text(amounts.max() ?? 0) == text)
  }

  @Test(
    arguments: [
      (0, "0"), (1, "0.000001"), (7_500_000, "7.50"), (99_990_000, "99.99"),
      (4_459_310_000, "4,459"),
      (999_999_000_000, "999,999"), (1_000_000_000_000, "1 M"), (12_500_000_000_000, "12.5 M"),
      (2_000_000_000_000_000, "2 B"), (30_000_000_000_000_000_000, "30 T"),
    ] as [(Int128, String)])
  func `a number on a scale is short`(_ micros: Int128, _ text: String) {
    #expect(CreditsText.short(micros) == text)
  }
}
