// UsageCrashTests: whatever goes wrong at whatever step of an ingest that ends in a merge, no file is
// lost, none counts twice, and the next run is as if nothing had been.

import DiskSimulation
import Foundation
import OrgModel
import SystemCalls
import Testing

@testable import Metering

private func text(_ number: Int) -> String {
  "{\"time\":0,\"member\":\"a\",\"model\":\"m\",\"credits\":\(1 << number)}\n"
}

/// What the ingest of a sixteenth file does, again and again, each time with something else going wrong.
private struct Experiment {
  typealias Faults = @Sendable (Int, SimulatedDisk.Step) -> SimulatedDisk.Fault?

  /// Fifteen files are in; with one more, sixteen are merged.
  let base: DiskImage
  let steps: [SimulatedDisk.Step]
  var always: Faults = { _, _ in nil }

  init() throws {
    let site = UsageSite()
    for number in 1...15 { try site.take(text(number), name: "\(number)") }
    base = site.disk.image
    let disk = SimulatedDisk(base)
    let last = UsageSite(disk)
    try last.take(text(16), name: "16")
    try last.ingest().compact()
    steps = disk.steps
    try #require(last.files == ["000000000001-000000000016.usage"])
  }

  /// As the command has it: what is ingested is, also if merging fails.
  func perform(_ faults: @escaping Faults) -> (disk: SimulatedDisk, isAcknowledged: Bool) {
    let always = always
    let disk = SimulatedDisk(base) { always($0, $1) ?? faults($0, $1) }
    let site = UsageSite(disk)
    do { try site.take(text(16), name: "16") } catch { return (disk, false) }
    do { try site.ingest().compact() } catch {}
    return (disk, true)
  }

  /// What is wrong with a disk: each file counts as long as it must, at most once, and all of them once
  /// when they were ingested again.
  static func violations(on image: DiskImage, mustHaveLast: Bool) -> [String] {
    var found: [String] = []
    let site = UsageSite(SimulatedDisk(image))
    do {
      let first = try credits(site)
      let all = (1 << 17) - 2
      if first != all, mustHaveLast || first != all - 1 << 16 { found.append("\(first) Credits") }
      for number in [1, 15, 16] { try site.take(text(number), name: "\(number)") }
      try site.ingest().compact()
      let last = try credits(site)
      if last != all { found.append("in the end \(last) Credits") }
      if site.files != ["000000000001-000000000016.usage"] { found.append("\(site.files)") }
    } catch {
      found.append("\(error)")
    }
    return found
  }

  static func credits(_ site: UsageSite) throws -> Int {
    let window = UsageWindow(days: 1, now: Instant(seconds: 60) ?? .latest)
    return Int(try site.ledger.table(for: window).trend().total.microCredits / 1_000_000)
  }
}

/// Looks at everything that could be left.
private struct Search {
  let experiment: Experiment
  let violationsMax: Int
  var violations: [String] = []
  var lookCount = 0
  private var dice = Dice(state: 1)

  init(_ experiment: Experiment, violationsMax: Int = 5) {
    self.experiment = experiment
    self.violationsMax = violationsMax
  }

  mutating func look(_ image: DiskImage, mustHaveLast: Bool, _ name: String) {
    guard violations.count < violationsMax else { return }
    lookCount += 1
    violations += Experiment.violations(on: image, mustHaveLast: mustHaveLast)
      .map { "\(name): \($0)" }
  }

  /// The process died, or the power fails: all is lost, all is kept, or anything between.
  mutating func end(_ image: DiskImage, _ isSure: Bool, _ name: String) {
    look(image.keepingAll, mustHaveLast: isSure, "\(name), killed")
    look(image.afterPowerCut(image.doubts.map { _ in 0 }), mustHaveLast: isSure, "\(name), cut")
    let doubts = image.doubts
    for _ in 0..<(doubts.count > 1 ? 3 : 0) {
      let fates = doubts.map { dice.roll($0.fateCount) }
      look(image.afterPowerCut(fates), mustHaveLast: isSure, "\(name), cut \(fates)")
    }
  }

  mutating func stopEverywhere() {
    for (index, step) in experiment.steps.enumerated()
    where step.changesDisk && violations.count < violationsMax {
      for fault in [SimulatedDisk.Fault.stopBefore, .stopAfter, .tear(step.byteCount / 2)] {
        if case .tear = fault, step.action != .write { continue }
        let (disk, isSure) = experiment.perform { at, _ in at == index ? fault : nil }
        end(disk.image, isSure, "\(fault) \(index) \(step)")
      }
    }
  }
}

@Suite struct UsageCrashTests {
  @Test func `after a power cut at any step every file counts once`() throws {
    var search = Search(try Experiment())
    search.stopEverywhere()
    #expect(search.violations == [])
    #expect(search.lookCount > 100)
  }

