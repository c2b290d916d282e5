// Snapshot: the fold up to some commit, kept as a cache. Format `usher.snapshot/6`.
//
// Binary, unlike everything else usher writes: nobody reads it but usher, which reads it at the start
// of every command, and JSON took six times as long. Its last 8 bytes are a checksum of all before, which
// finds damage; what an attacker wrote only `log --verify` can tell.

public import Digests
public import OrgModel
import Parallelism
import Synchronization

/// A state and the commit it folds up to.
public struct Snapshot: Sendable {
  /// How the text begins.
  public static let format = "usher.snapshot/6"
  /// Fewer members are looked through sooner than a thread starts.
  private static let membersAtOnceMin = 4096

  /// The last commit that is in it.
  public let revision: Revision
  /// When that commit was made.
  public let time: Instant
  /// The fold.
  public let state: OrgState

  /// Makes a snapshot of a state that is not empty.
  public init(revision: Revision, time: Instant, state: OrgState) {
    self.revision = revision
    self.time = time
    self.state = state
  }

  /// The stored text; nil for an empty state.
  public func bytes() -> [UInt8]? {
    revision.digest.flatMap {
      SnapshotText(sequence: revision.sequence, time: time, state: state)?.sealed(as: $0)
    }
  }

  /// Reads a snapshot.
  /// - Throws: `RecordError` if it is damaged or contradicts itself.
  public init(reading bytes: [UInt8]) throws(RecordError) {
    var rest: [UInt8]? = bytes
    try self.init(readingParts: { rest.take() })
  }

  /// Reads a snapshot that comes part by part.
  /// - Parameter next: Yields the next part, then nil.
  /// - Throws: `RecordError` if it is damaged or contradicts itself.
  public init(readingParts next: @escaping () -> [UInt8]?) throws(RecordError) {
    var reader = BinaryReader(next)
    // The format comes first: the seal of another one may stand elsewhere.
    guard try reader.string() == Self.format else {
      throw RecordError("this is no snapshot of the format '\(Self.format)'")
    }
    let revision = Revision(sequence: try reader.int(), digest: try reader.digest())
    guard 1...Revision.sequenceMax ~= revision.sequence else { throw BinaryReader.damaged }
    let time = try reader.instant()
    let organization = try reader.parsed { OrganizationText.isName($0) ? $0 : nil }
    let baseURL = try reader.optional { (reader) throws(RecordError) in
      try reader.parsed { OrganizationText.isBaseURL($0) ? $0 : nil }
    }
    let policy = Policy(
      maxRemovals: try reader.parsed { RemovalLimit($0) },
      keyMaxAge: try reader.optional { (reader) throws(RecordError) in
        try reader.parsed { Span($0) }
      })
    let subscriptions = try reader.list { (reader) throws(RecordError) in
      try Subscription(reading: &reader)
    }
    let members = try reader.list { (reader) throws(RecordError) in
      try Member(reading: &reader)
    }
    // While the keys are read, another thread looks through the members.
    let checked =
      members.count >= Self.membersAtOnceMin ? Errand { CheckedMembers(members) } : nil
    let facts = OrgFacts(
      organization: organization, baseURL: baseURL, policy: policy,
      subscriptions: subscriptions, members: members,
      keys: try reader.list { (reader) throws(RecordError) in try KeyRecord(reading: &reader) },
      tokens: try reader.list { (reader) throws(RecordError) in
        try TokenRecord(reading: &reader)
      },
      departed: try reader.list { (reader) throws(RecordError) in try reader.username() })
    guard reader.isAtSoundEnd() else { throw BinaryReader.damaged }
    guard let state = checked.map({ OrgState(facts, $0.result) }) ?? OrgState(facts) else {
      throw RecordError("the facts contradict each other")
    }
    self.init(revision: revision, time: time, state: state)
  }
}

/// The stored text of a snapshot but for the digest of its commit: it is written while that one is sealed.
public final class SnapshotText: Sendable {
  private let bytes: Mutex<[UInt8]>
  /// Where the digest belongs.
  private let hole: Range<Int>

  /// Writes it; nil for an empty state.
  public init?(sequence: Int, time: Instant, state: OrgState) {
    guard let facts = state.facts else { return nil }
    var writer = BinaryWriter()
    writer.write(Snapshot.format)
    writer.write(sequence)
    let start = writer.bytes.count
    for _ in 0..<4 { writer.write(bytesOf: 0) }
    hole = start..<writer.bytes.count
    writer.write(time)
    writer.write(facts.organization)
    writer.writeOptional(facts.baseURL) { $0.write($1) }
    writer.write(facts.policy.maxRemovals.description)
    writer.writeOptional(facts.policy.keyMaxAge) { $0.write($1.description) }
    writer.write(facts.subscriptions.count)
    for terms in facts.subscriptions { terms.write(into: &writer) }
    writer.write(facts.members.count)
    for member in facts.members { member.write(into: &writer) }
    writer.write(facts.keys.count)
    for key in facts.keys { key.write(into: &writer) }
    writer.write(facts.tokens.count)
    for token in facts.tokens { token.write(into: &writer) }
    writer.write(facts.departed.count)
    for name in facts.departed { writer.write(name) }
    bytes = Mutex(writer.bytes)
  }

