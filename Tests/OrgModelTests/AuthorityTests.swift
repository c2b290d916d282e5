// AuthorityTests: rule 9 in the state itself: whose commit may change what.

import OrgModel
import Testing

private let founding: [Change] = [
  .createOrganization(name: "acme", baseURL: nil, policy: .standard),
  .addMember(name("aaron"), .administrator), .addMember(name("olga"), .owner),
  .addMember(name("zoe"), .member),
]

@Suite struct AuthorityTests {
  @Test func `an administrator does not appoint, demote or remove administrators`() throws {
    let state = try staff()
    let appoint = Change.changeRole(name("carol"), from: .member, to: .administrator)
    let demote = Change.changeRole(name("bob"), from: .administrator, to: .member)
    let add = Change.addMember(name("dave"), .administrator)
    for change in [appoint, demote, add] {
      #expect(violation(by: "bob", change, on: state) == 9)
      #expect(violation(by: "alice", change, on: state) == nil)
    }
    #expect(violation(by: "bob", .addMember(name("dave"), .member), on: state) == nil)
    #expect(violation(by: "bob", .removeMember(name("carol")), on: state) == nil)
  }

  @Test func `a member and a stranger change nothing, not even by an empty commit`() throws {
    let state = try staff()
    for actor in ["carol", "mallory"] {
      #expect(violation(by: actor, pool(3), on: state) == 9)
      #expect(violation(by: actor, on: state) == 9)
    }
  }

  @Test func `a change that needs more than the actor has spoils the whole commit`() throws {
    let appoint = Change.changeRole(name("carol"), from: .member, to: .administrator)
    #expect(violation(by: "bob", pool(3), appoint, on: try staff()) == 9)
  }

  @Test func `whoever founds an organization is its owner`() {
    for actor in ["aaron", "zoe", "mallory"] {
      var state = OrgState()
      #expect(throws: RuleViolation.self) {
        try state.commit(founding, by: name(actor), at: start)
      }
    }
    for actor in [name("olga"), nil] {
      var state = OrgState()
      #expect(throws: Never.self) { try state.commit(founding, by: actor, at: start) }
    }
  }

  @Test func `a commit that names nobody is held to no role`() throws {
    #expect(violation(by: nil, .addMember(name("dave"), .administrator), on: try staff()) == nil)
  }

  @Test func `a commit that ends without an owner is none`() {
    #expect(violation(by: nil, founding[0], on: OrgState()) == 1)
  }
}
