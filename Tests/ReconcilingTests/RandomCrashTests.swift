// RandomCrashTests: many acts one after the other, where anything may go wrong with each; a failure
// names its seed.

import DiskSimulation
import Foundation
import OrgModel
import Testing

@testable import Reconciling

/// A history of a site, made up by dice.
private struct Story {
  let seed: UInt64
  var dice: Dice
  var image = Site.empty
  var ledger = Ledger()
  var day = 1
  /// How often each outcome came up.
  var counts = (acknowledged: 0, unsynced: 0, failed: 0, stopped: 0)
  var violations: [String] = []

  init(seed: UInt64) {
    self.seed = seed
    dice = Dice(state: seed)
  }

  /// One act, in which something may go wrong.
  mutating func turn(_ number: Int) throws {
    let act = try randomAct()
    let closing = try Act(applying: Roster.closing(number), day: day)
    let salt = "\(seed)-\(number)"
    let experiment: Experiment
    do {
      guard let made = try Experiment(act, then: closing, on: image, ledger, salt: salt) else {
        return
      }
      experiment = made
    } catch is ImpossibleAct {
      return
    }
    let (fault, index) = randomFault(experiment)
    let (disk, outcome) = experiment.perform { at, step in
      switch fault {
      case .once(let fault): return at == index ? fault : nil
      case .from(let number): return at >= index ? .fail(number) : nil
      }
    }
    image = disk.image
    ledger = experiment.ledger
    settle(outcome, experiment)
    let name = "seed \(seed), act \(number), \(fault) at \(index): \(outcome)"
    let isCut = dice.roll(3) == 0
    if isCut { image = image.afterPowerCut(image.doubts.map { dice.roll($0.fateCount) }) }
    let isSure: Bool
    if case .stopped = outcome { isSure = false } else { isSure = !isCut }
    let first = isSure ? ledger.present : ledger.certain
    let last = isSure ? ledger.present : experiment.last
    look(allowing: first...last, isCut: isCut, name)
  }

  /// What is known after an outcome, as long as the power is on.
  private mutating func settle(_ outcome: Outcome, _ experiment: Experiment) {
    switch outcome {
    case .acknowledged:
      counts.acknowledged += 1
      ledger = experiment.ledgerWhenDone
    case .unsynced:
      counts.unsynced += 1
      ledger.present = experiment.last
    case .failed: counts.failed += 1
    case .stopped: counts.stopped += 1
    }
  }

  private mutating func look(allowing allowed: ClosedRange<Int>, isCut: Bool, _ name: String) {
    let (found, chapter) = ledger.violations(on: SimulatedDisk(image), allowing: allowed)
    violations += found.map { "\(name): \($0)" }
    guard let chapter else { return }
    // Recovering changes nothing: twice is once.
    let again = ledger.violations(on: SimulatedDisk(image.keepingAll), allowing: chapter...chapter)
    violations += again.violations.map { "\(name): the second time: \($0)" }
    ledger.chapters.removeLast(ledger.chapters.count - 1 - chapter)
    ledger.present = chapter
    if isCut { ledger.certain = chapter }
  }

  private enum Trouble {
    case once(SimulatedDisk.Fault)
    case from(Int32)
  }

  private mutating func randomFault(_ experiment: Experiment) -> (Trouble, Int) {
    let index = dice.roll(experiment.steps.count)
    let step = experiment.steps[index]
    switch dice.roll(10) {
    case 0: return (.once(.stopBefore), index)
    case 1, 2: return (.once(.stopAfter), index)
    case 3: return (.once(.tear(dice.roll(step.byteCount + 1))), index)
    case 4: return (.once(.fail(dice.roll(2) == 0 ? EIO : ENOSPC)), index)
    case 5: return (.from(EIO), index)
    case 6:
      // The commit is there, and nobody has synced it.
      let link = experiment.steps.firstIndex { $0.action == .link } ?? 0
      return (.once(dice.roll(2) == 0 ? .stopAfter : .failAfter(EIO)), link + dice.roll(2))
    default: return (.once(.stopAfter), experiment.steps.count)
    }
  }

  private mutating func randomAct() throws -> Act {
    day += dice.roll(9)
    if ledger.present > 0, dice.roll(6) == 0 { return try Act(revoking: "alice", day: day) }
    var text = "organization: acme\nsubscriptions:\n"
    for pool in ["x", "y"] {
      text += "  \(pool): { seats: \(2 + dice.roll(3)), expires: 2099-01-31 }\n"
    }
    text += "members:\n  alice: { role: owner, seat: x, key: \(1 + dice.roll(3)) }\n"
    for name in ["bob", "carol", "dave", "erin"] where dice.roll(4) > 0 {
      var parts: [String] = []
      if dice.roll(4) == 0 { parts.append("role: administrator") }
      if dice.roll(4) > 0 { parts.append("seat: \(dice.roll(2) == 0 ? "x" : "y")") }
      if dice.roll(4) == 0 { parts.append("key: \(1 + dice.roll(3))") }
      text += "  \(name): { \(parts.joined(separator: ", ")) }\n"
    }
    return try Act(applying: text, day: day)
  }

  /// At the end somebody applies undisturbed.
  mutating func end() throws {
    let act = try Act(applying: Roster.first, day: day)
    let closing = try Act(applying: Roster.closing(99), day: day)
    let found = ledger.violationsOfNext(act, closing, on: SimulatedDisk(image))
    violations += found.map { "seed \(seed), at the end: \($0)" }
  }
}

@Suite struct RandomCrashTests {
  @Test(arguments: Array(UInt64(1)...12))
  func `through any sequence of faults nothing acknowledged is lost`(_ seed: UInt64) throws {
    var story = Story(seed: seed)
    for number in 0..<20 where story.violations.isEmpty { try story.turn(number) }
    try story.end()
    #expect(story.violations == [])
    #expect(story.counts.acknowledged > 0, "seed \(seed)")
  }
}
