// Sandbox: a folder of its own, and usher run in it, in-process, in a world made for the test.

import Foundation
import OrgModel
import SystemCalls
import Testing
import UsherCommands

/// What a run left behind.
struct Run {
  let code: Int32
  let output: String
  let errors: String

  /// The JSON object on standard output.
  var json: [String: Any] {
    (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any] ?? [:]
  }
}

/// A temporary folder, removed with the sandbox.
final class Sandbox {
  let folder: String
  private var serial: UInt8 = 0
  /// Set in every run, under what the run says itself.
  var environment: [String: String] = [:]

  init() throws {
    folder = NSTemporaryDirectory() + "usher-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  /// Writes a program that can be run at once: another process writes it. A child that another test starts
  /// meanwhile would hold what this one has open, and what is open for writing is not run (ETXTBSY).
  func writeProgram(_ text: String, to name: String) throws {
    let outcome = try ChildProcess.runShell(
      #"cat > "$1" && chmod 755 "$1""#, name: "sh", argument: path(name), input: Array(text.utf8),
      isInterrupted: { false })
    guard outcome == .exited(0) else { throw SystemError("write", name, 1) }
  }

  func read(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// Runs git in this sandbox, as somebody.
  @discardableResult
  func git(_ arguments: String..., in subfolder: String = "") throws -> String {
    let who = ["-c", "user.name=tester", "-c", "user.email=tester@example.com"]
    let run = try ChildProcess.capture(
      "git", ["-C", path(subfolder)] + who + arguments, isInterrupted: { false })
    guard run.outcome == .exited(0) else { throw SystemError("run", "git \(arguments)", 1) }
    return String(decoding: run.output, as: UTF8.self)
  }

  /// Runs usher on the state in this sandbox.
  func usher(
    _ arguments: String..., now: String = "2026-11-23T08:00:00Z", input: String = "",
    answers: [String] = [], isTerminal: Bool = false, isOutputBroken: Bool = false,
    signal: Int32? = nil, environment: [String: String] = [:]
  ) -> Run {
    run(
      arguments, now: now, input: input, answers: answers, isTerminal: isTerminal,
      isOutputBroken: isOutputBroken, signal: signal, environment: environment)
  }

  /// The same, for words that are made up on the way.
  func run(
    _ arguments: [String], now: String, input: String = "", answers: [String] = [],
    isTerminal: Bool = false, isOutputBroken: Bool = false, signal: Int32? = nil,
    environment: [String: String] = [:]
  ) -> Run {
    let recorder = WorldRecorder()
    recorder.isOutputBroken = isOutputBroken
    recorder.signal = signal
    var world = World.test(
      arguments: arguments + ["--state", path("state")],
      environment: self.environment.merging(environment) { $1 },
      now: Instant(now), standardInput: Array(input.utf8), answers: answers,
      isTerminal: isTerminal, into: recorder)
    world.random = Host.randomBytes
    world.workingFolder = folder
    let code = Program.run(world)
    return Run(code: code, output: recorder.output, errors: recorder.errors)
  }

  /// Runs usher with the system's randomness and without a sandbox; the exit code.
  static func code(of arguments: [String], environment: [String: String]) -> Int32 {
    var world = World.test(
      arguments: arguments, environment: environment, now: Instant("2026-11-23T08:00:00Z"))
    world.random = Host.randomBytes
    return Program.run(world)
  }

  /// Applies an org; keys are appended to those that this sandbox has seen.
  func apply(_ org: String, now: String = "2026-11-23T08:00:00Z", _ more: String...) throws -> Run {
    try write(org, to: "org.yaml")
    serial += 1
    let keys = path("keys-\(serial).jsonl")
    let recorder = WorldRecorder()
    let arguments = [
      "apply", path("org.yaml"), "--yes", "--create", "--keys-to", keys, "--format",
      "json", "--state", path("state"),
    ]
    var world = World.test(
      arguments: arguments + more, environment: environment, now: Instant(now), into: recorder)
    world.random = Host.randomBytes
    let code = Program.run(world)
    return Run(code: code, output: recorder.output, errors: recorder.errors)
  }

  /// The keys that were handed over, by member, latest last.
  func keys() throws -> [(member: String, key: String)] {
    guard serial > 0 else { return [] }
    return try (1...serial).flatMap { serial -> [(member: String, key: String)] in
      guard exists("keys-\(serial).jsonl") else { return [] }
      return try read("keys-\(serial).jsonl").split(separator: "\n").map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return (object?["member"] as? String ?? "", object?["api_key"] as? String ?? "")
      }
    }
  }

  /// The newest key of a member.
  func key(of member: String) throws -> String {
    try #require(keys().last { $0.member == member }?.key)
  }
}
