// PlanMarkdown: a plan as a pull-request comment: who loses access first, then all else by kind.

import ByteOutput
import OrgModel
import Records
import SourceText

extension PlanReport {
  /// The comment.
  /// - Parameters:
  ///   - digest: The saved plan's digest.
  ///   - findings: Warnings, and the refusal if there is one.
  public func markdown(planDigest digest: String, findings: DiagnosticReport) -> [UInt8] {
    var comment = MarkdownComment(marker: "plan", footer: footer(digest))
    comment.paragraph("### usher plan: \(MarkdownText.code(plan.organization))")
    comment.paragraph("**\(Self.capitalized(sentence))**")
    comment.append(findings.markdownSections)
    if !plan.changes.isEmpty {
      let allowance = plan.allowance.map { " It carries `--allow-removals \($0)`." } ?? ""
      comment.paragraph(
        "Authority needed: **\(plan.authority.rawValue)**.\(allowance)")
    }
    for part in parts {
      if let title = part.title {
        comment.paragraph("### \(title): \(part.sentence)")
      }
      comment.append(sections(of: part))
    }
    return comment.bytes(whole: "in the saved plan and in the log of the job")
  }

  private func footer(_ digest: String) -> String {
    let base =
      plan.base.digest.map { "commit \(plan.base.sequence), `\($0.labelled)`" } ?? "an empty store"
    return "<sub>Base: \(base) · plan: `\(digest)` · usher \(plan.usher)</sub>\n"
  }

  private func sections(of part: Part) -> [MarkdownComment.Section] {
    let members = part.byMember
    let general = part.general.map { change -> [String] in
      let (glyph, text) = words.describe(change.change)
      return [
        "`\(glyph.rawValue)`", MarkdownText.prose(text, names: words.names(in: change.change)),
        MarkdownText.prose(change.reason, names: words.names(in: change.change)), place(change.at),
      ]
    }
    let overview = MarkdownComment.Section(
      title: "Organization and subscriptions", columns: ["", "change", "why", "where"],
      rows: general, isFolded: true)
    let kinds = MemberChanges.Kind.allCases.map { kind in
      MarkdownComment.Section(
        title: kind.title, columns: ["", "member", "change", "why", "where"],
        rows: members.filter { $0.kind == kind }.map { row($0) }, isFolded: kind != .losesAccess)
    }
    return [kinds[0], overview] + kinds.dropFirst()
  }

  private func row(_ member: MemberChanges) -> [String] {
    let names = member.changes.flatMap { words.names(in: $0.change) }
    var what = member.ending.map { [$0] } ?? []
    what += member.changes.map { words.describe($0.change).1 }
    var why: [String] = []
    for change in member.changes where !why.contains(change.reason) { why.append(change.reason) }
    func lines(_ texts: [String]) -> String {
      texts.map { MarkdownText.prose($0, names: names) }.joined(separator: "<br>")
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
