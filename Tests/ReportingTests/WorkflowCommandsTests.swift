// WorkflowCommandsTests: what a runner of GitHub Actions reads is what was meant.

import ByteOutput
import SourceText
import Testing

@testable import Reporting

@Suite struct WorkflowCommandsTests {
  private func written(_ annotations: [Annotation]) -> [String] {
    var sink = ByteSink()
    WorkflowCommands.write(
      annotations, paths: SourcePaths(root: "/w", folder: "/w/sub"), into: &sink)
    return sink.text.split(separator: "\n").map(String.init)
  }

  private func annotations(_ text: String, _ messages: [String]) -> [Annotation] {
    let file = SourceFile(name: text, bytes: Array("abc: 1\n".utf8))
    let diagnostics = messages.map {
      Diagnostic(.unknownKey, $0, at: SourceRange(file: 0, start: 0, end: 3))
    }
    return DiagnosticReport(files: [file], diagnostics: diagnostics).annotations
  }

  @Test func `properties and data are escaped as the runner reads them`() {
    let lines = written(annotations("a,b:c%.yaml", ["50% of\r\n::error::x, y"]))
    #expect(
      lines == [
        "::error file=sub/a%2Cb%3Ac%25.yaml,line=1,col=1,endLine=1,endColumn=3,title=error E102::"
          + "50%25 of\\u{0D}\\u{0A}::error::x, y"
      ])
  }

  @Test func `of each level there are at most ten, the last of which counts the rest`() {
    let many = written(annotations("a.yaml", (0..<12).map { "number \($0)" }))
    #expect(many.count == 10)
    #expect(
      many.last == "::error title=usher::and 3 more errors; the log of this step has them all")
    #expect(written(annotations("a.yaml", (0..<10).map { "number \($0)" })).count == 10)
  }

  @Test func `text in a fence cannot end it, and two runs write the same`() {
    var (first, second) = (ByteSink(), ByteSink())
    let text = Array("::set-output name=a::b\n##[error]x\n::usher-0::".utf8)
    WorkflowCommands.fence(text, into: &first)
    WorkflowCommands.fence(text, into: &second)
    #expect(first.bytes == second.bytes)
    let lines = first.text.split(separator: "\n")
    let token = lines[0].dropFirst("::stop-commands::".count)
    #expect(lines.first?.hasPrefix("::stop-commands::usher-") == true)
    #expect(lines.last.map { $0 == "::\(token)::" } == true)
    #expect(!lines[1..<(lines.count - 1)].contains { $0.contains(token) })
    var empty = ByteSink()
    WorkflowCommands.fence([], into: &empty)
    #expect(empty.bytes.isEmpty)
  }
}

@Suite struct SourcePathsTests {
  @Test(arguments: [
    ("org.yaml", "sub/org.yaml"), ("./org.yaml", "sub/org.yaml"), ("../a/b.yaml", "a/b.yaml"),
    ("/w/org.yaml", "org.yaml"), ("/tmp/x.yaml", "../tmp/x.yaml"), ("a//b", "sub/a/b"), ("-", "-"),
  ])
  func `files are called from the top of the repository`(_ name: String, _ expected: String) {
    #expect(SourcePaths(root: "/w", folder: "/w/sub").relative(name) == expected)
  }

  @Test func `a URI has nothing in it that is not of a URI`() {
    let paths = SourcePaths(root: "/w", folder: "/w")
    #expect(paths.uri("a b/ü?#%.yaml") == "a%20b/%C3%BC%3F%23%25.yaml")
  }
}
