// Experiment: an act on a disk, performed again and again, each time with something else going wrong.

import CommitStore
import DiskSimulation
import Foundation
import Records

@testable import Reconciling

/// How a performance ended.
enum Outcome {
  /// Success was reported.
  case acknowledged
  /// It was reported that the commit is there, but may not survive a power cut.
  case unsynced
  /// Failure was reported.
  case failed(String)
  /// The power was off before it ended.
  case stopped
}

/// An act, and what is known of it from a performance in which nothing went wrong.
struct Experiment {
  typealias Fault = SimulatedDisk.Fault
  typealias Step = SimulatedDisk.Step
  typealias Faults = @Sendable (Int, Step) -> Fault?

  let base: DiskImage
  let act: Act
  let closing: Act
  let salt: String
  let keyPath: String
  let order: Order
  /// Goes wrong in every performance: what makes the code under test a bad one.
  var always: Faults = { _, _ in nil }
  /// With the chapter of this act at its end.
  private(set) var ledger: Ledger
  /// What the act does to the disk.
  private(set) var steps: [Step]
  /// What is on the disk when it is done.
  private(set) var done: DiskImage

  /// Performs the act once, on a copy of the disk; nil if there is nothing to do.
  init?(
    _ act: Act, then closing: Act, on base: DiskImage, _ ledger: Ledger, salt: String,
    order: Order = .sound
  ) throws {
    self.base = base
    self.act = act
    self.closing = closing
    self.salt = salt
    self.order = order
    self.ledger = ledger
    keyPath = "/home/keys-\(salt).jsonl"
    let disk = SimulatedDisk(base)
    guard
      let receipt = try Site(disk: disk, order: order).perform(
        act, keysTo: keyPath, salt: salt)
    else {
      return nil
    }
    steps = disk.steps
    done = disk.image
    var chapter = Chapter(revision: receipt.revision, now: act.now)
    if let text = done.bytes(keyPath) {
      chapter.keyPath = keyPath
      chapter.keyText = text
    }
    self.ledger.chapters.removeLast(ledger.chapters.count - 1 - ledger.present)
    self.ledger.chapters.append(chapter)
  }

  /// The number of the act's own chapter.
  var last: Int { ledger.chapters.count - 1 }

  /// The ledger once the act was acknowledged.
  var ledgerWhenDone: Ledger {
    var ledger = ledger
    ledger.present = last
    ledger.certain = last
    return ledger
  }

  /// Performs the act.
  func perform(_ faults: @escaping Faults) -> (disk: SimulatedDisk, outcome: Outcome) {
    let always = always
    let disk = SimulatedDisk(base) { always($0, $1) ?? faults($0, $1) }
    do {
      let site = Site(disk: disk, order: order)
      let receipt = try site.perform(act, keysTo: keyPath, salt: salt)
      return (disk, receipt == nil ? .failed("nothing was done") : .acknowledged)
    } catch {
      if disk.isStopped { return (disk, .stopped) }
      if case ApplyError.store(.unsynced) = error { return (disk, .unsynced) }
      return (disk, .failed("\(error)"))
    }
  }
}

/// What goes wrong in an experiment, in all its variations; finds what is then violated.
struct Search {
  /// At most so many ways in which one power cut may go.
  static let fatesMax = 48

  let experiment: Experiment
  /// With so many violations the search is over.
  let violationsMax: Int
  private(set) var violations: [String] = []
  /// How many disks were looked at.
  private(set) var lookCount = 0
  private var seen: Set<[UInt8]> = []
  private var dice = Dice(state: 1)

  init(_ experiment: Experiment, violationsMax: Int = 5) {
    self.experiment = experiment
    self.violationsMax = violationsMax
  }

  private var isDone: Bool { violations.count >= violationsMax }

  /// The power fails at every step, and at every byte of every write.
  /// - Parameter action: Where the first such step is the first to fail; nil: at the very first.
  mutating func stopEverywhere(from action: Experiment.Step.Action? = nil) {
    let first = experiment.steps.firstIndex { action == nil || $0.action == action } ?? 0
    for (index, step) in experiment.steps.enumerated()
    where index >= first && step.changesDisk && !isDone {
      stop(at: index, .stopBefore)
      stop(at: index, .stopAfter)
      if step.action == .write { tear(at: index, step.byteCount) }
    }
  }

