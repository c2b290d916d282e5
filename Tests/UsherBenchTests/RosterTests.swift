// RosterTests: the made-up teams are what the workloads say they are.

import Foundation
import OrgFiles
import OrgModel
import SourceText
import SystemCalls
import Testing

@testable import UsherBench

@Suite struct RosterTests {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  private func text(_ roster: Roster, _ style: Roster.Style = .flow) throws -> [UInt8] {
    let path = workshop.path(UUID().uuidString)
    try roster.write(style, to: path)
    return try FileSystem.readFile(path)
  }

  private func org(_ roster: Roster, _ style: Roster.Style = .flow) throws -> DesiredOrg {
    var findings = Diagnostics()
    let file = SourceFile(name: "org.yaml", bytes: try text(roster, style))
    let org = OrgDecoder.decode([file], into: &findings)
    return try #require(org, "\(findings.sorted.map(\.message))").org
  }

  @Test(arguments: [1, 7, 10, 5000]) func `a team has its members, eight in ten with a seat`(
    _ members: Int
  ) throws {
    let roster = Roster(members: members)
    let org = try org(roster)
    #expect(org.members.count == members)
    #expect(org.members.filter { $0.seat != nil }.count == roster.seats)
    #expect(try self.org(roster, .block).digest == org.digest)
  }

  @Test func `the same size is the same file, of about 36 bytes a member`() throws {
    let bytes = try text(Roster(members: 10_000))
    #expect(try text(Roster(members: 10_000)) == bytes)
    #expect((340_000...370_000).contains(bytes.count), "\(bytes.count)")
  }

  @Test(arguments: [1, 100, 10_000]) func `one member in a hundred changes, at least one`(
    _ members: Int
  ) throws {
    let before = try org(Roster(members: members))
    let after = try org(Roster(members: members, isChanged: true))
    let changed = Set(before.members).symmetricDifference(after.members).map(\.username)
    #expect(Set(changed).count == max(1, members / 100))
  }
}
