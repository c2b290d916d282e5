// UsageIngestCommand: `usher usage ingest`: records of a gateway or a provider, into the store.

import ByteOutput
import Metering
import OrgModel
import Reconciling
import Reporting
import SourceText
import Synchronization
import SystemCalls

enum UsageIngestCommand {
  /// A file and what became of it.
  private struct Result {
    let name: String
    let receipt: IngestReceipt
    /// Of its records, those that are nobody's.
    let unattributedRecords: Int
    let unattributed: UsageTotals
  }

  static func run(_ context: Context) throws(CommandFailure) -> ExitCode {
    let log = try context.openLog()
    context.noteIfEmpty(log)
    let forms = try context.invocation.arguments.map { (name) throws(CommandFailure) in
      (name, try form(of: name, context))
    }
    let world = context.world
    let ingest = UsageIngest(
      into: try context.batches(), now: context.now,
      skipsInvalid: context.invocation.flag("skip-invalid"),
      isInterrupted: { world.interruptedBy() != nil })
    var results: [Result] = []
    var failures = Failures()
    for (name, form) in forms {
      let receipt: IngestReceipt
      if name != "-" { context.progress.begin(.ingesting(name)) }
      do throws(IngestError) { receipt = try self.ingest(name, form, with: ingest, context) } catch
      {
        if let signal = world.interruptedBy() {
          try write(results, failures, context)
          throw CommandFailure(
            ExitCode(interruptedBy: signal), .interrupted,
            "interrupted; nothing of '\(name)' was kept")
        }
        failures.add(error, of: name)
        continue
      }
      results.append(try result(name, receipt, log))
    }
    if !results.isEmpty {
      context.progress.begin(.mergingUsage)
      do throws(MeteringError) { try ingest.compact() } catch {
        // What was ingested is safe and counts: the next run tries again.
        context.note("the usage batches could not be merged: \(error)")
      }
    }
    try write(results, failures, context)
    guard failures.isEmpty else { throw failures.failure(isEmitted: context.isJSON) }
    return .success
  }

  /// The form that is asked for, or that the file's ending tells.
  private static func form(
    of name: String, _ context: Context
  ) throws(CommandFailure) -> IngestForm {
    if let form = context.invocation.value("input").flatMap({ IngestForm(rawValue: $0) }) {
      return form
    }
    if name == "-" { return .ndjson }
    let lower = name.lowercased()
    if lower.hasSuffix(".csv") { return .csv }
    if [".jsonl", ".ndjson", ".json"].contains(where: { lower.hasSuffix($0) }) { return .ndjson }
    throw Context.misused(
      "the ending of '\(name)' does not tell its form: say --input ndjson or --input csv")
  }

  private static func ingest(
    _ name: String, _ form: IngestForm, with ingest: UsageIngest, _ context: Context
  ) throws(IngestError) -> IngestReceipt {
    let read: @Sendable (Int) throws(SystemError) -> [UInt8]
    var file: FileDescriptor?
    if name != "-" {
      let opened: FileDescriptor
      do { opened = try FileSystem.openInput(name) } catch { throw .unreadable(error) }
      file = opened
      read = { (count) throws(SystemError) in try FileSystem.readNext(count, from: opened) }
    } else if let part = context.world.readStandardInputPart {
      read = part
    } else {
      let rest: Remaining
      do { rest = Remaining(try context.world.readStandardInput()) } catch {
        throw .unreadable(error)
      }
      read = { rest.next($0) }
    }
    defer {
      // It was only read.
      if let file { do { try FileSystem.close(file) } catch {} }
    }
    return try ingest.ingest(
      IngestFile(name: FileSystem.lastPart(of: name), form: form, read: read))
  }

  private static func result(
    _ name: String, _ receipt: IngestReceipt, _ log: OpenedLog
  ) throws(CommandFailure) -> Result {
    let attribution = Attribution(log.state, of: receipt.subjects.map(\.subject))
    var (records, totals) = (0, UsageTotals.zero)
    for entry in receipt.subjects where attribution.member(entry.subject) == nil {
      records += entry.records
      totals += entry.totals
    }
    return Result(
      name: SecretShape.masked(name), receipt: receipt, unattributedRecords: records,
      unattributed: totals)
  }

  private static func write(
    _ results: [Result], _ failures: Failures, _ context: Context
  ) throws(CommandFailure) {
    guard context.isJSON else {
      return try context.emitText { sink in for result in results { write(result, into: &sink) } }
    }
    try context.emitJSON { json in
      json.key("files")
      json.array { json in
        for result in results { json.object { write(result, into: &$0) } }
      }
      if !failures.isEmpty {
        json.key("diagnostics")
        failures.report.writeJSON(into: &json)
      }
    }
  }

