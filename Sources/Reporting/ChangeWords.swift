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
    case .createOrganization(let name, let url, let policy):
      let settings = (url.map { ["base_url \($0)"] } ?? []) + settings(of: policy)
      return (.add, "found the organization \(name) with \(settings.joined(separator: ", "))")
    case .updateOrganization(let url, let policy):
      var parts: [String] = []
      if url != before.baseURL {
        parts.append("base_url \(before.baseURL ?? "none") → \(url ?? "none")")
      }
      for (old, new) in zip(settings(of: before.policy), settings(of: policy)) where old != new {
        parts.append("\(old) → \(new.split(separator: " ").last ?? "")")
      }
      return (.change, parts.joined(separator: ", "))
    case .putSubscription(let terms):
      guard let old = before.subscription(terms.id)?.terms else {
        return (
          .add,
          "subscription \(terms.id): \(terms.seats) seats until \(terms.expires), "
            + RelativeTime.distance(from: now, to: terms.expires)
        )
      }
      return (.change, "subscription \(terms.id): \(differences(old, terms))")
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
  private func settings(of policy: Policy) -> [String] {
    [
      "max_removals \(policy.maxRemovals)",
      "key_max_age \(policy.keyMaxAge?.description ?? "none")",
    ]
  }

  private func differences(_ old: Subscription, _ new: Subscription) -> String {
    func text(_ credits: Int?) -> String { credits.map(String.init) ?? "none" }
    var parts: [String] = []
    if old.seats != new.seats { parts.append("seats \(old.seats) → \(new.seats)") }
    if old.expires != new.expires {
      parts.append(
        "expires \(old.expires) → \(new.expires), "
          + RelativeTime.distance(from: now, to: new.expires))
    }
    if old.tier != new.tier { parts.append("tier \(old.tier) → \(new.tier)") }
    if old.credits != new.credits {
      parts.append("credits \(text(old.credits)) → \(text(new.credits))")
    }
    return parts.joined(separator: ", ")
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
