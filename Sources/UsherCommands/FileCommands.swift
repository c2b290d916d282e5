// FileCommands: the commands about org files alone: init, validate, export, schema, debug yaml.

import ByteOutput
import OrgFiles
import OrgModel
import Records
import Reporting
import SourceText
import SystemCalls
import YAMLSyntax

enum InitCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let folder = context.invocation.arguments.first ?? "."
    let path = folder.hasSuffix("/") ? "\(folder)org.yaml" : "\(folder)/org.yaml"
    do throws(SystemError) {
      try FileSystem.makeFolders(folder, mode: 0o755)
      try FileSystem.createFile(path, with: Array(OrgTemplate.text.utf8), mode: nil)
    } catch {
      throw CommandFailure(error, .outputFailed)
    }
    if context.isJSON {
      try context.emitJSON { $0.member("created", SecretShape.masked(path)) }
    } else {
      try context.emitText {
        let shown = TerminalText.sanitized(path)
        $0.writeLine("Created \(shown). Edit it, then run: usher validate \(shown)")
      }
    }
    return .success
  }
}

enum ValidateCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let (org, files) = try context.checkOrg()
    let names = TerminalText.sanitized(files.map(\.name).joined(separator: ", "))
    let counts =
      "\(counted(org.members, "member")), "
      + counted(org.subscriptions, "subscription")
    switch context.format {
    case .json:
      try context.emitJSON { json in
        json.member("valid", true)
        json.member("organization", org.organization)
        json.member("members", org.members)
        json.member("subscriptions", org.subscriptions)
        json.key("diagnostics")
        json.array { _ in }
      }
    case .text: try context.emitText { $0.writeLine("\(names): valid, \(counts)") }
    case .markdown, .github, .gitlab, .sarif:
      let findings = DiagnosticReport(files: files, diagnostics: [])
      try context.emit(
        PlatformResult(
          name: "validate", headline: "usher validate: valid, \(counts)",
          text: Array("\(names): valid, \(counts)\n".utf8), findings: findings,
          markdown: findings.markdown(
            command: "validate", headline: "Valid: \(counts).", usher: Program.version)))
    }
    return .success
  }
}

private func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}

enum ExportCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let log = try context.openLog()
    guard !log.state.isEmpty else {
      throw CommandFailure(
        .failure, .emptyStore,
        "the store '\(context.location)' is empty: there is nothing to export")
    }
    try context.emit(DesiredOrg(log.state).yaml())
    return .success
  }
}

enum SchemaCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    try context.emit(OrgSchema.json())
    return .success
  }
}

enum DebugYAMLCommand {
  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let path = context.invocation.arguments[0]
    let file: SourceFile
    do throws(SystemError) { file = SourceFile(name: path, bytes: try context.read(path)) } catch {
      throw CommandFailure(error, .unreadableFile)
    }
    var diagnostics = Diagnostics()
    guard let document = YAMLParser.parse(file.bytes, file: 0, into: &diagnostics) else {
      throw CommandFailure(.failure, diagnostics.sorted, files: [file])
    }
    var json = JSONWriter(.indented)
    write(document, document.root, into: &json, &diagnostics)
    guard !diagnostics.hasErrors else {
      throw CommandFailure(.failure, diagnostics.sorted, files: [file])
    }
    try context.emit(json.sink.bytes + [0x0A])
    return .success
  }

  /// Recursion is bounded by the reader's own limit of depth.
  private static func write(
    _ document: YAMLDocument, _ node: NodeID, into json: inout JSONWriter,
    _ diagnostics: inout Diagnostics
  ) {
    switch document.kind(node) {
    case .mapping:
      json.object { json in
        for (key, value) in document.pairs(node) {
          json.key(text: document.text(key))
          write(document, value, into: &json, &diagnostics)
        }
      }
    case .sequence:
      json.array { json in
        for item in document.children(node) { write(document, item, into: &json, &diagnostics) }
      }
    case .scalar:
      switch document.value(node) {
      case .null: json.null()
      case .bool(let flag): json.value(flag)
      case .int(let number): json.value(number)
      case .number(let text): json.raw(text)
      case .nonFinite:
        json.null()
        diagnostics.report(
          .unsupportedSyntax,
          "infinity, not-a-number and numbers of more digits than are converted cannot be written "
            + "as JSON", at: document.range(node), help: "put it in quotes")
      case .string: json.value(document.text(node))
      }
    }
  }
}
