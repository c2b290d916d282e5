// PlannedChangesTests: what is kept in rows comes back to the letter.

import Digests
import OrgModel
import Records
import SourceText
import Testing

@Suite struct PlannedChangesTests {
  private let bob: Username
  private let pro: SubscriptionID
  private let changes: [PlannedChange]

  /// Every kind of change, with the reasons that usher gives by itself, with some that nearly are these,
  /// at places and marked in every way.
  init() throws {
    let (bob, pro) = (try #require(Username("bob")), try #require(SubscriptionID("pro")))
    let places = [
      nil, FilePosition(file: "org.yaml", line: 14, column: 3),
      FilePosition(file: "teams/of people.yaml", line: .max, column: 3),
    ]
    var changes: [PlannedChange] = []
    let names = ["bob", "a_name_that_is_longer_than_fifteen", "K", "bob"]
    for (number, text) in names.enumerated() {
      let key = Credential(digest: SHA256.hash([UInt8(number)]), masked: "usk_…x9Qd_…")
      let name = try #require(Username(text))
      let all: [Change] = [
        .createOrganization(name: "Ácme", baseURL: nil, policy: .standard),
        .putSubscription(
          Subscription(id: pro, tier: pro, seats: 3, expires: Instant.latest, credits: nil)),
        .addMember(name, .owner), .addMember(name, .administrator), .addMember(name, .member),
        .assignSeat(name, pro, until: nil), .assignSeat(name, pro, until: Instant("2027-01-31")),
        .assignSeat(name, pro, until: Instant.earliest), .issueKey(name, number: 1, nil),
        .issueKey(name, number: Int(Int32.max), key), .issueKey(name, number: .max, key),
        .revokeKey(name, key.id), .reclaimSeat(name, pro), .removeMember(name),
        .changeRole(name, from: .member, to: .administrator), .changeTerm(name, until: nil),
        .removeSubscription(pro), .issueToken(name, nil),
      ]
      let reasons = [
        "\(name) is new in the org file", "\(name) should hold a pro seat",
        "\(name) should hold a max seat", "\(name) should hold a -no-id seat",
        "should hold a  seat", "", "is new in the org file", "bob is new in the org file\0",
        // The sign for kelvins, which is equal to K and has other bytes.
        "\u{212A} is new in the org file", "\u{212A} should hold a pro seat",
      ]
      for (index, change) in all.enumerated() {
        for (offset, reason) in reasons.enumerated() {
          changes.append(
            PlannedChange(
              change, reason: reason, at: places[(index + offset) % 3],
              isIntroduced: [nil, true, false][(index + offset / 2) % 3]))
          #expect(changes[changes.count - 1].reason.utf8.elementsEqual(reason.utf8))
        }
      }
    }
    (self.bob, self.pro, self.changes) = (bob, pro, changes)
  }

  private func expect(_ kept: PlannedChanges, are changes: [PlannedChange]) {
    #expect(kept.elementsEqual(changes))
    #expect(kept.isMarked == changes.contains { $0.isIntroduced != nil })
    for (index, change) in changes.enumerated() {
      #expect(kept[index].reason.utf8.elementsEqual(change.reason.utf8))
      #expect(kept.change(at: index) == change.change)
      #expect(kept.action(at: index) == change.change.action)
      #expect(kept.member(at: index) == change.change.member)
    }
  }

  @Test func `every change comes back as it was appended`() {
    let kept = PlannedChanges(changes)
    expect(kept, are: changes)
    #expect(kept == PlannedChanges(changes) && Set([kept, PlannedChanges(changes)]).count == 1)
    #expect(PlannedChanges(changes.dropLast()) != kept)
    expect(kept.committed, are: changes.map { $0.committed() })
  }

  @Test func `places are told by number, and apart from the changes`() {
    var kept = PlannedChanges()
    for change in changes {
      let place = change.at.map { at in
        PlannedChanges.Place(
          file: kept.number(ofFile: at.file), SourcePosition(line: at.line, column: at.column))
      }
      kept.append(change.change, because: change.because, at: place)
    }
    expect(kept, are: changes.map { PlannedChange($0.change, because: $0.because, at: $0.at) })
    let all = PlannedChanges(changes)
    for (index, change) in changes.enumerated() {
      #expect(all.place(at: index) == change.at)
      #expect(
        all.unplaced(at: index)
          == PlannedChange(
            change.change, because: change.because, at: nil, isIntroduced: change.isIntroduced))
    }
  }

  /// Which `String` takes for one.
  @Test func `files of names that only look alike are two`() throws {
    let names = ["K.yaml", "\u{212A}.yaml"]
    let kept = PlannedChanges(
      names.map {
        PlannedChange(
          .addMember(bob, .member), because: .isNew, at: FilePosition(file: $0, line: 1, column: 1))
      })
    #expect(kept.map { Array(($0.at?.file ?? "").utf8) } == names.map { Array($0.utf8) })
  }

  @Test func `lists are joined and sorted, and changes replaced, as in an array`() {
    let (low, high) = (changes.prefix(changes.count / 3), changes.dropFirst(changes.count / 3))
    var joined = PlannedChanges(low)
    joined.append(contentsOf: PlannedChanges(high.reversed()))
    joined.append(contentsOf: [])
    var array = Array(low + high.reversed())
    expect(joined, are: array)
    let keys = array.indices.map { UInt8($0 * 7 % 5) }
    joined.sort(by: keys, count: 5)
    array = (0..<5).flatMap { key in array.indices.filter { keys[$0] == key }.map { array[$0] } }
    expect(joined, are: array)
    for index in array.indices where index % 2 == 0 {
      let change = changes[(index * 31) % changes.count]
      joined[index] = change
      array[index] = change
    }
    expect(joined, are: array)
  }

  @Test func `more subscriptions than a row can number are no matter`() throws {
    let many = try (0..<70_000).map { number in
      let id = try #require(SubscriptionID("s\(number)"))
      return PlannedChange(
        .assignSeat(bob, id, until: nil), because: .shouldHold(id), at: nil)
    }
    var kept = PlannedChanges(many)
    #expect(kept.elementsEqual(many))
    kept.append(contentsOf: PlannedChanges(many.reversed()))
    #expect(kept.elementsEqual(many + many.reversed()))
  }
}
