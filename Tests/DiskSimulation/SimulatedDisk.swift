// SimulatedDisk: a disk in memory that stops, tears and fails at the step it is told to.

import Foundation
import Synchronization
public import SystemCalls

/// Stands in for the disk of a machine, for one run of one process or of several.
public final class SimulatedDisk: Disk {
  /// One call that can fail.
  public struct Step: Sendable, CustomStringConvertible {
    /// What the call does.
    public enum Action: String, Sendable {
      case read, list, makeFolder, create, lock, write, flush, close, link, move, remove
      case flushFolder
    }

    /// What it does.
    public let action: Action
    /// To what.
    public let path: String
    /// How much it writes.
    public let byteCount: Int

    /// Whether it leaves the disk other than it found it.
    public var changesDisk: Bool { ![.read, .list, .lock, .close].contains(action) }
    /// Whether it fails on a disk that is full.
    public var takesSpace: Bool {
      [.makeFolder, .create, .write, .flush, .link, .move].contains(action)
    }
    /// Such as `link /state/commits/000000000001.json`.
    public var description: String { "\(action) \(path)" }
  }

  /// What goes wrong.
  public enum Fault: Sendable {
    /// The power fails before the step, right after it, or when so many bytes are written.
    case stopBefore, stopAfter, tear(Int)
    /// The step fails; of a write the first half is done, of everything else nothing.
    case fail(Int32)
    /// The step is done, but reported to have failed.
    case failAfter(Int32)
    /// The step is reported to be done, but is not.
    case skip
  }

  fileprivate struct State {
    var image: DiskImage
    var steps: [Step] = []
    var open: [Int32: Int] = [:]
    var locks: [Int: Int32] = [:]
    var serial: Int32 = 2
    var isStopped = false
    var readPaths: Set<String> = []
  }

  private let state: Mutex<State>
  private let shown: @Sendable ([String]) -> [String]
  private let fault: @Sendable (Int, Step) -> Fault?

  /// A disk that holds this.
  /// - Parameters:
  ///   - fault: Is asked before every step, with its index; it may use the disk itself.
  ///   - shown: What a listing shows of the names in a folder: less, if some came meanwhile.
  public init(
    _ image: DiskImage, fault: @escaping @Sendable (Int, Step) -> Fault? = { _, _ in nil },
    shown: @escaping @Sendable ([String]) -> [String] = { $0 }
  ) {
    state = Mutex(State(image: image))
    self.shown = shown
    self.fault = fault
  }

  /// What is on it.
  public var image: DiskImage { state.withLock { $0.image } }
  /// What was done so far.
  public var steps: [Step] { state.withLock { $0.steps } }
  /// Whether the power is off.
  public var isStopped: Bool { state.withLock { $0.isStopped } }
  /// The files whose content somebody looked at.
  public var readPaths: Set<String> { state.withLock { $0.readPaths } }

  private func step<Value: Sendable>(
    _ action: Step.Action, _ path: String, byteCount: Int = 0, orIfSkipped skipped: Value? = nil,
    inPart partly: @Sendable (inout State, _ byteCount: Int) -> Void = { _, _ in },
    _ effect: @Sendable (inout State) throws(SystemError) -> Value
  ) throws(SystemError) -> Value {
    let step = Step(action: action, path: path, byteCount: byteCount)
    let index = state.withLock { state in
      state.steps.append(step)
      return state.steps.count - 1
    }
    let fault = fault(index, step)
    let off = SystemError("use", path, EIO)
    return try state.withLock { (state) throws(SystemError) -> Value in
      guard !state.isStopped else { throw off }
      switch fault {
      case nil: return try effect(&state)
      case .stopBefore: state.isStopped = true
      case .stopAfter:
        state.isStopped = true
        _ = try effect(&state)
      case .tear(let count):
        state.isStopped = true
        partly(&state, count)
      case .fail(let number):
        partly(&state, byteCount / 2)
        throw SystemError("\(action)", path, number)
      case .failAfter(let number):
        _ = try effect(&state)
        throw SystemError("\(action)", path, number)
      case .skip: if let skipped { return skipped } else { return try effect(&state) }
      }
      throw off
    }
  }
}

// Reading
extension SimulatedDisk {
  /// See `Disk`.
  public func isLink(_ path: String) -> Bool { false }

  /// See `Disk`.
  public func kind(_ path: String) -> FileKind? {
    state.withLock { state in
      guard !state.isStopped, let node = state.image.node(path) else { return nil }
      if case .folder = state.image.nodes[node] { return .folder }
      return .file
    }
  }

  /// See `Disk`.
  public func identity(_ path: String) -> FileIdentity? {
    state.withLock { state in
      state.isStopped ? nil : state.image.node(path).map { Self.identity(ofNode: $0) }
    }
  }

  /// See `Disk`.
  public func identity(_ file: FileDescriptor) -> FileIdentity? {
    state.withLock { state in
      state.isStopped ? nil : state.open[file.number].map { Self.identity(ofNode: $0) }
    }
  }

