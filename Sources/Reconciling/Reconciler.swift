// Reconciler: mint → deliver → commit. The only code that writes.
// Invariants: keys and tokens are handed over, durably, before the commit; one whose commit did not
// happen is erased where it was handed to, and never works; nothing is written for a plan without
// changes.

public import CommitStore
public import Digests
public import KeyDelivery
import OrgModel
import Parallelism
public import Planning
public import Records

/// What an apply did.
public struct Receipt: Sendable {
  /// The new head.
  public let revision: Revision
  /// How many keys were handed over.
  public let keysDelivered: Int

  /// Tells of an apply.
  public init(revision: Revision, keysDelivered: Int) {
    self.revision = revision
    self.keysDelivered = keysDelivered
  }
}

/// Why an apply did not happen. Nothing was changed, unless it is `.store(.unsynced)`.
public enum ApplyError: Error, Sendable {
  /// Another commit took the number.
  case conflict(sequence: Int)
  /// The keys could not be handed over.
  case sink(SinkError)
  /// The store failed.
  case store(StoreError)
  /// A signal came before the commit.
  case interrupted
  /// The log would not follow the change.
  case log(LogError)
}

/// What an apply is about to do.
public enum ApplyStep: Hashable, Sendable {
  /// Make as many keys and tokens.
  case minting(Int)
  /// Hand over as many.
  case delivering(Int)
  /// Publish the commit of that number.
  case committing(Int)
  /// Take back as many, whose commit did not happen.
  case erasing(Int)
  /// Save a snapshot, if one is due.
  case savingSnapshot
}

/// Executes approved plans.
public struct Reconciler: Sendable {
  private let random: @Sendable (Int) -> [UInt8]
  private let isInterrupted: @Sendable () -> Bool
  /// So many secrets are made by one thread while another one makes as many; anything for tests.
  var mintedAtOnce = 4096

  /// Makes a reconciler.
  /// - Parameters:
  ///   - random: Yields that many bytes of the system's generator.
  ///   - isInterrupted: Asked until the commit is published; true abandons the apply.
  public init(
    random: @escaping @Sendable (Int) -> [UInt8], isInterrupted: @escaping @Sendable () -> Bool
  ) {
    self.random = random
    self.isInterrupted = isInterrupted
  }

  /// Executes a plan on top of a log, whole or not at all.
  /// - Parameters:
  ///   - digest: The plan's own digest, asked for when all secrets are made; nil for what was never written down as a plan.
  ///   - sink: Where issued keys go; not used if the plan issues none.
  ///   - announce: Is told each step before it is taken.
  ///   - notes: Gets what went wrong without changing the outcome, such as a failed erase.
  /// - Throws: `ApplyError`; then the log is as it was, unless it is `.store(.unsynced)`.
  public func perform(
    _ approved: ApprovedPlan, digest: @autoclosure () -> Digest?, on log: inout OpenedLog,
    sink: any KeyReceiver,
    announce: (ApplyStep) -> Void = { _ in }, notes: (String) -> Void = { _ in }
  ) throws(ApplyError) -> Receipt {
    let plan = approved.plan
    precondition(!plan.changes.isEmpty, "a plan without changes is not performed")
    var minted: [HandedKey] = []
    defer { for key in minted { key.wipe() } }
    let mintedCount = plan.summary.count(.issueKey) + plan.summary.count(.issueToken)
    announce(.minting(mintedCount))
    minted.reserveCapacity(mintedCount)
    let changes = mint(approved, keys: &minted)
    let commit = Commit(
      sequence: log.head.sequence + 1, previous: log.head.digest, time: approved.now,
      actor: approved.actor, source: plan.source, plan: digest(), changes: changes)
    var text = SealingAhead(commit)
    var next = log
    // No key leaves this function before it is known that the log would follow its commit.
    do { try next.branchAndFold(commit) } catch { throw .log(error) }
    let snapshot = Snapshots.due(after: commit, next)
    if !minted.isEmpty { announce(.delivering(minted.count)) }
    try deliver(minted, to: sink, notes: notes)
    announce(.committing(commit.sequence))
    let isPublished: Bool
    do {
      isPublished = try log.medium.create(
        commit.sequence, parts: { text.next() }, unless: isInterrupted)
    } catch {
      // The commit is there for everybody to see, and its keys work: they must not be lost.
      if case .unsynced = error { throw .store(error) }
      announce(.erasing(minted.count))
      erase(minted, from: sink, notes: notes)
      if case .interrupted = error { throw .interrupted }
      throw .store(error)
    }
    guard isPublished else {
      announce(.erasing(minted.count))
      erase(minted, from: sink, notes: notes)
      throw .conflict(sequence: commit.sequence)
    }
    next.head = Revision(sequence: commit.sequence, digest: text.digest)
    log = next
    let wiping = Errand { [minted] in for key in minted { key.wipe() } }
    minted = []
    announce(.savingSnapshot)
    if let text = snapshot?.result { Snapshots.save(text, of: log) }
    wiping.result
    return Receipt(revision: log.head, keysDelivered: mintedCount)
  }

