// UsageCommands: `usher usage trend`, `models` and `members`: where the Credits go.

import ByteOutput
import Metering
import OrgModel
import Reporting

enum UsageTrendCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    context.noteIfEmpty(try context.openLogForUsage())
    let window = context.usageWindow
    let trend = try context.usage(in: [window], by: [])[0].trend()
    if context.isJSON {
      try context.emitJSON { $0.write(trend: trend, in: window) }
    } else {
      try context.emitText { sink in
        UsageText.writeHeading("Credits", window, into: &sink, context)
        UsageText.writeTrend(trend, in: window, into: &sink, context)
      }
    }
    return .success
  }
}

enum UsageModelsCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    context.noteIfEmpty(try context.openLogForUsage())
    let window = context.usageWindow
    let models = try context.usage(in: [window], by: .models)[0].models()
    if context.isJSON {
      try context.emitJSON { json in
        json.write(window)
        json.write(models: models)
      }
    } else {
      try context.emitText { sink in
        UsageText.writeHeading("Credits by model", window, into: &sink, context)
        UsageText.writeModels(models, into: &sink, context)
      }
    }
    return .success
  }
}

enum UsageMembersCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let log = try context.openLogForUsage()
    context.noteIfEmpty(log)
    let window = context.usageWindow
    let table = try context.usage(in: [window], by: .subjects)[0]
    let attribution = Attribution(log.state, of: table.subjects)
    let (members, unattributed) = table.members(attribution.member)
    if context.isJSON {
      try writeJSON(members, unattributed, window, log.state, context)
    } else {
      try writeText(members, unattributed, window, log.state, context)
    }
    return .success
  }

  private static func writeJSON(
    _ members: [MemberUsage], _ unattributed: UsageTotals, _ window: UsageWindow,
    _ state: OrgState, _ context: Context
  ) throws(CommandFailure) {
    let holdings = Holdings(state)
    try context.emitJSON { json in
      json.write(window)
      json.key("members")
      json.array { json in
        for usage in members {
          let subscription = holdings.subscription(of: usage.member)
          let totals = usage.totals
          json.line { json in
            json.member("member", usage.member.text)
            json.member("credits", credits: totals.microCredits)
            json.member("requests", count: totals.requests)
            json.member("subscription", subscription?.id.text)
            json.key("quota")
            if let quota = subscription?.credits { json.value(quota) } else { json.null() }
          }
        }
      }
      json.key("unattributed")
      json.line { json in
        json.member("credits", credits: unattributed.microCredits)
        json.member("requests", count: unattributed.requests)
      }
    }
  }

  /// The subscriptions of the seats that members hold now.
  private struct Holdings {
    private let terms: [Subscription]
    /// The index of the subscription by member; -1 for no seat. A table, since those who used most come in
    /// no order of names.
    private let places: [Username: Int]

    init(_ state: OrgState) {
      let terms = state.subscriptions.map(\.terms)
      let indexes = Dictionary(
        uniqueKeysWithValues: terms.indices.map { (terms[$0].id, $0) })
      places = Dictionary(
        uniqueKeysWithValues: state.members.map { member in
          (member.username, member.seat.flatMap { indexes[$0.subscription] } ?? -1)
        })
      self.terms = terms
    }

    func isMember(_ name: Username) -> Bool { places[name] != nil }

    func subscription(of name: Username) -> Subscription? {
      places[name].flatMap { terms.indices.contains($0) ? terms[$0] : nil }
    }
  }

  private static func writeText(
    _ members: [MemberUsage], _ unattributed: UsageTotals, _ window: UsageWindow,
    _ state: OrgState, _ context: Context
  ) throws(CommandFailure) {
    let amounts = members.map(\.totals.microCredits) + [unattributed.microCredits]
    let credits = CreditsText(amounts)
    let holdings = Holdings(state)
    // What a row tells before its sparkline.
    let rows = members.map { usage in
      let subscription = holdings.subscription(of: usage.member)
      return [
        UsageText.clipped(usage.member.text, columns: max(12, context.columns - 40)),
        credits.text(usage.totals.microCredits), Decimal.grouped(usage.totals.requests),
        subscription?.id.text ?? (holdings.isMember(usage.member) ? "-" : "(removed)"),
        subscription?.credits.map { Decimal.grouped(Int128($0)) } ?? "-",
      ].map { TextTable.Cell($0) }
    }
    try context.emitText { sink in
      UsageText.writeHeading("Credits by member", window, into: &sink, context)
      write(rows, of: members, window, into: &sink, context)
      let total = amounts.reduce(0, +)
      sink.writeLine("Total: \(credits.text(total)) Credits")
      if unattributed != .zero {
        UsageText.write(
          "Of these \(credits.text(unattributed.microCredits)) in "
            + UsageText.counted(unattributed.requests, "request"), " by unknown keys or members",
          into: &sink, context)
      }
    }
  }

  /// As many columns as fit, the sparkline last in what they leave.
  private static func write(
    _ rows: [[TextTable.Cell]], of members: [MemberUsage], _ window: UsageWindow,
    into sink: inout ByteSink, _ context: Context
  ) {
    let titles = ["MEMBER", "CREDITS", "REQUESTS", "SUBSCRIPTION", "QUOTA"]
    let widths = TextTable.widths(of: titles, rows)
    // The sparkline is worth more than a column that another command shows.
    let sparkMin = min(window.bucketCount, 10)
    var count = titles.count
    func room(_ count: Int) -> Int {
      context.columns - widths.prefix(count).reduce(0) { $0 + $1 + 2 }
    }
    while count > 2, room(count) < sparkMin { count -= 1 }
    let spark = room(count)
    let hasSpark = spark >= 5
    var columns = titles.prefix(count).enumerated().map {
      TextTable.Column($1, isNumeric: [1, 2, 4].contains($0))
    }
    if hasSpark { columns.append(.init("TREND")) }
    var table = TextTable(columns: columns)
    for (row, usage) in zip(rows, members) {
      var cells = Array(row.prefix(count))
      if hasSpark { cells.append(.init(Sparkline.text(usage.credits, columnsMax: spark))) }
      table.add(cells)
    }
    table.render(into: &sink, style: context.style)
  }
}

