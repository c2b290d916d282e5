// MeCommand: `usher me`: whoever holds the key on standard input sees their own seat and usage.

import ByteOutput
import Metering
import OrgModel
import Reconciling
import Reporting

enum MeCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let (log, status) = try VerifyKeyCommand.check(context)
    guard case .valid(let name, let subscription, let expires) = status, let log,
      let member = log.state.member(name)
    else { return try VerifyKeyCommand.answer(status, context) }
    let windows = UsageWindow.lengths.map { UsageWindow(days: $0, now: context.now) }
    let tables = try context.usage(in: windows)
    let attribution = Attribution(log.state)
    let isMine = { (subject: UsageSubject) in attribution.member(subject) == name }
    let trends = tables.map { $0.trend(of: isMine) }
    let models = tables[tables.count - 1].models(of: isMine)
    if context.isJSON {
      try context.emitJSON { json in
        json.member("member", name.text)
        json.member("role", member.role.rawValue)
        json.member("subscription", subscription.text)
        json.member("seat_status", "assigned")
        json.member("expires", expires.description)
        json.member("base_url", log.state.baseURL)
        json.key("usage")
        json.object { json in
          for (window, trend) in zip(windows, trends) {
            json.key(text: String(window.days))
            json.object { $0.write(trend: trend, in: window) }
          }
        }
        json.write(models: models)
      }
      return .success
    }
    let quota = log.state.subscription(subscription)?.terms.credits
    try context.emitText { sink in
      sink.writeLine("\(context.style.bold(name.text)), \(member.role.rawValue)")
      sink.writeLine(
        "Seat:     \(subscription), until \(expires) "
          + "(\(RelativeTime.distance(from: context.now, to: expires)))")
      if let quota { sink.writeLine("Quota:    \(Decimal.grouped(Int128(quota))) Credits a cycle") }
      if let url = log.state.baseURL { sink.writeLine("Base URL: \(url)") }
      sink.writeLine()
      writeUsage(windows, trends, models, into: &sink, context)
    }
    return .success
  }

  private static func writeUsage(
    _ windows: [UsageWindow], _ trends: [[UsageTotals]],
    _ models: [(model: String, totals: UsageTotals)], into sink: inout ByteSink,
    _ context: Context
  ) {
    let credits = CreditsText(trends.map(\.total.microCredits))
    var table = TextTable(columns: [
      .init("LAST"), .init("CREDITS", isNumeric: true), .init("REQUESTS", isNumeric: true),
      .init("TREND"),
    ])
    for (window, trend) in zip(windows, trends) {
      let total = trend.total
      table.add([
        .init(window.days == 1 ? "24 hours" : "\(window.days) days"),
        .init(credits.text(total.microCredits)), .init(Decimal.grouped(total.requests)),
        .init(
          Sparkline.text(trend.map(\.microCredits)[...], columnsMax: max(8, context.columns - 36))),
      ])
    }
    table.render(into: &sink, style: context.style)
    guard !models.isEmpty else { return }
    sink.writeLine()
    UsageText.writeModels(models, into: &sink, context)
  }
}
