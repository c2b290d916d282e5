// ClockTests: clocks that were set back, leap days, and the ends of what time can be written.

import Foundation
import OrgModel
import Testing

@Suite struct ClockTests {
  private let sandbox: Sandbox

  init() throws { sandbox = try Sandbox() }

  private func org(_ more: String = "", expires: String = "2099-01-31") -> String {
    """
    organization: acme
    subscriptions:
      pro: { seats: 4, expires: \(expires) }
    policy: { key_max_age: 36500d }
    members:
      alice: { role: owner, seat: pro }
      bob: { seat: pro\(more) }

    """
  }

  private func times() -> [String] {
    let commits = sandbox.usher("log", "--format", "json").json["commits"] as? [[String: Any]] ?? []
    return commits.map { $0["time"] as? String ?? "" }
  }

  @Test func `a clock that was set back is warned about, and no instant decreases`() throws {
    #expect(try sandbox.apply(org(), now: "2026-11-23T08:00:00Z").code == 0)
    let early = "2020-02-29T00:00:00Z"
    let warning =
      "usher: warning[W203]: the clock says \(early), but the last commit was made at "
      + "2026-11-23T08:00:00Z, which counts\n"
    let file = try sandbox.write(org(", key: 2"), to: "next.yaml")
    let plan = sandbox.path("plan.json")
    for line in [
      ["plan", file, "--out", plan], ["drift", file], ["revoke", "alice", "--reason", "x"],
    ] {
      #expect(sandbox.run(line, now: early).errors == warning, "\(line)")
    }
    let stale = sandbox.run(["apply", "--plan", plan, "--yes"], now: early)
    #expect(stale.code == 3)
    #expect(sandbox.run(["plan", file, "--out", plan], now: early).errors == warning)
    let sink = sandbox.path("sink")
    let run = sandbox.run(["apply", "--plan", plan, "--yes", "--keys-to", sink], now: early)
    #expect(run.code == 0 && run.errors.hasPrefix(warning), "\(run.errors)")
    #expect(try sandbox.apply(org(", key: 3"), now: early).code == 0)
    #expect(times() == [String](repeating: "2026-11-23T08:00:00Z", count: 4))
    #expect(sandbox.usher("log", "--verify").code == 0)
  }

  @Test(arguments: [
    ("2028-02-29", true), ("2400-02-29", true), ("2027-02-29", false), ("2100-02-29", false),
    ("2027-02-30", false), ("9999-12-31", true), ("9999-12-31T23:59:59Z", true),
    ("9999-12-31T23:59:59-00:01", false), ("10000-01-01", false), ("0000-01-01", false),
    ("0001-01-01", true), ("0001-01-01T00:00:00+00:01", false), ("-0001-01-01", false),
    ("2026-12-31T23:59:60Z", false), ("2026-12-31T24:00:00Z", false),
  ])
  func `a day that exists is taken, another is refused with its place`(
    _ text: String, _ isDay: Bool
  ) throws {
    #expect((Instant(text) != nil) == isDay)
    let run = sandbox.usher("validate", try sandbox.write(org(expires: text), to: "org.yaml"))
    #expect(run.code == (isDay ? 0 : 1))
    #expect(isDay || run.errors.contains("org.yaml:3:29: error[E110]"), "\(run.errors)")
    let clock = sandbox.usher("status", "--now", text)
    #expect(clock.code == (isDay ? 0 : 64))
  }

  @Test func `a leap day's seat ends at its start`() throws {
    let text = org(", until: 2028-02-29")
    #expect(try sandbox.apply(text, now: "2028-02-28T23:59:58Z").code == 0)
    let key = try #require(try sandbox.keys().first { $0.member == "bob" }?.key)
    for (now, code) in [("2028-02-28T23:59:59Z", 0), ("2028-02-29T00:00:00Z", 1)] {
      #expect(sandbox.usher("verify-key", now: now, input: key).code == code)
    }
  }

  @Test(arguments: [
    "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2038-01-19T03:14:08Z", "9999-12-31T23:59:58Z",
  ])
  func `a store can be made and read at any instant that can be written`(_ now: String) throws {
    for more in ["", ", key: 2"] {
      #expect(try sandbox.apply(org(more, expires: "9999-12-31T23:59:59Z"), now: now).code == 0)
    }
    let file = sandbox.path("org.yaml")
    for line in [
      ["status"], ["members"], ["show", "bob"], ["log", "--verify"], ["log"], ["export"],
      ["plan", file], ["drift", file],
    ] {
      for clock in [now, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
        let run = sandbox.run(line, now: clock)
        #expect(run.code == 0 || (line[0] == "drift" && run.code == 2), "\(line) \(run.errors)")
      }
    }
    #expect(times() == [now, now])
  }
}
