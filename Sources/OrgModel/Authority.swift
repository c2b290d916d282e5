// Authority: rule 9, who may apply what.

extension Change {
  /// The least role that may make this change to a state.
  public func authority(in state: OrgState) -> Role {
    switch self {
    case .createOrganization: return .owner
    case .addMember(_, let role): return role == .member ? .administrator : .owner
    case .changeRole: return .owner
    // Whoever could issue the owner a token could become the owner.
    case .removeMember(let name), .issueToken(let name, _), .revokeToken(let name, _):
      return state.member(name)?.role == .member ? .administrator : .owner
    default: return .administrator
    }
  }
}

extension Role {
  /// Whether a member of this role may make changes that need `authority`.
  public func covers(_ authority: Role) -> Bool {
    switch (self, authority) {
    case (.owner, _), (.administrator, .administrator), (_, .member): return true
    case (.administrator, .owner), (.member, .owner), (.member, .administrator): return false
    }
  }
}
