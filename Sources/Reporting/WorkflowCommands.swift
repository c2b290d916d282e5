// WorkflowCommands: what a step of GitHub Actions writes to its log so that it becomes annotations.
// Source: GitHub's documentation "Workflow commands for GitHub Actions" and the limits named there.

public import ByteOutput
import Digests

/// Writes the log of a step.
public enum WorkflowCommands {
  /// How many annotations of a level a step may have.
  static let annotationsMax = 10

  /// Writes annotations, of each level at most `annotationsMax`, the last of which sums up the rest.
  public static func write(
    _ annotations: [Annotation], paths: SourcePaths, into sink: inout ByteSink
  ) {
    for level in Annotation.Level.allCases {
      let all = annotations.filter { $0.level == level }
      let shown = all.count > annotationsMax ? annotationsMax - 1 : all.count
      for annotation in all.prefix(shown) {
        var properties: [(String, String)] = []
        if let start = annotation.start {
          properties += [
            ("file", paths.relative(start.file)), ("line", String(start.line)),
            ("col", String(start.column)),
          ]
          if let end = annotation.end, end.line == start.line, end.column > start.column {
            properties += [("endLine", String(end.line)), ("endColumn", String(end.column - 1))]
          }
        }
        properties.append(("title", annotation.title))
        write(level.rawValue, properties, annotation.message, into: &sink)
      }
      if shown < all.count {
        write(
          level.rawValue, [("title", "usher")],
          "and \(all.count - shown) more \(level.rawValue)s; the log of this step has them all",
          into: &sink)
      }
    }
  }

  /// Writes text of unknown origin as a folded group in which no command is obeyed.
  public static func writeGroup(_ title: String, _ text: [UInt8], into sink: inout ByteSink) {
    write("group", [], title, into: &sink)
    fence(text, into: &sink)
    write("endgroup", [], "", into: &sink)
  }

  /// Writes text of unknown origin in which no command is obeyed. The word that ends the fence
  /// follows from the text, so that two runs write the same; nobody can find a text that holds its
  /// own SHA-256.
  public static func fence(_ text: [UInt8], into sink: inout ByteSink) {
    guard !text.isEmpty else { return }
    let token = "usher-\(SHA256.hash(text).hex)"
    write("stop-commands", [], token, into: &sink)
    sink.write(bytes: text)
    if text.last != 0x0A { sink.writeLine() }
    write(token, [], "", into: &sink)
  }

  private static func write(
    _ command: String, _ properties: [(name: String, value: String)], _ data: String,
    into sink: inout ByteSink
  ) {
    let list = properties.map { "\($0.name)=\(escaped($0.value, isProperty: true))" }
    sink.writeLine(
      "::\(command)\(list.isEmpty ? "" : " ")\(list.joined(separator: ","))::"
        + escaped(data, isProperty: false))
  }

  /// Control characters become visible escapes first; what is left over is escaped as the runner
  /// reads it.
  private static func escaped(_ text: String, isProperty: Bool) -> String {
    var result = ""
    for scalar in TerminalText.sanitized(text).unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case ":" where isProperty: result += "%3A"
      case "," where isProperty: result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
