// SARIFLog: findings for code scanning. Format: SARIF 2.1.0 (OASIS standard), as far as GitHub reads it.

public import ByteOutput
import Records

/// Writes a SARIF log of one run.
public enum SARIFLog {
  /// GitHub refuses a run with more results.
  static let resultsMax = 25_000
  private static let schema = "https://json.schemastore.org/sarif-2.1.0.json"

  /// Writes the log.
  /// - Parameters:
  ///   - version: usher's.
  ///   - fallback: The file that a finding without a place is attached to: scanners drop results
  ///     without one.
  public static func write(
    _ annotations: [Annotation], usher version: String, fallback: String, paths: SourcePaths,
    into json: inout JSONWriter
  ) {
    json.object { json in
      json.member("$schema", schema)
      json.member("version", "2.1.0")
      json.key("runs")
      json.array { json in
        json.object { json in
          json.key("tool")
          json.object { json in
            json.key("driver")
            json.object { writeDriver(version, into: &$0) }
          }
          json.member("columnKind", "unicodeCodePoints")
          json.key("results")
          json.array { json in
            var fingerprints = Fingerprints()
            for annotation in annotations.prefix(resultsMax) {
              write(annotation, fallback, paths, &fingerprints, into: &json)
            }
          }
          writeInvocation(dropped: annotations.count - resultsMax, into: &json)
        }
      }
    }
  }

  private static func writeInvocation(dropped count: Int, into json: inout JSONWriter) {
    json.key("invocations")
    json.array { json in
      json.object { json in
        json.member("executionSuccessful", true)
        guard count > 0 else { return }
        json.key("toolExecutionNotifications")
        json.array { json in
          json.object { json in
            json.member("level", "warning")
            json.key("message")
            json.object { $0.member("text", "\(count) results more than fit are left out") }
          }
        }
      }
    }
  }

  private static func writeDriver(_ version: String, into json: inout JSONWriter) {
    json.member("name", "usher")
    json.member("version", version)
    json.member("semanticVersion", version)
    json.key("rules")
    json.array { json in
      for rule in Annotation.Rule.all {
        json.object { json in
          json.member("id", rule.id)
          json.member("name", rule.name)
          json.key("shortDescription")
          json.object { $0.member("text", firstSentence(of: rule.summary)) }
          json.key("fullDescription")
          json.object { $0.member("text", rule.summary) }
          json.key("help")
          json.object { json in
            json.member("text", rule.summary)
            json.member("markdown", rule.summary)
          }
          json.key("defaultConfiguration")
          json.object { $0.member("level", rule.level.rawValue) }
        }
      }
    }
  }

  /// A message that no viewer reads as an embedded link (SARIF 2.1.0, section 3.11.6) or as a
  /// placeholder (3.11.5).
  private static func plain(_ message: String) -> String {
    var result = ""
    var last: Character = " "
    for character in TerminalText.sanitized(message) {
      if character == "(", last == "]" { result += " " }
      if character.isNumber, last == "{" { result += " " }
      result.append(character)
      last = character
    }
    return result
  }

  private static func firstSentence(of text: String) -> String {
    text.firstRange(of: ". ").map { String(text[..<$0.lowerBound]) + "." } ?? text
  }

  private static func write(
    _ annotation: Annotation, _ fallback: String, _ paths: SourcePaths,
    _ fingerprints: inout Fingerprints, into json: inout JSONWriter
  ) {
    let uri = paths.uri(annotation.start?.file ?? fallback)
    let (hash, turn) = fingerprints.next(annotation, in: uri)
    json.object { json in
      json.member("ruleId", annotation.rule.id)
      if let index = Annotation.Rule.all.firstIndex(where: { $0.id == annotation.rule.id }) {
        json.member("ruleIndex", index)
      }
      json.member("level", annotation.level == .notice ? "note" : annotation.level.rawValue)
      json.key("message")
      json.object { $0.member("text", plain(annotation.message)) }
      json.key("locations")
      json.array { json in
        json.object { json in
          json.key("physicalLocation")
          json.object { json in
            json.key("artifactLocation")
            json.object { json in
              json.member("uri", uri)
              json.member("uriBaseId", "%SRCROOT%")
            }
            json.key("region")
            json.object { json in
              json.member("startLine", annotation.start?.line ?? 1)
              json.member("startColumn", annotation.start?.column ?? 1)
              if let end = annotation.end {
                json.member("endLine", end.line)
                json.member("endColumn", end.column)
              }
            }
          }
        }
      }
      json.key("partialFingerprints")
      json.object { $0.member("primaryLocationLineHash", "\(hash.prefix(16)):\(turn + 1)") }
    }
  }
}
