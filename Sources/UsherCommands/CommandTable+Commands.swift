// CommandTable: the commands, one entry each.

private let files = ArgumentSpec(
  "FILE…", .file, 1...ArgumentSpec.countMax,
  "an org file, a folder of *.yaml, *.yml and *.json files, or - for standard input; "
    + "several make one org")
private let allowRemovals = OptionSpec(
  "allow-removals", "N|P%", .text, "how many members this plan may hurt, a count or a percentage")
private let changedNothing = ExitNote(
  .refused, "no valid token, or the actor may not do this; nothing was changed")
private let mayNotRead = ExitNote(
  .refused, "the token in USHER_TOKEN is not valid or may not read this")
private let cutShort = ExitNote(
  .interrupted, "interrupted (143 by SIGTERM); nothing is half-done")
private let done = ExitNote(.success, "done")
private let invalid = ExitNote(.failure, "the org files are invalid, or reading or writing failed")
private let unreadable = ExitNote(.failure, "the store cannot be read")
private let tooManyHurt = ExitNote(.refused, "the plan hurts more members than the policy lets it")

extension CommandTable {
  static let initialize = CommandSpec(
    name: .initialize, group: .writing, summary: "write a commented org file to start from",
    usage: ["init [DIR]"],
    details: ["Creates DIR/org.yaml and DIR where missing. A file that exists is never replaced."],
    arguments: [ArgumentSpec("DIR", .folder, 0...1, "where to; default the current folder")],
    examples: [Example("start in a new folder", "usher init acme")],
    exits: [done, ExitNote(.failure, "org.yaml exists already, or cannot be written")])

  static let validate = CommandSpec(
    name: .validate, group: .writing, summary: "check org files alone; needs no state",
    usage: ["validate FILE…"],
    details: ["Reports all errors of all files in one run, each with file, line and column."],
    arguments: [files], formats: OutputFormat.allCases,
    examples: [
      Example("check a file", "usher validate org.yaml"),
      Example("check a folder for a machine", "usher validate org/ --format json"),
    ],
    exits: [ExitNote(.success, "the files are valid"), invalid])

  static let format = CommandSpec(
    name: .format, group: .writing, summary: "put org files into their canonical layout",
    usage: ["fmt [--check] FILE…"],
    details: [
      "One member a line, keys in their order, comments kept. What the files mean stays the same. "
        + "Files that change are rewritten, each in one step, and listed."
    ],
    arguments: [
      ArgumentSpec(
        files.placeholder, files.kind, files.count,
        "an org file, a folder of *.yaml, *.yml and *.json files, or - alone for standard input, "
          + "with the result on standard output")
    ],
    options: [OptionSpec("check", "rewrite nothing; list files that differ and show how")],
    formats: [.text, .json, .github],
    examples: [
      Example("format a file", "usher fmt org.yaml"),
      Example("hold a pull request to the layout", "usher fmt --check org/"),
    ],
    exits: [
      done,
      ExitNote(
        .failure,
        "a file is not YAML, or reading or writing failed; with --check: files differ"),
    ])

  static let export = CommandSpec(
    name: .export, group: .writing, summary: "print the stored state as an org file",
    usage: ["export"],
    details: [
      "A plan from the exported file has no changes, unless time itself brings some: a seat whose "
        + "term is over, or a key older than the policy lets it be."
    ],
    formats: [.text],
    examples: [Example("begin to manage what is stored", "usher export > org.yaml")],
    exits: [done, ExitNote(.failure, "the store is empty or cannot be read"), mayNotRead])

  static let schema = CommandSpec(
    name: .schema, group: .writing, summary: "print the JSON Schema of the org file",
    usage: ["schema"], details: ["Editors use it to complete and check org files."],
    examples: [Example("keep it beside the org file", "usher schema > org.schema.json")],
    exits: [done])

