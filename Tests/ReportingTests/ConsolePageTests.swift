// ConsolePageTests: the console's page: what stands in it, in what form, and what never does.

import Digests
import Foundation
import OrgModel
import Records
import Testing

@testable import Metering
@testable import Reporting

@Suite struct ConsolePageTests {
  private let now: Instant

  init() throws { now = try #require(Instant("2026-11-23T08:30:00Z")) }

  private func id(_ text: String) throws -> SubscriptionID { try #require(SubscriptionID(text)) }

  private func totals(_ credits: Int128, _ requests: Int128 = 1) -> UsageTotals {
    UsageTotals(
      microCredits: credits * 1_000_000, requests: requests, inputTokens: 0, outputTokens: 0)
  }

  /// A page of so many members, all with a seat, a key and usage.
  /// - Parameter isLong: Whether names, subscriptions and what else has a length are the longest.
  private func page(
    members count: Int, model: String = "qwen3-max", isLong: Bool = false
  ) throws -> ConsolePage {
    var page = ConsolePage(of: "Acme", now: now)
    let start = try #require(Instant("2026-08-01T00:00:00Z"))
    let pro = Subscription(
      id: try id(isLong ? "p-" + String(repeating: "r_", count: 31) : "pro"), tier: try id("pro"),
      seats: count + 1, expires: try #require(Instant("2026-12-24T12:00:01Z")),
      credits: isLong ? 1_000_000 : 25_000)
    page.baseURL = "https://llm.acme.example/v1"
    page.headTime = start
    page.head = Revision(sequence: 1, digest: SHA256.hash([]))
    page.subscriptions = [.init(pro, assigned: count, unassigned: 1, expired: 0)]
    page.expiries = [.init(pro.expires, .subscription(pro.id, held: count))]
    let windows = UsageWindow.lengths.map { UsageWindow(days: $0, now: now) }
    var users: [MemberUsage] = []
    for number in 0..<count {
      let digits = String(10_000 + number)
      let name = try #require(
        Username(
          isLong
            ? String(repeating: "a_", count: 29) + "_\(digits)"
            : "alexander_of_the_bergstrom_family\(number)"))
      let credential = Credential(digest: SHA256.hash(Array(name.text.utf8)), masked: "usk_…x9Qd_…")
      let seat = Seat(
        subscription: pro.id, until: isLong || number % 10 == 0 ? pro.expires : nil,
        assigned: start,
        key: credential.id, keyNumber: 1, isLapsed: false)
      let amount = Int128((isLong ? 1_200_000 : 40_000) - number)
      page.members.append(
        .init(
          Member(username: name, role: isLong ? .administrator : .member, added: start, seat: seat),
          seatStatus: "assigned",
          key: KeyRecord(
            credential: credential, member: name, subscription: pro.id, number: 1, issued: start,
            revoked: nil), used: amount * 1_000_000, quota: pro.credits,
          spent: amount * 1_000_000))
      page.users.append(
        .init(
          name, subscription: pro.id, isMember: true,
          used: [amount * 10_250, amount * 100_500, amount * 1_000_000], requests: 1234))
      if number < 10 {
        users.append(MemberUsage(member: name, totals: totals(amount), credits: []))
      }
    }
    let sum = page.users.reduce(0 as Int128) { $0 + $1.used[2] } / 1_000_000
    page.windows = windows.map { window in
      let trend = (0..<window.bucketCount).map { totals($0 == 2 ? sum : 0) }
      return .init(
        window, trend: trend, models: [(model, totals(sum))], top: users,
        others: (count - users.count, totals(sum / 2)), unattributed: totals(7))
    }
    return page
  }

  private func text(_ page: ConsolePage) -> String {
    String(decoding: page.render(), as: UTF8.self)
  }

  private func content(of name: String, in text: String) throws -> String {
    let start = try #require(text.range(of: "<\(name)>")).upperBound
    return String(text[start..<(try #require(text.range(of: "</\(name)>"))).lowerBound])
  }

  @Test func `the policy allows the page's own style sheet and script and nothing else`() throws {
    let page = text(try page(members: 2))
    let policy = try #require(
      Markup(page).all("meta").first { $0.attributes["http-equiv"] == "Content-Security-Policy" }?
        .attributes["content"])
    func source(_ name: String) throws -> String {
      let digest = SHA256.hash(Array(try content(of: name, in: page).utf8))
      return "'sha256-\(Data(digest.bytes).base64EncodedString())'"
    }
    #expect(
      try policy
        == "default-src 'none'; style-src \(source("style")); script-src \(source("script")); "
        + "img-src data:; base-uri 'none'; form-action 'none'")
  }

  @Test func `nothing is loaded, linked to, styled or run but by the page itself`() throws {
    let document = try Markup(text(try page(members: 3)))
    for element in document.all {
      for (name, value) in element.attributes {
        #expect(name != "style" && name != "src" && !name.hasPrefix("on"), "\(element.name)")
        if name == "href" { #expect(value.hasPrefix("#") || value.hasPrefix("data:"), "\(value)") }
      }
      #expect(!["iframe", "object", "embed", "base", "form", "img"].contains(element.name))
    }
    #expect(!ConsolePage.style.text.description.contains("url("))
    #expect(!ConsolePage.style.text.description.contains("@import"))
  }

  @Test(arguments: [false, true])
  func `five thousand members with a subscription take three megabytes`(_ isLong: Bool) throws {
    var page = try page(members: 5000, isLong: isLong)
    let names = page.members.prefix(25).map(\.member.username)
    page.commits = (0..<ConsolePage.commitsMax).map { rank in
      let changes = names.map { name in
        PlannedChange(
          .assignSeat(name, page.subscriptions[0].terms.id, until: nil),
          reason: "\(name) should hold a \(page.subscriptions[0].terms.id) seat", at: nil)
      }
      let source = CommitSource(
        files: ["org/members.yaml", "org/subscriptions.yaml"], desired: nil,
        gitCommit: String(repeating: "c", count: 40))
      let commit = Commit(
        sequence: 1, previous: nil, time: now, actor: names.first, source: source,
        plan: nil, changes: PlannedChanges(changes))
      return .init(commit, SHA256.hash([]), rank: rank)
    }
    let seat = "seat: \(page.subscriptions[0].terms.id), until: 2026-12-24T12:00:01Z, key: 12"
    let edits = page.members.prefix(ConsolePage.Warning.linesMax).map { person in
      let name = person.member.username
      return OutlookReport.Edit(
        path: "", removed: [], before: "\(name): { \(seat) }", after: "\(name): {}")
    }
    var others = ConsolePage.Warning.Others(count: 2000)
    others.lines = [String(repeating: "m", count: ConsolePage.Warning.Others.bytesMax)]
    page.warnings = [
      .init(isUrgent: true, "Used up", "quotas", others: others),
      .init(isUrgent: false, "Runs out", "quotas", others: others),
      .init(isUrgent: false, "Unused", "seats", edits: (edits, 5000)),
    ]
    let bytes = page.render()
    #expect(bytes.count > 1_000_000 && bytes.count <= 3_000_000, "\(bytes.count)")
  }

  @Test func `with reasons and models of any length it is no larger, and tells what it leaves out`()
    throws
  {
    var page = try page(members: 5000, isLong: true)
    page.head = Revision(sequence: 100, digest: SHA256.hash([]))
    let name = page.members[0].member.username
    for rank in 0..<ConsolePage.commitsMax {
      let change = PlannedChange(
        .reclaimSeat(name, page.subscriptions[0].terms.id),
        reason: String(repeating: "<&\"", count: 700), at: nil)
      let commit = Commit(
        sequence: 100 - rank, previous: nil, time: now, actor: nil,
        source: CommitSource(files: [], desired: nil), plan: nil,
        changes: PlannedChanges([change]))
      page.commits.append(.init(commit, SHA256.hash([]), rank: rank))
    }
    let models = (0..<60).map { (String(repeating: "<", count: 250) + String($0), totals(1)) }
    page.windows = page.windows.map {
      .init(
        $0.window, trend: $0.trend, models: models, top: $0.top, others: $0.others,
        unattributed: $0.unattributed)
    }
    let bytes = page.render()
    #expect(bytes.count <= 3_000_000, "\(bytes.count)")
    let document = try Markup(String(decoding: bytes, as: UTF8.self))
    let log = document.all("ol").filter { $0.attributes["class"] == "log" }
    let shown = log.flatMap(\.children).filter { $0.name == "li" }.count
    #expect(shown > 5 && shown < 100)
    #expect(document.allText.contains("\(100 - shown) older commits: "))
    #expect(document.allText.contains(" other models"))
  }

  @Test func `of nothing nobody used most`() throws {
    var page = try page(members: 2)
    page.windows = page.windows.map {
      .init(
        $0.window, trend: $0.trend.map { _ in .zero }, models: [],
        top: $0.top.map { MemberUsage(member: $0.member, totals: .zero, credits: []) },
        others: (0, .zero), unattributed: .zero)
    }
    let card = try #require(
      Markup(text(page)).all("div").first { $0.children.first?.text == "Used most, 30 days" })
    #expect(card.children.map(\.text) == ["Used most, 30 days", "nobody", "no usage in this time"])
  }

  @Test func `the same values give the same bytes`() throws {
    #expect(try page(members: 20).render() == page(members: 20).render())
  }

  @Test(arguments: [0, 1, 12])
  func `landmarks, headings, tables and ids are what a screen reader needs`(_ count: Int) throws {
    var page = count == 0 ? ConsolePage(of: "Acme", now: now) : try page(members: count)
    page.warnings = [.init(isUrgent: true, "Late", "x"), .init(isUrgent: false, "Early", "y")]
    let document = try Markup(text(page))
    for name in ["header", "nav", "main", "footer", "h1", "head"] {
      #expect(document.all(name).count == 1, "\(name)")
    }
    let ids = document.all.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    for element in document.all {
      for name in ["for", "aria-labelledby"] {
        if let id = element.attributes[name] { #expect(ids.contains(id), "\(id)") }
      }
      if let link = element.attributes["href"], link.hasPrefix("#") {
        #expect(ids.contains(String(link.dropFirst())), "\(link)")
      }
    }
    let levels = document.all.compactMap {
      $0.name.count == 2 && $0.name.hasPrefix("h") ? Int($0.name.dropFirst()) : nil
    }
    #expect(zip(levels, levels.dropFirst()).allSatisfy { $1 <= $0 + 1 }, "\(levels)")
    for table in document.all("table") {
      #expect(table.all("caption").first?.allText.isEmpty == false)
      #expect(table.all("th").allSatisfy { $0.attributes["scope"] != nil })
      let widths = Set(table.all("tr").map(\.children.count))
      #expect(widths.count == 1, "\(table.all("caption").first?.allText ?? "")")
    }
    for picture in document.all("svg") {
      let isHidden = picture.attributes["aria-hidden"] == "true"
      #expect(isHidden || picture.attributes["aria-label"]?.isEmpty == false)
    }
  }

  @Test func `every bar of a chart stands in the table behind it`() throws {
    let document = try Markup(text(try page(members: 12)))
    let figures = document.all("figure")
    #expect(figures.count == 3)
    for (figure, buckets) in zip(figures, [24, 7, 30]) {
      #expect(figure.all("tbody").first?.children.count == buckets)
      #expect(figure.all("g").count == buckets)
      let titles = figure.all("title").map(\.text)
      for (row, title) in zip(figure.all("tr").dropFirst(), titles) {
        let cells = row.children.map(\.allText)
        #expect(title.hasPrefix("\(cells[0]): \(cells[1]) Credits, \(cells[2]) request"))
      }
    }
  }

  @Test func `midnight is an hour of a day and not the day`() throws {
    let figures = try Markup(text(try page(members: 12))).all("figure")
    let names = figures.map { figure in
      figure.all("tr").dropFirst().compactMap { $0.children.first?.allText }
    }
    #expect(names[0].prefix(2) == ["2026-11-22 09:00", "2026-11-22 10:00"])
    #expect(names[0][14...16] == ["2026-11-22 23:00", "2026-11-23 00:00", "2026-11-23 01:00"])
    #expect(names[1].last == "2026-11-23" && names[2].last == "2026-11-23")
    #expect(figures[0].all("title")[15].text.hasPrefix("2026-11-23 00:00: "))
  }

  @Test(arguments: [(0, "start"), (1, "start"), (2, "middle"), (27, "middle"), (29, "end")])
  func `the number above the highest bar stays within the chart`(
    _ index: Int, _ anchor: String
  ) throws {
    let buckets = (0..<30).map { totals($0 == index ? 123_456_789 : 1) }
    var html = HTMLWriter()
    TrendChart(buckets, in: UsageWindow(days: 30, now: now)).write(into: &html)
    let peaks = try Markup(String(decoding: html.sink.bytes, as: UTF8.self)).all("text")
      .filter { $0.attributes["class"] == "peak" }
    #expect(peaks.map(\.text) == ["123.5 M"])
    #expect(peaks.map { $0.attributes["text-anchor"] } == [anchor])
  }

  @Test func `who used more than the seat includes is marked by more than colour`() throws {
    var page = try page(members: 1)
    let person = page.members[0]
    page.members = [1, 24_999, 25_000, 25_001, 9_000_000].map { credits in
      .init(
        person.member, seatStatus: "assigned", key: person.key, used: credits * 1_000_000,
        quota: 25_000, spent: credits * 1_000_000)
    }
    let roster = try #require(
      Markup(text(page)).all("table").first { $0.attributes["id"] == "roster" })
    let cells = roster.all("tr").dropFirst().compactMap { $0.children.last }
    #expect(
      cells.map(\.text) == [
        "<1% of 25,000", "99% of 25,000", "100% of 25,000", "100% of 25,000", "36,000% of 25,000",
      ])
    #expect(
      cells.map { $0.attributes["class"] } == [
        "n q0", "n q100", "n q100", "n q100 over", "n q100 over",
      ])
  }

