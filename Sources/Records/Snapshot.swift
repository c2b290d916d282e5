// Snapshot: the fold up to some commit, kept as a cache. Format `usher.snapshot/1`.

import ByteOutput
import Digests
public import OrgModel
import YAMLSyntax

/// A state and the commit it folds up to.
public struct Snapshot: Sendable {
  /// The value of `format`.
  public static let format = "usher.snapshot/1"

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
    guard let facts = state.facts else { return nil }
    return SealedDocument.seal { json in
      json.member("format", Self.format)
      json.member("sequence", revision.sequence)
      json.member("commit", revision.digest?.labelled)
      json.member("time", time.description)
      json.member("organization", facts.organization)
      json.member("base_url", facts.baseURL)
      json.key("policy")
      facts.policy.write(into: &json)
      json.key("subscriptions")
      json.array { json in
        for terms in facts.subscriptions { json.line { terms.writeFields(into: &$0) } }
      }
      json.key("members")
      json.array { json in for member in facts.members { member.write(into: &json) } }
      json.key("keys")
      json.array { json in for key in facts.keys { key.write(into: &json) } }
    }.bytes
  }

  /// Reads a snapshot.
  /// - Throws: `RecordError` if it is damaged or contradicts itself.
  public init(reading bytes: [UInt8]) throws(RecordError) {
    let sealed = try SealedDocument(reading: bytes, format: Self.format)
    let object = try sealed.object
    var subscriptions: [Subscription] = []
    for node in try object.array("subscriptions") {
      subscriptions.append(try Subscription(reading: RecordObject(sealed.document, node)))
    }
    var members: [MemberFacts] = []
    for node in try object.array("members") {
      members.append(try MemberFacts(reading: RecordObject(sealed.document, node)))
    }
    var keys: [KeyRecord] = []
    for node in try object.array("keys") {
      keys.append(try KeyRecord(reading: RecordObject(sealed.document, node)))
    }
    let facts = OrgFacts(
      organization: try object.string("organization"),
      baseURL: try object.optionalString("base_url"),
      policy: try Policy(reading: object.object("policy")), subscriptions: subscriptions,
      members: members, keys: keys)
    guard let state = OrgState(facts) else { throw RecordError("the facts contradict each other") }
    self.init(
      revision: Revision(
        sequence: try object.int("sequence"),
        digest: try object.parsed("commit", "digest") { Digest(labelled: $0) }),
      time: try object.parsed("time", "instant") { Instant($0) }, state: state)
  }
}

extension MemberFacts {
  fileprivate func write(into json: inout JSONWriter) {
    json.line { json in
      json.member("member", username.text)
      json.member("role", role.rawValue)
      json.member("added", added.description)
      guard let seat else { return }
      json.key("seat")
      json.object { json in
        json.member("subscription", seat.subscription.text)
        json.member("until", seat.until?.description)
        json.member("assigned", seat.assigned.description)
        json.member("key_id", seat.key?.description)
        if let number = seat.keyNumber { json.member("key", number) }
        json.member("lapsed", seat.isLapsed)
      }
    }
  }

  fileprivate init(reading object: RecordObject) throws(RecordError) {
    var seat: SeatFacts?
    if let place = try object.optionalObject("seat") {
      seat = SeatFacts(
        subscription: try place.subscription(), until: try place.until(),
        assigned: try place.parsed("assigned", "instant") { Instant($0) },
        key: try place.optionalParsed("key_id", "key id") { KeyID($0) },
        keyNumber: try place.optionalInt("key"), isLapsed: try place.bool("lapsed"))
    }
    self.init(
      username: try object.member(), role: try object.role("role"),
      added: try object.parsed("added", "instant") { Instant($0) }, seat: seat)
  }
}

extension KeyRecord {
  fileprivate func write(into json: inout JSONWriter) {
    json.line { json in
      json.member("key_sha256", credential.digest.hex)
      json.member("key_masked", credential.masked)
      json.member("member", member.text)
      json.member("subscription", subscription.text)
      json.member("key", number)
      json.member("issued", issued.description)
      json.member("revoked", revoked?.description)
    }
  }

  fileprivate init(reading object: RecordObject) throws(RecordError) {
    self.init(
      credential: Credential(
        digest: try object.parsed("key_sha256", "SHA-256") { Digest(hex: $0) },
        masked: try object.string("key_masked")),
      member: try object.member(), subscription: try object.subscription(),
      number: try object.int("key"), issued: try object.parsed("issued", "instant") { Instant($0) },
      revoked: try object.optionalParsed("revoked", "instant") { Instant($0) })
  }
}
