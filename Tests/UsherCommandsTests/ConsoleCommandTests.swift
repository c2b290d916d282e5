// ConsoleCommandTests: the console says what the store says, to whoever may see it, and no secret.

import Foundation
import Testing

@testable import UsherCommands

private let org = """
  organization: Acme & Söhne
  base_url: https://llm.acme.example/v1?a=1&b=2
  subscriptions:
    standard: { seats: 5, expires: 2027-01-31, credits: 25000 }
    pro: { seats: 2, expires: 2026-12-24T12:00:00Z, credits: 100 }
    trial: { seats: 3, expires: 2026-11-01 }
    old: { seats: 1, expires: 2026-10-10 }
  policy: { key_max_age: 60d }
  members:
    alice: { role: owner, seat: pro }
    bob: { role: administrator, seat: standard }
    carol: { seat: standard, until: 2026-12-01 }
    dave: { seat: standard, until: 2026-11-20T10:00:00Z }
    erin: { seat: trial }
    frank: {}

  """

@Suite struct ConsoleCommandTests {
  private let sandbox: Sandbox
  private static let now = "2026-11-23T08:30:00Z"

  init() throws {
    sandbox = try Sandbox()
    #expect(try sandbox.apply(org, now: "2026-10-01T00:00:00Z").code == 0)
  }

  private func usher(_ arguments: String...) -> Run { sandbox.run(arguments, now: Self.now) }

  private func ingest() throws {
    let file = try sandbox.write(
      """
      {"time":"2026-11-23T08:10:00Z","member":"alice","model":"qwen3-max","credits":80.5,"requests":4}
      {"time":"2026-11-19T12:00:00Z","member":"carol","model":"<b>model</b>","credits":300}
      {"time":"2026-11-01T12:00:00Z","member":"alice","model":"qwen3-max","credits":50}
      {"time":"2026-11-01T12:00:00Z","member":"nobody","model":"qwen3-max","credits":1.25}
      """, to: "usage.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
  }

  /// The page as it is written at an instant.
  private func page(now: String = now) throws -> String {
    let run = sandbox.run(["console", "--out", sandbox.path("page.html")], now: now)
    try #require(run.code == 0, "\(run.errors)")
    return try sandbox.read("page.html")
  }

  /// What people read of the page's body, with a bar between elements.
  private func words(_ page: String) throws -> String {
    var text = ""
    let start = try #require(page.range(of: "<body>")).upperBound
    for part in page[start...].split(separator: "<", omittingEmptySubsequences: false) {
      guard let end = part.firstIndex(of: ">"), !part.hasPrefix("script") else { continue }
      let words = part[part.index(after: end)...]
      if !words.isEmpty { text += "|" + words }
    }
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")] {
      text = text.replacing(entity, with: character)
    }
    return text
  }

  /// Expects a text without showing all that it was sought in.
  private func expect(
    _ words: String, contains text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let isThere = words.contains(text)
    #expect(isThere, "\(text)", sourceLocation: sourceLocation)
  }

  @Test func `what expires next and who used most is said first`() throws {
    try ingest()
    let words = try words(try page())
    expect(
      words,
      contains: "|Expires next|in 6 days|3 keys to be replaced, |2026-11-30|"
        + "then the seat of carol, |2026-12-01|")
    expect(words, contains: "|Used most, 30 days|carol|300 Credits, 69.5% of all|")
    expect(words, contains: "|Seats assigned|3| of 11|3 unassigned, 5 expired|")
    expect(words, contains: "|Members|6|5 with a seat, 1 administrator|")
    expect(words, contains: "|Credits, 30 days|431.75|80.50 in the last 24 hours|")
  }

