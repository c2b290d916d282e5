// OrgInput: from the FILE arguments to source files: files, folders and standard input.

import OrgFiles
import OrgModel
import SourceText
import SystemCalls

extension Context {
  /// Endings of the files that a folder contributes.
  static let orgFileEndings = [".yaml", ".yml", ".json"]

  /// Reads the files that the arguments name; folders are searched, hidden entries left out.
  /// - Throws: `CommandFailure` that names every one that cannot be read.
  func readFiles() throws(CommandFailure) -> [SourceFile] {
    var files: [SourceFile] = []
    var diagnostics = Diagnostics()
    for argument in invocation.arguments {
      do throws(SystemError) {
        for path in try paths(argument) {
          if files.contains(where: { $0.name == path }) {
            diagnostics.report(.unreadableFile, "'\(path)' is named twice", at: nil)
            continue
          }
          files.append(SourceFile(name: path, bytes: try read(path)))
        }
      } catch {
        diagnostics.report(.unreadableFile, "\(error)", at: nil)
      }
    }
    if files.isEmpty, !diagnostics.hasErrors {
      diagnostics.report(
        .unreadableFile,
        "there is no *.yaml, *.yml or *.json file in "
          + invocation.arguments.map { "'\($0)'" }.joined(separator: ", "), at: nil)
    }
    guard !diagnostics.hasErrors else { throw CommandFailure(.failure, diagnostics.all) }
    return files
  }

  /// Reads the org that the arguments name.
  /// - Throws: `CommandFailure` with every error of every file.
  func readOrg() throws(CommandFailure) -> (org: LocatedOrg, files: [SourceFile]) {
    let files = try readFiles()
    var diagnostics = Diagnostics()
    guard let org = OrgDecoder.decode(files, into: &diagnostics), !diagnostics.hasErrors else {
      throw CommandFailure(.failure, diagnostics.sorted, files: files)
    }
    warn(diagnostics.sorted, files: files)
    return (org, files)
  }

  private func read(_ path: String) throws(SystemError) -> [UInt8] {
    try path == "-" ? world.readStandardInput() : FileSystem.readFile(path)
  }

  private func paths(_ argument: String) throws(SystemError) -> [String] {
    guard argument != "-", FileSystem.kind(argument) == .folder else { return [argument] }
    return try filesBelow(argument).sorted()
  }

  private func filesBelow(_ folder: String) throws(SystemError) -> [String] {
    var found: [String] = []
    for entry in try FileSystem.listFolder(folder) where !entry.hasPrefix(".") {
      let path = folder.hasSuffix("/") ? folder + entry : "\(folder)/\(entry)"
      switch FileSystem.kind(path) {
      case .folder: found += try filesBelow(path)
      case .file:
        if Self.orgFileEndings.contains(where: { entry.hasSuffix($0) }) { found.append(path) }
      default: continue
      }
    }
    return found
  }
}
