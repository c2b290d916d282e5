// MemoryTests: the memory of the real program, searched for keys once they were handed over.

import Foundation
import Testing

private let org = """
  organization: acme
  base_url: https://llm.acme.example/v1
  subscriptions:
    pro: { seats: 40, expires: 2099-01-31 }
  members:
    m0: { role: owner, seat: pro }

  """

private let isReadable = FileManager.default.fileExists(atPath: "/proc/self/mem")

@Suite struct MemoryTests {
  /// Waits until a process is in write(2), which ends only when somebody reads.
  private func waitForWrite(of process: pid_t) throws {
    let start = ContinuousClock.now
    while true {
      let call = try String(contentsOfFile: "/proc/\(process)/syscall", encoding: .utf8)
      // Its number on x86-64 and on ARM; the first argument is standard output.
      if call.hasPrefix("1 0x1 ") || call.hasPrefix("64 0x1 ") { return }
      try #require(start.duration(to: .now) < .seconds(60), "\(call)")
      sched_yield()
    }
  }

  /// Everything in a process's memory that it can read.
  private func memory(of process: pid_t) throws -> Data {
    let maps = try String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8)
    let handle = try #require(FileHandle(forReadingAtPath: "/proc/\(process)/mem"))
    var memory = Data()
    for line in maps.split(separator: "\n") where !line.contains("[v") {
      let words = line.split(separator: " ")
      let ends = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
      // Files that are mapped and cannot be written to hold no key.
      guard ends.count == 2, words[1].hasPrefix("rw") else { continue }
      try handle.seek(toOffset: ends[0])
      memory += try handle.read(upToCount: Int(ends[1] - ends[0])) ?? Data()
    }
    return memory
  }

  /// The memory of an usher that has done everything but tell of it.
  private func memoryAtOutput(of line: String, in sandbox: Sandbox) throws -> Data {
    #expect(mkfifo(sandbox.path("output"), 0o600) == 0)
    let pipe = open(sandbox.path("output"), O_RDWR | O_NONBLOCK | O_CLOEXEC)
    defer { close(pipe) }
    // A full pipe holds usher where it tells of its commit: JSON is written at the end only.
    let page = [UInt8](repeating: 0x0A, count: 4096)
    while page.withUnsafeBytes({ write(pipe, $0.baseAddress, 4096) }) > 0 {}
    let child = try RealUsher(sandbox: sandbox).start("exec usher \(line) >output")
    try waitForWrite(of: child.number)
    let memory = try memory(of: child.number)
    child.send(SIGKILL)
    _ = try child.wait()
    return memory
  }

  @Test(.enabled(if: isReadable), arguments: ["keys", "exec:cat >keys"])
  func `after the hand-over no part of a key is left in memory`(_ sink: String) throws {
    let sandbox = try Sandbox()
    let members = (1..<40).map { "  m\($0): { seat: pro }\n" }.joined()
    try sandbox.write(org + members, to: "org.yaml")
    let line = "apply org.yaml --create --yes --format json --keys-to '\(sink)' --state state"
    let memory = try memoryAtOutput(of: line, in: sandbox)
    // What is sought would be found: names are still there.
    #expect(memory.range(of: Data("https://llm.acme.example/v1".utf8)) != nil)
    let lines = try sandbox.read("keys").split(separator: "\n")
    #expect(lines.count == 40)
    for line in lines {
      let key = try #require(line.components(separatedBy: "\"").first { $0.hasPrefix("usk_") })
      for part in [key.dropFirst(4).prefix(20), key.dropFirst(24).prefix(23)] {
        #expect(memory.range(of: Data(part.utf8)) == nil, "\(line.prefix(16))")
      }
    }
  }

  @Test(.enabled(if: isReadable), arguments: ["jsonl", "csv"])
  func `once a file of usage is ingested, no part of its keys is left in memory`(_ ending: String)
    throws
  {
    let sandbox = try Sandbox()
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    let keys = (0..<50).map { _ in
      "usk_" + String((0..<50).map { _ in letters.randomElement() ?? "x" })
    }
    var text = ending == "csv" ? "time,api_key,model,credits\n" : ""
    // Several pieces, with keys that lie across their borders, and some with escapes.
    for number in 0..<30_000 {
      let key = keys[number % keys.count]
      if ending == "csv" {
        text += "\(number),\"\(key)\(number % 7 == 0 ? "\"\"" : "")\",the-model,1\n"
      } else {
        let written = number % 7 == 0 ? "\\u0075" + key.dropFirst() : key
        text +=
          "{\"time\":\(number),\"api_key\":\"\(written)\",\"model\":\"the-model\",\"credits\":1}\n"
      }
    }
    try sandbox.write(text, to: "usage.\(ending)")
    let line = "usage ingest usage.\(ending) --format json --state state"
    let memory = try memoryAtOutput(of: line, in: sandbox)
    #expect(memory.range(of: Data("the-model".utf8)) != nil)
    for key in keys {
      for part in [key.dropFirst(4).prefix(20), key.dropFirst(24).prefix(23)] {
        #expect(memory.range(of: Data(part.utf8)) == nil)
      }
    }
  }
}
