// UsageCommandsTests: Credits from a gateway's log to what each of owner, administrator and member sees.

import Foundation
import OrgModel
import SystemCalls
import Testing

@testable import UsherCommands

private let org = """
  organization: acme
  base_url: https://llm.acme.example/v1
  subscriptions:
    standard: { seats: 3, expires: 2027-01-31, credits: 25000 }
    pro: { seats: 1, expires: 2027-01-31 }
  members:
    alice: { role: owner }
    bob: { role: administrator, seat: pro }
    carol: { seat: standard }
    dave: { seat: standard }

  """

@Suite struct UsageCommandsTests {
  private let sandbox: Sandbox
  private static let now = "2026-11-23T08:30:00Z"

  init() throws {
    sandbox = try Sandbox()
    #expect(try sandbox.apply(org, now: "2026-10-01T00:00:00Z").code == 0)
  }

  private func usher(_ arguments: String..., input: String = "") -> Run {
    sandbox.run(arguments, now: Self.now, input: input)
  }

  private func json(_ arguments: String..., input: String = "") -> [String: Any] {
    sandbox.run(arguments + ["--format", "json"], now: Self.now, input: input).json
  }

  /// What a gateway has logged in a month, the same in every run but for the keys.
  private func log() throws -> String {
    let start = try #require(Instant("2026-10-25T00:00:00Z")).seconds
    let models = ["qwen3-max", "qwen3-coder-plus", "a-model-with-quite-a-long-name-2026-11-01"]
    let keys = try ["bob", "carol", "dave"].map(sandbox.key)
    var text = ""
    for number in 0..<400 {
      let time = start + Int64(number * 6_300)
      let who =
        number % 29 == 0 ? "\"member\":\"eve\"" : "\"api_key\":\"\(keys[number * number % 7 % 3])\""
      text += "{\"time\":\(time),\(who),\"model\":\"\(models[number % 5 % 3])\","
      text += "\"credits\":\(number * 37 % 1000).\(number % 10)5}\n"
    }
    return text
  }

  @Test func `text results are what the transcript says, at any width`() throws {
    let file = try sandbox.write(try log(), to: "gateway.jsonl")
    var transcript = ""
    func show(_ line: String, columns: Int, input: String = "") {
      let recorder = WorldRecorder()
      let words = line.split(separator: " ").map { $0 == "gateway.jsonl" ? file : String($0) }
      var world = World.test(
        arguments: words + ["--color", "never", "--state", sandbox.path("state")],
        now: Instant(Self.now), standardInput: Array(input.utf8), into: recorder)
      world.terminalColumns = columns
      let code = Program.run(world)
      let text = (recorder.output + recorder.errors).replacing(file, with: "gateway.jsonl")
      for line in text.split(separator: "\n") where !line.contains("gateway.jsonl") {
        #expect(DisplayWidths.columns(String(line)) <= columns, "\(columns): \(line)")
      }
      transcript += "$ usher \(line)   # \(columns) columns\n\(text)[exit \(code)]\n\n"
    }
    show("usage ingest gateway.jsonl", columns: 80)
    show("usage ingest gateway.jsonl", columns: 80)
    for columns in [40, 80, 200] {
      for days in ["1", "7", "30"] { show("usage trend --days \(days)", columns: columns) }
      show("usage models --days 30", columns: columns)
      show("usage members --days 30", columns: columns)
      show("me", columns: max(columns, 64), input: try sandbox.key(of: "carol"))
    }
    try GoldenFile("usage.txt").expect(transcript)
    // What the README shows is a part of it.
    let readme = try GoldenFile.readme
    for command in ["trend --days 7", "members --days 30"] {
      let shown = transcript.components(separatedBy: "$ usher usage \(command)   # 80 columns\n")
      let output = try #require(shown.last?.components(separatedBy: "[exit").first)
      #expect(readme.contains(output), "\(command)")
    }
  }

