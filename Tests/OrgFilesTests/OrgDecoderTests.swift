// OrgDecoderTests: what is read from sound files, and where each finding of others stands.

import OrgFiles
import OrgModel
import SourceText
import Testing

private let head = "organization: acme\nmembers: { alice: { role: owner } }\n"

@Suite struct SoundFiles {
  private let contract = """
    version: 1
    organization: acme
    base_url: https://llm.acme.example/v1
    subscriptions:
      standard: { seats: 40, expires: 2027-01-31 }
      pro:      { tier: gold, seats: 10, expires: 2027-01-31T12:00:00Z, credits: 60000 }
    policy:
      max_removals: 10%
      key_max_age: 90d
    members:
      erin:  { seat: pro, key: 2 }
      bob:   { role: administrator }
      alice: { role: owner, seat: pro }
      dave:  { seat: standard, until: 2026-12-31 }
      frank: {}
    """

  @Test func `reads every key of the contract's example`() throws {
    let org = try #require(Outcome([contract]).org)
    #expect(org.organization == "acme")
    #expect(org.baseURL == "https://llm.acme.example/v1")
    #expect(org.policy == Policy(maxRemovals: .percent(10), keyMaxAge: Span("90d")))
    #expect(org.subscriptions.map(\.id.text) == ["pro", "standard"])
    #expect(org.subscriptions.map(\.tier.text) == ["gold", "standard"])
    #expect(org.subscriptions.map(\.credits) == [60000, nil])
    #expect(
      org.subscriptions.map(\.expires.description) == [
        "2027-01-31T12:00:00Z", "2027-01-31T00:00:00Z",
      ])
    #expect(org.members.map(\.username.text) == ["alice", "bob", "dave", "erin", "frank"])
    #expect(org.members.map(\.role) == [.owner, .administrator, .member, .member, .member])
    #expect(org.members.map(\.seat?.text) == ["pro", nil, "standard", "pro", nil])
    #expect(org.members.map(\.keyNumber) == [1, 1, 1, 2, 1])
    #expect(org.members[2].until == Instant("2026-12-31"))
  }

  @Test func `says where each part stands, in the order of the org`() throws {
    let outcome = Outcome([contract])
    let places = try #require(outcome.located?.places)
    #expect(outcome.text(places.organization) == "acme")
    #expect(outcome.text(places.baseURL) == "https://llm.acme.example/v1")
    #expect(outcome.text(places.policy) == "policy")
    #expect(places.subscriptions.map { outcome.text($0.id) } == ["pro", "standard"])
    #expect(places.subscriptions.map { outcome.text($0.seats) } == ["10", "40"])
    #expect(
      places.subscriptions.map { outcome.text($0.expires) } == [
        "2027-01-31T12:00:00Z", "2027-01-31",
      ])
    #expect(
      places.members.map { outcome.text($0.name) } == ["alice", "bob", "dave", "erin", "frank"])
    #expect(
      places.members.map { outcome.text($0.role) } == ["owner", "administrator", nil, nil, nil])
    #expect(places.members.map { outcome.text($0.seat) } == ["pro", nil, "standard", "pro", nil])
    #expect(places.members.map { outcome.text($0.until) } == [nil, nil, "2026-12-31", nil, nil])
    #expect(places.members.map { outcome.text($0.key) } == [nil, nil, nil, "2", nil])
  }

  @Test func `JSON is read as YAML is`() {
    let json =
      #"{"organization":"acme","subscriptions":{"s":{"seats":1,"expires":"2027-01-31"}},"#
      + #""members":{"alice":{"role":"owner","seat":"s"}}}"#
    let yaml = """
      organization: acme
      subscriptions: { s: { seats: 1, expires: 2027-01-31 } }
      members: { alice: { role: owner, seat: s } }
      """
    #expect(Outcome([json]).org != nil)
    #expect(Outcome([json]).org == Outcome([yaml]).org)
  }

  @Test(arguments: [
    "subscriptions: {}", "policy: {}", "policy: { max_removals: 0 }",
    "policy: { max_removals: 100% }", "policy: { key_max_age: 36500d }", "version: 1",
    "base_url: http://h", "base_url: HTTPS://user@h:8080/a?b#c", "base_url: 'http://[::1]:80/'",
    "subscriptions: { s: { seats: 0, expires: '2027-01-31' } }",
    "subscriptions: { s: { seats: 1000000000, expires: 2027-01-31T00:00+02:00, credits: 0 } }",
  ])
  func `accepts what the contract allows`(_ line: String) {
    #expect(Outcome([head + line]).lines == [])
  }

  @Test func `until and key may stand with a member without a seat`() {
    let text = "organization: acme\nmembers: { a: { role: owner, key: 2, until: 2030-01-01 } }"
    #expect(Outcome([text]).org?.members.first?.keyNumber == 2)
  }

  @Test func `an organization's name may have a hundred characters of any script`() {
    let name = String(repeating: "é", count: 99) + "🦊"
    #expect(
      Outcome(["organization: \(name)\nmembers: { a: { role: owner } }"]).org?.organization == name)
  }
}

