// ConsoleHistory: the newest commits: when, by whom, from which files, and why.

import Metering
import OrgModel
import Records

extension ConsolePage {
  /// The most commits that the page shows; older ones are told by their number.
  public static let commitsMax = 100
  /// Behind so many bytes of the page, and this many of commits, it shows no more: a page of 5,000 members
  /// is 3 MB at most, whatever the reasons are.
  private static let (pageBytesMax, historyBytesMin) = (2_960_000, 120_000)

  func writeHistory(into html: inout HTMLWriter) {
    guard !commits.isEmpty else {
      html.element("div", ["class": "card"]) { html in
        html.element("p", ["class": "soft"], "There are no commits.")
      }
      return
    }
    var shown = 0
    html.element("ol", ["class": "log", "reversed": "", "start": String(head.sequence)]) { html in
      let end = max(html.sink.bytes.count + Self.historyBytesMin, Self.pageBytesMax)
      for entry in commits where html.sink.bytes.count < end {
        html.element("li", ["class": "card"]) { write(entry, into: &$0) }
        html.breakLine()
        shown += 1
      }
    }
    let older = head.sequence - shown
    guard older > 0 else { return }
    html.element("p", ["class": "soft"]) { html in
      html.text("\(Words.counted(older, "older commit")): ")
      html.element("code", "usher log")
      html.text(" lists all.")
    }
  }

  private func write(_ entry: Entry, into html: inout HTMLWriter) {
    let commit = entry.commit
    html.element("h3") { html in
      html.text("Commit \(commit.sequence): ")
      html.text(Self.sentence(entry.summary))
    }
    html.element("p", ["class": "soft"]) { html in
      html.time(commit.time, suffix: " UTC")
      html.text(" (\(RelativeTime.distance(from: now, to: commit.time)))")
      if let actor = commit.actor { html.text(", by \(actor)") }
      guard !commit.source.files.isEmpty else { return html.text(", without a file") }
      html.text(", from ")
      for (index, file) in commit.source.files.prefix(3).enumerated() {
        if index > 0 { html.text(", ") }
        html.element("bdi") { $0.element("code", file) }
      }
      let more = commit.source.files.count - 3
      if more > 0 { html.text(" and \(Words.counted(more, "other file"))") }
      if let git = commit.source.gitCommit {
        html.text(" at git commit ")
        html.element("code", String(git.prefix(12)))
      }
    }
    html.element("details") { html in
      html.element("summary", Words.counted(entry.summary.total, "change"))
      writeChanges(entry, into: &html)
      html.element("p", ["class": "soft"]) { html in
        html.text("Digest ")
        html.element("code", entry.digest.labelled)
      }
    }
  }

  private func writeChanges(_ entry: Entry, into html: inout HTMLWriter) {
    let columns: [HTMLWriter.Column] = [.init("Action"), .init("About"), .init("Why")]
    let caption = "Changes of commit \(entry.commit.sequence)"
    html.table(caption, columns: columns) { html in
      for change in entry.commit.changes {
        html.row { html in
          html.cell(["class": "k"], change.change.action.rawValue)
          html.cell(Self.subject(of: change.change))
          html.cell(change.reason)
        }
      }
    }
    let more = entry.summary.total - entry.commit.changes.count
    if more > 0 { html.element("p", ["class": "soft"], "And \(Words.grouped(more)) more.") }
  }

  private static func subject(of change: Change) -> String {
    switch change {
    case .putSubscription(let terms): terms.id.text
    case .removeSubscription(let id): id.text
    default: change.member?.text ?? "the organization"
    }
  }

  /// What a commit did, counted: `3 members join, 10 keys issued`.
  private static func sentence(_ summary: PlanSummary) -> String {
    let parts = Change.Action.allCases.compactMap { action -> String? in
      let count = summary.count(action)
      guard count > 0 else { return nil }
      let (noun, verb) = words(for: action)
      guard let noun else { return verb }
      return "\(Words.counted(count, noun)) \(verb)"
    }
    return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
  }

  private static func words(for action: Change.Action) -> (noun: String?, verb: String) {
    switch action {
    case .createOrganization: (nil, "organization founded")
    case .updateOrganization: (nil, "organization changed")
    case .putSubscription: ("subscription", "set")
    case .removeSubscription: ("subscription", "removed")
    case .addMember: ("member", "added")
    case .removeMember: ("member", "removed")
    case .changeRole: ("role", "changed")
    case .assignSeat: ("seat", "assigned")
    case .reclaimSeat: ("seat", "reclaimed")
    case .changeTerm: ("term", "changed")
    case .issueKey: ("key", "issued")
    case .revokeKey: ("key", "revoked")
    case .issueToken: ("token", "issued")
    case .revokeToken: ("token", "revoked")
    }
  }
}
