// ArgumentParserTests: every spelling of a command line, and what is said of the wrong ones.

import OrgModel
import Testing

@testable import UsherCommands

@Suite struct ArgumentParserTests {
  private func invocation(_ line: String) throws -> Invocation {
    let request = try ArgumentParser.parse(line.split(separator: " ").map(String.init))
    guard case .run(let invocation) = request else {
      throw UsageError("not a command to run: \(request)")
    }
    return invocation
  }

  private func error(_ arguments: [String]) -> UsageError? {
    do throws(UsageError) {
      _ = try ArgumentParser.parse(arguments)
      return nil
    } catch {
      return error
    }
  }

  private func error(_ line: String) -> UsageError? {
    error(line.split(separator: " ").map(String.init))
  }

  @Test(arguments: [
    "plan a.yaml b.yaml --out p.json --format json",
    "plan --out=p.json --format=json a.yaml b.yaml",
    "--format json --out p.json plan a.yaml b.yaml",
    "plan a.yaml --out p.json b.yaml --format json",
    "--format=json plan --out p.json -- a.yaml b.yaml",
  ])
  func `options stand before, behind and among the arguments`(_ line: String) throws {
    #expect(
      try invocation(line)
        == Invocation(
          .plan, arguments: ["a.yaml", "b.yaml"], options: ["out": "p.json", "format": "json"]))
  }

  @Test func `a flag that is not given is not set`() throws {
    let invocation = try invocation("plan a.yaml --detailed-exitcode")
    #expect(invocation.flag("detailed-exitcode") && !invocation.flag("out"))
  }

  @Test func `two hyphens end the options`() throws {
    #expect(try invocation("validate -- --yes -x").arguments == ["--yes", "-x"])
  }

  @Test func `a single hyphen is a file`() throws {
    #expect(try invocation("validate - --format json").arguments == ["-"])
  }

  @Test func `a single hyphen can be the value of an option`() throws {
    #expect(try invocation("plan a.yaml --out -").value("out") == "-")
  }

  @Test func `a value may hold an equals sign`() throws {
    #expect(try invocation("apply a --keys-to=exec:a=b").value("keys-to") == "exec:a=b")
  }

  @Test func `a command of two words is one command`() throws {
    #expect(
      try invocation("debug --format json yaml x.yaml")
        == Invocation(.debugYAML, arguments: ["x.yaml"], options: ["format": "json"]))
  }

  @Test(arguments: [
    ("plan --help", CommandName.plan), ("--help plan", .plan), ("help plan", .plan),
    ("plan -h", .plan), ("plan --bogus --help", .plan), ("plan --out --help", .plan),
    ("debug --help", .debugYAML), ("help debug", .debugYAML), ("help debug yaml", .debugYAML),
    ("token --help", nil), ("help token", nil), ("help token list", .tokenList),
    ("help help", .help), ("help --help", nil),
  ])
  func `help can be asked for in every way`(_ line: String, _ name: CommandName?) throws {
    let words = line.split(separator: " ").map(String.init)
    #expect(try ArgumentParser.parse(words) == .help(name))
  }

  @Test(arguments: ["--help", "-h", "help", "--help --color never"])
  func `help without a command is the overview`(_ line: String) throws {
    #expect(try ArgumentParser.parse(line.split(separator: " ").map(String.init)) == .help(nil))
  }

  @Test func `the version can be asked for`() throws {
    #expect(try ArgumentParser.parse(["--version"]) == .version)
  }

  @Test(arguments: [[], ["--color", "never"]])
  func `a line without a command asks for nothing`(_ arguments: [String]) throws {
    #expect(try ArgumentParser.parse(arguments) == .nothing)
  }

  @Test(arguments: [
    ("plann a", "command 'plann' is unknown", "did you mean 'plan'?"),
    ("zzzzzz", "command 'zzzzzz' is unknown", "run 'usher --help'"),
    ("help statsu", "command 'statsu' is unknown", "did you mean 'status'?"),
    ("debug", "'debug' expects yaml behind it", nil),
    (
      "debug yml x", "command 'debug yml' is unknown; 'debug' expects yaml",
      "did you mean 'yaml'?"
    ),
  ])
  func `an unknown command is named with the nearest one`(
    _ line: String, _ message: String, _ help: String?
  ) {
    #expect(error(line) == UsageError(message, help: help))
  }

  @Test(arguments: [
    ("plan a --fromat json", "option '--fromat' is unknown", "did you mean '--format'?"),
    ("plan a -format json", "option '-format' is unknown", "did you mean '--format'?"),
    ("--satte x plan a", "option '--satte' is unknown", "did you mean '--state'?"),
    ("status -x", "option '-x' is unknown", "run 'usher status --help'"),
    ("status --create", "'status' has no option '--create'", "run 'usher status --help'"),
    ("log --verfy", "option '--verfy' is unknown", "did you mean '--verify'?"),
    ("plan a --version", "'plan' has no option '--version'", "run 'usher plan --help'"),
    ("--yes", "option '--yes' needs its command", "run 'usher --help'"),
  ])
  func `an unknown option is named with the nearest one`(
    _ line: String, _ message: String, _ help: String?
  ) {
    #expect(error(line) == UsageError(message, help: help))
  }

  @Test(arguments: ["plan a --out x --out y", "--out=x plan a --out=x"])
  func `an option stands once`(_ line: String) {
    #expect(error(line)?.message == "option '--out' stands twice")
  }

  @Test func `an option without its value says what is missing`() {
    #expect(error("plan a --out") == UsageError("option '--out' expects FILE"))
  }

  @Test func `an option is not taken for the value of another`() {
    #expect(
      error("plan a --out --detailed-exitcode")
        == UsageError(
          "option '--out' expects FILE",
          help: "write --out=--detailed-exitcode if '--detailed-exitcode' is the value"))
  }

  @Test(arguments: [["status", "--state="], ["status", "--state", ""]])
  func `an empty value is refused`(_ arguments: [String]) {
    #expect(error(arguments)?.message == "option '--state' expects LOCATION, not an empty text")
  }

  @Test func `an empty argument is refused`() {
    #expect(error(["plan", ""])?.message == "'plan' expects FILE…, not an empty text")
  }

  @Test func `a flag takes no value`() {
    #expect(error("apply a --yes=true")?.message == "option '--yes' takes no value")
  }

  @Test(arguments: [
    ("status --format xml", "option '--format' of 'status' expects text or json, not 'xml'"),
    ("export --format json", "option '--format' of 'export' expects text, not 'json'"),
    ("status --color=red", "option '--color' of 'status' expects auto, always or never, not 'red'"),
  ])
  func `a value that is not among the choices is refused`(_ line: String, _ message: String) {
    #expect(error(line)?.message == message)
  }

  @Test(arguments: [
    ("completions zhs", "not 'zhs'", "did you mean 'zsh'?"), ("completions csh", "not 'csh'", nil),
    ("completions --format text -- BASH", "not 'BASH'", "did you mean 'bash'?"),
  ])
  func `an argument that is not among the choices is refused`(
    _ line: String, _ end: String, _ help: String?
  ) {
    #expect(error(line)?.message == "'completions' expects bash, zsh or fish, \(end)")
    #expect(help == nil || error(line)?.help == help)
  }

  @Test func `a missing argument is named with the usage`() {
    #expect(
      error("show") == UsageError("'show' expects USERNAME", help: "usage: usher show USERNAME"))
  }

  @Test(arguments: [
    ("status a", "'status' does not expect 'a'; it takes options only"),
    ("show a b", "'show' does not expect 'b'; it takes 1 argument"),
    ("help plan b", "'help' does not expect 'b'"),
  ])
  func `an argument too many is named`(_ line: String, _ message: String) {
    #expect(error(line)?.message == message)
  }

  @Test(arguments: [
    ("bogus --format json", true), ("bogus --format=json", true), ("bogus -- --format json", false),
    ("bogus --format", false), ("bogus --format text", false), ("bogus --format=", false),
  ])
  func `JSON is asked for even by a line in error`(_ line: String, _ isJSON: Bool) {
    #expect(ArgumentParser.asksForJSON(line.split(separator: " ").map(String.init)) == isJSON)
  }

  @Test func `an option of the same name takes a value in every command or in none`() {
    var takesValue: [String: Bool] = [:]
    for option in CommandTable.all.flatMap(\.allOptions) + CommandTable.programOptions {
      let isValued = option.value != nil
      #expect(takesValue.updateValue(isValued, forKey: option.name) ?? isValued == isValued)
    }
  }

  @Test(
    arguments: zip(
      [1, 2, 15, 99] as [Int32], [ExitCode.hungUp, .interrupted, .terminated, .interrupted]))
  func `a signal has its exit code`(_ signal: Int32, _ code: ExitCode) {
    #expect(ExitCode(interruptedBy: signal) == code)
  }

  @Test func `a test world records what is written`() throws {
    let recorder = WorldRecorder()
    let world = World.test(arguments: [], answers: ["yes"], into: recorder)
    #expect(world.write(Array("out".utf8)))
    world.writeError(Array("err".utf8))
    #expect([recorder.output, recorder.errors] == ["out", "err"])
  }

  @Test func `a test world gives its answers once and in order`() {
    let world = World.test(arguments: [], answers: ["a", "b"])
    #expect([world.readLine(), world.readLine(), world.readLine()] == ["a", "b", nil])
  }

  @Test func `a test world repeats its randomness run by run but not within one`() {
    let (first, second) = (World.test(arguments: []), World.test(arguments: []))
    let (a, b) = (first.random(32), first.random(32))
    #expect(a != b && a == second.random(32))
  }
}
