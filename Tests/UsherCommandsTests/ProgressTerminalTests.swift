// ProgressTerminalTests: progress of the real program on a real terminal.

import Foundation
import Testing

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 4, expires: 2099-01-31 }
  members:
    alice: { role: owner, seat: pro }

  """

@Suite struct ProgressTerminalTests {
  private let sandbox: Sandbox
  private let terminal: PseudoTerminal

  init() throws {
    sandbox = try Sandbox()
    terminal = try PseudoTerminal()
    // Reading it takes until the test writes to it.
    #expect(mkfifo(sandbox.path("org.yaml"), 0o600) == 0)
  }

  private func usher(_ kind: String? = "xterm") -> RealUsher {
    RealUsher(sandbox: sandbox, environment: kind.map { ["TERM": $0] } ?? [:])
  }

  /// Opens a named pipe once the program does. No other program that a test starts gets hold of it, so
  /// that closing it is its end.
  private func writer(of name: String = "org.yaml") throws -> FileHandle {
    let descriptor = open(sandbox.path(name), O_WRONLY | O_CLOEXEC)
    try #require(descriptor >= 0)
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  private func deliver(_ text: String, by writer: FileHandle) throws {
    try writer.write(contentsOf: Data(text.utf8))
    try writer.close()
  }

  @Test(arguments: [[2], [1, 2], [0, 1, 2]] as [Set<Int32>])
  func `a file that takes long is named, and nothing of it stays on the screen`(
    _ descriptors: Set<Int32>
  ) throws {
    let child = try usher().start("exec usher validate org.yaml", on: terminal, as: descriptors)
    let writer = try writer()
    #expect(terminal.wait(for: "reading org.yaml"))
    try deliver(org, by: writer)
    terminal.waitForEnd()
    let run = try child.wait()
    #expect(run.code == 0)
    let result = "org.yaml: valid, 1 member, 1 subscription"
    #expect(terminal.screen == (descriptors.contains(1) ? [result, ""] : [""]))
    #expect(run.output == (descriptors.contains(1) ? "" : result + "\n"))
    #expect(!terminal.transcript.contains("\u{1B}[?"), "no cursor is hidden")
  }

  @Test func `an error stands alone on its line`() throws {
    let child = try usher().start("exec usher validate org.yaml --color never", on: terminal)
    let writer = try writer()
    #expect(terminal.wait(for: "reading org.yaml"))
    try deliver("bogus: 1\n", by: writer)
    terminal.waitForEnd()
    #expect(try child.wait().code == 1)
    #expect(terminal.screen.first?.hasPrefix("org.yaml:1:1: error[E102]") == true)
    #expect(!terminal.screen.contains { $0.contains("reading") || $0.contains("checking") })
  }

  @Test(arguments: ["dumb", "", nil] as [String?])
  func `a terminal that cannot erase gets nothing`(_ kind: String?) throws {
    // A second validation begins after a second of the first: by then progress would have been shown.
    let xterm = try PseudoTerminal()
    let other = try usher().start("exec usher validate org.yaml", on: xterm)
    let otherWriter = try writer()
    #expect(mkfifo(sandbox.path("second"), 0o600) == 0)
    let child = try usher(kind).start("exec usher validate second", on: terminal)
    let writer = try writer(of: "second")
    #expect(xterm.wait(for: "reading org.yaml"))
    try deliver(org, by: otherWriter)
    #expect(try other.wait().code == 0)
    try deliver(org, by: writer)
    terminal.waitForEnd()
    #expect(try child.wait().code == 0)
    #expect(terminal.transcript == "")
  }

  @Test func `a terminal stopped by Ctrl-S holds up neither the work nor the end`() throws {
    let child = try usher().start("exec usher validate org.yaml", on: terminal)
    let writer = try writer()
    #expect(terminal.wait(for: "reading org.yaml"))
    terminal.type(control: "S")
    try deliver(org, by: writer)
    let run = try child.wait()
    #expect(run.code == 0 && run.output.hasPrefix("org.yaml: valid"))
  }

  @Test(arguments: [(SIGHUP, 129), (SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `a signal ends the run, and the screen is clean`(_ signal: Int32, _ code: Int32) throws {
    let child = try usher().start("exec usher validate org.yaml --color never", on: terminal)
    let writer = try writer()
    #expect(terminal.wait(for: "reading org.yaml"))
    child.send(signal)
    terminal.waitForEnd()
    #expect(try child.wait().code == code)
    #expect(!terminal.screen.contains { $0.contains("reading org.yaml") && !$0.contains("error") })
    try writer.close()
  }

  @Test func `a second Ctrl-C ends long work at once, and the screen is clean`() throws {
    let members = (0..<60_000).map { "  m\($0): { seat: pro }\n" }.joined()
    let big = org.replacing("seats: 4", with: "seats: 60001") + members
    try sandbox.write(big, to: "big.yaml")
    let child = try usher().start("exec usher plan big.yaml --format json", on: terminal)
    // Where the machine makes this plan within a second there is nothing to interrupt.
    let isShown = terminal.wait(for: "\u{1B}[K")
    // Two that come at once are one.
    while !terminal.hasEnded() { child.send(SIGINT) }
    let run = try child.wait()
    #expect(run.code == (isShown ? 130 : 0))
    #expect(terminal.screen == [""])
  }

  @Test func `what a sink says while it takes keys is not mixed with progress`() throws {
    try FileManager.default.removeItem(atPath: sandbox.path("org.yaml"))
    try sandbox.write(org, to: "org.yaml")
    #expect(mkfifo(sandbox.path("go"), 0o600) == 0)
    let sink = "cat >/dev/null; echo begun >&2; read -r line <go; echo done >&2"
    let child = try usher().start(
      "exec usher apply org.yaml --create --yes --keys-to 'exec:\(sink)' --state state",
      on: terminal)
    #expect(terminal.wait(for: "begun"))
    // Another run that shows progress tells when a second has passed.
    let other = try PseudoTerminal()
    #expect(mkfifo(sandbox.path("clock"), 0o600) == 0)
    let clock = try usher().start("exec usher validate clock", on: other)
    let hand = try writer(of: "clock")
    #expect(other.wait(for: "reading clock"))
    try deliver(org, by: hand)
    #expect(try clock.wait().code == 0)
    let writer = try writer(of: "go")
    try deliver("\n", by: writer)
    terminal.waitForEnd()
    #expect(try child.wait().code == 0)
    #expect(terminal.screen == ["begun", "done", ""])
  }
}
