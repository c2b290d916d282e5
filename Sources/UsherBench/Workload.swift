// Workload: everything that is measured, as a table.

import CommitStore
import OrgFiles
import OrgModel
import Planning
import Reconciling
import SourceText
import SystemCalls
import YAMLSyntax

/// Something that is measured.
struct Workload: Sendable {
  /// What one run is.
  enum Work: Sendable {
    /// Reading the org file and counting its lines, in this process: what the others are held to.
    case floor
    /// A process of usher.
    case command(@Sendable (Site) throws -> Command)
    /// A part of usher in this process: the closure that is returned is what is measured.
    case part(@Sendable (Site) throws -> () throws -> Void)
  }

  /// How it is asked for.
  let name: String
  /// What it does, in words.
  let about: String
  /// How many times the members.
  var scale = 1
  let work: Work

  /// Whether it runs in this process and may grow it.
  var isPart: Bool {
    if case .part = work { return true }
    return false
  }

  /// How many times the members the large workloads have.
  static let largeScale = 10

  /// All, in the order of the report: those that grow this process last.
  static let all = [floor(1)] + commands + [floor(largeScale)] + large + parts

  /// The floor of a scale.
  static func floor(_ scale: Int) -> Workload {
    Workload(
      name: scale == 1 ? "floor" : "floor-large",
      about: "reads the org file and counts its lines", scale: scale, work: .floor)
  }

  // What a user starts.

  private static let commands = [
    command("validate", "`usher validate`") { site in
      Command(arguments: ["validate", try site.orgFile()])
    },
    command("validate-block", "`usher validate`, a line a field") { site in
      Command(arguments: ["validate", try site.blockFile()])
    },
    command("plan-no-op", "`usher plan` without changes") {
      try plan($0.orgFile(), on: $0.state())
    },
    command("plan-change", "`usher plan` of a 1 % change") {
      try plan($0.changedFile(), on: $0.state(), hasChanges: true)
    },
    command("plan-empty", "`usher plan` from empty") {
      try plan($0.orgFile(), on: $0.emptyState(), hasChanges: true)
    },
    command("plan-long-log", "`usher plan` without changes, on a long log") {
      try plan($0.lateOrgFile(), on: $0.longState())
    },
    command("apply-empty", "`usher apply` from empty, keys to a file") {
      $0.apply(try $0.orgFile(), in: try $0.freshPlace())
    },
    command("apply-change", "`usher apply` of a 1 % change") {
      $0.apply(try $0.changedFile(), in: try $0.appliedPlace())
    },
    command("status", "`usher status`") { site in
      Command(arguments: ["status", "--state", try site.state()])
    },
    command("verify-key", "`usher verify-key`") { site in
      Command(arguments: ["verify-key", "--state", try site.state()], input: try site.keyFile())
    },
    command("gateway", "`usher gateway haproxy`") { site in
      Command(arguments: ["gateway", "haproxy", "--state", try site.state()])
    },
    command("usage-ingest", "`usher usage ingest` of ten records a member") { site in
      let log = try site.usageLog()
      return Command(arguments: [
        "usage", "ingest", log, "--state", try site.appliedPlace() + "/state",
      ])
    },
    command("usage-members", "`usher usage members` after that") { site in
      Command(arguments: ["usage", "members", "--days", "30", "--state", try site.usedState()])
    },
    command("console", "`usher console` after that") { site in
      Command(arguments: [
        "console", "--state", try site.usedState(), "--out", try site.freshPlace() + "/page.html",
      ])
    },
    command("version", "`usher --version`") { _ in Command(arguments: ["--version"]) },
  ]

  private static let large = ["validate", "plan-no-op", "plan-empty", "apply-empty"]
    .compactMap { name in commands.first { $0.name == name } }
    .map { small in
      Workload(
        name: "\(small.name)-large", about: "\(small.about), \(largeScale) × the members",
        scale: largeScale, work: small.work)
    }

  private static func command(
    _ name: String, _ about: String, _ make: @escaping @Sendable (Site) throws -> Command
  ) -> Workload {
    Workload(name: name, about: about, work: .command(make))
  }

  private static func plan(
    _ file: String, on state: String, hasChanges: Bool = false
  ) -> Command {
    Command(
      arguments: ["plan", file, "--state", state, "--detailed-exitcode"],
      status: hasChanges ? 2 : 0)
  }

  // What of it takes the time, to profile.

  private static let parts = [
    part("parse", "the YAML reader") { site in
      let files = try site.sources()
      return {
        var findings = Diagnostics()
        try check(YAMLParser.parse(files[0].bytes, file: 0, into: &findings) != nil, findings)
      }
    },
    part("decode", "from bytes to the desired org") { site in
      let files = try site.sources()
      return { _ = try decode(files) }
    },
    part("format", "what `usher fmt` does to the file") { site in
      let files = try site.sources()
      return {
        var findings = Diagnostics()
        try check(OrgFormatter.format(files[0], into: &findings) != nil, findings)
      }
    },
    part("export", "the desired org as an org file") { site in
      let org = try decode(try site.sources()).org
      return { try check(!org.yaml().isEmpty, Diagnostics()) }
    },
    part("open", "the stored state, from the snapshot or the log") { site in
      let medium = FolderMedium(path: try site.state())
      return { _ = try OpenedLog(medium) }
    },
    part("planner-no-op", "the planner, without changes") { site in
      try planner(site, from: try OpenedLog(FolderMedium(path: try site.state())).state, changes: 0)
    },
    part("planner-empty", "the planner, from empty") { try planner($0, from: OrgState()) },
  ]

  private static func part(
    _ name: String, _ about: String,
    _ make: @escaping @Sendable (Site) throws -> () throws -> Void
  ) -> Workload {
    Workload(name: name, about: about, work: .part(make))
  }

  private static func planner(
    _ site: Site, from stored: OrgState, changes: Int? = nil
  ) throws -> () throws -> Void {
    let files = try site.sources()
    let org = try decode(files)
    let now = site.now()
    return {
      var findings = Diagnostics()
      let plan = Planner.plan(from: stored, to: org, files: files, at: now, into: &findings)
      let found = plan?.changes.count
      try check(found != nil && (changes ?? found) == found, findings)
    }
  }

  private static func decode(_ files: [SourceFile]) throws -> LocatedOrg {
    var findings = Diagnostics()
    guard let org = OrgDecoder.decode(files, into: &findings) else { throw unexpected(findings) }
    return org
  }

  private static func check(_ isAsMeant: Bool, _ findings: Diagnostics) throws {
    if !isAsMeant { throw unexpected(findings) }
  }

  private static func unexpected(_ findings: Diagnostics) -> BenchError {
    BenchError("a part did not do what was meant: \(findings.sorted.map(\.message))")
  }
}

extension Site {
  /// The org file, read.
  func sources() throws -> [SourceFile] {
    let path = try orgFile()
    return [SourceFile(name: path, bytes: try FileSystem.readFile(path))]
  }
}
