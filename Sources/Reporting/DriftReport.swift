// DriftReport: drift for a person, a program and a pull-request platform.

public import ByteOutput
public import OrgModel
public import Planning
public import Records

/// Drift beside the state that has come apart from the files.
public struct DriftReport: Sendable {
  private let drift: Drift
  private let organization: String
  private let revision: Revision
  /// What the next apply would do.
  private let pending: ChangeReport

  /// Makes a report.
  /// - Parameters:
  ///   - organization: The organization's name.
  ///   - revision: The stored revision.
  ///   - after: What the next apply would lead to.
  public init(
    _ drift: Drift, organization: String, revision: Revision, stored: OrgState, after: OrgState,
    at now: Instant
  ) {
    self.drift = drift
    self.organization = organization
    self.revision = revision
    pending = ChangeReport(
      PlannedChanges(drift.entries.lazy.filter { $0.kind == .pending }.map(\.change)), on: stored,
      after: after, at: now)
  }

  /// How many differences add, change and take away something; together all of them.
  public var totals: (add: Int, change: Int, remove: Int) {
    ChangeWords.totals(of: drift.entries.map { words.glyph(of: $0.change.change) })
  }

  /// Such as `3 differences: 2 pending, 1 out of band`.
  public var sentence: String {
    let total = drift.entries.count
    guard total > 0 else { return "no drift: the stored state is as the org files want it" }
    let parts = Drift.Kind.allCases.compactMap { kind in
      drift.count(kind) > 0 ? "\(drift.count(kind)) \(Self.words(for: kind))" : nil
    }
    let kinds = "\(total) difference\(total == 1 ? "" : "s"): \(parts.joined(separator: ", "))"
    return pending.changes.isEmpty ? kinds : "\(kinds); with the next apply \(pending.sentence)"
  }

  private var words: ChangeWords { pending.words }

  private static func words(for kind: Drift.Kind) -> String {
    switch kind {
    case .pending: return "pending"
    case .expired: return "expired"
    case .outOfBand: return "out of band"
    }
  }

  private static func title(of kind: Drift.Kind) -> String {
    switch kind {
    case .pending: return "Pending: the next apply would change this"
    case .expired: return "Expired: only a renewal brings these seats back"
    case .outOfBand: return "Out of band: done without an org file"
    }
  }

  /// Writes the sentence, what is pending grouped by member, and the rest.
  public func writeText(into sink: inout ByteSink, style: TextStyle) {
    sink.writeLine(style.bold(PlanReport.capitalized(sentence)))
    for kind in Drift.Kind.allCases where drift.count(kind) > 0 {
      sink.writeLine()
      sink.writeLine(style.bold(Self.title(of: kind)))
      if kind == .pending {
        pending.writeText(into: &sink, style: style)
        continue
      }
      for entry in drift.entries where entry.kind == kind {
        let (glyph, text) = described(entry)
        let place =
          entry.change.at.map { "  " + style.dim("\(TerminalText.sanitized($0.file)):\($0.line)") }
          ?? ""
        sink.writeLine(
          "  \(glyph.mark(style)) \(TerminalText.sanitized(text))"
            + style.dim("  (\(TerminalText.sanitized(entry.change.reason)))") + place)
      }
    }
  }

  /// Writes the fields of the object that is open.
  public func writeJSON(into json: inout JSONWriter) {
    json.member("organization", organization)
    json.member("sequence", revision.sequence)
    json.member("digest", revision.digest?.labelled)
    json.key("drift")
    json.array { json in
      for entry in drift.entries {
        json.line { json in
          json.member("kind", entry.kind.rawValue)
          entry.change.writeChange(into: &json)
          json.member("message", entry.change.reason)
          entry.change.writePlace(into: &json)
        }
      }
    }
    json.key("summary")
    json.object { json in
      for kind in Drift.Kind.allCases {
        json.key(text: kind.rawValue)
        json.value(drift.count(kind))
      }
      json.member("total", drift.entries.count)
    }
  }

  /// The differences as annotations, all of them warnings.
  public var annotations: [Annotation] {
    drift.entries.map { entry in
      let subject = entry.change.change.member?.text ?? "organization"
      return Annotation(
        rule: .init(entry.kind), level: .warning, title: "usher drift: \(subject)",
        message: "\(described(entry).1) (\(entry.change.reason))", start: entry.change.at, end: nil,
        identity: "\(entry.change.change.action.rawValue) \(subject)")
    }
  }

  /// A comment, or the text of an issue.
  /// - Parameter findings: Warnings.
  public func markdown(findings: DiagnosticReport, usher version: String) -> [UInt8] {
    let state =
      revision.digest.map { "commit \(revision.sequence), `\($0.labelled)`" } ?? "an empty store"
    var comment = MarkdownComment(
      marker: "drift", footer: "<sub>State: \(state) · usher \(version)</sub>\n")
    comment.paragraph("### usher drift: \(MarkdownText.code(organization))")
    comment.paragraph("**\(PlanReport.capitalized(sentence))**")
    comment.append(findings.markdownSections)
    let others = [Drift.Kind.expired, .outOfBand].map { kind in
      MarkdownComment.Section(
        title: Self.title(of: kind), columns: ["", "difference", "why", "where"],
        rows: drift.entries.filter { $0.kind == kind }.map { row($0) })
    }
    comment.append(others)
    if !pending.changes.isEmpty {
      comment.paragraph("### Pending: the next apply would change this")
    }
    comment.append(pending.parts.flatMap { pending.sections(of: $0) })
    return comment.bytes(whole: "in the log of the job")
  }

  private func row(_ entry: Drift.Entry) -> [String] {
    let (glyph, text) = described(entry)
    return [
      "`\(glyph.rawValue)`", MarkdownText.prose(text),
      MarkdownText.prose(entry.change.reason),
      entry.change.at.map { MarkdownText.code("\($0.file):\($0.line)") } ?? "",
    ]
  }

  /// The glyph and words that name the member.
  private func described(_ entry: Drift.Entry) -> (Glyph, String) {
    var (glyph, text) = words.describe(entry.change.change)
    if entry.kind == .outOfBand, case .revokeKey(_, let key) = entry.change.change {
      text = "key \(key) was revoked"
    }
    return (glyph, entry.change.change.member.map { "\($0): \(text)" } ?? text)
  }
}