@Suite struct Findings {
  @Test(arguments: [
    ("version: «2", "E115"), ("version: «'1'", "E101"), ("version: «1.0", "E101"),
    ("version: «0", "E115"), ("«colour: red", "E102"),
    ("base_url: «llm.example.com", "E109"), ("base_url: «https://", "E109"),
    ("base_url: «https:///v1", "E109"), ("base_url: «ftp://h", "E109"),
    ("base_url: «'https://a b'", "E109"), ("base_url: «https://h/ü", "E109"),
    ("base_url: «\"https://h/'\"", "E109"), ("base_url: «'https://h/\"'", "E109"),
    ("base_url: «'https://h/\\'", "E109"), ("base_url: «https://h/<a>", "E109"),
    ("base_url: «https://@/", "E109"), ("base_url: «'https://:80/'", "E109"),
    ("base_url: «https://h:port/", "E109"), ("base_url: «5", "E101"), ("base_url: «~", "E101"),
    ("base_url: «''", "E109"),
    ("policy: «5", "E101"), ("policy: { «max_removal: 5 }", "E102"),
    ("policy: { max_removals: «101% }", "E114"), ("policy: { max_removals: «-1 }", "E114"),
    ("policy: { max_removals: «lots }", "E114"), ("policy: { max_removals: «2.5 }", "E101"),
    ("policy: { max_removals: «'5' }", "E114"), ("policy: { max_removals: «[] }", "E101"),
    ("policy: { max_removals: «null }", "E101"),
    ("policy: { key_max_age: «90 }", "E101"), ("policy: { key_max_age: «90y }", "E114"),
    ("policy: { key_max_age: «0d }", "E114"), ("policy: { key_max_age: «36501d }", "E114"),
    ("subscriptions: «5", "E101"), ("subscriptions: { s: «{ }: 1 }", "E003"),
    ("subscriptions: { «a.b: { seats: 1, expires: 2027-01-31 } }", "E107"),
    ("subscriptions: { s: { tier: «a b, seats: 1, expires: 2027-01-31 } }", "E107"),
    ("subscriptions: { s: { tier: «5, seats: 1, expires: 2027-01-31 } }", "E101"),
    ("subscriptions: { «s: { seats: 1 } }", "E103"),
    ("subscriptions: { «s: { expires: 2027-01-31 } }", "E103"),
    ("subscriptions: { s: { «seat: 1, expires: 2027-01-31 } }", "E102"),
    ("subscriptions: { s: «40 }", "E101"),
    ("subscriptions: { s: { seats: «40.0, expires: 2027-01-31 } }", "E101"),
    ("subscriptions: { s: { seats: «'40', expires: 2027-01-31 } }", "E101"),
    ("subscriptions: { s: { seats: «-1, expires: 2027-01-31 } }", "E111"),
    ("subscriptions: { s: { seats: «1000000001, expires: 2027-01-31 } }", "E111"),
    ("subscriptions: { s: { seats: «99999999999999999999, expires: 2027-01-31 } }", "E111"),
    ("subscriptions: { s: { seats: 1, expires: 2027-01-31, credits: «1.5 } }", "E101"),
    ("subscriptions: { s: { seats: 1, expires: 2027-01-31, credits: «-1 } }", "E111"),
    ("subscriptions: { s: { seats: 1, expires: «2027-02-30 } }", "E110"),
    ("subscriptions: { s: { seats: 1, expires: «2027-01-31T12:00:00 } }", "E110"),
    ("subscriptions: { s: { seats: 1, expires: «2027 } }", "E101"),
    ("subscriptions: { s: { seats: 1, expires: «null } }", "E101"),
  ])
  func `each finding has its code and place`(_ marked: String, _ code: String) {
    let (text, place) = unmarked(head + marked)
    if code == "E003" { return #expect(Outcome([text]).org == nil) }
    #expect(Outcome([text]).places == ["\(place): \(code)"])
  }

  @Test(arguments: [
    ("«1a: {}", "E105"), ("«é: {}", "E105"), ("«a-b: {}", "E105"), ("«'': {}", "E105"),
    ("frank:«", "E101"), ("frank: «null", "E101"), ("frank: «standard", "E101"),
    ("frank: «[]", "E101"), ("frank: { «sit: s }", "E102"), ("frank: { role: «ownr }", "E112"),
    ("frank: { role: «true }", "E101"), ("frank: { role: «[owner] }", "E101"),
    ("frank: { seat: «q }", "E104"), ("frank: { seat: «null }", "E101"),
    ("frank: { seat: «true }", "E101"), ("frank: { seat: «5 }", "E101"),
    ("frank: { until: «~ }", "E101"), ("frank: { until: «soon }", "E110"),
    ("frank: { key: «0 }", "E111"), ("frank: { key: «'2' }", "E101"),
    ("frank: { key: «null }", "E101"), ("frank: { role: «owner }", "E113"), ("«Alice: {}", "E106"),
  ])
  func `each finding at a member has its code and place`(_ marked: String, _ code: String) {
    let (text, place) = unmarked(
      """
      organization: acme
      subscriptions: { s: { seats: 1, expires: 2027-01-31 } }
      members:
        alice: { role: owner }
        \(marked)

      """)
    #expect(Outcome([text]).places == ["\(place): \(code)"])
  }

  @Test(arguments: [
    #"«"""#, #"«"a\nb""#, #"«"a\u2028b""#, #"«"a\u0085b""#, #"«"a\u202Eb""#, #"«"a\tb""#,
    #"«"\u061C""#,
    "«" + String(repeating: "x", count: 101),
  ])
  func `an organization's name is one line without controls`(_ marked: String) {
    let (text, place) = unmarked("organization: \(marked)\nmembers: { a: { role: owner } }")
    #expect(Outcome([text]).places == ["\(place): E108"])
  }

  @Test(arguments: ["«", "«# nothing", "«- a", "«text", "«[]"])
  func `a file that is no mapping is one finding`(_ marked: String) {
    let outcome = Outcome([unmarked(marked).text])
    #expect(outcome.diagnostics.map(\.code) == [.wrongType])
  }

  @Test func `without an owner the members are to blame`() {
    let (text, place) = unmarked("organization: a\n«members: { b: {} }")
    #expect(Outcome([text]).places == ["\(place): E113"])
    #expect(Outcome(["organization: a"]).places == ["a.yaml:1:1: E113"])
  }

  @Test func `a missing organization is reported at the start`() {
    #expect(Outcome(["\nmembers: { b: { role: owner } }"]).places == ["a.yaml:1:1: E103"])
  }

  /// What an org file says is kept and shown: in plans, in the log, on the console.
  @Test(arguments: [
    ("organization: «KEY\nmembers: { a: { role: owner } }", "E108"),
    (head + "base_url: «https://h/v1?key=KEY", "E109"),
    (head + "subscriptions: { «KEY: { seats: 1, expires: 2027-01-31 } }", "E107"),
    (head + "subscriptions: { s: { seats: 1, expires: 2027-01-31, tier: «KEY } }", "E107"),
    ("organization: a\nmembers: { a: { role: owner }, «KEY: {} }", "E105"),
  ])
  func `a key or a token is no value of an org file`(_ marked: String, _ code: String) {
    for prefix in ["usk_", "ust_"] {
      let key = prefix + String(repeating: "x9Q", count: 14) + "d_Ab3dE7"
      let (text, place) = unmarked(marked.replacing("KEY", with: key))
      let outcome = Outcome([text])
      #expect(outcome.places == ["\(place): \(code)"])
      #expect(outcome.diagnostics.allSatisfy { !$0.message.contains(key.prefix(20)) })
    }
  }

  @Test func `a base URL may have 2048 characters and no more`() {
    let url = "https://h/" + String(repeating: "a", count: 2038)
    #expect(Outcome([head + "base_url: \(url)"]).lines == [])
    #expect(Outcome([head + "base_url: \(url)a"]).places == ["a.yaml:3:11: E109"])
  }
}

@Suite struct Cascades {
  @Test(arguments: [
    "members: { a: { role: ownr } }", "members: { a: { rol: owner } }", "members: { a: owner }",
    "members:", "member: { a: { role: owner } }", "members: { 1a: { role: ownr } }",
  ])
  func `whoever may be the owner is not missed`(_ members: String) {
    let codes = Outcome(["organization: a\n" + members]).diagnostics.map(\.code)
    #expect(!codes.isEmpty)
    #expect(!codes.contains(.ownerCount))
  }

