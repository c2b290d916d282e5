// PlannerTests: a plan says of every change where the files ask for it.

import OrgFiles
import OrgModel
import Planning
import Records
import SourceText
import Testing

@Suite struct PlannerTests {
  /// So many that two threads plan, all of them new or one in five, in an order that is not that of names.
  @Test(arguments: [5, 1]) func `each of many new members is placed where it stands`(
    _ kept: Int
  ) throws {
    let now = try #require(Instant("2026-11-23T08:00:00Z"))
    let head = """
      organization: acme
      subscriptions: { pro: { seats: 9000, expires: 2027-01-31 } }
      members:
        alice: { role: owner }

      """
    let names = (0..<9000).map { "m\($0 * 7919 % 9000)" }
    func file(of names: [String]) -> SourceFile {
      let rows = names.map { "  \($0): { seat: pro }\n" }
      return SourceFile(name: "org.yaml", bytes: Array((head + rows.joined()).utf8))
    }
    var state = OrgState()
    if kept > 1 {
      let old = names.enumerated().filter { $0.offset % kept > 0 }.map(\.element)
      for (change, _) in try changes(from: state, to: file(of: old), at: now) {
        try state.apply(change, at: now)
      }
    }
    let found = try changes(from: state, to: file(of: names), at: now)
    let lines = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0 + 5) })
    let seated = found.filter { $0.change.action == .assignSeat }
    #expect(seated.count == 9000 / kept)
    for (change, line) in found {
      guard let name = change.member?.text, name != "alice" else { continue }
      #expect(line == lines[name], "\(change)")
    }
  }

  private func changes(
    from state: OrgState, to file: SourceFile, at now: Instant
  ) throws -> [(change: Change, line: Int?)] {
    var diagnostics = Diagnostics()
    let desired = try #require(OrgDecoder.decode([file], into: &diagnostics))
    let outcome = try #require(
      Planner.plan(from: state, to: desired, files: [file], at: now, into: &diagnostics))
    return outcome.changes.map { ($0.change, $0.at?.line) }
  }
}
