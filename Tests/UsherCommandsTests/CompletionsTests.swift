// CompletionsTests: the completion scripts, asked in the real shells.

import Foundation
import Testing

@testable import UsherCommands

private let org = """
  organization: acme
  subscriptions:
    pro: { seats: 2, expires: 2027-01-31 }
  members:
    alice: { role: owner }
    bob: {}
    bo_2: {}

  """

private let hasBash = CompletingShell.isInstalled(.bash)
private let hasZsh = CompletingShell.isInstalled(.zsh)
private let hasFish = CompletingShell.isInstalled(.fish)

private let commands = [
  "apply", "completions", "console", "debug", "drift", "export", "fmt", "gateway", "help", "init",
  "log", "me", "members", "plan", "revoke", "schema", "show", "status", "token", "usage",
  "validate", "verify-key",
]
private let formats = ["github", "gitlab", "json", "markdown", "sarif", "text"]
private let globals = ["--actor", "--color", "--format", "--help", "--now", "--state"]
private let members = ["alice", "bo_2", "bob"]
/// What is in the folder: of a file, folders are a part of the way there.
private let folders = ["org", "the state"]
private let files = ["org", "org.yaml", "the state"]

/// A command line up to the cursor, and the words that complete it in every shell.
private let lines: [(line: String, words: [String])] = [
  // Commands
  ("usher ", commands), ("usher pl", ["plan"]), ("usher s", ["schema", "show", "status"]),
  ("usher de", ["debug"]), ("usher debug ", ["yaml"]), ("usher debug y", ["yaml"]),
  ("usher token ", ["issue", "list", "revoke"]),
  ("usher token r", ["revoke"]), ("usher token revoke b", ["bo_2", "bob"]),
  ("usher token issue alice --k", ["--keys-to"]), ("usher token list ", []),
  ("usher help token ", ["issue", "list", "revoke"]), ("usher zzz", []), ("usher zzz ", []),
  ("usher debug zzz ", []), ("usher -- pl", ["plan"]),
  ("usher --format json pl", ["plan"]), ("usher --format=json pl", ["plan"]),
  ("usher --now 2026-11-23T08:00:00Z pl", ["plan"]), ("usher --state plan pl", ["plan"]),
  ("usher debug --format json y", ["yaml"]), ("usher 'pl", ["plan"]),
  // Commands behind help
  ("usher help ", commands), ("usher help pl", ["plan"]), ("usher help debug ", ["yaml"]),
  ("usher help plan ", []), ("usher --color never help pl", ["plan"]),
  // Options
  ("usher --", (globals + ["--version"]).sorted()), ("usher --vers", ["--version"]),
  (
    "usher plan --",
    (globals + ["--allow-removals", "--base", "--detailed-exitcode", "--out"]).sorted()
  ),
  ("usher log --v", ["--verify"]),
  (
    "usher log -",
    (globals + ["--after", "--before", "--expect", "--limit", "--newest-first", "--verify"])
      .sorted()
  ),
  ("usher console --", (globals + ["--out"]).sorted()), ("usher debug yaml --", globals),
  ("usher debug --", globals), ("usher status --create", []),
  ("usher plan --out x --out", []), ("usher plan --out=x --out", []),
  ("usher plan --detailed-exitcode --out", ["--out"]), ("usher apply --yes --cre", ["--create"]),
  // Choices
  ("usher plan --format ", formats), ("usher status --format=", ["json", "text"]),
  ("usher plan --format=", formats), ("usher revoke --reason x b", ["bo_2", "bob"]),
  ("usher plan --format j", ["json"]), ("usher plan --format=j", ["json"]),
  ("usher export --format ", ["text"]), ("usher export --format=j", []),
  ("usher --format ", formats), ("usher --color=a", ["always", "auto"]),
  ("usher completions ", ["bash", "fish", "zsh"]), ("usher completions z", ["zsh"]),
  ("usher completions zsh ", []), ("usher status ", []), ("usher plan --now ", []),
  // Files and folders
  ("usher plan ", files), ("usher plan org.y", ["org.yaml"]),
  ("usher plan a b o", ["org", "org.yaml"]),
  ("usher plan --out o", ["org", "org.yaml"]), ("usher plan --out=o", ["org", "org.yaml"]),
  ("usher --out=o", ["org", "org.yaml"]), ("usher apply --keys-to k", []),
  ("usher --state ", folders), ("usher --state=", folders), ("usher init ", folders),
  ("usher init o", ["org"]), ("usher debug yaml o", ["org", "org.yaml"]),
  ("usher debug yaml a ", []), ("usher export > o", ["org", "org.yaml"]),
  ("usher log >x --ver", ["--verify"]),
  // Behind two hyphens
  ("usher plan -- o", ["org", "org.yaml"]), ("usher plan -- --", []), ("usher show -- ", members),
  ("usher show -- --format=", []), ("usher --out -- pl", ["plan"]),
  // Usernames, of the state in the environment or the one that the line names
  ("usher show ", members), ("usher show b", ["bo_2", "bob"]), ("usher show zzz", []),
  ("usher show alice ", []), ("usher plan --actor ", members), ("usher plan --actor=al", ["alice"]),
  ("usher --state 'the state' show ", ["zoe"]), ("usher --state=the\\ state show ", ["zoe"]),
  ("usher show --state \"the state\" ", ["zoe"]), ("usher show --state='the state' z", ["zoe"]),
  ("usher --state ~/work/the\\ state show ", ["zoe"]), ("usher --state missing show ", []),
  ("usher --state org.yaml show ", []),
  // Nothing is run
  ("usher show $(touch ran) --actor b", ["bo_2", "bob"]),
  ("usher --state '$(touch ran)' show ", []),
  ("usher --state '`touch ran`' show ", []), ("usher --state \"; touch ran\" show ", []),
  ("usher '*' ", []), ("usher --format='$(touch ran)", []),
]

