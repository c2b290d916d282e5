// LocatedOrg: a desired org and where each of its parts stands, in lists side by side.

public import OrgModel
public import SourceText

/// Where a subscription stands.
public struct SubscriptionPlaces: Hashable, Sendable {
  /// Its id.
  public let id: SourceRange
  /// The value of `seats`.
  public let seats: SourceRange
  /// The value of `expires`.
  public let expires: SourceRange
}

/// Where a member stands.
public struct MemberPlaces: Hashable, Sendable {
  /// All in one file, which is what they are: half the size of five ranges of their own.
  private struct Part: Hashable {
    /// Nothing: no value stands at the start of a file.
    var start: UInt32 = 0
    var end: UInt32 = 0
  }

  private let file: Int32
  private let namePart: Part
  private var rolePart = Part()
  private var seatPart = Part()
  private var untilPart = Part()
  private var keyPart = Part()

  init(name: SourceRange) {
    file = name.file
    namePart = Part(start: name.start, end: name.end)
  }

  /// The username.
  public var name: SourceRange { range(namePart) }

  /// The value of `role`.
  public internal(set) var role: SourceRange? {
    get { optional(rolePart) }
    set { rolePart = part(newValue) }
  }

  /// The value of `seat`.
  public internal(set) var seat: SourceRange? {
    get { optional(seatPart) }
    set { seatPart = part(newValue) }
  }

  /// The value of `until`.
  public internal(set) var until: SourceRange? {
    get { optional(untilPart) }
    set { untilPart = part(newValue) }
  }

  /// The value of `key`.
  public internal(set) var key: SourceRange? {
    get { optional(keyPart) }
    set { keyPart = part(newValue) }
  }

  private func part(_ range: SourceRange?) -> Part {
    range.map { Part(start: $0.start, end: $0.end) } ?? Part()
  }

  private func optional(_ part: Part) -> SourceRange? { part.start == 0 ? nil : range(part) }

  private func range(_ part: Part) -> SourceRange {
    SourceRange(file: Int(file), start: Int(part.start), end: Int(part.end))
  }
}

/// Places that stand in the order of the files, read in the order of names.
public struct MemberPlacesList: RandomAccessCollection, Sendable {
  let places: [MemberPlaces]
  let order: [Int32]

  /// The first member's index.
  public var startIndex: Int { order.startIndex }
  /// Behind the last member's index.
  public var endIndex: Int { order.endIndex }

  /// Where a member stands.
  public subscript(index: Int) -> MemberPlaces { places[Int(order[index])] }
}

/// Where the parts of an org stand; the lists run parallel to the org's.
public struct OrgPlaces: Sendable {
  /// The value of `organization`.
  public let organization: SourceRange
  /// The value of `base_url`.
  public let baseURL: SourceRange?
  /// The key `policy`.
  public let policy: SourceRange?
  /// Parallel to the org's subscriptions.
  public let subscriptions: [SubscriptionPlaces]
  /// Parallel to the org's members.
  public let members: MemberPlacesList
}

/// An org that was read from files.
public struct LocatedOrg: Sendable {
  /// What the files ask for.
  public let org: DesiredOrg
  /// Where they ask for it.
  public let places: OrgPlaces
}
