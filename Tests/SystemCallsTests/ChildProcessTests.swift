// ChildProcessTests: commands are fed, watched and never left behind.

import Foundation
import Testing

@testable import SystemCalls

@Suite struct ChildProcessTests {
  private func run(
    _ command: String, input: [UInt8] = [], isInterrupted: () -> Bool = { false }
  ) throws -> ChildProcess.Outcome {
    try ChildProcess.runShell(
      command, name: "name", argument: "verb", input: input, isInterrupted: isInterrupted)
  }

  @Test func `the status, the name and the argument arrive`() throws {
    #expect(try run("exit 7") == .exited(7))
    #expect(try run("test $0 = name && test $1 = verb") == .exited(0))
    #expect(try run("kill -9 $$") == .signalled(9))
  }

  @Test func `input larger than a pipe arrives whole`() throws {
    let input = [UInt8](repeating: 0x61, count: 1_000_000)
    #expect(try run("test $(wc -c) -eq 1000000", input: input) == .exited(0))
  }

  @Test func `a command that does not read is no error`() throws {
    #expect(try run("exit 0", input: [UInt8](repeating: 0x61, count: 1_000_000)) == .exited(0))
  }

  @Test func `a command that closes its input and goes on is no error`() throws {
    let input = [UInt8](repeating: 0x61, count: 1_000_000)
    #expect(try run("exec 0<&-; sleep 0.1; exit 5", input: input) == .exited(5))
  }

  @Test func `a program that is not there is an error, not a status`() {
    #expect(throws: SystemError("start", "/nonexistent/sh", 2)) {
      try ChildProcess.run(["/nonexistent/sh"], input: [1], { false })
    }
  }

  @Test func `output of both kinds goes to standard error`() throws {
    let same = "test $(readlink /proc/$$/fd/1) = $(readlink /proc/$$/fd/2)"
    #expect(try run("test ! -d /proc/self/fd || \(same)") == .exited(0))
  }

  @Test func `what a program writes is captured whole, its complaints are not`() throws {
    func capture(_ words: String...) throws -> (outcome: ChildProcess.Outcome, output: [UInt8]) {
      try ChildProcess.capture(words[0], Array(words.dropFirst()), isInterrupted: { false })
    }
    let large = try capture("head", "-c", "1000000", "/dev/zero")
    #expect(large.outcome == .exited(0) && large.output.count == 1_000_000)
    let failed = try capture("sh", "-c", "echo out; echo complaint >&2; exit 3")
    #expect(failed.outcome == .exited(3) && failed.output == Array("out\n".utf8))
    #expect(try capture("cat").output == [])
    #expect(try capture("sh", "-c", "[ /dev/fd/2 -ef /dev/null ]").outcome == .exited(0))
    #expect(try capture("usher-no-such-program").outcome == .exited(127))
    #expect(try capture("printf", "%s|", "a b", "$HOME", "*").output == Array("a b|$HOME|*|".utf8))
  }

  @Test func `nothing but the three descriptors is handed down`() throws {
    let path = NSTemporaryDirectory() + "usher-open-" + UUID().uuidString
    let file = try FileSystem.create(path, mode: 0o600)
    defer { try? FileSystem.remove(path) }
    let isHandedDown = "ls -l /proc/$$/fd 2>/dev/null | grep -q usher-open"
    #expect(try run("if \(isHandedDown); then exit 1; else exit 0; fi") == .exited(0))
    try FileSystem.close(file)
  }

  @Test func `signals are as if nobody had touched them`() throws {
    // Blocked, ignored: none of the 31 that are not real-time. SIGPIPE (13) is caught by usher.
    let masks = "grep -E '^Sig(Blk|Ign):' /proc/$$/status | grep -qv '[08]0000000$'"
    #expect(try run("if \(masks); then grep Sig /proc/$$/status; exit 1; fi") == .exited(0))
    #expect(try run("kill -13 $$") == .signalled(13))
  }

  @Test func `what a command does to its own group spares usher`() throws {
    #expect(try run("kill -TERM 0; sleep 600") == .signalled(15))
  }

  @Test func `many commands at once get their own input and end`() async throws {
    let outcomes = try await withThrowingTaskGroup(of: ChildProcess.Outcome.self) { group in
      for number in 1...8 {
        group.addTask {
          try ChildProcess.runShell(
            "test $(wc -c) -eq $1 && exit $1", name: "name", argument: "\(number)",
            input: [UInt8](repeating: 1, count: number), isInterrupted: { false })
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(outcomes) == Set((1...8).map { .exited($0) }))
  }

  @Test func `an interruption kills what the command has started, too`() throws {
    let mark = NSTemporaryDirectory() + "usher-child-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: mark) }
    let outcome = try run("sleep 600 & echo $! > \(mark).new; mv \(mark).new \(mark); wait") {
      FileManager.default.fileExists(atPath: mark)
    }
    #expect(outcome == .interrupted)
    let child = try String(contentsOfFile: mark, encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(try hasDied(child))
  }

  /// Whether a killed process is gone, or a zombie that nobody has collected yet. A killed process
  /// may take a moment to die.
  private func hasDied(_ child: String) throws -> Bool {
    try run(
      "for i in $(seq 5000); do kill -0 \(child) 2>/dev/null || exit 0; "
        + "case $(cut -d' ' -f3 /proc/\(child)/stat 2>/dev/null) in Z|'') exit 0;; esac; done; exit 1"
    ) == .exited(0)
  }

  @Test func `an interruption kills the command`() throws {
    #expect(try run("sleep 600", isInterrupted: { true }) == .interrupted)
  }

  @Test func `what a command leaves in the background dies with it`() throws {
    let mark = NSTemporaryDirectory() + "usher-child-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: mark) }
    #expect(try run("sleep 600 & echo $! > \(mark)") == .exited(0))
    let child = try String(contentsOfFile: mark, encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(try hasDied(child))
  }
}
