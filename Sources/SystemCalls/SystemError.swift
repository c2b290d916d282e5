// SystemError: a system call that failed, with what it was about.

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

/// What could not be done, to what, and why.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The operation in words, such as `create`.
  public let operation: String
  /// The file or command it was about.
  public let path: String
  /// The system's error number.
  public let number: Int32

  /// Makes an error.
  public init(_ operation: String, _ path: String, _ number: Int32) {
    self.operation = operation
    self.path = path
    self.number = number
  }

  /// That something is a pipe or a device where a plain file belongs.
  public static func notPlain(_ operation: String, _ path: String) -> SystemError {
    SystemError(operation, path, EINVAL)
  }

  /// That a signal came before it was done.
  public static func interrupted(_ operation: String, _ path: String) -> SystemError {
    SystemError(operation, path, EINTR)
  }

  static func last(_ operation: String, _ path: String) -> SystemError {
    SystemError(operation, path, errno)
  }

  /// Whether a file that should be new exists already.
  public var isExisting: Bool { number == EEXIST }
  /// Whether the file does not exist.
  public var isMissing: Bool { number == ENOENT }
  /// Whether the rights to the file do not suffice.
  public var isDenied: Bool { number == EACCES || number == EPERM }
  /// Whether the file system does not know the operation.
  public var isUnsupported: Bool { number == EINVAL || number == ENOTSUP || number == EROFS }

  /// `cannot create 'x': No space left on device`.
  public var description: String {
    "cannot \(operation) '\(path)': \(String(cString: strerror(number)))"
  }
}