  /// See `Disk`.
  public func readFile(_ path: String) throws(SystemError) -> [UInt8] {
    try step(.read, path) { (state) throws(SystemError) in
      state.readPaths.insert(path)
      return try state.image.file(path).bytes
    }
  }

  /// See `Disk`.
  public func readEnd(of path: String, bytesMax: Int) throws(SystemError) -> [UInt8] {
    try readFile(path).suffix(bytesMax)
  }

  /// See `Disk`.
  public func readPart(
    of path: String, from offset: Int, count: Int
  ) throws(SystemError) -> [UInt8] {
    Array(try readFile(path).dropFirst(offset).prefix(count))
  }

  /// See `Disk`.
  public func listFolder(_ path: String) throws(SystemError) -> [String] {
    let names = try step(.list, path) { (state) throws(SystemError) in
      try state.image.folder(path, "read").1.names.keys.sorted()
    }
    return shown(names)
  }

  private static func identity(ofNode number: Int) -> FileIdentity {
    FileIdentity(device: 1, inode: UInt64(number))
  }
}

// Writing
extension SimulatedDisk {
  /// See `Disk`.
  public func makeFolder(_ path: String, mode: UInt32) throws(SystemError) {
    try step(.makeFolder, path) { (state) throws(SystemError) in try state.image.addFolder(path) }
  }

  /// See `Disk`.
  public func create(_ path: String, mode: UInt32) throws(SystemError) -> FileDescriptor {
    try step(.create, path) { (state) throws(SystemError) in
      let node = try state.image.addFile(path)
      return state.openNode(node, path)
    }
  }

  /// See `Disk`.
  public func openForLock(_ path: String) -> FileDescriptor? {
    state.withLock { state in
      guard !state.isStopped, let node = state.image.node(path) else { return nil }
      return state.openNode(node, path)
    }
  }

  /// See `Disk`.
  public func lock(_ file: FileDescriptor) throws(SystemError) -> Bool {
    try step(.lock, file.path) { (state) throws(SystemError) in
      let node = try state.node(of: file)
      if let holder = state.locks[node] { return holder == file.number }
      state.locks[node] = file.number
      return true
    }
  }

  /// See `Disk`.
  public func write(_ bytes: [UInt8], to file: FileDescriptor) throws(SystemError) {
    try step(
      .write, file.path, byteCount: bytes.count,
      inPart: { state, count in
        if let node = state.open[file.number] {
          state.image.add(Array(bytes.prefix(count)), to: node)
        }
      },
      { (state) throws(SystemError) in state.image.add(bytes, to: try state.node(of: file)) })
  }

  /// See `Disk`.
  public func flush(_ file: FileDescriptor) throws(SystemError) {
    try step(
      .flush, file.path, orIfSkipped: (),
      inPart: { state, _ in
        if let node = state.open[file.number] { state.image.sync(node, isFailing: true) }
      },
      { (state) throws(SystemError) in state.image.sync(try state.node(of: file)) })
  }

  /// See `Disk`.
  public func close(_ file: FileDescriptor) throws(SystemError) {
    try step(
      .close, file.path, inPart: { state, _ in state.close(file) },
      { (state) throws(SystemError) in
        _ = try state.node(of: file)
        state.close(file)
      })
  }

  /// See `Disk`.
  public func link(_ path: String, as name: String) throws(SystemError) {
    try step(.link, name) { (state) throws(SystemError) in
      guard let node = state.image.node(path) else { throw SystemError("create", name, ENOENT) }
      try state.image.give(name, to: node, "create")
    }
  }

  /// See `Disk`.
  public func move(_ path: String, to name: String) throws(SystemError) {
    try step(.move, name) { (state) throws(SystemError) in
      guard let node = state.image.node(path) else { throw SystemError("create", name, ENOENT) }
      try state.image.rename(name, node, "create")
      try state.image.take(path, "create")
    }
  }

  /// See `Disk`.
  public func remove(_ path: String) throws(SystemError) {
    try step(.remove, path) { (state) throws(SystemError) in
      guard state.image.node(path) != nil else { return }
      try state.image.take(path, "remove")
    }
  }

  /// See `Disk`.
  public func flushFolder(_ path: String) throws(SystemError) {
    try step(.flushFolder, path, orIfSkipped: ()) { (state) throws(SystemError) in
      try state.image.syncFolder(path)
    }
  }
}

extension SimulatedDisk.State {
  fileprivate mutating func openNode(_ node: Int, _ path: String) -> FileDescriptor {
    serial += 1
    open[serial] = node
    return FileDescriptor(number: serial, path: path)
  }

  fileprivate func node(of file: FileDescriptor) throws(SystemError) -> Int {
    guard let node = open[file.number] else { throw SystemError("use", file.path, EBADF) }
    return node
  }

  fileprivate mutating func close(_ file: FileDescriptor) {
    guard let node = open.removeValue(forKey: file.number) else { return }
    if locks[node] == file.number { locks[node] = nil }
  }
}
