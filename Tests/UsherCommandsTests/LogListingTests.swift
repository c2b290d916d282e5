// LogListingTests: `usher log` writes as it reads, and reads what it is asked for.

import Foundation
import OrgModel
import Synchronization
import SystemCalls
import Testing

@testable import UsherCommands

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 4, expires: 2099-01-31 }
  members:
    alice: { role: owner, seat: pro, key: 1 }

  """

@Suite struct LogListingTests {
  private let sandbox: Sandbox

  /// Seven commits.
  init() throws {
    sandbox = try Sandbox()
    for number in 1...7 {
      let run = try sandbox.apply(org.replacing("key: 1", with: "key: \(number)"))
      try #require(run.code == 0, "\(run.errors)")
    }
  }

  private func file(_ number: Int) -> String { "state/commits/00000000000\(number).json" }

  private func damage(_ number: Int) throws {
    try sandbox.write(sandbox.read(file(number)).replacing("alice", with: "eve"), to: file(number))
  }

  private func numbers(_ run: Run) -> [Int] {
    (run.json["commits"] as? [[String: Any]] ?? []).compactMap { $0["sequence"] as? Int }
  }

  /// The numbers that a text lists.
  private func numbers(inText text: String) -> [Int] {
    text.split(separator: "\n").filter { $0.hasPrefix("commit ") }
      .compactMap { Int($0.dropFirst(7).prefix { $0.isNumber }) }
  }

  @Test(arguments: [
    ([], [1, 2, 3, 4, 5, 6, 7]), (["--limit", "2"], [6, 7]), (["--limit", "99"], Array(1...7)),
    (["--after", "5"], [6, 7]), (["--after", "0"], Array(1...7)), (["--after", "7"], []),
    (["--after", "99"], []), (["--before", "3"], [1, 2]), (["--before", "1"], []),
    (["--before", "99"], Array(1...7)), (["--limit", "2", "--before", "6"], [4, 5]),
    (["--after", "2", "--before", "5"], [3, 4]), (["--after", "5", "--before", "3"], []),
    (["--limit", "1", "--after", "2", "--before", "6"], [5]),
    (["--newest-first"], [7, 6, 5, 4, 3, 2, 1]), (["--newest-first", "--limit", "3"], [7, 6, 5]),
    (["--newest-first", "--limit", "2", "--before", "5"], [4, 3]),
    (["--limit", "9223372036854775807", "--after", "9223372036854775807"], []),
  ])
  func `the options choose commits, in text and JSON alike`(
    _ options: [String], _ expected: [Int]
  ) {
    let now = "2026-11-23T08:00:00Z"
    let json = sandbox.run(["log", "--format", "json"] + options, now: now)
    let text = sandbox.run(["log"] + options, now: now)
    #expect(json.code == 0 && text.code == 0, "\(json.errors)")
    #expect(numbers(json) == expected)
    #expect(numbers(inText: text.output) == expected)
  }

  @Test(arguments: [
    ["--limit", "0"], ["--limit", "-1"], ["--limit", "x"], ["--limit", ""], ["--before", "0"],
    ["--after", "1.5"], ["--after", "99999999999999999999"], ["--verify", "--limit", "1"],
    ["--verify", "--newest-first"], ["--expect", "sha256:00"],
  ])
  func `what makes no sense is wrong usage`(_ options: [String]) {
    #expect(sandbox.run(["log"] + options, now: "2026-11-23T08:00:00Z").code == 64)
  }

  @Test func `what is not asked for is not read`() throws {
    try damage(4)
    #expect(numbers(sandbox.usher("log", "--limit", "3", "--format", "json")) == [5, 6, 7])
    #expect(numbers(sandbox.usher("log", "--before", "4", "--format", "json")) == [1, 2, 3])
    for options in [[], ["--limit", "4"], ["--after", "3"], ["--newest-first"]] {
      let run = sandbox.run(["log"] + options, now: "2026-11-23T08:00:00Z")
      #expect(run.code == 1 && run.errors.contains("commit 4"), "\(options): \(run.errors)")
    }
  }

  @Test(arguments: [["--newest-first"], ["--after", "1"], ["--before", "5"], []])
  func `a commit of another history is named wherever one begins to read`(
    _ options: [String]
  ) throws {
    let other = try Sandbox()
    for number in 1...4 {
      _ = try other.apply(org.replacing("key: 1", with: "key: \(number)"))
    }
    try sandbox.write(other.read(file(4)), to: file(4))
    let run = sandbox.run(["log"] + options, now: "2026-11-23T08:00:00Z")
    #expect(run.code == 1 && run.errors.contains("does not follow the one before"), "\(run.errors)")
  }

  /// What a run writes to standard output, piece by piece.
  private func pieces(
    _ words: [String], isTerminal: Bool = false, readerLeavesAfter count: Int = .max
  ) -> (code: Int32, pieces: [String], errors: String) {
    let recorder = WorldRecorder()
    var world = World.test(
      arguments: words + ["--color", "never", "--state", sandbox.path("state")],
      now: Instant("2026-11-23T08:00:00Z"),
      isTerminal: isTerminal, into: recorder)
    let pieces = Mutex<[String]>([])
    world.write = { bytes in
      pieces.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
      return true
    }
    world.isOutputUnread = { pieces.withLock { $0.count } >= count }
    let code = Program.run(world)
    return (code, pieces.withLock { $0 }, recorder.errors)
  }

  @Test func `a person sees each commit at once, also those before a damaged one`() throws {
    let whole = pieces(["log"], isTerminal: true)
    #expect(whole.code == 0 && whole.pieces.count == 7)
    #expect(whole.pieces.joined() == sandbox.usher("log").output)
    try damage(3)
    let cut = pieces(["log"], isTerminal: true)
    #expect(cut.code == 1 && cut.pieces == Array(whole.pieces.prefix(2)))
    #expect(cut.errors.contains("commit 3"))
  }

  @Test func `JSON that has begun is brought to its end with the findings`() throws {
    try damage(3)
    let cut = pieces(["log", "--format", "json"], isTerminal: true)
    #expect(cut.code == 1 && cut.pieces.count > 1)
    let run = Run(code: cut.code, output: cut.pieces.joined(), errors: cut.errors)
    #expect(numbers(run) == [1, 2])
    let found = run.json["diagnostics"] as? [[String: Any]]
    #expect(found?.map { $0["code"] as? String } == ["E403"])
    // What fails before the first page is told as everywhere.
    let early = sandbox.usher("log", "--format", "json")
    #expect(early.code == 1 && Array(early.json.keys) == ["diagnostics"])
  }

  @Test func `a reader that leaves ends the reading, quietly`() throws {
    try damage(7)
    for format in ["text", "json"] {
      let run = pieces(["log", "--format", format], isTerminal: true, readerLeavesAfter: 2)
      #expect(run.code == 0 && run.errors == "", "\(run.errors)")
      #expect(run.pieces.count == 2)
    }
  }

  @Test func `a signal ends the reading`() {
    #expect(sandbox.usher("log", signal: SIGTERM).code == 143)
  }

  @Test func `long output comes in pages, also that of one commit`() throws {
    let members = (0..<1500).map { "  m\($0): {}\n" }.joined()
    _ = try sandbox.apply(org + members, "--allow-removals", "9")
    for format in ["text", "json"] {
      let run = pieces(["log", "--format", format])
      #expect(run.code == 0)
      #expect(run.pieces.joined() == sandbox.usher("log", "--format", format).output)
      if format == "json" { #expect(run.pieces.count >= 3) }
      for piece in run.pieces { #expect(piece.utf8.count < 70_000) }
    }
  }

  @Test(.enabled(if: RealUsher.has("bash")))
  func `head of a log is quiet`() throws {
    let usher = RealUsher(sandbox: sandbox)
    let script = "usher log --state state | head -n 1; exit ${PIPESTATUS[0]}"
    let run = try usher.shell("bash -c '\(script)'")
    #expect(run.code == 0 && run.errors == "" && run.output.hasPrefix("commit 1 "))
  }
}
