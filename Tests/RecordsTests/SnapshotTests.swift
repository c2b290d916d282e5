// SnapshotTests: a snapshot reads back as the state it was made of, or not at all.

import Digests
import OrgModel
import Records
import Testing

@Suite struct SnapshotTests {
  /// An org with a rotated key, a removed member's key and token, a lapsed seat and every optional
  /// part.
  private func snapshot() throws -> Snapshot {
    let start = try #require(Instant("2026-11-23T08:00:00Z"))
    let later = try #require(Instant("2026-12-01T00:00:00Z"))
    let end = try #require(Instant("2027-01-31T00:00:00Z"))
    let (pro, old) = (try #require(SubscriptionID("pro")), try #require(SubscriptionID("old")))
    let names = try ["alice", "bob", "carol"].map { try #require(Username($0)) }
    func key(_ number: UInt8) -> Credential {
      Credential(digest: SHA256.hash([number]), masked: "usk_…x9Q\(number)_…")
    }
    func token(_ number: UInt8) -> TokenCredential {
      TokenCredential(digest: SHA256.hash([number]), masked: "ust_…x9Q\(number)_…")
    }
    var state = OrgState()
    let first: [Change] = [
      .createOrganization(
        name: "Ácme", baseURL: "https://llm.example/v1",
        policy: Policy(maxRemovals: .count(3), keyMaxAge: Span("90d"))),
      .putSubscription(Subscription(id: pro, tier: pro, seats: 9, expires: end, credits: 7)),
      .putSubscription(Subscription(id: old, tier: pro, seats: 1, expires: later, credits: nil)),
      .addMember(names[0], .owner), .addMember(names[1], .administrator),
      .addMember(names[2], .member), .assignSeat(names[0], pro, until: later),
      .issueKey(names[0], number: 1, key(1)), .assignSeat(names[1], old, until: nil),
      .issueKey(names[1], number: 2, key(2)), .assignSeat(names[2], pro, until: nil),
      .issueKey(names[2], number: 1, key(3)), .revokeKey(names[0], key(1).id),
      .issueKey(names[0], number: 5, key(4)), .revokeKey(names[2], key(3).id),
      .reclaimSeat(names[2], pro), .issueToken(names[0], token(1)),
      .issueToken(names[2], token(2)), .removeMember(names[2]),
    ]
    for change in first { try state.apply(change, at: start) }
    try state.apply(
      .putSubscription(Subscription(id: old, tier: pro, seats: 1, expires: end, credits: nil)),
      at: later)
    return Snapshot(
      revision: Revision(sequence: 300, digest: SHA256.hash([9])), time: later, state: state)
  }

  @Test func `a snapshot reads back the same`() throws {
    let snapshot = try snapshot()
    let read = try Snapshot(reading: #require(snapshot.bytes()))
    #expect(read.state == snapshot.state)
    #expect(read.state.tokens.map { $0.revoked == nil } == [true, false])
    // Carol was removed.
    let names = try ["bob", "carol", "Carol", "dave"].map { try #require(Username($0)) }
    #expect(names.map(read.state.hasKnown) == [true, true, false, false])
    #expect(read.revision == snapshot.revision && read.time == snapshot.time)
  }

  /// As it comes from a file, also where a part ends within a number, a text or the checksum.
  @Test(arguments: [1, 2, 7, 8, 9, 31, 32, 33, 100, 1000])
  func `a snapshot reads back the same from parts of any size`(_ count: Int) throws {
    let snapshot = try snapshot()
    let bytes = try #require(snapshot.bytes())
    func read(_ bytes: [UInt8]) throws(RecordError) -> Snapshot {
      var rest = bytes[...]
      return try Snapshot(readingParts: {
        defer { rest = rest.dropFirst(count) }
        return rest.isEmpty ? nil : Array(rest.prefix(count))
      })
    }
    let again = try read(bytes)
    #expect(again.state == snapshot.state && again.revision == snapshot.revision)
    for end in bytes.indices {
      #expect(throws: RecordError.self) { try read(Array(bytes[..<end])) }
    }
    for at in bytes.indices {
      var damaged = bytes
      damaged[at] ^= 0x10
      #expect(throws: RecordError.self) { try read(damaged) }
    }
    #expect(throws: RecordError.self) { try read(bytes + [0]) }
    #expect(throws: RecordError.self) { try read(bytes + bytes) }
  }

  /// An organization of one subscription, without members.
  private func founded(
    _ id: SubscriptionID, seats: Int, at start: Instant
  ) throws -> OrgState {
    var state = OrgState()
    try state.apply(
      .createOrganization(name: "acme", baseURL: nil, policy: .standard), at: start)
    try state.apply(
      .putSubscription(
        Subscription(id: id, tier: id, seats: seats, expires: Instant.latest, credits: nil)),
      at: start)
    return state
  }

  /// Names of those who left stand among the members' and behind them, with two keys each.
  @Test func `names that come out of order, and again, read back the same`() throws {
    let start = try #require(Instant("2026-11-23T08:00:00Z"))
    let pro = try #require(SubscriptionID("pro"))
    var state = try founded(pro, seats: 9, at: start)
    try state.apply(.addMember(try #require(Username("alice")), .owner), at: start)
    for text in ["bob", "carol", "dave", "xena", "yuri", "zed"] {
      let name = try #require(Username(text))
      let isLeaving = !["carol", "xena"].contains(text)
      let keys = (1...3).map {
        Credential(digest: SHA256.hash(Array("\(text)\($0)".utf8)), masked: "usk_…")
      }
      try state.apply(.addMember(name, .member), at: start)
      try state.apply(.assignSeat(name, pro, until: nil), at: start)
      for (number, key) in keys.enumerated() {
        try state.apply(.issueKey(name, number: number + 1, key), at: start)
        if number < 2 || isLeaving { try state.apply(.revokeKey(name, key.id), at: start) }
      }
      guard isLeaving else { continue }
      try state.apply(.reclaimSeat(name, pro), at: start)
      try state.apply(.removeMember(name), at: start)
    }
    let revision = Revision(sequence: 7, digest: SHA256.hash([9]))
    let bytes = try #require(Snapshot(revision: revision, time: start, state: state).bytes())
    let read = try Snapshot(reading: bytes)
    #expect(read.state == state && read.state.keys == state.keys)
    #expect(read.state.keys.count == 18)
  }

  /// So many keys that another thread looks through their ids, and so few that none does.
  @Test(arguments: [4, 5_000])
  func `of many keys no two have one id`(_ count: Int) throws {
    let start = try #require(Instant("2026-11-23T08:00:00Z"))
    let pro = try #require(SubscriptionID("pro"))
    var state = try founded(pro, seats: count, at: start)
    for number in 0..<count {
      let name = try #require(Username("m\(1_000_000 + number)"))
      try state.apply(.addMember(name, number == 0 ? .owner : .member), at: start)
      try state.apply(.assignSeat(name, pro, until: nil), at: start)
      let credential = Credential(digest: SHA256.hash(Array(name.text.utf8)), masked: "usk_…")
      try state.apply(.issueKey(name, number: 1, credential), at: start)
    }
    var facts = try #require(state.facts)
    #expect(OrgState(facts) == state)
    let last = facts.keys[count - 1]
    facts.keys[count - 1] = KeyRecord(
      credential: facts.keys[0].credential, member: last.member, subscription: last.subscription,
      number: 1, issued: start, revoked: nil)
    facts.members[count - 1] = Member(
      username: last.member, role: .member, added: start,
      seat: Seat(
        subscription: pro, until: nil, assigned: start, key: last.credential.id, keyNumber: 1,
        isLapsed: false))
    #expect(OrgState(facts) == nil)
  }

  @Test func `every changed, missing or added byte is noticed`() throws {
    let bytes = try #require(try snapshot().bytes())
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      #expect(throws: RecordError.self) { try Snapshot(reading: changed) }
      #expect(throws: RecordError.self) { try Snapshot(reading: Array(bytes[..<index])) }
    }
    #expect(throws: RecordError.self) { try Snapshot(reading: bytes + [0]) }
  }

  @Test func `a sealed text of nonsense is refused, not obeyed`() throws {
    let bytes = try #require(try snapshot().bytes()).dropLast(8)
    for index in bytes.indices {
      for value: UInt8 in [0, 1, 0x7F, 0xFF] {
        var forged = Array(bytes)
        forged[index] = value
        let checksum = forged.withUnsafeBytes { XXHash64.hash($0) }
        let sealed = forged + withUnsafeBytes(of: checksum.bigEndian) { Array($0) }
        // Whatever is read is an organization that could have come about.
        if let read = try? Snapshot(reading: sealed) {
          #expect(throws: Never.self) { try read.state.checkCommitEnd() }
        }
      }
    }
  }

  @Test func `a snapshot of the format before is none`() throws {
    let bytes = try #require(try snapshot().bytes()).dropLast(8)
    var older = Array(bytes)
    older[Snapshot.format.utf8.count] = UInt8(ascii: "2")
    #expect(throws: RecordError.self) { try Snapshot(reading: older + SHA256.hash(older).bytes) }
  }

  @Test func `no number in it, however large, is counted with before it is known to fit`() throws {
    let bytes = Array(try #require(try snapshot().bytes()).dropLast(8))
    let extremes: [[UInt8]] = [
      [UInt8](repeating: 0xFF, count: 9) + [1], [0xFE] + [UInt8](repeating: 0xFF, count: 8) + [1],
    ]
    for index in bytes.indices {
      for extreme in extremes {
        let forged = Array(bytes[..<index]) + extreme + Array(bytes[(index + 1)...])
        let checksum = forged.withUnsafeBytes { XXHash64.hash($0) }
        // Read or refused: it must not trap.
        _ = try? Snapshot(
          reading: forged + withUnsafeBytes(of: checksum.bigEndian) { Array($0) })
      }
    }
  }

  @Test func `an empty state has no snapshot`() throws {
    let time = try #require(Instant("2026-11-23T08:00:00Z"))
    #expect(Snapshot(revision: .empty, time: time, state: OrgState()).bytes() == nil)
  }
}
