// CommandTable+Usage: the commands about Credits.

private let days = OptionSpec(
  "days", "N", .choices(["1", "7", "30"]),
  "1: the last 24 UTC hours; 7 or 30: that many UTC days, today the last; default 7")
private let mayNotSee = ExitNote(
  .refused, "the actor is neither the owner nor an administrator, or the token is not valid")
private let done = ExitNote(.success, "done")
private let unreadable = ExitNote(.failure, "the store cannot be read")

extension CommandTable {
  static let usageTrend = CommandSpec(
    name: .usageTrend, group: .usage, summary: "Credits over time, as a chart",
    usage: ["usage trend [--days N]"],
    details: ["Counts all records up to now, whoever made the calls. Days and hours are of UTC."],
    options: [days],
    examples: [
      Example("the last 30 days", "usher usage trend --days 30"),
      Example("today by the hour, for a machine", "usher usage trend --days 1 --format json"),
    ], exits: [done, unreadable, mayNotSee])

  static let usageModels = CommandSpec(
    name: .usageModels, group: .usage, summary: "Credits by model, the largest first",
    usage: ["usage models [--days N]"],
    details: ["Counts all records up to now, whoever made the calls."],
    options: [days], examples: [Example("what costs most?", "usher usage models --days 30")],
    exits: [done, unreadable, mayNotSee])

  static let usageMembers = CommandSpec(
    name: .usageMembers, group: .usage, summary: "Credits by member, the largest first",
    usage: ["usage members [--days N]"],
    details: [
      "A call counts for whoever held its key when it was issued, also if the key was rotated since "
        + "or the member removed. Calls of unknown keys and members are told apart. A quota is what "
        + "the member's seat includes in a billing cycle."
    ],
    options: [days], examples: [Example("who used most?", "usher usage members --days 30")],
    exits: [done, unreadable, mayNotSee])

  static let console = CommandSpec(
    name: .console, group: .usage, summary: "seats, members, usage and history as one HTML page",
    usage: ["console --out FILE"],
    details: [
      "The page is one file that needs nothing else and loads nothing: it can be mailed, published "
        + "where the roster may be seen, opened from a disk and printed. It holds no secret. FILE is "
        + "replaced in one step. The same state at the same instant gives the same bytes."
    ],
    options: [
      OptionSpec("out", "FILE", .file, "the page; - for standard output; required")
    ],
    examples: [
      Example("open it in a browser", "usher console --out console.html"),
      Example(
        "how the seats will stand at New Year",
        "usher console --out 2027.html --now 2027-01-01T00:00:00Z"),
    ],
    exits: [
      done,
      ExitNote(.failure, "the store is empty or cannot be read, or the page cannot be written"),
      mayNotSee,
    ])

  static let usageIngest = CommandSpec(
    name: .usageIngest, group: .usage, summary: "take in usage records of a gateway or a provider",
    usage: ["usage ingest FILE… [--input FORM] [--skip-invalid]"],
    details: [
      "Reads JSON Lines, or CSV with a header. Fields: time (ISO 8601 with an offset, or seconds "
        + "since 1970); one of member, key_id and api_key; model; credits (at most 6 decimal places); "
        + "and perhaps requests (default 1), input_tokens and output_tokens. Others are ignored.",
      "A file is taken in whole or not at all, and once: a file whose content was ingested before "
        + "is skipped. The state is never changed. Of an api_key only its SHA-256 is used.",
    ],
    arguments: [
      ArgumentSpec(
        "FILE…", .file, 1...ArgumentSpec.countMax,
        "*.jsonl, *.ndjson, *.json or *.csv, or - for standard input")
    ],
    options: [
      OptionSpec(
        "input", "FORM", .choices(["ndjson", "csv"]),
        "the form of the files; default by their ending, ndjson for standard input"),
      OptionSpec("skip-invalid", "leave lines out that are no records, and count them"),
    ],
    examples: [
      Example("what a gateway logged yesterday", "usher usage ingest gateway.jsonl"),
      Example("a provider's export", "usher usage ingest export.csv"),
    ],
    exits: [
      done,
      ExitNote(
        .failure, "a file was not taken in, since it is invalid or reading or writing failed"),
      ExitNote(.refused, "the token in USHER_TOKEN is not valid or may not do this"),
      ExitNote(.interrupted, "interrupted (143 by SIGTERM); nothing is half-done"),
    ])
}
