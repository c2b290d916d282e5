// TamperingTests: whatever is done to the files of a store is named, and nothing answers from it.

import Digests
import Foundation
import OrgModel
import Records
import Testing

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 4, expires: 2099-01-31 }
  members:
    alice: { role: owner, seat: pro }
    bob: { seat: pro, key: 1 }
    carol: {}

  """

@Suite struct TamperingTests {
  private static let commitCount = 5
  private let sandbox: Sandbox
  private let commits: [Data]
  private let digests: [String]

  init() throws {
    sandbox = try Sandbox()
    var digests: [String] = []
    for number in 1...Self.commitCount {
      let run = try sandbox.apply(org.replacingOccurrences(of: "key: 1", with: "key: \(number)"))
      digests.append(run.json["digest"] as? String ?? "")
    }
    let sandbox = sandbox
    commits = try (1...Self.commitCount).map { try sandbox.bytes(Self.name($0)) }
    self.digests = digests
  }

  private static func name(_ number: Int) -> String {
    "state/commits/" + String(repeating: "0", count: 11) + "\(number).json"
  }

  /// Puts commits in place: nil for one that is taken away.
  private func put(_ commits: [Data?]) throws {
    for number in 1...max(commits.count, Self.commitCount + 1) {
      let path = sandbox.path(Self.name(number))
      if number <= commits.count, let bytes = commits[number - 1] {
        try bytes.write(to: URL(fileURLWithPath: path))
      } else if FileManager.default.fileExists(atPath: path) {
        try FileManager.default.removeItem(atPath: path)
      }
    }
  }

  private func with(_ number: Int, _ bytes: Data?) -> [Data?] {
    var changed: [Data?] = commits
    changed[number - 1] = bytes
    return changed
  }

  /// A commit that says something else, under a true seal.
  private func resealed(_ number: Int) throws -> Data {
    let text = String(decoding: commits[number - 1], as: UTF8.self)
    let body = try #require(text.components(separatedBy: ",\n  \"digest\"").first)
      .replacingOccurrences(of: "rotated", with: "forged").replacingOccurrences(
        of: "\"git_commit\": null", with: "\"git_commit\": \"abc\"")
    let digest = SHA256.hash(Array(body.utf8)).labelled
    return Data((body + ",\n  \"digest\": \"\(digest)\"\n}\n").utf8)
  }

  /// Expects that `log --verify` names a commit, and that nothing answers.
  private func expectNamed(
    _ number: Int, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let run = sandbox.usher("log", "--verify")
    #expect(run.code == 1, "\(what)", sourceLocation: sourceLocation)
    #expect(
      run.errors.contains("commit \(number) "), "\(what): \(run.errors)",
      sourceLocation: sourceLocation)
    for command in ["status", "export"] {
      let run = sandbox.usher(command)
      #expect(run.code == 1 && run.output == "", "\(what)", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: 1...5) func `an edited byte is named, wherever it is`(_ number: Int) throws {
    let bytes = commits[number - 1]
    for index in stride(from: number, to: bytes.count, by: bytes.count / 16) {
      var changed = bytes
      changed[index] ^= 1
      try put(with(number, changed))
      expectNamed(number, "byte \(index)")
    }
  }

  @Test(arguments: 1...5) func `a cut or lengthened commit is named`(_ number: Int) throws {
    let bytes = commits[number - 1]
    for count in [0, 1, bytes.count / 2, bytes.count - 1] {
      try put(with(number, bytes.prefix(count)))
      expectNamed(number, "cut to \(count)")
    }
    try put(with(number, bytes + Data("\n".utf8)))
    expectNamed(number, "longer")
    try put(with(number, bytes + bytes))
    expectNamed(number, "doubled")
  }

  @Test(arguments: 1...4) func `a commit that was taken away is named`(_ number: Int) throws {
    try put(with(number, nil))
    expectNamed(number, "missing")
  }

  @Test func `the last commits can be taken away, and only a pinned digest tells`() throws {
    try put(Array(commits.prefix(3)))
    #expect(sandbox.usher("log", "--verify").code == 0)
    #expect(sandbox.usher("log", "--verify", "--expect", digests[4]).code == 1)
    #expect(sandbox.usher("log", "--verify", "--expect", digests[2]).code == 0)
    try put([])
    #expect(sandbox.usher("log", "--verify", "--expect", digests[0]).code == 1)
  }

  @Test func `swapped, repeated and replayed commits are named`() throws {
    var swapped: [Data?] = commits
    swapped.swapAt(1, 2)
    try put(swapped)
    expectNamed(2, "swapped")
    for number in 1...5 {
      try put(commits + [commits[number - 1]])
      expectNamed(6, "\(number) replayed at the end")
      guard number > 1 else { continue }
      try put(with(number, commits[number - 2]))
      expectNamed(number, "\(number - 1) repeated")
    }
    try put(commits.map { $0 } + [nil, commits[4]])
    expectNamed(6, "a hole")
    try FileManager.default.removeItem(atPath: sandbox.path(Self.name(7)))
  }

  @Test(arguments: 1...4)
  func `a commit that was edited and sealed again is told by the one that follows`(
    _ number: Int
  ) throws {
    let forged = try resealed(number)
    #expect(forged != commits[number - 1])
    try put(with(number, forged))
    expectNamed(number + 1, "sealed again")
  }

  @Test func `a last commit that was sealed again is told by its pinned digest`() throws {
    try put(with(5, try resealed(5)))
    #expect(sandbox.usher("log", "--verify").code == 0)
    let run = sandbox.usher("log", "--verify", "--expect", digests[4])
    #expect(run.code == 1)
    #expect(
      run.errors == "usher: error[E413]: no commit has the digest '\(digests[4])': history was "
        + "rewritten, or its end taken away  (help: restore the store from a backup)\n")
    #expect(sandbox.usher("log", "--verify", "--expect", digests[3]).code == 0)
  }

  @Test func `a whole history that was made anew is told by any pinned digest`() throws {
    let other = try Sandbox()
    for number in 1...Self.commitCount {
      _ = try other.apply(org.replacingOccurrences(of: "key: 1", with: "key: \(number)"))
    }
    try put(try (1...Self.commitCount).map { try other.bytes(Self.name($0)) })
    #expect(sandbox.usher("log", "--verify").code == 0)
    for digest in digests {
      #expect(sandbox.usher("log", "--verify", "--expect", digest).code == 1)
    }
  }

  @Test func `every digest that apply printed pins the history up to it`() throws {
    for (index, digest) in digests.enumerated() {
      let text = sandbox.usher("log", "--verify", "--expect", digest)
      #expect(text.code == 0)
      #expect(text.output.hasSuffix("the expected digest is that of commit \(index + 1)\n"))
      let json = sandbox.usher("log", "--verify", "--expect", digest, "--format", "json").json
      #expect(json["verified"] as? Bool == true)
      #expect(json["sequence"] as? Int == 5 && json["digest"] as? String == digests[4])
      #expect(json["expected_sequence"] as? Int == index + 1)
    }
    let digest = "sha256:" + String(repeating: "0", count: 64)
    let run = sandbox.usher("log", "--verify", "--expect", digest, "--format", "json")
    #expect(run.code == 1)
    let finding = (run.json["diagnostics"] as? [[String: Any]])?.first
    #expect(finding?["code"] as? String == "E413")
  }

  @Test(arguments: ["", "sha256:", "sha256:00", "SHA256:", "0", "x\u{1B}"])
  func `a digest that is none is wrong usage, and so is one without --verify`(
    _ text: String
  ) throws {
    #expect(sandbox.usher("log", "--verify", "--expect=\(text)").code == 64)
    #expect(sandbox.usher("log", "--expect", digests[4]).code == 64)
  }
}

@Suite struct SnapshotTamperingTests {
  private let sandbox: Sandbox
  private let name: String

  init() throws {
    sandbox = try Sandbox()
    for number in 1...32 {
      _ = try sandbox.apply(org.replacingOccurrences(of: "key: 1", with: "key: \(number)"))
    }
    name = try #require(try sandbox.files().first { $0.hasSuffix(".snapshot") })
  }

  private func snapshot() throws -> Snapshot {
    try Snapshot(reading: Array(try sandbox.bytes(name)))
  }

  private func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: sandbox.path(name)))
  }

  @Test func `a damaged, stale or foreign snapshot changes no answer`() throws {
    let answers = { sandbox.usher("members").output + sandbox.usher("status").output }
    let before = answers()
    let bytes = Array(try sandbox.bytes(name))
    for index in stride(from: 0, to: bytes.count, by: bytes.count / 24) {
      var changed = bytes
      changed[index] ^= 4
      try write(changed, to: name)
      #expect(answers() == before, "byte \(index)")
      try write(Array(bytes.prefix(index)), to: name)
      #expect(answers() == before, "cut to \(index)")
    }
    try write(bytes, to: name)
    let digits = name.split(separator: "-")[1]
    for number in ["000000000001", "000000000031", "000000000033", "999999999999", "x"] {
      let other = "state/snapshots/\(number)-\(digits)"
      try write(bytes, to: other)
      #expect(answers() == before, "\(number)")
      #expect(sandbox.usher("log", "--verify").code == 0)
      try FileManager.default.removeItem(atPath: sandbox.path(other))
    }
    // Of another history, under its own name and under this one's.
    let foreign = try Sandbox()
    for number in 1...32 {
      _ = try foreign.apply(org.replacingOccurrences(of: "key: 1", with: "key: \(number)"))
    }
    let theirs = try #require(try foreign.files().first { $0.hasSuffix(".snapshot") })
    for place in [theirs, name] {
      try write(Array(try foreign.bytes(theirs)), to: place)
      #expect(answers() == before)
      #expect(sandbox.usher("log", "--verify").code == 0)
    }
  }

  @Test func `a forged snapshot of other facts, well sealed and named, is named`() throws {
    let sound = try snapshot()
    var state = sound.state
    let carol = try #require(Username("carol"))
    try state.apply(.changeRole(carol, from: .member, to: .administrator), at: sound.time)
    let forged = Snapshot(revision: sound.revision, time: sound.time, state: state)
    try write(try #require(forged.bytes()), to: name)
    let run = sandbox.usher("log", "--verify")
    #expect(run.code == 1)
    #expect(run.errors.contains("snapshot '") && run.errors.contains("commit 32"))
    #expect(run.errors.contains("delete snapshots/"))
    let postdated = Snapshot(revision: sound.revision, time: .latest, state: sound.state)
    try write(try #require(postdated.bytes()), to: name)
    #expect(sandbox.usher("log", "--verify").errors.contains("snapshot '"))
    try FileManager.default.removeItem(atPath: sandbox.path(name))
    #expect(sandbox.usher("log", "--verify").code == 0)
    #expect(sandbox.usher("members").output.components(separatedBy: "administrator").count == 1)
  }

  @Test func `a commit that a snapshot covers is checked by log, and by what reads it`() throws {
    let commit = "state/commits/000000000007.json"
    let text = try sandbox.read(commit)
    try sandbox.write(text.replacingOccurrences(of: "bob", with: "eve"), to: commit)
    for line in [["log"], ["log", "--verify"], ["show", "bob"]] {
      let run = sandbox.run(line, now: "2026-11-23T08:00:00Z")
      #expect(run.code == 1 && run.errors.contains("commit 7 "), "\(line): \(run.errors)")
    }
    try FileManager.default.removeItem(atPath: sandbox.path(commit))
    for line in [["log"], ["status"], ["members"], ["show", "bob"]] {
      let run = sandbox.run(line, now: "2026-11-23T08:00:00Z")
      #expect(run.code == 1 && run.errors.contains("commit 7 "), "\(line): \(run.errors)")
    }
  }
}
