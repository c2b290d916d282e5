// BenchReportTests: the tables, and that the README has the one that the bench prints.

import Foundation
import Testing

@testable import UsherBench

@Suite struct BenchReportTests {
  @Test func `the text has a line a workload`() throws {
    let run = try Workshop().bench(
      "--members", "10", "--runs", "1", "--allow-debug", "validate", "version")
    let names = run.output.split(separator: "\n").map { $0.prefix { $0 != " " } }
    #expect(names == ["workload", "floor", "validate", "version"])
  }

  @Test func `the README has the table that the bench prints, but for its numbers`() throws {
    let run = try Workshop().bench(
      "--members", "1", "--runs", "1", "--commits", "2", "--markdown", "--allow-debug")
    #expect(run.code == 0, "\(run.errors)")
    let head = try #require(run.output.components(separatedBy: "\n").first)
    let readme = try #require(try Workshop.readme().components(separatedBy: head).last)
    #expect(named(readme) == named(run.output.components(separatedBy: head).last ?? ""))
    #expect(named(readme).count == Workload.all.count + 1)
  }

  /// The first two cells of the rows that a text begins with.
  private func named(_ text: String) -> [String] {
    text.components(separatedBy: "\n").dropFirst().prefix { $0.hasPrefix("|") }
      .map { $0.components(separatedBy: " | ").prefix(2).joined(separator: " | ") }
  }

  @Test func `the middle run counts, and the fastest is told`() {
    var measurement = Measurement(.floor(1), members: 1)
    for (milliseconds, peak) in [(30, 5), (10, nil), (20, 7)] as [(Int, Int?)] {
      measurement.add(Sample(duration: .milliseconds(milliseconds), peakBytes: peak))
    }
    #expect(measurement.median == .milliseconds(20))
    #expect(measurement.best == .milliseconds(10))
    #expect(measurement.peakBytes == 7)
  }

  @Test(arguments: [
    (0, "0.00"), (34, "0.03"), (1_005, "1.01"), (9_994, "9.99"), (9_995, "10.0"), (99_949, "99.9"),
    (99_950, "100"), (1_234_567, "1,235"),
  ]) func `numbers have three digits, or as many as stand before the point`(
    _ thousandths: Int, _ text: String
  ) {
    #expect(BenchReport.short(thousandths) == text)
  }
}
