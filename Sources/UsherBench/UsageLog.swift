// UsageLog: what a gateway logs of a team in a month, made up, always the same for its size and its end.

import ByteOutput
import OrgModel
import SystemCalls

/// Records as JSON Lines, ten a member.
struct UsageLog {
  static let recordsPerMember = 10
  private static let models = ["qwen3-max", "qwen3-coder-plus", "qwen3-flash"]
  private static let monthSeconds = 30 * 86_400
  /// A prime, so that the records of a member are spread over the month.
  private static let step = 7919

  let roster: Roster
  let end: Instant

  /// Creates the file.
  /// - Throws: `SystemError`, also if it exists.
  func write(to path: String) throws(SystemError) {
    try LocalDisk().createFile(path, mode: 0o600) { (file) throws(SystemError) in
      var sink = ByteSink()
      for number in 0..<roster.members * Self.recordsPerMember {
        guard let name = roster.entry(number % roster.members)?.name else { continue }
        let age = number * Self.step % Self.monthSeconds
        sink.write(literal: "{\"time\":")
        sink.write(Int(end.seconds) - age)
        sink.write(",\"member\":\"\(name)\",\"model\":\"\(Self.models[number % 3])\",\"credits\":")
        sink.write("\(number % 40).\(number % 9)25,\"requests\":1,\"input_tokens\":\(age)}\n")
        if sink.bytes.count >= 1 << 16 { try FileSystem.write(sink.take(), to: file) }
      }
      try FileSystem.write(sink.bytes, to: file)
    }
  }
}
