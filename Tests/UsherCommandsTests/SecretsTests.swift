// SecretsTests: no key is anywhere but where it was handed to, and nobody else gets at it there.

import Foundation
import OrgModel
import Testing

@testable import UsherCommands

private let org = """
  organization: acme
  base_url: https://llm.acme.example/v1
  subscriptions:
    pro: { seats: 4, expires: 2099-01-31 }
  members:
    alice: { role: owner, seat: pro }
    bob: { seat: pro }
    carol: {}

  """

private let isLinux = FileManager.default.fileExists(atPath: "/proc/self/environ")

@Suite struct SecretsTests {
  private let sandbox: Sandbox
  private let usher: RealUsher

  init() throws {
    sandbox = try Sandbox()
    try sandbox.write(org, to: "org.yaml")
    for folder in ["tmp", "sinks", "state"] {
      try FileManager.default.createDirectory(
        atPath: sandbox.path(folder), withIntermediateDirectories: false)
    }
    usher = RealUsher(
      sandbox: sandbox,
      environment: ["TMPDIR": sandbox.path("tmp"), "USHER_STATE": sandbox.path("state")])
  }

  /// All keys in the folder of sinks.
  private func keys() throws -> Set<String> {
    var keys: Set<String> = []
    for name in try sandbox.files() where name.hasPrefix("sinks/") {
      for part in try sandbox.read(name).components(separatedBy: "\"") where part.hasPrefix("usk_")
      {
        keys.insert(part)
      }
    }
    return keys
  }

  @Test func `every file and stream of a whole story holds no key, but the sinks do`() throws {
    let lines = [
      "usher apply org.yaml --create --yes --keys-to sinks/1",
      "usher apply org.yaml --create --yes --keys-to sinks/1",
      "sed -i.bak 's/bob: {/bob: { key: 2,/; s/carol: {/carol: { seat: pro/' org.yaml",
      "usher plan org.yaml --out plan.json; usher plan org.yaml --format json",
      "usher apply --plan plan.json --yes --keys-to 'exec:cat > sinks/lost; exit 3'",
      "usher apply --plan plan.json --yes --keys-to 'exec:cat > sinks/torn; kill -TERM $PPID; cat'",
      "usher apply --plan plan.json --yes --keys-to 'exec:cat > sinks/dead; kill -SEGV $PPID; cat'",
      "usher apply --plan plan.json --yes --keys-to no/such/folder",
      "usher apply --plan plan.json --yes --keys-to /dev/full",
      "usher apply --plan plan.json --yes --keys-to 'exec:cat > sinks/2' --format json",
      "for f in sinks/*; do sed 's/.*api_key\":\"//; s/\".*//' $f | while read -r key; do "
        + "printf %s $key | usher verify-key; printf '%sx' $key | usher verify-key; done; done",
      "usher revoke carol --reason leaked --format json; usher drift org.yaml; usher log",
      "usher log --format json; usher members --format json; usher show carol; usher export",
      "usher gateway haproxy; usher gateway json; usher gateway haproxy --out usher.map",
    ]
    var streams = ""
    for line in lines {
      let run = try usher.shell("{ \(line); }")
      streams += run.output + run.errors
    }
    let keys = try keys()
    #expect(keys.count == 10)
    #expect(streams.contains("valid: carol") && streams.contains("not valid: unknown"))
    for key in keys {
      let body = String(key.dropFirst(4).prefix(43))
      #expect(!streams.contains(body))
      for name in try sandbox.files() where !name.hasPrefix("sinks/") {
        #expect(try sandbox.bytes(name).range(of: Data(body.utf8)) == nil, "\(name)")
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.path("tmp")) == [])
    #expect(!streams.contains("Registers"))
  }

