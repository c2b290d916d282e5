// UsageIngestTests: what is a record, what is not and where; and that a file counts once.

import CommitStore
import DiskSimulation
import Digests
import Foundation
import OrgModel
import Parallelism
import Synchronization
import SystemCalls
import Testing

@testable import Metering

private let sound = "{\"time\":0,\"member\":\"a\",\"model\":\"m\",\"credits\":1}"

/// The fields of a record, but for some.
private func record(_ changes: String...) -> String {
  var fields = ["\"time\":0", "\"member\":\"a\"", "\"model\":\"m\"", "\"credits\":1"]
  for change in changes {
    let name = change.prefix { $0 != ":" }
    fields.removeAll { $0.prefix { $0 != ":" } == name }
    if !change.hasSuffix(":") { fields.append(change) }
  }
  return "{\(fields.joined(separator: ","))}"
}

@Suite struct UsageIngestTests {
  /// The findings of a file; nil if it was taken in.
  private func findings(
    _ bytes: [UInt8], form: IngestForm = .ndjson
  ) -> [LineFinding]? {
    do throws(IngestError) {
      _ = try UsageSite().ingest().ingest(IngestFile(bytes: bytes, form: form))
      return nil
    } catch {
      if case .invalid(let findings, _) = error { return findings }
      return [LineFinding(line: 0, message: "\(error)")]
    }
  }

  /// The message about the only line.
  private func refusal(_ line: String, form: IngestForm = .ndjson) -> String? {
    findings(Array(line.utf8), form: form)?.first?.message
  }

  /// The sums of one record.
  private func totals(_ line: String) throws -> UsageTotals {
    try UsageSite().take(line).subjects.map(\.totals).total
  }

  @Test(arguments: [
    ("0.000001", 1), ("1e-6", 1), ("1E0", 1_000_000), ("1.5000000000", 1_500_000),
    ("0", 0), ("-0", 0), ("0.0e999", 0), ("12.3e1", 123_000_000),
    ("1e12", 1_000_000_000_000_000_000),
    ("0.00000000000000000000000001e26", 1_000_000), ("100000000000000000000e-20", 1_000_000),
  ])
  func `decimals are exact`(_ text: String, _ micros: Int) throws {
    #expect(try totals(record("\"credits\":\(text)")).microCredits == Int128(micros))
  }

  @Test(arguments: [
    ("0.0000001", "'credits' has more than 6 decimal places"),
    ("1e-7", "'credits' has more than 6 decimal places"),
    ("3.14159265358979323846264338327950288", "'credits' has more than 6 decimal places"),
    ("-0.000001", "'credits' is negative; it must be 0 or more"),
    ("1000000000000.000001", "'credits' is more than 1000000000000, the most that one record has"),
    ("1e400", "'credits' is more than 1000000000000, the most that one record has"),
    (
      "1e99999999999999999999", "'credits' is more than 1000000000000, the most that one record has"
    ),
    (
      "99999999999999999999999",
      "'credits' is more than 1000000000000, the most that one record has"
    ),
    ("\"1\"", "'credits' must be a number, not a text"), ("true", "'credits' must be a number"),
    ("[1]", "'credits' must be a number"), ("null", "'credits' is missing"),
    ("01", "the line is no JSON: a number is expected at byte 48"),
    ("1.", "the line is no JSON: a number is expected at byte 48"),
    ("NaN", "the line is no JSON: a value is expected at byte 46"),
  ])
  func `credits that cannot be kept exactly are refused`(_ text: String, _ message: String) {
    #expect(refusal(record("\"credits\":\(text)")) == message)
  }

