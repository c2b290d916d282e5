// ConcurrencyTests: many appliers and readers of one store on the real disk, in one process.

import CommitStore
import Foundation
import KeyDelivery
import Records
import Synchronization
import SystemCalls
import Testing

@testable import Reconciling

/// What appliers and readers have seen.
private final class Witness: Sendable {
  private struct State {
    var applied: [Revision] = []
    var seen: Set<Revision> = []
    var conflicts = 0
    var failures: [String] = []
    var running = 0
  }

  private let state = Mutex(State())

  var applied: [Revision] { state.withLock { $0.applied } }
  var seen: Set<Revision> { state.withLock { $0.seen } }
  var failures: [String] { state.withLock { $0.failures } }
  var isAnybodyApplying: Bool { state.withLock { $0.running > 0 } }

  func begin(_ count: Int) { state.withLock { $0.running = count } }
  func end() { state.withLock { $0.running -= 1 } }
  func apply(_ revision: Revision) { state.withLock { $0.applied.append(revision) } }
  func see(_ revision: Revision) { _ = state.withLock { $0.seen.insert(revision) } }
  func fail(_ error: any Error) { state.withLock { $0.failures.append("\(error)") } }
}

@Suite struct ConcurrencyTests {
  private static let appliers = 8
  private static let applies = 8

  @Test func `of many appliers none loses a commit, and readers see only what is committed`() throws
  {
    let folder = NSTemporaryDirectory() + "usher-many-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileSystem.makeFolder(folder, mode: 0o700)
    let medium = FolderMedium(path: "\(folder)/state")
    let witness = Witness()
    witness.begin(Self.appliers)
    let threads = DispatchGroup()
    for applier in 0..<Self.appliers {
      Self.start(in: threads) { Self.applyRepeatedly(applier, medium, folder, witness) }
    }
    for _ in 0..<2 { Self.start(in: threads) { Self.readRepeatedly(medium, witness) } }
    threads.wait()
    #expect(witness.failures == [])
    #expect(witness.applied.count == Self.appliers * Self.applies)
    var chain: [Revision] = [.empty]
    let log = try OpenedLog(medium, usingSnapshots: false) { commit, digest in
      chain.append(Revision(sequence: commit.sequence, digest: digest))
    }
    // Everything that was reported is there, in this very form, and nothing else.
    #expect(
      witness.applied.sorted { $0.sequence < $1.sequence } == Array(chain.dropFirst()))
    #expect(witness.seen.isSubset(of: chain) && witness.seen.count > 1)
    try log.verifySnapshots()
    try checkFiles(of: log, in: folder)
  }

  /// Threads of their own: tasks would take turns on as many as there are cores.
  private static func start(in group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
    group.enter()
    Thread.detachNewThread {
      body()
      group.leave()
    }
  }

  /// No litter, and of the files of keys those of the commits, whose keys are known.
  private func checkFiles(of log: OpenedLog, in folder: String) throws {
    let names = try FileSystem.listFolder("\(folder)/state/commits")
    #expect(names.count == log.head.sequence)
    #expect(try FileSystem.listFolder("\(folder)/state/snapshots").count <= 2)
    let sinks = try FileSystem.listFolder(folder).filter { $0.hasPrefix("keys-") }
    #expect(sinks.count == log.head.sequence)
    for sink in sinks {
      for key in Chapter.keys(in: try FileSystem.readFile("\(folder)/\(sink)")) {
        #expect(log.state.status(ofKey: key, at: .earliest) != .unknown)
      }
    }
  }

  /// Each success is a commit of its own; who loses the race plans anew.
  private static func applyRepeatedly(
    _ applier: Int, _ medium: FolderMedium, _ folder: String, _ witness: Witness
  ) {
    defer { witness.end() }
    var attempt = 0
    var done = 0
    while done < applies {
      attempt += 1
      let name = "\(applier)-\(attempt)"
      do {
        let act = try Act(applying: Roster.closing(applier * 1000 + attempt), day: 1)
        let site = Site(disk: LocalDisk(), store: "\(folder)/state")
        let receipt = try site.perform(act, keysTo: "\(folder)/keys-\(name)", salt: name)
        guard let receipt else { throw ImpossibleAct() }
        witness.apply(receipt.revision)
        done += 1
      } catch ApplyError.conflict {
        continue
      } catch {
        return witness.fail(error)
      }
    }
  }

  private static func readRepeatedly(_ medium: FolderMedium, _ witness: Witness) {
    var last = Revision.empty
    repeat {
      do {
        let log = try OpenedLog(medium)
        if log.head.sequence < last.sequence { throw ImpossibleAct() }
        last = log.head
        witness.see(log.head)
      } catch {
        return witness.fail(error)
      }
    } while witness.isAnybodyApplying
  }
}