  @Test(.enabled(if: isLinux))
  func `no key stands in the arguments or the environment of usher or a sink`() throws {
    let sink =
      "cat > sinks/1; for p in $$ $PPID; do cat /proc/$p/cmdline /proc/$p/environ; done > seen"
    let run = try usher.shell("usher apply org.yaml --create --yes --keys-to 'exec:\(sink)'")
    #expect(run.code == 0, "\(run.errors)")
    let seen = String(decoding: try sandbox.bytes("seen"), as: UTF8.self)
    #expect(seen.contains("usher-key-sink") && seen.contains("USHER_STATE"))
    #expect(!seen.contains("usk_"))
    #expect(try keys().count == 2)
  }

  @Test(.enabled(if: isLinux)) func `neither usher nor a sink can leave a core dump`() throws {
    let sink = "ulimit -c; grep core /proc/$PPID/limits; cat /proc/$PPID/coredump_filter"
    let line =
      "ulimit -c unlimited 2>&-; "
      + "usher apply org.yaml --create --yes --keys-to 'exec:{ \(sink); } > limits'"
    #expect(try usher.shell(line).code == 0)
    let words = try sandbox.read("limits").split { $0 == "\n" || $0 == " " }
    #expect(words == ["0", "Max", "core", "file", "size", "0", "0", "bytes", "00000000"])
  }

  @Test(arguments: ["0", "0777", "022"])
  func `the umask opens and closes nothing`(_ umask: String) throws {
    try FileManager.default.removeItem(atPath: sandbox.path("state"))
    let line =
      "umask \(umask); usher apply org.yaml --create --yes --keys-to sinks/1 --state a/b/state; "
      + "for key in $(seq 2 33); do sed \"s/bob: {/bob: { key: $key,/\" org.yaml > next.yaml; "
      + "chmod 600 next.yaml; "
      + "usher apply next.yaml --yes --keys-to sinks/$key --state a/b/state; done"
    let run = try usher.shell(line)
    #expect(run.output.contains("Applied as commit 33"), "\(run.errors)")
    for folder in ["a", "a/b", "a/b/state", "a/b/state/commits", "a/b/state/snapshots"] {
      #expect(try sandbox.mode(folder) == 0o700, "\(folder)")
    }
    for name in try sandbox.files() where name.hasPrefix("a/") || name.hasPrefix("sinks/") {
      #expect(try sandbox.mode(name) == 0o600, "\(name)")
    }
    #expect(try sandbox.files().count { $0.hasSuffix(".snapshot") } == 1)
  }

  @Test(arguments: [("077", 0o600), ("022", 0o644), ("002", 0o664), ("0777", 0)])
  func `a new page, plan and org file are as the umask says, a map of keys is not`(
    _ umask: String, _ mode: Int
  ) throws {
    let line =
      "usher apply org.yaml --create --yes --keys-to sinks/1; umask \(umask); "
      + "usher console --out page.html; usher plan org.yaml --out plan.json; "
      + "usher gateway haproxy --out map; mkdir -m 700 new; usher init new"
    #expect(try usher.shell(line).code == 0)
    for name in ["page.html", "plan.json", "new/org.yaml"] {
      #expect(try sandbox.mode(name) == mode, "\(name)")
    }
    #expect(try sandbox.mode("map") == 0o600)
  }

  @Test(
    arguments: [
      (0o700, nil), (0o750, nil), (0o770, nil), (0o711, nil), (0o755, "list"), (0o1777, "list"),
      (0o777, "replace files in"), (0o703, "replace files in"), (0o1703, nil),
    ] as [(Int, String?)])
  func `a file of keys where everybody can list or replace it is warned about`(
    _ mode: Int, _ deed: String?
  ) throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: sandbox.path("sinks"))
    let run = sandbox.usher(
      "apply", sandbox.path("org.yaml"), "--create", "--yes", "--keys-to", sandbox.path("sinks/1"))
    #expect(run.code == 0)
    if let deed {
      let warning =
        "usher: warning[W208]: everybody on this machine can \(deed) '\(sandbox.path("sinks"))', "
        + "where the keys go  (help: use a folder of mode 0700)\n"
      #expect(run.errors == warning)
    } else {
      #expect(run.errors == "")
    }
    // Where no key goes, there is nothing to warn about.
    let again = sandbox.usher(
      "apply", sandbox.path("org.yaml"), "--yes", "--keys-to", sandbox.path("sinks/2"))
    #expect(again.code == 0 && again.errors == "")
  }
}

