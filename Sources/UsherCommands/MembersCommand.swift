// MembersCommand: `usher members` and `usher show`: the roster, and one member with their history.

import ByteOutput
import Digests
import OrgModel
import Reconciling
import Records
import Reporting
import SourceText

/// One line of the roster.
struct RosterEntry {
  let member: Member
  let key: KeyRecord?
  /// `assigned`, `expired` or `none`.
  let seatStatus: String

  init(_ member: Member, in state: OrgState, at now: Instant) {
    self.member = member
    key = state.key(of: member)
    if let seat = member.seat {
      seatStatus = state.isWorking(seat, at: now) ? "assigned" : "expired"
    } else {
      seatStatus = "none"
    }
  }

  func writeFields(into json: inout JSONWriter) {
    json.member("username", member.username.text)
    json.member("role", member.role.rawValue)
    json.member("seat", member.seat?.subscription.text)
    json.member("seat_status", seatStatus)
    json.member("key_id", key?.credential.id.description)
    json.member("key_masked", key?.credential.masked)
    json.member("added", member.added.description)
    json.member("until", member.seat?.until?.description)
  }
}

enum MembersCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let log = try context.openLog()
    context.noteIfEmpty(log)
    let entries = log.state.members.map { RosterEntry($0, in: log.state, at: context.now) }
    guard !context.isJSON else {
      try context.emitJSON { json in
        json.key("members")
        json.array { json in
          for entry in entries { json.object { entry.writeFields(into: &$0) } }
        }
      }
      return .success
    }
    var table = TextTable(columns: [
      .init("MEMBER"), .init("ROLE"), .init("SEAT"), .init("STATUS"), .init("KEY"), .init("UNTIL"),
    ])
    for entry in entries {
      table.add([
        .init(entry.member.username.text), .init(entry.member.role.rawValue),
        .init(entry.member.seat?.subscription.text ?? "-"),
        .init(entry.seatStatus, tone: entry.seatStatus == "expired" ? .bad : .plain),
        .init(entry.key?.credential.masked ?? "-"),
        .init(
          entry.member.seat?.until.map {
            "\($0) (\(RelativeTime.distance(from: context.now, to: $0)))"
          } ?? "-"),
      ])
    }
    try context.emitText { table.render(into: &$0, style: context.style) }
    return .success
  }
}

extension Context {
  /// A member as an argument names them.
  func member(_ text: String) throws(CommandFailure) -> Username {
    guard let name = Username(text) else {
      throw CommandFailure(.failure, .unknownMember, "'\(text)' is no username")
    }
    return name
  }

  /// That there is none of that name, and whom it may mean.
  func unknownMember(_ name: Username, in state: OrgState) -> CommandFailure {
    let names = state.members.map(\.username.text)
    return CommandFailure(
      .failure, .unknownMember, "there is no member '\(name)'",
      help: Suggestion.help(for: name.text, among: names))
  }
}

enum ShowCommand {
  private struct Event {
    let sequence: Int
    let time: Instant
    let actor: Username?
    let change: PlannedChange
  }

  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let name = try context.member(context.invocation.arguments[0])
    var events: [Event] = []
    let log = try context.open(for: .reading(name), usingSnapshots: false) { commit, _ in
      for change in commit.changes where change.change.member == name {
        events.append(
          Event(sequence: commit.sequence, time: commit.time, actor: commit.actor, change: change))
      }
    }.log
    let entry = log.state.member(name).map { RosterEntry($0, in: log.state, at: context.now) }
    guard entry != nil || !events.isEmpty else {
      throw context.unknownMember(name, in: log.state)
    }
    if context.isJSON {
      try writeJSON(name, entry, events, context)
    } else {
      try writeText(name, entry, log.state, events, context)
    }
    return .success
  }

  private static func writeJSON(
    _ name: Username, _ entry: RosterEntry?, _ events: [Event], _ context: Context
  ) throws(CommandFailure) {
    try context.emitJSON { json in
      if let entry {
        entry.writeFields(into: &json)
      } else {
        json.member("username", name.text)
        json.key("role")
        json.null()
        json.member("seat_status", "none")
      }
      json.key("history")
      json.array { json in
        for event in events {
          json.object { json in
            json.member("sequence", event.sequence)
            json.member("time", event.time.description)
            json.member("actor", event.actor?.text)
            json.key("change")
            event.change.write(into: &json)
          }
        }
      }
    }
  }

  private static func writeText(
    _ name: Username, _ entry: RosterEntry?, _ state: OrgState, _ events: [Event],
    _ context: Context
  ) throws(CommandFailure) {
    func instant(_ instant: Instant) -> String {
      "\(instant) (\(RelativeTime.distance(from: context.now, to: instant)))"
    }
    try context.emitText { sink in
      if let entry {
        sink.writeLine("\(context.style.bold(name.text)), \(entry.member.role.rawValue)")
        sink.writeLine("Added:  \(instant(entry.member.added))")
        if let seat = entry.member.seat {
          sink.writeLine("Seat:   \(seat.subscription), \(entry.seatStatus)")
          sink.writeLine("Ends:   \(instant(state.end(of: seat)))")
        } else {
          sink.writeLine("Seat:   none")
        }
        if let key = entry.key {
          let masked = TerminalText.sanitized(key.credential.masked)
          sink.writeLine("Key:    \(masked)  \(key.credential.id)")
          sink.writeLine("Issued: \(instant(key.issued)), as number \(key.number)")
        }
      } else {
        sink.writeLine("\(context.style.bold(name.text)) is not a member any more")
      }
      sink.writeLine()
      var table = TextTable(columns: [
        .init("COMMIT", isNumeric: true), .init("TIME"), .init("ACTION"), .init("WHY"),
      ])
      for event in events {
        table.add([
          .init(String(event.sequence)), .init(event.time.description),
          .init(event.change.change.action.rawValue),
          .init(TerminalText.sanitized(event.change.reason)),
        ])
      }
      table.render(into: &sink, style: context.style)
    }
  }
}
