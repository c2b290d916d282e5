// DiskImage: what is on a simulated disk, and what of it would be there after a power cut.
//
// The model promises no more than POSIX does. The content of a file survives as far as it was synced;
// of what was added since, nothing, a part, or as many zeros. A name survives if its folder was synced
// since it was given or taken away; otherwise each name of the folder, by itself, is as it was at any
// time since: nothing keeps the order of unsynced names. After a sync of a file that failed, no later
// one makes good what was not on the disk.

import Foundation
import SystemCalls

/// Files and folders, from one root. A value: a copy is another disk.
public struct DiskImage: Sendable {
  struct File {
    var bytes: [UInt8] = []
    var syncedCount = 0
    var isSpoiled = false
  }

  struct Folder {
    var names: [String: Int] = [:]
    var synced: [String: Int] = [:]
    /// Names given (to a node) and taken away (nil) since the last sync.
    var changes: [(name: String, node: Int?)] = []
  }

  enum Node {
    case file(File)
    case folder(Folder)
  }

  /// Something that a power cut decides.
  public enum Doubt: Sendable {
    /// Whether a folder has a name, and for what.
    case name(String, folder: Int, nodes: [Int?])
    /// How much a file has of what was added since the last sync.
    case content(file: Int, from: Int, to: Int)

    /// How many ways it can go: the first loses the most, the last loses nothing.
    public var fateCount: Int {
      switch self {
      case .name(_, _, let nodes): return nodes.count
      case .content: return 4
      }
    }
  }

  static let root = 0
  var nodes: [Node] = [.folder(Folder())]

  /// An empty disk with these folders, which are synced.
  public init(folders: [String]) {
    for folder in folders {
      do {
        try addFolder(folder)
        try syncFolder(FileSystem.parent(of: folder))
      } catch {
        preconditionFailure("the outer folders come first: \(error)")
      }
    }
  }

  /// What is undecided as long as the power is on, in a fixed order.
  public var doubts: [Doubt] {
    var doubts: [Doubt] = []
    for (number, node) in nodes.enumerated() {
      switch node {
      case .file(let file) where file.syncedCount < file.bytes.count:
        doubts.append(.content(file: number, from: file.syncedCount, to: file.bytes.count))
      case .file: break
      case .folder(let folder):
        var seen: Set<String> = []
        for (name, _) in folder.changes where seen.insert(name).inserted {
          let later = folder.changes.filter { $0.name == name }.map(\.node)
          var nodes: [Int?] = []
          // The present one comes last.
          for node in [folder.synced[name]] + later {
            nodes.removeAll { $0 == node }; nodes.append(node)
          }
          if nodes.count > 1 { doubts.append(.name(name, folder: number, nodes: nodes)) }
        }
      }
    }
    return doubts
  }

  /// What is there when the power is back.
  /// - Parameter fates: For each of `doubts`, in their order, less than its `fateCount`.
  public func afterPowerCut(_ fates: [Int]) -> DiskImage {
    var image = self
    for (number, node) in nodes.enumerated() {
      guard case .folder(var folder) = node else { continue }
      folder.names = folder.synced
      image.nodes[number] = .folder(folder)
    }
    for (doubt, fate) in zip(doubts, fates) { image.decide(doubt, fate) }
    for (number, node) in image.nodes.enumerated() {
      switch node {
      case .file(var file):
        file.syncedCount = file.bytes.count
        file.isSpoiled = false
        image.nodes[number] = .file(file)
      case .folder(var folder):
        folder.synced = folder.names
        folder.changes = []
        image.nodes[number] = .folder(folder)
      }
    }
    return image
  }

  /// What is there after a power cut that lost nothing: also what is left when only the process died.
  public var keepingAll: DiskImage { afterPowerCut(doubts.map { $0.fateCount - 1 }) }

  private mutating func decide(_ doubt: Doubt, _ fate: Int) {
    switch doubt {
    case .name(let name, let number, let choices):
      guard case .folder(var folder) = nodes[number] else { return }
      folder.names[name] = choices[fate]
      nodes[number] = .folder(folder)
    case .content(let number, let start, let end):
      guard case .file(var file) = nodes[number] else { return }
      switch fate {
      case 0: file.bytes = Array(file.bytes[..<start])
      case 1:
        file.bytes = file.bytes[..<start] + [UInt8](repeating: 0, count: end - start)
      case 2: file.bytes = Array(file.bytes[..<((start + end) / 2)])
      default: break
      }
      nodes[number] = .file(file)
    }
  }
}

