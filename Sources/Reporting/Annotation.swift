// Annotation: one thing to say about a place in a file, for programs that show such things their own way.

import Digests
import OrgFiles
import Planning
import Records
import SourceText

/// What GitHub, GitLab and code scanners attach to a line.
public struct Annotation: Sendable {
  /// How loud it is.
  public enum Level: String, CaseIterable, Sendable {
    case error
    case warning
    case notice
  }

  /// A kind of findings, for scanners that list them.
  struct Rule: Hashable {
    /// A diagnostic's code, or `drift/KIND`.
    let id: String
    /// `camelCase` name.
    let name: String
    let summary: String
    let level: Level
  }

  let rule: Rule
  let level: Level
  let title: String
  let message: String
  /// Nil if no place is to blame.
  let start: FilePosition?
  let end: SourcePosition?
  /// What stays the same when lines move or numbers in the message change.
  let identity: String
}

extension Annotation.Rule {
  init(_ code: DiagnosticCode) {
    id = code.rawValue
    name = "\(code)"
    summary = CodeCatalogue.explanation(code)
    level = code.severity == .error ? .error : .warning
  }

  init(_ kind: Drift.Kind) {
    id = "drift/\(kind.rawValue)"
    level = .warning
    switch kind {
    case .pending:
      name = "pendingChange"
      summary =
        "The stored state differs from the org file, and a plan would change it. Apply the file, or "
        + "change it to what is stored."
    case .expired:
      name = "expiredSeat"
      summary =
        "The org file wants a seat whose term is over, and no plan can bring it back. Renew the "
        + "subscription, or take the seat from the file."
    case .outOfBand:
      name = "outOfBandCommit"
      summary =
        "Since the last applied file the stored state was changed by a commit that no org file asked "
        + "for. Find out why; the next apply restores what the file says."
    }
  }

  /// Every kind of finding there is, in a fixed order.
  static let all: [Annotation.Rule] =
    DiagnosticCode.allCases.map { .init($0) } + Drift.Kind.allCases.map { .init($0) }
}

extension DiagnosticReport {
  /// The findings as annotations.
  public var annotations: [Annotation] {
    zip(located, sourceLines).map { finding, line in
      let diagnostic = finding.diagnostic
      let help = diagnostic.help.map { "  (help: \($0))" } ?? ""
      return Annotation(
        rule: .init(diagnostic.code), level: diagnostic.severity == .error ? .error : .warning,
        title: "\(diagnostic.severity.rawValue) \(diagnostic.code.rawValue)",
        message: diagnostic.message + help, start: finding.start, end: finding.end,
        identity: line ?? (finding.start == nil ? diagnostic.message : ""))
    }
  }
}

extension PlanReport {
  /// What the plan does, a member or a line each: what takes something away or gives power as a
  /// warning.
  public var annotations: [Annotation] { report.annotations }
}

extension ChangeReport {
  fileprivate var annotations: [Annotation] {
    parts.flatMap { part in
      part.general.map { change in
        let (glyph, text) = words.describe(change.change)
        return annotation(
          title: part.title, "organization", text,
          glyph == .remove || change.change.action == .updateOrganization ? .warning : .notice,
          at: change.at)
      }
        + part.byMember.map { member in
          let texts = member.changes.map { words.describe($0.change).1 }
          let text = (member.ending.map { [$0] } ?? []) + texts
          return annotation(
            title: part.title, member.name.text, text.joined(separator: "; "),
            [.losesAccess, .gainsPower].contains(member.kind) ? .warning : .notice,
            at: member.place)
        }
    }
  }

  private func annotation(
    title part: String?, _ subject: String, _ text: String, _ level: Annotation.Level,
    at place: FilePosition?
  ) -> Annotation {
    Annotation(
      rule: .init(.pending), level: level,
      title: "usher plan: \(subject)" + (part.map { " (\($0.lowercased()))" } ?? ""),
      message: "\(subject): \(text)", start: place, end: nil, identity: subject)
  }
}

/// Names findings so that they are known again when lines move, one name each.
struct Fingerprints {
  private var seen: [String: Int] = [:]

  /// The name of a finding, and how many of the same name came before in its file.
  mutating func next(_ annotation: Annotation, in path: String) -> (hash: String, turn: Int) {
    let identity = "\(annotation.rule.id)\n\(path)\n\(annotation.identity)"
    let turn = seen[identity, default: 0]
    seen[identity] = turn + 1
    return (SHA256.hash(Array(identity.utf8)).hex, turn)
  }
}
