// CrashTests: whatever goes wrong at whatever step of an act, what is found afterwards is right.

import DiskSimulation
import Testing

@testable import Reconciling

/// Org files that differ in everything that a plan can change.
enum Roster {
  static let first = """
    organization: acme
    base_url: https://x.example/v1
    subscriptions:
      pro: { seats: 3, expires: 2027-01-31 }
      standard: { seats: 2, expires: 2027-01-31 }
    members:
      alice: { role: owner, seat: pro }
      bob: { seat: standard }
      carol: { seat: pro }
      dave: { seat: standard }
    """
  /// Bob leaves, carol switches, alice's key is rotated, erin joins.
  static let second = """
    organization: acme
    base_url: https://x.example/v1
    subscriptions:
      pro: { seats: 4, expires: 2027-01-31 }
      standard: { seats: 2, expires: 2027-01-31 }
    members:
      alice: { role: owner, seat: pro, key: 2 }
      carol: { seat: standard }
      dave: { seat: standard }
      erin: { role: administrator, seat: pro }
    """
  /// What differs from all others.
  static func closing(_ number: Int = 0) -> String {
    """
    organization: acme
    subscriptions:
      pro: { seats: 4, expires: 2027-01-31 }
    members:
      alice: { role: owner, seat: pro, key: \(100 + number) }
    """
  }
}

/// The acts of the script, each on the disk that those before have left.
enum Script: String, CaseIterable, CustomTestStringConvertible, Sendable {
  case founding, second, revoking, snapshot
  /// The first of two founders died when it had made folders, which nobody has synced.
  case foundingAgain
  /// The writer before died when it had published its commit, which nobody has synced.
  case onUnsynced

  var testDescription: String { rawValue }

  func experiment(_ order: Order = .sound) throws -> Experiment {
    var (image, ledger) = (Site.empty, Ledger())
    func act(_ act: Act, _ salt: String) throws -> Experiment {
      try #require(
        try Experiment(
          act, then: Act(applying: Roster.closing(), day: 40), on: image, ledger, salt: salt,
          order: order))
    }
    /// Does it, and then only what was synced is left.
    func follow(_ experiment: Experiment) {
      image = experiment.done.afterPowerCut(experiment.done.doubts.map { _ in 0 })
      ledger = experiment.ledgerWhenDone
    }
    let founding = try act(try Act(applying: Roster.first, day: 1), "founding")
    if self == .founding { return founding }
    if self == .foundingAgain {
      let lastFolder = founding.steps.lastIndex { $0.action == .makeFolder }
      image = founding.perform { at, _ in at == lastFolder ? .stopAfter : nil }.disk.image
      return try act(try Act(applying: Roster.first, day: 1), "foundingAgain")
    }
    follow(founding)
    let second = try act(try Act(applying: Roster.second, day: 2), "second")
    if self == .second { return second }
    if self == .onUnsynced {
      image = second.perform { _, step in step.action == .link ? .stopAfter : nil }.disk.image
      ledger = second.ledger
      ledger.present = second.last
      return try act(try Act(revoking: "dave", day: 3), "revoking")
    }
    follow(second)
    if self == .revoking { return try act(try Act(revoking: "dave", day: 3), "revoking") }
    for number in 3...31 {
      let text = Roster.second.replacing("x.example", with: "x\(number).example")
      follow(try act(try Act(applying: text, day: 3), "\(number)"))
    }
    return try act(try Act(applying: Roster.closing(1), day: 4), "snapshot")
  }
}

@Suite struct CrashTests {
  @Test(arguments: Script.allCases)
  func `after a power cut at any step the old state or the new one is there`(_ script: Script)
    throws
  {
    var search = Search(try script.experiment())
    search.stopEverywhere()
    #expect(search.violations == [])
    #expect(search.lookCount > 10)
  }

  @Test(arguments: Script.allCases)
  func `after a failure of any step the old state or the new one is there`(_ script: Script) throws
  {
    var search = Search(try script.experiment())
    search.failEverywhere()
    #expect(search.violations == [])
    #expect(search.lookCount > 10)
  }
}
