// OrgInput: from the FILE arguments to source files: files, folders and standard input.

import OrgFiles
import OrgModel
import SourceText
import SystemCalls

extension Context {
  /// Endings of the files that a folder contributes.
  static let orgFileEndings = [".yaml", ".yml", ".json"]

  /// Reads files; folders are searched, hidden entries left out.
  /// - Parameters:
  ///   - arguments: The files and folders; nil for those that the command line names.
  ///   - diagnostics: Gets every file that cannot be read, or is named twice.
  func readFiles(
    _ arguments: [String]? = nil, into diagnostics: inout Diagnostics
  ) -> [SourceFile] {
    let arguments = arguments ?? invocation.arguments
    var files: [SourceFile] = []
    var names: [FileIdentity: String] = [:]
    for argument in arguments {
      do throws(SystemError) {
        for path in try paths(argument) {
          if path == "-" ? files.contains(where: { $0.name == "-" }) : isNamed(path, in: &names) {
            diagnostics.report(.unreadableFile, "'\(path)' is named twice", at: nil)
          } else {
            do throws(SystemError) {
              files.append(SourceFile(name: path, bytes: try read(path)))
            } catch {
              diagnostics.report(.unreadableFile, "\(error)", at: nil)
            }
          }
        }
      } catch {
        diagnostics.report(.unreadableFile, "\(error)", at: nil)
      }
    }
    prepare(for: files)
    if files.isEmpty, !diagnostics.hasErrors {
      diagnostics.report(
        .unreadableFile,
        "there is no *.yaml, *.yml or *.json file in "
          + arguments.map { "'\($0)'" }.joined(separator: ", "), at: nil)
    }
    return files
  }

  /// Reads an org.
  /// - Parameter arguments: The files and folders; nil for those that the command line names.
  /// - Throws: `CommandFailure` with every error of every file.
  func readOrg(_ arguments: [String]? = nil) throws(CommandFailure) -> LocatedOrg {
    var diagnostics = Diagnostics()
    let files = readFiles(arguments, into: &diagnostics)
    return try decode(files, diagnostics)
  }

  /// Checks an org, also for more wishes for seats than there are; a plan finds that out by itself, with
  /// the seats that it frees.
  /// - Throws: `CommandFailure` with every error of every file.
  func checkOrg() throws(CommandFailure) -> (org: OrgOutline, files: [SourceFile]) {
    var diagnostics = Diagnostics()
    let files = readFiles(into: &diagnostics)
    progress.begin(.checking(files.map(\.name)))
    let org = OrgDecoder.check(
      files, isComplete: !diagnostics.hasErrors, checkingCapacityAt: now, into: &diagnostics)
    guard let org, !diagnostics.hasErrors else {
      throw CommandFailure(.failure, diagnostics.sorted, files: files)
    }
    return (org, files)
  }

  /// Makes an org of files.
  /// - Parameter diagnostics: What was found when they were read.
  /// - Throws: `CommandFailure` with every error of every file.
  func decode(
    _ files: [SourceFile], _ diagnostics: Diagnostics
  ) throws(CommandFailure) -> LocatedOrg {
    var diagnostics = diagnostics
    progress.begin(.checking(files.map(\.name)))
    let org = OrgDecoder.decode(
      files, isComplete: !diagnostics.hasErrors, into: &diagnostics)
    guard let org, !diagnostics.hasErrors else {
      throw CommandFailure(.failure, diagnostics.sorted, files: files)
    }
    return org
  }

  /// Gets memory ready for the members of large files and their state.
  private func prepare(for files: [SourceFile]) {
    Memory.expect(files.reduce(0) { $0 + $1.bytes.count } * Self.bytesPerFileByte)
  }

  /// What a plan without changes takes for every byte of the files.
  private static let bytesPerFileByte = 25

  private func isNamed(_ path: String, in names: inout [FileIdentity: String]) -> Bool {
    guard let file = FileSystem.target(path) else { return false }
    return names.updateValue(path, forKey: file) != nil
  }

  /// Whether a folder contributes the file of this path below it.
  static func isOrgFile(_ path: String) -> Bool {
    orgFileEndings.contains { path.hasSuffix($0) }
      && !path.split(separator: "/").contains { $0.hasPrefix(".") }
  }

  /// Reads a file, or standard input for `-`.
  func read(_ path: String) throws(SystemError) -> [UInt8] {
    guard path != "-" else { return try world.readStandardInput() }
    progress.begin(.reading(path))
    return try FileSystem.readFile(path)
  }

  private func paths(_ argument: String) throws(SystemError) -> [String] {
    guard argument != "-", FileSystem.kind(argument) == .folder else { return [argument] }
    return try filesBelow(argument, inside: []).sorted()
  }

  /// - Parameter inside: The folders that were entered on the way; a link back to one is not followed.
  private func filesBelow(
    _ folder: String, inside outer: Set<FileIdentity>
  ) throws(SystemError) -> [String] {
    var entered = outer
    if let own = FileSystem.target(folder), !entered.insert(own).inserted { return [] }
    var found: [String] = []
    for entry in try FileSystem.listFolder(folder) where !entry.hasPrefix(".") {
      let path = folder.hasSuffix("/") ? folder + entry : "\(folder)/\(entry)"
      if FileSystem.kind(path) == .folder {
        found += try filesBelow(path, inside: entered)
      } else if Self.isOrgFile(entry) {
        guard FileSystem.kind(path) != .other else { throw SystemError.notPlain("read", path) }
        // Also what cannot be read, such as a link to nowhere: members may be missing without it.
        found.append(path)
      }
    }
    return found
  }
}
