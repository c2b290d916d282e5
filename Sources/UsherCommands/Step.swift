// Step: what a run is doing, in words for a person who waits. None of them can hold a member or a key.

import Metering

/// What is being done.
enum Step: Equatable, Sendable {
  case reading(String)
  case checking([String])
  case formatting(String)
  case askingGit
  case readingRevision(String)
  case openingState
  case folding(Int, of: Int)
  case verifying(Int, of: Int)
  case verifyingSnapshot(Int, of: Int)
  case listing(Int, of: Int)
  case findingStrays
  case planning
  case sealing
  case makingKeys(Int)
  case handingOverKeys(Int)
  case committing(Int)
  case takingBackKeys(Int)
  case savingSnapshot
  case ingesting(String)
  case mergingUsage
  case addingUpUsage
  case rendering

  /// In one line; a file's name in it may hold what a terminal would obey.
  var words: String {
    func grouped(_ count: Int) -> String { Decimal.grouped(Int128(count)) }
    func keys(_ count: Int) -> String { "\(grouped(count)) \(count == 1 ? "key" : "keys")" }
    func place(_ number: Int, _ count: Int) -> String {
      "\(grouped(number)) of \(grouped(count))"
    }
    switch self {
    case .reading(let name): return "reading \(name)"
    case .checking(let names):
      return "checking \(names.count == 1 ? names[0] : "\(grouped(names.count)) files")"
    case .formatting(let name): return "formatting \(name)"
    case .askingGit: return "asking git for the commit of the files"
    case .readingRevision(let revision): return "reading the files at \(revision)"
    case .openingState: return "reading the state"
    case .folding(let number, let count): return "folding commit \(place(number, count))"
    case .verifying(let number, let count): return "checking commit \(place(number, count))"
    case .verifyingSnapshot(let number, let count):
      return "checking snapshots by commit \(place(number, count))"
    case .listing(let number, let count): return "reading commit \(place(number, count))"
    case .findingStrays: return "looking for commits that no file asked for"
    case .planning: return "planning"
    case .sealing: return "sealing the plan"
    case .makingKeys(let count): return "making \(keys(count))"
    case .handingOverKeys(let count): return "handing over \(keys(count))"
    case .committing(let number): return "writing commit \(grouped(number))"
    case .takingBackKeys(let count): return "taking back \(keys(count))"
    case .savingSnapshot: return "saving a snapshot"
    case .ingesting(let name): return "ingesting \(name)"
    case .mergingUsage: return "merging the usage batches"
    case .addingUpUsage: return "adding up the usage"
    case .rendering: return "writing the result"
    }
  }
}