  @Test func `what wants attention stands on top, below what expires next of every kind`() throws {
    try ingest()
    let words = try words(try page())
    expect(
      words,
      contains: "|Overview|Expires next|in 6 days|3 keys to be replaced, |2026-11-30|"
        + "then the seat of carol, |2026-12-01|"
        + "Used up:| the quota of alice (new Credits on 2026-11-24)"
        + "|Usage is missing:| which seats are unused is not told: usage is known only since "
        + "2026-11-01; 1 seat has no record of 30 days|Used most, 30 days|"
    )
    // Three days later nothing newer came, and a subscription is nearer its end.
    let later = try self.words(try page(now: "2026-11-27T00:00:00Z"))
    expect(
      later,
      contains: "|then the seat of carol, |2026-12-01|"
        + "Usage is old:| the newest record is of 2026-11-23, 3 days ago: what "
        + "runs out and what is unused can only be said with newer ones|Subscription expires:| "
        + "pro with 1 seat held, in 27 days, on 2026-12-24|Used most, 30 days|")
    // A subscription of which seats are free is not said to be as large as what is held of it.
    let last = try self.words(try page(now: "2026-12-02T00:00:00Z"))
    expect(last, contains: "|in 22 days|subscription pro with 1 seat held, |2026-12-24|")
  }