  /// A secret and where in the plan it is issued.
  private struct Minted: Sendable {
    enum Credential {
      case key(OrgModel.Credential)
      case token(TokenCredential)
    }

    let index: Int
    let key: HandedKey
    let credential: Credential
  }

  /// Gives every key and token that the plan issues its 256 random bits.
  private func mint(_ approved: ApprovedPlan, keys: inout [HandedKey]) -> PlannedChanges {
    var changes = approved.plan.changes.committed
    let issuing = changes.indices.filter { changes.action(at: $0).isIssue }
    for start in stride(from: 0, to: issuing.count, by: 2 * mintedAtOnce) {
      let lower = issuing[start...].prefix(mintedAtOnce)
      let upper = issuing[lower.endIndex...].prefix(mintedAtOnce)
      let (first, second) =
        upper.isEmpty
        ? (mint(approved, at: lower), [])
        : Threads.both({ mint(approved, at: lower) }, { mint(approved, at: upper) })
      for minted in first + second {
        keys.append(minted.key)
        let change = changes[minted.index]
        switch (change.change, minted.credential) {
        case (.issueKey(let name, let number, _), .key(let credential)):
          changes[minted.index] = change.committed(
            as: .issueKey(name, number: number, credential))
        case (.issueToken(let name, _), .token(let credential)):
          changes[minted.index] = change.committed(as: .issueToken(name, credential))
        default: preconditionFailure("a key is for a key, a token for a token")
        }
      }
    }
    return changes
  }

  private func mint(_ approved: ApprovedPlan, at indexes: ArraySlice<Int>) -> [Minted] {
    let issued = approved.now.description
    var after = approved.after
    return indexes.compactMap { index in
      switch approved.plan.changes.change(at: index) {
      case .issueKey(let name, _, _):
        let key = APIKey.mint(random: random(APIKey.randomByteCount))
        let seat = after.findSeat(name)
        let handed = HandedKey(
          member: name.text, key: key, baseURL: after.baseURL, subscription: seat?.text ?? "",
          issued: issued)
        return Minted(index: index, key: handed, credential: .key(key.credential))
      case .issueToken(let name, _):
        let token = ManagementToken.mint(random: random(ManagementToken.randomByteCount))
        let handed = HandedKey(member: name.text, token: token, issued: issued)
        return Minted(index: index, key: handed, credential: .token(token.credential))
      default: return nil
      }
    }
  }

  private func deliver(
    _ keys: [HandedKey], to sink: any KeyReceiver, notes: (String) -> Void
  ) throws(ApplyError) {
    guard !keys.isEmpty else { return }
    if isInterrupted() { throw .interrupted }
    do {
      try sink.store(keys, isInterrupted: isInterrupted)
    } catch {
      if case .interrupted = error { throw .interrupted }
      throw .sink(error)
    }
  }

  private func erase(_ keys: [HandedKey], from sink: any KeyReceiver, notes: (String) -> Void) {
    guard !keys.isEmpty else { return }
    do {
      try sink.erase(keys)
    } catch {
      notes("the keys of the abandoned apply could not be erased: \(error); they never work")
    }
  }
}
