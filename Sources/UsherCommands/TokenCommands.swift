// TokenCommands: `usher token issue`, `revoke` and `list`: who may run usher in whose name.

import ByteOutput
import OrgModel
import Planning
import Reconciling
import Records
import Reporting
import SourceText

enum TokenIssueCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let name = try context.member(context.invocation.arguments[0])
    let sink = try context.keySink()
    var (log, actor) = try context.open(for: .writing)
    let state = log.state
    guard state.member(name) != nil else { throw context.unknownMember(name, in: state) }
    if let owner = state.owner, !state.hasTokens, name != owner {
      throw CommandFailure(
        Refusal(
          .ownerNeedsToken,
          "the first token must be that of the owner, \(owner), who could do nothing without one",
          help: "run 'usher token issue \(owner)' first"))
    }
    let reason = "issued with 'usher token issue'"
    try context.commit(
      [PlannedChange(.issueToken(name, nil), reason: reason, at: nil)], by: actor, on: &log,
      sink: sink)
    guard let token = log.state.tokens.last(where: { state.token($0.credential.id) == nil }) else {
      preconditionFailure("the commit issued a token")
    }
    do throws(CommandFailure) {
      try report(token, isFirst: !state.hasTokens, log, context)
    } catch {
      throw CommandFailure(unreported: log.head.sequence)
    }
    return .success
  }

  private static func report(
    _ token: TokenRecord, isFirst: Bool, _ log: OpenedLog, _ context: Context
  ) throws(CommandFailure) {
    guard context.isJSON else {
      try context.emitText { sink in
        sink.writeLine(
          "The token \(token.credential.id) of \(token.member) is issued as commit "
            + "\(log.head.sequence).")
        if isFirst { sink.writeLine("From now on every change needs a token in USHER_TOKEN.") }
      }
      return
    }
    try context.emitJSON { json in
      json.member("issued", true)
      json.member("member", token.member.text)
      json.member("token_id", token.credential.id.description)
      json.member("token_masked", token.credential.masked)
      json.member("sequence", log.head.sequence)
      json.member("digest", log.head.digest?.labelled)
    }
  }
}

enum TokenRevokeCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    try context.untilFirst { () throws(CommandFailure) -> ExitCode? in
      var (log, actor) = try context.open(for: .writing)
      let (name, tokens) = try chosen(in: log.state, context)
      guard !tokens.isEmpty else {
        try report([], of: name, log, context)
        return .success
      }
      if name == log.state.owner, tokens.count == log.state.workingTokens(of: name).count {
        throw CommandFailure(
          Refusal(
            .ownerNeedsToken,
            "without \(tokens.map(\.description).joined(separator: ", ")) the owner, \(name), would "
              + "have no token, and nobody could issue another",
            help: "issue another first with 'usher token issue \(name)', then revoke by id"))
      }
      let reason = "revoked with 'usher token revoke'"
      let changes = PlannedChanges(
        tokens.map { PlannedChange(.revokeToken(name, $0), reason: reason, at: nil) })
      do throws(CommandFailure) { try context.commit(changes, by: actor, on: &log) } catch {
        if error.exit == .conflict { return nil }
        throw error
      }
      do throws(CommandFailure) { try report(tokens, of: name, log, context) } catch {
        throw CommandFailure(unreported: log.head.sequence)
      }
      return .success
    }
  }

  /// The tokens that the argument names and that still work. What looks like an id and is one is no
  /// username.
  private static func chosen(
    in state: OrgState, _ context: Context
  ) throws(CommandFailure) -> (Username, [TokenID]) {
    let text = context.invocation.arguments[0]
    if let id = TokenID(text), let token = state.token(id) {
      return (token.member, token.revoked == nil ? [id] : [])
    }
    let name = try context.member(text)
    guard state.member(name) != nil || state.tokens.contains(where: { $0.member == name }) else {
      guard TokenID(text) == nil else {
        throw CommandFailure(
          .failure, .unknownToken, "there is no token '\(text)'", help: "see 'usher token list'")
      }
      throw context.unknownMember(name, in: state)
    }
    return (name, state.workingTokens(of: name).map(\.credential.id))
  }

  private static func report(
    _ tokens: [TokenID], of name: Username, _ log: OpenedLog, _ context: Context
  ) throws(CommandFailure) {
    guard context.isJSON else {
      try context.emitText { sink in
        guard !tokens.isEmpty else {
          sink.writeLine("No token of \(name) works that could be revoked; nothing was changed.")
          return
        }
        let ids = tokens.map(\.description).joined(separator: ", ")
        sink.writeLine("Revoked as commit \(log.head.sequence), of \(name): \(ids)")
      }
      return
    }
    try context.emitJSON { json in
      json.member("revoked", !tokens.isEmpty)
      json.member("member", name.text)
      json.key("token_ids")
      json.array { json in for id in tokens { json.value(id.description) } }
      json.member("sequence", log.head.sequence)
      json.member("digest", log.head.digest?.labelled)
    }
  }
}

enum TokenListCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let log = try context.openLog()
    context.noteIfEmpty(log)
    let tokens = log.state.tokens
    guard !context.isJSON else {
      try context.emitJSON { json in
        json.key("tokens")
        json.array { json in
          for token in tokens { json.object { write(token, log.state, into: &$0) } }
        }
      }
      return .success
    }
    var table = TextTable(columns: [
      .init("TOKEN"), .init("MASKED"), .init("MEMBER"), .init("ROLE"), .init("ISSUED"),
      .init("REVOKED"),
    ])
    for token in tokens {
      table.add([
        .init(token.credential.id.description), .init(token.credential.masked),
        .init(token.member.text), .init(log.state.member(token.member)?.role.rawValue ?? "-"),
        .init(token.issued.description),
        .init(token.revoked?.description ?? "-", tone: token.revoked == nil ? .plain : .bad),
      ])
    }
    try context.emitText { table.render(into: &$0, style: context.style) }
    return .success
  }

  private static func write(
    _ token: TokenRecord, _ state: OrgState, into json: inout JSONWriter
  ) {
    json.member("token_id", token.credential.id.description)
    json.member("token_masked", token.credential.masked)
    json.member("member", token.member.text)
    json.member("role", state.member(token.member)?.role.rawValue)
    json.member("issued", token.issued.description)
    json.member("revoked", token.revoked?.description)
  }
}
