// Diagnostic: one thing found in what the user wrote, collected while reading goes on.

/// A finding in the user's input: what was found, what was expected, where, and what to do.
public struct Diagnostic: Hashable, Sendable {
  /// Whether the finding stops the command or only informs.
  public enum Severity: String, Sendable {
    case error
    case warning
  }

  /// The stable code, `E…` for errors and `W…` for warnings; see `DiagnosticCode`.
  public let code: DiagnosticCode
  /// One lower-case sentence without a final stop.
  public let message: String
  /// Where it stands; nil if no place in a file is to blame.
  public let range: SourceRange?
  /// The likely correction, such as `did you mean 'standard'?`.
  public let help: String?

  /// Makes a finding.
  public init(
    _ code: DiagnosticCode, _ message: String, at range: SourceRange?, help: String? = nil
  ) {
    self.code = code
    self.message = message
    self.range = range
    self.help = help
  }

  /// Error or warning, as the code says.
  public var severity: Severity { code.severity }
}

/// The findings of one run.
public struct Diagnostics: Sendable {
  /// All findings, in the order in which they were reported.
  public private(set) var all: [Diagnostic] = []

  /// Starts without findings.
  public init() {}

  /// Adds a finding.
  public mutating func report(
    _ code: DiagnosticCode, _ message: String, at range: SourceRange?, help: String? = nil
  ) {
    all.append(Diagnostic(code, message, at: range, help: help))
  }

  /// Adds the findings of a later step.
  public mutating func append(_ more: [Diagnostic]) { all += more }

  /// Whether any finding is an error.
  public var hasErrors: Bool { all.contains { $0.severity == .error } }

  /// The findings by file, place and code: the order in which they are shown.
  public var sorted: [Diagnostic] {
    all.enumerated().sorted { left, right in
      let (a, b) = (left.element, right.element)
      let aKey = (a.range?.file ?? .max, a.range?.start ?? .max, a.code.rawValue, left.offset)
      let bKey = (b.range?.file ?? .max, b.range?.start ?? .max, b.code.rawValue, right.offset)
      return aKey < bKey
    }.map(\.element)
  }
}
