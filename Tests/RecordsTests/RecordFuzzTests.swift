// RecordFuzzTests: damaged, mutated and made-up commits, plans and snapshots, sealed as if nothing
// had happened: refused, or read as something that reads the same when it is written again.

import ByteOutput
import Digests
import OrgModel
import Records
import SourceText
import Testing

/// Numbers that are the same for the same seed (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}

extension [UInt8] {
  /// What replaces a part of a record: what its fields can hold, and what they must not.
  fileprivate static let words: [[UInt8]] = [
    "null", "true", "0", "-1", "9223372036854775807", "-9223372036854775808", "1e9", "\"\"", "[]",
    "{}", "\"\\u001b[31m\"", "\"\\u202e\"", "\"carol\"", "\"Carol\"", "\"owner\"", "\"issue_key\"",
    "\"usher.plan/2\"", "\"0000-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"", "\"10000-01-01\"",
    "[[[[", "}", ",", "\"", "&a ", "*a", "!!str ", "# ", "\n---\n", "<<: ", "\u{FEFF}", "\t",
  ].map { Array($0.utf8) }

  /// Changed in one to three places: bytes, numbers and values replaced, parts cut and doubled.
  fileprivate func mutated(by random: inout SeededGenerator) -> [UInt8] {
    var bytes = self
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      let at = Int.random(in: bytes.indices, using: &random)
      let length = Swift.min(Int.random(in: 1...24, using: &random), bytes.count - at)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[at] = .random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(at..<at + length)
      case 2: bytes.insert(contentsOf: bytes[at..<at + length], at: at)
      case 3: bytes.insert(contentsOf: Self.words.randomElement(using: &random) ?? [], at: at)
      case 4: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      default:
        // A whole JSON value, from behind its colon to the next comma or bracket.
        guard let colon = bytes[at...].firstIndex(of: UInt8(ascii: ":")) else { continue }
        let rest = bytes[(colon + 1)...]
        let end = rest.firstIndex { ",}]\n".utf8.contains($0) } ?? rest.endIndex
        bytes.replaceSubrange(
          (colon + 1)..<end, with: Self.words.randomElement(using: &random) ?? [])
      }
    }
    return bytes
  }
}

@Suite struct RecordFuzzTests {
  private static let seal = Array(",\n  \"digest\": \"sha256:".utf8)

  /// A text with a seal that is true of it, whatever it says.
  private func sealed(_ body: [UInt8]) -> [UInt8] {
    body + Self.seal + Array((SHA256.hash(body).hex + "\"\n}\n").utf8)
  }

  private func body(of bytes: [UInt8]) -> [UInt8] { bytes.dropLast(SealedDocument.sealBytes) }

