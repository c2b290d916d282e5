// InterleavingTests: between any two steps of an act, another process does something.

import CommitStore
import DiskSimulation
import Records
import Testing

@testable import Reconciling

/// Nil for success.
private func failure(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}

@Suite struct InterleavingTests {
  private let scripts = [Script.founding, .second, .snapshot]

  @Test func `a reader at any step sees what is committed, the old or the new`() throws {
    for script in scripts {
      let experiment = try script.experiment()
      let meanwhile = Meanwhile()
      let disk = SimulatedDisk(experiment.base) { _, _ in
        meanwhile.run { disk in
          let log = try OpenedLog(FolderMedium(path: Site.store, on: disk))
          let chapter = experiment.ledger.chapters.firstIndex { $0.revision == log.head }
          return chapter.map(String.init) ?? "a third state"
        }
        return nil
      }
      meanwhile.begin(on: disk)
      _ = try Site(disk: disk).perform(
        experiment.act, keysTo: experiment.keyPath, salt: experiment.salt)
      // First the old one, from some step on the new one.
      let chapters = meanwhile.results.map { Int($0) ?? -1 }
      #expect(chapters == chapters.sorted() && chapters.first == experiment.last - 1)
      #expect(chapters.last == experiment.last)
    }
  }

  @Test func `another apply at any step wins or loses, and both say the truth`() throws {
    let other = try Act(applying: Roster.closing(7), day: 5)
    for script in scripts {
      let experiment = try script.experiment()
      var (wins, losses) = (0, 0)
      for index in experiment.steps.indices {
        let meanwhile = Meanwhile()
        let disk = SimulatedDisk(experiment.base) { at, _ in
          guard at == index else { return nil }
          meanwhile.run { disk in
            _ = try Site(disk: disk).perform(other, keysTo: "/home/other", salt: "other")
            return ""
          }
          return nil
        }
        meanwhile.begin(on: disk)
        let own = failure {
          _ = try Site(disk: disk).perform(
            experiment.act, keysTo: experiment.keyPath, salt: experiment.salt)
        }
        #expect(meanwhile.results == [""], "\(script) \(index)")
        let isConflict = own?.hasPrefix("conflict") ?? false
        #expect(own == nil || isConflict, "\(script) \(index): \(own ?? "")")
        if own == nil { wins += 1 } else { losses += 1 }
        try check(
          disk, experiment, commits: own == nil ? 2 : 1, hasOwnKeys: own == nil, "\(index)")
      }
      #expect(wins > 0 && losses > 0, "\(script): \(wins) \(losses)")
    }
  }

  /// Whatever both did is there, whole, also after a power cut, and no litter.
  private func check(
    _ disk: SimulatedDisk, _ experiment: Experiment, commits: Int, hasOwnKeys: Bool, _ name: String
  ) throws {
    let image = disk.image.afterPowerCut(disk.image.doubts.map { _ in 0 })
    #expect((image.bytes(experiment.keyPath) != nil) == hasOwnKeys, "\(name)")
    let log = try Site(disk: SimulatedDisk(image)).open()
    #expect(log.head.sequence == experiment.last - 1 + commits, "\(name)")
    for path in ["/home/other"] + (hasOwnKeys ? [experiment.keyPath] : []) {
      for key in Chapter.keys(in: image.bytes(path) ?? []) {
        #expect(log.state.status(ofKey: key, at: experiment.act.now) != .unknown, "\(name)")
      }
    }
    let litter = disk.image.files.map(\.path).filter { $0.contains("/.tmp-") }
    #expect(litter == [], "\(name)")
  }
}
