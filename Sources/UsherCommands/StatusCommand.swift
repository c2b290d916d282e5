// StatusCommand: `usher status`: the organization and its subscriptions.

import ByteOutput
import OrgModel
import Reconciling
import Records
import Reporting
import SourceText

/// What one subscription's seats are doing.
struct SeatCount {
  let terms: Subscription
  var assigned = 0
  var expired = 0
  var lapsedMembers: [Username] = []
  var unassigned: Int { terms.seats - assigned - expired }

  /// Counts, by subscription id.
  static func all(in state: OrgState, at now: Instant) -> [SeatCount] {
    var counts = state.subscriptions.map { SeatCount(terms: $0.terms) }
    let index = Dictionary(uniqueKeysWithValues: counts.enumerated().map { ($1.terms.id, $0) })
    // Neighbours often hold seats of one subscription.
    var last = counts.startIndex
    let members = state.members
    for number in members.indices {
      guard let seat = members[number].seat else { continue }
      let isSame = last < counts.endIndex && counts[last].terms.id == seat.subscription
      guard let at = isSame ? last : index[seat.subscription] else { continue }
      last = at
      if seat.isWorking(before: counts[at].terms.expires, at: now) {
        counts[at].assigned += 1
      } else {
        counts[at].expired += 1
        counts[at].lapsedMembers.append(members[number].username)
      }
    }
    for at in counts.indices where counts[at].terms.isExpired(at: now) {
      counts[at].expired = counts[at].terms.seats
    }
    return counts
  }
}

enum StatusCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let (log, actor) = try context.open(for: .readingAll)
    context.noteIfEmpty(log)
    var diagnostics = Diagnostics()
    let outlook = OutlookReport(
      try context.outlook(of: log.state, for: actor, at: context.now, into: &diagnostics),
      of: log.state)
    context.warn(DiagnosticReport(files: [], diagnostics: diagnostics.all))
    let counts = SeatCount.all(in: log.state, at: context.now)
    let members = log.state.members
    func number(_ role: Role) -> Int { members.indices.count { members[$0].role == role } }
    let seated = members.indices.count { members[$0].seat != nil }
    guard !context.isJSON else {
      try context.emitJSON { json in
        json.member("organization", log.state.organization)
        json.member("sequence", log.head.sequence)
        json.member("digest", log.head.digest?.labelled)
        json.member("base_url", log.state.baseURL)
        json.key("subscriptions")
        json.array { json in for count in counts { write(count, into: &json) } }
        json.key("members")
        json.object { json in
          json.member("total", members.count)
          for role in Role.allCases {
            json.key(text: role.rawValue)
            json.value(number(role))
          }
          json.member("seated", seated)
        }
        outlook.writeJSON(into: &json)
      }
      return .success
    }
    try context.emitText { sink in
      guard let organization = log.state.organization, let time = log.headTime else {
        sink.writeLine("No organization yet.")
        return
      }
      let style = context.style
      sink.writeLine(
        "\(style.bold(TerminalText.sanitized(organization))), commit \(log.head.sequence) of \(time) "
          + "(\(RelativeTime.distance(from: context.now, to: time)))")
      if let url = log.state.baseURL { sink.writeLine("Base URL: \(url)") }
      let administrators = UsageText.counted(Int128(number(.administrator)), "administrator")
      sink.writeLine(
        "Members: \(members.count), of whom \(seated) hold\(seated == 1 ? "s" : "") a seat; "
          + "\(administrators), owner \(log.state.owner?.text ?? "none")")
      sink.writeLine()
      writeTable(counts, into: &sink, context)
      outlook.writeText(into: &sink, style: style)
    }
    return .success
  }

  private static func write(_ count: SeatCount, into json: inout JSONWriter) {
    json.object { json in
      json.member("id", count.terms.id.text)
      json.member("tier", count.terms.tier.text)
      json.member("seats", count.terms.seats)
      json.member("assigned", count.assigned)
      json.member("unassigned", count.unassigned)
      json.member("expired", count.expired)
      json.member("expires", count.terms.expires.description)
      json.key("lapsed_members")
      json.array { json in for name in count.lapsedMembers { json.value(name.text) } }
    }
  }

  private static func writeTable(
    _ counts: [SeatCount], into sink: inout ByteSink, _ context: Context
  ) {
    var table = TextTable(columns: [
      .init("SUBSCRIPTION"), .init("SEATS", isNumeric: true), .init("ASSIGNED", isNumeric: true),
      .init("FREE", isNumeric: true), .init("EXPIRED", isNumeric: true), .init("EXPIRES"),
    ])
    for count in counts {
      let isExpired = count.terms.isExpired(at: context.now)
      let expiry =
        "\(count.terms.expires) "
        + "(\(RelativeTime.distance(from: context.now, to: count.terms.expires)))"
      table.add([
        .init(count.terms.id.text), .init(String(count.terms.seats)), .init(String(count.assigned)),
        .init(String(count.unassigned)),
        .init(String(count.expired), tone: count.expired > 0 ? .bad : .plain),
        .init(isExpired ? "expired " + expiry : expiry, tone: isExpired ? .bad : .plain),
      ])
    }
    table.render(into: &sink, style: context.style)
    for count in counts where !count.lapsedMembers.isEmpty {
      let names = count.lapsedMembers.prefix(10).map(\.text).joined(separator: ", ")
      let more = count.lapsedMembers.count > 10 ? " and \(count.lapsedMembers.count - 10) more" : ""
      sink.writeLine("Seats of \(count.terms.id) whose term is over: \(names)\(more)")
    }
  }
}