@Suite struct CompletionsTests {
  private static let shells = CompletionShell.allCases

  /// A sandbox with `work`, where shells run, and the states of two organizations.
  private func sandbox() throws -> Sandbox {
    let sandbox = try Sandbox()
    let other = try Sandbox()
    #expect(try sandbox.apply(org).code == 0)
    #expect(
      try other.apply("organization: other\nmembers: { zoe: { role: owner } }\n").code == 0)
    let work = sandbox.path("work")
    try FileManager.default.createDirectory(
      atPath: work + "/org", withIntermediateDirectories: true)
    try sandbox.write(org, to: "work/org.yaml")
    try FileManager.default.copyItem(atPath: other.path("state"), toPath: work + "/the state")
    return sandbox
  }

  private func check(_ shell: CompletionShell) throws {
    let sandbox = try sandbox()
    let offers = try CompletingShell(shell).offers(
      for: lines.map(\.line), in: sandbox.path("work"), sandbox,
      environment: ["USHER_STATE": sandbox.path("state")])
    try #require(offers.count == lines.count)
    for (offers, expected) in zip(offers, lines) {
      #expect(offers.map(\.word) == expected.words, "\(shell): \(expected.line)")
    }
    #expect(!sandbox.exists("work/ran"))
  }

  @Test(.enabled(if: hasBash, "bash is not installed")) func `bash completes every line`() throws {
    try check(.bash)
  }

  @Test(.enabled(if: hasZsh, "zsh is not installed")) func `zsh completes every line`() throws {
    try check(.zsh)
  }

  @Test(.enabled(if: hasFish, "fish is not installed")) func `fish completes every line`() throws {
    try check(.fish)
  }

  @Test(.enabled(if: hasBash, "bash is not installed"))
  func `bash completes a value whether or not it breaks words at the equals sign`() throws {
    let sandbox = try sandbox()
    let lines = ["usher plan --format=j", "usher plan --out=org.", "usher show --actor=al"]
    let offers = try CompletingShell(.bash).offers(
      for: lines, in: sandbox.path("work"), sandbox,
      setup: "COMP_WORDBREAKS=${COMP_WORDBREAKS//=}; complete -F _usher usher",
      environment: ["USHER_STATE": sandbox.path("state")])
    #expect(offers.map { $0.map(\.word) } == [["json"], ["org.yaml"], ["alice"]])
  }

  @Test(arguments: [CompletionShell.bash, .zsh].filter(CompletingShell.isInstalled))
  func `what is behind the cursor counts for the state only`(_ shell: CompletionShell) throws {
    let sandbox = try sandbox()
    let lines = [
      "usher show ^ --state 'the state'", "usher show z^ --state='the state'", "usher --f^ plan",
      "usher plan --fo^ a --format",
      "usher show --state=missing ^ -- --state='the state'",
    ]
    let offers = try CompletingShell(shell).offers(for: lines, in: sandbox.path("work"), sandbox)
    #expect(
      offers.map { $0.map(\.word) } == [
        ["zoe"], ["zoe"], ["--format"], ["--format"], [],
      ])
  }

  @Test(.enabled(if: hasZsh, "zsh is not installed"))
  func `zsh finds the script in a folder of its functions`() throws {
    let sandbox = try sandbox()
    let shell = CompletingShell(.zsh)
    try FileManager.default.createDirectory(
      atPath: sandbox.path("functions"), withIntermediateDirectories: true)
    try sandbox.write(shell.script, to: "functions/_usher")
    let offers = try shell.offers(
      for: ["usher pl", "usher st"], in: sandbox.path("work"), sandbox,
      environment: ["IS_AUTOLOADED": "1"])
    #expect(offers.map { $0.map(\.word) } == [["plan"], ["status"]])
  }

  @Test(arguments: [CompletionShell.zsh, .fish].filter(CompletingShell.isInstalled))
  func `the shell describes commands and options`(_ shell: CompletionShell) throws {
    let sandbox = try sandbox()
    let offers = try CompletingShell(shell).offers(
      for: ["usher pl", "usher log --ver", "usher verify"], in: sandbox.path("work"), sandbox)
    #expect(
      offers == [
        [.init(word: "plan", summary: "show what apply would change")],
        [.init(word: "--verify", summary: "recompute every digest and the whole chain")],
        [.init(word: "verify-key", summary: "is the key on standard input good now?")],
      ])
  }

  @Test(arguments: shells.filter(CompletingShell.isInstalled))
  func `nothing of the table or the state is run`(_ shell: CompletionShell) throws {
    let sandbox = try sandbox()
    let hostile = "it's \"$(touch ran)\" `touch ran` \\ %s * ; touch ran"
    var spec = CommandSpec(
      name: .show, group: .other, summary: hostile, usage: [], details: [], examples: [], exits: [])
    spec.options = [OptionSpec("verify", hostile)]
    spec.arguments = [ArgumentSpec("USERNAME", .member, 1...1, hostile)]
    let program = """
      #!/bin/sh
      echo '"username": "$(touch ran)"'
      echo '"username": "`touch ran`", "username": "good"'
      echo '"username": "; touch ran"'
      """
    try sandbox.writeProgram(program, to: "work/usher")
    let offers = try CompletingShell(shell, CompletionTable([spec])).offers(
      for: ["usher s", "usher show --verif", "./usher show "], in: sandbox.path("work"), sandbox)
    #expect(offers.map { $0.map(\.word) } == [["show"], ["--verify"], ["good"]])
    if shell != .bash { #expect(offers[0][0].summary == hostile) }
    #expect(!sandbox.exists("work/ran"))
  }

  @Test(arguments: shells.filter(CompletingShell.isInstalled))
  func `the shell finds no error in its script`(_ shell: CompletionShell) throws {
    #expect(try CompletingShell(shell).acceptsSyntax(in: Sandbox()))
  }

  @Test(arguments: shells)
  func `the command prints the script, the same each time`(_ shell: CompletionShell) throws {
    let sandbox = try Sandbox()
    let run = sandbox.usher("completions", shell.rawValue)
    #expect(run.code == 0 && run.errors.isEmpty && run.output == CompletingShell(shell).script)
    #expect(sandbox.usher("completions", shell.rawValue).output == run.output)
    #expect(!sandbox.exists("state"))
  }

  @Test(arguments: shells)
  func `every command, option and choice is in the script`(_ shell: CompletionShell) {
    let script = CompletingShell(shell).script
    for spec in CommandTable.all {
      for word in spec.name.words + [spec.name.rawValue] { #expect(script.contains("'\(word)")) }
      for option in spec.allOptions + CommandTable.programOptions {
        #expect(script.contains("'--\(option.name)"))
        guard case .choices(let choices) = option.value?.kind else { continue }
        for choice in choices { #expect(script.contains("'\(choice)'")) }
      }
      for case .choices(let choices) in spec.arguments.map(\.kind) {
        for choice in choices { #expect(script.contains("'\(choice)'")) }
      }
    }
  }
}