  /// Puts in the digest and the checksum of the whole, and gives all away.
  public consuming func sealed(as digest: Digest) -> [UInt8] {
    bytes.withLock { bytes in
      var sealed: [UInt8] = []
      swap(&sealed, &bytes)
      sealed.replaceSubrange(hole, with: digest.bytes)
      let checksum = sealed.withUnsafeBytes { XXHash64.hash($0) }
      withUnsafeBytes(of: checksum.bigEndian) { sealed.append(contentsOf: $0) }
      return sealed
    }
  }
}

extension BinaryWriter {
  fileprivate mutating func write(_ instant: Instant) { write(Int(instant.seconds)) }
}

extension BinaryReader {
  fileprivate mutating func instant() throws(RecordError) -> Instant {
    guard let instant = Instant(seconds: Int64(try int())) else { throw Self.damaged }
    return instant
  }

  fileprivate mutating func optionalInstant() throws(RecordError) -> Instant? {
    try optional { (reader) throws(RecordError) in try reader.instant() }
  }

  fileprivate mutating func int(in limits: ClosedRange<Int>) throws(RecordError) -> Int {
    let number = try int()
    guard limits.contains(number) else { throw Self.damaged }
    return number
  }

  fileprivate mutating func list<Value>(
    _ read: (inout BinaryReader) throws(RecordError) -> Value
  ) throws(RecordError) -> [Value] {
    let count = try count()
    var values: [Value] = []
    values.reserveCapacity(min(count, BinaryReader.roomMax))
    for _ in 0..<count { values.append(try read(&self)) }
    return values
  }
}

extension BinaryReader {
  fileprivate mutating func role() throws(RecordError) -> Role {
    let index = try int()
    guard Role.allCases.indices.contains(index) else { throw Self.damaged }
    return Role.allCases[index]
  }
}

extension Subscription {
  fileprivate func write(into writer: inout BinaryWriter) {
    writer.write(id)
    writer.write(tier)
    writer.write(seats)
    writer.write(expires)
    writer.writeOptional(credits) { $0.write($1) }
  }

  fileprivate init(reading reader: inout BinaryReader) throws(RecordError) {
    self.init(
      id: try reader.subscription(), tier: try reader.subscription(),
      seats: try reader.int(in: 0...Self.seatsMax), expires: try reader.instant(),
      credits: try reader.optional { (reader) throws(RecordError) in
        try reader.int(in: 0...Self.creditsMax)
      })
  }
}

extension Member {
  fileprivate func write(into writer: inout BinaryWriter) {
    writer.write(username)
    writer.write(Role.allCases.firstIndex(of: role) ?? 0)
    writer.write(added)
    writer.writeOptional(seat) { writer, seat in
      writer.write(seat.subscription)
      writer.writeOptional(seat.until) { $0.write($1) }
      writer.write(seat.assigned)
      writer.writeOptional(seat.key) { $0.write($1.number) }
      writer.writeOptional(seat.keyNumber) { $0.write($1) }
      writer.write(seat.isLapsed)
    }
  }

  fileprivate init(reading reader: inout BinaryReader) throws(RecordError) {
    self.init(
      username: try reader.username(), role: try reader.role(),
      added: try reader.instant(),
      seat: try reader.optional { (reader) throws(RecordError) in
        Seat(
          subscription: try reader.subscription(), until: try reader.optionalInstant(),
          assigned: try reader.instant(),
          key: try reader.optional { (reader) throws(RecordError) in
            KeyID(number: try reader.int())
          },
          keyNumber: try reader.optional { (reader) throws(RecordError) in
            try reader.int(in: 1...DesiredMember.keyNumberMax)
          }, isLapsed: try reader.bool())
      })
  }
}

extension KeyRecord {
  fileprivate func write(into writer: inout BinaryWriter) {
    writer.write(credential.digest)
    writer.write(credential.masked)
    writer.write(member)
    writer.write(subscription)
    writer.write(number)
    writer.write(issued)
    writer.writeOptional(revoked) { $0.write($1) }
  }

  fileprivate init(reading reader: inout BinaryReader) throws(RecordError) {
    self.init(
      credential: Credential(digest: try reader.digest(), masked: try reader.string()),
      member: try reader.username(), subscription: try reader.subscription(),
      number: try reader.int(in: 1...DesiredMember.keyNumberMax), issued: try reader.instant(),
      revoked: try reader.optionalInstant())
  }
}

extension TokenRecord {
  fileprivate func write(into writer: inout BinaryWriter) {
    writer.write(credential.digest)
    writer.write(credential.masked)
    writer.write(member)
    writer.write(issued)
    writer.writeOptional(revoked) { $0.write($1) }
  }

  fileprivate init(reading reader: inout BinaryReader) throws(RecordError) {
    self.init(
      credential: TokenCredential(digest: try reader.digest(), masked: try reader.string()),
      member: try reader.username(), issued: try reader.instant(),
      revoked: try reader.optionalInstant())
  }
}