  @Test(arguments: [
    "subscriptions:", "subscriptions: []", "subscriptions: { s: 5 }", "subscription: {}",
    "subscriptions: { s: { seats: x, expires: y } }",
  ])
  func `a subscription that cannot be read is not unknown as well`(_ line: String) {
    let codes = Outcome(["organization: a\n\(line)\nmembers: { a: { role: owner, seat: s } }"])
      .diagnostics.map(\.code)
    #expect(!codes.isEmpty)
    #expect(!codes.contains(.unknownSubscription))
  }

  @Test func `a misspelt key is not missing as well`() {
    #expect(
      Outcome(["organisation: a\nmembers: { a: { role: owner } }"]).places == ["a.yaml:1:1: E102"])
  }

  @Test func `a broken file does not make the others incomplete`() {
    let outcome = Outcome(["organization: [", "members: { a: { seat: s } }"])
    #expect(outcome.diagnostics.map(\.code) == [.syntax])
  }

  @Test func `all findings of all files come in one run`() {
    let outcome = Outcome([
      "organization: acme\nversion: 2\nmembers: { alice: { role: owner, key: 0 } }",
      "colour: red\nmembers: { b-b: {}, carol: { role: owner } }",
    ])
    #expect(
      outcome.places == [
        "a.yaml:2:10: E115", "a.yaml:3:39: E111", "b.yaml:1:1: E102", "b.yaml:2:12: E105",
        "b.yaml:2:36: E113",
      ])
  }

  @Test func `tens of thousands of findings are all reported`() {
    let names = (0..<20_000).map { "  u\($0): { seat: q }\n" }.joined()
    let text = "organization: a\nsubscriptions: {}\nmembers:\n  o: { role: owner }\n" + names
    #expect(Outcome([text, "members:\n" + names]).diagnostics.count == 60_000)
  }
}

