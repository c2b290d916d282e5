// FileSystem+Folders: a folder together with those above it that are missing.

extension FileSystem {
  /// Creates a folder and those above it, as far as they are missing.
  /// - Returns: Those that were missing, the outermost first, even if somebody else made them first.
  /// - Throws: `SystemError`. That it exists, or appears meanwhile, is no error.
  @discardableResult
  public static func makeFolders(_ path: String, mode: UInt32) throws(SystemError) -> [String] {
    try LocalDisk().makeFolders(path, mode: mode)
  }
}