  @Test func `every date at which something ends is listed, the earliest first`() throws {
    let words = try words(try page())
    let list = try #require(
      words.components(separatedBy: "|What expires next").last?
        .components(separatedBy: "|Who used most, 30 days").first)
    let whens = list.components(separatedBy: "|").filter {
      $0.hasPrefix("2026") || $0.hasPrefix("2027")
    }
    #expect(
      whens == [
        "2026-11-01", "2026-11-20 10:00", "2026-11-30", "2026-12-01", "2026-12-24 12:00",
        "2027-01-31",
      ])
    for text in [
      "|Over: |subscription trial, 1 seat held", "|Over: |seat of dave", "|seat of carol",
      "|3 keys of alice, bob and carol, for the next plan to replace",
      "|subscription pro, 1 seat held",
      "|subscription standard, 3 seats held",
    ] {
      expect(list, contains: text)
    }
    // What nobody holds a seat of has ended for nobody.
    let isOldThere = list.contains("subscription old")
    #expect(!isOldThere)
  }

  @Test func `the roster has seat, status, masked key and quota of everybody`() throws {
    try ingest()
    #expect(
      sandbox.usher("revoke", "bob", "--reason", "leaked", now: "2026-11-20T00:00:00Z").code == 0)
    let words = try words(try page())
    let roster = words.components(separatedBy: "|The roster|").last ?? ""
    expect(roster, contains: "|alice|owner|pro|assigned|usk_…")
    expect(roster, contains: "|2026-10-01|–|130.50|130% of 100|")
    expect(roster, contains: "|bob|administrator|standard|assigned|revoked|–|–|0.00|0% of 25,000|")
    expect(roster, contains: "|2026-10-01|2026-12-01|300.00|1% of 25,000|")
    expect(roster, contains: "|dave|member|standard|expired|usk_…")
    expect(roster, contains: "|2026-11-20 10:00|0.00|–|")
    expect(roster, contains: "|erin|member|trial|expired|usk_…")
    expect(roster, contains: "|frank|member|–|none|–|–|–|0.00|–|")
  }

  @Test func `usage stands in three windows, by model and by member`() throws {
    try ingest()
    let page = try page()
    let words = try words(page)
    expect(words, contains: "|80.50| Credits in 4 requests, by hour, UTC")
    expect(words, contains: "|380.50| Credits in 5 requests, by day, UTC")
    expect(words, contains: "|431.75| Credits in 7 requests, by day, UTC")
    #expect(page.contains("&lt;b&gt;model&lt;/b&gt;") && !page.contains("<b>model"))
    expect(words, contains: "|carol|standard|0.00|300.00|300.00|1|69.5%")
    expect(words, contains: "|alice|pro|80.50|80.50|130.50|5|30.2%")
    expect(words, contains: "|Unattributed|1.25|0.3%|1")
  }

  @Test func `names that differ in what nobody sees are told apart`() throws {
    let sandbox = try Sandbox()
    let hidden = org.replacing("Acme & Söhne", with: "\"A\u{200B}cme\u{2060} 👩‍🚀\"")
    #expect(try sandbox.apply(hidden, now: "2026-10-01T00:00:00Z").code == 0)
    let lines = ["qwen3", "qwen\u{200B}3", "\u{E0071}qwen3"].map {
      "{\"time\":\"2026-11-23T08:10:00Z\",\"member\":\"alice\",\"model\":\"\($0)\",\"credits\":1}"
    }
    let file = try sandbox.write(lines.joined(separator: "\n"), to: "usage.jsonl")
    #expect(sandbox.usher("usage", "ingest", file, now: Self.now).code == 0)
    let shown = ["qwen3", "qwen\\u{200B}3", "\\u{E0071}qwen3"]
    let models = sandbox.usher("usage", "models", now: Self.now).output
    for name in shown { #expect(models.contains("\n\(name) "), "\(name)") }
    #expect(
      sandbox.usher("status", now: Self.now).output.hasPrefix("A\\u{200B}cme\\u{2060} 👩‍🚀, commit 1"))
    #expect(sandbox.usher("console", "--out", sandbox.path("a.html"), now: Self.now).code == 0)
    let words = try words(try sandbox.read("a.html"))
    for name in shown { expect(words, contains: "|\(name)|1|33.3%|") }
    expect(words, contains: "|A\\u{200B}cme\\u{2060} 👩‍🚀|As of ")
    // What a program reads is what was written.
    let json = sandbox.usher("usage", "models", "--format", "json", now: Self.now).output
    #expect(json.unicodeScalars.contains("\u{200B}") && json.unicodeScalars.contains("\u{E0071}"))
  }

  @Test func `history has the newest commits first, and tells how many are older`() throws {
    for number in 2...104 {
      let next = org.replacing(
        "frank: {}", with: "frank: { role: \(number % 2 == 0 ? "administrator" : "member") }")
      #expect(try sandbox.apply(next, now: "2026-10-02T00:00:00Z").code == 0)
    }
    let words = try words(try page())
    let heads = words.components(separatedBy: "|Commit ").dropFirst().compactMap {
      Int($0.prefix { $0.isNumber })
    }
    #expect(heads.prefix(100) == (5...104).reversed()[...])
    expect(words, contains: "|4 older commits: |usher log| lists all.")
    expect(words, contains: "|1 change|")
  }

  @Test func `the same state at the same instant gives the same bytes, later others`() throws {
    try ingest()
    let first = try page()
    #expect(try page() == first)
    #expect(try page(now: "2026-11-23T08:31:00Z") != first)
  }

  @Test func `no key, token or digest of one is in the page`() throws {
    try ingest()
    let tokens = sandbox.path("token.jsonl")
    #expect(sandbox.usher("token", "issue", "alice", "--keys-to", tokens, now: Self.now).code == 0)
    let page = try page()
    let commits = usher("log", "--format", "json").output
    let digests = commits.components(separatedBy: "_sha256\":\"").dropFirst().map { $0.prefix(64) }
    #expect(digests.count >= 6)
    let keys = try sandbox.keys().map { String($0.key.dropFirst(4).prefix(43)) }
    let token = try sandbox.read("token.jsonl").components(separatedBy: "\"").first {
      $0.hasPrefix("ust_")
    }
    let secrets = keys + [try #require(token)] + digests.map(String.init)
    for secret in secrets { #expect(!page.contains(secret)) }
  }

  @Test func `a store without usage makes a page that says so`() throws {
    let words = try words(try page())
    expect(words, contains: "|usher usage ingest FILE| takes in what a gateway or a provider says.")
    expect(words, contains: "|Used most, 30 days|nobody|no usage in this time|")
  }

  @Test func `where all usage is nobody's that is known, the page says so`() throws {
    let file = try sandbox.write(
      """
      {"time":"2026-11-23T08:10:00Z","member":"nobody","model":"qwen3-max","credits":30}
      """, to: "usage.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
    let words = try words(try page())
    expect(words, contains: "|Used most, 30 days|nobody known|all usage is unattributed|")
    expect(words, contains: "|Credits, 30 days|30|30 in the last 24 hours|")
  }

  @Test func `an empty store, as one that is not the right one, leaves the page as it is`() throws {
    let page = try page()
    try FileManager.default.moveItem(atPath: sandbox.path("state"), toPath: sandbox.path("moved"))
    for out in [sandbox.path("page.html"), sandbox.path("new.html"), "-"] {
      let run = usher("console", "--out", out)
      #expect(run.code == 1 && run.output.isEmpty, "\(out)")
      #expect(
        run.errors.contains(
          "error[E304]: the store '\(sandbox.path("state"))' is empty: there is nothing to show  "
            + "(help: is it the right store? a page that is there stays as it is)"), "\(run.errors)"
      )
    }
    #expect(try sandbox.read("page.html") == page)
    #expect(!sandbox.exists("new.html") && !sandbox.exists("state"))
  }

  @Test func `the file is replaced, with its mode, and through a link`() throws {
    let page = try page()
    try sandbox.write("old", to: "old.html")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: sandbox.path("old.html"))
    try FileManager.default.createSymbolicLink(
      atPath: sandbox.path("link.html"), withDestinationPath: "old.html")
    let run = usher("console", "--out", sandbox.path("link.html"))
    #expect(
      run.output
        == "Wrote \(sandbox.path("link.html")), \(grouped(page.utf8.count)) bytes, as of commit 1\n"
    )
    #expect(try sandbox.read("old.html") == page)
    #expect(try sandbox.mode("old.html") == 0o600)
    #expect(
      try sandbox.files().filter { $0.contains("html") }
        == ["link.html", "old.html", "page.html"].filter { $0 != "link.html" })
    let json = usher("console", "--out", sandbox.path("old.html"), "--format", "json").json
    #expect(json["bytes"] as? Int == page.utf8.count && json["sequence"] as? Int == 1)
    #expect(json["file"] as? String == sandbox.path("old.html"))
  }

  private func grouped(_ number: Int) -> String {
    number.formatted(.number.locale(Locale(identifier: "en_US")))
  }

  @Test func `a hyphen stands for standard output`() throws {
    let page = try page()
    #expect(usher("console", "--out", "-").output == page)
    let json = usher("console", "--out", "-", "--format", "json")
    #expect(json.code == 64 && json.errors.contains("E401"))
    let missing = usher("console")
    #expect(missing.code == 64 && missing.errors.contains("console needs --out"))
    let broken = sandbox.usher("console", "--out", "-", isOutputBroken: true)
    #expect(broken.code == 1)
  }

  @Test func `a page that cannot be written is an error, and the old one stays`() throws {
    let run = usher("console", "--out", sandbox.path("no/page.html"))
    #expect(run.code == 1 && run.errors.contains("E409"), "\(run.errors)")
  }

  @Test func `only the owner and administrators see it, where somebody is named`() throws {
    for name in ["alice", "bob"] {
      #expect(usher("console", "--out", sandbox.path("a.html"), "--actor", name).code == 0)
    }
    for name in ["carol", "stranger"] {
      let run = usher("console", "--out", sandbox.path("b.html"), "--actor", name)
      #expect(run.code == 4 && run.errors.contains("E302"), "\(run.errors)")
    }
    #expect(!sandbox.exists("b.html"))
  }

  @Test func `a commit that is not the one that the next names makes no page`() throws {
    // So many that the state is read from a snapshot, and only the console looks at the first.
    for number in 2...33 {
      let role = number % 2 == 0 ? "administrator" : "member"
      let next = org.replacing("frank: {}", with: "frank: { role: \(role) }")
      #expect(try sandbox.apply(next, now: "2026-10-02T00:00:00Z").code == 0)
    }
    try sandbox.forge(2, "frank", "carol")
    #expect(usher("status").code == 0)
    let run = usher("console", "--out", sandbox.path("page.html"))
    #expect(run.code == 1 && run.errors.contains("E403"), "\(run.errors)")
    #expect(run.errors.contains("commit 3 does not follow the one before: it was made on sha256:"))
    #expect(!sandbox.exists("page.html"))
  }
}
