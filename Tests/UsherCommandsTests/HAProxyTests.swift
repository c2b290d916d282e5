// HAProxyTests: the example for HAProxy, with the real HAProxy and curl, from an apply to the usage.
//
// They run where both are installed; .ci/run installs them.

import Digests
import Foundation
import OrgModel
import Testing

private let org = RunningGateway.org
private let isInstalled = RealUsher.has("haproxy") && RealUsher.has("curl")

@Suite(.enabled(if: isInstalled, "haproxy and curl are not installed"))
struct HAProxyTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
    #expect(try sandbox.apply(org).code == 0)
  }

  /// A gateway that has the map of the state.
  private func gateway() throws -> RunningGateway {
    #expect(sandbox.usher("gateway", "haproxy", "--out", sandbox.path("usher.map")).code == 0)
    return try RunningGateway.haproxy(in: sandbox)
  }

  private func lines(_ name: String) throws -> [[String: Any]] {
    try sandbox.read(name).split(separator: "\n").filter { $0.hasPrefix("{") }.map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any], "\($0)")
    }
  }

  @Test func `an issued key works, and is refused once its seat is reclaimed and the map reloaded`()
    throws
  {
    let gateway = try gateway()
    let (bob, carol) = (try sandbox.key(of: "bob"), try sandbox.key(of: "carol"))
    let reply = try gateway.call("/v1/chat", key: carol)
    #expect(reply.status == 200 && reply.received.contains("x-usher-member: carol"))
    #expect(try sandbox.apply(org.replacing("carol: { seat: pro }", with: "carol: {}")).code == 0)
    let line =
      "USHER_RELOAD='kill -USR2 \(gateway.number)' '\(RunningGateway.examples)/haproxy/usher-reload'"
    #expect(try gateway.shell(line).code == 0)
    try gateway.wait(for: "a refusal") { try gateway.call("/v1/chat", key: carol).status == 401 }
    #expect(try gateway.call("/v1/chat", key: carol).errorCode == "invalid_api_key")
    #expect(try gateway.call("/v1/chat", key: bob).status == 200)
    // Nothing has changed since: nothing is reloaded.
    let idle = "USHER_RELOAD='echo reloaded' '\(RunningGateway.examples)/haproxy/usher-reload'"
    let second = try gateway.shell(idle)
    #expect(second.code == 0 && second.output == "")
  }

  @Test func `a revoked key opens nothing on connections that were open before the reload`() throws
  {
    let gateway = try gateway()
    let (bob, carol) = (try sandbox.key(of: "bob"), try sandbox.key(of: "carol"))
    let stubborn = try gateway.connection()
    stubborn.beginHTTP2()
    #expect(try stubborn.statusOfHTTP2Call(stream: 1, key: carol) == 200)
    try gateway.expectNoMoreCalls(by: carol) {
      let run = try sandbox.apply(org.replacing("carol: { seat: pro }", with: "carol: {}"))
      let script = "'\(RunningGateway.examples)/haproxy/usher-reload'"
      return [run, try gateway.shell("USHER_RELOAD='kill -USR2 \(gateway.number)' \(script)")]
    }
    for stream: UInt8 in [3, 5] {
      #expect(try stubborn.statusOfHTTP2Call(stream: stream, key: carol) == 503)
    }
    let obedient = try gateway.connection()
    obedient.beginHTTP2()
    #expect(try obedient.statusOfHTTP2Call(stream: 1, key: carol) == 401)
    #expect(try obedient.statusOfHTTP2Call(stream: 3, key: bob) == 200)
    try gateway.wait(for: "the log") {
      try lines("access.jsonl").count { $0["refused"] as? String == "reloaded" } == 4
    }
  }

  @Test func `a body that cannot be read is refused in JSON`() throws {
    let gateway = try gateway()
    let connection = try gateway.connection()
    connection.send(
      "POST / HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer \(try sandbox.key(of: "carol"))\r\n"
        + "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
    try connection.wait(for: "100 Continue\r\n\r\n")
    connection.send("zz\r\n")
    let answers = try connection.rest()
    let last = try #require(answers.components(separatedBy: "100 Continue\r\n\r\n").last)
    let reply = Reply(last)
    #expect(reply.status == 400 && reply.errorCode == "invalid_request", "\(answers)")
    #expect(reply.headers["content-type"] == "application/json")
  }

  @Test func `a reload that fails is tried again, and a lost state leaves the map as it is`() throws
  {
    let script = "'\(RunningGateway.examples)/haproxy/usher-reload'"
    let usher = RealUsher(
      sandbox: sandbox,
      environment: ["USHER_MAP": sandbox.path("usher.map"), "USHER_STATE": sandbox.path("state")])
    #expect(try usher.shell("USHER_RELOAD='exit 7' \(script)").code == 7)
    let good = try sandbox.read("usher.map")
    let again = try usher.shell("USHER_RELOAD='echo reloaded' \(script)")
    #expect(again.code == 0 && again.output == "reloaded\n")
    let lost = try usher.shell("USHER_STATE=elsewhere USHER_RELOAD='echo reloaded' \(script)")
    #expect(lost.code == 1 && lost.output == "" && lost.errors.contains("E304"))
    #expect(try sandbox.read("usher.map") == good)
  }

  @Test func `a key is refused from its end on, to the second, with no run and no reload`() throws {
    // The clock that counts is the gateway's: usher's stands where the other tests have it.
    let end = try #require(Instant(seconds: Int64(Date().timeIntervalSince1970) + 4))
    #expect(
      try sandbox.apply(
        org.replacing("carol: { seat: pro }", with: "carol: { seat: pro, until: \(end) }")
      ).code == 0)
    let gateway = try gateway()
    try gateway.expectEnd(of: try sandbox.key(of: "carol"), at: end)
    #expect(try gateway.call("/", key: try sandbox.key(of: "bob")).status == 200)
  }

  @Test func `the log of usage is what usher ingests, and comes back by member`() throws {
    let gateway = try gateway()
    let (bob, carol) = (try sandbox.key(of: "bob"), try sandbox.key(of: "carol"))
    let calls = [
      ("/v1/chat?credits=1.5&model=qwen3-max&in=10", carol, 200),
      ("/v1/chat?credits=0.000001&model=qwen3-max", carol, 200),
      ("/v1/chat?credits=2&model=a/b:c", bob, 200), ("/v1/models", bob, 200),
      ("/v1/chat?credits=9&model=m", "usk_unknown", 401),
      ("/v1/chat?credits=0x5&model=m", bob, 200), ("/v1/chat?credits=1e3&model=m", bob, 200),
      ("/v1/chat?credits=-1&model=m", bob, 200), ("/v1/chat?credits=1.1234567&model=m", bob, 200),
      // A second header is another value in the log than the one that was looked at.
      ("/v1/chat?credits=1&credits2=5,%22requests%22:1000000&model=m", bob, 200),
    ]
    for (target, key, status) in calls {
      #expect(try gateway.call(target, key: key).status == status, "\(target)")
    }
    try gateway.wait(for: "the log") { try lines("usage.jsonl").count == 3 }
    #expect(try lines("access.jsonl").count { $0["unbilled"] != nil } == 5)
    let now = try #require(Instant(seconds: Int64(Date().timeIntervalSince1970) + 1)).description
    let ingested = sandbox.usher("usage", "ingest", sandbox.path("usage.jsonl"), now: now)
    #expect(ingested.code == 0 && ingested.output.contains("ingested 3 records"))
    let members = sandbox.usher("usage", "members", "--days", "7", "--format", "json", now: now)
    #expect(
      members.output.contains("\"member\":\"bob\",\"credits\":2,\"requests\":1,")
        && members.output.contains("\"member\":\"carol\",\"credits\":1.500001,\"requests\":2,"),
      "\(members.output)")
    let models = sandbox.usher("usage", "models", "--days", "7", "--format", "json", now: now)
    #expect(models.output.contains("\"a/b:c\"") && models.output.contains("\"qwen3-max\""))
    let again = sandbox.usher("usage", "ingest", sandbox.path("usage.jsonl"), now: now)
    #expect(again.output.contains("already ingested"))
  }

  @Test func `the backend believes no client, and sees no key`() throws {
    let gateway = try gateway()
    let carol = try sandbox.key(of: "carol")
    let reply = try gateway.call(
      "/?credits=1&model=m&in=2", key: carol,
      [
        "X-Usher-Member: alice", "x-usher-MEMBER: alice", "X_Usher_Member: alice",
        "X-Usher_Subscription: alice", "x-usher-key-id: alice", "X-Usher-Anything: alice",
        "Connection: X-Usher-Member, keep-alive", "X-Api-Key: \(carol)", "X-Mine: kept",
        "X_Api_Key: \(carol)", "Proxy-Authorization: Bearer \(carol)",
        "Proxy_Authorization: Bearer \(carol)",
      ])
    #expect(reply.status == 200 && !reply.body.contains("alice"), "\(reply.body)")
    #expect(!reply.body.contains("usk_") && !reply.body.lowercased().contains("authorization"))
    let seen = reply.received.filter { $0.contains("usher") }
    let id = SHA256.hash(Array(carol.utf8)).hex.prefix(16)
    #expect(
      seen.sorted() == [
        "x-usher-key-id: k_\(id)", "x-usher-member: carol", "x-usher-subscription: pro",
      ])
    #expect(reply.received.contains("x-mine: kept") && !reply.body.contains("connection:"))
    #expect(reply.headers["x-other"] == "kept")
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
    let bad: [[String]] = [
      [], ["Authorization: Bearer"], ["Authorization: Bearer "], ["Authorization: \(carol)"],
      ["Authorization: Basic \(carol)"], ["Authorization: Bearer \(carol) \(carol)"],
      ["Authorization: Bearer \(carol), Bearer \(carol)"], ["Authorization: Bearer\t\(carol)"],
      ["Authorization: Bearer \(carol)", "Authorization: Bearer \(carol)"],
      ["Authorization: Bearer \(carol)", "authorization: Basic x"],
      ["Authorization: Bearer \"\(carol)\""], ["Proxy-Authorization: Bearer \(carol)"],
      ["X-Api-Key: \(carol)"], ["Cookie: Authorization=Bearer \(carol)"],
      ["Authorization: Bearer " + String(repeating: "a", count: 6000)],
    ]
    for headers in bad {
      let reply = try gateway.call("/?key=\(carol)&api_key=\(carol)", headers)
      #expect(reply.status == 401 && reply.errorCode == "missing_api_key", "\(headers)")
      #expect(reply.headers["content-type"] == "application/json")
      #expect(reply.headers["www-authenticate"] == "Bearer")
    }
    for text in [carol.uppercased(), String(carol.dropLast()) + "~", carol + "x", "usk_"] {
      let reply = try gateway.call("/", key: text)
      #expect(reply.status == 401 && reply.errorCode != nil, "\(text)")
    }
    let digest = SHA256.hash(Array(carol.utf8)).hex
    #expect(try gateway.call("/", key: digest).status == 401)
    let unknown = "usk_" + String(repeating: "x", count: 43) + "_abcdef"
    let reply = try gateway.call("/", key: unknown)
    #expect(reply.status == 401 && reply.errorCode == "invalid_api_key")
    #expect(reply.headers["www-authenticate"] == "Bearer error=\"invalid_token\"")
    let long = try gateway.call("/", key: carol + String(repeating: "a", count: 40_000))
    #expect(long.status == 400 && !long.body.contains("usk_"))
  }

  @Test func `both logs are JSON and hold no key, whatever clients and backends say`() throws {
    let gateway = try gateway()
    let carol = try sandbox.key(of: "carol")
    let hostile = [
      "%22%7D%0A%7B%22", "%5C", "%00%01%1F%7F", "%FF%C3", "%F0%9F%98%80", "%25%7B+Q%7Do",
    ]
    for text in hostile + [
      carol, "%75sk_" + carol.dropFirst(4), String(repeating: "a", count: 900),
    ] {
      for target in ["/\(text)?\(text)", "/?credits=1&model=\(text)", "/?credits=\(text)&model=m"] {
        #expect(try gateway.call(target, key: carol).status == 200, "\(target)")
        #expect(try gateway.call(target, ["User-Agent: \(text)\"\\"]).status == 401, "\(target)")
      }
    }
    try gateway.wait(for: "the log") { try lines("access.jsonl").count >= 54 }
    let usage = try lines("usage.jsonl")
    #expect(usage.count == hostile.count + 3)
    #expect(usage.allSatisfy { $0["model"] as? String == "unnamed" })
    for name in ["usage.jsonl", "access.jsonl"] {
      #expect(try !sandbox.read(name).contains("usk_"), "\(name)")
    }
    #expect(sandbox.usher("usage", "ingest", sandbox.path("usage.jsonl")).code == 0)
  }

  @Test func `an empty map lets nobody in, and neither does a line that is no entry`() throws {
    let (bob, carol) = (try sandbox.key(of: "bob"), try sandbox.key(of: "carol"))
    let digest = SHA256.hash(Array(carol.utf8)).hex
    let empty = sandbox.usher("gateway", "haproxy", now: "2099-02-01T00:00:00Z").output
    #expect(empty.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
    let bad = [
      "", "carol", "carol 4102444800", "carol soon pro", "carol  pro", "carol -1 pro",
      "carol 4102444800 pro more", "carol 99999999999999999999 pro", "car,ol 4102444800 pro",
      "carol 1000000000 pro",
    ]
    for map in [empty, ""] + bad.map({ "\(digest) \($0)\n" }) {
      try sandbox.write(map, to: "usher.map")
      let gateway = try RunningGateway.haproxy(in: sandbox)
      #expect(try gateway.call("/", key: carol).status == 401, "\(map)")
      #expect(try gateway.call("/", key: bob).status == 401)
    }
    try sandbox.write("\(digest) carol 4102444800 pro\n", to: "usher.map")
    #expect(try RunningGateway.haproxy(in: sandbox).call("/", key: carol).status == 200)
  }
}
