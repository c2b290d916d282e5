// Support: the bench run in-process on the usher of this build, in a folder of its own.

import Foundation
import OrgModel
import SystemCalls
import UsherCommands

@testable import UsherBench

/// What a run left behind.
struct BenchRun {
  let code: Int32
  let output: String
  let errors: String

  /// The JSON object on standard output.
  var json: [String: Any] {
    (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any] ?? [:]
  }

  /// Its list of workloads.
  var workloads: [[String: Any]] { json["workloads"] as? [[String: Any]] ?? [] }
}

/// A temporary folder, removed with this.
final class Workshop {
  let folder = NSTemporaryDirectory() + "usher-workshop-" + UUID().uuidString

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// What stands in it.
  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder) }

  func bench(
    _ arguments: String..., usher: String = "\(Workshop.buildFolder)/usher",
    into recorder: WorldRecorder = WorldRecorder()
  ) -> BenchRun {
    var world = World.test(arguments: arguments, into: recorder)
    // That of the processes which the bench starts.
    world.now = { Instant(seconds: Host.clockSeconds) ?? .latest }
    let code = Bench.run(world, usher: usher, scratch: folder)
    return BenchRun(code: code, output: recorder.output, errors: recorder.errors)
  }

  /// The folder that the executables of this build stand in.
  static var buildFolder: String {
    #if canImport(Darwin)
      Bundle(for: Workshop.self).bundleURL.deletingLastPathComponent().path
    #else
      Bundle.main.bundleURL.path
    #endif
  }

  /// The README.
  static func readme() throws -> String {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let root = tests.deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
  }
}
