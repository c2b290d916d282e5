// ScratchFolder: a temporary folder that is gone afterwards, with everything in it.

import SystemCalls

#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Musl)
  @preconcurrency import Musl
#else
  @preconcurrency import Darwin
#endif

/// A folder that belongs to one run.
struct ScratchFolder {
  /// Where it is.
  let path: String

  /// Creates it.
  /// - Throws: `SystemError`.
  init(below folder: String) throws(SystemError) {
    path = "\(folder)/usher-bench-\(Host.randomName())"
    try FileSystem.makeFolder(path, mode: 0o700)
  }

  /// Removes it with everything in it.
  /// - Throws: `SystemError`.
  func remove() throws(SystemError) { try Self.remove(path) }

  /// Makes a folder empty, which need not exist.
  /// - Throws: `SystemError`.
  static func renew(_ path: String) throws(SystemError) {
    if FileSystem.kind(path) != nil { try remove(path) }
    try FileSystem.makeFolder(path, mode: 0o700)
  }

  /// Gives everything in a folder a name in another, which is created: what is there never changes,
  /// as in a store.
  /// - Throws: `SystemError`.
  static func link(_ path: String, as copy: String) throws(SystemError) {
    guard FileSystem.kind(path) == .folder else { return try FileSystem.link(path, as: copy) }
    try FileSystem.makeFolder(copy, mode: 0o700)
    for name in try FileSystem.listFolder(path) {
      try link("\(path)/\(name)", as: "\(copy)/\(name)")
    }
  }

  private static func remove(_ path: String) throws(SystemError) {
    guard FileSystem.kind(path) == .folder, !FileSystem.isLink(path) else {
      return try FileSystem.remove(path)
    }
    for name in try FileSystem.listFolder(path) { try remove("\(path)/\(name)") }
    guard rmdir(path) == 0 else { throw SystemError("remove", path, errno) }
  }
}
