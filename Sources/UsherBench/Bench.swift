// Bench: the workloads, on organizations of any size made up on the spot.
//
// Times are medians of five runs; the floor is reading the same bytes once and counting their lines.

import Digests
import OrgFiles
import OrgModel
import Planning
import Records
import SourceText
import YAMLSyntax

/// The org file of a team of this size; eight in ten members hold a seat.
func orgText(members: Int) -> [UInt8] {
  var text = "organization: bench\nsubscriptions:\n"
  text += "  pro: { seats: \(members), expires: 2099-01-31 }\nmembers:\n"
  for number in 0..<members {
    let digits = String(number)
    let name = "user_" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits
    let role = number == 0 ? "role: owner, " : ""
    text += number % 10 < 8 ? "  \(name): { \(role)seat: pro }\n" : "  \(name): {}\n"
  }
  return Array(text.utf8)
}

func milliseconds(_ duration: Duration) -> Int {
  Int(duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000)
}

func median(_ work: () -> Void) -> Duration {
  let clock = ContinuousClock()
  return (0..<5).map { _ in clock.measure(work) }.sorted()[2]
}

func bench(members: Int) -> String {
  guard let now = Instant("2026-11-23T08:00:00Z") else { return "" }
  let files = [SourceFile(name: "org.yaml", bytes: orgText(members: members))]
  var lines = 0
  let floor = median { lines = files[0].bytes.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) } }
  var diagnostics = Diagnostics()
  guard let org = OrgDecoder.decode(files, into: &diagnostics) else { return "" }
  var report = "\(members) members, \(files[0].bytes.count) bytes, \(lines) lines\n"
  func tell(_ name: String, _ duration: Duration) {
    let ratio = Int((duration / floor).rounded())
    report += "\(name): \(milliseconds(duration)) ms, \(ratio) x the floor\n"
  }
  tell("floor", floor)
  tell("parse", median { _ = YAMLParser.parse(files[0].bytes, file: 0, into: &diagnostics) })
  tell("decode", median { _ = OrgDecoder.decode(files, into: &diagnostics) })
  tell("format", median { _ = OrgFormatter.format(files[0], into: &diagnostics) })
  tell("export", median { _ = org.org.yaml() })
  var changes: [PlannedChange] = []
  tell(
    "plan from empty",
    median {
      changes =
        Planner.plan(from: OrgState(), to: org, files: files, at: now, into: &diagnostics)?.changes
        ?? []
    })
  var stored = OrgState()
  for (number, step) in changes.enumerated() {
    var change = step.change
    if case .issueKey(let name, let key, _) = change {
      let digest = SHA256.hash(Array(String(number).utf8))
      change = .issueKey(name, number: key, Credential(digest: digest, masked: "usk_…"))
    }
    do { try stored.apply(change, at: now) } catch { return "the plan is not legal: \(error)\n" }
  }
  tell(
    "no-op plan",
    median {
      changes =
        Planner.plan(from: stored, to: org, files: files, at: now, into: &diagnostics)?.changes
        ?? []
    })
  return report + (changes.isEmpty ? "" : "the second plan is not empty\n")
}
