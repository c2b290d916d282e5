// Ledger: what happened at a site, and what therefore has to be found there.

import CommitStore
import Digests
import DiskSimulation
import KeyDelivery
import OrgModel
import Planning
import Records

@testable import Reconciling

/// A commit, and the keys that were handed over before it.
struct Chapter: Sendable {
  let revision: Revision
  let now: Instant
  /// Where its keys are; nil if it has none.
  var keyPath: String?
  var keyText: [UInt8] = []

  static let empty = Chapter(revision: .empty, now: .earliest)

  var keys: [Digest] { Self.keys(in: keyText) }

  /// The digests of the keys in the whole lines of a text.
  static func keys(in text: [UInt8]) -> [Digest] {
    text.split(separator: 0x0A).compactMap { line in
      let words = String(decoding: line, as: UTF8.self).split(separator: "\"")
      return words.first { $0.hasPrefix("usk_") }.flatMap {
        APIKey.digest(ofWellFormed: Array($0.utf8))
      }
    }
  }
}

/// The chapters that there may be, in their order; the first is the empty store.
struct Ledger: Sendable {
  var chapters = [Chapter.empty]
  /// The last one that a power cut cannot take away.
  var certain = 0
  /// The last one that is there as long as there is power.
  var present = 0

  /// What is wrong with a disk that should hold the chapters up to one of these.
  func violations(
    on disk: SimulatedDisk, allowing allowed: ClosedRange<Int>
  ) -> (violations: [String], found: Int?) {
    let site = Site(disk: disk)
    let image = disk.image
    var violations: [String] = []
    let log: OpenedLog
    do {
      log = try site.open()
      let whole = try OpenedLog(site.medium, usingSnapshots: false)
      if whole.head != log.head || whole.state != log.state { violations.append("two answers") }
      try whole.verifySnapshots()
      for name in site.medium.snapshotNames() {
        _ = try Snapshot(reading: site.medium.snapshot(named: name) ?? [])
      }
    } catch {
      return (["the store cannot be read: \(error)"], nil)
    }
    guard let found = chapters.firstIndex(where: { $0.revision == log.head }) else {
      return (["a third state, commit \(log.head.sequence)"], nil)
    }
    if !allowed.contains(found) {
      violations.append("chapter \(found) of \(chapters.count - 1), not one of \(allowed)")
    }
    for (number, chapter) in chapters.enumerated() {
      for key in chapter.keys {
        let status = log.state.status(ofKey: key, at: chapter.now)
        let isKnown = status != .unknown
        if isKnown != (number <= found) { violations.append("a key of \(number) is \(status)") }
        guard number == found else { continue }
        if case .valid = status { continue }
        violations.append("a delivered key does not work: \(status)")
      }
      guard number <= found, let path = chapter.keyPath else { continue }
      if image.bytes(path) != chapter.keyText { violations.append("the keys in \(path) are lost") }
    }
    return (violations, found)
  }

  /// What is wrong after the next applies of somebody who tries again: `act`, and then `closing`,
  /// which is to change something.
  func violationsOfNext(_ act: Act, _ closing: Act, on disk: SimulatedDisk) -> [String] {
    let site = Site(disk: disk)
    var violations: [String] = []
    do {
      for (act, name) in [(act, "again"), (closing, "closing")] {
        let path = "/home/\(name).jsonl"
        let receipt = try site.perform(act, keysTo: path, salt: name)
        let log = try site.open()
        if let receipt, receipt.revision != log.head { violations.append("another head") }
        let keys = Chapter.keys(in: disk.image.bytes(path) ?? [])
        for key in keys
        where log.state.status(ofKey: key, at: log.instant(for: act.now)) == .unknown {
          violations.append("a new key does not work")
        }
        if keys.count != receipt?.keysDelivered ?? 0 { violations.append("keys are missing") }
        if act.plan(on: log)?.changes.isEmpty != true { violations.append("no convergence") }
        if name == "closing", receipt == nil { violations.append("the closing act did nothing") }
      }
      let last = try site.medium.lastNumber()
      let names = disk.image.files.map(\.path).filter { $0.hasPrefix(Site.store) }
      let snapshots = names.filter { $0.hasSuffix(".snapshot") && !$0.contains("/.") }
      if names.count != last + snapshots.count || snapshots.count > 2 {
        violations.append("litter: \(names.filter { $0.contains("/.") })")
      }
    } catch {
      violations.append("the next apply fails: \(error)")
    }
    return violations
  }
}
