// StreamTests: the real program without its streams, its environment, its rights or its memory.

import Foundation
import Testing

@testable import UsherCommands

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 4, expires: 2099-01-31 }
  members:
    alice: { role: owner, seat: pro }
    bob: { seat: pro }

  """

@Suite struct StreamTests {
  private let sandbox: Sandbox
  private let usher: RealUsher

  init() throws {
    sandbox = try Sandbox()
    usher = RealUsher(sandbox: sandbox)
    try sandbox.write(org, to: "org.yaml")
    try sandbox.write(org.replacing("bob: {", with: "bob: { key: 2,"), to: "next.yaml")
    try sandbox.write("usk_", to: "key")
    try sandbox.write(
      "{\"time\":0,\"member\":\"bob\",\"model\":\"m\",\"credits\":1}", to: "usage.jsonl")
    let run = try usher.shell("usher apply org.yaml --create --yes --keys-to keys --state state")
    try #require(run.code == 0, "\(run.errors)")
  }

  /// A line for every command that has something to say.
  private static let lines: [(command: CommandName, line: String)] = [
    (.initialize, "init \"$(mktemp -d \"$PWD/new-XXXXXX\")\""), (.validate, "validate org.yaml"),
    (.format, "fmt --check org.yaml"), (.format, "fmt - <org.yaml"), (.plan, "plan next.yaml"),
    (.plan, "plan next.yaml --format json"), (.plan, "plan next.yaml --format markdown"),
    (.plan, "plan next.yaml --format github"), (.plan, "plan next.yaml --format sarif"),
    (.apply, "apply org.yaml --yes"), (.apply, "apply next.yaml --yes --keys-to lost"),
    (.drift, "drift next.yaml"), (.drift, "drift next.yaml --format gitlab"), (.status, "status"),
    (.status, "status --format json"), (.members, "members"), (.show, "show bob"), (.log, "log"),
    (.log, "log --verify"), (.log, "log --format json"), (.tokenList, "token list"),
    (.export, "export"),
    (.verifyKey, "verify-key <key"), (.schema, "schema"), (.completions, "completions zsh"),
    (.debugYAML, "debug yaml org.yaml"), (.help, "help"), (.help, "help plan"),
    (.help, "--version"), (.me, "me <key"), (.usageTrend, "usage trend"),
    (.usageModels, "usage models"), (.usageMembers, "usage members --format json"),
    (.usageIngest, "usage ingest usage.jsonl"), (.usageIngest, "usage ingest usage.jsonl"),
    (.gatewayHAProxy, "gateway haproxy"), (.gatewayHAProxy, "gateway haproxy --out map"),
    (.gatewayJSON, "gateway json"),
  ]

  @Test func `a full or closed standard output is an error of every command`() throws {
    // What revoke and the token commands do they do before they tell; revoke is tested below.
    let missing = Set(CommandName.allCases).subtracting(
      Self.lines.map(\.command) + [.revoke, .tokenIssue, .tokenRevoke])
    #expect(missing == [], "no line here runs them")
    let words = Self.lines.map(\.line)
    let script = words.flatMap { line in
      [">/dev/full", ">&-"].map { "usher \(line) --state state \($0); echo \"$?\" >>codes;" }
    }
    let run = try usher.shell(
      "{ \(script.joined(separator: " ").replacing("--version --state state", with: "--version")) }"
    )
    let codes = try sandbox.read("codes").split(separator: "\n")
    #expect(codes.count == 2 * words.count)
    for (index, code) in codes.enumerated() { #expect(code == "1", "\(script[index])") }
    let errors = run.errors.split(separator: "\n")
    #expect(errors.allSatisfy { $0.contains("standard output cannot be written") }, "\(run.errors)")
    #expect(try sandbox.files().count { $0.hasPrefix("state/commits/") } == 1)
    // What cannot be told is in all the same, and once.
    #expect(try sandbox.files().count { $0.hasPrefix("state/usage/") } == 1)
    #expect(!sandbox.exists("lost"))
  }

  @Test(arguments: [">/dev/full", ">&-", ">&- 2>&-", ">&- 2>&- <&-", "2>/dev/full >/dev/full"])
  func `what is written to a lost stream never lands in a commit or a file of keys`(
    _ streams: String
  ) throws {
    // In JSON nothing is written before the commit.
    let line = "usher apply next.yaml --yes --keys-to sink --format json --state state \(streams)"
    #expect(try usher.shell(line).code == 1)
    let keys = try sandbox.read("sink").split(separator: "\n")
    #expect(keys.count == 1 && keys[0].hasPrefix("{\"member\":\"bob\""))
    #expect(sandbox.usher("log", "--verify").output.hasPrefix("2 commits, every digest"))
    let revoke = "usher revoke bob --reason leaked --state state \(streams)"
    #expect(try usher.shell(revoke).code == 1)
    #expect(sandbox.usher("log", "--verify").output.hasPrefix("3 commits, every digest"))
  }

  @Test func `without standard input there is an error, not a wait`() throws {
    for line in ["verify-key", "validate -", "fmt -", "debug yaml -"] {
      let run = try usher.shell("usher \(line) --state state <&-")
      #expect(run.code == 1 && run.errors.contains("standard input"), "\(line): \(run.errors)")
    }
  }

  @Test(.enabled(if: RealUsher.has("bash")))
  func `a reader that leaves early ends nothing and is not told of`() throws {
    for line in [
      "schema", "completions zsh", "help", "apply next.yaml --yes --keys-to private/sink",
    ] {
      let script = "usher \(line) --state state | true; exit ${PIPESTATUS[0]}"
      let run = try usher.shell("mkdir -p -m 700 private; bash -c '\(script)'")
      #expect(run.code == 0 && run.errors == "", "\(line): \(run.errors)")
    }
    #expect(sandbox.usher("log", "--verify").output.hasPrefix("2 commits"))
  }

  @Test func `an empty environment is enough`() throws {
    let line = "env -i \"$(command -v usher)\""
    #expect(try usher.shell("\(line) status --state state").code == 0)
    let run = try usher.shell("\(line) apply next.yaml --yes --keys-to sink --state state")
    #expect(run.code == 0, "\(run.errors)")
  }

  @Test func `without a terminal nobody is asked`() throws {
    for (line, code) in [
      ("apply next.yaml", "E305"), ("apply next.yaml --keys-to sink", "E303"),
      ("apply org.yaml --keys-to sink --state other", "E304"),
    ] {
      let state = line.contains("--state") ? "" : "--state state"
      let run = try usher.shell("usher \(line) \(state)")
      #expect(run.code == 4 && run.errors.contains(code), "\(run.errors)")
    }
    #expect(!sandbox.exists("sink") && !sandbox.exists("other"))
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self")))
  func `a place that cannot be written is named, and no key is handed over`() throws {
    let run = try usher.shell(
      "usher apply org.yaml --create --yes --keys-to sink --state /proc/usher/state")
    #expect(run.code == 1 && run.errors.contains("E402") && run.errors.contains("/proc/usher"))
    #expect(!sandbox.exists("sink"))
    let sink = try usher.shell("usher apply next.yaml --yes --keys-to /proc/keys --state state")
    #expect(sink.code == 5 && sink.errors.contains("/proc/keys"), "\(sink.errors)")
    #expect(sandbox.usher("log", "--verify").output.hasPrefix("1 commit,"))
  }

  @Test(.enabled(if: geteuid() == 0 && RealUsher.has("setpriv")))
  func `without the right to write, reading answers and writing is refused`() throws {
    let line =
      "chmod -R a+rX . && { usher() { setpriv --reuid 65534 --regid 65534 --clear-groups "
      + "\"$(command -v usher-real)\" \"$@\"; }; "
    // Where the build folder is shut to others, there is nothing to run.
    let program = "\(RealUsher.buildFolder)/usher"
    let setup = line.replacing("\"$(command -v usher-real)\"", with: "'\(program)'")
    let run = try usher.shell("\(setup) usher status --state state; }")
    guard run.code != 126, run.code != 127 else { return }
    #expect(run.code == 0, "\(run.errors)")
    let apply = try usher.shell(
      "\(setup) usher apply next.yaml --yes --keys-to exec:cat --state state; }")
    #expect(apply.code == 1 && apply.errors.contains("Permission denied"), "\(apply.errors)")
    #expect(sandbox.usher("log", "--verify").output.hasPrefix("1 commit,"))
  }

  @Test func `a file that may not grow is an error, and keys are taken back`() throws {
    let members = (0..<400).map { "  m\($0): {}\n" }.joined()
    try sandbox.write(
      org.replacing("bob: {", with: "bob: { key: 2,") + members, to: "many.yaml")
    // A commit of 400 members is larger than one unit of any shell.
    _ = try usher.shell(
      "{ ulimit -f 1; usher apply many.yaml --yes --state state --keys-to 'exec:echo \"$1\" >>verbs'; "
        + "echo $? >code; } 2>&1 | cat >said")
    let said = String(decoding: try sandbox.bytes("said"), as: UTF8.self)
    #expect(try sandbox.bytes("code") == Data("1\n".utf8), "\(said.suffix(500))")
    #expect(said.contains("File too large"), "\(said.suffix(500))")
    #expect(try sandbox.bytes("verbs") == Data("store\nerase\n".utf8))
    #expect(try !sandbox.files().contains { $0.contains(".tmp-") })
    #expect(sandbox.usher("log", "--verify").output.hasPrefix("1 commit,"))
  }

  @Test(arguments: [
    ("deep", "head -c 3000000 /dev/zero | tr '\\0' '['"),
    ("deep keys", "yes '? ' | tr -d '\\n' | head -c 3000000"),
    (
      "billion laughs",
      "echo 'a: &a [x]'; for n in $(seq 400); do echo \"b$n: [*a, *a, *a, *a]\"; done"
    ),
    ("errors", "yes 'a: *b' | head -n 200000"),
    ("entries", "echo 'members:'; seq 60000 | sed 's/.*/  m&: {}/'"),
    ("blanks", "head -c 3000000 /dev/zero | tr '\\0' ' '"),
    ("one line", "printf 'a: \"'; head -c 3000000 /dev/zero | tr '\\0' 'x'"),
  ])
  func `a hostile document costs little memory and ends in an error`(
    _ name: String, _ script: String
  ) throws {
    // Of address space, of which the program itself takes a tenth.
    let run = try usher.shell(
      "{ \(script); } >hostile; ulimit -v 1000000; exec usher validate hostile")
    #expect(run.code == 1, "\(name): \(run.code) \(run.errors.suffix(300))")
    #expect(run.errors.utf8.count < 2_000_000, "\(name): \(run.errors.utf8.count)")
  }
}