@Suite struct MisplacedKeyTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
    #expect(try sandbox.apply(org).code == 0)
  }

  /// Runs words in which KEY is a key, IN the sandbox and STATE its state.
  private func usher(
    _ line: String, with key: String, environment: [String: String] = [:], input: String = ""
  ) -> Run {
    let recorder = WorldRecorder()
    let words = line.split(separator: " ").map {
      String($0).replacing("IN", with: sandbox.folder)
        .replacing("STATE", with: sandbox.path("state")).replacing("KEY", with: key)
    }
    var world = World.test(
      arguments: words, environment: environment, now: Instant("2026-11-23T08:00:00Z"),
      standardInput: Array(input.utf8), into: recorder)
    world.workingFolder = sandbox.folder
    let code = Program.run(world)
    return Run(code: code, output: recorder.output, errors: recorder.errors)
  }

  private static let formats = OutputFormat.allCases.map(\.rawValue)

  @Test(arguments: [
    "KEY", "KEY --help --nope", "me KEY", "me KEY KEY", "verify-key KEY", "verify-key=KEY",
    "usage KEY", "usage trend KEY", "usage trend --days KEY", "usage trend --days=KEY",
    "usage trend --KEY", "usage trend --actor KEY", "usage models --now KEY", "-KEY",
    "usage ingest --input KEY x.jsonl", "usage ingest IN/KEY.jsonl", "usage ingest KEY",
    "usage ingest IN/KEY.jsonl --state STATE", "status --state KEY", "members --state IN/KEY/x",
    "show KEY --state STATE", "revoke KEY --reason x --state STATE", "token issue KEY", "help KEY",
    "plan KEY.yaml", "plan IN/KEY/KEY.yaml --base KEY --state STATE", "apply --plan KEY",
    "apply IN/org.yaml --keys-to exe:KEY --state IN/KEY", "validate KEY KEY", "fmt KEY --check",
    "log --expect KEY --verify --state STATE", "log --limit KEY", "drift KEY --state STATE",
    "export --state IN/org.yaml/KEY", "console --out KEY/x --state STATE", "completions KEY",
    "gateway json --out KEY/x --state STATE", "init IN/org.yaml/KEY", "debug yaml KEY",
    "usage trend --state KEY",
    "usage models --state KEY", "usage members --state KEY", "log --state KEY",
  ])
  func `a key or a token where none belongs is told of in its masked form`(
    _ line: String
  ) throws {
    let secrets = [
      try sandbox.key(of: "alice"), "ust_" + (try sandbox.key(of: "bob").dropFirst(4)),
    ]
    for key in secrets {
      let body = key.dropFirst(4).prefix(43)
      for format in Self.formats {
        let run = usher("\(line) --format \(format)", with: key)
        let streams = run.output + run.errors
        #expect(!streams.contains(body.prefix(30)) && !streams.contains(body.dropFirst(13)))
        #expect(!streams.contains(key.suffix(6)), "\(streams)")
      }
      let run = usher(line, with: key)
      #expect(run.errors.contains("\(key.prefix(4))…\(body.suffix(4))_…"), "\(run.errors)")
    }
  }

  @Test(arguments: ["verify-key", "me"])
  func `whoever gives a key as an argument is told where it belongs`(_ command: String) throws {
    let key = try sandbox.key(of: "alice")
    let help = "it reads the key from standard input, as in 'usher \(command) < key.txt'"
    let run = usher("\(command) KEY --state STATE", with: key)
    #expect(run.code == 64)
    #expect(
      run.errors == """
        usher: error[E401]: '\(command)' does not expect 'usk_…\(key.dropLast(7).suffix(4))_…'; \
        it takes options only  (help: \(help); programs and shells show what stands in arguments)

        """)
    #expect(usher("\(command) key.txt", with: "").errors.hasSuffix("(help: \(help))\n"))
  }

  @Test func `a key that was pasted into an org file is in no result about the file`() throws {
    let key = try sandbox.key(of: "alice")
    let pasted = [
      "# KEY\norganization: acme\nmembers: { alice: { role: KEY } }\n",
      "organization: acme\nmembers: { KEY: {} }\n", "organization: acme\nKEY: 1\nKEY: 2\n",
      "organization: acme\nmembers: { alice: { role: owner, seat: 'x KEY' } }\n",
      "organization: acme\nmembers: { alice: { role: owner } }\nguardrails: KEY\n",
      "organization: acme\nmembers: {alice: {role: owner, seat: \"KEY }}\n",
      "organization:   acme # KEY\nmembers: { alice: { role: owner } }\n",
      "organization: acme\nmembers: { alice: { role: \(String(repeating: "x", count: 20))KEY } }\n",
    ]
    for text in pasted {
      let file = try sandbox.write(text.replacing("KEY", with: key), to: "pasted.yaml")
      for command in ["validate", "plan", "drift", "fmt --check"] {
        for format in Self.formats {
          let run = usher(
            "\(command) \(file) --state STATE --format \(format)", with: key)
          for part in 0..<8 {
            let start = key.dropFirst(4 + part * 5).prefix(9)
            #expect(!(run.output + run.errors).contains(start), "\(run.output)\(run.errors)")
          }
        }
      }
    }
  }

  @Test func `a reason that a key was pasted into keeps its masked form`() throws {
    let key = try sandbox.key(of: "alice")
    let run = sandbox.usher("revoke", "alice", "--reason", "leaked: \(key)")
    #expect(run.code == 0)
    #expect(
      sandbox.usher("show", "alice").output.contains("leaked: usk_…\(key.dropLast(7).suffix(4))_…"))
    #expect(try !sandbox.read("state/commits/000000000002.json").contains(key.prefix(30)))
  }

  @Test func `files with a key for a name are read, and told of by another one`() throws {
    let key = try sandbox.key(of: "alice")
    let record = "{\"time\":0,\"member\":\"bob\",\"model\":\"m\",\"credits\":1}\n"
    try sandbox.write(record, to: "\(key).jsonl")
    try sandbox.write(org + "  dan: {}\n", to: "\(key).yaml")
    var streams = ""
    for line in [
      "usage ingest IN/KEY.jsonl", "usage ingest IN/KEY.jsonl --format json",
      "validate IN/KEY.yaml",
      "fmt --check IN/KEY.yaml", "fmt IN/KEY.yaml", "plan IN/KEY.yaml --out IN/KEY.plan",
      "apply IN/KEY.yaml --yes", "apply --plan IN/KEY.plan --yes", "log", "log --format json",
      "console --out IN/KEY.html", "gateway haproxy --out IN/KEY.map", "init IN/KEY",
    ] {
      let run = usher("\(line) --state STATE", with: key)
      streams += "$ \(line)\n\(run.output)\(run.errors)"
    }
    #expect(!streams.contains(key.prefix(30)), "\(streams)")
    #expect(streams.contains("Applied as commit 2"), "\(streams)")
    for name in try sandbox.files() where name.hasPrefix("state/") {
      #expect(try sandbox.bytes(name).range(of: Data(key.prefix(30).utf8)) == nil, "\(name)")
    }
  }
}

