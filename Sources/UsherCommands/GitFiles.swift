// GitFiles: the org files as they stand at a git revision, read by git itself.

import Reporting
import SourceText
import SystemCalls

/// A git revision of the files that a command was given.
struct GitFiles {
  private let revision: String
  private let world: World

  /// The files at a revision; those that did not exist there are left out.
  /// - Parameters:
  ///   - revision: Anything that names a commit for git, such as `origin/main`.
  ///   - arguments: The FILE arguments: files and folders, as they are named now.
  ///   - isOrgFile: Whether a folder contributes the file of that path.
  /// - Throws: `CommandFailure` if git or the revision is missing.
  static func read(
    at revision: String, _ arguments: [String], isOrgFile: (String) -> Bool, in world: World
  ) throws(CommandFailure) -> [SourceFile] {
    let git = GitFiles(revision: revision, world: world)
    var files: [SourceFile] = []
    for argument in arguments {
      let isFolder = FileSystem.kind(argument) == .folder
      let folder = isFolder ? argument : FileSystem.parent(of: argument)
      let commit = try git.commit(in: folder)
      let prefix = isFolder ? (argument.hasSuffix("/") ? argument : argument + "/") : ""
      let name = isFolder ? nil : FileSystem.lastPart(of: argument)
      for entry in try git.entries(of: commit, in: folder, named: name)
      where !isFolder || isOrgFile(entry.path) {
        let path = isFolder ? prefix + entry.path : argument
        let bytes = try git.content(of: git.target(of: entry, at: commit, in: folder), in: folder)
        files.append(SourceFile(name: "\(revision):\(path)", bytes: bytes))
      }
    }
    return files
  }

  /// Follows symbolic links as they stood at a commit.
  private func target(
    of entry: Entry, at commit: String, in folder: String
  ) throws(CommandFailure) -> Entry {
    /// As deep as file systems follow them.
    let linksMax = 40
    var entry = entry
    for _ in 0..<linksMax where entry.isLink {
      let text = String(decoding: try content(of: entry, in: folder), as: UTF8.self)
      let path =
        text.hasPrefix("/") ? text : "\(FileSystem.parent(of: entry.path))/\(text)"
      guard let next = try entries(of: commit, in: folder, named: path).first, next.path != ""
      else {
        break
      }
      entry = next
    }
    guard !entry.isLink else {
      throw CommandFailure(
        .failure, .gitFailed,
        "'\(entry.path)' is a link at '\(revision)' that leads to no file in the repository")
    }
    return entry
  }

  /// The commit that the files are of, exactly as they are: nil if one of them is changed, not in git,
  /// or of another repository, and where git is missing. For the log: that it is not known is no error.
  static func commit(of arguments: [String], in world: World) -> String? {
    let git = GitFiles(revision: "HEAD", world: world)
    var commits: Set<String> = []
    for argument in arguments {
      let isFolder = FileSystem.kind(argument) == .folder
      let folder = isFolder ? argument : FileSystem.parent(of: argument)
      let name = isFolder ? "." : FileSystem.lastPart(of: argument)
      let words = [
        "--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false", "status",
        "--porcelain", "--ignored", "--untracked-files=all", "--", name,
      ]
      do throws(CommandFailure) {
        guard argument != "-", try git.run(words, in: folder)?.isEmpty == true else { return nil }
        commits.insert(try git.commit(in: folder))
      } catch {
        return nil
      }
    }
    return commits.count == 1 ? commits.first : nil
  }

  private struct Entry {
    /// From the folder that git was asked in.
    let path: String
    let object: String
    let isLink: Bool
  }

  private func run(_ arguments: [String], in folder: String) throws(CommandFailure) -> [UInt8]? {
    let world = world
    let run: (outcome: ChildProcess.Outcome, output: [UInt8])
    do throws(SystemError) {
      run = try ChildProcess.capture("git", location(folder) + arguments) {
        world.interruptedBy() != nil
      }
    } catch {
      throw CommandFailure(error, .gitFailed)
    }
    switch run.outcome {
    case .exited(0): return run.output
    case .exited(127):
      throw CommandFailure(
        .failure, .gitFailed, "the command 'git' is not installed, and --base needs it")
    case .interrupted:
      throw CommandFailure(
        ExitCode(interruptedBy: world.interruptedBy() ?? 2), .interrupted, "interrupted")
    case .exited, .signalled: return nil
    }
  }