  static let plan = CommandSpec(
    name: .plan, group: .changing, summary: "show what apply would change",
    usage: [
      "plan FILE… [--out FILE] [--detailed-exitcode] [--allow-removals N|P%] [--base REV]"
    ],
    details: [
      "Compares the org files with the stored state and prints the changes that lead from one to "
        + "the other. Never writes to the store. A plan holds no secret.",
      "With --base every change is told apart: introduced by these files, or pending already with "
        + "the files as they stand at that git revision.",
    ],
    arguments: [files],
    options: [
      OptionSpec("out", "FILE", .file, "save the plan, for apply --plan"),
      OptionSpec("detailed-exitcode", "exit 2 if there are changes"), allowRemovals,
      OptionSpec("base", "REV", .text, "a git revision, such as origin/main, to compare with"),
    ],
    formats: OutputFormat.allCases,
    examples: [
      Example("see what would change", "usher plan org.yaml"),
      Example("save the plan to apply exactly that", "usher plan org.yaml --out plan.json"),
      Example(
        "comment on a pull request", "usher plan org.yaml --base origin/main --format markdown"),
    ],
    exits: [
      ExitNote(.success, "done; with --detailed-exitcode: there are no changes"), invalid,
      ExitNote(.changes, "with --detailed-exitcode: there are changes"), tooManyHurt, mayNotRead,
    ])

  static let apply = CommandSpec(
    name: .apply, group: .changing, summary: "plan and execute, or execute a saved plan",
    usage: [
      "apply FILE… [--yes] [--create] [--keys-to SINK] [--allow-removals N|P%]",
      "apply --plan FILE [--org FILE] [--yes] [--create] [--keys-to SINK] "
        + "[--allow-removals N|P%]",
    ],
    details: [
      "Executes the plan as one commit: all of it or nothing. Asks first on a terminal; elsewhere "
        + "--yes is needed. A saved plan that was applied already changes nothing.",
      "New keys go to SINK before the commit: FILE is created with mode 0600, exec:COMMAND is run "
        + "by /bin/sh with the verb store or erase as $1 and the keys on its standard input, one "
        + "JSON object a line.",
    ],
    arguments: [ArgumentSpec(files.placeholder, files.kind, 0...ArgumentSpec.countMax, files.help)],
    options: [
      OptionSpec("plan", "FILE", .file, "execute this saved plan instead of planning from FILE…"),
      OptionSpec(
        "org", "FILE", .file,
        "with --plan: refuse the plan unless it was made from what this file or folder says now"),
      OptionSpec("yes", "do not ask"),
      OptionSpec("create", "found the organization if the store is empty"),
      OptionSpec("keys-to", "SINK", .file, "where new API keys go: FILE or exec:COMMAND"),
      allowRemovals,
    ],
    formats: [.text, .json, .markdown, .github],
    examples: [
      Example("found an organization", "usher apply org.yaml --create --keys-to keys.jsonl"),
      Example(
        "execute a reviewed plan in a pipeline",
        "usher apply --plan plan.json --yes --keys-to 'exec:./hand-over \"$1\"'"),
    ],
    exits: [
      ExitNote(.success, "done, or there was nothing to do"), invalid,
      ExitNote(.conflict, "the plan is stale, or another apply won; nothing was changed"),
      ExitNote(.refused, "refused by policy, authority or nobody's yes; nothing was changed"),
      ExitNote(.sinkFailed, "the key sink failed; nothing was changed"),
      cutShort,
    ])

  static let drift = CommandSpec(
    name: .drift, group: .changing,
    summary: "tell where the org files and the stored state have come apart",
    usage: ["drift FILE…"],
    details: [
      "Lists what a plan would change (pending), seats whose term is over and that only a renewal "
        + "brings back (expired), and commits since the last applied file that no file asked for "
        + "(out of band). Never writes to the store.",
      "Warns as 'usher status' does, with the place in the files; the exit code says nothing of it.",
      "With --format github a summary and the counts are also appended to the files that "
        + "GITHUB_STEP_SUMMARY and GITHUB_OUTPUT name.",
    ],
    arguments: [files], formats: OutputFormat.allCases,
    examples: [
      Example("look every night", "usher drift org.yaml"),
      Example("open an issue of what it found", "usher drift org.yaml --format markdown"),
    ],
    exits: [
      ExitNote(.success, "there is no drift"), invalid, ExitNote(.changes, "there is drift"),
      mayNotRead,
    ])

