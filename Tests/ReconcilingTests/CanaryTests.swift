// CanaryTests: crash tests are worth something if they see what is wrong: here it is wrong.

import DiskSimulation
import Testing

@testable import Reconciling

@Suite struct CanaryTests {
  @Test(arguments: [Order.publishedBeforeSynced, .keysAfterCommit])
  func `a wrong order of the right things is caught`(_ order: Order) throws {
    for script in [Script.founding, .second] {
      var search = Search(try script.experiment(order), violationsMax: 1)
      search.stopEverywhere()
      #expect(!search.violations.isEmpty, "\(script)")
    }
  }

  @Test(arguments: [Script.founding, .onUnsynced])
  func `a sync that is left out is caught`(_ script: Script) throws {
    let sound = try script.experiment()
    for (index, step) in sound.steps.enumerated()
    where step.action == .flush || step.action == .flushFolder {
      var experiment = sound
      experiment.always = { at, _ in at == index ? .skip : nil }
      var search = Search(experiment, violationsMax: 1)
      search.stopEverywhere()
      // Nothing was made in the root, but usher cannot know that.
      #expect(search.violations.isEmpty == (step.path == "/"), "\(index) \(step)")
    }
  }

  @Test func `a snapshot that is not synced before it gets its name is caught`() throws {
    var experiment = try Script.snapshot.experiment()
    experiment.always = { _, step in
      step.action == .flush && step.path.contains("/snapshots/") ? .skip : nil
    }
    var search = Search(experiment, violationsMax: 1)
    search.stopEverywhere(from: .move)
    #expect(!search.violations.isEmpty)
  }
}
