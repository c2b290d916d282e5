// RunningGateway: a real gateway in front of a backend that shows what it gets, and curl in front of that.

import Foundation
import OrgModel
import Testing

/// What a client or the backend sees of a call.
struct Reply {
  /// 0 if nobody answered.
  let status: Int
  /// By name, in lower case.
  let headers: [String: String]
  let body: String

  /// What `curl -i` printed; line ends are one character each there.
  init(_ text: String) {
    let parts = text.replacing("\r\n", with: "\n").components(separatedBy: "\n\n")
    let lines = parts[0].components(separatedBy: "\n")
    let words = lines[0].split(separator: " ")
    status = words.count > 1 && words[0].hasPrefix("HTTP/") ? Int(words[1]) ?? 0 : 0
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...]
        .trimmingCharacters(in: .whitespaces)
    }
    self.headers = headers
    body = parts.dropFirst().joined(separator: "\n\n")
  }

  /// The headers that the backend got, a line each.
  var received: [String] {
    // HAProxy escapes what is no printable character.
    (body.removingPercentEncoding ?? body).replacing("\r\n", with: "\n").split(separator: "\n")
      .map(String.init)
  }

  /// The code of the error that the body tells, as JSON.
  var errorCode: String? {
    let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
    return (object?["error"] as? [String: Any])?["code"] as? String
  }
}

/// Something that the test waited for did not come.
struct Overdue: Error {
  let what: String
}

/// A gateway that runs until this is gone. It listens on a socket in the sandbox, so that no port is
/// taken twice.
final class RunningGateway {
  /// Whom the gateway is to let through.
  static let org = """
    organization: acme
    subscriptions:
      pro: { seats: 4, expires: 2099-01-31 }
    policy:
      max_removals: 100%
    members:
      alice: { role: owner }
      bob: { seat: pro }
      carol: { seat: pro }

    """

  let sandbox: Sandbox
  private let usher: RealUsher
  private let child: RealUsher.Child
  private let backend: RealUsher.Child?
  /// Whether it has begun to answer. From then on it always does.
  private var isAnswering = false

  /// Starts a program, with a backend if that is one of its own, and waits until it answers.
  init(
    _ program: String, before backend: String? = nil, in sandbox: Sandbox,
    _ environment: [String: String]
  ) throws {
    self.sandbox = sandbox
    let usher = RealUsher(sandbox: sandbox, environment: environment)
    self.usher = usher
    self.backend = try backend.map { try usher.start("exec \($0)") }
    child = try usher.start("exec \(program)")
    try wait(for: "an answer") { try call("/").status != 0 }
    if backend != nil {
      try wait(for: "the backend") { sandbox.exists("backend.sock") }
    }
    isAnswering = true
  }

  deinit {
    for child in [child, backend].compactMap({ $0 }) {
      child.send(SIGTERM)
      if let run = try? child.wait(),
        run.errors.contains("[emerg]") || run.errors.contains("[ALERT]")
      {
        Issue.record("\(run.errors)")
      }
    }
  }

  /// The number of its process.
  var number: Int32 { child.number }

  /// Asks again and again until something holds, for a minute at most.
  func wait(for what: String, until isThere: () throws -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: 60)
    while try !isThere() {
      guard Date() < deadline else { throw Overdue(what: what) }
    }
  }

  /// One call, with the key where it belongs.
  func call(_ target: String, key: String, _ more: [String] = []) throws -> Reply {
    try call(target, ["Authorization: Bearer \(key)"] + more)
  }

  /// One call with these headers and nothing else.
  func call(_ target: String, _ headers: [String] = []) throws -> Reply {
    try sandbox.write(headers.map { $0 + "\n" }.joined(), to: "headers")
    let line =
      "curl --silent --show-error --include --globoff --path-as-is --max-time 60 "
      + "--unix-socket gateway.sock --header @headers 'http://gateway\(target)'"
    let run = try usher.shell(line)
    let reply = Reply(run.output)
    if isAnswering, reply.status == 0 {
      throw Overdue(what: "an answer: \(run.code) \(run.errors)")
    }
    return reply
  }

  /// A connection of the test's own.
  func connection() throws -> GatewayConnection {
    try GatewayConnection(path: sandbox.path("gateway.sock"))
  }

  /// Runs a line of shell beside it.
  func shell(_ line: String) throws -> Run { try usher.shell(line) }
}

