// Site: a store and files of keys on a disk, and the acts that change them, by the real code.

import CommitStore
import Digests
import DiskSimulation
import Foundation
import KeyDelivery
import OrgFiles
import OrgModel
import Planning
import Records
import SourceText
import SystemCalls
import Testing

@testable import Reconciling

/// A writing command.
struct Act: Sendable {
  enum Kind: Sendable {
    case apply(LocatedOrg, [SourceFile])
    case revoke(Username)
  }

  let kind: Kind
  /// Days since 2026-01-01.
  let day: Int

  var now: Instant { Instant(seconds: 1_767_225_600 + Int64(day) * 86_400) ?? .latest }

  /// `usher apply`, of this org file.
  init(applying text: String, day: Int) throws {
    let files = [SourceFile(name: "org.yaml", bytes: Array(text.utf8))]
    var diagnostics = Diagnostics()
    let org = OrgDecoder.decode(files, into: &diagnostics)
    kind = .apply(try #require(org, "\(diagnostics.sorted.map(\.message))"), files)
    self.day = day
  }

  /// `usher revoke`.
  init(revoking name: String, day: Int) throws {
    kind = .revoke(try #require(Username(name)))
    self.day = day
  }

  /// What there is to do about this log; nil if the act is impossible.
  func plan(on log: OpenedLog) -> Plan? {
    let now = log.instant(for: now)
    let changes: PlannedChanges
    var source = CommitSource(files: [], desired: nil)
    switch kind {
    case .apply(let desired, let files):
      var diagnostics = Diagnostics()
      let outcome = Planner.plan(
        from: log.state, to: desired, files: files, at: now, into: &diagnostics)
      guard let outcome else { return nil }
      changes = outcome.changes
      source = CommitSource(files: files.map(\.name), desired: desired.org.digest)
    case .revoke(let name):
      let key = log.state.member(name)?.seat?.key
      changes = key.map { [PlannedChange(.revokeKey(name, $0), reason: "leaked", at: nil)] } ?? []
    }
    return Plan(
      usher: "test", organization: "acme", created: now, actor: nil, base: log.head,
      source: source, authority: .owner, allowance: RemovalLimit("100%"), changes: changes,
      diagnostics: [])
  }
}

/// The org file asks for what cannot be, such as more seats than there are.
struct ImpossibleAct: Error {}

/// In which order a site does what it does.
enum Order: Sendable {
  /// As usher does.
  case sound
  /// The commit is published before its content is synced.
  case publishedBeforeSynced
  /// The keys are delivered once the commit is there.
  case keysAfterCommit
}

/// A place where acts are performed.
struct Site: Sendable {
  static let store = "/srv/usher/state"
  static let commits = "\(store)/commits"
  /// A disk on which nothing was done yet.
  static let empty = DiskImage(folders: ["/srv", "/home"])

  let disk: any Disk
  var order = Order.sound
  var store = Site.store

  var medium: any Medium { FolderMedium(path: store, on: disk) }

  func open() throws(LogError) -> OpenedLog { try OpenedLog(medium) }

  /// Performs an act.
  /// - Parameters:
  ///   - path: The file that keys go to.
  ///   - salt: What the random bytes depend on: two performances are the same only if this is.
  /// - Returns: nil if there is nothing to do.
  func perform(_ act: Act, keysTo path: String, salt: String) throws -> Receipt? {
    let medium: any Medium
    let sink: any KeyReceiver
    switch order {
    case .sound: (medium, sink) = (self.medium, FileSink(path: path, on: disk))
    case .publishedBeforeSynced:
      (medium, sink) = (
        CarelessMedium(base: self.medium, publish: publishBeforeSync),
        FileSink(path: path, on: disk)
      )
    case .keysAfterCommit:
      let late = LateSink(FileSink(path: path, on: disk))
      sink = late
      let base = self.medium
      medium = CarelessMedium(base: base) { (number, bytes) throws(StoreError) in
        let isNew = try base.create(number, bytes, unless: { false })
        if isNew { late.deliver() }
        return isNew
      }
    }
    var log = try OpenedLog(medium)
    guard let plan = act.plan(on: log) else { throw ImpossibleAct() }
    guard !plan.changes.isEmpty else { return nil }
    let approved = try Guardrails.approve(
      plan, on: log.state, by: nil, allowing: nil, at: log.instant(for: act.now))
    let bytes = RandomBytes(salt)
    let reconciler = Reconciler(random: { bytes.next($0) }, isInterrupted: { false })
    return try reconciler.perform(approved, digest: plan.sealed().digest, on: &log, sink: sink)
  }

  private func publishBeforeSync(_ number: Int, _ bytes: [UInt8]) throws(StoreError) -> Bool {
    do throws(SystemError) {
      for folder in try disk.makeFolders(Self.commits, mode: 0o700) {
        try disk.flushFolder(FileSystem.parent(of: folder))
      }
      let file = try disk.create("\(Self.commits)/.tmp-1", mode: 0o600)
      try disk.write(bytes, to: file)
      let digits = String(number)
      let name = String(repeating: "0", count: 12 - digits.count) + digits
      try disk.link(file.path, as: "\(Self.commits)/\(name).json")
      try disk.remove(file.path)
      try disk.flushFolder(Self.commits)
      try disk.flush(file)
      try disk.close(file)
      return true
    } catch {
      throw .system(error)
    }
  }
}

/// SHA-256 of a salt and a counter.
private final class RandomBytes: Sendable {
  private let salt: [UInt8]
  private let count = Counter()

  init(_ salt: String) { self.salt = Array(salt.utf8) }

  func next(_ byteCount: Int) -> [UInt8] {
    let serial = withUnsafeBytes(of: count.next().littleEndian) { Array($0) }
    return Array(SHA256.hash(salt + serial).bytes.prefix(byteCount))
  }
}