// Looking
extension DiskImage {
  /// All paths of files, with their content, sorted.
  public var files: [(path: String, bytes: [UInt8])] {
    var found: [(path: String, bytes: [UInt8])] = []
    collect(Self.root, "", into: &found)
    return found
  }

  /// The content of a file, or nil.
  public func bytes(_ path: String) -> [UInt8]? {
    guard let number = node(path), case .file(let file) = nodes[number] else { return nil }
    return file.bytes
  }

  /// All paths of folders, sorted.
  public var folders: [String] {
    var found: [String] = []
    collectFolders(Self.root, "", into: &found)
    return found
  }

  private func collectFolders(_ number: Int, _ path: String, into found: inout [String]) {
    guard case .folder(let folder) = nodes[number] else { return }
    found.append(path.isEmpty ? "/" : path)
    for (name, node) in folder.names.sorted(by: { $0.key < $1.key }) {
      collectFolders(node, "\(path)/\(name)", into: &found)
    }
  }

  private func collect(
    _ number: Int, _ path: String, into found: inout [(path: String, bytes: [UInt8])]
  ) {
    switch nodes[number] {
    case .file(let file): found.append((path, file.bytes))
    case .folder(let folder):
      for (name, node) in folder.names.sorted(by: { $0.key < $1.key }) {
        collect(node, "\(path)/\(name)", into: &found)
      }
    }
  }

  func node(_ path: String) -> Int? {
    var number = Self.root
    for part in path.split(separator: "/") {
      guard case .folder(let folder) = nodes[number], let next = folder.names[String(part)] else {
        return nil
      }
      number = next
    }
    return number
  }

  func folder(_ path: String, _ operation: String) throws(SystemError) -> (Int, Folder) {
    guard let number = node(path) else { throw SystemError(operation, path, ENOENT) }
    guard case .folder(let folder) = nodes[number] else {
      throw SystemError(operation, path, ENOTDIR)
    }
    return (number, folder)
  }

  func file(_ path: String) throws(SystemError) -> File {
    guard let number = node(path) else { throw SystemError("read", path, ENOENT) }
    guard case .file(let file) = nodes[number] else { throw SystemError("read", path, EISDIR) }
    return file
  }
}

// Changing
extension DiskImage {
  mutating func addFolder(_ path: String) throws(SystemError) {
    nodes.append(.folder(Folder()))
    do { try give(path, to: nodes.count - 1, "create the folder") } catch {
      nodes.removeLast()
      throw error
    }
  }

  mutating func addFile(_ path: String) throws(SystemError) -> Int {
    nodes.append(.file(File()))
    do { try give(path, to: nodes.count - 1, "create") } catch {
      nodes.removeLast()
      throw error
    }
    return nodes.count - 1
  }

  mutating func give(_ path: String, to node: Int, _ operation: String) throws(SystemError) {
    guard self.node(path) == nil else { throw SystemError(operation, path, EEXIST) }
    try rename(path, node, operation)
  }

  mutating func take(_ path: String, _ operation: String) throws(SystemError) {
    try rename(path, nil, operation)
  }

  /// Gives a name, which may be another node's, to a node or to nothing.
  mutating func rename(_ path: String, _ node: Int?, _ operation: String) throws(SystemError) {
    var (number, folder) = try folder(FileSystem.parent(of: path), operation)
    let name = FileSystem.lastPart(of: path)
    folder.names[name] = node
    folder.changes.append((name, node))
    nodes[number] = .folder(folder)
  }

  mutating func add(_ bytes: [UInt8], to number: Int) {
    guard case .file(var file) = nodes[number] else { return }
    file.bytes += bytes
    nodes[number] = .file(file)
  }

  mutating func sync(_ number: Int, isFailing: Bool = false) {
    guard case .file(var file) = nodes[number] else { return }
    if isFailing { file.isSpoiled = true }
    if !file.isSpoiled { file.syncedCount = file.bytes.count }
    nodes[number] = .file(file)
  }

  mutating func syncFolder(_ path: String) throws(SystemError) {
    var (number, folder) = try folder(path, "sync")
    folder.synced = folder.names
    folder.changes = []
    nodes[number] = .folder(folder)
  }
}