  @Test(arguments: [
    ("\"time\":", "'time' is missing"), ("\"model\":\"\"", "'model' is empty"),
    ("\"model\":1", "'model' must be a text"),
    ("\"requests\":1.5", "'requests' is no whole number"),
    ("\"requests\":-1", "'requests' is negative; it must be 0 or more"),
    (
      "\"input_tokens\":1e16",
      "'input_tokens' is more than 1000000000000000, the most that one record has"
    ),
    (
      "\"key_id\":\"k_0\"",
      "only one of 'member', 'key_id' and 'api_key' may say whose record it is"
    ),
    (
      "\"member\":null",
      "'member', 'key_id' or 'api_key' is missing: one must say whose record it is"
    ),
    ("\"x\":1,\"x\":2", "a field stands twice"),
    ("\"x\":1,\"time\":2,\"time\":3", "'time' stands twice"),
    ("\"x\":\"\\ud800\"", "a string holds half a surrogate pair"),
    ("\"x\":\"\\q\"", "a string holds an escape that JSON does not know"),
    ("\"x\":\"a\u{1}\"", "a string holds a control character, which JSON escapes"),
    ("\"x\":\"a\u{0}\"", "a string holds a control character, which JSON escapes"),
    (
      "\"time\":1e12",
      "'time' is beyond the year 9999 if it counts seconds since 1970, not milliseconds"
    ),
    (
      "\"time\":-62135596801",
      "'time' is before the year 1 if it counts seconds since 1970, not milliseconds"
    ),
    (
      "\"time\":\"2026-11-23T08:00:00\"",
      "'time' is no ISO 8601 date-time with an offset, such as 2026-11-23T08:00:00Z, and no number of "
        + "seconds since 1970"
    ),
  ])
  func `a line that is no record is named with what is wrong`(_ change: String, _ message: String) {
    let text = "\(sound)\n\n\(record(change))\n\(sound)\n"
    #expect(findings(Array(text.utf8)) == [LineFinding(line: 3, message: message)])
  }