  @Test func `JSON results have the form of the contract`() throws {
    let records = """
      {"time":"2026-11-23T08:00:00Z","member":"carol","model":"qwen3-max","credits":80.5,"requests":5}
      {"time":"2026-11-20T12:00:00Z","member":"bob","model":"a","credits":43,"requests":3}
      {"time":"2026-11-20T12:00:00Z","member":"mallory","model":"a","credits":0.000001}
      {"time":"2026-11-23T08:30:01Z","member":"carol","model":"a","credits":7}
      """
    let file = try sandbox.write(records, to: "a.ndjson")
    let ingested = json("usage", "ingest", file)
    let first = try #require((ingested["files"] as? [[String: Any]])?.first)
    #expect(first["ingested"] as? Bool == true && first["records"] as? Int == 4)
    #expect((first["unattributed"] as? [String: Any])?["records"] as? Int == 1)

    let trend = usher("usage", "trend", "--days", "7", "--format", "json")
    #expect(
      trend.output.hasPrefix(
        """
        {
          "days": 7,
          "from": "2026-11-17T00:00:00Z",
          "to": "2026-11-23T08:30:00Z",
          "total_credits": 123.500001,
          "total_requests": 9,
          "buckets": [
            {"start":"2026-11-17T00:00:00Z","credits":0,"requests":0},
        """))
    #expect(
      trend.output.contains(
        "{\"start\":\"2026-11-20T00:00:00Z\",\"credits\":43.000001,\"requests\":4}"))
    let models = usher("usage", "models", "--days", "7", "--format", "json").output
    #expect(
      models.contains(
        "{\"model\":\"qwen3-max\",\"credits\":80.5,\"requests\":5,\"share\":0.651822}"))
    let members = usher("usage", "members", "--days", "7", "--format", "json").output
    #expect(
      members.contains(
        """
          "members": [
            {"member":"carol","credits":80.5,"requests":5,"subscription":"standard","quota":25000},
            {"member":"bob","credits":43,"requests":3,"subscription":"pro","quota":null}
          ],
          "unattributed": {"credits":0.000001,"requests":1}
        """))
    let hours = json("usage", "trend", "--days", "1")
    #expect(hours["from"] as? String == "2026-11-22T09:00:00Z")
    #expect((hours["buckets"] as? [Any])?.count == 24)
  }

  @Test func `an ingest that is repeated ends what a killed one began`() throws {
    let files = try (1...16).map { number in
      try sandbox.write(
        "{\"time\":\"2026-11-23T08:00:00Z\",\"member\":\"carol\",\"model\":\"m\",\"credits\":\(number)}\n",
        to: "\(number).jsonl")
    }
    let folder = sandbox.path("state/usage")
    for file in files.dropLast() { #expect(usher("usage", "ingest", file).code == 0) }
    let parts = sandbox.path("parts")
    try FileManager.default.copyItem(atPath: folder, toPath: parts)
    #expect(usher("usage", "ingest", files[15]).code == 0)
    // It merged sixteen batches, and was killed before it took them away.
    for part in try FileManager.default.contentsOfDirectory(atPath: parts) {
      try FileManager.default.copyItem(atPath: "\(parts)/\(part)", toPath: "\(folder)/\(part)")
    }
    let before = json("usage", "members")
    #expect(usher("usage", "ingest", files[15]).output.contains("already ingested as batch 16"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder)
        == ["000000000001-000000000016.usage"])
    #expect(json("usage", "members") as NSDictionary == before as NSDictionary)
  }

  @Test func `a name counts for whoever was a member, also without ever having held a key`() throws
  {
    let next = org.replacing("\n\n", with: "\n") + "  heidi: {}\n"
    #expect(try sandbox.apply(next, now: "2026-10-02T00:00:00Z").code == 0)
    #expect(
      try sandbox.apply(org, now: "2026-10-03T00:00:00Z", "--allow-removals", "100%").code == 0)
    let file = try sandbox.write(
      ["heidi", "Heidi", "mallory"].map {
        "{\"time\":\"2026-11-23T08:00:00Z\",\"member\":\"\($0)\",\"model\":\"m\",\"credits\":1}\n"
      }.joined(), to: "a.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
    let members = json("usage", "members")
    let names = (members["members"] as? [[String: Any]])?.map { $0["member"] as? String }
    #expect(names == ["heidi"])
    #expect((members["unattributed"] as? [String: Any])?["credits"] as? Int == 2)
  }

  @Test func `a call counts for whoever held its key, whatever became of either`() throws {
    let first = try sandbox.key(of: "carol")
    let daves = try sandbox.key(of: "dave")
    // Carol's key is rotated, dave leaves, erin comes.
    let next = org.replacing("carol: { seat: standard }", with: "carol: { seat: standard, key: 2 }")
      .replacing("dave: { seat: standard }", with: "erin: { seat: standard }")
    let applied = try sandbox.apply(
      next, now: "2026-11-01T00:00:00Z", "--allow-removals", "100%")
    #expect(applied.code == 0, "\(applied.output)")
    let second = try sandbox.key(of: "carol")
    let id = try #require(
      (sandbox.usher("members", "--format", "json").json["members"] as? [[String: Any]])?
        .first { $0["username"] as? String == "erin" }?["key_id"] as? String)
    let lines = [
      "\"api_key\":\"\(first)\"", "\"api_key\":\"\(second)\"", "\"api_key\":\"\(daves)\"",
      "\"key_id\":\"\(id)\"", "\"member\":\"dave\"", "\"api_key\":\"usk_unknown\"",
      "\"key_id\":\"k_ffffffffffffffff\"", "\"member\":\"Carol\"",
    ].enumerated().map {
      "{\"time\":\"2026-11-23T08:00:00Z\",\($1),\"model\":\"m\",\"credits\":\(1 << $0)}\n"
    }.joined()
    let file = try sandbox.write(lines, to: "a.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
    let members = json("usage", "members")
    let credits = (members["members"] as? [[String: Any]])?.map {
      "\($0["member"] ?? "") \($0["credits"] ?? "") \($0["subscription"] ?? "")"
    }
    #expect(credits == ["dave 20 <null>", "erin 8 standard", "carol 3 standard"])
    #expect((members["unattributed"] as? [String: Any])?["credits"] as? Int == 224)
    // No key is in the store, in no form.
    for path in try sandbox.files() where path.hasPrefix("state/") {
      let bytes = try sandbox.bytes(path)
      for key in [first, second, daves] {
        #expect(bytes.firstRange(of: Data(key.utf8)) == nil, "\(path)")
      }
    }
  }

  @Test func `whoever left without ever having held a key is still known by name`() throws {
    let more = org + "  frank: {}\n"
    #expect(try sandbox.apply(more, now: "2026-10-02T00:00:00Z").code == 0)
    let left = try sandbox.apply(org, now: "2026-10-03T00:00:00Z", "--allow-removals", "1")
    #expect(left.code == 0, "\(left.output)")
    let file = try sandbox.write(
      "{\"time\":\"2026-11-23T08:00:00Z\",\"member\":\"frank\",\"model\":\"m\",\"credits\":1}\n",
      to: "a.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
    let members = json("usage", "members")["members"] as? [[String: Any]]
    #expect(members?.map { $0["member"] as? String } == ["frank"])
  }

  @Test func `a key that comes with a later commit gets its records back`() throws {
    let file = try sandbox.write(
      "{\"time\":\"2026-11-23T08:00:00Z\",\"member\":\"grace\",\"model\":\"m\",\"credits\":1}\n",
      to: "a.jsonl")
    let run = usher("usage", "ingest", file)
    #expect(run.code == 0 && run.output.contains("1 record of unknown keys or members"))
    #expect((json("usage", "members")["members"] as? [Any])?.isEmpty == true)
    #expect(try sandbox.apply(org + "  grace: {}\n", now: Self.now).code == 0)
    let members = json("usage", "members")["members"] as? [[String: Any]]
    #expect(members?.map { $0["member"] as? String } == ["grace"])
  }

  @Test func `only the owner and administrators see the usage of others`() {
    for command in ["trend", "models", "members"] {
      for (actor, code) in [("alice", 0), ("bob", 0), ("carol", 4), ("mallory", 4)]
        as [(String, Int32)]
      {
        #expect(usher("usage", command, "--actor", actor).code == code, "\(command) \(actor)")
      }
      #expect(usher("usage", command).code == 0)
    }
  }

  @Test func `me shows a member what is theirs, and says no as verify-key does`() throws {
    let file = try sandbox.write(
      """
      {"time":"2026-11-23T08:00:00Z","member":"carol","model":"m","credits":1.5}
      {"time":"2026-11-23T08:00:00Z","member":"bob","model":"n","credits":100}
      {"time":"2026-11-10T08:00:00Z","api_key":"\(try sandbox.key(of: "carol"))","model":"x","credits":0.5}
      """, to: "a.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
    let me = json("me", input: try sandbox.key(of: "carol") + "\n")
    #expect(me["member"] as? String == "carol" && me["role"] as? String == "member")
    #expect(me["subscription"] as? String == "standard")
    #expect(me["seat_status"] as? String == "assigned")
    #expect(me["expires"] as? String == "2027-01-31T00:00:00Z")
    #expect(me["base_url"] as? String == "https://llm.acme.example/v1")
    let usage = me["usage"] as? [String: [String: Any]]
    #expect(usage?["1"]?["total_credits"] as? Double == 1.5)
    #expect(usage?["7"]?["total_credits"] as? Double == 1.5)
    #expect(usage?["30"]?["total_credits"] as? Int == 2)
    #expect((usage?["30"]?["buckets"] as? [Any])?.count == 30)
    let models = (me["models"] as? [[String: Any]])?.map {
      "\($0["model"] ?? "") \($0["share"] ?? "")"
    }
    #expect(models == ["m 0.75", "x 0.25"])
    for input in ["nonsense", try sandbox.key(of: "carol").uppercased(), ""] {
      let (mine, other) = (usher("me", input: input), usher("verify-key", input: input))
      #expect(mine.code == 1 && mine.output == other.output)
    }
    #expect(sandbox.usher("revoke", "carol", "--reason", "leaked").code == 0)
    #expect(usher("me", input: try sandbox.key(of: "carol")).output == "not valid: revoked\n")
  }

  @Test func `bad lines are named by file and line, and nothing of the file is kept`() throws {
    let good = "{\"time\":0,\"member\":\"bob\",\"model\":\"m\",\"credits\":1}\n"
    let bad = try sandbox.write(
      good + "\n{\"api_key\":\"\(try sandbox.key(of: "bob"))\"}\nx\n", to: "bad.jsonl")
    let fine = try sandbox.write(good, to: "fine.jsonl")
    let missing = sandbox.path("missing.csv")
    let run = usher("usage", "ingest", bad, fine, missing)
    #expect(run.code == 1)
    #expect(run.output.contains("fine.jsonl: ingested 1 record as batch 1"))
    #expect(run.errors.contains("bad.jsonl:3:1: error[E414]: 'time' is missing"))
    #expect(run.errors.contains("bad.jsonl:4:1: error[E414]: the line is no JSON object"))
    #expect(run.errors.contains("error[E001]: cannot read") && !run.errors.contains("usk_"))
    let again = sandbox.run(
      ["usage", "ingest", bad, "--format", "json"], now: Self.now)
    let finding = try #require((again.json["diagnostics"] as? [[String: Any]])?.first)
    #expect(again.code == 1 && finding["line"] as? Int == 3 && finding["file"] as? String == bad)
    let skipping = usher("usage", "ingest", bad, "--skip-invalid")
    #expect(skipping.code == 0 && skipping.output.contains("skipped 2 lines"))
    #expect(
      usher("usage", "ingest", bad).output.contains("already ingested as batch 2, 'bad.jsonl'"))
    #expect(usher("usage", "ingest", sandbox.path("data.txt")).code == 64)
  }

  @Test func `bad lines beyond the first twenty are counted`() throws {
    let file = try sandbox.write(String(repeating: "x\n", count: 1020) + "x", to: "bad.jsonl")
    let run = usher("usage", "ingest", file)
    #expect(run.code == 1 && run.errors.contains("bad.jsonl:20:1: error[E414]"))
    #expect(!run.errors.contains("bad.jsonl:21:1"))
    #expect(run.errors.contains("bad.jsonl' has 1,001 more lines that are no records"))
    let one = try sandbox.write(String(repeating: "x\n", count: 21), to: "one.jsonl")
    #expect(
      usher("usage", "ingest", one).errors.contains("has 1 more line that is no record"))
  }

  @Test func `with --skip-invalid a stray quote costs its own line`() throws {
    let file = try sandbox.write(
      "time,member,model,credits\n0,bob,m,1\n0,bob,5\" disk,1\n0,bob,m,2\n0,bob,\"m,1\n0,bob,m,4\n",
      to: "stray.csv")
    let run = usher("usage", "ingest", file, "--skip-invalid")
    #expect(run.code == 0 && run.output.contains("skipped 2 lines"))
    #expect(run.output.contains("ingested 3 records as batch 1, 7 Credits in 3 requests"))
  }

  @Test func `standard input is ingested, as JSON Lines or as CSV`() throws {
    let good = "{\"time\":0,\"member\":\"bob\",\"model\":\"m\",\"credits\":1}\n"
    #expect(usher("usage", "ingest", "-", input: good).code == 0)
    let csv = "time,member,model,credits\n0,bob,m,1\n"
    let run = usher("usage", "ingest", "-", "--input", "csv", input: csv)
    #expect(run.code == 0 && run.output.contains("ingested 1 record as batch 2"))
  }

  @Test func `ingesting changes no commit, and reading writes nothing`() throws {
    let commits = sandbox.usher("log", "--format", "json").output
    let files = try sandbox.files()
    _ = usher("usage", "trend")
    _ = usher("usage", "members")
    #expect(try sandbox.files() == files)
    let file = try sandbox.write(try log(), to: "gateway.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
    #expect(sandbox.usher("log", "--format", "json").output == commits)
    #expect(sandbox.usher("log", "--verify").code == 0)
    #expect(try sandbox.mode("state/usage") == 0o700)
    #expect(try sandbox.mode("state/usage/000000000001-000000000001.usage") == 0o600)
    #expect(usher("usage", "ingest", file).code == 0)
  }

  @Test func `an interrupted ingest keeps nothing`() throws {
    let file = try sandbox.write(try log(), to: "gateway.jsonl")
    let run = sandbox.run(["usage", "ingest", file], now: Self.now, signal: 15)
    #expect(run.code == 143)
    #expect(try !sandbox.files().contains { $0.contains("/usage/") })
  }

  @Test func `a signal ends the wait for a pipe, in the middle of a file`() throws {
    let usher = RealUsher(sandbox: sandbox)
    let pipe = sandbox.path("pipe.jsonl")
    try #require(mkfifo(pipe, 0o600) == 0)
    let child = try usher.start("exec usher usage ingest pipe.jsonl --state state")
    let writer = try #require(FileHandle(forWritingAtPath: pipe))
    let line = "{\"time\":0,\"member\":\"bob\",\"model\":\"m\",\"credits\":1}\n"
    // More than is read before the work is spread over threads.
    let block = Data(String(repeating: line, count: 20_000).utf8)
    for _ in 0..<6 { try writer.write(contentsOf: block) }
    child.send(SIGTERM)
    let run = try child.wait()
    try writer.close()
    #expect(run.code == 143 && run.errors.contains("interrupted"), "\(run.errors)")
    #expect(try sandbox.files().count { $0.contains("/usage/") } == 0)
  }

  @Test(arguments: ["trend", "models", "members"])
  func `an empty store is told of beside its nothing, in text and in JSON`(_ query: String) throws {
    for format in ["text", "json"] {
      let recorder = WorldRecorder()
      let world = World.test(
        arguments: ["usage", query, "--format", format, "--state", sandbox.path("nope")],
        now: Instant(Self.now), into: recorder)
      #expect(Program.run(world) == 0)
      #expect(recorder.errors == "usher: the store '\(sandbox.path("nope"))' is empty\n")
      #expect(!recorder.output.isEmpty)
    }
    #expect(usher("usage", query).errors == "")
  }

  @Test(arguments: [20, 22, 26, 29, 30])
  func `a row of the chart fits a narrow terminal`(_ columns: Int) throws {
    let record =
      "{\"time\":\"2026-11-22T08:00:00Z\",\"member\":\"bob\",\"model\":\"m\",\"credits\":24982969}"
    #expect(usher("usage", "ingest", "-", input: record).code == 0)
    let recorder = WorldRecorder()
    var world = World.test(
      arguments: ["usage", "trend", "--state", sandbox.path("state")], now: Instant(Self.now),
      into: recorder)
    world.terminalColumns = columns
    #expect(Program.run(world) == 0)
    let rows = recorder.output.split(separator: "\n").filter { $0.contains("11-") }.dropFirst()
    #expect(
      rows.count == 7
        && rows.contains { $0.hasSuffix(" 24,982,969") || $0.hasSuffix("█24,982,969") })
    #expect(rows.allSatisfy { DisplayWidths.columns(String($0)) <= columns }, "\(rows)")
    #expect(rows.allSatisfy { $0.contains("│") == (columns >= 22) }, "\(rows)")
  }

  @Test func `an interrupted ingest tells of the files that are in`() throws {
    let usher = RealUsher(sandbox: sandbox)
    let pipe = sandbox.path("pipe.jsonl")
    try #require(mkfifo(pipe, 0o600) == 0)
    try sandbox.write(try log(), to: "gateway.jsonl")
    let child = try usher.start("exec usher usage ingest gateway.jsonl pipe.jsonl --state state")
    // The pipe is opened once the first file is in.
    let writer = try #require(FileHandle(forWritingAtPath: pipe))
    child.send(SIGTERM)
    let run = try child.wait()
    try writer.close()
    #expect(run.code == 143 && run.errors.contains("nothing of 'pipe.jsonl' was kept"))
    #expect(run.output.contains("gateway.jsonl: ingested"), "\(run.output)")
  }

  @Test(arguments: ["1", "9"]) func `a batch of another format says what to do`(
    _ format: String
  ) throws {
    let file = try sandbox.write(try log(), to: "gateway.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
    let name = "state/usage/000000000001-000000000001.usage"
    var bytes = try sandbox.bytes(name)
    let mark = Data("usher.usage/2\n".utf8)
    while let range = bytes.range(of: mark) {
      bytes.replaceSubrange(range, with: Data("usher.usage/\(format)\n".utf8))
    }
    try bytes.write(to: URL(fileURLWithPath: sandbox.path(name)))
    let run = usher("usage", "trend")
    #expect(run.code == 1 && run.errors.contains("is of the format 'usher.usage/\(format)'"))
    #expect(run.errors.contains("remove the folder 'usage', and ingest its files again"))
  }

  @Test func `a batch under another number than its own is damage, not twice the Credits`() throws {
    let file = try sandbox.write(try log(), to: "gateway.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
    let folder = sandbox.path("state/usage/")
    try FileManager.default.copyItem(
      atPath: folder + "000000000001-000000000001.usage",
      toPath: folder + "000000000002-000000000002.usage")
    let run = usher("usage", "trend")
    #expect(run.code == 1 && run.errors.contains("it was written under another number"))
  }

  @Test(arguments: [
    "0001-01-01", "0001-01-01T00:59:59Z", "9999-12-31T23:59:59Z", "1969-12-31T23:00:00Z",
  ])
  func `at the ends of time nothing breaks`(_ now: String) throws {
    let line = "{\"time\":\"\(now)\",\"member\":\"bob\",\"model\":\"m\",\"credits\":1}\n"
    let file = try sandbox.write(line, to: "a.jsonl")
    #expect(usher("usage", "ingest", file).code == 0)
    for days in ["1", "7", "30"] {
      let run = sandbox.run(["usage", "trend", "--days", days, "--format", "json"], now: now)
      #expect(run.json["total_credits"] as? Int == 1, "\(run.output)")
      #expect(sandbox.run(["usage", "trend", "--days", days], now: now).code == 0)
    }
  }
}

/// Columns of a terminal; nothing here is wider than one.
private enum DisplayWidths {
  static func columns(_ text: String) -> Int { text.unicodeScalars.count }
}
