// FileSystem+Exposure: what others can do where secrets are put, and links that lead elsewhere.

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

/// What those who are neither its owner nor of its group may do with a folder.
public struct FolderExposure: Hashable, Sendable {
  /// Whether they see the names in it.
  public let isListable: Bool
  /// Whether they can take files in it away and put others there: they may write, and no sticky bit
  /// keeps them to their own files.
  public let isReplaceable: Bool
}

extension FileSystem {
  /// What everybody may do with a folder itself, whatever stands above it; nil if there is none.
  public static func exposure(ofFolder path: String) -> FolderExposure? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    return FolderExposure(
      isListable: status.st_mode & S_IROTH != 0,
      isReplaceable: status.st_mode & S_IWOTH != 0 && status.st_mode & S_ISVTX == 0)
  }

  /// Whether the path itself is a symbolic link.
  public static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}
