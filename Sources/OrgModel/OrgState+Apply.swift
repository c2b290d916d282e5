// OrgState+Apply: the state machine. Every rule of the contract is checked here, once.

extension OrgState {
  /// Makes the changes of one commit, each only if whoever commits may make it.
  /// - Parameters:
  ///   - actor: In whose name; nil if nobody was named.
  ///   - now: When the commit is made.
  /// - Throws: `RuleViolation` if the commit would break a rule; some of its changes may be made then,
  ///   so that the state is good for nothing.
  public mutating func commit(
    _ changes: some Sequence<Change>, by actor: Username?, at now: Instant
  ) throws(RuleViolation) {
    guard actor != nil || !hasTokens else {
      throw RuleViolation(.authority, "it names nobody, although tokens were issued")
    }
    let isFounding = isEmpty
    // Nobody's role changes in a commit of their own: the owner's never does, and an administrator's
    // only by the owner.
    let role = try role(of: actor)
    for change in changes {
      let needed = change.authority(in: self)
      guard role.covers(needed) else {
        throw RuleViolation(
          .authority,
          "\(actor?.text ?? "nobody") is \(role.rawValue), but \(change.action.rawValue) needs the "
            + "authority of \(needed.rawValue)")
      }
      if isFounding, let actor, case .addMember(let owner, .owner) = change, owner != actor {
        throw RuleViolation(
          .authority, "\(actor) founds the organization, but the owner would be \(owner)")
      }
      try apply(change, at: now)
    }
    try checkCommitEnd()
  }

  /// What the actor of a commit may do; everything, if nobody was named or the owner is yet to be.
  private func role(of actor: Username?) throws(RuleViolation) -> Role {
    guard let actor, !isEmpty else { return .owner }
    guard let member = memberRows[actor] else {
      throw RuleViolation(.authority, "\(actor) is not a member and may change nothing")
    }
    guard member.role != .member else {
      throw RuleViolation(.authority, "\(actor) is member and may change nothing")
    }
    return member.role
  }

  /// Makes one change, whoever wants it, or leaves the state as it was: the step of a simulation. What
  /// is written goes through `commit`.
  /// - Parameter now: When the commit that holds the change is made.
  /// - Throws: `RuleViolation` if the change would break a rule.
  public mutating func apply(_ change: Change, at now: Instant) throws(RuleViolation) {
    if case .createOrganization = change {
    } else if isEmpty {
      throw RuleViolation(.exactBase, "there is no organization yet")
    }
    switch change {
    case .createOrganization(let name, let baseURL, let policy):
      guard isEmpty else {
        throw RuleViolation(.exactBase, "the organization '\(organization ?? "")' exists already")
      }
      organization = name
      self.baseURL = baseURL
      self.policy = policy
    case .updateOrganization(let baseURL, let policy):
      self.baseURL = baseURL
      self.policy = policy
    case .putSubscription(let terms): try put(terms, at: now)
    case .removeSubscription(let id): try remove(id)
    case .revokeKey(let name, let key): try revoke(key, of: name, at: now)
    case .reclaimSeat(let name, let subscription): try reclaim(subscription, from: name)
    case .removeMember(let name): try remove(name, at: now)
    case .addMember(let name, let role): try add(name, role, at: now)
    case .changeRole(let name, let from, let to): try changeRole(of: name, from, to, at: now)
    case .assignSeat(let name, let subscription, let until):
      try assign(subscription, to: name, until: until, at: now)
    case .changeTerm(let name, let until): try changeTerm(of: name, until, at: now)
    case .issueKey(let name, let number, let credential):
      try issue(credential, number: number, to: name, at: now)
    case .issueToken(let name, let credential): try issue(credential, to: name, at: now)
    case .revokeToken(let name, let token): try revoke(token, of: name, at: now)
    }
  }