extension RunningGateway {
  /// The folder of what an admin copies.
  static let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("examples").path

  /// A backend, in HAProxy too: it answers with the headers it got, the values of its query as what
  /// the call cost, and one header that has nothing to do with usher.
  static func writeBackend(in sandbox: Sandbox) throws {
    let costs = [
      ("Credits", "credits"), ("Model", "model"), ("Input-Tokens", "in"),
      // What is said a second time.
      ("Credits", "credits2"), ("Model", "model2"), ("Input-Tokens", "in2"),
    ].map {
      "hdr X-Usher-\($0) %[urlp(\($1)),url_dec]"
    }.joined(separator: " ")
    try sandbox.write(
      """
      defaults test
        mode http
        timeout client 60s
      frontend backend from test
        bind unix@\(sandbox.path("backend.sock"))
        http-request wait-for-body time 60s if METH_POST
        http-request return status 200 content-type text/plain hdr X-Other kept \(costs) \
      lf-string "%[req.hdrs]"

      """, to: "backend.cfg")
  }

  /// The example for HAProxy as it stands, with the map `usher.map`.
  static func haproxy(in sandbox: Sandbox) throws -> RunningGateway {
    try writeBackend(in: sandbox)
    return try RunningGateway(
      "haproxy -W -f backend.cfg -f '\(examples)/haproxy/usher.cfg' > usage.jsonl 2> access.jsonl",
      in: sandbox,
      [
        "USHER_LISTEN": "unix@\(sandbox.path("gateway.sock"))",
        "USHER_BACKEND": "unix@\(sandbox.path("backend.sock"))",
        "USHER_MAP": sandbox.path("usher.map"), "USHER_STATE": sandbox.path("state"),
      ])
  }

  /// Expects a key that is revoked meanwhile to open nothing more on connections that were open before,
  /// and a call that runs to come to its end.
  func expectNoMoreCalls(by key: String, after changes: () throws -> [Run]) throws {
    let call = "GET / HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer \(key)\r\n"
    let (idle, fresh, begun) = (try connection(), try connection(), try connection())
    idle.send(call + "\r\n")
    try idle.wait(for: "HTTP/1.1 200")
    begun.send(call)
    let running = try connection()
    running.send(
      "POST / HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer \(key)\r\n"
        + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    try running.wait(for: "HTTP/1.1 100")
    for run in try changes() { #expect(run.code == 0, "\(run.errors)") }
    // The old worker closes what is idle as soon as it stops.
    _ = try idle.rest()
    fresh.send(call + "\r\n")
    begun.send("\r\n")
    for connection in [fresh, begun] {
      let reply = try connection.reply()
      #expect(reply.status == 503 && reply.errorCode == "reloaded", "\(reply.body)")
      #expect(reply.headers["retry-after"] == "1")
      #expect(reply.headers["content-type"] == "application/json")
    }
    running.send("ab")
    let end = try running.rest()
    #expect(end.contains("HTTP/1.1 200") && end.lowercased().contains("carol"), "\(end)")
    try wait(for: "a refusal") { try self.call("/", key: key).status == 401 }
  }

  /// Expects a key to be let through up to an instant, and from it on no more, whatever runs.
  func expectEnd(of key: String, at end: Instant) throws {
    var statuses: Set<Int> = []
    try wait(for: "the end") {
      let before = Int64(Date().timeIntervalSince1970)
      let status = try call("/", key: key).status
      let after = Int64(Date().timeIntervalSince1970)
      statuses.insert(status)
      if after < end.seconds { #expect(status == 200) }
      if before >= end.seconds { #expect(status == 401) }
      return before >= end.seconds
    }
    #expect(statuses == [200, 401])
  }
}
