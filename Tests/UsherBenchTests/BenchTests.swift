// BenchTests: every workload runs, with sizes that take no time, and leaves nothing behind.

import Foundation
import SystemCalls
import Testing
import UsherCommands

@testable import UsherBench

@Suite struct BenchTests {
  @Test(arguments: [1, 10, 100]) func `every workload runs and is reported`(
    _ members: Int
  ) throws {
    let workshop = try Workshop()
    let run = workshop.bench(
      "--members", "\(members)", "--runs", "1", "--commits", "35", "--json", "--allow-debug")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.json["members"] as? Int == members)
    #expect(run.json["commits"] as? Int == 35)
    #expect(run.json["runs"] as? Int == 1)
    #expect(run.workloads.map { $0["name"] as? String } == Workload.all.map(\.name))
    for (found, workload) in zip(run.workloads, Workload.all) {
      #expect(found["members"] as? Int == members * workload.scale, "\(workload.name)")
      let best = try #require(found["best_milliseconds"] as? Double)
      let median = try #require(found["median_milliseconds"] as? Double)
      #expect(best <= median, "\(workload.name)")
      #expect(found["floor_ratio"] is Double, "\(workload.name)")
      #expect(found["peak_memory_bytes"] != nil, "\(workload.name)")
    }
    #expect(try workshop.names().isEmpty)
  }

  @Test func `only what is named runs, with the floor that it is held to`() throws {
    let run = try Workshop().bench(
      "--members", "3", "--runs", "2", "--json", "--allow-debug", "validate-large", "decode")
    #expect(
      run.workloads.map { $0["name"] as? String }
        == ["floor", "floor-large", "validate-large", "decode"])
  }

  @Test func `as a process of its own the bench tells the peak memory of usher`() throws {
    let run = try ChildProcess.capture(
      "\(Workshop.buildFolder)/UsherBench",
      ["--members", "2000", "--runs", "1", "--json", "--allow-debug", "plan-empty", "parse"],
      isInterrupted: { false })
    #expect(run.outcome == .exited(0))
    let found = BenchRun(
      code: 0, output: String(decoding: run.output, as: UTF8.self), errors: "")
    let peaks = found.workloads.map { $0["peak_memory_bytes"] as? Int }
    #expect(peaks.count == 3 && peaks[0] == nil && peaks[2] == nil)
    #expect(try #require(peaks[1]) > 1 << 20)
  }

  @Test(arguments: [
    (["plan-nop"], "workload 'plan-nop' is unknown"), (["--fast"], "option '--fast' is unknown"),
    (["--runs", "0"], "option '--runs' expects a whole number from 1 to 10000000"),
    (["--members"], "option '--members' expects a whole number from 1 to 10000000"),
    (["--usher", "usher"], "option '--usher' expects a path with a '/'"),
  ]) func `a wrong command line is refused with all names`(
    _ words: [String], _ message: String
  ) throws {
    let recorder = WorldRecorder()
    let code = Bench.run(
      .test(arguments: words, into: recorder), usher: "/bin/false", scratch: "/nowhere")
    #expect(code == 2)
    #expect(recorder.errors.hasPrefix("UsherBench: \(message)\n"))
    for workload in Workload.all { #expect(recorder.errors.contains("\n\(workload.name) ")) }
  }

  @Test func `a usher that does not do what was meant is not measured`() throws {
    let workshop = try Workshop()
    let failing = workshop.bench("--allow-debug", "--members", "1", "version", usher: "/bin/false")
    #expect(failing.code == 1)
    #expect(
      failing.errors == "UsherBench: 'usher --version' ended with status 1, not 0: \n")
    let missing = workshop.bench("--allow-debug", usher: "/nowhere/usher")
    #expect(missing.code == 1)
    #expect(missing.errors.contains("there is no '/nowhere/usher'"))
    #expect(try workshop.names().isEmpty)
  }

  @Test func `an interrupted run leaves nothing behind`() throws {
    let workshop = try Workshop()
    let recorder = WorldRecorder()
    recorder.signal = 2
    let run = workshop.bench("--allow-debug", "--members", "1", "validate", into: recorder)
    #expect(run.code == 1)
    #expect(run.errors == "UsherBench: interrupted by signal 2\n")
    #expect(try workshop.names().isEmpty)
  }

  @Test(.enabled(if: Bench.isDebugBuild)) func `a debug build reports no times unasked`() throws {
    let run = try Workshop().bench("--members", "1", "validate")
    #expect(run.code == 1)
    #expect(run.errors.contains("swift run -c release UsherBench"))
  }
}
