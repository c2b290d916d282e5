// MintingTests: the key that a member is handed is the one that the log knows as theirs.

import CommitStore
import Digests
import KeyDelivery
import OrgModel
import Planning
import Records
import Synchronization
import Testing

@testable import Reconciling

@Suite struct MintingTests {
  /// Keeps what it is handed, in the clear.
  private final class Hand: KeyReceiver {
    let keys = Mutex<[(member: String, digest: Digest)]>([])

    func store(
      _ keys: [HandedKey], isInterrupted: @escaping @Sendable () -> Bool
    ) throws(SinkError) {
      for key in keys {
        key.withText { text in
          self.keys.withLock { $0.append((key.member, SHA256.hash(text))) }
        }
      }
    }

    func erase(_ keys: [HandedKey]) throws(SinkError) {}
  }

  private static let count = 7

  private func changes(_ now: Instant) throws -> PlannedChanges {
    let id = try #require(SubscriptionID("pro"))
    let names = try (0..<Self.count).map { try #require(Username("m\($0)")) }
    let terms = Subscription(
      id: id, tier: id, seats: Self.count, expires: try #require(Instant("2099-01-31")),
      credits: nil)
    var changes: [Change] = [
      .createOrganization(name: "acme", baseURL: nil, policy: .standard), .putSubscription(terms),
    ]
    changes += names.enumerated().map { .addMember($1, $0 == 0 ? .owner : .member) }
    changes += names.map { .assignSeat($0, id, until: nil) }
    changes += names.map { .issueKey($0, number: 1, nil) }
    return PlannedChanges(changes.map { PlannedChange($0, reason: "wanted", at: nil) })
  }

  /// By one thread, by two in turns, with and without a rest.
  @Test(arguments: [1, 2, 3, 4, 6, 7, 100])
  func `every member is handed a key of their own, however many are made at once`(
    _ atOnce: Int
  ) throws {
    let now = try #require(Instant("2026-11-23T08:00:00Z"))
    let plan = Plan(
      usher: "test", organization: "acme", created: now, actor: nil, base: .empty,
      source: CommitSource(files: ["org.yaml"], desired: SHA256.hash([])), authority: .owner,
      allowance: nil, changes: try changes(now), diagnostics: [])
    var log = try OpenedLog(MemoryMedium())
    let approved = try Guardrails.approve(plan, on: log.state, by: nil, allowing: nil, at: now)
    let turn = Mutex(UInt8(0))
    var reconciler = Reconciler(
      random: { count in
        let byte = turn.withLock { turn in
          turn += 1
          return turn
        }
        return [UInt8](repeating: byte, count: count)
      }, isInterrupted: { false })
    reconciler.mintedAtOnce = atOnce
    let hand = Hand()
    let receipt = try reconciler.perform(approved, digest: nil, on: &log, sink: hand)
    let handed = hand.keys.withLock { $0 }
    #expect(receipt.keysDelivered == Self.count && handed.count == Self.count)
    #expect(Set(handed.map(\.digest)).count == Self.count)
    for (member, digest) in handed {
      guard case .valid(let holder, _, _) = log.state.status(ofKey: digest, at: now) else {
        Issue.record("the key of \(member) does not work")
        continue
      }
      #expect(holder.text == member)
    }
  }
}
