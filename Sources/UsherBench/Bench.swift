// Bench: measures what was asked for, round by round, and prints it.
//
// Every round runs each workload once, so that what disturbs the machine for a while disturbs all.
// Parts of usher that run in this process come last: they make it grow, and the peak memory of a
// process that is started from a large one is not known.

import ByteOutput
import Reporting
import SystemCalls
import UsherCommands

/// The bench.
enum Bench {
  /// Runs in a world; 0 if all was measured, 1 if not, 2 for wrong usage.
  /// - Parameters:
  ///   - usher: The usher that is measured, unless the command line names another.
  ///   - folder: Where files are kept meanwhile; nothing stays there.
  static func run(_ world: World, usher: String, scratch folder: String) -> Int32 {
    do {
      let options = try BenchOptions(world.arguments)
      guard !options.isHelp else { return world.write(Array(help.utf8)) ? 0 : 1 }
      guard !isDebugBuild || options.isDebugAllowed else {
        throw BenchError(
          "times of a debug build say nothing; run 'swift run -c release UsherBench'")
      }
      let measured = try measure(
        options, usher: options.usher ?? usher, scratch: folder, in: world)
      let report = BenchReport(options: options, measurements: measured)
      var sink = ByteSink()
      switch options.form {
      case .text: report.writeText(into: &sink)
      case .json: report.writeJSON(into: &sink)
      case .markdown: report.writeMarkdown(into: &sink)
      }
      guard world.write(sink.bytes) else {
        throw BenchError("standard output cannot be written")
      }
      return 0
    } catch let error as BenchUsageError {
      world.writeError(Array("UsherBench: \(error.message)\n\n\(help)".utf8))
      return 2
    } catch {
      world.writeError(Array("UsherBench: \(error)\n".utf8))
      return 1
    }
  }

  /// Whether this build checks what release builds do not.
  static var isDebugBuild: Bool {
    var isDebug = false
    assert(
      {
        isDebug = true  // only evaluated where assertions are
        return true
      }())
    return isDebug
  }

  private static func measure(
    _ options: BenchOptions, usher: String, scratch folder: String, in world: World
  ) throws -> [Measurement] {
    guard FileSystem.kind(usher) == .file else {
      throw BenchError("there is no '\(usher)'; build it, or name another with --usher")
    }
    let scratch = try ScratchFolder(below: folder)
    do {
      let measured = try measure(options, usher: usher, below: scratch.path, in: world)
      try scratch.remove()
      return measured
    } catch {
      // The first failure is the one to tell.
      do { try scratch.remove() } catch {}
      throw error
    }
  }

  private static func measure(
    _ options: BenchOptions, usher: String, below folder: String, in world: World
  ) throws -> [Measurement] {
    var sites: [Int: Site] = [:]
    for scale in Set(options.workloads.map(\.scale)) {
      sites[scale] = try Site(
        members: options.members * scale, commits: options.commits,
        folder: "\(folder)/\(scale)", usher: usher, now: world.now)
    }
    var measured = options.workloads.map {
      Measurement($0, members: options.members * $0.scale)
    }
    for arePartsDue in [false, true] {
      let due = measured.indices.filter { measured[$0].workload.isPart == arePartsDue }
      for round in 1...options.runs {
        for index in due {
          let work = measured[index].workload
          if world.isStandardErrorTerminal {
            world.writeError(Array("\u{1B}[2K\r\(work.name), \(round) of \(options.runs)".utf8))
          }
          guard let site = sites[work.scale] else { continue }
          measured[index].add(try sample(work, site))
          if let signal = world.interruptedBy() {
            throw BenchError("interrupted by signal \(signal)")
          }
        }
      }
    }
    if world.isStandardErrorTerminal { world.writeError(Array("\u{1B}[2K\r".utf8)) }
    return measured
  }

  private static func sample(_ workload: Workload, _ site: Site) throws -> Sample {
    let clock = ContinuousClock()
    switch workload.work {
    case .floor:
      let file = try site.orgFile()
      return Sample(duration: try clock.measure { _ = try MeasuredProcess.countLines(file) })
    case .command(let make): return try site.run(try make(site))
    case .part(let make):
      let part = try make(site)
      return Sample(duration: try clock.measure { try part() })
    }
  }

  /// What `--help` prints.
  static var help: String {
    var table = TextTable(columns: [.init("NAME"), .init("what it is")])
    for workload in Workload.all { table.add([.init(workload.name), .init(workload.about)]) }
    var sink = ByteSink()
    sink.write(
      """
      usage: UsherBench [OPTION…] [NAME…]

        --members N    members of the org file; 100,000 by default
        --runs N       runs of each workload, of which the median counts; 5 by default
        --commits N    commits of the long log; 2,000 by default
        --json         prints one JSON object
        --markdown     prints the table of the README
        --usher PATH   the usher to measure; by default the one that was built with the bench
        --allow-debug  also reports from a debug build, whose times say nothing


      """)
    table.render(into: &sink)
    return sink.text
  }
}