/// What the text forms of usage share.
enum UsageText {
  /// `Credits, 7 days to 2026-11-23T08:00:00Z`.
  static func writeHeading(
    _ title: String, _ window: UsageWindow, into sink: inout ByteSink, _ context: Context
  ) {
    let span = "\(window.days == 1 ? "24 hours" : "\(window.days) days") to \(window.now)"
    write(title + ",", " \(span)", into: &sink, context) { context.style.bold($0) }
    sink.writeLine()
  }

  /// Two parts on one line, or on two if they do not fit.
  static func write(
    _ first: String, _ second: String, into sink: inout ByteSink, _ context: Context,
    style: (String) -> String = { $0 }
  ) {
    if DisplayWidth.columns(first + second) > context.columns {
      sink.writeLine(style(first))
      sink.writeLine(" " + second)
    } else {
      sink.writeLine(style(first) + second)
    }
  }

  /// `1 request`, `2,000 requests`.
  static func counted(_ number: Int128, _ thing: String) -> String {
    "\(Decimal.grouped(number)) \(thing)\(number == 1 ? "" : "s")"
  }

  /// The text, or its start and an ellipsis.
  static func clipped(_ text: String, columns: Int) -> String {
    let text = TerminalText.sanitized(text)
    guard DisplayWidth.columns(text) > columns else { return text }
    var kept = ""
    var used = 1
    for scalar in text.unicodeScalars {
      used += DisplayWidth.columns(scalar)
      if used > columns { break }
      kept.unicodeScalars.append(scalar)
    }
    return kept + "…"
  }

  static func writeTrend(
    _ trend: [UsageTotals], in window: UsageWindow, into sink: inout ByteSink, _ context: Context
  ) {
    let credits = CreditsText(trend.map(\.microCredits))
    let bars = trend.enumerated().map { index, bucket in
      BarChart.Bar(label(window.start(ofBucket: index), window, context), bucket.microCredits)
    }
    BarChart(
      bars, unit: 1_000_000, text: { credits.text($0) }, tick: { CreditsText([$0]).text($0) }
    )
    .render(into: &sink, columns: context.columns, style: context.style)
    let total = trend.total
    sink.writeLine()
    write(
      "Total: \(credits.text(total.microCredits)) Credits",
      " in " + counted(total.requests, "request"), into: &sink, context)
  }

  /// `08:00` for an hour, `Mon 11-23` for a day, or `11-23` where every column counts.
  private static func label(
    _ start: Instant, _ window: UsageWindow, _ context: Context
  ) -> String {
    if window.days == 1 { return DayText.time(of: start) }
    return context.columns < 30 ? DayText.dayOfYear(of: start) : DayText.dayOfWeek(of: start)
  }

  static func writeModels(
    _ models: [(model: String, totals: UsageTotals)], into sink: inout ByteSink,
    _ context: Context
  ) {
    let total = models.map(\.totals).total
    let credits = CreditsText(models.map(\.totals.microCredits))
    var table = TextTable(columns: [
      .init("MODEL"), .init("CREDITS", isNumeric: true), .init("REQUESTS", isNumeric: true),
      .init("SHARE", isNumeric: true),
    ])
    for (model, totals) in models {
      let share = Decimal.share(totals.microCredits, of: total.microCredits) * 100
      table.add([
        .init(clipped(model, columns: max(12, context.columns - 32))),
        .init(credits.text(totals.microCredits)), .init(Decimal.grouped(totals.requests)),
        .init(Decimal.rounded(micros: share, places: 1) + "%"),
      ])
    }
    table.render(into: &sink, style: context.style)
    write(
      "Total: \(credits.text(total.microCredits)) Credits",
      " in " + counted(total.requests, "request"), into: &sink, context)
  }
}
