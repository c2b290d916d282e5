// OrgDecoding+Sections: the two maps of an org file, subscriptions and members.

import OrgModel
import SourceText
import YAMLSyntax

struct DecodedSubscription {
  let terms: Subscription
  let places: SubscriptionPlaces
}

struct DecodedMember {
  let member: DesiredMember
  let places: MemberPlaces
}

extension OrgDecoding {
  // MARK: subscriptions

  mutating func subscriptions() -> [DecodedSubscription] {
    var found: [DecodedSubscription] = []
    var keys: [String: SourceRange] = [:]
    for section in subscriptionSections {
      guard isMapping(section.value, "subscriptions by id") else {
        knowsSubscriptions = false
        continue
      }
      for entry in entries(of: section.value) {
        if let first = keys.updateValue(entry.key.range, forKey: entry.key.text) {
          reportTwice("the subscription '\(entry.key.text)'", entry.key.range, first: first)
          continue
        }
        if let subscription = subscription(entry) {
          found.append(subscription)
        } else {
          knowsSubscriptions = false
        }
      }
    }
    return found.sorted { $0.terms.id < $1.terms.id }
  }

  private mutating func subscription(_ entry: Entry) -> DecodedSubscription? {
    let id = identifier(entry.key, "subscription id")
    guard isMapping(entry.value, "the subscription's 'seats' and 'expires'") else { return nil }
    var (tier, seats, expires, credits) = (id, Int?.none, Instant?.none, Int?.none)
    var (seatsRange, expiresRange) = (SourceRange?.none, SourceRange?.none)
    var isSound = id != nil
    for (key, node) in entry.value.document.pairs(entry.value.node) {
      let key = Value(document: entry.value.document, node: key)
      let value = Value(document: entry.value.document, node: node)
      switch key.text {
      case "tier":
        tier = string(value, "a tier").flatMap { _ in identifier(value, "tier") }
        isSound = isSound && tier != nil
      case "seats":
        seats = whole(value, "seats", in: 0...Subscription.seatsMax)
        seatsRange = value.range
      case "expires":
        expires = instant(value)
        expiresRange = value.range
      case "credits":
        credits = whole(value, "credits", in: 0...Subscription.creditsMax)
        isSound = isSound && credits != nil
      default:
        reportUnknown(key, ["tier", "seats", "expires", "credits"])
        isSound = false
      }
    }
    for (name, range) in [("seats", seatsRange), ("expires", expiresRange)] where range == nil {
      diagnostics.report(
        .missingKey, "the subscription \(entry.key.quoted) has no '\(name)'", at: entry.key.range)
    }
    guard isSound, let id, let tier, let seats, let expires, let seatsRange, let expiresRange else {
      return nil
    }
    return DecodedSubscription(
      terms: Subscription(id: id, tier: tier, seats: seats, expires: expires, credits: credits),
      places: SubscriptionPlaces(id: entry.key.range, seats: seatsRange, expires: expiresRange))
  }

  private mutating func identifier(_ value: Value, _ what: String) -> SubscriptionID? {
    if let id = SubscriptionID(value.text) { return id }
    diagnostics.report(
      .invalidIdentifier,
      "\(value.quoted) is no \(what); expected a letter or '_', then letters, digits, '_' or '-', at "
        + "most \(SubscriptionID.lengthMax) characters", at: value.range)
    return nil
  }

  // MARK: members

  mutating func members(_ ids: [SubscriptionID], _ isComplete: Bool) -> [DecodedMember] {
    var found: [DecodedMember] = []
    var areRolesKnown = isComplete
    for section in memberSections {
      guard isMapping(section.value, "members by username") else {
        areRolesKnown = false
        continue
      }
      let document = section.value.document
      found.reserveCapacity(found.count + document.childCount(section.value.node))
      for (key, node) in document.pairs(section.value.node) {
        let before = diagnostics.all.count
        let member = member(
          Value(document: document, node: key), Value(document: document, node: node), ids)
        if let member { found.append(member) }
        if diagnostics.all.count > before { areRolesKnown = false }
      }
    }
    let isSorted = zip(found, found.dropFirst()).allSatisfy {
      $0.member.username <= $1.member.username
    }
    if !isSorted {
      found.sort {
        ($0.member.username, $0.places.name.file, $0.places.name.start)
          < ($1.member.username, $1.places.name.file, $1.places.name.start)
      }
    }
    reportTwins(found)
    if areRolesKnown { checkOwner(found) }
    return found
  }