  static let revoke = CommandSpec(
    name: .revoke, group: .changing, summary: "revoke a leaked key at once, without a file",
    usage: ["revoke USERNAME --reason TEXT"],
    details: [
      "Break-glass: asks nothing and needs no file. The seat stays; drift shows what was done, and "
        + "the next plan issues a new key. A key that was revoked before stays so, and nothing is "
        + "changed."
    ],
    arguments: [ArgumentSpec("USERNAME", .member, 1...1, "whose key")],
    options: [OptionSpec("reason", "TEXT", .text, "why, for the log; required")],
    examples: [
      Example("a key was posted in a chat", "usher revoke carol --reason leaked")
    ],
    exits: [
      done, ExitNote(.failure, "there is no such member or key, or the store cannot be read"),
      ExitNote(.conflict, "other commits came first again and again; nothing was changed"),
      changedNothing,
      cutShort,
    ])

  static let tokenIssue = CommandSpec(
    name: .tokenIssue, group: .changing, summary: "issue a token that lets a member run usher",
    usage: ["token issue USERNAME [--keys-to SINK]"],
    details: [
      "The token goes to SINK before the commit, as API keys do, and is kept nowhere else; on a "
        + "terminal it may be shown once. It is used from the environment, in USHER_TOKEN, and says "
        + "in whose name a command runs.",
      "The first token must be the owner's. From then on every change needs one. For a member an "
        + "administrator may issue it; for an administrator or the owner, only the owner. A member "
        + "may hold several: to rotate one, issue another and revoke the old one.",
    ],
    arguments: [ArgumentSpec("USERNAME", .member, 1...1, "whose token")],
    options: [
      OptionSpec("keys-to", "SINK", .file, "where the token goes: FILE or exec:COMMAND")
    ],
    examples: [
      Example("begin with the owner's", "usher token issue alice --keys-to alice.jsonl")
    ],
    exits: [
      done, ExitNote(.failure, "there is no such member, or the store cannot be read"),
      ExitNote(.conflict, "another commit came first; nothing was changed"), changedNothing,
      ExitNote(.sinkFailed, "the sink failed; nothing was changed"), cutShort,
    ])

  static let tokenRevoke = CommandSpec(
    name: .tokenRevoke, group: .changing, summary: "revoke a token, or all of a member's",
    usage: ["token revoke TOKEN_ID|USERNAME"],
    details: [
      "A revoked token never works again. Whoever becomes a member or an administrator, or is "
        + "removed, loses their tokens in the same commit. The owner's last token stays: without it "
        + "nobody could issue another."
    ],
    arguments: [
      ArgumentSpec("TOKEN_ID|USERNAME", .member, 1...1, "the token's id, or whose tokens")
    ],
    examples: [
      Example("bob lost a laptop", "usher token revoke bob"),
      Example("only one of two", "usher token revoke t_0123456789abcdef"),
    ],
    exits: [
      done, ExitNote(.failure, "there is no such token or member, or the store cannot be read"),
      ExitNote(.conflict, "other commits came first again and again; nothing was changed"),
      changedNothing, cutShort,
    ])

  static let tokenList = CommandSpec(
    name: .tokenList, group: .reading, summary: "the tokens ever issued, masked",
    usage: ["token list"],
    details: ["Lists ids, masked forms and holders, with when each was issued and revoked."],
    examples: [Example("whose tokens work?", "usher token list")],
    exits: [done, unreadable, mayNotRead])

  static let status = CommandSpec(
    name: .status, group: .reading, summary: "the organization and the seats of its subscriptions",
    usage: ["status"],
    details: [
      "Counts assigned, free and expired seats.",
      "Warns of subscriptions that expire within 30 days and, where usage was ingested, of quota that "
        + "is used up or runs out, and of seats that nobody uses, where that is known.",
    ],
    examples: [Example("see what is free", "usher status")], exits: [done, unreadable, mayNotRead])

  static let members = CommandSpec(
    name: .members, group: .reading, summary: "the roster: roles, seats and masked keys",
    usage: ["members"], details: ["Lists everybody by username."],
    examples: [Example("the roster for a machine", "usher members --format json")],
    exits: [done, unreadable, mayNotRead])

  static let show = CommandSpec(
    name: .show, group: .reading, summary: "one member with their history",
    usage: ["show USERNAME"],
    details: ["Shows the seat, the masked key and every change, also of a member since removed."],
    arguments: [ArgumentSpec("USERNAME", .member, 1...1, "whom to show")],
    examples: [Example("why does carol have this seat?", "usher show carol")],
    exits: [
      done, ExitNote(.failure, "there never was such a member, or the store cannot be read"),
      mayNotRead,
    ])

