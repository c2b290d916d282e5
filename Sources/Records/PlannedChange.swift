// PlannedChange: a change with why it is made and where the file asks for it; its JSON form.

public import ByteOutput
import Digests
public import OrgModel
import YAMLSyntax

/// A place in a file, as messages and plans name it.
public struct FilePosition: Hashable, Sendable {
  /// The file's name as given.
  public let file: String
  /// From 1.
  public let line: Int
  /// From 1, in Unicode scalars.
  public let column: Int

  /// Makes a place.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// Writes the member `at` of the object that is open.
  public func write(into json: inout JSONWriter) {
    json.key("at")
    json.object { json in
      json.member("file", file)
      json.member("line", line)
      json.member("column", column)
    }
  }
}

/// One step of a plan.
public struct PlannedChange: Hashable, Sendable {
  /// What is done.
  public let change: Change
  /// Why.
  public let because: Reason
  /// What in the files asks for it; nil if something missing there does.
  public let at: FilePosition?
  /// Whether a plan from the files at the base revision lacks it; nil if there is no such revision.
  public let isIntroduced: Bool?

  /// Makes a step for a reason that usher does not give by itself, or that was read.
  public init(_ change: Change, reason: String, at: FilePosition?, isIntroduced: Bool? = nil) {
    self.init(change, because: Reason(reason, of: change), at: at, isIntroduced: isIntroduced)
  }

  /// Makes a step.
  public init(
    _ change: Change, because: Reason, at: FilePosition?, isIntroduced: Bool? = nil
  ) {
    self.change = change
    self.because = because
    self.at = at
    self.isIntroduced = isIntroduced
  }

  /// Why: one plain sentence without a final stop.
  public var reason: String {
    if case .text(let text) = because { return text }
    return because.text(of: change.member)
  }

  /// The step as a commit keeps it: an issued key with its credential, and nothing that only told
  /// a reviewer something.
  public func committed(as change: Change? = nil) -> PlannedChange {
    PlannedChange(change ?? self.change, because: because, at: at)
  }

  /// The same step, told apart from what was pending before.
  public func marked(isIntroduced: Bool) -> PlannedChange {
    PlannedChange(change, because: because, at: at, isIntroduced: isIntroduced)
  }

  /// Writes the step as one JSON object, on one line.
  public func write(into json: inout JSONWriter) {
    json.line { json in
      writeChange(into: &json)
      if case .text(let text) = because {
        json.member("reason", text)
      } else {
        json.member("reason") { because.write(of: change.member, into: &$0) }
      }
      writePlace(into: &json)
      if let isIntroduced { json.member("introduced", isIntroduced) }
    }
  }

  /// Writes why, if it is harmless by itself; otherwise what `harmless` makes of it.
  public func writeReason(into sink: inout ByteSink, harmless: (String) -> String) {
    if case .text(let text) = because {
      sink.write(harmless(text))
    } else {
      because.write(of: change.member, into: &sink)
    }
  }

  /// Writes the action and its fields into the object that is open.
  public func writeChange(into json: inout JSONWriter) {
    json.member("action", change.action.rawValue)
    change.writeFields(into: &json)
  }

  /// Writes `at` into the object that is open, if there is a place.
  public func writePlace(into json: inout JSONWriter) {
    at?.write(into: &json)
  }

  init(reading object: RecordObject) throws(RecordError) {
    self.init(
      try Change(reading: object), reason: try object.string("reason"),
      at: try object.optionalObject("at")?.position(),
      isIntroduced: try object.find("introduced") == nil ? nil : object.bool("introduced"))
  }
}

extension Policy {
  /// Writes the policy as an object of the org file's keys.
  public func write(into json: inout JSONWriter) {
    json.object { json in
      json.key("max_removals")
      switch maxRemovals {
      case .count(let count): json.value(count)
      case .percent: json.value(maxRemovals.description)
      }
      json.member("key_max_age", keyMaxAge?.description)
    }
  }

  init(reading object: RecordObject) throws(RecordError) {
    let limit: RemovalLimit
    if case .int = object.document.value(try object.require("max_removals")) {
      let count = try object.int("max_removals")
      guard count >= 0, count <= RemovalLimit.countMax else {
        throw object.fail(object.node, "'max_removals' is out of range")
      }
      limit = .count(count)
    } else {
      limit = try object.parsed("max_removals", "count or percentage") { RemovalLimit($0) }
    }
    self.init(
      maxRemovals: limit,
      keyMaxAge: try object.optionalParsed("key_max_age", "span of time") { Span($0) })
  }
}

extension Subscription {
  /// Writes the terms as fields of the object that is open.
  public func writeFields(into json: inout JSONWriter) {
    json.member("subscription", id.text)
    json.member("tier", tier.text)
    json.member("seats", seats)
    json.member("expires", expires.description)
    json.key("credits")
    if let credits { json.value(credits) } else { json.null() }
  }

  init(reading object: RecordObject) throws(RecordError) {
    let seats = try object.int("seats")
    let credits = try object.optionalInt("credits")
    guard seats >= 0, seats <= Self.seatsMax,
      credits.map({ $0 >= 0 && $0 <= Self.creditsMax }) ?? true
    else { throw object.fail(object.node, "the numbers of the subscription are out of range") }
    self.init(
      id: try object.parsed("subscription", "subscription id") { SubscriptionID($0) },
      tier: try object.parsed("tier", "tier") { SubscriptionID($0) }, seats: seats,
      expires: try object.parsed("expires", "instant") { Instant($0) }, credits: credits)
  }
}

