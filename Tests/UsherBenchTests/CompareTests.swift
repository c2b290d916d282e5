// CompareTests: the script under examples/benchmarks, with a roster that takes no time.

import Foundation
import SystemCalls
import Testing

@testable import UsherBench

/// Whether there is a Python to run it with.
private let hasPython =
  (try? ChildProcess.capture("python3", ["--version"], isInterrupted: { false }))?.outcome
  == .exited(0)

@Suite(.enabled(if: hasPython)) struct CompareTests {
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("examples/benchmarks/compare").path
  private static let works = [
    "validate", "plan-no-op", "plan-change", "plan-empty", "apply-empty", "apply-change", "status",
    "verify-key", "version",
  ]

  /// Runs the script; what stands before it may change its environment.
  private func compare(_ arguments: String..., after preparation: String = "") throws -> BenchRun {
    let python = "python=$(python3 -c 'import sys; print(sys.executable)')"
    let words = [
      "-c", "\(python); \(preparation) exec \"$python\" \"$@\"", "compare", Self.script,
      "--usher", "\(Workshop.buildFolder)/usher", "--members", "120", "--runs", "1",
    ]
    let run = try ChildProcess.capture("sh", words + arguments, isInterrupted: { false })
    guard case .exited(let code) = run.outcome else { throw SystemError("run", "compare", 1) }
    return BenchRun(code: code, output: String(decoding: run.output, as: UTF8.self), errors: "")
  }

  @Test func `usher is measured, and who is not installed is named`() throws {
    let run = try compare("--skip", "large", after: "PATH=/nowhere")
    #expect(run.code == 0)
    let lines = run.output.components(separatedBy: "\n")
    for name in Self.works { #expect(lines.contains { $0.hasPrefix("\(name) ") }, "\(name)") }
    for name in ["sqlite3", "swift-hello", "terraform-apply", "terraform-plan"] {
      let line = lines.first { $0.hasPrefix("\(name) ") }
      #expect(line?.contains("not installed") == true, "\(run.output)")
    }
  }

  @Test func `every bar is told with its ratio, also that of ten times the members`() throws {
    let run = try compare(
      "--json", "--skip", "octodns", "--skip", "terraform", "--skip", "swift-hello",
      "--bench-option=--allow-debug", "--bench-option=--commits", "--bench-option=40")
    #expect(run.code == 0)
    let measured = try #require(run.json["measured"] as? [[String: Any]])
    let names = measured.compactMap { $0["name"] as? String }
    #expect(names.starts(with: Self.works))
    #expect(names.contains("plan-long-log"))
    let bars = try #require(run.json["bars"] as? [[String: Any]])
    #expect(bars.count >= 15)
    for work in ["apply-change", "status", "verify-key", "validate-large", "plan-long-log"] {
      let bar = try #require(bars.first { $0["work"] as? String == work })
      let ratio = try #require(bar["ratio"] as? Double)
      let limit = try #require(bar["bar"] as? Double)
      #expect(bar["holds"] as? Bool == (ratio <= limit))
    }
  }
}
