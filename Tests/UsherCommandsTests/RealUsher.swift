// RealUsher: the usher of this build as a process of its own, on the real system.

import Foundation
import SystemCalls

/// Starts processes in a sandbox, in a session without a terminal but the one that a test gives it.
struct RealUsher {
  /// A process that was started.
  struct Child {
    let number: pid_t
    /// The folder of what it writes to its streams; it goes with `wait`.
    fileprivate let streams: String

    /// Sends a signal.
    func send(_ signal: Int32) { kill(number, signal) }

    /// Waits for the end; the code is the status, or 128 and the signal that ended it.
    func wait() throws -> Run {
      var status: Int32 = 0
      while waitpid(number, &status, 0) < 0, errno == EINTR {}
      let signal = status & 0x7F
      defer { try? FileManager.default.removeItem(atPath: streams) }
      return Run(
        code: signal == 0 ? status >> 8 & 0xFF : 128 + signal,
        output: try text("\(streams)/output"), errors: try text("\(streams)/errors"))
    }

    /// The output may be of any bytes.
    private func text(_ path: String) throws -> String {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
  }

  let sandbox: Sandbox
  /// The whole environment beside the PATH.
  var environment: [String: String] = [:]
  /// Whether all signals are blocked when the line starts, as on a thread of a pool.
  var isBlockingSignals = false

  /// Runs a line of shell, in which `usher` is this build's, in the sandbox.
  func shell(_ script: String) throws -> Run { try start(script).wait() }

  /// Starts a line of shell. With `exec`, the child is the program itself.
  /// - Parameters:
  ///   - terminal: The terminal of the session, if it is to have one.
  ///   - descriptors: Which of 0, 1 and 2 are that terminal.
  func start(
    _ script: String, on terminal: PseudoTerminal? = nil, as descriptors: Set<Int32> = [2]
  ) throws -> Child {
    let name = UUID().uuidString
    // The folder of the streams is not the sandbox, which tests search.
    let streams = NSTemporaryDirectory() + "usher-streams-" + name
    try FileManager.default.createDirectory(atPath: streams, withIntermediateDirectories: true)
    let (output, errors) = ("\(streams)/output", "\(streams)/errors")
    #if canImport(Darwin)
      var attributes: posix_spawnattr_t?
      var actions: posix_spawn_file_actions_t?
      let inNewSession = Int16(POSIX_SPAWN_SETSID)
    #else
      var attributes = posix_spawnattr_t()
      var actions = posix_spawn_file_actions_t()
      let inNewSession: Int16 = 0x80  // POSIX_SPAWN_SETSID, which Swift does not see
    #endif
    posix_spawnattr_init(&attributes)
    posix_spawn_file_actions_init(&actions)
    defer {
      posix_spawnattr_destroy(&attributes)
      posix_spawn_file_actions_destroy(&actions)
    }
    // Tests that ran before may have ignored what this one sends.
    var (all, mask) = (sigset_t(), sigset_t())
    sigfillset(&all)
    if isBlockingSignals { sigfillset(&mask) } else { sigemptyset(&mask) }
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &mask)
    let flags = Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
    posix_spawnattr_setflags(&attributes, inNewSession | flags)
    let flagsOfFiles = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, flagsOfFiles, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, flagsOfFiles, 0o600)
    for descriptor in descriptors.sorted() {
      guard let terminal else { break }
      // The leader of a new session gets the terminal that it opens first as its own.
      posix_spawn_file_actions_addopen(&actions, descriptor, terminal.path, O_RDWR, 0)
    }
    let search = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let variables = ["PATH": "\(Self.buildFolder):\(search)"]
      .merging(environment) { $1 }
    let line = "cd '\(sandbox.folder)' && \(script)"
    let texts = ["/bin/sh", "-c", line]
    var words = texts.map { strdup($0) } + [nil]
    var settings = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in words + settings { free(text) } }
    var child: pid_t = 0
    guard posix_spawn(&child, "/bin/sh", &actions, &attributes, &words, &settings) == 0 else {
      throw CocoaError(.executableLoad)
    }
    return Child(number: child, streams: streams)
  }

  /// The folder that the executables of this build stand in.
  static var buildFolder: String {
    #if canImport(Darwin)
      Bundle(for: Sandbox.self).bundleURL.deletingLastPathComponent().path
    #else
      Bundle.main.bundleURL.path
    #endif
  }

  /// Whether a program is installed.
  static func has(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
  }
}

extension Sandbox {
  /// Every file below the sandbox, by its path from there, sorted.
  func files() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().filter { name in
      let type = try? FileManager.default.attributesOfItem(atPath: path(name))[.type]
      return type as? FileAttributeType == .typeRegular
    }
  }

  /// The bytes of a file, of any kind.
  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path(name)))
  }

  /// The permission bits of a file or folder.
  func mode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path(name))[.posixPermissions] as? Int
  }
}
