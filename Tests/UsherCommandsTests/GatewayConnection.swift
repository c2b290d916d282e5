// GatewayConnection: one connection to a gateway, byte by byte, for what no client does that obeys.

import Foundation
import Testing

/// A connection to a socket that stays open as long as a test wants it.
final class GatewayConnection {
  private let socket: Int32
  /// What came and was not asked for yet.
  private var bytes: [UInt8] = []

  /// - Throws: `Overdue` if nobody listens there.
  init(path: String) throws {
    #if canImport(Darwin)
      socket = Foundation.socket(AF_UNIX, SOCK_STREAM, 0)
    #else
      socket = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    let length = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, length)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw Overdue(what: "a connection: \(errno)") }
  }

  deinit { close(socket) }

  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.send(socket, $0.baseAddress, $0.count, 0) }
      // A gateway may refuse what it has not read to the end; its answer says so.
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Everything up to the end of the connection, which the gateway has to make.
  func rest() throws -> String {
    while try receive() {}
    defer { bytes = [] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Waits until something came, and leaves it in place.
  func wait(for text: String) throws {
    while !String(decoding: bytes, as: UTF8.self).contains(text) {
      guard try receive() else { throw Overdue(what: "\(text) before the end") }
    }
  }

  /// The answer after which the gateway closes the connection.
  func reply() throws -> Reply { Reply(try rest()) }

  /// The answer whose body is an error; the gateway may go on to wait for what the client has not sent.
  func refusal() throws -> Reply {
    while !String(decoding: bytes, as: UTF8.self).contains("}}"), try receive() {}
    defer { bytes = [] }
    return Reply(String(decoding: bytes, as: UTF8.self))
  }

  /// Whether something more came, and not the end.
  private func receive() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(socket, &buffer, buffer.count, 0)
    // Who closes while something is unread sends a reset instead of an end.
    guard count >= 0 || errno == ECONNRESET else { throw Overdue(what: "bytes: \(errno)") }
    bytes += buffer.prefix(max(0, count))
    return count > 0
  }
}

// HTTP/2 (RFC 9113) by a client that goes on after GOAWAY. Headers go as literals (RFC 7541, 6.2.2).
extension GatewayConnection {
  /// Begins; the gateway takes it for HTTP/2 by these first bytes.
  func beginHTTP2() {
    send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    send(frame(type: 4, flags: 0, stream: 0, []))
  }

  /// One call on a stream of its own, odd and greater than the ones before; its status.
  func statusOfHTTP2Call(stream: UInt8, key: String) throws -> Int {
    var headers: [UInt8] = []
    for (name, value) in [
      (":method", "GET"), (":scheme", "http"), (":authority", "gateway"), (":path", "/"),
      ("authorization", "Bearer \(key)"),
    ] {
      headers.append(0)
      for text in [name, value] {
        headers.append(UInt8(text.utf8.count))
        headers += Array(text.utf8)
      }
    }
    // END_STREAM and END_HEADERS.
    send(frame(type: 1, flags: 5, stream: stream, headers))
    while true {
      while bytes.count < 9 || bytes.count < 9 + length {
        guard try receive() else { throw Overdue(what: "an answer before the end") }
      }
      let (type, of) = (bytes[3], bytes[8])
      let payload = Array(bytes[9..<9 + length])
      bytes.removeFirst(9 + length)
      if type == 1, of == stream { return try #require(status(payload)) }
    }
  }

  private func frame(type: UInt8, flags: UInt8, stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let (high, low) = (UInt8(payload.count >> 8), UInt8(payload.count & 0xFF))
    let head: [UInt8] = [0, high, low, type, flags, 0, 0, 0, stream]
    return head + payload
  }

  /// The length of the payload of the frame that comes next.
  private var length: Int { Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2]) }

  /// The status is the first header; usual ones are numbers of RFC 7541's static table.
  private func status(_ payload: [UInt8]) -> Int? {
    guard let first = payload.first else { return nil }
    let usual: [UInt8: Int] = [
      0x88: 200, 0x89: 204, 0x8A: 206, 0x8B: 304, 0x8C: 400, 0x8D: 404, 0x8E: 500,
    ]
    return usual[first] ?? Int(String(decoding: payload.dropFirst(2).prefix(3), as: UTF8.self))
  }
}
