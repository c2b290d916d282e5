// Access: in whose name a run acts: what USHER_TOKEN proves, and what its holder may do and see.
// Invariants: a token that is missing where one is needed, malformed, unknown or revoked is refused in
// the same words; it is looked up by its SHA-256, shown nowhere and handed to no other program.

import Digests
import KeyDelivery
import OrgModel
import Planning
import Reconciling
import Records
import SourceText

/// What a run wants of the state.
enum Access: Hashable {
  /// To see all of it.
  case readingAll
  /// To see what is one member's own; nil: what would tell nobody anything.
  case reading(Username?)
  /// To change it.
  case writing
}

extension Context {
  private static let tokenVariable = "USHER_TOKEN"

  /// Whether the run shows a token, of whatever worth.
  var hasToken: Bool { world.environment[Self.tokenVariable].map { !$0.isEmpty } ?? false }

  /// The state as it is now, for somebody who may see all of it.
  func openLog() throws(CommandFailure) -> OpenedLog { try open(for: .readingAll).log }

  /// The state, for what only the owner and administrators may see, if somebody is named.
  /// - Parameters:
  ///   - what: What it is, for the refusal.
  ///   - help: What a member may do instead.
  /// - Throws: `CommandFailure` if the state cannot be read, or not by this run.
  func openLogForStaff(toSee what: String, help: String) throws(CommandFailure) -> OpenedLog {
    let (log, actor) = try open(for: .readingAll)
    guard let actor, !Self.isStaff(actor, in: log.state) else { return log }
    guard log.state.member(actor) != nil else {
      throw CommandFailure(
        Refusal(
          .notAuthorized, "\(actor) is not a member and may not see \(what)",
          help: "ask the owner or an administrator"))
    }
    throw CommandFailure(
      Refusal(.notAuthorized, "\(actor) is member and may not see \(what)", help: help))
  }

  /// Whether that is the owner or an administrator, or nobody in particular, whom the permissions of
  /// the files let in.
  static func isStaff(_ actor: Username?, in state: OrgState) -> Bool {
    guard let actor else { return true }
    return state.member(actor).map { $0.role != .member } ?? false
  }

  /// The state as it is now, and in whose name the run acts.
  /// - Throws: `CommandFailure` if the state cannot be read, or not by this run.
  func open(
    for access: Access, usingSnapshots: Bool = true,
    visit: (Commit, Digest) -> Void = { _, _ in }, willFold: ((Int, Int) -> Void)? = nil
  ) throws(CommandFailure) -> (log: OpenedLog, actor: Username?) {
    let medium = try medium()
    progress.begin(.openingState)
    let log: OpenedLog
    do {
      log = try OpenedLog(
        medium, usingSnapshots: usingSnapshots, visit: visit,
        willFold: willFold ?? { progress.begin(.folding($0, of: $1)) })
    } catch {
      throw CommandFailure(error)
    }
    leftovers.keep(log)
    return (log, try authorize(access, in: log.state))
  }

  /// In whose name the run acts: the token's holder, or whom the command line names where no token
  /// counts; nil if nobody was named.
  /// - Throws: `CommandFailure` with the code for a refusal.
  @discardableResult
  func authorize(_ access: Access, in state: OrgState) throws(CommandFailure) -> Username? {
    guard let text = world.environment[Self.tokenVariable], !text.isEmpty else {
      // Without a token reading is a matter of the store's file permissions, and so is writing until
      // the first token is issued.
      guard access != .writing || !state.hasTokens else { throw Self.tokenRequired }
      return namedActor
    }
    let digest = ManagementToken.digest(ofWellFormed: Array(Array(text.utf8).trimmingBlanks))
    guard let holder = digest.flatMap({ state.holder(ofToken: $0) }) else {
      throw Self.tokenRequired
    }
    let name = holder.username
    if let namedActor, namedActor != name {
      throw CommandFailure(
        Refusal(
          .notAuthorized,
          "the token in USHER_TOKEN is \(name)'s, but \(namedActor) is named as actor",
          help: "leave --actor and USHER_ACTOR away: the token says who acts"))
    }
    guard holder.role == .member else { return name }
    switch access {
    case .reading(nil), .reading(name): return name
    case .reading, .readingAll:
      throw CommandFailure(
        Refusal(
          .notAuthorized, "\(name) is member, and a member's token reads what is theirs only",
          help: "try 'usher show \(name)'"))
    case .writing:
      throw CommandFailure(
        Refusal(
          .notAuthorized, "\(name) is member and may change nothing",
          help: "ask the owner or an administrator"))
    }
  }

  private static let tokenRequired = CommandFailure(
    Refusal(
      .tokenRequired, "this needs a valid management token in USHER_TOKEN",
      help: "the owner or an administrator issues one: usher token issue USERNAME"))
}
