// OrgDecoding+Sections: the two maps of an org file, subscriptions and members.

import OrgModel
import Parallelism
import SourceText
import YAMLSyntax

struct DecodedSubscription {
  let terms: Subscription
  let places: SubscriptionPlaces
}

/// The subscriptions of all files, by id.
struct DecodedSubscriptions {
  let terms: [Subscription]
  let places: [SubscriptionPlaces]
  let table: SubscriptionTable
}

extension OrgDecoding {
  private static let roles = Role.allCases.map(\.rawValue)

  // MARK: subscriptions

  mutating func subscriptions() -> DecodedSubscriptions {
    var found: [DecodedSubscription] = []
    var keys: [String: SourceRange] = [:]
    var isTableComplete = isComplete && !misspelt.contains("subscriptions")
    for section in subscriptionSections {
      guard isMapping(section.value, "subscriptions by id", help: "write {} for none") else {
        isTableComplete = false
        continue
      }
      for entry in section.value.entries {
        let name = entry.key.text
        if let first = keys[name] {
          reportTwice("the subscription \(entry.key.quoted)", entry.key.range, first: first)
          continue
        }
        keys[name] = entry.key.range
        if let subscription = subscription(entry) { found.append(subscription) }
      }
    }
    found.sort { $0.terms.id < $1.terms.id }
    return DecodedSubscriptions(
      terms: found.map(\.terms), places: found.map(\.places),
      table: SubscriptionTable(keys.keys.sorted(), isComplete: isTableComplete))
  }

  private mutating func subscription(_ entry: Entry) -> DecodedSubscription? {
    let id = identifier(entry.key, "subscription id")
    guard
      isMapping(
        entry.value, "the subscription's 'seats' and 'expires'",
        help: "write { seats: 10, expires: 2027-01-31 }")
    else { return nil }
    var (tier, seats, expires, credits) = (id, Int?.none, Instant?.none, Int?.none)
    var (seatsRange, expiresRange) = (SourceRange?.none, SourceRange?.none)
    var misspelt: Set<String> = []
    for setting in entry.value.entries {
      let (document, node) = (setting.value.document, setting.value.node)
      switch setting.key.text {
      case "tier": tier = self.tier(setting.value)
      case "seats":
        seats = whole(document, node, "seats", in: 0...Subscription.seatsMax)
        seatsRange = setting.value.range
      case "expires":
        expires = instant(document, node)
        expiresRange = setting.value.range
      case "credits": credits = whole(document, node, "credits", in: 0...Subscription.creditsMax)
      default:
        if let meant = reportUnknown(setting.key, OrgSection.subscriptionKeys) {
          misspelt.insert(meant)
        }
      }
    }
    if seatsRange == nil, !misspelt.contains("seats") {
      reportMissing("seats", "a whole number", entry.key)
    }
    if expiresRange == nil, !misspelt.contains("expires") {
      reportMissing("expires", "a date or an instant", entry.key)
    }
    guard let id, let tier, let seats, let expires, let seatsRange, let expiresRange else {
      return nil
    }
    return DecodedSubscription(
      terms: Subscription(id: id, tier: tier, seats: seats, expires: expires, credits: credits),
      places: SubscriptionPlaces(id: entry.key.range, seats: seatsRange, expires: expiresRange))
  }

  private mutating func tier(_ value: Value) -> SubscriptionID? {
    let text = string(value, "a tier", quotedIf: { SubscriptionID($0) != nil })
    return text == nil ? nil : identifier(value, "tier")
  }

  private mutating func reportMissing(_ name: String, _ what: String, _ subscription: Value) {
    diagnostics.report(
      .missingKey, "the subscription \(subscription.quoted) lacks '\(name)'; expected \(what)",
      at: subscription.range)
  }

  private mutating func identifier(_ value: Value, _ what: String) -> SubscriptionID? {
    guard !reportSecret(in: value.text, "the \(what)", .invalidIdentifier, value.range) else {
      return nil
    }
    if let id = SubscriptionID(value.text) { return id }
    diagnostics.report(
      .invalidIdentifier,
      "\(value.quoted) is no \(what); expected a letter or '_', then letters, digits, '_' or '-', "
        + "at most \(SubscriptionID.lengthMax) characters, ASCII", at: value.range)
    return nil
  }

  // MARK: members

  mutating func roster(_ subscriptions: SubscriptionTable) -> Roster {
    var roster = Roster()
    roster.mayHideOwner = !isComplete || misspelt.contains("members")
    for section in memberSections {
      guard
        isMapping(section.value, "members by username", help: "write 'NAME: { role: owner }'")
      else {
        roster.mayHideOwner = true
        continue
      }
      let document = section.value.document
      roster.beginSection(document, members: document.childCount(section.value.node))
      if !readAtOnce(section.value, subscriptions, into: &roster) {
        for (key, node) in document.pairs(section.value.node) {
          readMember(document, key, node, subscriptions, into: &roster)
        }
      }
    }
    reportClashes(&roster)
    checkOwner(roster)
    return roster
  }

