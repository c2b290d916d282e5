// TerminalTests: what a terminal shows is never what it obeys, whoever wrote it.

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

/// Escape sequences, a bell, C1, DEL, bidirectional controls and line breaks.
private let hostile = "a\u{1B}[31m\u{7}\u{9B}2J\u{7F}\u{202E}\u{61C}\u{2066}\u{2028}x\ry\u{8}\nz"

@Suite struct TerminalTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  /// What a terminal would act on; line feeds are usher's own.
  private func harm(in text: String) -> [String] {
    text.unicodeScalars.filter { scalar in
      switch scalar.value {
      case 0x0A: false
      case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x206F: true
      default: false
      }
    }.map { String($0.value, radix: 16) }
  }

  /// Runs a command, and expects that what it shows is harmless and that no line is made up.
  @discardableResult
  private func run(
    _ words: String..., isTerminal: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
  ) -> Run {
    let run = sandbox.run(
      words + ["--color", "never"], now: "2026-11-23T08:00:00Z", answers: [hostile],
      isTerminal: isTerminal)
    for text in [run.output, run.errors] {
      #expect(harm(in: text) == [], "\(words): \(text)", sourceLocation: sourceLocation)
      #expect(!text.contains("\nz"), "\(words): \(text)", sourceLocation: sourceLocation)
    }
    return run
  }

  @Test func `files, folders, plans and stores of hostile names are shown harmless`() throws {
    let file = try sandbox.write(org, to: "\(hostile).yaml")
    let folder = sandbox.path("folder\(hostile)")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try sandbox.write(org, to: "folder\(hostile)/\(hostile).yaml")
    let (plan, sink) = (sandbox.path("plan\(hostile)"), sandbox.path("sink\(hostile)"))
    for path in [file, folder, sandbox.path("missing\(hostile)")] {
      for command in ["validate", "plan", "drift", "fmt"] { run(command, path) }
      run("fmt", "--check", path)
      run("debug", "yaml", path)
      run("plan", path, "--base", hostile)
    }
    #expect(run("plan", file, "--out", plan).code == 0)
    #expect(run("apply", "--plan", plan, "--yes", "--create", "--keys-to", sink).code == 0)
    run("apply", "--plan", plan, "--yes")
    try sandbox.write(org.replacing("pro }", with: "pro, key: 2 }"), to: "\(hostile).yaml")
    run("apply", file, "--yes", "--keys-to", sink)
    run("apply", file, "--yes", "--keys-to", "exec:false # \(hostile)")
    run("apply", file)
    run("apply", "--plan", file, "--yes")
    for command in ["status", "members", "log", "export"] { run(command) }
    run("show", "bob")
    run("log", "--verify")
    run("init", folder)
    run("init", folder)
  }

  @Test func `arguments that are wrong are shown harmless`() {
    for command in CommandName.allCases {
      // What it needs no argument for, init does in the working folder.
      if command != .initialize { run(command.rawValue, isTerminal: false) }
      for option in CommandTable.spec(of: command).allOptions where option.value != nil {
        var words = command.words
        if !CommandTable.spec(of: command).arguments.isEmpty { words.append("bob") }
        // What is written is written into the sandbox.
        let value = option.name == "out" ? sandbox.path(hostile) : hostile
        let run = sandbox.run(
          words + ["--\(option.name)", value], now: "2026-11-23T08:00:00Z")
        #expect(harm(in: run.output + run.errors) == [], "\(words) --\(option.name)")
      }
    }
    run(hostile)
    run("--\(hostile)")
    run("plan", "--\(hostile)=1")
    run("show", hostile)
    run("revoke", hostile, "--reason", hostile)
    run("revoke", "bob", "--reason", hostile)
    run("help", hostile)
    run("completions", hostile)
    run("debug", hostile)
    run("status", "--state", hostile)
    run("status", "--state", "s3://\(hostile)")
  }

  private static let documents = [
    "organization: \"\\e[31m\\u202E\"\nmembers:\n  \"al\\eice\": { role: \"\\u202Eowner\" }\n",
    "organization: a\nmembers:\n  a: { role: owner, \"\\u009B\": 1, seat: \"\\x07\" }\n",
    "organization: a # \u{202E} c\nmembers:\n  a: { role: owner }\nx: \"\u{7F}\u{9B}\"\n",
    "organization: \u{1B}[31m\n", "\u{7}\n", "a: *\u{202E}x\n", "\u{202E}: 1\n\u{202E}: 2\n",
    "a: {\u{1B}\n",
    "{\"organization\": \"\u{9B}\u{61C}\", \"members\": {\"a\": {\"role\": \"owner\"}}}",
  ]

  @Test(arguments: documents.indices)
  func `what a hostile file says is shown harmless`(_ index: Int) throws {
    let text = Self.documents[index]
    let file = try sandbox.write(text, to: "org.yaml")
    for command in ["validate", "plan", "drift"] { run(command, file) }
    run("debug", "yaml", file)
    run("fmt", "--check", file)
    for format in ["json", "markdown", "github", "gitlab", "sarif"] {
      for command in ["validate", "plan", "drift"] { run(command, file, "--format", format) }
    }
  }

  @Test func `a damaged store and plan are shown harmless`() throws {
    #expect(try sandbox.apply(org).code == 0)
    let commit = "state/commits/000000000001.json"
    let sound = try sandbox.read(commit)
    for text in [
      hostile, "{\"format\": \"\(hostile)\"}", "{\"format\": \"usher.commit/\\u001b[m\"}",
      "{\"format\": \"usher.commit/1\", \"digest\": \"\u{202E}\"}", sound + hostile,
    ] {
      try sandbox.write(text, to: commit)
      for command in ["status", "members", "log", "export"] { run(command) }
      run("log", "--verify")
      run("apply", "--plan", sandbox.path(commit), "--yes")
    }
    try sandbox.write(sound, to: commit)
    try sandbox.write("", to: "state/commits/\(hostile)")
    #expect(run("log", "--verify").code == 1)
  }

  @Test func `a reason that would need escapes is wrong usage`() throws {
    #expect(try sandbox.apply(org).code == 0)
    #expect(run("revoke", "bob", "--reason", hostile).code == 64)
  }
}
