// ChangeWords: what a change does, in words and as one of three glyphs.

import OrgModel

/// Describes changes to somebody who reads a plan.
struct ChangeWords {
  /// The state that the changes are made to.
  let before: OrgState
  let now: Instant

  /// The glyph, and words that take a member for granted.
  func describe(_ change: Change) -> (Glyph, String) {
    switch change {
    case .createOrganization(let name, _, _): return (.add, "found the organization \(name)")
    case .updateOrganization(let url, let policy):
      let age = policy.keyMaxAge.map { ", key_max_age \($0)" } ?? ""
      return (
        .change, "set base_url \(url ?? "to none"), max_removals \(policy.maxRemovals)\(age)"
      )
    case .putSubscription(let terms):
      let glyph: Glyph = before.subscription(terms.id) == nil ? .add : .change
      return (
        glyph,
        "subscription \(terms.id): \(terms.seats) seats until \(terms.expires), "
          + RelativeTime.distance(from: now, to: terms.expires)
      )
    case .removeSubscription(let id): return (.remove, "subscription \(id) is removed")
    case .revokeKey(let name, let key):
      let isWorking = before.hasWorkingSeat(name, at: now)
      return (.remove, "key \(key) \(isWorking ? "stops working" : "is revoked; it had expired")")
    case .reclaimSeat(_, let id): return (.remove, "\(id) seat is reclaimed")
    case .removeMember(let name): return (.remove, "\(name) is removed\(lostTokens(of: name))")
    case .addMember(_, let role): return (.add, "joins as \(role.rawValue)")
    case .changeRole(let name, let from, let to):
      return (.change, "becomes \(to.rawValue), was \(from.rawValue)\(lostTokens(of: name))")
    case .assignSeat(_, let id, let until):
      return (.add, "gets a \(id) seat" + (until.map { " until \($0)" } ?? ""))
    case .changeTerm(_, let until):
      return (.change, until.map { "seat ends at \($0)" } ?? "seat lasts with its subscription")
    case .issueKey(_, let number, _): return (.add, "gets a new API key (number \(number))")
    case .issueToken: return (.add, "gets a management token")
    case .revokeToken(_, let token): return (.remove, "token \(token) is revoked")
    }
  }

  /// Words for the tokens that a member loses with the role or the membership.
  private func lostTokens(of name: Username) -> String {
    let count = before.workingTokens(of: name).count
    return count == 0 ? "" : ", and \(count) \(count == 1 ? "token is" : "tokens are") revoked"
  }
}

extension ChangeWords {
  /// The words in descriptions and reasons of a change that name something, although they may look
  /// like words of ours. A reason may also name the subscription of the seat that is held.
  func names(in change: Change) -> [String] {
    var names: [String] = []
    if let member = change.member {
      names.append(member.text)
      if let seat = before.member(member)?.seat { names.append(seat.subscription.text) }
    }
    switch change {
    case .putSubscription(let terms): names += [terms.id.text, terms.tier.text]
    case .removeSubscription(let id), .reclaimSeat(_, let id), .assignSeat(_, let id, _):
      names.append(id.text)
    case .createOrganization(let name, _, _):
      names += name.split(separator: " ").map(String.init)
    default: break
    }
    return names
  }
}

/// What a line of a plan does, told without colour.
enum Glyph: String {
  case add = "+"
  case change = "~"
  case remove = "-"

  func mark(_ style: TextStyle) -> String {
    switch self {
    case .add: return style.green(rawValue)
    case .change: return style.yellow(rawValue)
    case .remove: return style.red(rawValue)
    }
  }
}
