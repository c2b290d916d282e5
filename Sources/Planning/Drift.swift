// Drift: where the org files and the stored state have come apart.

public import Records

/// The differences between desired and stored, and what no file asked for.
public struct Drift: Sendable {
  /// Why something counts as drift.
  public enum Kind: String, CaseIterable, Sendable {
    /// A plan would change it.
    case pending
    /// The file wants a seat whose term is over, and no plan can bring it back before the
    /// subscription is renewed.
    case expired
    /// A commit since the last applied file that no org file asked for.
    case outOfBand = "out_of_band"
  }

  /// One difference.
  public struct Entry: Hashable, Sendable {
    /// Why it is one.
    public let kind: Kind
    /// What would be done, cannot be done, or was done; its reason is the message.
    public let change: PlannedChange
  }

  /// Tokens, of which no org file says anything, are none. Pending ones in the order of the plan, expired ones by member, out-of-band ones by commit.
  public let entries: [Entry]

  /// Gathers the differences.
  /// - Parameter commits: The commits since the last applied file, oldest first.
  public init(_ outcome: Planner.Outcome, outOfBand commits: [Commit]) {
    let strays = commits.flatMap { commit in
      commit.changes.filter(\.change.isAboutOrgFiles).map { change in
        let actor = commit.actor.map { ", by \($0)" } ?? ""
        let message = "commit \(commit.sequence) of \(commit.time)\(actor): \(change.reason)"
        return PlannedChange(change.change, reason: message, at: nil)
      }
    }
    entries =
      outcome.changes.map { Entry(kind: .pending, change: $0) }
      + outcome.unreachable.map { Entry(kind: .expired, change: $0) }
      + strays.map { Entry(kind: .outOfBand, change: $0) }
  }

  /// How many differences are of a kind.
  public func count(_ kind: Kind) -> Int { entries.count { $0.kind == kind } }
}
