// NginxTests: the example for nginx, with the real nginx, njs and curl.
//
// They run where all are installed; .ci/run installs them.

import Digests
import Foundation
import OrgModel
import Testing

private let org = RunningGateway.org
private let module = "/usr/lib/nginx/modules/ngx_http_js_module.so"
private let isInstalled =
  RealUsher.has("nginx") && RealUsher.has("haproxy") && RealUsher.has("curl")
  && FileManager.default.fileExists(atPath: module)

// The backend is a HAProxy here, too.
@Suite(.enabled(if: isInstalled, "nginx with njs, haproxy and curl are not installed"))
struct NginxTests {
  private let sandbox: Sandbox
  private let script = "'\(RunningGateway.examples)/nginx/usher-reload'"

  init() throws {
    sandbox = try Sandbox()
    #expect(try sandbox.apply(org).code == 0)
  }

  /// Writes the map as the script does, and says what is done to load it.
  private func reload(_ command: String) throws -> Run {
    try RealUsher(
      sandbox: sandbox,
      environment: ["USHER_MAP": sandbox.path("usher.map"), "USHER_STATE": sandbox.path("state")]
    ).shell("USHER_RELOAD='\(command)' \(script)")
  }

  /// The example, but for where it listens, where the backend is and where logs go.
  private func gateway() throws -> RunningGateway {
    try RunningGateway.writeBackend(in: sandbox)
    #expect(try reload("true").code == 0)
    let folder = "\(RunningGateway.examples)/nginx"
    var text = try String(contentsOfFile: "\(folder)/usher.conf", encoding: .utf8)
    for (find, put) in [
      ("listen 127.0.0.1:8080", "listen unix:\(sandbox.path("gateway.sock"))"),
      ("server 127.0.0.1:9000", "server unix:\(sandbox.path("backend.sock"))"),
      ("/var/log/nginx/", sandbox.path("")),
    ] {
      try #require(text.contains(find))
      text.replace(find, with: put)
    }
    try sandbox.write(text, to: "usher.conf")
    try sandbox.write(
      String(contentsOfFile: "\(folder)/usher.js", encoding: .utf8), to: "usher.js")
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
      "\($0)_temp_path \(sandbox.path("temporary-\($0)"));"
    }
    try sandbox.write(
      """
      load_module \(module);
      daemon off;
      pid \(sandbox.path("pid"));
      error_log \(sandbox.path("error.log")) error;
      # The sockets of the test are its own user's; only root may say so, others are warned.
      user root;
      events {}
      http {
        \(paths.joined(separator: "\n  "))
        include usher.conf;
      }

      """, to: "nginx.conf")
    return try RunningGateway(
      "nginx -p '\(sandbox.folder)' -c '\(sandbox.path("nginx.conf"))'",
      before: "haproxy -f backend.cfg", in: sandbox, [:])
  }

  /// Loads the map, and waits until nobody answers any more who had the one before.
  private func load(_ gateway: RunningGateway) throws {
    func workers() throws -> String {
      let path = "/proc/\(gateway.number)/task/\(gateway.number)/children"
      return try String(contentsOfFile: path, encoding: .utf8)
    }
    let before = try workers()
    kill(gateway.number, SIGHUP)
    try gateway.wait(for: "the new worker alone") {
      let now = try workers()
      return now != before && now.split(separator: " ").count == 1
    }
  }

  private func lines(_ name: String) throws -> [[String: Any]] {
    try sandbox.read(name).split(separator: "\n").map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any], "\($0)")
    }
  }

  @Test func `an issued key works, and is refused once its seat is reclaimed and the map reloaded`()
    throws
  {
    let gateway = try gateway()
    let (bob, carol) = (try sandbox.key(of: "bob"), try sandbox.key(of: "carol"))
    #expect(try gateway.call("/v1/chat", key: carol).status == 200)
    #expect(try sandbox.apply(org.replacing("carol: { seat: pro }", with: "carol: {}")).code == 0)
    #expect(try reload("exit 7").code == 7)
    #expect(try reload("kill -HUP \(gateway.number)").code == 0)
    try gateway.wait(for: "a refusal") { try gateway.call("/v1/chat", key: carol).status == 401 }
    #expect(try gateway.call("/v1/chat", key: bob).status == 200)
    #expect(try reload("echo reloaded").output == "")
  }

  @Test func `a revoked key opens nothing on connections that were open before the reload`() throws
  {
    let gateway = try gateway()
    try gateway.expectNoMoreCalls(by: try sandbox.key(of: "carol")) {
      let run = try sandbox.apply(org.replacing("carol: { seat: pro }", with: "carol: {}"))
      return [run, try reload("kill -HUP \(gateway.number)")]
    }
  }

  @Test func `what nginx itself refuses or cannot have done is told in JSON, a missing key first`()
    throws
  {
    let gateway = try gateway()
    let key = "Authorization: Bearer \(try sandbox.key(of: "carol"))\r\n"
    let large = "Content-Length: 999999999\r\n"
    let path = String(repeating: "a", count: 40_000)
    func expect(_ line: String, _ headers: String, _ status: Int, _ code: String) throws {
      let connection = try gateway.connection()
      connection.send("\(line)\r\nHost: gateway\r\nConnection: close\r\n\(headers)\r\n")
      let reply = try connection.refusal()
      #expect(reply.status == status && reply.errorCode == code, "\(line.prefix(20)) \(reply.body)")
      #expect(reply.headers["content-type"] == "application/json")
    }
    try expect("POST / HTTP/1.1", large, 401, "invalid_api_key")
    try expect("POST / HTTP/1.1", key + large, 413, "too_large")
    try expect("TRACE / HTTP/1.1", key, 405, "method_not_allowed")
    try expect("GET /\(path) HTTP/1.1", key, 414, "too_large")
    try expect("POST / HTTP/1.1", key + "Transfer-Encoding: gzip\r\n", 501, "not_implemented")
    try expect("GET / HTTP/3.0", key, 505, "not_implemented")
    try expect("GET /.usher/error HTTP/1.1", key, 401, "invalid_api_key")
    try FileManager.default.removeItem(atPath: sandbox.path("backend.sock"))
    try expect("GET / HTTP/1.1", key, 502, "bad_gateway")
  }

  @Test func `what comes behind a chunked body does not reach the backend`() throws {
    let gateway = try gateway()
    let connection = try gateway.connection()
    let key = try sandbox.key(of: "carol")
    connection.send(
      "POST / HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nAuthorization: Bearer \(key)\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Usher-Member: alice\r\n\r\n")
    let reply = try connection.reply()
    // A body that says how long it is can have no trailers.
    #expect(reply.status == 200 && reply.received.contains("content-length: 2"), "\(reply.body)")
    #expect(!reply.body.contains("alice") && !reply.body.contains("transfer-encoding"))
  }

  @Test func `a key is refused from its end on, to the second, with no run and no reload`() throws {
    let end = try #require(Instant(seconds: Int64(Date().timeIntervalSince1970) + 4))
    #expect(
      try sandbox.apply(
        org.replacing("carol: { seat: pro }", with: "carol: { seat: pro, until: \(end) }")
      ).code == 0)
    let gateway = try gateway()
    try gateway.expectEnd(of: try sandbox.key(of: "carol"), at: end)
  }

  @Test func `the log of usage is what usher ingests, and comes back by member`() throws {
    let gateway = try gateway()
    let (bob, carol) = (try sandbox.key(of: "bob"), try sandbox.key(of: "carol"))
    for (target, key, status) in [
      ("/v1/chat?credits=1.5&model=qwen3-max&in=10", carol, 200), ("/v1/models", bob, 200),
      ("/v1/chat?credits=2&model=\(carol)", bob, 200),
      ("/v1/chat?credits=9&model=m", "usk_unknown", 401),
      ("/v1/chat?credits=0x5&model=m", bob, 200), ("/v1/chat?credits=1e3&model=m", bob, 200),
    ] {
      #expect(try gateway.call(target, key: key).status == status, "\(target)")
    }
    try gateway.wait(for: "the log") { try lines("usher-usage.jsonl").count == 2 }
    let log = try sandbox.read("usher-usage.jsonl")
    #expect(
      !log.contains("usk_")
        && log.split(separator: "\n", omittingEmptySubsequences: false).count == 3)
    let now = try #require(Instant(seconds: Int64(Date().timeIntervalSince1970) + 1)).description
    let ingested = sandbox.usher("usage", "ingest", sandbox.path("usher-usage.jsonl"), now: now)
    #expect(ingested.code == 0 && ingested.output.contains("ingested 2 records"))
    let members = sandbox.usher("usage", "members", "--days", "7", "--format", "json", now: now)
    #expect(
      members.output.contains("\"member\":\"bob\",\"credits\":2,\"requests\":1,")
        && members.output.contains("\"member\":\"carol\",\"credits\":1.5,\"requests\":1,"),
      "\(members.output)")
  }

  @Test func `the backend believes no client, and sees no key`() throws {
    let gateway = try gateway()
    let carol = try sandbox.key(of: "carol")
    let reply = try gateway.call(
      "/?credits=1&model=m&in=2", key: carol,
      [
        "X-Usher-Member: alice", "x-usher-MEMBER: alice", "X_Usher_Member: alice",
        "X-Usher-Credits: alice", "Connection: X-Usher-Member, keep-alive", "X-Api-Key: \(carol)",
        "X_Api_Key: \(carol)", "Proxy-Authorization: Bearer \(carol)",
        "Proxy_Authorization: Bearer \(carol)",
      ])
    #expect(reply.status == 200 && !reply.body.contains("alice"), "\(reply.body)")
    #expect(!reply.body.contains("usk_") && !reply.body.lowercased().contains("authorization"))
    let id = SHA256.hash(Array(carol.utf8)).hex.prefix(16)
    #expect(
      reply.received.filter { $0.contains("usher") }.sorted() == [
        "x-usher-key-id: k_\(id)", "x-usher-member: carol", "x-usher-subscription: pro",
      ])
    #expect(!reply.headers.keys.contains { $0.contains("usher") })
  }

  @Test func `one header of one key in its form lets a call through, and nothing else does`() throws
  {
    let gateway = try gateway()
    let carol = try sandbox.key(of: "carol")
    for good in ["Bearer \(carol)", "bearer \(carol)", "BEARER    \(carol)", "  Bearer \(carol)  "]
    {
      #expect(try gateway.call("/", ["Authorization: \(good)"]).status == 200, "\(good)")
    }
    let unknown = "usk_" + String(repeating: "x", count: 43) + "_abcdef"
    for bad in [
      [], ["Authorization: \(carol)"], ["Authorization: Basic \(carol)"],
      ["Authorization: Bearer \(carol) \(carol)"], ["Authorization: Bearer \(carol), \(carol)"],
      ["Authorization: Bearer\t\(carol)"], ["X-Api-Key: \(carol)"],
      ["Authorization: Bearer \(carol.uppercased())"], ["Authorization: Bearer \(unknown)"],
      ["Authorization: Bearer \(SHA256.hash(Array(carol.utf8)).hex)"],
    ] {
      let reply = try gateway.call("/?key=\(carol)", bad)
      #expect(reply.status == 401 && reply.errorCode == "invalid_api_key", "\(bad)")
      #expect(reply.headers["content-type"] == "application/json")
      #expect(reply.headers["www-authenticate"] == "Bearer")
    }
    // Of two nginx itself takes none.
    let twice = ["Authorization: Bearer \(carol)", "Authorization: Bearer \(carol)"]
    let large = ["Authorization: Bearer \(carol)", "X: " + String(repeating: "x", count: 40_000)]
    for bad in [twice, large] {
      for path in ["/", "/.usher/error"] {
        let reply = try gateway.call(path, bad)
        #expect(reply.status == 400 && reply.errorCode == "invalid_request", "\(reply.body)")
        #expect(reply.headers["content-type"] == "application/json")
      }
    }
    let own = try gateway.call("/.usher/error", key: carol)
    #expect(own.status == 401 && own.errorCode == "invalid_api_key")
    #expect(try !sandbox.read("usher-error.log").contains("usk_"))
  }

  @Test func `an empty map lets nobody in, and neither does a line that is no entry`() throws {
    let (bob, carol) = (try sandbox.key(of: "bob"), try sandbox.key(of: "carol"))
    let gateway = try gateway()
    #expect(
      try sandbox.apply(
        org.replacing("bob: { seat: pro }", with: "bob: {}").replacing(
          "carol: { seat: pro }", with: "carol: {}")
      ).code == 0)
    #expect(try reload("true").code == 0)
    #expect(try sandbox.read("usher.map") == "")
    try load(gateway)
    #expect(try gateway.call("/", key: bob).status == 401)
    #expect(try gateway.call("/", key: carol).status == 401)
    for bad in [
      "carol", "carol 4102444800", "carol soon pro", "carol -1 pro", "car,ol 4102444800 pro",
    ] {
      try sandbox.write(
        """
        \(SHA256.hash(Array(carol.utf8)).hex) "\(bad)";
        \(SHA256.hash(Array(bob.utf8)).hex) "bob 4102444800 pro";

        """, to: "usher.map")
      try load(gateway)
      #expect(try gateway.call("/", key: bob).status == 200)
      #expect(try gateway.call("/", key: carol).status == 401, "\(bad)")
    }
  }
}
