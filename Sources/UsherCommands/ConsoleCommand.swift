// ConsoleCommand: `usher console`: the management console as one page that needs nothing else.

import ByteOutput
import CommitStore
import Metering
import OrgModel
import Reconciling
import Reporting
import SourceText
import SystemCalls

enum ConsoleCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    guard let path = context.invocation.value("out") else {
      throw Context.misused("console needs --out with a file to write")
    }
    guard path != "-" || !context.isJSON else {
      throw Context.misused(
        "--out - writes the page to standard output, where JSON would go, too")
    }
    let log = try context.openLogForUsage()
    guard let organization = log.state.organization else {
      throw CommandFailure(
        .failure, .emptyStore,
        "the store '\(context.location)' is empty: there is nothing to show",
        help: "is it the right store? a page that is there stays as it is")
    }
    let page = try ConsoleData(log, context).page(of: organization)
    try context.heedSignals()
    context.progress.begin(.rendering)
    let bytes = page.render()
    try context.heedSignals()
    guard path != "-" else {
      try context.emit(bytes)
      return .success
    }
    try context.save(path) { (file) throws(SystemError) in
      try FileSystem.write(bytes, to: file)
    }
    if context.isJSON {
      try context.emitJSON { json in
        json.member("file", SecretShape.masked(path))
        json.member("bytes", bytes.count)
        json.member("sequence", log.head.sequence)
        json.member("digest", log.head.digest?.labelled)
      }
    } else {
      try context.emitText { sink in
        sink.writeLine(
          "Wrote \(TerminalText.sanitized(path)), \(Decimal.grouped(Int128(bytes.count))) bytes, as of "
            + "commit \(log.head.sequence)")
      }
    }
    return .success
  }
}

/// Gathers what the page tells from the store.
private struct ConsoleData {
  /// The most members of a window that have a row of their own.
  private static let topMax = 10

  private let log: OpenedLog
  private let context: Context
  private let members: [Member]

  init(_ log: OpenedLog, _ context: Context) {
    self.log = log
    self.context = context
    members = log.state.members
  }

  func page(of organization: String) throws(CommandFailure) -> ConsolePage {
    let state = log.state
    var page = ConsolePage(of: organization, now: context.now)
    page.baseURL = state.baseURL
    page.owner = state.owner
    page.head = log.head
    page.headTime = log.headTime
    page.subscriptions = SeatCount.all(in: state, at: context.now).map {
      ConsolePage.Seats(
        $0.terms, assigned: $0.assigned, unassigned: $0.unassigned, expired: $0.expired)
    }
    let used = try addUsage(to: &page)
    let outlook = try outlook()
    let spent = Dictionary(
      uniqueKeysWithValues: outlook.seats.map { ($0.member, $0.used) })
    page.members = members.map { member in
      let entry = RosterEntry(member, in: state, at: context.now)
      return ConsolePage.Person(
        member, seatStatus: entry.seatStatus, key: entry.key,
        used: used[member.username]?.last ?? 0, quota: quota(of: member),
        spent: spent[member.username] ?? 0)
    }
    page.expiries = Expiries(of: members, in: state, at: context.now).sorted
    page.warnings = ConsolePage.Warning.all(of: OutlookReport(outlook, of: state))
    page.commits = try newestCommits()
    return page
  }

  /// What expires is known without any usage.
  private func outlook() throws(CommandFailure) -> Outlook {
    let ledger = UsageLedger(try context.batches())
    do {
      return try ledger.outlook(of: log.state, at: context.now)
        ?? Outlook(of: log.state, at: context.now)
    } catch {
      throw CommandFailure(error)
    }
  }

  private func newestCommits() throws(CommandFailure) -> [ConsolePage.Entry] {
    var entries: [ConsolePage.Entry] = []
    do throws(LogError) {
      var stretch = try LogStretch(
        log.medium, before: log.head.sequence + 1, limit: ConsolePage.commitsMax,
        isNewestFirst: true)
      while stretch.countRead < stretch.count {
        context.progress.begin(.listing(stretch.countRead + 1, of: stretch.count))
        if let (commit, digest) = try stretch.next() {
          entries.append(.init(commit, digest, rank: entries.count))
        }
      }
    } catch {
      throw CommandFailure(error)
    }
    return entries
  }

  private func quota(of member: Member) -> Int? {
    member.seat.flatMap { log.state.subscription($0.subscription)?.terms.credits }
  }

  /// Adds what was used; yields who used how much, by window.
  private func addUsage(
    to page: inout ConsolePage
  ) throws(CommandFailure) -> [Username: [Int128]] {
    let windows = UsageWindow.lengths.map { UsageWindow(days: $0, now: context.now) }
    let tables = try context.usage(in: windows)
    guard let longest = tables.last, !longest.subjects.isEmpty else { return [:] }
    let attribution = Attribution(log.state, of: longest.subjects)
    var used: [Username: [Int128]] = [:]
    for (index, table) in tables.enumerated() {
      let (members, unattributed) = table.members(attribution.member)
      var others = UsageTotals.zero
      for (rank, usage) in members.enumerated() {
        let totals = usage.totals
        used[usage.member, default: [Int128](repeating: 0, count: tables.count)][index] =
          totals.microCredits
        if rank >= Self.topMax { others += totals }
        guard index == tables.count - 1 else { continue }
        let member = log.state.member(usage.member)
        page.users.append(
          ConsolePage.User(
            usage.member, subscription: member?.seat?.subscription, isMember: member != nil,
            used: used[usage.member] ?? [], requests: totals.requests))
      }
      page.windows.append(
        ConsolePage.Window(
          windows[index], trend: table.trend(), models: table.models(),
          top: Array(members.prefix(Self.topMax)),
          others: (max(0, members.count - Self.topMax), others), unattributed: unattributed))
    }
    return used
  }
}