  @Test func `after a failure of any step every file counts once`() throws {
    var search = Search(try Experiment())
    for (index, step) in search.experiment.steps.enumerated() {
      for isOnce in [true, false] {
        let (disk, isSure) = search.experiment.perform { at, _ in
          at == index || (!isOnce && at > index) ? .fail(step.takesSpace ? ENOSPC : EIO) : nil
        }
        search.end(disk.image, isSure, "\(isOnce ? "once" : "from") \(index) \(step)")
      }
      guard step.action == .link else { continue }
      let (disk, isSure) = search.experiment.perform { at, _ in
        at == index ? .failAfter(EIO) : nil
      }
      search.end(disk.image, isSure, "after \(index) \(step)")
    }
    #expect(search.violations == [])
  }

  @Test func `a file that is said to be kept out does not count`() throws {
    let experiment = try Experiment()
    let old = (1 << 16) - 2
    var unsettled = 0
    for (index, step) in experiment.steps.enumerated() {
      let disk = SimulatedDisk(experiment.base) { at, _ in at == index ? .fail(EIO) : nil }
      do {
        try UsageSite(disk).take(text(16), name: "16")
      } catch IngestError.usage(.unsynced) {
        continue
      } catch IngestError.usage(.unsettled(let number, _)) {
        #expect(number == 16)
        unsettled += 1
      } catch {
        let site = UsageSite(SimulatedDisk(disk.image))
        #expect(try Experiment.credits(site) == old, "\(index) \(step): \(error)")
      }
    }
    #expect(unsettled > 0)
  }

  @Test func `a sync that is left out is caught`() throws {
    let sound = try Experiment()
    var caught: Set<String> = []
    for (index, step) in sound.steps.enumerated()
    where (step.action == .flush || step.action == .flushFolder) && caught.count < 2 {
      if caught.contains("\(step.action)") { continue }
      var experiment = sound
      experiment.always = { at, _ in at == index ? .skip : nil }
      var search = Search(experiment, violationsMax: 1)
      search.stopEverywhere()
      let (disk, isSure) = experiment.perform { _, _ in nil }
      search.end(disk.image, isSure, "")
      if !search.violations.isEmpty { caught.insert("\(step.action)") }
    }
    #expect(caught == ["flush", "flushFolder"])
  }
}

@Suite struct UsageInterleavingTests {
  /// Ingests the sixteenth file and merges; at steps that are chosen another process does something.
  private func interleave(
    _ experiment: Experiment, at isChosen: @escaping @Sendable (Int) -> Bool,
    _ body: @escaping @Sendable (UsageSite) throws -> String
  ) throws -> (site: UsageSite, isNew: Bool, results: [String]) {
    let meanwhile = Meanwhile()
    let disk = SimulatedDisk(experiment.base) { at, _ in
      if isChosen(at) { meanwhile.run { try body(UsageSite($0)) } }
      return nil
    }
    meanwhile.begin(on: disk)
    let site = UsageSite(disk)
    let isNew = try site.take(text(16), name: "16").isNew
    try site.ingest().compact()
    return (site, isNew, meanwhile.results)
  }

  @Test func `a reader at any step sees the file once or not yet`() throws {
    let (_, _, results) = try interleave(try Experiment(), at: { _ in true }) {
      "\(try Experiment.credits($0))"
    }
    let seen = results.map { Int($0) ?? -1 }
    #expect(seen.first == (1 << 16) - 2 && seen.last == (1 << 17) - 2)
    #expect(Set(seen).count == 2 && seen == seen.sorted())
  }

  @Test func `the same file ingested at any step counts once, and one of both is told so`() throws {
    let experiment = try Experiment()
    var losses = 0
    for index in experiment.steps.indices {
      let (site, isNew, results) = try interleave(experiment, at: { $0 == index }) { site in
        let isNew = try site.take(text(16), name: "16").isNew
        try site.ingest().compact()
        return "\(isNew)"
      }
      #expect(results == ["\(!isNew)"], "\(index) \(experiment.steps[index])")
      #expect(try Experiment.credits(site) == (1 << 17) - 2, "\(index)")
      if !isNew { losses += 1 }
    }
    #expect(losses > 5)
  }

  @Test func `a number that was used, merged and removed meanwhile is not used again`() throws {
    let experiment = try Experiment()
    let links = experiment.steps.indices.filter { experiment.steps[$0].action == .link }
    for index in links[0] - 8...links[0] {
      let (site, isNew, results) = try interleave(experiment, at: { $0 == index }) { site in
        for number in 17...36 { try site.take(text(number), name: "\(number)") }
        try site.ingest().compact()
        return ""
      }
      #expect(isNew && results == [""], "\(index)")
      let all = (1 << 37) - 2
      #expect(try Experiment.credits(site) == all, "\(index) \(experiment.steps[index])")
      #expect(!site.files.contains { $0.hasPrefix(".") })
    }
  }
}
