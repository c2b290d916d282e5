// CSVRowsTests: what a stray quote costs, and that it costs the same however a file comes in blocks.

import Testing

@testable import Metering

@Suite struct CSVRowsTests {
  private static let header = "time,member,model,credits,note\n"
  private static let plain = "0,a,m,1,\n0,b,m,2,\n"
  private static let quoted = "0,a,m,1,\"x, \"\"y\"\"\"\n\"0\",\"b\",\"m\",\"2\",\"\"\n"

  /// Lines whose quotes are wrong.
  private static let strays = [
    "0,c,m\"x,1,", "0,c,5\" disk,1,", "0,c,'m\"',1,", "0,c,\"m\"\"x,1,", "0,c,m,\"", "0,c,m,1,\"x",
    "0,c,\"m,1,", "0,c,\"m\"x,1,", "0,c,\"a\"b\"c\",1,", "\"0,c,m,1,", "0,c,m,\"1,", "\"", "\"\"\"",
    "0,\"c\",m\",1,", "0,c,m\r\"x,1,", "0,c,\"m\"\r,1,",
  ]

  @Test(arguments: strays)
  func `a stray quote costs its own line`(_ stray: String) {
    for good in [Self.plain, Self.quoted] {
      for (text, records, skipped) in [
        (good + stray + "\n" + good, 4, 1), (stray + "\n" + good + good, 4, 1),
        (good + stray, 2, 1), (good + stray + "\n\n" + good + stray + "\n" + good, 6, 2),
      ] {
        for lineBreak in ["\n", "\r\n"] {
          let file = (Self.header + text).replacing("\n", with: lineBreak)
          let outcome = IngestOutcome(of: file, skipsInvalid: true)
          #expect(outcome.records == records && outcome.skippedLines == skipped, "\(file)")
          #expect(outcome.microCredits == Int128(records) * 1_500_000)
        }
      }
    }
  }

  @Test func `lines of a cell are no rows, whatever else is wrong with its row`() {
    let forged = "\"one\n0,b,m,9,\n\nfour\""
    for (row, records, skipped) in [
      ("0,a,m,1,\(forged)", 1, 0), ("0,a,m,x,\(forged)", 0, 4), (",a,m,1,\(forged)", 0, 4),
      ("0,a,\"\n0,b,m,9,\n\(String(repeating: "m", count: 300))\",1,", 0, 3),
    ] {
      let outcome = IngestOutcome(of: Self.header + Self.plain + row + "\n", skipsInvalid: true)
      #expect(outcome.records == 2 + records && outcome.skippedLines == skipped, "\(row)")
      let last = IngestOutcome(of: Self.header + Self.plain + row, skipsInvalid: true)
      #expect(last == outcome)
      // Its row is named once, and lines behind it are counted on.
      let named = IngestOutcome(
        of: Self.header + row + "\n" + "x\n", skipsInvalid: false)
      #expect(named.findings.last?.line == row.count { $0 == "\n" } + 3)
      #expect(named.findingCount == 2 - records)
    }
  }

  @Test func `a quote without an end costs its line, however much follows`() {
    let rows = String(
      repeating: "0,a,m,1,\(String(repeating: "x", count: 200))\n", count: 6_000)
    for stray in ["0,c,\"m,1,", "0,c,m,1,\"", "\"", "0,c,m\"x,1,"] {
      let outcome = IngestOutcome(of: Self.header + "\(stray)\n\(rows)", skipsInvalid: true)
      #expect(outcome.records == 6_000 && outcome.skippedLines == 1, "\(stray)")
    }
    let end = IngestOutcome(
      of: Self.header + "0,c,m,1,\"\n\(rows)0,d,m,1,\"\n\(Self.plain)", skipsInvalid: false)
    let message = "a quoted cell has no end"
    #expect(
      end.findings == [
        LineFinding(line: 2, message: message), LineFinding(line: 6_003, message: message),
      ])
  }

  @Test func `a row has at most a mebibyte, and a longer line costs itself`() {
    let most = 1 << 20
    for lineBreak in ["\n", "\r\n"] {
      for (start, end) in [("0,a,m,1,", ""), ("0,a,m,1,\"", "\""), ("0,a,m,1,\"\n", "\"")] {
        let fill = most - start.utf8.count - end.utf8.count
        for (more, records, skipped) in [(0, 3, 0), (1, 2, start.contains("\n") ? 2 : 1)] {
          let row = start + String(repeating: "x", count: fill + more) + end
          let file = Self.header + row + lineBreak + Self.plain
          for blockBytes in [most, most - 4321, 3 << 20] {
            let outcome = IngestOutcome(of: file, skipsInvalid: true, blockBytes: blockBytes)
            #expect(outcome.records == records && outcome.skippedLines == skipped)
          }
        }
      }
    }
    for start in ["0,c,m,1,", "0,c,m,1,\"", "0,c,m,1,\"\"\"", "0,c,m\""] {
      let long = start + String(repeating: "x", count: 3 << 20)
      let file = Self.header + Self.plain + long + "\n" + Self.plain + "x\n"
      let outcome = IngestOutcome(of: file, skipsInvalid: true)
      #expect(outcome.records == 4 && outcome.skippedLines == 2, "\(start)")
      let named = IngestOutcome(of: file, skipsInvalid: false)
      #expect(named.findings.map(\.line) == [4, 7])
    }
  }

  @Test func `a file gives the same however it comes in blocks`() {
    let rows =
      Self.strays + [
        "0,a,m,1,", "0,b,\"m\",2,\"\"", "0,c,m,3,\"two\nlines\"", "0,d,\"m\n\n\",x,", "", "0,e",
        "0,f,m,1,,", "0,\"g\nh\",m,1,\"\n\"", "0,i,m,\"1\n\",", "\u{FC}", "0,\"é\n\",m,1,\"\"\"\"",
      ]
    for seed in 1...60 {
      var dice = Dice(state: UInt64(seed))
      var file = seed % 3 == 0 ? "\u{FEFF}" : ""
      file += seed % 4 == 0 ? Self.header.replacing("note", with: "\"no\nte\"") : Self.header
      for _ in 0..<dice.roll(40) {
        file += rows[dice.roll(rows.count)] + (dice.roll(4) == 0 ? "\r\n" : "\n")
      }
      if dice.roll(2) == 0 { file += rows[dice.roll(rows.count)] }
      for skipsInvalid in [false, true] {
        let whole = IngestOutcome(of: file, skipsInvalid: skipsInvalid)
        for blockBytes in [3, 5, 16, 61, 250] {
          let outcome = IngestOutcome(of: file, skipsInvalid: skipsInvalid, blockBytes: blockBytes)
          #expect(outcome == whole, "seed \(seed), blocks of \(blockBytes)")
        }
      }
    }
  }

  @Test(arguments: [
    ("time,member,model,credits,5\" disk\n", "a quote stands inside of a cell of the header"),
    ("time,member,model,credits,\"note\n", "a quoted cell of the header has no end"),
    ("time,member,model,credits,\"n\"ote\n", "something follows a quoted cell of the header"),
  ])
  func `a stray quote in the header takes no row for a part of it`(
    _ header: String, _ message: String
  ) {
    for skipsInvalid in [false, true] {
      let outcome = IngestOutcome(of: header + Self.plain, skipsInvalid: skipsInvalid)
      #expect(outcome.findings == [LineFinding(line: 1, message: message)])
    }
  }
}
