// CreditsText: amounts of Credits as people read them.

import Metering

/// Writes amounts that stand in one column.
public struct CreditsText: Sendable {
  private let places: Int

  /// As many decimal places as these amounts need, but two at most once there is a whole Credit.
  public init(_ amounts: some Sequence<Int128>) {
    var isWhole = true
    var hasOne = false
    for amount in amounts {
      isWhole = isWhole && amount % 1_000_000 == 0
      hasOne = hasOne || amount >= 1_000_000
    }
    places = isWhole ? 0 : hasOne ? 2 : 6
  }

  /// The amount, with commas between thousands.
  public func text(_ micros: Int128) -> String { Decimal.rounded(micros: micros, places: places) }

  /// An amount in at most eight characters, for the scale of a chart: `7.5 M` from a million on.
  static func short(_ micros: Int128) -> String {
    let units: [(size: Int128, letter: String)] = [
      (1_000_000_000_000, " T"), (1_000_000_000, " B"), (1_000_000, " M"),
    ]
    for (size, letter) in units where micros >= size * 1_000_000 {
      let tenths = Decimal.rounded(micros: micros / size, places: 1)
      return (tenths.hasSuffix(".0") ? String(tenths.dropLast(2)) : tenths) + letter
    }
    if micros >= 100_000_000 { return Decimal.rounded(micros: micros, places: 0) }
    return CreditsText([micros]).text(micros)
  }
}