  /// Checks what must hold between commits.
  /// - Throws: `RuleViolation` if there is no owner or a seat was assigned without a key.
  public func checkCommitEnd() throws(RuleViolation) {
    guard owner != nil else { throw RuleViolation(.oneOwner, "the organization has no owner") }
    guard seatsAwaitingKey == 0 else {
      throw RuleViolation(.keyFollowsSeat, "\(seatsAwaitingKey) seats were assigned without a key")
    }
  }

  private mutating func put(_ terms: Subscription, at now: Instant) throws(RuleViolation) {
    guard let old = subscriptionRows[terms.id] else {
      _ = subscriptionRows.insert(StoredSubscription(terms: terms, held: 0))
      return
    }
    guard old.held <= terms.seats else {
      throw RuleViolation(
        .capacity, "\(old.held) seats of \(terms.id) are held, more than the \(terms.seats) it gets"
      )
    }
    if old.terms.isExpired(at: now), !terms.isExpired(at: now) {
      memberRows.updateAll { if $0.seat?.subscription == terms.id { $0.seat?.isLapsed = true } }
    }
    subscriptionRows.update(terms.id) { $0.terms = terms }
  }

  private mutating func remove(_ id: SubscriptionID) throws(RuleViolation) {
    guard let old = subscriptionRows[id] else {
      throw RuleViolation(.exactBase, "there is no subscription \(id)")
    }
    guard old.held == 0 else {
      throw RuleViolation(.capacity, "\(old.held) seats of \(id) are still held")
    }
    subscriptionRows.remove(id)
  }

  /// The member whose name is this one but for capitals.
  private mutating func spelled(like folded: Username) -> Username? {
    if let known = memberRows.find(folded, { $0.username }) { return known }
    let known = capitalized.value {
      var known: [Username: Username] = [:]
      memberRows.forEachID { if $0.hasCapitals { known[$0.folded] = $0 } }
      return known
    }
    return known[folded]
  }

  private mutating func add(_ name: Username, _ role: Role, at now: Instant) throws(RuleViolation) {
    let hasCapitals = name.hasCapitals
    let folded = hasCapitals ? name.folded : name
    if let other = spelled(like: folded) {
      throw RuleViolation(.exactBase, "there is a member \(other) already")
    }
    if role == .owner {
      if let owner { throw RuleViolation(.oneOwner, "\(owner) is the owner already") }
      owner = name
    }
    if hasCapitals { capitalized.change { $0[folded] = name } }
    _ = memberRows.insert(Member(username: name, role: role, added: now))
  }

  private mutating func remove(_ name: Username, at now: Instant) throws(RuleViolation) {
    let member = try existing(name)
    guard member.role != .owner else {
      throw RuleViolation(.oneOwner, "\(name) is the owner and cannot be removed")
    }
    guard member.seat == nil else {
      throw RuleViolation(.removalIsWhole, "\(name) still holds a seat")
    }
    revokeTokens(of: name, at: now)
    memberRows.remove(name)
    departed.insert(name)
    if name.hasCapitals { capitalized.change { $0[name.folded] = nil } }
  }

  private mutating func changeRole(
    of name: Username, _ from: Role, _ to: Role, at now: Instant
  ) throws(RuleViolation) {
    let member = try existing(name)
    guard member.role == from, from != to else {
      throw RuleViolation(.exactBase, "\(name) is \(member.role.rawValue), not \(from.rawValue)")
    }
    guard from != .owner, to != .owner else {
      throw RuleViolation(.oneOwner, "ownership does not move: \(name) stays \(from.rawValue)")
    }
    revokeTokens(of: name, at: now)
    memberRows.update(name) { $0.role = to }
  }

