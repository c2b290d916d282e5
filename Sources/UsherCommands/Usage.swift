// Usage: what the commands about Credits have in common: who may see them, whose a record is, and how
// amounts are written.

import ByteOutput
import CommitStore
import Metering
import OrgModel
import Planning
import Reconciling
import Records
import Reporting
import SourceText

extension Context {
  /// Columns that results may take; 80 where no terminal says otherwise.
  var columns: Int { world.terminalColumns ?? 80 }

  /// The window that `--days` asks for.
  var usageWindow: UsageWindow {
    UsageWindow(days: invocation.value("days").flatMap { Int($0) } ?? 7, now: now)
  }

  /// The usage batches of the state's store.
  func batches() throws(CommandFailure) -> any BatchMedium {
    do { return try Store.batches(at: location) } catch {
      throw CommandFailure(LogError.store(error))
    }
  }

  /// The sums of some windows.
  func usage(
    in windows: [UsageWindow], by dimensions: UsageDimensions = [.subjects, .models]
  ) throws(CommandFailure) -> [UsageTable] {
    progress.begin(.addingUpUsage)
    let ledger = UsageLedger(try batches())
    do { return try ledger.tables(for: windows, by: dimensions) } catch {
      throw CommandFailure(error)
    }
  }

  /// The state, for whoever may see everybody's usage.
  func openLogForUsage() throws(CommandFailure) -> OpenedLog {
    try openLogForStaff(
      toSee: "the usage of others", help: "'usher me' shows what a key's holder used")
  }

  /// What is to be told of quota, unused seats and expiries; without usage, of expiries.
  ///
  /// Whoever may not see the usage of others gets the expiries. Usage that cannot be read is a warning:
  /// what the state says is no less true without it.
  func outlook(
    of state: OrgState, for actor: Username?, at now: Instant, into diagnostics: inout Diagnostics
  ) throws(CommandFailure) -> Outlook {
    let expiries = Outlook(of: state, at: now)
    guard !state.isEmpty, Self.isStaff(actor, in: state) else { return expiries }
    let ledger = UsageLedger(try batches())
    do {
      guard try !ledger.isEmpty() else { return expiries }
      progress.begin(.addingUpUsage)
      return try ledger.outlook(of: state, at: now) ?? expiries
    } catch {
      diagnostics.report(
        .usageUnreadable, "quota and unused seats are not told: \(error)", at: nil,
        help: CommandFailure(error).diagnostics.first?.help)
      return expiries
    }
  }
}

/// Who the subjects of records are: whoever held a key when it was issued, and whoever is or was a
/// member.
struct Attribution {
  private let state: OrgState
  private let holders: [KeyID: Username]
  /// All members, if it is worth it.
  private let members: Set<Username>

  /// - Parameter subjects: Who will be asked about, in no order: of many members a table is sooner made than
  ///   each is found. Nil if that is not known yet.
  init(_ state: OrgState, of subjects: [UsageSubject]? = nil) {
    self.state = state
    let isLarge = subjects.map { $0.count > state.memberCount / 8 } ?? false
    members = isLarge ? Set(state.members.lazy.map(\.username)) : []
    let hasKeys = subjects.map { $0.contains { if case .key = $0 { true } else { false } } } ?? true
    holders =
      hasKeys
      ? Dictionary(state.keys.map { ($0.credential.id, $0.member) }) { first, _ in first } : [:]
  }

  /// Who that is; nil if nobody that is known.
  func member(_ subject: UsageSubject) -> Username? {
    switch subject {
    case .unknown: return nil
    case .key(let key): return holders[key]
    case .member(let name):
      return members.contains(name) || state.hasKnown(name) ? name : nil
    }
  }
}

extension JSONWriter {
  /// Writes a key and an exact amount of Credits.
  mutating func member(_ name: StaticString, credits: Int128) {
    key(name)
    raw(Decimal.text(micros: credits))
  }

  /// Writes a key and a whole number of any size.
  mutating func member(_ name: StaticString, count: Int128) {
    key(name)
    raw(String(count))
  }

  /// Writes which records a result counts.
  mutating func write(_ window: UsageWindow) {
    member("days", window.days)
    member("from", window.from.description)
    member("to", window.now.description)
  }

  /// Writes the fields of a trend.
  mutating func write(trend: [UsageTotals], in window: UsageWindow) {
    write(window)
    member("total_credits", credits: trend.total.microCredits)
    member("total_requests", count: trend.total.requests)
    key("buckets")
    array { json in
      for (index, bucket) in trend.enumerated() {
        json.line { json in
          json.member("start", window.start(ofBucket: index).description)
          json.member("credits", credits: bucket.microCredits)
          json.member("requests", count: bucket.requests)
        }
      }
    }
  }

  /// Writes the models of a result.
  mutating func write(models: [(model: String, totals: UsageTotals)]) {
    let total = models.map(\.totals).total.microCredits
    key("models")
    array { json in
      for (model, totals) in models {
        json.line { json in
          json.member("model", model)
          json.member("credits", credits: totals.microCredits)
          json.member("requests", count: totals.requests)
          json.member("share", credits: Decimal.share(totals.microCredits, of: total))
        }
      }
    }
  }
}

extension CommandFailure {
  init(_ error: MeteringError) {
    switch error {
    case .store(let error): self.init(LogError.store(error))
    case .damaged, .missing:
      self.init(
        .failure, .storeCorrupt, "\(error)", help: "restore the folder 'usage' from a backup")
    case .foreign:
      self.init(
        .failure, .storeFailed, "\(error)",
        help: "use the usher that made it; or remove the folder 'usage', and ingest its files again"
      )
    case .unsynced:
      self.init(
        .failure, .storeFailed, "\(error)",
        help: "it counts; mend the disk and ingest the file again to be sure, it counts once")
    case .unsettled:
      self.init(
        .failure, .storeFailed, "\(error)", help: "ingest the file again: it counts once")
    case .interrupted: self.init(.failure, .interrupted, "\(error)")
    }
  }
}