  private mutating func member(
    _ key: Value, _ value: Value, _ ids: [SubscriptionID]
  ) -> DecodedMember? {
    let username = Username(key.text)
    if username == nil {
      diagnostics.report(
        .invalidUsername,
        "\(key.quoted) is no username; expected a letter or '_', then letters, digits or '_', at most "
          + "\(Username.lengthMax) characters, ASCII", at: key.range)
    }
    guard isMapping(value, "the member's settings") else { return nil }
    var (role, seat, until, number) = (Role.member, SubscriptionID?.none, Instant?.none, 1)
    var places = MemberPlaces(name: key.range)
    let document = value.document
    for (key, node) in document.pairs(value.node) {
      let setting = Value(document: document, node: node)
      if document.isEqual(key, "seat") {
        seat = self.seat(setting, ids)
        places.seat = setting.range
      } else if document.isEqual(key, "role") {
        role = self.role(setting)
        places.role = setting.range
      } else if document.isEqual(key, "until") {
        until = instant(setting)
        places.until = setting.range
      } else if document.isEqual(key, "key") {
        number = whole(setting, "key", in: 1...DesiredMember.keyNumberMax) ?? 1
      } else {
        reportUnknown(Value(document: document, node: key), ["role", "seat", "until", "key"])
      }
    }
    guard let username else { return nil }
    return DecodedMember(
      member: DesiredMember(
        username: username, role: role, seat: seat, until: until, keyNumber: number),
      places: places)
  }

  private mutating func role(_ value: Value) -> Role {
    let roles = Role.allCases.map(\.rawValue)
    guard let text = string(value, "a role: " + Self.list(roles)) else { return .member }
    if let role = Role(rawValue: text) { return role }
    diagnostics.report(
      .unknownRole, "role \(value.quoted) is unknown; expected \(Self.list(roles))",
      at: value.range, help: Suggestion.help(for: text, among: roles))
    return .member
  }

  private mutating func seat(_ value: Value, _ ids: [SubscriptionID]) -> SubscriptionID? {
    for id in ids where isSame(value, id.text) { return id }
    guard let text = string(value, "the id of a subscription") else { return nil }
    guard knowsSubscriptions else { return nil }
    let names = ids.map(\.text)
    diagnostics.report(
      .unknownSubscription,
      "subscription \(value.quoted) is unknown; expected \(Self.list(names))", at: value.range,
      help: Suggestion.help(for: text, among: names))
    return nil
  }

  private func isSame(_ value: Value, _ text: String) -> Bool {
    guard value.isScalar else { return false }
    let document = value.document
    return document.withBytes(value.node) { bytes in
      bytes.count == text.utf8.count && bytes.elementsEqual(text.utf8)
    } && document.value(value.node) == .string
  }

  /// Two spellings of one name would look like one person. Names are sorted: equals are neighbours.
  private mutating func reportTwins(_ members: [DecodedMember]) {
    for (first, second) in zip(members, members.dropFirst())
    where first.member.username == second.member.username {
      reportTwice(
        "the member '\(second.member.username)'", second.places.name, first: first.places.name)
    }
    let hasCapitals = members.contains {
      $0.member.username.text.utf8.contains { $0 >= 0x41 && $0 <= 0x5A }
    }
    guard hasCapitals else { return }
    var spellings: [String: DecodedMember] = [:]
    let inOrder = members.sorted {
      ($0.places.name.file, $0.places.name.start) < ($1.places.name.file, $1.places.name.start)
    }
    for member in inOrder {
      let name = member.member.username
      guard let first = spellings[name.text.lowercased()] else {
        spellings[name.text.lowercased()] = member
        continue
      }
      guard first.member.username != name else { continue }
      diagnostics.report(
        .usernamesDifferInCase,
        "the usernames '\(name)' and '\(first.member.username)' differ only in case",
        at: member.places.name)
    }
  }

  private mutating func checkOwner(_ members: [DecodedMember]) {
    let owners = members.filter { $0.member.role == .owner }
    guard owners.count != 1 else { return }
    guard let first = owners.first else {
      let at =
        memberSections.first?.key.range
        ?? (documents.isEmpty ? nil : SourceRange(file: 0, start: 0, end: 0))
      diagnostics.report(
        .ownerCount, "no member has the role owner; expected exactly one", at: at,
        help: "give one member 'role: owner'")
      return
    }
    for owner in owners.dropFirst() {
      diagnostics.report(
        .ownerCount,
        "\(owner.member.username) is a second owner beside \(first.member.username); expected exactly "
          + "one", at: owner.places.role ?? owner.places.name)
    }
  }
}
