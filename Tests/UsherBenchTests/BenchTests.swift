// BenchTests: the workloads run, with sizes that take no time.

import Testing

@testable import UsherBench

@Suite struct BenchTests {
  @Test(arguments: [1, 10, 1000]) func `every workload runs and reports`(_ members: Int) {
    let report = bench(members: members)
    let workloads = [
      "floor", "parse", "decode", "format", "export", "plan from empty", "no-op plan",
    ]
    for workload in workloads {
      #expect(report.contains("\(workload): "), "\(report)")
    }
    #expect(!report.contains("not "), "\(report)")
  }
}
