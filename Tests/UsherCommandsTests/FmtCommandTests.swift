// FmtCommandTests: files are rewritten, or compared, and nothing else happens to them.

import Foundation
import Testing

private let messy = "members:\n  bob: {role: owner}\norganization: acme # us\n"
private let tidy = "organization: acme  # us\nmembers:\n  bob: { role: owner }\n"

@Suite struct FmtCommandTests {
  @Test func `a file is rewritten and listed, and a second time neither`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(messy, to: "org.yaml")
    let first = sandbox.usher("fmt", file)
    #expect(first.code == 0)
    #expect(first.output == "formatted \(file)\n")
    #expect(try sandbox.read("org.yaml") == tidy)
    let second = sandbox.usher("fmt", file)
    #expect(second.code == 0)
    #expect(second.output == "")
    #expect(second.errors == "")
  }

  @Test func `a file that is formatted is not touched`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(tidy, to: "org.yaml")
    let files = FileManager.default
    let before = try files.attributesOfItem(atPath: file)[.systemFileNumber] as? Int
    #expect(sandbox.usher("fmt", file).code == 0)
    #expect(try files.attributesOfItem(atPath: file)[.systemFileNumber] as? Int == before)
  }

  @Test func `a folder is searched, its modes and links stay`() throws {
    let sandbox = try Sandbox()
    let files = FileManager.default
    try files.createDirectory(atPath: sandbox.path("org/deep"), withIntermediateDirectories: true)
    try sandbox.write(messy, to: "org/deep/a.yml")
    try files.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: sandbox.path("org/deep/a.yml"))
    try sandbox.write("{ \"version\":1 }", to: "org/b.json")
    try sandbox.write(messy, to: "aim")
    try sandbox.write(messy, to: "org/notes.txt")
    try files.createSymbolicLink(
      atPath: sandbox.path("org/link.yaml"), withDestinationPath: "../aim")
    let run = sandbox.usher("fmt", sandbox.path("org"))
    #expect(run.code == 0)
    #expect(
      run.output.replacingOccurrences(of: sandbox.path(""), with: "")
        == "formatted org/b.json\nformatted org/deep/a.yml\nformatted org/link.yaml\n")
    #expect(try sandbox.read("org/b.json") == "{\n  \"version\": 1\n}\n")
    #expect(try sandbox.read("aim") == tidy)
    #expect(try sandbox.read("org/notes.txt") == messy)
    #expect(try files.destinationOfSymbolicLink(atPath: sandbox.path("org/link.yaml")) == "../aim")
    let mode = try files.attributesOfItem(atPath: sandbox.path("org/deep/a.yml"))[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(try files.contentsOfDirectory(atPath: sandbox.path("org")).count == 4)
  }

  @Test func `a check lists what differs, shows how, and writes nothing`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(messy, to: "org.yaml")
    let other = try sandbox.write(tidy, to: "tidy.yaml")
    let run = sandbox.usher("fmt", "--check", file, other)
    #expect(run.code == 1)
    #expect(
      run.output.replacingOccurrences(of: sandbox.path(""), with: "") == """
        not formatted: org.yaml
        --- org.yaml
        +++ org.yaml (formatted)
        @@ -1,3 +1,3 @@
        +organization: acme  # us
         members:
        -  bob: {role: owner}
        -organization: acme # us
        +  bob: { role: owner }

        """)
    #expect(try sandbox.read("org.yaml") == messy)
    #expect(sandbox.usher("fmt", "--check", other).code == 0)
    #expect(sandbox.usher("fmt", "--check", other).output == "")
  }

  @Test func `a difference is coloured on a terminal and never commands it`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write("x:   \"a\u{202E}\" # \t b\n", to: "org.yaml")
    let run = sandbox.usher("fmt", "--check", file, isTerminal: true)
    #expect(run.output.contains("\u{1B}[31m-x:   \"a\\u{202E}\" # \\u{09} b\u{1B}[0m\n"))
    #expect(run.output.contains("\u{1B}[32m+x: \"a\\u202E\"  # \\u{09} b\u{1B}[0m\n"))
  }

  @Test func `a file that is no document is reported and left, the others are formatted`() throws {
    let sandbox = try Sandbox()
    let broken = try sandbox.write("members: [\n", to: "a.yaml")
    let file = try sandbox.write(messy, to: "b.yaml")
    let run = sandbox.usher("fmt", broken, file)
    #expect(run.code == 1)
    #expect(run.output == "formatted \(file)\n")
    #expect(run.errors.contains("a.yaml:1:10: error[E003]: "))
    #expect(try sandbox.read("a.yaml") == "members: [\n")
    #expect(try sandbox.read("b.yaml") == tidy)
    #expect(sandbox.usher("fmt", sandbox.path("missing.yaml"), file).code == 1)
  }

  @Test func `a file that is no org is laid out all the same`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write("membrs: {bob: 5}\n", to: "a.yaml")
    #expect(sandbox.usher("fmt", file).code == 0)
    #expect(try sandbox.read("a.yaml") == "membrs:\n  bob: 5\n")
  }

  @Test func `standard input goes to standard output`() throws {
    let sandbox = try Sandbox()
    let run = sandbox.usher("fmt", "-", input: messy)
    #expect(run.code == 0)
    #expect(run.output == tidy)
    #expect(sandbox.usher("fmt", "-", input: tidy).output == tidy)
    let broken = sandbox.usher("fmt", "-", input: "a: [")
    #expect(broken.code == 1)
    #expect(broken.output == "")
    #expect(broken.errors.contains("-:1:4: error[E003]: "))
    #expect(sandbox.usher("fmt", "--check", "-", input: messy).code == 1)
    #expect(sandbox.usher("fmt", "-", sandbox.path("x"), input: messy).code == 64)
  }

  @Test func `JSON tells of every file and finding`() throws {
    let sandbox = try Sandbox()
    let broken = try sandbox.write("members: [\n", to: "a.yaml")
    let file = try sandbox.write(messy, to: "b.yaml")
    let same = try sandbox.write(tidy, to: "c.yaml")
    let check = sandbox.usher("fmt", "--check", broken, file, same, "--format", "json")
    #expect(check.code == 1)
    let checked = try #require(check.json["files"] as? [[String: Any]])
    #expect(checked.map { $0["changed"] as? Bool } == [true, false])
    #expect((checked[0]["diff"] as? String)?.contains("\n+organization: acme  # us\n") == true)
    #expect(checked[1]["diff"] as? String == "")
    let run = sandbox.usher("fmt", broken, file, same, "--format", "json")
    #expect(run.code == 1)
    let files = try #require(run.json["files"] as? [[String: Any]])
    #expect(files.map { $0["file"] as? String } == [file, same])
    #expect(files.map { $0["changed"] as? Bool } == [true, false])
    let diagnostics = try #require(run.json["diagnostics"] as? [[String: Any]])
    #expect(diagnostics.map { $0["code"] as? String } == ["E003"])
    #expect(diagnostics.map { $0["file"] as? String } == [broken])
    let text = sandbox.usher("fmt", "-", "--format", "json", input: messy).json
    #expect((text["files"] as? [[String: Any]])?.first?["text"] as? String == tidy)
  }

  @Test func `an interrupted run leaves whole files`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(messy, to: "org.yaml")
    let run = sandbox.usher("fmt", file, signal: 15)
    #expect(run.code == 143)
    #expect(run.errors.contains("error[E407]: interrupted"))
    #expect(try sandbox.read("org.yaml") == messy)
  }

  @Test(arguments: ["fmt", "validate", "debug yaml", "plan"])
  func `a file that cannot be read since a signal came is no error of the file`(
    _ command: String
  ) throws {
    let sandbox = try Sandbox()
    let words = command.split(separator: " ").map(String.init)
    let now = "2026-11-23T08:00:00Z"
    let missing = sandbox.path("missing.yaml")
    #expect(sandbox.run(words + [missing], now: now).code == 1)
    #expect(sandbox.run(words + [missing], now: now, signal: 15).code == 143)
  }

  @Test func `a result that cannot be written is an error`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write(messy, to: "org.yaml")
    #expect(sandbox.usher("fmt", file, isOutputBroken: true).code == 1)
  }

  @Test func `what usher writes itself is formatted`() throws {
    let sandbox = try Sandbox()
    #expect(sandbox.usher("init", sandbox.path("new")).code == 0)
    #expect(sandbox.usher("fmt", "--check", sandbox.path("new")).output == "")
    let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("examples/acme/org.yaml").path
    #expect(sandbox.usher("fmt", "--check", example).output == "")
    #expect(
      sandbox.usher(
        "apply", example, "--create", "--yes", "--keys-to", sandbox.path("keys")
      ).code == 0)
    let exported = try sandbox.write(sandbox.usher("export").output, to: "exported.yaml")
    #expect(sandbox.usher("fmt", "--check", exported).output == "")
  }

  @Test func `the difference in JSON holds the bytes as they are`() throws {
    let sandbox = try Sandbox()
    let file = try sandbox.write("organization: 'a'\r\nmembers: {}\r\n", to: "org.yaml")
    let run = sandbox.usher("fmt", "--check", file, "--format", "json")
    let diff = (run.json["files"] as? [[String: Any]])?.first?["diff"] as? String
    #expect(run.code == 1 && diff?.contains("-organization: 'a'\r\n") == true)
    #expect(sandbox.usher("fmt", "--check", file).output.contains("\\u{0D}"))
  }

  @Test func `in GitHub's log a file that differs is a warning on its first line that does`() throws
  {
    let sandbox = try Sandbox()
    let file = try sandbox.write("organization: a\nmembers:   {} # ##[error]x\n", to: "org.yaml")
    let run = sandbox.usher("fmt", "--check", file, "--format", "github")
    #expect(run.code == 1 && run.errors == "")
    #expect(
      run.output.contains("::warning file=org.yaml,line=2,col=10,title=warning W207::not in its"))
    #expect(run.output.contains("\n::stop-commands::usher-"))
    #expect(sandbox.usher("fmt", file).code == 0)
    #expect(sandbox.usher("fmt", "--check", file, "--format", "github").code == 0)
  }
}