  @Test func `use of no quota is too much, little use is some, an ended seat has none`() throws {
    var page = try page(members: 1)
    let person = page.members[0]
    page.members = [
      (0, 0, "assigned"), (0, 1, "assigned"), (1000, 1, "assigned"), (1000, 0, "assigned"),
      (1000, 9_999_999, "assigned"), (1000, 10_000_000, "assigned"), (1000, 0, "expired"),
    ].map { quota, spent, status in
      .init(
        person.member, seatStatus: status, key: nil, used: spent, quota: quota, spent: spent)
    }
    let roster = try #require(
      Markup(text(page)).all("table").first { $0.attributes["id"] == "roster" })
    let cells = roster.all("tr").dropFirst().compactMap { $0.children.last }
    #expect(
      cells.map(\.text) == [
        "0% of 0", "over 0", "<1% of 1,000", "0% of 1,000", "<1% of 1,000", "1% of 1,000", "–",
      ])
    #expect(cells[1].attributes == ["class": "n q100 over", "data-key": "Infinity"])
    #expect(cells.compactMap { $0.attributes["data-key"] } == ["Infinity", "0.5", "0.5"])
  }

  @Test func `edits stand in a list, most of them behind a summary, the rest counted`() throws {
    func notes(_ shown: Int, of count: Int) throws -> Markup {
      let edits = (0..<shown).map {
        OutlookReport.Edit(
          path: "members.m\($0)", removed: ["seat"], before: "m\($0): { seat: pro }",
          after: "m\($0): {}")
      }
      var page = try page(members: 1)
      page.warnings = [.init(isUrgent: false, "Unused", "seats", edits: (edits, count))]
      return try #require(
        Markup(text(page)).all("ul").first { $0.attributes["class"] == "notes" })
    }
    let many = try notes(9, of: 1234)
    let lists = many.all("ul").dropFirst()
    #expect(lists.map(\.children.count) == [5, 4])
    let codes = lists.flatMap { $0.all("code").map(\.text) }
    #expect(codes == (0..<9).flatMap { ["m\($0): { seat: pro }", "m\($0): {}"] })
    let details = try #require(many.all("details").first)
    #expect(details.all("ul").count == 1)
    #expect(details.all("summary").map(\.text) == ["1,229 more"])
    #expect(details.all("p").map(\.text) == ["And 1,225 more:  lists all."])
    let few = try notes(6, of: 6)
    #expect(few.all("summary").map(\.text) == ["1 more"] && few.all("p").isEmpty)
    #expect(try notes(5, of: 5).all("details").isEmpty)
  }

  @Test func `who is only counted stands in a list behind a summary, and on paper`() throws {
    var page = try page(members: 1)
    var others = ConsolePage.Warning.Others(count: 7)
    (others.lines, others.shown) = (["on 2026-11-28: ann, bo", "on 2026-11-29: cy"], 3)
    page.warnings = [
      .init(isUrgent: false, "Runs out", "x", others: others),
      .init(isUrgent: true, "Used up", "y"),
    ]
    let notes = try #require(
      Markup(text(page)).all("ul").first { $0.attributes["class"] == "notes" })
    let details = notes.all("details")
    #expect(details.map { $0.attributes["class"] } == ["unfold"])
    #expect(details[0].all("summary").map(\.text) == ["7 more"])
    #expect(details[0].all("li").map(\.text) == ["on 2026-11-28: ann, bo", "on 2026-11-29: cy"])
    #expect(details[0].all("p").map(\.text) == ["And 4 more:  lists all."])
  }

  @Test func `a long base URL is folded, whole behind its start`() throws {
    var page = try page(members: 1)
    func folded() throws -> [Markup] {
      try Markup(text(page)).all("header")[0].all("details")
    }
    page.baseURL = "https://a.example/" + String(repeating: "p", count: 102)
    #expect(try folded().isEmpty)
    page.baseURL? += "/v1"
    let url = try #require(page.baseURL)
    let codes = try folded().flatMap { $0.all("code").map(\.text) }
    #expect(codes == ["\(url.prefix(60))…", url])
  }

  @Test func `what the table of everybody leaves out is told`() throws {
    let document = try Markup(text(try page(members: ConsolePage.usersMax + 2)))
    let tables = document.all("table").filter {
      $0.attributes["id"] == "users" || $0.attributes["data-part-of"] == "users"
    }
    #expect(tables.count == ConsolePage.usersMax / HTMLWriter.rowsMax)
    #expect(tables.flatMap { $0.all("tbody")[0].children }.count == ConsolePage.usersMax)
    #expect(document.allText.contains("2 others used 69,999.00 Credits in 30 days"))
  }

  @Test func `hostile names of every kind stay text`() throws {
    let hostile = "</script><script>alert(1)</script><img src=x onerror='a'>\"\u{202E}&lt;\u{0}"
    var page = try page(members: 1, model: hostile)
    page.organization = hostile
    page.baseURL = hostile
    page.warnings = [.init(isUrgent: true, hostile, hostile)]
    let source = CommitSource(files: [hostile], desired: nil, gitCommit: hostile)
    let commit = Commit(
      sequence: 1, previous: nil, time: now, actor: nil, source: source, plan: nil,
      changes: [
        PlannedChange(
          .revokeKey(page.members[0].member.username, KeyID(number: 1)), reason: hostile, at: nil)
      ])
    page.commits = [.init(commit, SHA256.hash([]), rank: 0)]
    let document = try Markup(text(page))
    let plain = try Markup(text(try self.page(members: 1)))
    #expect(document.all("script").count == 1 && document.all("img").isEmpty)
    #expect(document.all("h1")[0].allText.hasPrefix("</script><script>alert(1)"))
    #expect(document.all("h1")[0].allText.hasSuffix("\"\\u{202E}&lt;\\u{00}"))
    #expect(document.all("meta").count == plain.all("meta").count)
  }
}
