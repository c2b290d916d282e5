// SourcePaths: how the platforms want files to be called: from the top of the repository.

/// Turns the names of files as the user gave them into paths from the top of the repository.
public struct SourcePaths: Sendable {
  private let root: [String]
  private let folder: [String]

  /// - Parameters:
  ///   - root: The absolute path of the repository.
  ///   - folder: The absolute path of the folder that relative names start from.
  public init(root: String, folder: String) {
    self.folder = Self.parts(folder, from: [])
    self.root = root.hasPrefix("/") ? Self.parts(root, from: []) : self.folder
  }

  /// The path from the top of the repository; outside of it, one that begins with `..`.
  public func relative(_ name: String) -> String {
    guard name != "-" else { return name }
    let path = Self.parts(name, from: name.hasPrefix("/") ? [] : folder)
    let common = zip(path, root).prefix { $0 == $1 }.count
    let up = [String](repeating: "..", count: root.count - common)
    return (up + path[common...]).joined(separator: "/")
  }

  /// The same as a URI reference (RFC 3986).
  func uri(_ name: String) -> String {
    var uri = ""
    for byte in relative(name).utf8 {
      let isPlain =
        byte >= 0x61 && byte <= 0x7A || byte >= 0x41 && byte <= 0x5A || byte >= 0x30 && byte <= 0x39
        || "-._~/".utf8.contains(byte)
      if isPlain {
        uri.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        uri += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return uri
  }

  private static func parts(_ path: String, from start: [String]) -> [String] {
    var parts = start
    for part in path.split(separator: "/") {
      switch part {
      case ".": continue
      case "..": if !parts.isEmpty { parts.removeLast() }
      default: parts.append(String(part))
      }
    }
    return parts
  }
}