  private mutating func assign(
    _ id: SubscriptionID, to name: Username, until: Instant?, at now: Instant
  ) throws(RuleViolation) {
    if let seat = try existing(name, { $0.seat }) {
      throw RuleViolation(.oneSeat, "\(name) holds a seat of \(seat.subscription) already")
    }
    guard let subscription = subscriptionRows[id] else {
      throw RuleViolation(.exactBase, "there is no subscription \(id)")
    }
    guard !subscription.terms.isExpired(at: now) else {
      throw RuleViolation(.expiry, "\(id) expired at \(subscription.terms.expires)")
    }
    if let until, until <= now {
      throw RuleViolation(.expiry, "the seat of \(name) would have ended at \(until)")
    }
    guard subscription.held < subscription.terms.seats else {
      throw RuleViolation(.capacity, "all \(subscription.terms.seats) seats of \(id) are held")
    }
    memberRows.update(name) { $0.seat = Seat(subscription: id, until: until, assigned: now) }
    subscriptionRows.update(id) { $0.held += 1 }
    seatsAwaitingKey += 1
  }

  private mutating func reclaim(
    _ id: SubscriptionID, from name: Username
  ) throws(RuleViolation) {
    let seat = try seat(of: name)
    guard seat.subscription == id else {
      throw RuleViolation(.exactBase, "\(name) holds a seat of \(seat.subscription), not of \(id)")
    }
    guard seat.key == nil else {
      throw RuleViolation(.keyFollowsSeat, "the key of \(name) is not revoked yet")
    }
    if seat.isAwaitingKey { seatsAwaitingKey -= 1 }
    memberRows.update(name) { $0.seat = nil }
    subscriptionRows.update(id) { $0.held -= 1 }
  }

  private mutating func changeTerm(
    of name: Username, _ until: Instant?, at now: Instant
  ) throws(RuleViolation) {
    let seat = try seat(of: name)
    guard isWorking(seat, at: now) else {
      throw RuleViolation(.lapsedForever, "the seat of \(name) is over and has no term to change")
    }
    if let until, until <= now {
      throw RuleViolation(.lapsedForever, "the term of \(name) would have ended at \(until)")
    }
    memberRows.update(name) { $0.seat?.until = until }
  }

  private mutating func issue(
    _ credential: Credential?, number: Int, to name: Username, at now: Instant
  ) throws(RuleViolation) {
    let seat = try seat(of: name)
    guard isWorking(seat, at: now) else {
      throw RuleViolation(.lapsedForever, "the seat of \(name) is over and gets no key")
    }
    guard seat.key == nil else {
      throw RuleViolation(.keyFollowsSeat, "\(name) has a key that is not revoked")
    }
    guard number >= 1, number <= DesiredMember.keyNumberMax else {
      throw RuleViolation(.exactBase, "\(number) is no number of a key")
    }
    if let credential {
      guard keyIDs.insert(credential.id).inserted else {
        throw RuleViolation(.revokedForever, "the key \(credential.id) was issued before")
      }
      keyRows.add(
        KeyRecord(
          credential: credential, member: name, subscription: seat.subscription, number: number,
          issued: now, revoked: nil))
    }
    if seat.isAwaitingKey { seatsAwaitingKey -= 1 }
    memberRows.update(name) { member in
      member.seat?.key = credential?.id
      member.seat?.keyNumber = number
      member.seat?.isAwaitingKey = false
    }
  }

  private mutating func revoke(
    _ key: KeyID, of name: Username, at now: Instant
  ) throws(RuleViolation) {
    let seat = try seat(of: name)
    guard seat.key == key else {
      throw RuleViolation(.exactBase, "\(key) is not the key of \(name)")
    }
    memberRows.update(name) { $0.seat?.key = nil }
    keyRows.update(KeyRecord.Place(member: name, key: key)) { $0.revoked = now }
  }

  mutating func existing(_ name: Username) throws(RuleViolation) -> Member {
    try existing(name) { $0 }
  }

  /// What is asked of a member.
  @inline(__always)
  private mutating func existing<Value>(
    _ name: Username, _ body: (Member) -> Value
  ) throws(RuleViolation) -> Value {
    guard let value = memberRows.find(name, body) else {
      throw RuleViolation(.exactBase, "there is no member \(name)")
    }
    return value
  }

  private mutating func seat(of name: Username) throws(RuleViolation) -> Seat {
    guard let seat = try existing(name, { $0.seat }) else {
      throw RuleViolation(.exactBase, "\(name) holds no seat")
    }
    return seat
  }
}
