// BenchReport: the measurements as text, JSON and the table of the README.

import ByteOutput
import Reporting
import SystemCalls
import UsherCommands

/// The runs of one workload.
struct Measurement {
  let workload: Workload
  let members: Int
  private(set) var samples: [Sample] = []

  init(_ workload: Workload, members: Int) {
    self.workload = workload
    self.members = members
  }

  mutating func add(_ sample: Sample) { samples.append(sample) }

  /// The middle run, or the slower of the two in the middle.
  var median: Duration { samples.map(\.duration).sorted()[samples.count / 2] }
  /// The fastest run.
  var best: Duration { samples.map(\.duration).min() ?? .zero }
  /// The middle peak, in bytes; nil if it is known of no run.
  var peakBytes: Int? {
    let peaks = samples.compactMap(\.peakBytes).sorted()
    return peaks.isEmpty ? nil : peaks[peaks.count / 2]
  }
}

/// All that was measured in one run.
struct BenchReport {
  private static let floorAbout = "reading the org file and counting its lines, in process"

  let options: BenchOptions
  let measurements: [Measurement]

  /// A table for people.
  func writeText(into sink: inout ByteSink) {
    var table = TextTable(columns: [
      .init("workload"), .init("members", isNumeric: true), .init("median ms", isNumeric: true),
      .init("best ms", isNumeric: true), .init("× floor", isNumeric: true),
      .init("peak MiB", isNumeric: true), .init("what it is"),
    ])
    for measurement in measurements {
      let cells = cells(of: measurement)
      let words = [measurement.workload.name, String(measurement.members)] + cells
      table.add((words + [measurement.workload.about]).map { TextTable.Cell($0) })
    }
    table.render(into: &sink)
  }

  /// The table of the README, with the machine in general terms below it.
  func writeMarkdown(into sink: inout ByteSink) {
    sink.writeLine("| name | what it is | median ms | best ms | × floor | peak MiB |")
    sink.writeLine("| --- | --- | ---: | ---: | ---: | ---: |")
    for measurement in measurements {
      let work = measurement.workload
      let cells = cells(of: measurement).joined(separator: " | ")
      sink.writeLine("| `\(work.name)` | \(work.about) | \(cells) |")
    }
    sink.writeLine()
    let seats = Roster(members: options.members).seats
    sink.writeLine(
      "\(Self.grouped(options.members)) members with \(Self.grouped(seats)) seats, a log of "
        + "\(Self.grouped(options.commits)) commits, \(options.runs) runs, on \(Machine.name).")
  }

  /// One object.
  func writeJSON(into sink: inout ByteSink) {
    var json = JSONWriter(.indented)
    json.object { json in
      json.member("format", "usher.bench/1")
      json.member("usher", Program.version)
      json.member("members", options.members)
      json.member("seats", Roster(members: options.members).seats)
      json.member("commits", options.commits)
      json.member("runs", options.runs)
      json.member("floor", Self.floorAbout)
      json.key("workloads")
      json.array { json in
        for measurement in measurements {
          json.line { json in
            json.member("name", measurement.workload.name)
            json.member("about", measurement.workload.about)
            json.member("members", measurement.members)
            json.key("median_milliseconds")
            json.raw(Self.decimal(measurement.median.microseconds))
            json.key("best_milliseconds")
            json.raw(Self.decimal(measurement.best.microseconds))
            json.key("floor_ratio")
            json.raw(Self.decimal(Int((ratio(of: measurement) * 1000).rounded())))
            json.key("peak_memory_bytes")
            if let peak = measurement.peakBytes { json.value(peak) } else { json.null() }
          }
        }
      }
    }
    sink.write(bytes: json.sink.bytes)
    sink.writeLine()
  }

  /// Median, best, ratio and peak.
  private func cells(of measurement: Measurement) -> [String] {
    let peak = measurement.peakBytes.map { Self.short($0 * 1000 / 1_048_576) }
    return [
      Self.short(measurement.median.microseconds), Self.short(measurement.best.microseconds),
      Self.short(Int((ratio(of: measurement) * 1000).rounded())), peak ?? "",
    ]
  }

  /// How many times the floor of the same size, by medians.
  private func ratio(of measurement: Measurement) -> Double {
    let name = Workload.floor(measurement.workload.scale).name
    let floor = measurements.first { $0.workload.name == name }
    guard let floor, floor.median > .zero else { return 0 }
    return measurement.median / floor.median
  }

  /// Thousandths as a decimal: all three digits.
  private static func decimal(_ thousandths: Int) -> String {
    let digits = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }

  /// Thousandths for people: three digits, and no fewer than there are before the point.
  static func short(_ thousandths: Int) -> String {
    if thousandths < 9_995 { return String(decimal((thousandths + 5) / 10 * 10).dropLast()) }
    if thousandths < 99_950 { return String(decimal((thousandths + 50) / 100 * 100).dropLast(2)) }
    return grouped((thousandths + 500) / 1000)
  }

  private static func grouped(_ number: Int) -> String {
    guard number >= 1000 else { return String(number) }
    let digits = String(number % 1000)
    return grouped(number / 1000) + "," + String(repeating: "0", count: 3 - digits.count) + digits
  }
}

extension Duration {
  /// Whole microseconds.
  var microseconds: Int {
    Int(components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000)
  }
}
