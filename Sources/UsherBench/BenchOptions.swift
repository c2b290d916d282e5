// BenchOptions: the command line of the bench.

/// A command line that is not understood.
struct BenchUsageError: Error {
  let message: String

  init(_ message: String) { self.message = message }
}

/// What is to be measured, and how it is told.
struct BenchOptions {
  /// How the measurements are printed.
  enum Form {
    case text
    case json
    /// The table of the README.
    case markdown
  }

  private static let numberMax = 10_000_000

  var members = 100_000
  var runs = 5
  /// How many commits the long log has.
  var commits = 2000
  var form = Form.text
  /// The usher that is measured, if it is not the one beside the bench.
  var usher: String?
  /// Whether times of a debug build are reported.
  var isDebugAllowed = false
  var isHelp = false
  var workloads: [Workload] = []

  /// Reads the arguments behind the program's name.
  init(_ arguments: [String]) throws(BenchUsageError) {
    var names: Set<String> = []
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "--members": members = try Self.number(word, rest.popFirst())
      case "--runs": runs = try Self.number(word, rest.popFirst())
      case "--commits": commits = try Self.number(word, rest.popFirst())
      case "--usher":
        guard let path = rest.popFirst(), path.contains("/") else {
          throw BenchUsageError("option '--usher' expects a path with a '/'")
        }
        usher = path
      case "--json": form = .json
      case "--markdown": form = .markdown
      case "--allow-debug": isDebugAllowed = true
      case "--help", "-h": isHelp = true
      case _ where word.hasPrefix("-"): throw BenchUsageError("option '\(word)' is unknown")
      case _ where !Workload.all.contains { $0.name == word }:
        throw BenchUsageError("workload '\(word)' is unknown")
      default: names.insert(word)
      }
    }
    let chosen = Workload.all.filter { names.isEmpty || names.contains($0.name) }
    // A ratio needs the floor of its size, whether it was asked for or not.
    let floors = Set(chosen.map { Workload.floor($0.scale).name })
    workloads = Workload.all.filter { work in
      floors.contains(work.name) || chosen.contains { $0.name == work.name }
    }
  }

  private static func number(_ option: String, _ text: String?) throws(BenchUsageError) -> Int {
    guard let text, let number = Int(text), (1...numberMax).contains(number) else {
      throw BenchUsageError("option '\(option)' expects a whole number from 1 to \(numberMax)")
    }
    return number
  }
}
