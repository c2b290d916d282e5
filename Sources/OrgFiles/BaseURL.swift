// BaseURL: what a client can call and a terminal can show; RFC 3986 leaves more to be said.

import OrgModel

/// The rules for `base_url`.
enum BaseURL {
  /// The most characters a base URL has.
  static let lengthMax = OrganizationText.baseURLLengthMax

  struct Finding {
    let message: String
    let help: String?
  }

  /// What is wrong with a base URL; nil if nothing is.
  static func finding(in text: String) -> Finding? {
    let bytes = Array(text.utf8)
    guard bytes.count <= lengthMax else {
      return Finding(
        message: "has \(bytes.count) characters; expected at most \(lengthMax)", help: nil)
    }
    if let byte = bytes.first(where: OrganizationText.isNoURLByte) {
      return Finding(
        message:
          "contains \(name(of: byte)); expected ASCII without spaces, quotes, backslashes or "
          + "angle brackets", help: "percent-encode it")
    }
    let lowered = text.lowercased()
    guard let scheme = ["https://", "http://"].first(where: { lowered.hasPrefix($0) }) else {
      return Finding(
        message: "is not absolute; expected https:// or http:// and a host",
        help: text.isEmpty || text.hasPrefix("/") || text.contains(":")
          ? nil : "did you mean 'https://\(text)'?")
    }
    guard hasHost(bytes[scheme.utf8.count...]) else {
      return Finding(
        message: "names no host; expected one behind \(scheme)",
        help: "write it as https://llm.example.com/v1")
    }
    return nil
  }

  private static func name(of byte: UInt8) -> String {
    switch byte {
    case 0x20: return "a space"
    case 0..<0x20, 0x7F: return "a control character"
    case 0x80...: return "a character that is not ASCII"
    default: return "the character \(Unicode.Scalar(byte))"
    }
  }

  /// Whether `[USER@]HOST[:PORT]` has a host, and a port of digits if any.
  private static func hasHost(_ rest: ArraySlice<UInt8>) -> Bool {
    let authority = rest.prefix { !"/?#".utf8.contains($0) }
    let start = authority.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? authority.startIndex
    let hostAndPort = authority[start...]
    var port = ArraySlice<UInt8>()
    var host = hostAndPort
    if hostAndPort.first == UInt8(ascii: "[") {
      guard let end = hostAndPort.firstIndex(of: UInt8(ascii: "]")), end > start + 1 else {
        return false
      }
      (host, port) = (hostAndPort[...end], hostAndPort[(end + 1)...])
    } else if let colon = hostAndPort.firstIndex(of: UInt8(ascii: ":")) {
      (host, port) = (hostAndPort[..<colon], hostAndPort[colon...])
    }
    guard !host.isEmpty else { return false }
    return port.isEmpty
      || (port.first == UInt8(ascii: ":")
        && port.dropFirst().allSatisfy { $0 >= 0x30 && $0 <= 0x39 })
  }
}
