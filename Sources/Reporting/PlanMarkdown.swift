// PlanMarkdown: a plan as a pull-request comment: who loses access first, then all else by kind.

import ByteOutput
import OrgModel
import Records
import SourceText

extension PlanReport {
  /// The comment.
  /// - Parameters:
  ///   - digest: The plan's digest.
  ///   - result: What came of the plan, in words of ours; nil if it was not executed.
  ///   - findings: Warnings, and the refusal if there is one.
  public func markdown(
    planDigest digest: String, result: String? = nil, findings: DiagnosticReport
  ) -> [UInt8] {
    let command = result == nil ? "plan" : "apply"
    var comment = MarkdownComment(marker: command, footer: footer(digest))
    comment.paragraph("### usher \(command): \(MarkdownText.code(plan.organization))")
    if let result { comment.paragraph("**\(MarkdownText.prose(result))**") }
    comment.paragraph("**\(Self.capitalized(sentence))**")
    comment.append(findings.markdownSections)
    if !plan.changes.isEmpty {
      let allowance = plan.allowance.map { " It carries `--allow-removals \($0)`." } ?? ""
      let (now, then) = (report.before.memberCount, report.after.memberCount)
      comment.paragraph(
        "Authority needed: **\(plan.authority.rawValue)**.\(allowance) "
          + "\(now) \(now == 1 ? "member" : "members") now, \(then) after it.")
    }
    for part in report.parts {
      if let title = part.title { comment.paragraph("### \(title): \(part.sentence)") }
      comment.append(report.sections(of: part))
    }
    return comment.bytes(whole: "in the saved plan and in the log of the job")
  }

  private func footer(_ digest: String) -> String {
    let base =
      plan.base.digest.map { "commit \(plan.base.sequence), `\($0.labelled)`" } ?? "an empty store"
    return "<sub>Base: \(base) · plan: `\(digest)` · usher \(plan.usher)</sub>\n"
  }
}

extension ChangeReport {
  /// Tables: first who loses access, then who gains power and what holds for all, then the rest.
  func sections(of part: Part) -> [MarkdownComment.Section] {
    let members = part.byMember
    let general = part.general.map { change -> [String] in
      let (glyph, text) = words.describe(change.change)
      return [
        "`\(glyph.rawValue)`", MarkdownText.prose(text),
        MarkdownText.prose(change.reason), place(change.at),
      ]
    }
    let overview = MarkdownComment.Section(
      title: "Organization and subscriptions", columns: ["", "change", "why", "where"],
      rows: general)
    let kinds = MemberChanges.Kind.allCases.map { kind in
      MarkdownComment.Section(
        title: kind.title, columns: ["", "member", "change", "why", "where"],
        rows: members.filter { $0.kind == kind }.map { row($0) }, isFolded: !kind.isShown)
    }
    return kinds.prefix(2) + [overview] + kinds.dropFirst(2)
  }

  private func row(_ member: MemberChanges) -> [String] {
    let what = member.ending.map { [$0] } ?? member.changes.map { words.describe($0.change).1 }
    var why: [String] = []
    for reason in member.reasons where !why.contains(reason) { why.append(reason) }
    func lines(_ texts: [String]) -> String {
      texts.map { MarkdownText.prose($0) }.joined(separator: "<br>")
    }
    return [
      "`\(member.glyph.rawValue)`", MarkdownText.code(member.name.text), lines(what), lines(why),
      place(member.place),
    ]
  }

  private func place(_ place: FilePosition?) -> String {
    place.map { MarkdownText.code("\($0.file):\($0.line)") } ?? ""
  }
}

extension DiagnosticReport {
  /// The findings as tables, the errors first.
  var markdownSections: [MarkdownComment.Section] {
    [(Diagnostic.Severity.error, "Errors"), (.warning, "Warnings")].map { severity, title in
      MarkdownComment.Section(
        title: title, columns: ["code", "where", "message", "help"],
        rows: located.filter { $0.diagnostic.severity == severity }.map { finding in
          [
            "`\(finding.diagnostic.code.rawValue)`",
            finding.start.map { MarkdownText.code("\($0.file):\($0.line):\($0.column)") } ?? "",
            MarkdownText.prose(finding.diagnostic.message),
            MarkdownText.prose(finding.diagnostic.help ?? ""),
          ]
        })
    }
  }

  /// The comment of a command that failed, or had nothing but findings to tell.
  /// - Parameters:
  ///   - command: The command's name, by which a bot finds its comment.
  ///   - headline: What came of it, in words of ours.
  public func markdown(command: String, headline: String, usher version: String) -> [UInt8] {
    var comment = MarkdownComment(
      marker: command, footer: "<sub>usher \(version)</sub>\n")
    comment.paragraph("### usher \(command)")
    comment.paragraph("**\(headline)**")
    comment.append(markdownSections)
    return comment.bytes(whole: "in the log of the job")
  }
}
