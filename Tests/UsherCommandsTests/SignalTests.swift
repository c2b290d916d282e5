// SignalTests: SIGINT, SIGTERM and SIGHUP at any moment: a code that tells, and nothing half-done.

import Foundation
import OrgModel
import Testing
import UsherCommands

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 4, expires: 2099-01-31 }
  members:
    alice: { role: owner, seat: pro }
    bob: { seat: pro }

  """

@Suite struct SignalTests {
  private let sandbox: Sandbox
  private let usher: RealUsher

  init() throws {
    sandbox = try Sandbox()
    usher = RealUsher(sandbox: sandbox)
    try sandbox.write(org, to: "org.yaml")
  }

  /// Waits until a named pipe in the sandbox is written to.
  private func waitForWriter(of name: String) throws {
    let handle = try #require(FileHandle(forReadingAtPath: sandbox.path(name)))
    _ = try handle.readToEnd()
  }

  @Test(arguments: [(SIGHUP, 129), (SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `while a sink stores, the keys are erased and nothing is committed`(
    _ signal: Int32, _ code: Int32
  ) throws {
    #expect(mkfifo(sandbox.path("started"), 0o600) == 0)
    let sink = "cat > $1; if [ $1 = store ]; then echo > started; sleep 600; fi"
    let child = try usher.start(
      "exec usher apply org.yaml --create --yes --keys-to 'exec:\(sink)' --state state")
    try waitForWriter(of: "started")
    child.send(signal)
    let run = try child.wait()
    #expect(run.code == code)
    #expect(run.errors.contains("error[E407]: interrupted; nothing was changed"))
    #expect(try sandbox.read("erase") == sandbox.read("store"))
    #expect(try sandbox.files().filter { $0.hasPrefix("state/") } == [])
  }

  @Test(arguments: [(SIGHUP, 129), (SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `while input is waited for, the run ends`(_ signal: Int32, _ code: Int32) throws {
    #expect(mkfifo(sandbox.path("input"), 0o600) == 0)
    let child = try usher.start("exec usher validate - <input")
    // Opening returns once the other end is open; usher itself may not have begun to read.
    let writer = try #require(FileHandle(forWritingAtPath: sandbox.path("input")))
    try writer.write(contentsOf: Data("organization: acme\n".utf8))
    child.send(signal)
    #expect(try child.wait().code == code)
    try writer.close()
  }

  @Test func `signals that whoever started usher had blocked end it all the same`() throws {
    #expect(mkfifo(sandbox.path("input"), 0o600) == 0)
    let blocked = RealUsher(sandbox: sandbox, isBlockingSignals: true)
    let child = try blocked.start("exec usher validate - <input")
    let writer = try #require(FileHandle(forWritingAtPath: sandbox.path("input")))
    child.send(SIGTERM)
    #expect(try child.wait().code == 143)
    try writer.close()
  }

  @Test(arguments: ["validate", "fmt", "debug yaml"])
  func `while a named pipe is waited for, the run ends`(_ command: String) throws {
    #expect(mkfifo(sandbox.path("never"), 0o600) == 0)
    #expect(mkfifo(sandbox.path("started"), 0o600) == 0)
    let child = try usher.start("echo >started; exec usher \(command) never")
    try waitForWriter(of: "started")
    child.send(SIGTERM)
    #expect(try child.wait().code == 143)
  }

  @Test func `while output waits for a reader, the run ends`() throws {
    #expect(mkfifo(sandbox.path("output"), 0o600) == 0)
    let members = (0..<3000).map { "  m\($0): {}\n" }.joined()
    try sandbox.write(org + members, to: "org.yaml")
    let child = try usher.start("exec usher plan org.yaml --state state >output")
    let reader = try #require(FileHandle(forReadingAtPath: sandbox.path("output")))
    #expect(try reader.read(upToCount: 1)?.count == 1)
    child.send(SIGTERM)
    #expect(try child.wait().code == 143)
  }

  @Test func `a hangup that is ignored, as by nohup, stays so`() throws {
    #expect(mkfifo(sandbox.path("started"), 0o600) == 0)
    #expect(mkfifo(sandbox.path("go"), 0o600) == 0)
    let sink = "cat > sink; echo > started; read -r line < go"
    let child = try usher.start(
      "trap '' HUP; exec usher apply org.yaml --create --yes --keys-to 'exec:\(sink)' --state state"
    )
    try waitForWriter(of: "started")
    child.send(SIGHUP)
    let writer = try #require(FileHandle(forWritingAtPath: sandbox.path("go")))
    try writer.write(contentsOf: Data("\n".utf8))
    try writer.close()
    #expect(try child.wait().code == 0)
    #expect(sandbox.usher("log", "--verify").code == 0)
  }

  @Test(.enabled(if: RealUsher.has("strace")), arguments: ["HUP", "INT", "TERM"])
  func `at any system call, all of it is done or nothing`(_ signal: String) throws {
    let apply = "usher apply org.yaml --create --yes --keys-to sink --state state"
    let trace = "strace -f -qq -o calls \(apply)"
    guard try usher.shell(trace).code == 0 else { return }  // tracing is not allowed here
    let calls = try sandbox.read("calls").split(separator: "\n").map { line in
      line.drop { $0.isNumber || $0 == " " }.prefix { $0 != "(" }
    }.filter { $0.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" } }
    // From where the first file of usher's own is opened; before that it is the loader.
    let codes: Set<Int32> = [129, 130, 143]
    var counts: [Substring: Int] = [:]
    var outcomes: Set<Int32> = []
    for (index, call) in calls.enumerated() {
      counts[call, default: 0] += 1
      guard index >= calls.count - 72, index % 3 == signal.utf8.count % 3, !call.hasPrefix("exit")
      else { continue }
      try clear()
      let injection = "inject=\(call):signal=\(signal):when=\(counts[call] ?? 1)"
      let run = try usher.shell("strace -f -qq -o /dev/null -e '\(injection)' \(apply)")
      outcomes.insert(run.code)
      let isDone = sandbox.exists("state/commits/000000000001.json")
      #expect(
        codes.contains(run.code) || (isDone && run.code == 0),
        "\(injection): \(run.code) \(run.errors)")
      #expect(sandbox.exists("sink") == isDone, "\(injection): \(run.code) \(run.errors)")
      let litter = try sandbox.files().filter { $0.contains(".tmp-") }
      #expect(litter == [], "\(injection)")
      #expect(sandbox.usher("log", "--verify").code == 0, "\(injection)")
    }
    #expect(outcomes.count >= 2, "\(outcomes)")
  }

  private static let outs = ["console", "plan org.yaml", "gateway haproxy"]

  /// Runs a command that writes `out`, in a world of signals of its own.
  private func write(
    _ line: String, _ interruptedBy: @escaping @Sendable () -> Int32?
  ) -> Run {
    let words = line.split(separator: " ").map {
      $0 == "org.yaml" ? sandbox.path("org.yaml") : String($0)
    }
    let recorder = WorldRecorder()
    var world = World.test(
      arguments: words + ["--out", sandbox.path("out"), "--state", sandbox.path("state")],
      now: Instant("2026-11-24"), into: recorder)
    world.interruptedBy = interruptedBy
    return Run(code: Program.run(world), output: recorder.output, errors: recorder.errors)
  }

  @Test(arguments: outs, [(SIGHUP, 129), (SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `a file that a signal comes before stays as it was`(
    _ line: String, _ end: (signal: Int32, code: Int32)
  ) throws {
    #expect(try sandbox.apply(org).code == 0)
    try sandbox.write("old", to: "out")
    let run = write(line) { end.signal }
    #expect(run.code == end.code && run.output == "")
    #expect(run.errors == "usher: error[E407]: interrupted\n")
    #expect(try sandbox.read("out") == "old")
  }

  @Test(arguments: outs)
  func `a signal that comes when the new file is written leaves the old one alone`(
    _ line: String
  ) throws {
    #expect(try sandbox.apply(org).code == 0)
    try sandbox.write("old", to: "out")
    let before = try sandbox.files()
    let folder = sandbox.folder
    let recorder = WorldRecorder()
    let run = write(line) {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      if names.contains(where: { $0.hasPrefix("out.tmp-") }) { recorder.signal = SIGTERM }
      return recorder.signal
    }
    #expect(run.code == 143 && run.errors == "usher: error[E407]: interrupted\n")
    #expect(try sandbox.read("out") == "old")
    #expect(try sandbox.files() == before)
    #expect(write(line) { nil }.code == 0)
    #expect(try sandbox.read("out") != "old")
  }

  private func clear() throws {
    for name in ["state", "sink"] where sandbox.exists(name) {
      try FileManager.default.removeItem(atPath: sandbox.path(name))
    }
  }
}
