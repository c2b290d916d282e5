// OrgState+Tokens: management tokens, and what the state asks of a commit once there are any.
// Invariants: once a token was issued, the owner holds one that works; a working token's holder is a
// member, in the role for which it was issued; a token id is never reused, a revoked one never works.

public import Digests

/// A management token that was ever issued.
public struct TokenRecord: Row {
  /// Its digest and masked form.
  public let credential: TokenCredential
  /// In whose name it lets its holder act.
  public let member: Username
  /// When it was issued.
  public let issued: Instant
  /// When it was revoked; nil while it works.
  public internal(set) var revoked: Instant?

  var id: TokenID { credential.id }

  /// A record of a token that was issued, and perhaps revoked.
  public init(
    credential: TokenCredential, member: Username, issued: Instant, revoked: Instant?
  ) {
    self.credential = credential
    self.member = member
    self.issued = issued
    self.revoked = revoked
  }

  fileprivate static func isBefore(_ left: TokenRecord, _ right: TokenRecord) -> Bool {
    (left.issued, left.credential.id) < (right.issued, right.credential.id)
  }
}

extension OrgState {
  /// Whether a token was ever issued: from then on no commit is made in nobody's name.
  public var hasTokens: Bool { !tokenRows.isEmpty }

  /// All tokens ever issued, by instant of issue and id. Sorts: call it once.
  public var tokens: [TokenRecord] { tokenRows.inOrder.sorted(by: TokenRecord.isBefore) }

  /// The token of that id, or nil.
  public func token(_ id: TokenID) -> TokenRecord? { tokenRows[id] }

  /// The tokens of a member that work, by instant of issue and id.
  public func workingTokens(of name: Username) -> [TokenRecord] {
    tokenRows.inOrder.filter { $0.member == name && $0.revoked == nil }
      .sorted(by: TokenRecord.isBefore)
  }

  /// In whose name a token lets its holder act; nil if it was never issued, or is revoked.
  public func holder(ofToken digest: Digest) -> Member? {
    guard let token = tokenRows[TokenID(of: digest)], token.credential.digest == digest,
      token.revoked == nil
    else { return nil }
    return memberRows[token.member]
  }

  mutating func issue(
    _ credential: TokenCredential?, to name: Username, at now: Instant
  ) throws(RuleViolation) {
    let member = try existing(name)
    guard hasTokens || member.role == .owner else {
      throw RuleViolation(
        .authority, "the first token must be the owner's, who could do nothing without one")
    }
    // A plan has no credential yet.
    guard let credential else { return }
    let token = TokenRecord(credential: credential, member: name, issued: now, revoked: nil)
    guard tokenRows.insert(token) else {
      throw RuleViolation(.revokedForever, "the token \(credential.id) was issued before")
    }
  }

  mutating func revoke(
    _ id: TokenID, of name: Username, at now: Instant
  ) throws(RuleViolation) {
    guard let token = tokenRows[id], token.member == name, token.revoked == nil else {
      throw RuleViolation(.exactBase, "\(id) is not a token of \(name) that works")
    }
    guard name != owner || workingTokens(of: name).count > 1 else {
      throw RuleViolation(
        .authority, "\(id) is the owner's last token: without it nobody could issue another")
    }
    tokenRows.update(id) { $0.revoked = now }
  }

  /// Revokes what was issued for another role than the member has from now on: whoever may issue a
  /// token to a member must not come by an administrator's in this way.
  mutating func revokeTokens(of name: Username, at now: Instant) {
    for token in workingTokens(of: name) { tokenRows.update(token.id) { $0.revoked = now } }
  }
}
