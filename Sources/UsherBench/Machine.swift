// Machine: what the measurements were taken on, in terms that name no machine.

import SystemCalls

#if canImport(Glibc)
  @preconcurrency import Glibc
#elseif canImport(Musl)
  @preconcurrency import Musl
#else
  @preconcurrency import Darwin
#endif

enum Machine {
  /// `2 cores, Linux x86_64, Swift 6.2`.
  static var name: String {
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    let words = ["\(cores) \(cores == 1 ? "core" : "cores")", system, swift].compactMap { $0 }
    return words.joined(separator: ", ")
  }

  private static var system: String? {
    var names = utsname()
    guard uname(&names) == 0 else { return nil }
    return text(&names.sysname) + " " + text(&names.machine)
  }

  /// What the compiler in the PATH calls itself, which is the one that `swift run` builds with.
  private static var swift: String? {
    do throws(SystemError) {
      let run = try ChildProcess.capture("swift", ["--version"], isInterrupted: { false })
      let words = String(decoding: run.output, as: UTF8.self).split { $0 == " " || $0 == "\n" }
      guard let at = words.firstIndex(of: "version"), at + 1 < words.count else { return nil }
      return "Swift \(words[at + 1])"
    } catch {
      return nil  // the table is as true without it
    }
  }

  /// The text of a C array of characters.
  private static func text<Characters>(_ characters: inout Characters) -> String {
    withUnsafeBytes(of: &characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
