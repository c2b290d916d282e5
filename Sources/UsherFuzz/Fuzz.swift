// Fuzz: what libFuzzer calls with inputs of its own making. Built and run by `.ci/fuzz` only.
//
// The first byte chooses the reader. A seal that is not true would end every attempt at once, so
// records are sealed here: what is tried is what somebody could write who knows how.

import Digests
import Metering
import OrgFiles
import OrgModel
import Records
import SourceText
import Synchronization
import YAMLSyntax

/// Reads one input; a trap is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func readOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.first else { return 0 }
  let text = Array(input.dropFirst())
  switch choice % 7 {
  case 0: readYAML(text)
  case 1: readOrg(text)
  case 2: readCommit(sealed(text))
  case 3: readPlan(sealed(text))
  case 4: readSnapshot(text + checksum(of: text))
  case 5: readUsage(text, .ndjson)
  default: readUsage(text, .csv)
  }
  return 0
}

private func sealed(_ body: [UInt8]) -> [UInt8] {
  body + Array(",\n  \"digest\": \"sha256:\(SHA256.hash(body).hex)\"\n}\n".utf8)
}

private func readYAML(_ text: [UInt8]) {
  var diagnostics = Diagnostics()
  let document = YAMLParser.parse(text, file: 0, into: &diagnostics)
  precondition((document == nil) == diagnostics.hasErrors, "refused with a reason")
}

/// An org that is taken means the same when it is exported.
private func readOrg(_ text: [UInt8]) {
  guard let org = decode(text) else { return }
  precondition(decode(org.yaml()) == org, "the export says the same")
}

private func decode(_ text: [UInt8]) -> DesiredOrg? {
  var diagnostics = Diagnostics()
  let files = [SourceFile(name: "org.yaml", bytes: text)]
  return OrgDecoder.decode(files, into: &diagnostics)?.org
}

private func readCommit(_ text: [UInt8]) {
  guard let commit = try? Commit.read(text).commit else { return }
  let again = try? Commit.read(commit.sealed().bytes).commit
  precondition(again == commit, "a commit that is taken reads back")
}

private func readPlan(_ text: [UInt8]) {
  guard let plan = try? Plan.read(text).plan else { return }
  let (bytes, digest) = plan.sealed()
  precondition((try? Plan.read(bytes))?.digest == digest, "a plan that is taken reads back")
}

private func readSnapshot(_ text: [UInt8]) {
  guard let snapshot = try? Snapshot(reading: text), let bytes = snapshot.bytes() else { return }
  let again = try? Snapshot(reading: bytes)
  precondition(again?.state == snapshot.state, "a snapshot that is taken reads back")
}

/// What a snapshot ends with.
private func checksum(of text: [UInt8]) -> [UInt8] {
  let checksum = text.withUnsafeBytes { XXHash64.hash($0) }
  return withUnsafeBytes(of: checksum.bigEndian) { Array($0) }
}

/// A file of usage is taken in if no line of it has to be left out, and what was taken in reads back.
private func readUsage(_ text: [UInt8], _ form: IngestForm) {
  let lenient = UsageStore()
  let strict = UsageStore()
  let taken = try? lenient.take(text, form, skipsInvalid: true)
  let whole = try? strict.take(text, form, skipsInvalid: false)
  precondition((whole != nil) == (taken?.source.skippedLines == 0), "all of it or nothing")
  guard let taken else { return precondition(lenient.subjects == [], "nothing is kept") }
  let records = taken.subjects.reduce(0) { $0 + $1.records }
  precondition(taken.isNew && records == taken.source.records, "every record is somebody's")
  let named = taken.subjects.filter { $0.records > 0 }.map(\.subject).sorted()
  precondition(lenient.subjects == named, "what is taken in reads back")
  let again = try? lenient.take(text, form, skipsInvalid: true)
  precondition(again?.isNew == false, "no content counts twice")
}

/// The usage of a store that is in memory.
private struct UsageStore {
  let batches = MemoryBatches()

  func take(_ text: [UInt8], _ form: IngestForm, skipsInvalid: Bool) throws -> IngestReceipt {
    let rest = Mutex(text[...])
    let file = IngestFile(name: "file", form: form) { count in
      rest.withLock { rest in
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
      }
    }
    let ingest = UsageIngest(
      into: batches, now: .earliest, skipsInvalid: skipsInvalid, isInterrupted: { false })
    return try ingest.ingest(file)
  }

  /// Whom records name; nil if they cannot be read.
  var subjects: [UsageSubject]? {
    (try? UsageLedger(batches).lastUse(upTo: .latest))?.map(\.subject)
  }
}