  private static func write(_ result: Result, into json: inout JSONWriter) {
    let source = result.receipt.source
    let totals = result.receipt.subjects.map(\.totals).total
    json.member("file", result.name)
    json.member("ingested", result.receipt.isNew)
    json.member("batch", source.batch)
    json.member("digest", "blake2b-256:" + source.digest.hex)
    json.member("name", source.name)
    json.member("time", source.ingested.description)
    json.member("records", source.records)
    json.member("skipped_lines", source.skippedLines)
    guard result.receipt.isNew else { return }
    json.member("credits", credits: totals.microCredits)
    json.member("requests", count: totals.requests)
    json.key("unattributed")
    json.line { json in
      json.member("records", result.unattributedRecords)
      json.member("credits", credits: result.unattributed.microCredits)
      json.member("requests", count: result.unattributed.requests)
    }
  }

  private static func write(_ result: Result, into sink: inout ByteSink) {
    let source = result.receipt.source
    func counted(_ number: Int, _ thing: String) -> String {
      UsageText.counted(Int128(number), thing)
    }
    let name = TerminalText.sanitized(result.name)
    guard result.receipt.isNew else {
      return sink.writeLine(
        "\(name): already ingested as batch \(source.batch), "
          + "'\(TerminalText.sanitized(source.name))' of \(source.ingested)"
          + (source.skippedLines > 0
            ? ", without \(counted(source.skippedLines, "line"))" : ""))
    }
    let totals = result.receipt.subjects.map(\.totals).total
    sink.writeLine(
      "\(name): ingested \(counted(source.records, "record")) as batch \(source.batch), "
        + "\(CreditsText([totals.microCredits]).text(totals.microCredits)) Credits in "
        + UsageText.counted(totals.requests, "request"))
    if source.skippedLines > 0 {
      sink.writeLine("\(name): skipped \(counted(source.skippedLines, "line"))")
    }
    if result.unattributedRecords > 0 {
      let credits = result.unattributed.microCredits
      sink.writeLine(
        "\(name): \(counted(result.unattributedRecords, "record")) of unknown keys or members, "
          + "\(CreditsText([credits]).text(credits)) Credits")
    }
  }
}

/// Standard input that was read at once, handed out in parts.
private final class Remaining: Sendable {
  private let bytes: Mutex<[UInt8]>

  init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }

  func next(_ count: Int) -> [UInt8] {
    bytes.withLock { bytes in
      let part = Array(bytes.prefix(count))
      bytes.removeFirst(part.count)
      return part
    }
  }
}

/// Why files were not taken in.
private struct Failures {
  private var files: [SourceFile] = []
  private var diagnostics: [Diagnostic] = []

  var isEmpty: Bool { diagnostics.isEmpty }

  var report: DiagnosticReport { DiagnosticReport(files: files, diagnostics: diagnostics) }

  func failure(isEmitted: Bool) -> CommandFailure {
    var failure = CommandFailure(.failure, diagnostics, files: files)
    failure.isEmitted = isEmitted
    return failure
  }

  mutating func add(_ error: IngestError, of name: String) {
    switch error {
    case .unreadable(let error):
      diagnostics.append(Diagnostic(.unreadableFile, "\(error)", at: nil))
    case .usage(let error):
      let isOut =
        switch error {
        case .unsynced, .unsettled: false
        default: true
        }
      diagnostics += CommandFailure(error).diagnostics.map {
        Diagnostic(
          $0.code, "'\(name)'\(isOut ? " was not ingested" : ""): \($0.message)", at: nil,
          help: $0.help)
      }
    case .invalid(let findings, let count):
      // The lines themselves may hold keys: what is shown has none of their text.
      let lines = findings.last?.line ?? 1
      files.append(SourceFile(name: name, bytes: [UInt8](repeating: 0x0A, count: lines)))
      for finding in findings {
        let range = SourceRange(
          file: files.count - 1, start: finding.line - 1, end: finding.line - 1)
        diagnostics.append(
          Diagnostic(
            .usageRecordInvalid, finding.message, at: range,
            help: count == 1 ? "nothing of the file was kept; see --skip-invalid" : nil))
      }
      if count > findings.count {
        let more = count - findings.count
        let lines =
          more == 1
          ? "1 more line that is no record"
          : "\(UsageText.counted(Int128(more), "more line")) that are no records"
        diagnostics.append(Diagnostic(.usageRecordInvalid, "'\(name)' has \(lines)", at: nil))
      }
    }
  }
}