@Suite struct SymbolicLinkTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
    try FileManager.default.createDirectory(
      atPath: sandbox.path("elsewhere"), withIntermediateDirectories: false)
  }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: sandbox.path(name), withDestinationPath: sandbox.path(target))
  }

  private func elsewhere() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: sandbox.path("elsewhere"))
  }

  @Test func `a link in place of the commits is refused by every command`() throws {
    #expect(try sandbox.apply(org).code == 0)
    try FileManager.default.moveItem(
      atPath: sandbox.path("state/commits"), toPath: sandbox.path("elsewhere/commits"))
    try link("state/commits", to: "elsewhere/commits")
    let file = sandbox.path("org.yaml")
    for line in [
      ["status"], ["members"], ["show", "bob"], ["log"], ["log", "--verify"], ["export"],
      ["plan", file], ["drift", file], ["revoke", "bob", "--reason", "x"],
      ["apply", file, "--yes", "--create", "--keys-to", sandbox.path("k")],
    ] {
      let run = sandbox.run(line, now: "2026-11-23T08:00:00Z")
      #expect(run.code == 1, "\(line)")
      #expect(run.errors.contains("it is a symbolic link, which is not followed"), "\(run.errors)")
    }
    #expect(try sandbox.files().count { $0.hasPrefix("elsewhere/") } == 1)
    #expect(!sandbox.exists("k"))
  }

  @Test func `a link in place of the commits of a store to be founded gets nothing`() throws {
    try FileManager.default.createDirectory(
      atPath: sandbox.path("state"), withIntermediateDirectories: false)
    try link("state/commits", to: "elsewhere")
    let run = try sandbox.apply(org)
    #expect(run.code == 1)
    #expect(try elsewhere() == [])
    #expect(!sandbox.exists("keys-1.jsonl"))
  }

  @Test func `a link in place of the snapshots is a cache that is not there`() throws {
    try FileManager.default.createDirectory(
      atPath: sandbox.path("state"), withIntermediateDirectories: false)
    try link("state/snapshots", to: "elsewhere")
    try sandbox.write("litter", to: "elsewhere/.tmp-1-x")
    for number in 1...32 {
      let text = org.replacingOccurrences(of: "bob: {", with: "bob: { key: \(number),")
      #expect(try sandbox.apply(text).code == 0)
    }
    #expect(try elsewhere() == [".tmp-1-x"])
    #expect(sandbox.usher("log", "--verify").code == 0)
  }

  @Test func `a link in place of a commit or of litter is not followed`() throws {
    #expect(try sandbox.apply(org).code == 0)
    let commit = "state/commits/000000000001.json"
    try sandbox.write("precious", to: "elsewhere/file")
    try link("state/commits/.tmp-1-x", to: "elsewhere/file")
    let text = org.replacingOccurrences(of: "bob: {", with: "bob: { key: 2,")
    #expect(try sandbox.apply(text).code == 0)
    #expect(try sandbox.read("elsewhere/file") == "precious")
    try FileManager.default.moveItem(
      atPath: sandbox.path(commit), toPath: sandbox.path("elsewhere/1"))
    try link(commit, to: "elsewhere/1")
    for command in ["status", "log"] {
      let run = sandbox.usher(command)
      #expect(run.code == 1 && run.errors.contains("000000000001.json"), "\(run.errors)")
    }
  }

  @Test func `a link in place of the file of keys is refused, wherever it leads`() throws {
    try sandbox.write("precious", to: "elsewhere/file")
    for target in ["elsewhere/file", "elsewhere/missing"] {
      try link("keys-1.jsonl", to: target)
      try sandbox.write(org, to: "org.yaml")
      let run = sandbox.usher(
        "apply", sandbox.path("org.yaml"), "--yes", "--create", "--keys-to",
        sandbox.path("keys-1.jsonl"))
      #expect(run.code == 5)
      #expect(run.errors.contains("exists already"), "\(run.errors)")
      try FileManager.default.removeItem(atPath: sandbox.path("keys-1.jsonl"))
    }
    #expect(try elsewhere() == ["file"])
    #expect(try sandbox.read("elsewhere/file") == "precious")
    #expect(!sandbox.exists("state/commits/000000000001.json"))
  }

  @Test func `the state itself may be reached through a link`() throws {
    try link("state", to: "elsewhere")
    #expect(try sandbox.apply(org).code == 0)
    #expect(sandbox.usher("log", "--verify").code == 0)
    #expect(try elsewhere() == ["commits"])
  }
}
