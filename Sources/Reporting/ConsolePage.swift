// ConsolePage: what the management console tells, as values: nothing here knows a store or HTML.

public import Digests
public import Metering
public import OrgModel
public import Records

/// Everything that stands on the page.
public struct ConsolePage: Sendable {
  /// The instant that the page is about.
  public var now: Instant
  /// The name.
  public var organization: String
  /// Handed out with every key.
  public var baseURL: String?
  /// Who owns it.
  public var owner: Username?
  /// The last commit.
  public var head: Revision
  /// When the last commit was made.
  public var headTime: Instant?
  /// What wants somebody's attention, the most urgent first.
  public var warnings: [Warning]
  /// By id.
  public var subscriptions: [Seats]
  /// By username.
  public var members: [Person]
  /// What is over or will be, the earliest first.
  public var expiries: [Expiry]
  /// The windows, the shortest first; none without any record.
  public var windows: [Window]
  /// Who used something in the longest window, the most Credits first.
  public var users: [User]
  /// Commits, newest first.
  public var commits: [Entry]

  /// An organization at an instant, of which nothing more is told yet.
  public init(of organization: String, now: Instant) {
    self.organization = organization
    self.now = now
    head = .empty
    (warnings, subscriptions, members, expiries) = ([], [], [], [])
    (windows, users, commits) = ([], [], [])
  }

  /// One sentence for whoever has to act.
  public struct Warning: Sendable {
    /// Whether it has come about already.
    let isUrgent: Bool
    /// What it is, in a word or two.
    let label: String
    /// Without a final stop.
    let sentence: String
    /// How the org file takes seats back: the first of them, and how many there are.
    let edits: (shown: [OutlookReport.Edit], count: Int)

    /// Whom the sentence only counts.
    let others: Others

    /// Names, by what is said of them.
    struct Others: Sendable {
      /// Each what is said, and of whom.
      var lines: [String] = []
      /// How many the lines name, and how many there are.
      var (shown, count) = (0, 0)

      /// The most bytes of names and what is said of them: 300 names of 30 characters.
      static let bytesMax = 10_000

      init(count: Int = 0) { self.count = count }
    }

    /// The most edits that the page lists, and the most others.
    static let linesMax = 300

    /// Makes a warning.
    init(
      isUrgent: Bool, _ label: String, _ sentence: String,
      edits: (shown: [OutlookReport.Edit], count: Int) = ([], 0),
      others: Others = Others()
    ) {
      self.isUrgent = isUrgent
      self.label = label
      self.sentence = sentence
      self.edits = edits
      self.others = others
    }
  }

  /// A subscription and what its seats are doing; the three counts add up to its seats.
  public struct Seats: Sendable {
    let terms: Subscription
    let assigned: Int
    let unassigned: Int
    let expired: Int

    /// Counts seats.
    public init(_ terms: Subscription, assigned: Int, unassigned: Int, expired: Int) {
      self.terms = terms
      self.assigned = assigned
      self.unassigned = unassigned
      self.expired = expired
    }
  }

  /// A line of the roster.
  public struct Person: Sendable {
    let member: Member
    /// `assigned`, `expired` or `none`.
    let seatStatus: String
    let key: KeyRecord?
    /// Millionths of a Credit in the longest window.
    let used: Int128
    /// Credits that the seat includes in a billing cycle; nil if that is not said.
    let quota: Int?
    /// Millionths of a Credit used of it in this cycle.
    let spent: Int128

    /// Makes a line.
    public init(
      _ member: Member, seatStatus: String, key: KeyRecord?, used: Int128, quota: Int?,
      spent: Int128
    ) {
      self.member = member
      self.seatStatus = seatStatus
      self.key = key
      self.used = used
      self.quota = quota
      self.spent = spent
    }
  }

  /// An instant at which something ends.
  public struct Expiry: Sendable {
    /// What ends, and how many.
    public enum Kind: Sendable {
      /// A subscription, and how many members hold a seat of it.
      case subscription(SubscriptionID, held: Int)
      /// The seats of some members: the first of them, and how many.
      case seats([Username], Int)
      /// Keys that the next plan replaces: the first of their members, and how many.
      case keys([Username], Int)
    }

    let at: Instant
    let kind: Kind

    /// Whether it takes nobody's access.
    var isOfKeys: Bool {
      if case .keys = kind { true } else { false }
    }

    /// Makes one.
    public init(_ at: Instant, _ kind: Kind) {
      self.at = at
      self.kind = kind
    }
  }

  /// What was used in a window.
  public struct Window: Sendable {
    let window: UsageWindow
    let trend: [UsageTotals]
    let models: [(model: String, totals: UsageTotals)]
    /// Who used most, and how many others there are with what they used.
    let top: [MemberUsage]
    let others: (count: Int, totals: UsageTotals)
    let unattributed: UsageTotals

    /// Gathers sums.
    public init(
      _ window: UsageWindow, trend: [UsageTotals],
      models: [(model: String, totals: UsageTotals)], top: [MemberUsage],
      others: (count: Int, totals: UsageTotals), unattributed: UsageTotals
    ) {
      self.window = window
      self.trend = trend
      self.models = models
      self.top = top
      self.others = others
      self.unattributed = unattributed
    }
  }

  /// What somebody used in each window.
  public struct User: Sendable {
    let name: Username
    /// The subscription of their seat; nil without one.
    let subscription: SubscriptionID?
    let isMember: Bool
    /// Millionths of a Credit by window.
    let used: [Int128]
    /// In the longest window.
    let requests: Int128

    /// Makes a line.
    public init(
      _ name: Username, subscription: SubscriptionID?, isMember: Bool, used: [Int128],
      requests: Int128
    ) {
      self.name = name
      self.subscription = subscription
      self.isMember = isMember
      self.used = used
      self.requests = requests
    }
  }

  /// A commit.
  public struct Entry: Sendable {
    let commit: Commit
    let digest: Digest
    let summary: PlanSummary

    /// The most changes that are kept of a commit: of one of the newest ten, and of an older one. A
    /// hundred large commits would outgrow a roster of thousands.
    static let (changesMax, olderChangesMax) = (20, 3)

    /// Takes what the page shows of a commit.
    /// - Parameter rank: How many newer commits there are.
    public init(_ commit: Commit, _ digest: Digest, rank: Int) {
      summary = PlanSummary(commit.changes)
      self.commit = Commit(
        sequence: commit.sequence, previous: commit.previous, time: commit.time,
        actor: commit.actor, source: commit.source, plan: commit.plan,
        changes: PlannedChanges(
          commit.changes.prefix(rank < 10 ? Self.changesMax : Self.olderChangesMax)))
      self.digest = digest
    }
  }
}
