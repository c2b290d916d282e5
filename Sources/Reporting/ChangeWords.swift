// ChangeWords: what a change does, in words and as one of three glyphs.

import ByteOutput
import OrgModel

/// Describes changes to somebody who reads a plan.
struct ChangeWords: Sendable {
  /// The state that the changes are made to.
  let before: OrgState
  let now: Instant

  /// The glyph, and words that take a member for granted.
  func describe(_ change: Change) -> (Glyph, String) {
    var sink = ByteSink()
    write(change, into: &sink)
    return (glyph(of: change), sink.text)
  }

  /// Whether something comes, goes or becomes another.
  func glyph(of change: Change) -> Glyph {
    switch change {
    case .createOrganization, .addMember, .assignSeat, .issueKey, .issueToken: return .add
    case .updateOrganization, .changeRole, .changeTerm: return .change
    case .putSubscription(let terms): return before.subscription(terms.id) == nil ? .add : .change
    case .removeSubscription, .revokeKey, .reclaimSeat, .removeMember, .revokeToken: return .remove
    }
  }

  /// Writes words that take a member for granted, harmless to a terminal. Nearly all of a large plan
  /// are about members, whose names and seats are harmless by themselves.
  func write(_ change: Change, into sink: inout ByteSink) {
    switch change {
    case .createOrganization, .updateOrganization:
      sink.write(TerminalText.sanitized(settings(of: change)))
    case .putSubscription(let terms):
      sink.write("subscription \(terms.id): ")
      if let old = before.subscription(terms.id)?.terms {
        sink.write(differences(old, terms))
      } else {
        sink.write("\(terms.seats) seats until \(terms.expires), ")
        sink.write(RelativeTime.distance(from: now, to: terms.expires))
      }
    case .removeSubscription(let id): sink.write("subscription \(id) is removed")
    case .revokeKey(let name, let key):
      let isWorking = before.hasWorkingSeat(name, at: now)
      sink.write("key \(key) \(isWorking ? "stops working" : "is revoked; it had expired")")
    case .reclaimSeat(_, let id): sink.write("\(id) seat is reclaimed")
    case .removeMember(let name): sink.write("\(name) is removed\(lostTokens(of: name))")
    case .addMember(_, let role):
      sink.write(literal: "joins as ")
      sink.write(role.rawValue)
    case .changeRole(let name, let from, let to):
      sink.write("becomes \(to.rawValue), was \(from.rawValue)\(lostTokens(of: name))")
    case .assignSeat(_, let id, let until):
      sink.write(literal: "gets a ")
      sink.write(id.text)
      sink.write(literal: " seat")
      if let until { sink.write(" until \(until)") }
    case .changeTerm(_, let until):
      sink.write(until.map { "seat ends at \($0)" } ?? "seat lasts with its subscription")
    case .issueKey(_, let number, _):
      sink.write(literal: "gets a new API key (number ")
      sink.write(number)
      sink.write(literal: ")")
    case .issueToken: sink.write(literal: "gets a management token")
    case .revokeToken(_, let token): sink.write("token \(token) is revoked")
    }
  }

  private func settings(of change: Change) -> String {
    switch change {
    case .createOrganization(let name, let url, let policy):
      let settings = (url.map { ["base_url \($0)"] } ?? []) + settings(of: policy)
      return "found the organization \(name) with \(settings.joined(separator: ", "))"
    case .updateOrganization(let url, let policy):
      var parts: [String] = []
      if url != before.baseURL {
        parts.append("base_url \(before.baseURL ?? "none") → \(url ?? "none")")
      }
      for (old, new) in zip(settings(of: before.policy), settings(of: policy)) where old != new {
        parts.append("\(old) → \(new.split(separator: " ").last ?? "")")
      }
      return parts.joined(separator: ", ")
    default: return ""
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
