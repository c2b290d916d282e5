// ChildProcessTests: commands are fed, watched and never left behind.

import Foundation
import SystemCalls
import Testing

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

  @Test func `an interruption kills the command`() throws {
    #expect(try run("sleep 600", isInterrupted: { true }) == .interrupted)
  }

  @Test func `what a command leaves in the background dies with it`() throws {
    let mark = NSTemporaryDirectory() + "usher-child-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: mark) }
    #expect(try run("sleep 600 & echo $! > \(mark)") == .exited(0))
    let child = try String(contentsOfFile: mark, encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    // The killed child may be a zombie for a moment, until init collects it.
    let alive = try run(
      "for i in 1 2 3 4 5 6 7 8 9; do kill -0 \(child) 2>/dev/null || exit 0; "
        + "case $(cut -d' ' -f3 /proc/\(child)/stat 2>/dev/null) in Z|'') exit 0;; esac; done; exit 1"
    )
    #expect(alive == .exited(0))
  }
}

@Suite struct FileSystemTests {
  @Test(arguments: [("a/b", "a"), ("/a", "/"), ("a", "."), ("/a/b/", "/a"), ("./a", ".")])
  func `the parent of a path`(_ path: String, _ parent: String) {
    #expect(FileSystem.parent(of: path) == parent)
  }

  @Test func `a file is created new, with the mode asked for, or not at all`() throws {
    let path = NSTemporaryDirectory() + "usher-file-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileSystem.createFile(path, with: [1, 2, 3], mode: 0o600)
    #expect(try FileSystem.readFile(path) == [1, 2, 3])
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(throws: SystemError.self) { try FileSystem.createFile(path, with: [9], mode: 0o600) }
    #expect(try FileSystem.readFile(path) == [1, 2, 3])
  }

  @Test func `a folder is no file`() {
    #expect(throws: SystemError.self) { try FileSystem.readFile(NSTemporaryDirectory()) }
  }
}