  static let log = CommandSpec(
    name: .log, group: .reading, summary: "the commits: what was applied, when and by whom",
    usage: [
      "log [--limit N] [--after NUMBER] [--before NUMBER] [--newest-first]",
      "log --verify [--expect DIGEST]",
    ],
    details: [
      "Commits are written as they are read, the oldest first, however long the log is; what is not "
        + "asked for is not read. Of a part of the log each commit is held to its digest and to the "
        + "ones beside it; the whole log, oldest first, also to every rule.",
      "Every commit names the digest of the one before, so that tampering shows. What no chain can "
        + "show by itself is that its end was taken away, or all of it rewritten: a digest that was "
        + "noted elsewhere, as apply prints it, shows that, too.",
    ],
    options: [
      OptionSpec("limit", "N", .text, "at most so many commits, the newest of them"),
      OptionSpec("after", "NUMBER", .text, "only commits behind that one"),
      OptionSpec("before", "NUMBER", .text, "only commits before that one"),
      OptionSpec("newest-first", "begin with the newest commit"),
      OptionSpec("verify", "recompute every digest and the whole chain"),
      OptionSpec(
        "expect", "DIGEST", .text, "with --verify: a commit must have this digest, sha256:…"),
    ],
    examples: [
      Example("what happened last?", "usher log --limit 5"),
      Example("is every commit as it was written?", "usher log --verify"),
      Example(
        "prove that nobody rewrote history", "usher log --verify --expect \"$YESTERDAYS_DIGEST\""),
    ],
    exits: [
      done, ExitNote(.failure, "the store cannot be read, or the chain does not hold"), mayNotRead,
    ])

  static let verifyKey = CommandSpec(
    name: .verifyKey, group: .reading, summary: "is the key on standard input good now?",
    usage: ["verify-key"],
    details: ["The key is read from standard input, so that it shows in no list of processes."],
    examples: [Example("check a key in a file", "usher verify-key < key.txt")],
    exits: [
      ExitNote(.success, "the key is valid"),
      ExitNote(.failure, "the key is unknown, malformed, revoked or expired"), mayNotRead,
    ])

  static let me = CommandSpec(
    name: .me, group: .reading, summary: "the overview of whoever holds the key on standard input",
    usage: ["me"],
    details: [
      "Shows the member's role, seat and usage. The key is read from standard input, as verify-key "
        + "does; one that is not valid gets the same answer as there."
    ],
    examples: [Example("what did I use?", "usher me < key.txt")],
    exits: [
      done, ExitNote(.failure, "the key is not valid, or the store cannot be read"), mayNotRead,
    ])

  static let completions = CommandSpec(
    name: .completions, group: .other, summary: "print what a shell needs to complete commands",
    usage: ["completions bash|zsh|fish"],
    details: [
      "Completes commands, options, their values, files and usernames, which the script asks usher "
        + "for. Put it where the shell looks for it, and start a new shell."
    ],
    arguments: [
      ArgumentSpec(
        "SHELL", .choices(CompletionShell.allCases.map(\.rawValue)), 1...1, "bash, zsh or fish")
    ],
    formats: [.text],
    examples: [
      Example(
        "bash, if bash-completion is installed",
        "usher completions bash > ~/.local/share/bash-completion/completions/usher"),
      Example(
        "zsh, if ~/.zfunc is in its fpath", "usher completions zsh > ~/.zfunc/_usher"),
      Example("fish", "usher completions fish > ~/.config/fish/completions/usher.fish"),
    ],
    exits: [done])

  static let debugYAML = CommandSpec(
    name: .debugYAML, group: .other, summary: "print as JSON what the YAML reader read",
    usage: ["debug yaml FILE"], details: ["Takes any YAML document, not only org files."],
    arguments: [ArgumentSpec("FILE", .file, 1...1, "a YAML file, or - for standard input")],
    examples: [Example("how is this value read?", "echo 'a: 0o17' | usher debug yaml -")],
    exits: [done, ExitNote(.failure, "the document is refused or cannot be read")])

  static let help = CommandSpec(
    name: .help, group: .other, summary: "explain a command",
    usage: ["help [COMMAND]"], details: ["The same as usher COMMAND --help."],
    arguments: [ArgumentSpec("COMMAND", .command, 0...2, "the command to explain")],
    formats: [.text],
    examples: [Example("explain plan", "usher help plan")],
    exits: [done])
}