  /// Fewer members are read sooner than a thread starts.
  private static let membersAtOnceMin = 4096

  /// Reads the two halves of a large section at once; false if it is small, or if there is anything to
  /// find fault with in it: then it is to be read from the start, so that the findings are the same.
  private func readAtOnce(
    _ section: Value, _ subscriptions: SubscriptionTable, into roster: inout Roster
  ) -> Bool {
    let document = section.document
    let count = document.childCount(section.node)
    guard count >= Self.membersAtOnceMin else { return false }
    let first = document.pairs(section.node)
    var second = first
    for _ in 0..<count / 2 { _ = second.next() }
    let (reader, end) = (self, second)
    // The first half gets room for the second one, which moves in.
    let (low, high) = Threads.both(
      { reader.readAhead(document, first, upTo: end, count: count, subscriptions) },
      { reader.readAhead(document, end, upTo: nil, count: count - count / 2, subscriptions) })
    guard let low, let high else { return false }
    roster.take(low)
    roster.append(high)
    return true
  }

  /// Reads some members; nil if there is a finding.
  private func readAhead(
    _ document: YAMLDocument, _ pairs: PairSequence, upTo end: PairSequence?, count: Int,
    _ subscriptions: SubscriptionTable
  ) -> Roster? {
    var reader = self
    reader.diagnostics = Diagnostics()
    var roster = Roster()
    roster.beginSection(document, members: count)
    var pairs = pairs
    while pairs.isBefore(end), let (key, node) = pairs.next() {
      reader.readMember(document, key, node, subscriptions, into: &roster)
      guard reader.diagnostics.all.isEmpty else { return nil }
    }
    if wantsOrder { roster.sort() }
    return roster
  }

  private mutating func readMember(
    _ document: YAMLDocument, _ name: NodeID, _ node: NodeID, _ subscriptions: SubscriptionTable,
    into roster: inout Roster
  ) {
    let isUsername = isUsername(document, name)
    guard document.kind(node) == .mapping else {
      reportNoSettings(Value(document, node), subscriptions)
      roster.mayHideOwner = true
      return
    }
    var row = Roster.Row(node: name)
    var places = MemberPlaces(name: document.range(name))
    for (key, setting) in document.pairs(node) {
      if document.isEqual(key, "seat") {
        row.seat = seat(document, setting, subscriptions) ?? -1
        places.seat = document.range(setting)
      } else if document.isEqual(key, "role") {
        let range = document.range(setting)
        places.role = range
        if let known = self.role(document, setting) {
          row.role = known
          guard known == .owner else { continue }
          roster.claims.append(OwnerClaim(name: Value(document, name).shortText, role: range))
        } else {
          roster.mayHideOwner = true
        }
      } else if document.isEqual(key, "until") {
        row.until = instant(document, setting)
        places.until = document.range(setting)
      } else if document.isEqual(key, "key") {
        let number = whole(document, setting, "key", in: 1...DesiredMember.keyNumberMax)
        row.keyNumber = Int32(number ?? 1)
        places.key = document.range(setting)
      } else if reportUnknown(Value(document, key), OrgSection.memberKeys) == "role" {
        roster.mayHideOwner = true
      }
    }
    guard isUsername else { return }
    document.withBytes(name) { roster.append(row, named: $0, at: places) }
  }

  private func knownRole(_ document: YAMLDocument, _ node: NodeID) -> Role? {
    if document.isEqual(node, "member") { return .member }
    if document.isEqual(node, "administrator") { return .administrator }
    return document.isEqual(node, "owner") ? .owner : nil
  }

  private mutating func role(_ document: YAMLDocument, _ node: NodeID) -> Role? {
    if document.kind(node) == .scalar, let role = knownRole(document, node) { return role }
    let value = Value(document, node)
    guard string(value, "a role, \(Self.list(Self.roles))") != nil else { return nil }
    diagnostics.report(
      .unknownRole, "role \(value.quoted) is unknown; expected \(Self.list(Self.roles))",
      at: value.range, help: Suggestion.help(for: value.shortText, among: Self.roles))
    return nil
  }

  private mutating func seat(
    _ document: YAMLDocument, _ node: NodeID, _ subscriptions: SubscriptionTable
  ) -> Int32? {
    if document.kind(node) == .scalar, document.value(node) == .string {
      switch subscriptions.match(document, node) {
      case .found(let index): return index
      case .refused: return nil
      case .unknown:
        if subscriptions.isComplete {
          reportUnknownSubscription(Value(document, node), subscriptions.names)
        }
        return nil
      }
    }
    let value = Value(document, node)
    let isNull = value.isScalar && document.value(node) == .null
    diagnostics.report(
      .wrongType, "expected the id of a subscription, found \(value.found)", at: value.range,
      help: isNull ? "leave out 'seat' for a member without a seat" : nil)
    return nil
  }

