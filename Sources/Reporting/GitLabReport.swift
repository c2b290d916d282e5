// GitLabReport: the two small JSON files that GitLab's merge requests show.
// Source: GitLab's documentation, "artifacts:reports:terraform" and "Code Quality: report format".

import ByteOutput
import Records
import SourceText

extension ChangeWords {
  static func totals(of glyphs: [Glyph]) -> (add: Int, change: Int, remove: Int) {
    (
      glyphs.count { $0 == .add }, glyphs.count { $0 == .change }, glyphs.count { $0 == .remove }
    )
  }
}

/// Writes reports for GitLab.
public enum GitLabReport {
  /// The one line that the merge-request widget reads.
  public static func plan(_ totals: (add: Int, change: Int, remove: Int)) -> [UInt8] {
    Array(
      "{\"create\":\(totals.add),\"update\":\(totals.change),\"delete\":\(totals.remove)}\n".utf8)
  }

  /// Code Quality: an array of findings, empty if there are none.
  public static func codeQuality(
    _ annotations: [Annotation], fallback: String, paths: SourcePaths
  ) -> [UInt8] {
    var json = JSONWriter(.indented)
    var fingerprints = Fingerprints()
    json.array { json in
      for annotation in annotations {
        let path = paths.relative(annotation.start?.file ?? fallback)
        // GitLab drops a finding whose fingerprint stands in the report already.
        let (hash, turn) = fingerprints.next(annotation, in: path)
        json.object { json in
          json.member("description", TerminalText.sanitized(annotation.message))
          json.member("check_name", annotation.rule.id)
          json.member("fingerprint", turn == 0 ? hash : "\(hash)-\(turn)")
          json.member("severity", annotation.level == .error ? "major" : "minor")
          json.key("location")
          json.object { json in
            json.member("path", path)
            json.key("lines")
            json.object { $0.member("begin", annotation.start?.line ?? 1) }
          }
        }
      }
    }
    return json.sink.bytes + [0x0A]
  }
}