extension Change {
  func writeFields(into json: inout JSONWriter) {
    switch self {
    case .createOrganization(let name, let baseURL, let policy):
      json.member("organization", name)
      json.member("base_url", baseURL)
      json.key("policy")
      policy.write(into: &json)
    case .updateOrganization(let baseURL, let policy):
      json.member("base_url", baseURL)
      json.key("policy")
      policy.write(into: &json)
    case .putSubscription(let terms): terms.writeFields(into: &json)
    case .removeSubscription(let id): json.member("subscription", id.text)
    case .revokeKey(let name, let key):
      json.member("member", name.text)
      json.member("key_id", key.description)
    case .reclaimSeat(let name, let id):
      json.member("member", name.text)
      json.member("subscription", id.text)
    case .removeMember(let name): json.member("member", name.text)
    case .addMember(let name, let role):
      json.member("member", name.text)
      json.member("role", role.rawValue)
    case .changeRole(let name, let from, let to):
      json.member("member", name.text)
      json.member("from", from.rawValue)
      json.member("to", to.rawValue)
    case .assignSeat(let name, let id, let until):
      json.member("member", name.text)
      json.member("subscription", id.text)
      if let until { json.member("until", until.description) }
    case .changeTerm(let name, let until):
      json.member("member", name.text)
      json.member("until", until?.description)
    case .issueKey(let name, let number, let credential):
      json.member("member", name.text)
      json.member("key", number)
      if let credential {
        json.member("key_id", credential.id.description)
        json.member("key_sha256", credential.digest.hex)
        json.member("key_masked", credential.masked)
      }
    case .issueToken(let name, let credential):
      json.member("member", name.text)
      if let credential {
        json.member("token_id", credential.id.description)
        json.member("token_sha256", credential.digest.hex)
        json.member("token_masked", credential.masked)
      }
    case .revokeToken(let name, let token):
      json.member("member", name.text)
      json.member("token_id", token.description)
    }
  }

  init(reading object: RecordObject) throws(RecordError) {
    let action = try object.parsed("action", "action that this usher knows") {
      Action(rawValue: $0)
    }
    switch action {
    case .createOrganization:
      self = .createOrganization(
        name: try object.organization(), baseURL: try object.baseURL(),
        policy: try Policy(reading: object.object("policy")))
    case .updateOrganization:
      self = .updateOrganization(
        baseURL: try object.baseURL(),
        policy: try Policy(reading: object.object("policy")))
    case .putSubscription: self = .putSubscription(try Subscription(reading: object))
    case .removeSubscription: self = .removeSubscription(try object.subscription())
    case .revokeKey:
      self = .revokeKey(
        try object.member(), try object.parsed("key_id", "key id") { KeyID($0) })
    case .reclaimSeat: self = .reclaimSeat(try object.member(), try object.subscription())
    case .removeMember: self = .removeMember(try object.member())
    case .addMember: self = .addMember(try object.member(), try object.role("role"))
    case .changeRole:
      self = .changeRole(
        try object.member(), from: try object.role("from"), to: try object.role("to"))
    case .assignSeat:
      self = .assignSeat(
        try object.member(), try object.subscription(), until: try object.until())
    case .changeTerm: self = .changeTerm(try object.member(), until: try object.until())
    case .issueKey:
      self = .issueKey(
        try object.member(), number: try object.int("key"),
        try object.credential(id: "key_id", digest: "key_sha256", masked: "key_masked"))
    case .issueToken:
      self = .issueToken(
        try object.member(),
        try object.credential(id: "token_id", digest: "token_sha256", masked: "token_masked"))
    case .revokeToken:
      self = .revokeToken(
        try object.member(), try object.parsed("token_id", "token id") { TokenID($0) })
    }
  }
}

extension RecordObject {
  /// Nil if the object holds none, as in a plan.
  fileprivate func credential<Kind>(
    id: StaticString, digest: StaticString, masked: StaticString
  ) throws(RecordError) -> SecretCredential<Kind>? {
    guard let hash = try optionalParsed(digest, "SHA-256", { Digest(hex: $0) }) else { return nil }
    let credential = SecretCredential<Kind>(digest: hash, masked: try string(masked))
    guard try string(id) == credential.id.description else {
      throw fail(node, "'\(id)' does not belong to '\(digest)'")
    }
    return credential
  }

  func organization() throws(RecordError) -> String {
    try parsed("organization", "name of an organization") {
      OrganizationText.isName($0) ? $0 : nil
    }
  }

  func baseURL() throws(RecordError) -> String? {
    try optionalParsed("base_url", "base URL") { OrganizationText.isBaseURL($0) ? $0 : nil }
  }

  func member() throws(RecordError) -> Username {
    try parsed("member", "username") { Username($0) }
  }

  func subscription() throws(RecordError) -> SubscriptionID {
    try parsed("subscription", "subscription id") { SubscriptionID($0) }
  }

  func role(_ key: StaticString) throws(RecordError) -> Role {
    try parsed(key, "role") { Role(rawValue: $0) }
  }

  func until() throws(RecordError) -> Instant? {
    try optionalParsed("until", "instant") { Instant($0) }
  }
}