  private mutating func reportUnknownSubscription(_ value: Value, _ names: [String]) {
    /// More names than these would hide the message.
    let shownMax = 12
    let names = names.filter { SubscriptionID($0) != nil }
    let expected: String
    switch names.count {
    case 0: expected = "a subscription, but the files define none"
    case 1...shownMax: expected = Self.list(names)
    default: expected = "one of the \(names.count) subscriptions of the files"
    }
    diagnostics.report(
      .unknownSubscription, "subscription \(value.quoted) is unknown; expected \(expected)",
      at: value.range, help: suggestion(for: value.shortText, among: names))
  }

  // MARK: findings

  /// Reports what is no username.
  private mutating func isUsername(_ document: YAMLDocument, _ name: NodeID) -> Bool {
    let (isUsername, isLong) = document.withBytes(name) {
      (Username.isUsername($0), $0.count > SecretShape.bodyCount)
    }
    let key = Value(document, name)
    if !isUsername { reportNoUsername(key) }
    return isUsername
      && !(isLong && reportSecret(in: key.text, "the username", .invalidUsername, key.range))
  }

  private mutating func reportNoUsername(_ key: Value) {
    diagnostics.report(
      .invalidUsername,
      "\(key.quoted) is no username; expected a letter or '_', then letters, digits or '_', at "
        + "most \(Username.lengthMax) characters, ASCII", at: key.range,
      help: Self.nearestUsername(key))
  }

  /// The name with `_` for each run of other ASCII characters, if that is a username.
  private static func nearestUsername(_ key: Value) -> String? {
    let parts = key.shortText.utf8.split { byte in
      byte < 0x80 && !(0x30...0x39).contains(byte) && !(0x61...0x7A).contains(byte | 0x20)
    }
    let result = parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "_")
    return Username(result) == nil ? nil : "did you mean '\(result)'?"
  }

  private mutating func reportNoSettings(_ value: Value, _ subscriptions: SubscriptionTable) {
    var help = "write {} for a member without a seat"
    if value.isScalar {
      if case .found(let index) = subscriptions.match(value.document, value.node) {
        help = "write { seat: \(subscriptions.id(index)) }"
      } else if let role = knownRole(value.document, value.node) {
        help = "write { role: \(role.rawValue) }"
      }
    }
    _ = isMapping(value, "the member's settings", help: help)
  }

  /// Two spellings of one name would look like one person.
  private mutating func reportClashes(_ roster: inout Roster) {
    for clash in roster.clashes() {
      let (name, first) = (
        roster.username(clash.index), roster.username(clash.earlier)
      )
      let (range, firstRange) = (roster.places[clash.index].name, roster.places[clash.earlier].name)
      if name == first {
        reportTwice("the member '\(name)'", range, first: firstRange)
      } else {
        diagnostics.report(
          .usernamesDifferInCase,
          "the usernames '\(name)' and '\(first)' differ only in case; the first is in "
            + place(firstRange), at: range, help: "rename one of the two")
      }
    }
  }

  /// Compares what members want with what there is, as far as both could be read.
  mutating func reportShortfalls(
    _ roster: inout Roster, _ subscriptions: DecodedSubscriptions, at now: Instant
  ) {
    guard roster.mayFallShort(of: subscriptions, at: now) else { return }
    let (members, order) = roster.inOrder(subscriptions.table)
    let org = DesiredOrg(
      organization: "", baseURL: nil, policy: .standard, subscriptions: subscriptions.terms,
      members: members)
    for shortfall in org.capacityShortfalls(at: now) {
      let terms = subscriptions.terms[shortfall.subscription]
      diagnostics.report(
        .notEnoughSeats,
        "\(shortfall.wanted) members want a seat of '\(terms.id)', which has \(terms.seats): "
          + "short by \(shortfall.wanted - terms.seats)",
        at: roster.places[Int(order[shortfall.members[terms.seats]])].seat,
        help: "raise seats of '\(terms.id)' to \(shortfall.wanted), or take seats from members")
    }
  }

  private mutating func checkOwner(_ roster: Roster) {
    guard let first = roster.claims.first else {
      guard !roster.mayHideOwner else { return }
      let at = memberSections.first?.key.range ?? scalars["organization"]?.key.range ?? startOfFiles
      diagnostics.report(
        .ownerCount, "no member has the role owner; expected exactly one", at: at,
        help: "give one member 'role: owner'")
      return
    }
    var firstPlace: String?
    for claim in roster.claims.dropFirst() where claim.name != first.name {
      let place = firstPlace ?? self.place(first.role)
      firstPlace = place
      diagnostics.report(
        .ownerCount,
        "'\(claim.name)' is a further owner beside '\(first.name)' in \(place); "
          + "expected exactly one",
        at: claim.role, help: "write 'role: administrator'")
    }
  }
}
