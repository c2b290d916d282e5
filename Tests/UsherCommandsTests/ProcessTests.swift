// ProcessTests: the real program where a run in-process says nothing: descriptors, pipes, signals.

import Foundation
import Testing

@Suite struct ProcessTests {
  private let org = """
    organization: acme
    subscriptions: { pro: { seats: 4, expires: 2099-01-31 } }
    members:
      alice: { role: owner, seat: pro }

    """

  private func runner() throws -> WorkflowRunner {
    let sandbox = try Sandbox()
    try sandbox.write(org, to: "org.yaml")
    return try WorkflowRunner(sandbox)
  }

  private let apply = "usher apply org.yaml --state st --yes --create --keys-to"

  @Test func `without standard error keys are handed over all the same`() throws {
    let runner = try runner()
    #expect(try runner.shell("\(apply) 'exec:cat > keys' 2>&-", in: "").code == 0)
    #expect(try runner.sandbox.read("keys").contains("usk_"))
  }

  @Test func `without standard output a result is an error, and no file takes its place`() throws {
    let runner = try runner()
    #expect(try runner.shell("\(apply) keys >&-", in: "").code == 1)
    #expect(!runner.sandbox.exists("st") && !runner.sandbox.exists("keys"))
    let json = try runner.shell("\(apply) keys --format json 2>&1 >&-", in: "")
    #expect(json.code == 1 && json.output.contains("commit 1 was made, but standard output"))
    #expect(try runner.shell("usher log --state st --verify", in: "").code == 0)
  }

  @Test func `a revocation that cannot be reported says that it was made`() throws {
    let runner = try runner()
    #expect(try runner.shell("\(apply) keys", in: "").code == 0)
    let full = try runner.shell("usher revoke alice --reason x --state st >/dev/full", in: "")
    #expect(full.code == 1 && full.output.contains("commit 2 was made"))
  }

  @Test func `a reader that went away is no failure`() throws {
    let runner = try runner()
    let piped = try runner.shell(
      "usher schema | head -n 1", in: "", flags: ["-e", "-o", "pipefail"])
    #expect(piped.code == 0)
  }

  @Test(arguments: [("TERM", 143), ("INT", 130), ("HUP", 129)])
  func `one signal ends the wait for a reader that does not read`(
    _ signal: String, _ code: Int32
  ) throws {
    let runner = try runner()
    let members = (0..<5000).map { "  user_\($0): {}\n" }.joined()
    try runner.sandbox.write(org + members, to: "org.yaml")
    // The pipe holds 64 KiB; once something stands in it, usher waits, or is about to.
    let script = """
      mkfifo pipe; exec 3<>pipe
      usher plan org.yaml --state st >pipe 2>errors & usher=$!
      read -r -n 1 -u 3 _
      kill -\(signal) $usher
      wait $usher
      """
    #expect(try runner.shell(script, in: "").code == code)
  }

  @Test func `a pipe that nobody opens is left by a signal, and is no org file of a folder`() throws
  {
    let runner = try runner()
    let script = """
      mkfifo lonely.yaml
      usher validate lonely.yaml 2>errors & usher=$!
      until [ "$(cut -d' ' -f3 /proc/$usher/stat)" = S ]; do :; done
      kill -TERM $usher
      wait $usher
      """
    #expect(try runner.shell(script, in: "").code == 143)
    let folder = try runner.shell("usher validate .", in: "")
    #expect(folder.code == 1 && folder.output.contains("lonely.yaml"))
  }
}