  /// Options that lead git to a folder. A relative GIT_DIR, and what it takes for the top of the work
  /// tree then, are meant from where usher was started.
  private func location(_ folder: String) -> [String] {
    let paths = SourcePaths(root: "/", folder: world.workingFolder)
    var options = ["-C", folder]
    guard let directory = world.environment["GIT_DIR"], !directory.isEmpty else { return options }
    let tree = world.environment["GIT_WORK_TREE"] ?? "."
    options += ["--git-dir=/" + paths.relative(directory)]
    options += ["--work-tree=/" + paths.relative(tree)]
    return options
  }

  /// The commit that the revision names, as an object id.
  private func commit(in folder: String) throws(CommandFailure) -> String {
    guard try run(["rev-parse", "--git-dir"], in: folder) != nil else {
      throw CommandFailure(
        .failure, .gitFailed, "'\(folder)' is not in a git repository, and --base needs one")
    }
    // In two steps: a search such as ':/words' would take '^{commit}' for a part of its words.
    if let object = try object(revision, in: folder),
      let commit = try object.isEmpty ? nil : self.object("\(object)^{commit}", in: folder)
    {
      return commit
    }
    throw CommandFailure(
      .failure, .gitFailed, "git does not know the revision '\(revision)' here",
      help: try help(in: folder))
  }

  private func object(_ name: String, in folder: String) throws(CommandFailure) -> String? {
    let words = ["rev-parse", "--verify", "--quiet", "--end-of-options", name]
    guard let output = try run(words, in: folder) else { return nil }
    let id = line(output)
    return !id.isEmpty && id.allSatisfy(\.isHexDigit) ? id : nil
  }

  /// What to fetch. A clone made by a pipeline often has one commit of one branch.
  private func help(in folder: String) throws(CommandFailure) -> String {
    let output = try run(["rev-parse", "--is-shallow-repository"], in: folder) ?? []
    let isShallow = line(output) == "true"
    let remotes = String(decoding: try run(["remote"], in: folder) ?? [], as: UTF8.self)
      .split(separator: "\n")
    let depth = isShallow ? "--depth=1 " : ""
    let name = revision.hasPrefix("refs/remotes/") ? String(revision.dropFirst(13)) : revision
    for remote in remotes where name.hasPrefix("\(remote)/") {
      let branch = name.dropFirst(remote.utf8.count + 1)
      return "fetch it: git fetch \(depth)\(remote) "
        + "+refs/heads/\(branch):refs/remotes/\(remote)/\(branch)"
    }
    if let remote = remotes.first, isShallow, revision.utf8.allSatisfy(Self.isNameByte) {
      if revision.utf8.count == 40, revision.allSatisfy(\.isHexDigit) {
        return "fetch it: git fetch --depth=1 \(remote) \(revision)"
      }
      return "if it is a branch, fetch it: git fetch --depth=1 \(remote) "
        + "+refs/heads/\(revision):refs/remotes/\(remote)/\(revision) "
        + "and write --base \(remote)/\(revision)"
    }
    return isShallow
      ? "the clone is shallow; fetch its history: git fetch --unshallow"
      : "check its spelling, or fetch it"
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
      || "-_./".utf8.contains(byte)
  }

  /// The files below a folder, or the one of that name in it, at a commit.
  private func entries(
    of commit: String, in folder: String, named name: String?
  ) throws(CommandFailure) -> [Entry] {
    let words =
      ["--literal-pathspecs", "ls-tree", "-r", "-z", commit] + (name.map { ["--", $0] } ?? [])
    guard let output = try run(words, in: folder) else {
      throw CommandFailure(
        .failure, .gitFailed, "git cannot list '\(folder)' at '\(revision)'",
        help: "is the history complete? git fetch --unshallow")
    }
    var entries: [Entry] = []
    for record in output.split(separator: 0) {
      // MODE SP TYPE SP OBJECT TAB PATH; a submodule is no org file.
      guard let tab = record.firstIndex(of: 0x09) else { continue }
      let facts = String(decoding: record[..<tab], as: UTF8.self).split(separator: " ")
      guard facts.count == 3, facts[1] == "blob" else { continue }
      entries.append(
        Entry(
          path: String(decoding: record[(tab + 1)...], as: UTF8.self), object: String(facts[2]),
          isLink: facts[0] == "120000"))
    }
    return entries
  }

  private func content(of entry: Entry, in folder: String) throws(CommandFailure) -> [UInt8] {
    guard let bytes = try run(["cat-file", "blob", entry.object], in: folder) else {
      throw CommandFailure(
        .failure, .gitFailed, "git cannot read '\(entry.path)' at '\(revision)'")
    }
    return bytes
  }

  private func line(_ output: [UInt8]) -> String {
    String(decoding: output.prefix { $0 != 0x0A }, as: UTF8.self)
  }
}
