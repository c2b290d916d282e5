// FileSystem+Folders: a folder together with those above it that are missing.

extension FileSystem {
  /// Creates a folder and those above it, as far as they are missing.
  /// - Returns: Those that were missing, the outermost first, even if somebody else made them first.
  /// - Throws: `SystemError`. That it exists, or appears meanwhile, is no error.
  @discardableResult
  public static func makeFolders(_ path: String, mode: UInt32) throws(SystemError) -> [String] {
    var missing: [String] = []
    var folder = path
    while kind(folder) == nil {
      missing.append(folder)
      let parent = parent(of: folder)
      if parent == folder { break }
      folder = parent
    }
    for folder in missing.reversed() {
      do throws(SystemError) { try makeFolder(folder, mode: mode) } catch {
        if !error.isExisting { throw error }
      }
    }
    return missing.reversed()
  }
}
