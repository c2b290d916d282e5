// GatewayCommandTests: what a gateway is told is what verify-key says, and nothing else.

import Digests
import Foundation
import OrgModel
import Testing

@testable import UsherCommands

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 2, expires: 2027-01-31T12:00:00Z }
    standard: { seats: 3, expires: 2027-06-30 }
  policy:
    max_removals: 100%
  members:
    alice: { role: owner, seat: pro }
    bob: { role: administrator }
    carol: { seat: standard }
    dave: { seat: standard, until: 2026-12-31 }
    erin: { seat: pro }

  """

/// A generator of which the seed tells everything.
private struct Dice {
  var state: UInt64

  mutating func roll(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}

/// A line of a map, or a key of the JSON.
private struct Entry: Hashable {
  let member: String
  let end: Instant
  let subscription: String

  /// The entries of a map as HAProxy reads it, by the digest.
  static func all(map: String) throws -> [String: Entry] {
    var entries: [String: Entry] = [:]
    for line in map.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      try #require(words.count == 4)
      let end = try #require(Int64(words[2]).flatMap { Instant(seconds: $0) })
      let entry = Entry(member: words[1], end: end, subscription: words[3])
      #expect(entries.updateValue(entry, forKey: words[0]) == nil)
    }
    return entries
  }

  /// The same of the JSON.
  static func all(json: [String: Any]) throws -> [String: Entry] {
    var entries: [String: Entry] = [:]
    for key in try #require(json["keys"] as? [[String: String]]) {
      let digest = try #require(key["sha256"])
      #expect(key["key_id"] == "k_" + digest.prefix(16))
      entries[digest] = Entry(
        member: try #require(key["member"]),
        end: try #require(key["expires"].flatMap(Instant.init)),
        subscription: try #require(key["subscription"]))
    }
    return entries
  }
}

@Suite struct GatewayCommandTests {
  private let sandbox: Sandbox
  private static let now = "2026-11-23T08:00:00Z"

  init() throws { sandbox = try Sandbox() }

  @Test func `results are what the transcript says`() throws {
    let recorder = WorldRecorder()
    var transcript = ""
    func show(_ line: String, now: String = Self.now) throws {
      let before = (recorder.output.count, recorder.errors.count)
      let world = World.test(
        arguments: line.split(separator: " ").map(String.init) + [
          "--state", sandbox.path("state"),
        ],
        now: Instant(now), standardInput: Array(org.utf8), into: recorder)
      let code = Program.run(world)
      let text = recorder.output.dropFirst(before.0) + recorder.errors.dropFirst(before.1)
      transcript += "$ usher \(line)   # at \(now)\n\(text)[exit \(code)]\n\n"
        .replacing(sandbox.folder, with: "")
    }
    try show("gateway haproxy")
    let before = transcript
    try show("apply - --create --yes --keys-to \(sandbox.path("keys"))")
    transcript = before
    try show("gateway haproxy")
    try show("gateway json")
    try show("gateway haproxy --out \(sandbox.path("map"))")
    try show("gateway json --out \(sandbox.path("json")) --format json")
    try show("gateway haproxy", now: "2026-12-31")
    try show("gateway haproxy", now: "2027-07-01")
    try show("gateway json", now: "2027-07-01")
    try show("gateway haproxy --actor carol")
    try show("gateway json --actor mallory")
    try show("gateway haproxy --format json")
    try show("gateway nginx")
    try GoldenFile("gateway.txt").expect(transcript)
    #expect(transcript.contains(try sandbox.read("map")))
    // What the README shows is a part of it.
    let readme = try GoldenFile.readme
    let shown = try #require(
      readme.components(separatedBy: "$ usher gateway haproxy\n").last?
        .components(separatedBy: "```").first)
    for line in shown.split(separator: "\n") {
      #expect(transcript.contains("\n\(line)\n"), "\(line)")
    }
    #expect(transcript.contains(try sandbox.read("json")))
  }

  @Test(arguments: Array(UInt64(1)...4))
  func `the map and verify-key agree on every key at every edge`(_ seed: UInt64) throws {
    var dice = Dice(state: seed)
    var time = try #require(Instant(Self.now)).seconds
    func instant(_ seconds: Int64) -> String { Instant(seconds: seconds)?.description ?? "" }
    for step in 0..<5 {
      time += Int64(dice.roll(40))
      let now = instant(time)
      var text = "organization: acme\npolicy: { max_removals: 100% }\nsubscriptions:\n"
      var edges: Set<Int64> = [time]
      for pool in ["x", "y"] {
        let end = time + Int64(5 + dice.roll(60))
        edges.insert(end)
        text += "  \(pool): { seats: 9, expires: \(instant(end)) }\n"
      }
      text += "members:\n  alice: { role: owner }\n"
      for name in ["bob", "carol", "dave", "erin"] where dice.roll(6) > 0 {
        let end = time + Int64(1 + dice.roll(60))
        edges.insert(end)
        let until = dice.roll(2) == 0 ? ", until: \(instant(end))" : ""
        let key = dice.roll(3) == 0 ? ", key: \(step + 1)" : ""
        text += "  \(name): { seat: \(dice.roll(2) == 0 ? "x" : "y")\(until)\(key) }\n"
      }
      let applied = try sandbox.apply(text, now: now)
      #expect(applied.code == 0, "seed \(seed): \(applied.errors)")
      if dice.roll(2) == 0 {
        let who = ["bob", "carol", "dave", "erin"][dice.roll(4)]
        _ = sandbox.usher("revoke", who, "--reason", "leaked", now: now)
      }
      let map = sandbox.usher("gateway", "haproxy", now: now)
      let entries = try Entry.all(map: map.output)
      #expect(
        try Entry.all(json: sandbox.usher("gateway", "json", now: now).json) == entries)
      #expect(sandbox.usher("gateway", "haproxy", now: now).output == map.output)
      try compare(entries, at: edges.flatMap { [$0 - 1, $0] }.filter { $0 >= time }, seed)
    }
  }

  private func compare(_ entries: [String: Entry], at edges: [Int64], _ seed: UInt64) throws {
    let keys = try sandbox.keys()
    #expect(!keys.isEmpty && !entries.isEmpty)
    var known: Set<String> = []
    for (member, key) in keys {
      let digest = SHA256.hash(Array(key.utf8)).hex
      let entry = entries[digest]
      if entry != nil { known.insert(digest) }
      for edge in Set(edges) {
        let at = try #require(Instant(seconds: edge))
        let verdict = sandbox.usher(
          "verify-key", "--format", "json", now: at.description, input: key
        ).json
        let isGood = entry.map { $0.end > at } ?? false
        #expect(verdict["valid"] as? Bool == isGood, "seed \(seed): \(member) at \(at)")
        guard isGood else { continue }
        #expect(verdict["member"] as? String == entry?.member)
        #expect(verdict["subscription"] as? String == entry?.subscription)
        #expect(verdict["expires"] as? String == entry?.end.description)
      }
    }
    #expect(known == Set(entries.keys), "seed \(seed): the map has keys that were never issued")
  }

  @Test func `of a seat whose end has passed there is no entry, also after its renewal`() throws {
    #expect(try sandbox.apply(org).code == 0)
    let late = "2027-02-01T00:00:00Z"
    let renewed = org.replacing("2027-01-31T12:00:00Z", with: "2028-01-31")
    #expect(sandbox.usher("gateway", "haproxy", now: late).output.contains(" erin ") == false)
    #expect(try sandbox.apply(renewed, now: late).code == 0)
    let keys = try sandbox.keys().filter { $0.member == "erin" }.map {
      SHA256.hash(Array($0.key.utf8)).hex
    }
    let entries = try Entry.all(map: sandbox.usher("gateway", "haproxy", now: late).output)
    #expect(keys.count == 2 && entries[keys[0]] == nil && entries[keys[1]]?.member == "erin")
  }

  @Test func `no plaintext is printed, and the file is for its owner only`() throws {
    #expect(try sandbox.apply(org).code == 0)
    let map = sandbox.path("usher.map")
    let run = sandbox.usher("gateway", "haproxy", "--out", map)
    #expect(run.code == 0 && run.output == "Wrote \(map): 4 keys of commit 1\n")
    #expect(try sandbox.mode("usher.map") == 0o600)
    for text in [try sandbox.read("usher.map"), sandbox.usher("gateway", "json").output] {
      #expect(!text.contains("usk_"))
    }
  }

  @Test func `the file keeps its mode and is replaced whole`() throws {
    #expect(try sandbox.apply(org).code == 0)
    let map = try sandbox.write("old\n", to: "usher.map")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: map)
    let reader = try #require(FileHandle(forReadingAtPath: map))
    #expect(sandbox.usher("gateway", "haproxy", "--out", map).code == 0)
    // Who had opened it before reads the old one to its end.
    #expect(try reader.readToEnd() == Data("old\n".utf8))
    #expect(try sandbox.read("usher.map") == sandbox.usher("gateway", "haproxy").output)
    #expect(try sandbox.mode("usher.map") == 0o640)
    #expect(try sandbox.files().filter { $0.contains(".tmp") } == [])
  }

  @Test(arguments: ["damaged", "missing", "refused", "full"])
  func `if anything fails, the file stays as it was`(_ what: String) throws {
    #expect(try sandbox.apply(org).code == 0)
    let map = sandbox.path("usher.map")
    #expect(sandbox.usher("gateway", "haproxy", "--out", map).code == 0)
    let good = try sandbox.read("usher.map")
    let usher = RealUsher(sandbox: sandbox)
    let line: String
    switch what {
    case "damaged":
      for name in try sandbox.files() where name.hasPrefix("state/") {
        try sandbox.write("{", to: name)
      }
      line = "usher gateway haproxy --out usher.map --state state"
    case "missing": line = "usher gateway haproxy --out usher.map --state elsewhere"
    case "refused": line = "usher gateway haproxy --out usher.map --state state --actor carol"
    default: line = "ulimit -f 0; usher gateway haproxy --out usher.map --state state"
    }
    let run = try usher.shell(line)
    #expect(run.code == (what == "refused" ? 4 : 1), "\(run.errors)")
    // Where no file may grow, neither may the one that the error would go to.
    #expect(run.output == "" && (run.errors.contains("error[E") || what == "full"))
    #expect(try sandbox.read("usher.map") == good)
    #expect(try sandbox.files().filter { $0.contains(".tmp") } == [])
  }

  @Test func `a list of any length is whole, to a file and to standard output`() throws {
    let names = (0..<3000).map { "member_\($0 * 7919 % 100_000)" }
    let applied = try sandbox.apply(
      "organization: acme\nsubscriptions:\n  pro: { seats: 5000, expires: 2099-01-31 }\n"
        + "members:\n  alice: { role: owner }\n"
        + names.map { "  \($0): { seat: pro }\n" }.joined())
    #expect(applied.code == 0)
    let map = sandbox.usher("gateway", "haproxy").output
    let json = sandbox.usher("gateway", "json")
    // More than one piece each.
    #expect(map.utf8.count > 1 << 18 && json.output.utf8.count > 1 << 19)
    let entries = try Entry.all(map: map)
    #expect(entries.values.map(\.member).sorted() == names.sorted())
    #expect(try Entry.all(json: json.json) == entries)
    let order = map.split(separator: "\n").dropFirst(2).map { $0.split(separator: " ")[1] }
    #expect(order == order.sorted())
    for (form, text) in [("haproxy", map), ("json", json.output)] {
      #expect(sandbox.usher("gateway", form, "--out", sandbox.path("out")).code == 0)
      #expect(try sandbox.read("out") == text)
    }
  }

  @Test func `standard output that cannot be written is an error`() throws {
    #expect(try sandbox.apply(org).code == 0)
    for form in ["haproxy", "json"] {
      #expect(sandbox.run(["gateway", form], now: Self.now, isOutputBroken: true).code == 1)
    }
  }

  @Test func `a token of a member is refused, the owner's is let in`() throws {
    #expect(try sandbox.apply(org).code == 0)
    func token(of name: String, by token: String) throws -> String {
      let file = "token-\(name).jsonl"
      let run = sandbox.usher(
        "token", "issue", name, "--keys-to", sandbox.path(file), environment: ["USHER_TOKEN": token]
      )
      #expect(run.code == 0, "\(run.errors)")
      let object = try JSONSerialization.jsonObject(with: Data(sandbox.read(file).utf8))
      return try #require((object as? [String: Any])?["token"] as? String)
    }
    let owner = try token(of: "alice", by: "")
    let member = try token(of: "carol", by: owner)
    func code(_ token: String) -> Int32 {
      sandbox.usher("gateway", "haproxy", environment: ["USHER_TOKEN": token]).code
    }
    #expect(code(owner) == 0 && code(member) == 4 && code("nonsense") == 4)
    #expect(sandbox.usher("gateway", "json", "--actor", "bob").code == 0)
  }
}
