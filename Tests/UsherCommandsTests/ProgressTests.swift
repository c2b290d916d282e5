// ProgressTests: when progress is shown, what it says, and that it is gone before anything else.

import Foundation
import OrgModel
import Synchronization
import Testing

@testable import UsherCommands

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 4, expires: 2099-01-31 }
  members:
    alice: { role: owner, seat: pro }
    bob: { seat: pro }

  """

/// A terminal whose clock is the test's.
private final class FakeLine: Sendable {
  private struct State {
    var now: Int64 = 5000
    /// How far the clock goes with every look at it.
    var pace: Int64 = 0
    var isVisible = true
    /// What was done: texts, and nil for being taken away.
    var events: [String?] = []
    var times: [Int64] = []
    var tick: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())
  let columns: Int?

  init(columns: Int? = 80, pace: Int64 = 0) {
    self.columns = columns
    state.withLock { $0.pace = pace }
  }

  var events: [String?] { state.withLock { $0.events } }
  var times: [Int64] { state.withLock { $0.times } }
  var isVisible: Bool {
    get { state.withLock { $0.isVisible } }
    set { state.withLock { $0.isVisible = newValue } }
  }

  /// Lets time pass, and then the ticker tick.
  func pass(_ milliseconds: Int64) {
    let tick = state.withLock { state in
      state.now += milliseconds
      return state.tick
    }
    tick?()
  }

  var line: StatusLine {
    StatusLine(
      milliseconds: {
        self.state.withLock { state in
          state.now += state.pace
          return state.now
        }
      }, columns: { self.columns },
      show: { bytes in
        self.state.withLock { state in
          guard state.isVisible else { return false }
          state.events.append(String(decoding: bytes, as: UTF8.self))
          state.times.append(state.now)
          return true
        }
      }, erase: { _ in self.state.withLock { $0.events.append(nil) } },
      startTicking: { tick in self.state.withLock { $0.tick = tick } })
  }
}

@Suite struct ProgressTests {
  @Test func `nothing is shown in the first second, then what is being done`() {
    let fake = FakeLine()
    let progress = Progress(on: fake.line)
    progress.begin(.planning)
    fake.pass(999)
    #expect(fake.events == [])
    fake.pass(1)
    #expect(fake.events == ["planning"])
    fake.pass(5000)
    #expect(fake.events == ["planning"])
    progress.end()
    #expect(fake.events == ["planning", nil])
  }

  @Test func `the second is that of all steps together`() {
    let fake = FakeLine()
    let progress = Progress(on: fake.line)
    for number in 1...3 {
      progress.begin(.folding(number, of: 3))
      fake.pass(400)
    }
    #expect(fake.events == ["folding commit 3 of 3"])
  }

  @Test func `it is renewed at most ten times a second`() {
    let fake = FakeLine(pace: 7)
    let progress = Progress(on: fake.line)
    for number in 1...2000 { progress.begin(.folding(number, of: 2000)) }
    #expect(fake.times.count > 50)
    for (before, after) in zip(fake.times, fake.times.dropFirst()) {
      #expect(after - before >= 100)
    }
    #expect(fake.events.last.flatMap { $0 }?.hasPrefix("folding commit 1,9") == true)
  }

  @Test func `what ended is neither shown nor taken away again`() {
    let fake = FakeLine()
    let progress = Progress(on: fake.line)
    progress.begin(.planning)
    progress.end()
    fake.pass(10_000)
    progress.end()
    #expect(fake.events == [])
    progress.begin(.sealing)
    fake.pass(999)
    #expect(fake.events == [])
  }

  @Test func `in the background nothing is shown, and it is when the terminal is ours again`() {
    let fake = FakeLine()
    let progress = Progress(on: fake.line)
    fake.isVisible = false
    progress.begin(.planning)
    fake.pass(3000)
    progress.end()
    #expect(fake.events == [])
    progress.begin(.planning)
    fake.isVisible = true
    fake.pass(3000)
    #expect(fake.events == ["planning"])
  }

  @Test func `it fits the terminal, whatever a file is called, and cannot be obeyed`() {
    for (columns, name, text) in [
      (12, "org.yaml", "reading org"), (12, "日本語日本語", "reading 日"), (80, "a\u{1B}[2J\n", nil),
      (1, "org.yaml", ""),
    ] as [(Int, String, String?)] {
      let fake = FakeLine(columns: columns)
      let progress = Progress(on: fake.line)
      progress.begin(.reading(name))
      fake.pass(1000)
      #expect(fake.events == [text ?? "reading a\\u{1B}[2J\\u{0A}"], "\(columns)")
    }
  }

  @Test func `numbers are grouped`() {
    #expect(Step.folding(1, of: 1000).words == "folding commit 1 of 1,000")
    #expect(Step.verifying(999, of: 1_234_567).words == "checking commit 999 of 1,234,567")
    #expect(Step.makingKeys(1).words == "making 1 key")
    #expect(Step.checking(["org.yaml"]).words == "checking org.yaml")
    #expect(Step.checking(["a", "b"]).words == "checking 2 files")
  }

  /// Runs a command whose clock goes a second with every look, so that each step is shown.
  private func run(_ words: [String], in sandbox: Sandbox, isTerminal: Bool = true) -> (
    code: Int32, events: [String?]
  ) {
    let fake = FakeLine(pace: 1000)
    let recorder = WorldRecorder()
    var world = World.test(
      arguments: words + ["--state", sandbox.path("state")], now: Instant("2026-11-23T08:00:00Z"),
      isTerminal: isTerminal, into: recorder)
    world.workingFolder = sandbox.folder
    if isTerminal { world.statusLine = fake.line }
    let (write, writeError) = (world.write, world.writeError)
    let isClean = Mutex(true)
    world.write = { bytes in
      isClean.withLock { $0 = $0 && fake.events.last.map { $0 == nil } ?? true }
      return write(bytes)
    }
    world.writeError = { bytes in
      isClean.withLock { $0 = $0 && fake.events.last.map { $0 == nil } ?? true }
      writeError(bytes)
    }
    let code = Program.run(world)
    #expect(isClean.withLock { $0 }, "\(words): something was written beside the line")
    #expect(fake.events.last.map { $0 == nil } ?? true, "\(words): the line stays")
    return (code, fake.events)
  }

  @Test func `every command says what it does, and leaves nothing behind`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    let sink = sandbox.path("keys")
    func steps(_ words: String...) -> [String] {
      let (code, events) = run(words, in: sandbox)
      #expect(code == 0, "\(words)")
      return events.compactMap(\.self)
    }
    let applied = steps("apply", file, "--create", "--yes", "--keys-to", sink)
    for text in [
      "checking \(file)", "reading the state", "planning", "making 2 keys", "handing over 2 keys",
      "writing commit 1",
    ] {
      let isSaid = applied.contains { $0 == String(text.prefix(79)) }
      #expect(isSaid, "\(text): \(applied)")
    }
    #expect(steps("status").contains("folding commit 1 of 1"))
    #expect(steps("log").contains("reading commit 1 of 1"))
    #expect(steps("log", "--verify").contains("checking commit 1 of 1"))
    #expect(steps("drift", file).contains("looking for commits that no file asked for"))
    for words in [["members"], ["show", "bob"], ["plan", file], ["export"], ["validate", file]] {
      #expect(run(words, in: sandbox).events.isEmpty == false, "\(words)")
    }
  }

  @Test func `while a sink runs the terminal is its own`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "org.yaml")
    let words = ["apply", file, "--create", "--yes", "--keys-to", "exec:cat >/dev/null"]
    let (code, events) = run(words, in: sandbox)
    #expect(code == 0)
    #expect(!events.contains { $0?.hasPrefix("handing over") ?? false })
    // The line is gone before the sink starts: behind "making 2 keys" comes nothing but its end.
    let making = try #require(events.firstIndex(of: "making 2 keys"))
    #expect(events[making + 1] == nil)
  }

  @Test func `no member and no key is ever named`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(org, to: "o.yaml")
    var texts: [String] = []
    for words in [
      ["apply", file, "--create", "--yes"], ["show", "bob"], ["log"], ["log", "--verify"],
      ["revoke", "bob", "--reason", "lost"], ["token", "issue", "alice"], ["drift", file],
    ] { texts += run(words, in: sandbox).events.compactMap(\.self) }
    #expect(texts.count > 10)
    for text in texts {
      #expect(!["alice", "bob", "usk_", "usm_"].contains { text.contains($0) }, "\(text)")
    }
  }
}