  @Test func `hostile lines are refused and crash nothing`() {
    for line in [
      "", "{", "}", "[]", "{}", "{\"", "{\"time", "{\"time\"", "{\"time\":", "{\"time\":1", "nul",
      "{\"a\":tru}", "{\"a\":\"\\u12\"}", "{,}", "{\"a\":1,}", "\u{FEFF}{}", sound + sound,
      sound + "x",
      "{\"a\":" + String(repeating: "[", count: 100_000) + "}", "\u{0}", "{\"a\":{\"b\":[1,{}]}",
      "{" + (0...256).map { "\"f\($0)\":1" }.joined(separator: ",") + "}", "-", "{\"a\":-}",
      record("\"model\":\"\(String(repeating: "m", count: 257))\""),
    ] where !line.isEmpty {
      #expect(refusal(line) != nil, "\(line.prefix(40))")
    }
    for bytes: [UInt8] in [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82],
    ] {
      let line = Array("{\"x\":\"".utf8) + bytes + Array("\"}".utf8)
      #expect(findings(line) == [LineFinding(line: 1, message: "the line is not UTF-8")])
    }
    // Every start of a record, and every byte of it made another one.
    let whole = Array(
      record("\"member\":\"\\u0061\\ud83d\\ude00\"", "\"y\":{\"z\":[1.5e3,\"\\n\"]}").utf8)
    for index in whole.indices {
      #expect(index == 0 || findings(Array(whole[..<index])) != nil)
      for byte in [0, 0x0A, 0x22, 0x5C, 0x7B, 0x80, 0xFF] as [UInt8] {
        var other = whole
        other[index] = byte
        _ = findings(other)
        _ = findings(other, form: .csv)
      }
    }
  }

  @Test func `a line has at most a mebibyte, wherever it stands`() throws {
    let long = "{\"x\":\"" + String(repeating: "x", count: 3 << 20) + "\"}\n"
    let text = "\(sound)\n\(long)\(sound)\nx\n"
    #expect(
      findings(Array(text.utf8)) == [
        LineFinding(line: 2, message: "the line has more than 1048576 bytes"),
        LineFinding(line: 4, message: "the line is no JSON object"),
      ])
    let site = UsageSite()
    let receipt = try site.ingest(skipsInvalid: true).ingest(IngestFile(text))
    #expect(receipt.source.records == 2 && receipt.source.skippedLines == 2)
    // The rest of the file counts its lines on.
    let later = String(repeating: "\(sound)\n", count: 40_000) + "x\n"
    #expect(findings(Array(later.utf8))?.first?.line == 40_001)
  }

  @Test func `blanks before a record are a part of its line`() {
    for count in [1 << 20, 3 << 20] {
      let line = String(repeating: " ", count: count) + sound
      #expect(refusal("\(line)\n\(sound)\n") == "the line has more than 1048576 bytes")
    }
    #expect(refusal(String(repeating: " ", count: 1 << 19) + sound) == nil)
  }

  @Test func `a record has at most 256 fields, also counting those that are read`() {
    func record(_ others: Int) -> String {
      "{" + (0..<others).map { "\"f\($0)\":[{},{}]," }.joined() + sound.dropFirst()
    }
    #expect(refusal(record(252)) == nil)
    #expect(refusal(record(253)) == "the object has more than 256 fields")
  }

  @Test(arguments: IngestForm.allCases)
  func `all lines that are no records are counted, and the first twenty named`(_ form: IngestForm) {
    let header = form == .csv ? "time,member,model,credits\n" : ""
    let good = form == .csv ? "0,a,m,1\n" : sound + "\n"
    let first = form == .csv ? 2 : 1
    func lines(_ text: String, blockBytes: Int = 4096) -> (lines: [Int], count: Int) {
      let outcome = IngestOutcome(
        of: header + text, form: form, skipsInvalid: false, blockBytes: blockBytes)
      return (outcome.findings.map { $0.line - first }, outcome.findingCount)
    }
    #expect(lines("x\ny") == ([0, 1], 2))
    #expect(lines("x\ny\n") == ([0, 1], 2))
    // Far apart, and in blocks of the usual size.
    let model = String(repeating: "m", count: 200)
    let long = form == .csv ? "0,a,\(model),1\n" : record("\"model\":\"\(model)\"") + "\n"
    let apart = "x\n" + String(repeating: long, count: 6_000) + "y"
    #expect(lines(apart, blockBytes: IngestFeed.blockBytes) == ([0, 6_001], 2))
    for count in [20, 21, 20_000] {
      let all = lines(String(repeating: "x\n", count: count) + good)
      #expect(all == (Array(0..<20), count))
    }
  }

  @Test func `JSON and CSV of the same records are the same`() throws {
    let json = """
      {"time":"2026-11-23T10:00:00.5+02:00","member":"a","model":"m, \\"x\\"\\n","credits":0.5,"requests":2}\r
      {"credits":1,"model":"\\u006d","k":[{"a":1}],"api_key":"usk_x","time":1795420800.25,"input_tokens":null}
      {"time":"2026-11-23T08:00:00z","key_id":"k_0123456789abcdef","model":"m","credits":2,"output_tokens":7}
      """
    let csv = """
      \u{FEFF}credits,"time",ignored,member,key_id,api_key,model,requests,input_tokens,output_tokens\r
      0.5,2026-11-23T10:00:00.5+0200,"a
      b",a,,,"m, ""x""
      ",2,,\r

      1,1795420800.25,,,,"usk_x",m,,,
      2,2026-11-23T08:00:00Z,x,,k_0123456789abcdef,,"m",1,,7
      """
    let (one, other) = (UsageSite(), UsageSite())
    try one.take(json)
    try other.take(csv, form: .csv)
    let now = try #require(Instant("2026-11-23T23:00:00Z"))
    let window = UsageWindow(days: 30, now: now)
    let (left, right) = (try one.ledger.table(for: window), try other.ledger.table(for: window))
    #expect(left.subjects == right.subjects && left.subjects.count == 3)
    #expect(left.models == right.models && left.trend() == right.trend())
    #expect(left.trend().total.outputTokens == 7)
    let key = KeyID(of: SHA256.hash(Array("usk_x".utf8)))
    #expect(left.subjects.contains(.key(key)))
  }

  @Test(arguments: [
    ("", "the file is empty; CSV begins with a header"),
    ("time,model,credits\n", "the header has none of the columns 'member', 'key_id' and 'api_key'"),
    ("time,member,model\n", "the header has no column 'credits'"),
    ("time,time,member,model,credits\n", "the header has the column 'time' twice"),
    ("2026,usk_x,usk_x,m\n", "the header has the name of column 3 twice"),
    ("time,member,model,credits\n0,a,m\n", "the record has 3 cells, the header has 4"),
    (
      "time,member,model,credits\n0,a,m,1,2\n",
      "the record has more cells than the header, which has 4"
    ),
    ("time,member,model,credits\n0,a\"b,m,1\n", "a quote stands inside of a cell"),
    ("time,member,model,credits\n0,\"a\"b,m,1\n", "something follows a quoted cell"),
    ("time,member,model,credits\n0,\"a,m,1\n", "a quoted cell has no end"),
    ("time,member,model,credits\n0,a,m, 1\n", "'credits' is no number"),
    ("time,member,model,credits\n0,a,,1\n", "'model' is missing"),
  ])
  func `CSV that is none is named with what is wrong`(_ text: String, _ message: String) {
    #expect(refusal(text, form: .csv) == message)
  }

  @Test func `a file is whole or not there, unless invalid lines are skipped`() throws {
    let site = UsageSite()
    let text = "\(sound)\nnonsense\n\(sound)\n{}\n"
    #expect(throws: IngestError.self) { try site.take(text) }
    #expect(site.files == [])
    let receipt = try site.ingest(skipsInvalid: true).ingest(IngestFile(text))
    #expect(receipt.isNew && receipt.source.records == 2 && receipt.source.skippedLines == 2)
    #expect(try !site.take(text).isNew)
  }

  @Test func `a file of which no line is a record is not taken for known`() throws {
    let site = UsageSite()
    let csv = "time,member,model,credits\n0,a,m,7\n"
    #expect(throws: IngestError.self) {
      try site.ingest(skipsInvalid: true).ingest(IngestFile(csv))
    }
    #expect(site.files == [])
    #expect(try site.take(csv, form: .csv).isNew)
  }

  @Test func `no key is kept, wherever a file has one`() throws {
    let key = "usk_" + String(repeating: "x", count: 43) + "_abc123"
    let message = "'model' holds a key or a token, which is not kept: revoke it"
    #expect(refusal(record("\"model\":\"m \(key)\"")) == message)
    #expect(refusal("time,member,model,credits\n0,a,\(key),1\n", form: .csv) == message)
    #expect(refusal(record("\"model\":\"usk_\(String(repeating: "x", count: 42))\"")) == nil)
    #expect(refusal(record("\"model\":\"usk_large-ust_small\"")) == nil)
    // Without a hyphen they have the form of a username.
    for secret in [key, "x_\(key)", "ust_" + key.dropFirst(4) + "y"] {
      let message = message.replacing("model", with: "member")
      #expect(refusal(record("\"member\":\"\(secret)\"")) == message)
      #expect(refusal("time,member,model,credits\n0,\(secret),m,1\n", form: .csv) == message)
    }
    let receipt = try UsageSite().take(sound, name: "\(key).jsonl")
    #expect(receipt.source.name == "(a name that holds a key)")
  }

  @Test func `a file counts once, also when its batch was merged`() throws {
    let site = UsageSite()
    for number in 1...40 {
      #expect(
        try site.take(sound + String(repeating: "\n", count: number), name: "\(number)").isNew)
      try site.ingest().compact()
    }
    // Two of sixteen and eight single ones.
    #expect(site.files.count == 10)
    for number in 1...40 {
      let receipt = try site.take(sound + String(repeating: "\n", count: number))
      #expect(
        !receipt.isNew && receipt.source.name == "\(number)" && receipt.source.batch == number)
    }
    #expect(try site.ledger.sources().map(\.batch) == Array(1...40))
  }

  @Test func `of many that ingest the same files at once each file counts once`() throws {
    let folder = NSTemporaryDirectory() + "usher-usage-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileSystem.makeFolder(folder, mode: 0o700)
    let store = try Store.batches(at: "\(folder)/state")
    let news = Mutex(0)
    let failures = Mutex<[String]>([])
    let files = 24
    Threads.perform(
      (0..<6).map { worker in
        {
          let ingest = UsageIngest(
            into: store, now: .earliest, skipsInvalid: false, isInterrupted: { false })
          for index in 0..<files {
            let number = (index * 7 + worker * 5) % files
            do {
              let text = sound + String(repeating: "\n", count: number)
              if try ingest.ingest(IngestFile(text)).isNew { news.withLock { $0 += 1 } }
              try ingest.compact()
              let trend = try UsageLedger(store).table(
                for: UsageWindow(days: 1, now: Instant(seconds: 60) ?? .latest)
              ).trend()
              let seen = Int(trend.total.requests)
              if seen < index + 1 || seen > files { failures.withLock { $0.append("saw \(seen)") } }
            } catch {
              failures.withLock { $0.append("\(error)") }
            }
          }
        }
      })
    #expect(failures.withLock { $0 } == [])
    #expect(news.withLock { $0 } == files)
    let ledger = UsageLedger(store)
    #expect(try ledger.sources().count == files)
    let now = try #require(Instant(seconds: 60))
    let table = try ledger.table(for: UsageWindow(days: 1, now: now))
    #expect(table.trend().total.requests == Int128(files))
  }
}