@Suite struct Completeness {
  @Test func `a long name is cut in messages, whatever it is the name of`() {
    let long = String(repeating: "x", count: 64)
    let outcome = Outcome(["organization: a\nmembers: { o: { role: owner, seat: \(long) } }\n"])
    #expect(outcome.lines.first?.contains("'\(long.prefix(60))…'") == true, "\(outcome.lines)")
    #expect(outcome.lines.allSatisfy { !$0.contains("UnicodeScalarView") })
  }

  @Test func `too few seats are found beside other errors`() {
    var diagnostics = Diagnostics()
    let text = """
      organization: acme
      bogus: 1
      subscriptions: { s: { seats: 1, expires: 2027-01-01 } }
      members: { a: { role: owner, seat: s }, b: { seat: s } }
      """
    let file = SourceFile(name: "org.yaml", bytes: Array(text.utf8))
    _ = OrgDecoder.decode(
      [file], checkingCapacityAt: Instant("2026-11-23T08:00:00Z"), into: &diagnostics)
    #expect(diagnostics.sorted.map(\.code) == [.unknownKey, .notEnoughSeats])
  }

  @Test func `what another file may hold is not missing`() {
    var diagnostics = Diagnostics()
    let file = SourceFile(name: "org.yaml", bytes: Array("members: { a: { seat: s } }".utf8))
    _ = OrgDecoder.decode([file], isComplete: false, into: &diagnostics)
    #expect(diagnostics.all.isEmpty)
  }
}
