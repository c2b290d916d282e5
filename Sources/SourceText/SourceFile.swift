// SourceFile: the bytes of one text a user wrote, and where in it something stands.

/// One file as it was read, with the name under which messages speak of it.
public struct SourceFile: Sendable {
  /// The name as the user gave it or the folder yielded it; `-` for standard input.
  public let name: String
  /// The content, unchanged: not yet known to be UTF-8.
  public let bytes: [UInt8]

  /// Pairs a name with the bytes read under it.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// A place in one of the source files of a run: byte offsets, end exclusive.
public struct SourceRange: Hashable, Sendable {
  /// Index of the file in the list the run read.
  public let file: Int32
  /// Offset of the first byte.
  public let start: UInt32
  /// Offset behind the last byte; equal to `start` for a place between two bytes.
  public let end: UInt32

  /// Makes a range; `end` must not lie before `start`.
  public init(file: Int, start: Int, end: Int) {
    precondition(start >= 0 && end >= start, "a range ends where it starts or later")
    self.file = Int32(file)
    self.start = UInt32(start)
    self.end = UInt32(end)
  }
}

/// A line and a column as people count them: both from 1, columns in Unicode scalars.
public struct SourcePosition: Hashable, Sendable {
  /// Line number, from 1; LF, CRLF and CR each end a line.
  public let line: Int
  /// Column number, from 1, in Unicode scalars; a byte that is not UTF-8 counts as one.
  public let column: Int

  /// Makes a position.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}
