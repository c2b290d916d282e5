// ManyProcessesTests: many processes on one state: they apply, read, and are killed.

import Foundation
import Testing

@Suite struct ManyProcessesTests {
  /// Appliers plan anew when they lose; readers read as long as anybody applies; victims are killed at
  /// a moment that nobody chooses.
  private static let script = #"""
    roster() {
      printf '{"organization":"acme","subscriptions":{"pro":{"seats":2,"expires":"2099-01-31"}},'
      printf '"members":{"alice":{"role":"owner","seat":"pro","key":%s},"bob":{"seat":"pro"}}}' "$1"
    }
    put() { # put NAME: an apply that changes something
      roster "$((RANDOM + 10))" > "$1.json"
      usher apply "$1.json" --yes --create --keys-to "$1.keys" --format json
    }
    apply() { # apply NAME COUNT
      RANDOM=$1
      for ((done = 0; done < $2;)); do
        rm -f "a$1.keys"
        if put "a$1" > "a$1.out" 2> "a$1.err"; then
          grep -q '"applied": true' "a$1.out" || continue
          cat "a$1.out" >> applied
          mv "a$1.keys" "a$1-$done.kept"
          done=$((done + 1))
        else
          case $? in 3) ;; *) cat "a$1.out" "a$1.err" >> failures; return ;; esac
        fi
      done
    }
    read_on() {
      while [ -e running ]; do
        usher status --format json >> seen 2>> failures || echo "a reader failed: $?" >> failures
      done
    }
    die() { # die NAME COUNT
      RANDOM=$1
      for ((count = 0; count < $2; count++)); do
        put "v$1-$count" > /dev/null 2>&1 &
        for ((wait = RANDOM % 20000; wait > 0; wait--)); do :; done
        kill -KILL $! 2> /dev/null
        wait $! 2> /dev/null
      done
    }
    chmod 700 .  # keys go here
    export USHER_STATE=state
    touch running failures
    put first > applied
    read_on & read_on &
    readers=$(jobs -p)
    die 7 12 &
    victims=$!
    appliers=
    for name in 1 2 3 4; do apply "$name" 5 & appliers="$appliers $!"; done
    wait $appliers $victims
    rm running
    wait $readers
    put last >> applied
    usher log --verify > /dev/null || echo "the log does not hold" >> failures
    usher log --format json > log
    ls -A state/commits state/snapshots 2> /dev/null | grep '^\.' >> failures
    cat failures
    """#

  @Test func `every reported apply is in the log, and no reader or applier is disturbed`() throws {
    let sandbox = try Sandbox()
    let runner = try WorkflowRunner(sandbox)
    let run = try runner.shell(Self.script, in: "", flags: [])
    #expect(run.output == "")
    let log = try objects("{\"logs\":[\(sandbox.read("log"))]}", "logs")
    let commits = try #require(log.first?["commits"] as? [[String: Any]])
    let chain = Set(commits.map { Head($0) })
    let applied = try all("applied", in: sandbox).map { Head($0) }
    #expect(applied.count == 22 && Set(applied).count == 22)
    #expect(chain.isSuperset(of: applied))
    let seen = Set(try all("seen", in: sandbox).map { Head($0) })
    #expect(seen.count > 1 && chain.isSuperset(of: seen))
    // The keys of what was reported are known, whatever came after.
    let kept = try FileManager.default.contentsOfDirectory(atPath: sandbox.folder)
      .filter { $0.hasSuffix(".kept") }
    #expect(kept.count == 20)
    for name in kept {
      for line in try sandbox.read(name).split(separator: "\n") {
        let key = try #require(line.split(separator: "\"").first { $0.hasPrefix("usk_") })
        let answer = sandbox.usher("verify-key", "--format", "json", input: String(key))
        #expect(answer.code == 0 || answer.json["reason"] as? String == "revoked")
      }
    }
  }

  private struct Head: Hashable {
    let sequence: Int?
    let digest: String?

    init(_ json: [String: Any]) {
      sequence = json["sequence"] as? Int
      digest = json["digest"] as? String
    }
  }

  /// The objects that were appended to a file one after the other.
  private func all(_ name: String, in sandbox: Sandbox) throws -> [[String: Any]] {
    let text = try sandbox.read(name).replacing("}\n{", with: "},\n{")
    return try objects("{\"all\":[\(text)]}", "all")
  }

  private func objects(_ text: String, _ key: String) throws -> [[String: Any]] {
    let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return try #require(json?[key] as? [[String: Any]])
  }
}