  private func changes() throws -> PlannedChanges {
    let (name, id) = (try #require(Username("carol")), try #require(SubscriptionID("pro")))
    let time = try #require(Instant("2027-01-31T00:00:00Z"))
    let key = Credential(digest: SHA256.hash([1]), masked: "usk_…x9Qd_…")
    let changes: [Change] = [
      .createOrganization(name: "Ácme", baseURL: "https://x.example", policy: .standard),
      .updateOrganization(
        baseURL: nil, policy: Policy(maxRemovals: .count(3), keyMaxAge: Span("90d"))),
      .putSubscription(Subscription(id: id, tier: id, seats: 3, expires: time, credits: 7)),
      .revokeKey(name, key.id), .reclaimSeat(name, id), .removeMember(name),
      .addMember(name, .owner), .changeRole(name, from: .administrator, to: .member),
      .assignSeat(name, id, until: time), .changeTerm(name, until: nil),
      .issueKey(name, number: 2, key), .removeSubscription(id),
    ]
    return PlannedChanges(
      changes.enumerated().map { index, change in
        PlannedChange(
          change, reason: "because of \(index)",
          at: index % 2 == 0 ? FilePosition(file: "org.yaml", line: index + 1, column: 3) : nil,
          isIntroduced: index % 3 == 0 ? true : nil)
      })
  }

  private func source() -> CommitSource {
    CommitSource(files: ["org.yaml", "b.yaml"], desired: SHA256.hash([3]), gitCommit: "abc")
  }

  private func commit() throws -> Commit {
    Commit(
      sequence: 42, previous: SHA256.hash([2]), time: try #require(Instant("2026-11-23")),
      actor: Username("alice"), source: source(), plan: SHA256.hash([4]),
      changes: try changes().committed)
  }

  private func plan() throws -> Plan {
    var map = SourceMap([SourceFile(name: "org.yaml", bytes: Array("members: {}".utf8))])
    let warning = map.locate(
      Diagnostic(.untilPassed, "m", at: SourceRange(file: 0, start: 0, end: 7), help: "h"))
    return Plan(
      usher: "0.1.0", organization: "acme", created: try #require(Instant("2026-11-23")),
      actor: Username("alice"), base: Revision(sequence: 41, digest: SHA256.hash([2])),
      source: source(), authority: .owner, allowance: .count(3), changes: try changes(),
      diagnostics: [warning])
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `a commit that was tampered with and sealed again says one thing or nothing`(
    _ seed: UInt64
  ) throws {
    var random = SeededGenerator(seed)
    let body = body(of: try commit().sealed().bytes)
    #expect(try Commit.read(sealed(body)).commit == commit())
    var acceptedCount = 0
    for _ in 0..<400 {
      let bytes = sealed(body.mutated(by: &random))
      guard let read = try? Commit.read(bytes) else { continue }
      acceptedCount += 1
      let again = try Commit.read(read.commit.sealed().bytes)
      #expect(
        again.commit == read.commit, "seed \(seed)\n\(String(decoding: bytes, as: UTF8.self))")
      #expect(read.commit.sequence >= 1)
    }
    #expect(acceptedCount > 10, "seed \(seed)")
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `a plan that was tampered with and sealed again says one thing or nothing`(
    _ seed: UInt64
  ) throws {
    var random = SeededGenerator(seed)
    let body = body(of: try plan().sealed().bytes)
    var acceptedCount = 0
    for _ in 0..<400 {
      let bytes = sealed(body.mutated(by: &random))
      guard let read = try? Plan.read(bytes) else { continue }
      acceptedCount += 1
      let text = "seed \(seed)\n\(String(decoding: bytes, as: UTF8.self))"
      let (written, digest) = read.plan.sealed()
      let again = try Plan.read(written)
      #expect(again.plan.sealed().bytes == written && again.digest == digest, "\(text)")
      #expect(again.plan.changes == read.plan.changes && again.plan.base == read.plan.base)
      #expect(OrganizationText.isName(read.plan.organization), "\(text)")
    }
    #expect(acceptedCount > 10, "seed \(seed)")
  }

  @Test(arguments: ["9223372036854775807", "-1", "-9223372036854775808", "1000000000000"])
  func `a plan for a commit that cannot be is refused`(_ number: String) throws {
    let text = String(decoding: body(of: try plan().sealed().bytes), as: UTF8.self)
    let forged = text.replacing("\"sequence\": 41", with: "\"sequence\": \(number)")
    #expect(forged != text)
    let error = #expect(throws: RecordError.self) { try Plan.read(sealed(Array(forged.utf8))) }
    #expect(error?.message == "'sequence' is \(number), which is out of range")
  }

  @Test(arguments: [
    ("\"org.yaml\", \"b.yaml\"", "[\"org.yaml\"], 7"), ("\"Ácme\"", "\"A\\u001bcme\""),
    ("\"Ácme\"", "\"\""), ("https://x.example", "https://x\\u202e"), ("\"line\":1,", "\"line\":0,"),
    ("\"seats\":3", "\"seats\":-1"), ("\"credits\":7", "\"credits\":-7"),
  ])
  func `what no org file could ask for is refused in a commit, too`(_ old: String, _ new: String)
    throws
  {
    let text = String(decoding: body(of: try commit().sealed().bytes), as: UTF8.self)
      .replacing(",\n      ", with: ", ").replacing("[\n      ", with: "[")
    let forged = text.replacing(old, with: new)
    #expect(forged != text, "\(text)")
    #expect(throws: Never.self) { try Commit.read(sealed(Array(text.utf8))) }
    #expect(throws: RecordError.self) { try Commit.read(sealed(Array(forged.utf8))) }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `a snapshot that was tampered with and sealed again is sound or refused`(
    _ seed: UInt64
  ) throws {
    var random = SeededGenerator(seed)
    var state = OrgState()
    let time = try #require(Instant("2026-11-23"))
    let (name, id) = (try #require(Username("alice")), try #require(SubscriptionID("pro")))
    let terms = Subscription(id: id, tier: id, seats: 3, expires: .latest, credits: 7)
    for change: Change in [
      .createOrganization(name: "acme", baseURL: "https://x.example", policy: .standard),
      .putSubscription(terms), .addMember(name, .owner), .assignSeat(name, id, until: nil),
      .issueKey(name, number: 1, Credential(digest: SHA256.hash([1]), masked: "usk_…x9Qd_…")),
    ] { try state.apply(change, at: time) }
    let snapshot = Snapshot(
      revision: Revision(sequence: 32, digest: SHA256.hash([2])), time: time, state: state)
    let body = Array(try #require(snapshot.bytes()).dropLast(8))
    var acceptedCount = 0
    for _ in 0..<1500 {
      let forged = body.mutated(by: &random)
      let checksum = forged.withUnsafeBytes { XXHash64.hash($0) }
      let sealed = forged + withUnsafeBytes(of: checksum.bigEndian) { Array($0) }
      guard let read = try? Snapshot(reading: sealed) else { continue }
      acceptedCount += 1
      let again = try Snapshot(reading: try #require(read.bytes(), "seed \(seed)"))
      #expect(again.state == read.state && again.revision == read.revision, "seed \(seed)")
      #expect(throws: Never.self) { try read.state.checkCommitEnd() }
      for terms in read.state.subscriptions.map(\.terms) {
        #expect(0...Subscription.seatsMax ~= terms.seats, "seed \(seed)")
      }
      #expect(OrganizationText.isName(read.state.organization ?? ""), "seed \(seed)")
    }
    #expect(acceptedCount > 10, "seed \(seed)")
  }
}