  /// Every step fails, once or together with all after it; of the many that read the log, the first.
  mutating func failEverywhere() {
    let firstRead = experiment.steps.firstIndex { $0.action == .read }
    for (index, step) in experiment.steps.enumerated()
    where (step.action != .read || index == firstRead) && !isDone {
      fail("EIO once at \(index) \(step)") { at, _ in at == index ? .fail(EIO) : nil }
      fail("EIO from \(index) \(step)", erases: false) { at, _ in at >= index ? .fail(EIO) : nil }
      if step.action == .link {
        fail("EIO after \(index) \(step)") { at, _ in at == index ? .failAfter(EIO) : nil }
      }
      guard step.takesSpace else { continue }
      fail("ENOSPC once at \(index) \(step)") { at, _ in at == index ? .fail(ENOSPC) : nil }
      fail("ENOSPC from \(index) \(step)") { at, step in
        at >= index && step.takesSpace ? .fail(ENOSPC) : nil
      }
    }
  }

  private mutating func stop(at index: Int, _ fault: Experiment.Fault) {
    let (disk, outcome) = experiment.perform { at, _ in at == index ? fault : nil }
    cutPower(disk.image, outcome, "\(fault) \(index) \(experiment.steps[index])")
  }

  /// What nobody reads cannot matter: then one byte stands for all.
  private mutating func tear(at index: Int, _ byteCount: Int) {
    for count in 0..<byteCount where !isDone {
      let (disk, _) = experiment.perform { at, _ in at == index ? .tear(count) : nil }
      let read = look(
        at: disk.image.keepingAll, experiment.ledger.certain...experiment.last,
        "torn at byte \(count) of \(experiment.steps[index])")
      if let read, !read.contains(disk.steps[index].path) { return }
    }
  }

  private mutating func fail(
    _ name: String, erases: Bool = true, _ faults: @escaping Experiment.Faults
  ) {
    let (disk, outcome) = experiment.perform(faults)
    let image = disk.image
    let isThere: Bool
    switch outcome {
    case .acknowledged, .unsynced: isThere = true
    case .failed, .stopped: isThere = false
    }
    let expected = isThere ? experiment.last : experiment.ledger.present
    look(at: image.keepingAll, expected...expected, "\(name): \(outcome)")
    if !isThere, erases, image.bytes(experiment.keyPath) != nil {
      violations.append("\(name): the keys outlive the failed apply")
    }
    cutPower(image, outcome, name)
  }

  private mutating func cutPower(_ image: DiskImage, _ outcome: Outcome, _ name: String) {
    let ledger = experiment.ledger
    let allowed: ClosedRange<Int>
    switch outcome {
    case .acknowledged: allowed = experiment.last...experiment.last
    case .unsynced, .stopped: allowed = ledger.certain...experiment.last
    case .failed: allowed = ledger.certain...ledger.present
    }
    for fates in Self.fates(of: image.doubts, &dice) where !isDone {
      look(at: image.afterPowerCut(fates), allowed, "\(name), power cut \(fates): \(outcome)")
    }
  }

  /// - Returns: The files that the next processes read; nil if the same disk was looked at before.
  @discardableResult
  private mutating func look(
    at image: DiskImage, _ allowed: ClosedRange<Int>, _ name: String
  ) -> Set<String>? {
    guard seen.insert(Self.fingerprint(of: image, allowed)).inserted else { return nil }
    lookCount += 1
    let disk = SimulatedDisk(image)
    var (found, _) = experiment.ledger.violations(on: disk, allowing: allowed)
    found += experiment.ledger.violationsOfNext(experiment.act, experiment.closing, on: disk)
    violations += found.map { "\(name): \($0)" }
    return disk.readPaths
  }

  /// All ways in which a power cut may go, or if they are too many, the extremes and some others.
  static func fates(of doubts: [DiskImage.Doubt], _ dice: inout Dice) -> [[Int]] {
    let counts = doubts.map(\.fateCount)
    var product = 1
    for count in counts { product = min(product * count, fatesMax + 1) }
    if product <= fatesMax {
      return counts.reduce([[]]) { all, count in
        all.flatMap { start in (0..<count).map { start + [$0] } }
      }
    }
    let lost = counts.map { _ in 0 }
    let kept = counts.map { $0 - 1 }
    var fates = [lost, kept]
    for index in counts.indices {
      for fate in 0..<counts[index] {
        for extreme in [lost, kept] {
          var other = extreme
          other[index] = fate
          fates.append(other)
        }
      }
    }
    while fates.count < 2 * fatesMax { fates.append(counts.map { dice.roll($0) }) }
    return fates
  }

  /// Two disks with the same are the same to whoever starts anew: temporary names are random.
  static func fingerprint(of image: DiskImage, _ allowed: ClosedRange<Int>) -> [UInt8] {
    var text = Array("\(allowed) \(image.folders)".utf8)
    for (path, bytes) in image.files {
      let parts = path.split(separator: ".tmp-")
      text += "\n\(parts[0]) \(parts.count) \(bytes.count)\n".utf8 + bytes
    }
    return text
  }
}
