// WarningsTests: what `usher status` and `usher drift` warn of once usage was ingested, whom they tell,
// and that nothing else changes.

import Foundation
import OrgModel
import Testing

@testable import UsherCommands

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 2, expires: 2026-12-10T12:00:00Z }
    standard: { seats: 40, expires: 2027-01-31, credits: 25000 }
  members:
    alice: { role: owner }
    bob: { role: administrator, seat: pro }
    carol: { seat: standard }
    dave: { seat: standard }
    erin:
      seat: standard
      until: 2027-01-05
      key: 3
    "true": { seat: standard }

  """

@Suite struct WarningsTests {
  private let sandbox: Sandbox
  private static let now = "2026-11-23T08:30:00Z"

  init() throws {
    sandbox = try Sandbox()
    #expect(try sandbox.apply(org, now: "2026-10-01T00:00:00Z").code == 0)
  }

  private func usher(_ arguments: String...) -> Run { sandbox.run(arguments, now: Self.now) }

  private func drift(_ arguments: String..., file: String = "org.yaml") -> Run {
    sandbox.run(["drift", sandbox.path(file)] + arguments, now: Self.now)
  }

  /// Five weeks in which carol uses much, dave less, and somebody whom nobody knows a little.
  /// - Parameter first: How many of its 165 records are left out.
  private func ingest(from first: Int = 0) throws {
    let start = try #require(Instant("2026-10-20")).seconds
    var text = ""
    for number in first..<165 {
      let time = start + Int64(number) * 18_000
      text += "{\"time\":\(time),\"member\":\"carol\",\"model\":\"m\",\"credits\":300.25}\n"
      text += "{\"time\":\(time),\"member\":\"dave\",\"model\":\"m\",\"credits\":180}\n"
      if number % 12 == 0 {
        text += "{\"time\":\(time),\"member\":\"mallory\",\"model\":\"m\",\"credits\":5}\n"
      }
    }
    let file = try sandbox.write(text, to: "usage.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
  }

  private func warnings(_ run: Run) -> [[String: Any]]? { run.json["warnings"] as? [[String: Any]] }

  /// Each as its kind and whom it is about.
  private func lines(_ run: Run) -> [String]? {
    warnings(run)?.map {
      "\($0["kind"] ?? "") \($0["member"] ?? $0["subscription"] ?? "")"
    }
  }

  private static let all = [
    "quota_exhausted carol", "quota_runs_out dave", "subscription_expires pro", "seat_unused bob",
    "seat_unused erin", "seat_unused true",
  ]

  @Test func `status and drift warn as the transcript says`() throws {
    try ingest()
    var transcript = ""
    for line in [
      "status", "status --format json", "status --actor carol", "drift org.yaml",
      "drift org.yaml --format json", "drift org.yaml --format markdown",
      "drift org.yaml --format github", "drift org.yaml --format gitlab",
    ] {
      let words = line.split(separator: " ").map {
        $0 == "org.yaml" ? sandbox.path("org.yaml") : String($0)
      }
      let run = sandbox.run(words + ["--color", "never"], now: Self.now)
      let text = "\(run.output)\(run.errors)".replacing(sandbox.path(""), with: "")
        .replacing(/usher-[0-9a-f]{64}/, with: "usher-TOKEN")
        .replacing(/sha256:[0-9a-f]{64}/, with: "sha256:DIGEST")
      transcript += "$ usher \(line)\n\(text)[exit \(run.code)]\n\n"
    }
    try GoldenFile("warnings.txt").expect(transcript)
    // What the README shows is a part of it.
    let readme = try GoldenFile.readme
    let shown = transcript.components(separatedBy: "\nWarnings\n").dropFirst().first?
      .components(separatedBy: "[exit").first
    #expect(readme.contains("\nWarnings\n\(try #require(shown))"))
  }

  @Test func `without usage expiries are warned of, and with it nothing else changes`() throws {
    let forms = ["text", "json", "markdown", "github", "gitlab", "sarif"]
    let changed = try sandbox.write(org + "  frank: { seat: pro }\n", to: "changed.yaml")
    var status = usher("status", "--format", "json").json
    let kinds = (status.removeValue(forKey: "warnings") as? [[String: Any]])?.map {
      $0["kind"] as? String
    }
    #expect(kinds == ["subscription_expires"])
    let before = forms.map { drift("--format", $0, file: "changed.yaml") }
    #expect(before.allSatisfy { $0.code == 2 })
    var jsonBefore = before[1].json
    #expect((jsonBefore.removeValue(forKey: "warnings") as? [Any])?.count == 1)
    try ingest()
    let after = forms.map { drift("--format", $0, file: "changed.yaml") }
    #expect(after.map(\.code) == before.map(\.code))
    var json = after[1].json
    #expect((json.removeValue(forKey: "warnings") as? [Any])?.count == 6)
    #expect(NSDictionary(dictionary: json) == NSDictionary(dictionary: jsonBefore))
    #expect(after[0].output == before[0].output && after[4].output == before[4].output)
    #expect(drift().code == 0 && changed.hasSuffix("changed.yaml"))
    json = usher("status", "--format", "json").json
    #expect((json.removeValue(forKey: "warnings") as? [Any])?.count == 6)
    #expect(NSDictionary(dictionary: json) == NSDictionary(dictionary: status))
    // Once everything is well the list is there, and empty.
    let later = sandbox.run(["status", "--format", "json"], now: "2026-10-20T00:00:00Z")
    #expect(warnings(later)?.isEmpty == true)
    #expect(
      !sandbox.run(["status"], now: "2026-10-20T00:00:00Z").output.contains("Warnings"))
  }

  @Test func `where unused seats cannot be told that is said, with the reason`() throws {
    try ingest(from: 100)
    let sentence =
      "which seats are unused is not told: usage is known only since 2026-11-09T20:00:00Z (13 days "
      + "ago); 3 seats have no record of 30 days"
    #expect(usher("status").output.hasSuffix("  \(sentence)\n"))
    #expect(
      drift().errors.hasSuffix(
        "usher: warning[W215]: \(sentence)  (help: ingest older records too, or wait)\n3 warnings\n"
      ))
    for run in [usher("status", "--format", "json"), drift("--format", "json")] {
      let last = try #require(warnings(run)?.last)
      #expect(last["kind"] as? String == "unused_unknown" && last["seats"] as? Int == 3)
      #expect(last["known_since"] as? String == "2026-11-09T20:00:00Z")
      #expect(last["message"] as? String == sentence)
    }
    // What the file settles is not counted.
    let settled = org.replacing("bob: { role: administrator, seat: pro }", with: "bob: {}")
    try sandbox.write(settled, to: "settled.yaml")
    #expect(drift(file: "settled.yaml").errors.contains("; 2 seats have no record of 30 days"))
    for actor in ["carol", "mallory"] {
      let run = usher("status", "--actor", actor)
      #expect(!run.output.contains("no record"), "\(actor)")
    }
  }

  @Test func `Credits are rounded half up, as everywhere`() throws {
    let lines = ["carol": "24999.994999", "dave": "24999.995", "erin": "0.000009"].map {
      "{\"time\":\"2026-11-23T08:00:00Z\",\"member\":\"\($0)\",\"model\":\"m\",\"credits\":\($1)}"
    }
    let file = try sandbox.write(lines.joined(separator: "\n"), to: "usage.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
    let status = usher("status").output
    #expect(status.contains("carol has used 24,999.99 of 25,000 Credits, 3,560.83 a day"))
    #expect(status.contains("dave has used 25,000.00 of 25,000 Credits, 3,560.83 a day"))
    let members = usher("usage", "members", "--days", "1").output
    #expect(members.contains("24,999.99") && members.contains("25,000.00"))
    #expect(usher("console", "--out", sandbox.path("page.html")).code == 0)
    let page = try sandbox.read("page.html")
    #expect(page.contains("<td>24,999.99<") && page.contains("<td>25,000.00<"))
  }

  @Test func `the newest record is told by its hour, to which it is known`() throws {
    let file = try sandbox.write(
      """
      {"time":"2026-11-19T16:59:58Z","member":"carol","model":"m","credits":1}
      """, to: "usage.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
    let sentence = "the newest usage record is of the hour from 2026-11-19T16:00:00Z (3 days ago): "
    #expect(usher("status").output.contains("  \(sentence)"))
    #expect(drift().errors.contains("warning[W213]: \(sentence)"))
  }

  @Test func `the console says by which edits unused seats are taken back`() throws {
    try ingest()
    #expect(usher("console", "--out", sandbox.path("page.html")).code == 0)
    let page = try sandbox.read("page.html").replacing("&#39;", with: "'")
    #expect(
      page.contains(
        "To reclaim them, edit the org file below <code>members</code>:<ul><li>"
          + "<code>bob: { role: administrator, seat: pro }</code> becomes "
          + "<code>bob: { role: administrator }</code></li>\n<li><code>erin: {"))
    #expect(page.contains("the quota of carol (new Credits on 2026-11-30)"))
    #expect(page.contains("the quota of dave on 2026-11-29 (new Credits on 2026-11-30)"))
    // carol has used 33,628 of 25,000, in this cycle.
    #expect(page.contains("134% of 25,000"))
  }

  @Test func `the console lists three hundred edits and counts the others`() throws {
    let wide = org.replacing("seats: 40", with: "seats: 600")
    let many = (1...520).map { "  m\($0): { seat: standard }\n" }.joined()
    #expect(try sandbox.apply(wide + many, now: "2026-10-02T00:00:00Z").code == 0)
    try ingest()
    #expect(usher("console", "--out", sandbox.path("page.html")).code == 0)
    let page = try sandbox.read("page.html")
    #expect(page.components(separatedBy: "</code> becomes <code>").count - 1 == 300)
    #expect(page.contains("<details><summary>518 more</summary>"))
    #expect(
      page.contains("<p>And 223 more: <code>usher status --format json</code> lists all.</p>"))
  }

  @Test func `a seat that ends before its cycle gets no new Credits`() throws {
    let ending = org.replacing(
      "carol: { seat: standard }", with: "carol: { seat: standard, until: 2026-11-25 }")
    #expect(try sandbox.apply(ending, now: "2026-10-02T00:00:00Z").code == 0)
    try ingest()
    #expect(usher("console", "--out", sandbox.path("page.html")).code == 0)
    let page = try sandbox.read("page.html")
    #expect(page.contains("the quota of carol (the seat ends on 2026-11-25)"))
  }

  @Test func `without usage and with nothing that expires the list of warnings is empty`() throws {
    let early = "2026-10-20T00:00:00Z"
    for actor in [[], ["--actor", "alice"], ["--actor", "carol"], ["--actor", "mallory"]] {
      for command in [["status"], ["drift", sandbox.path("org.yaml")]] {
        let run = sandbox.run(command + ["--format", "json"] + actor, now: early)
        #expect(run.code == 0 && warnings(run)?.isEmpty == true, "\(command) \(actor)")
      }
    }
    #expect(!sandbox.run(["status"], now: early).output.contains("Warnings"))
    let empty = try Sandbox().usher("status", "--format", "json")
    #expect(empty.code == 0 && warnings(empty)?.isEmpty == true)
  }

  @Test func `the edit of a JSON file is JSON`() throws {
    try ingest()
    let entries = [
      #""alice": { "role": "owner" }"#, #""bob": { "role": "administrator", "seat": "pro" }"#,
      #""carol": { "seat": "standard" }"#, #""dave": { "seat": "standard" }"#,
      #""erin": { "seat": "standard", "until": "2027-01-05", "key": 3 }"#,
      #""true": { "seat": "standard" }"#,
    ]
    var text =
      #"{"organization": "acme", "subscriptions": {"pro": {"seats": 2, "expires": "#
      + #""2026-12-10T12:00:00Z"}, "standard": {"seats": 40, "expires": "2027-01-31", "#
      + "\"credits\": 25000}}, \"members\": {\n\(entries.joined(separator: ",\n"))\n}}"
    try sandbox.write(text, to: "org.json")
    let run = drift("--format", "json", file: "org.json")
    #expect(run.code == 0 && lines(run) == Self.all, "\(run.errors)")
    #expect(run.errors.contains("(help: to do so, make the entry '\"erin\": {}')"))
    for edit in warnings(run)?.compactMap({ $0["edit"] as? [String: Any] }) ?? [] {
      let (before, after) = (edit["before"] as? String ?? "", edit["after"] as? String ?? "")
      #expect(entries.contains(before), "\(before)")
      text = text.replacing(before, with: after)
    }
    try sandbox.write(text, to: "org.json")
    #expect(lines(drift("--format", "json", file: "org.json")) == Array(Self.all.prefix(3)))
  }

  @Test func `whoever may not see the usage of others is told of expiries only`() throws {
    try ingest()
    for actor in ["alice", "bob"] {
      #expect(lines(usher("status", "--format", "json", "--actor", actor)) == Self.all)
      #expect(lines(drift("--format", "json", "--actor", actor)) == Self.all)
    }
    for actor in ["carol", "mallory"] {
      for run in [
        usher("status", "--format", "json", "--actor", actor),
        drift("--format", "json", "--actor", actor),
      ] {
        #expect(run.code == 0 && lines(run) == ["subscription_expires pro"], "\(actor)")
      }
      for form in ["text", "markdown", "github", "sarif"] {
        let run = drift("--format", form, "--actor", actor)
        let text = run.output + run.errors + usher("status", "--actor", actor).output
        #expect(!text.contains(" Credits;") && !text.contains("carol has used"), "\(actor) \(form)")
        #expect(!text.contains("has not used"), "\(actor) \(form)")
      }
    }
  }

  @Test func `usage that cannot be read is a warning, and the rest is told`() throws {
    let before = (usher("status").output, drift().output)
    try ingest()
    let path = "state/usage/000000000001-000000000001.usage"
    var bytes = try sandbox.bytes(path)
    bytes[bytes.count - 20] ^= 1
    try bytes.write(to: URL(filePath: sandbox.path(path)))
    let (status, drift) = (usher("status"), drift())
    #expect(status.code == 0 && drift.code == 0 && drift.output == before.1)
    #expect(status.output.hasPrefix(before.0))
    for run in [status, drift] {
      #expect(
        run.errors.contains(
          "usher: warning[W214]: quota and unused seats are not told: the usage batch "
            + "'000000000001-000000000001.usage' is damaged: "), "\(run.errors)")
      #expect(run.errors.contains("(help: restore the folder 'usage' from a backup)"))
    }
    #expect(lines(usher("status", "--format", "json")) == ["subscription_expires pro"])
    // It is nothing to whoever may not see it.
    #expect(usher("status", "--actor", "carol").errors == "")
    #expect(usher("usage", "members").code == 1)
  }

  @Test func `of many warnings a person sees five of a kind, a program all`() throws {
    let many = (1...20).map { "  m\($0): { seat: standard }\n" }.joined()
    #expect(try sandbox.apply(org + many, now: "2026-10-02T00:00:00Z").code == 0)
    try ingest()
    let status = usher("status")
    #expect(status.output.components(separatedBy: "has not used their").count - 1 == 5)
    #expect(
      status.output.hasSuffix(
        "  and 18 more seats were not used for 30 days; --format json lists all\n"))
    #expect(warnings(usher("status", "--format", "json"))?.count == 26)
    let text = drift()
    #expect(text.errors.components(separatedBy: "warning[W212]").count - 1 == 6)
    #expect(
      text.errors.contains(
        "usher: warning[W212]: 18 more seats were not used for 30 days; --format json lists all\n"))
    #expect(warnings(drift("--format", "json"))?.count == 26)
    #expect(drift("--format", "markdown").errors == text.errors)
    let sarif = drift("--format", "sarif").output
    #expect(sarif.components(separatedBy: "\"ruleId\": \"W212\"").count - 1 == 23)
    #expect(drift("--format", "markdown").output.contains("#### Warnings (26)"))
  }

  @Test func `where usage is missing it is said that unused seats are not told`() throws {
    let words = "which seats are unused is not told"
    let record = { (day: String, name: String) in
      "{\"time\":\"\(day)T08:00:00Z\",\"member\":\"\(name)\",\"model\":\"m\",\"credits\":1}\n"
    }
    func said() throws -> [Bool] {
      let json = usher("status", "--format", "json")
      #expect(usher("console", "--out", sandbox.path("page.html")).code == 0)
      return [
        usher("status").output.contains("  \(words): "),
        (json.json["unused_not_told"] as? String)?.hasPrefix(words) ?? false,
        try sandbox.read("page.html").contains(words),
      ]
    }
    // Only names that nobody knows, then records that begin too late.
    let days =
      stride(from: 20, to: 32, by: 3).map { "2026-10-\($0)" }
      + ["2026-11-03", "2026-11-07", "2026-11-11", "2026-11-16", "2026-11-20", "2026-11-23"]
    for (name, file) in [("mallory", days), ("carol", Array(days.suffix(3)))] {
      let other = try WarningsTests()
      let text = file.map { record($0, name) }.joined()
      #expect(
        other.usher("usage", "ingest", try other.sandbox.write(text, to: "u.jsonl")).code == 0)
      #expect(other.usher("status").output.contains("  \(words): "), "\(name)")
    }
    #expect(try said() == [false, false, false])
    try sandbox.write(record("2026-11-23", "carol"), to: "new.jsonl")
    #expect(usher("usage", "ingest", sandbox.path("new.jsonl")).code == 0)
    #expect(try said() == [true, true, true])
    try ingest()
    #expect(try said() == [false, false, false])
  }

  @Test func `the edit of a warning takes the seat, and nothing else`() throws {
    try ingest()
    // As export writes it, since status knows no other file.
    try sandbox.write(usher("export").output, to: "edited.yaml")
    let unused = try #require(warnings(usher("status", "--format", "json")))
      .filter { $0["kind"] as? String == "seat_unused" }
    for warning in unused {
      let edit = try #require(warning["edit"] as? [String: Any])
      let (before, after) = (edit["before"] as? String ?? "", edit["after"] as? String ?? "")
      // Values are aligned in a file.
      let name = before.components(separatedBy: ": ")[0]
      let text = try sandbox.read("edited.yaml")
      let line = try #require(
        text.components(separatedBy: "\n").first { $0.hasPrefix("  \(name):") })
      #expect(line.replacing(/:  +/, with: ": ") == "  \(before)")
      try sandbox.write(text.replacing(line, with: "  \(after)"), to: "edited.yaml")
    }
    let plan = usher(
      "plan", sandbox.path("edited.yaml"), "--format", "json", "--allow-removals", "3")
    let changes = (plan.json["changes"] as? [[String: Any]])?.map {
      "\($0["action"] ?? "") \($0["member"] ?? "")"
    }
    let names = ["bob", "erin", "true"]
    #expect(changes == names.map { "revoke_key \($0)" } + names.map { "reclaim_seat \($0)" })
    // What the file settles is no warning any more.
    #expect(lines(drift("--format", "json", file: "edited.yaml")) == Array(Self.all.prefix(3)))
  }

  @Test func `what the org files settle already is not warned of`() throws {
    try ingest()
    let settled = org.replacing("2026-12-10T12:00:00Z", with: "2027-12-10T12:00:00Z")
      .replacing("carol: { seat: standard }", with: "carol: { seat: pro }")
      .replacing("  dave: { seat: standard }\n", with: "")
      .replacing("bob: { role: administrator, seat: pro }", with: "bob: { role: administrator }")
    try sandbox.write(settled, to: "settled.yaml")
    #expect(
      lines(drift("--format", "json", file: "settled.yaml"))
        == ["seat_unused erin", "seat_unused true"])
    let gone = org.replacing("  pro: { seats: 2, expires: 2026-12-10T12:00:00Z }\n", with: "")
      .replacing("bob: { role: administrator, seat: pro }", with: "bob: { role: administrator }")
    try sandbox.write(gone, to: "gone.yaml")
    #expect(
      lines(drift("--format", "json", file: "gone.yaml"))?.contains { $0.hasSuffix("pro") } == false
    )
  }

  @Test func `names that are hostile stay names`() throws {
    let long = String(repeating: "x", count: 64)
    let names = [long, "null", "yes", "_"]
    let seats = names.map { "  \"\($0)\": { seat: \"\(long)\", key: 7 }\n" }.joined()
    let hostile = org.replacing(
      "  standard:",
      with: "  \"\(long)\": { seats: 9, expires: 2027-06-30, credits: 1 }\n  standard:")
    #expect(try sandbox.apply(hostile + seats, now: "2026-10-02T00:00:00Z").code == 0)
    try ingest()
    let file = "o\u{1B}[31m\n::error::|`<b>.yaml"
    try sandbox.write(hostile + seats, to: file)
    for form in ["text", "markdown", "github"] {
      let run = drift("--format", form, file: file)
      #expect(run.code == 0)
      #expect(!(run.output + run.errors).contains("\u{1B}"), "\(form)")
      #expect(!run.output.contains("\n::error::"), "\(form)")
    }
    let edits = try #require(warnings(drift("--format", "json", file: file)))
      .compactMap { $0["edit"] as? [String: Any] }.compactMap { $0["after"] as? String }
    #expect(edits.contains("\"null\": {}") && edits.contains("\(long): {}"))
    let text = usher("status").output
    #expect(text.contains("below 'members' write '_: {}' for '_: { seat: \(long), key: 7 }'"))
  }
}
