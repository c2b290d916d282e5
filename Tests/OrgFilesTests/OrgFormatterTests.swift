// OrgFormatterTests: what the canonical layout of an org file looks like.

import SourceText
import Testing

@testable import OrgFiles

private func formatted(_ text: String, as name: String = "org.yaml") -> String {
  var diagnostics = Diagnostics()
  let file = SourceFile(name: name, bytes: Array(text.utf8))
  let bytes = OrgFormatter.format(file, into: &diagnostics)
  return bytes.map { String(decoding: $0, as: UTF8.self) }
    ?? diagnostics.all.map(\.code.rawValue).joined(separator: " ")
}

/// A text that formatting leaves as it is.
private func isFixed(_ text: String, as name: String = "org.yaml") -> Bool {
  formatted(text, as: name) == text
}

@Suite struct FormattedOrder {
  @Test func `known keys stand in their order, unknown ones behind them as they came`() {
    let text = """
      zeta: 1
      members: { a: { key: 2, nick: x, until: 2099-01-01, seat: pro, role: owner } }
      alpha: 2
      policy: { key_max_age: 90d, max_removals: 25% }
      subscriptions: { pro: { credits: 5, expires: 2099-01-31, seats: 1, tier: gold } }
      base_url: https://h
      organization: acme
      version: 1
      """
    #expect(
      formatted(text) == """
        version: 1
        organization: acme
        base_url: https://h
        subscriptions:
          pro: { tier: gold, seats: 1, expires: 2099-01-31, credits: 5 }
        policy:
          max_removals: 25%
          key_max_age: 90d
        members:
          a: { role: owner, seat: pro, until: 2099-01-01, key: 2, nick: x }
        zeta: 1
        alpha: 2

        """)
  }

  @Test func `members and subscriptions stay in the order in which they stand`() {
    #expect(isFixed("members:\n  zoe: {}\n  adam: {}\n  Mia: {}\n") == false)
    #expect(isFixed("members:\n  zoe:  {}\n  adam: {}\n  Mia:  {}\n"))
  }

  @Test func `a file may be a part of an org, or none`() {
    #expect(isFixed("members:\n  bob: {}\n"))
    #expect(formatted("[a,  b]") == "- a\n- b\n")
    #expect(formatted("'text'") == "text\n")
    #expect(formatted("{}") == "{}\n")
    #expect(
      formatted("members: 5\norganization: [x, {w: z}]\n")
        == "organization:\n  - x\n  - { w: z }\nmembers: 5\n")
  }
}

@Suite struct FormattedLines {
  @Test func `an entry stands on one line up to 100 columns, its comment not counted`() {
    let seat = String(repeating: "s", count: 65)
    let fits = "members:\n  alice_12: { role: owner, seat: \(seat) }  # the boss\n"
    #expect(fits.split(separator: "\n")[1].prefix { $0 != "#" }.count == 102)
    #expect(isFixed(fits))
    #expect(
      formatted(fits.replacing("_12", with: "_123"))
        == "members:\n  alice_123:  # the boss\n    role: owner\n    seat: \(seat)\n")
  }

  @Test func `an entry with comments inside stands on lines of its own`() {
    #expect(
      formatted("members:\n  bob: { role: owner, # why\n    seat: pro }\n")
        == "members:\n  bob:\n    role: owner  # why\n    seat: pro\n")
    #expect(
      formatted("members:\n  bob:\n    seat: pro\n    # more\n  eve:\n    seat: pro\n")
        == "members:\n  bob:\n    seat: pro\n    # more\n  eve: { seat: pro }\n")
  }

  @Test func `what is empty stands in braces, and what is nothing is left out`() {
    #expect(isFixed("subscriptions: {}\nmembers:\n  bob: {}\n"))
    #expect(isFixed("members:\n"))
    #expect(
      formatted("members:\n  bob: { seat: , role: ~ }\n")
        == "members:\n  bob: { role: ~, seat: null }\n")
  }

  @Test func `unknown values are laid out like known ones`() {
    let text = """
      notes:
        - plain
        - { a: 1, b: [1, 2] }
        - - deep
          - - deeper  # here
      map:
        flat: { x: 1 }
        deep:
          # inside
          z: 2

      """
    #expect(isFixed(text))
  }
}

@Suite struct FormattedAlignment {
  @Test func `values of entries that follow each other begin in one column`() {
    let text = """
      members:
        al:    { role: owner }
        betty: {}
        # apart
        c: {}

        dora: {}
        a_name_of_25_characters_xy: {}
        e:    {}

      """
    #expect(isFixed(text))
    #expect(formatted(text.replacing("    {", with: " {").replacing(":  ", with: ": ")) == text)
  }

  @Test func `a name of 24 characters takes part, a longer one does not`() {
    let name = String(repeating: "n", count: 24)
    #expect(isFixed("members:\n  a:                        {}\n  \(name): {}\n"))
    #expect(isFixed("members:\n  a: {}\n  \(name)n: {}\n"))
  }

  @Test func `an entry is not pushed beyond column 100`() {
    let seat = String(repeating: "s", count: 80)
    #expect(
      isFixed("members:\n  a: { seat: \(seat) }\n  \("twelve_chars"): {}\n  b:            {}\n"))
  }

  @Test func `comments of entries that follow each other begin two blanks behind the longest`() {
    let text = """
      organization: acme     # the name
      base_url: https://a.b  # for clients
      policy:  # rails
        max_removals: 25%  # a share
        key_max_age: 90d   # a term
      members:
        al:   {}               # short
        beth: { seat: pro, until: 2099-12-31 }
        carl: { seat: pro }    # longer
        dora: { role: owner }  # longest

        eve: {}  # alone

      """
    #expect(isFixed(text))
  }

  @Test func `a comment that would pass column 100 follows its entry, and no other looks at it`() {
    let long = String(repeating: "x", count: 75)
    #expect(
      isFixed(
        """
        members:
          a: {}          # short
          b: { seat: pro, until: 2099-12-31, key: 77 }  # \(long)
          c: {}  # \(long)xxxxxxxx
          d: { key: 2 }  # \(long)

        """))
  }

  @Test func `comments below an entry part it from the next`() {
    #expect(isFixed("members:\n  a: {}\n    # b: 1\n  longer: {}\n"))
  }

  @Test func `in JSON the last entry has no comma to leave room for`() {
    #expect(isFixed("{\n  \"a\": 1,\n  \"b\": 2  # two\n}\n", as: "a.json"))
    #expect(isFixed("{\n  \"a\": 1,  # one\n  \"b\": 2   # two\n}\n", as: "a.json"))
  }
}

@Suite struct FormattedComments {
  @Test func `comments stay with the entry below them, or with their section's end`() {
    let text = """
      # about version
      version: 1
      members:  # all of them
        # Leads
        alice: { role: owner }
        # Nobody else yet
        # bob: {}
      # about nothing
      organization: acme
      # the end
      """
    #expect(
      formatted(text) == """
        # about version
        version: 1
        # about nothing
        organization: acme
        members:  # all of them
          # Leads
          alice: { role: owner }
          # Nobody else yet
          # bob: {}
        # the end

        """)
  }

  @Test func `the header of a file stays at its top`() {
    let text = """
      # Owned by the platform team.

      # What we pay for
      subscriptions: {}
      organization: acme
      """
    #expect(
      formatted(text) == """
        # Owned by the platform team.

        organization: acme

        # What we pay for
        subscriptions: {}

        """)
    #expect(
      formatted("# header\n\nmembers:\n  a: {}\nversion: 1\n")
        == "# header\n\nversion: 1\nmembers:\n  a: {}\n")
  }

  @Test func `lines that go on with a comment stay with it`() {
    let text = """
      members:
        al:   { role: owner }  # the boss,
                               # until spring
        beth: {}               # new

      """
    #expect(isFixed(text))
    #expect(
      formatted(text.replacing("}  #", with: "} #").replacing(" # until", with: "# until")) == text)
  }

  @Test func `a comment behind a blank line goes on with none`() {
    #expect(
      formatted("members:\n  a: { key: 1 }  # b\n\n                 # c\n  d: {}\n")
        == "members:\n  a: { key: 1 }  # b\n\n  # c\n  d: {}\n")
  }

  @Test func `comments in braces belong to the entry below, however deep they stand`() {
    #expect(
      formatted("x: {a: {},\n     # c\n b: 1}\n") == "x:\n  a: {}\n  # c\n  b: 1\n")
  }

  @Test func `a header stays above braces that open the file and go`() {
    #expect(
      formatted("# top\n\n{ members: {}, version: 1 }\n")
        == "# top\n\nversion: 1\nmembers: {}\n")
    #expect(
      formatted("# mine\n{ members: {}, version: 1 }\n")
        == "version: 1\n# mine\nmembers: {}\n")
  }

  @Test func `what stands behind the marker of a document moves below it`() {
    #expect(formatted("--- a # c\n") == "---\na  # c\n")
    #expect(formatted("\u{FEFF}%YAML 1.2\n---\na: 1\n") == "%YAML 1.2\n---\na: 1\n")
    #expect(formatted("# c\n\n--- # d\n\n# e\n") == "# c\n\n---  # d\n# e\n")
  }

  @Test func `comments below what is empty belong to it`() {
    #expect(isFixed("members: {}\n  # bob: {}\n# about version\nx: 1\n"))
    #expect(isFixed("policy:\n  # max_removals: 1\nmembers:\n  a:\n    # b: 1\n  c: {}\n"))
    #expect(formatted("members: {\n # none\n }\n") == "members: {}\n  # none\n")
  }

  @Test func `comments between a key and its value keep their order`() {
    #expect(
      formatted("organization: # Renamed,\n  # see ticket 42\n  acme # now\n")
        == "# Renamed,\n# see ticket 42\norganization: acme  # now\n")
    #expect(
      formatted("members: # Ask first\n  # before editing\n  {a: {}}\n")
        == "# Ask first\n# before editing\nmembers:\n  a: {}\n")
  }

  @Test func `comments in every odd place survive`() {
    let text = """
      # 1
      %YAML 1.2 # not one
      # 2
      --- # 3
      # 4
      a: # 5
        |  # 6
        text # not one
       # 7
      b: [ # 8
        1, # 9
        # 10
        2 # 11
        , # 12
        # 13
       ] # 14
      c: { # 15
        # 16
        } # 17
      d:
        # 18
        - # 19
          # 20
          x # 21
        # 22
      # 23
      ...
      # 24
      """
    #expect(
      formatted(text) == """
        # 1
        %YAML 1.2 # not one
        # 2
        ---  # 3
        # 4
        # 5
        a: "text # not one\\n"  # 6
        # 7
        # 8
        b:  # 14
          - 1  # 9
          # 10
          - 2  # 11
          # 12
          # 13
        # 15
        c: {}  # 17
          # 16
        d:
          # 18
          # 19
          # 20
          - x  # 21
          # 22
        # 23
        # 24

        """)
    #expect(isFixed(formatted(text)))
  }

  @Test func `blank lines separate once, and neither begin nor end anything`() {
    #expect(
      formatted("\n\norganization: a\n\n\n\nmembers:\n\n  b: {}\n \t\n\n  c: {}\n\n  # d\n\n\n")
        == "organization: a\n\nmembers:\n  b: {}\n\n  c: {}\n\n  # d\n")
    #expect(formatted("\n\nx: 1\nversion: 1\n") == "version: 1\nx: 1\n")
  }
}

@Suite struct FormattedScalars {
  @Test(arguments: [
    ("'pro'", "pro"), ("\"a: b\"", "\"a: b\""), ("'it''s'", "it's"), ("'a #b'", "\"a #b\""),
    ("'1'", "\"1\""), ("0x1F", "0x1F"), ("1.50", "1.50"), ("~", "~"), ("True", "True"),
    ("'true'", "\"true\""), ("no", "\"no\""), ("'2099-01-31'", "2099-01-31"),
    ("\"25%\"", "25%"), ("'é 日'", "é 日"), ("\"\\u00E9\"", "é"), ("\"\\u202E\"", "\"\\u202E\""),
    ("''", "\"\""), ("\"a\\tb\\n\"", "\"a\\tb\\n\""), ("'[a]'", "\"[a]\""), ("a,b[c]", "a,b[c]"),
    ("-x", "-x"), ("'- x'", "\"- x\""), ("'---'", "\"---\""), ("'a:'", "\"a:\""), ("':a'", ":a"),
    ("\"a\\\\b\"", "a\\b"), ("'a\"b'", "a\"b"), ("'<<'", "\"<<\""), (".inf", ".inf"),
    ("a\n  b", "a b"), ("|-\n  a\n  b", "\"a\\nb\""), (">\n  a\n  b", "\"a b\\n\""),
  ])
  func `a text has quotes only where it needs them, what is no text stays`(
    _ value: String, _ written: String
  ) {
    #expect(formatted("k: \(value)\n") == "k: \(written)\n")
  }

  @Test func `in braces more texts need quotes`() {
    #expect(
      formatted("k:\n  a: 'x,y'\n  b:\n    c: 'x,y'\n    '{': 'it]s'\n")
        == "k:\n  a: x,y\n  b: { c: \"x,y\", \"{\": \"it]s\" }\n")
  }

  @Test func `line breaks become line feeds and a byte order mark goes`() {
    #expect(formatted("\u{FEFF}a: 1\r\n# c \r\n\r\nb: 2\rc: 3") == "a: 1\n# c\n\nb: 2\nc: 3\n")
  }
}

@Suite struct FormattedJSON {
  @Test func `a JSON file stays JSON, in the same layout`() {
    let text = """
      {"members":{"al":{"seat":"pro","role":"owner"},"beth":{}},
      "organization":"Acm\\u00e9","policy":{},"n":[1,2.50,-3e2,true,null,[]],"version":1}
      """
    let written = """
      {
        "version": 1,
        "organization": "Acmé",
        "policy": {},
        "members": {
          "al":   { "role": "owner", "seat": "pro" },
          "beth": {}
        },
        "n": [
          1,
          2.50,
          -3e2,
          true,
          null,
          []
        ]
      }

      """
    #expect(formatted(text, as: "org.json") == written)
    #expect(isFixed(written, as: "org.json"))
  }

  @Test func `what JSON cannot say is said as JSON can`() {
    #expect(
      formatted("{a: 0x1F, b: +1., c: , d: TRUE, e: 007, f: .5}", as: "x.json")
        == "{\n  \"a\": 31,\n  \"b\": 1.0,\n  \"c\": null,\n  \"d\": true,\n  \"e\": 7,\n  \"f\": 0.5\n}\n"
    )
    #expect(formatted("%YAML 1.2\n---\n[a]\n...\n", as: "x.json") == "[\n  \"a\"\n]\n")
  }

  @Test func `comments that are no JSON stay as well`() {
    let text = """
      # top
      {
        # the file's

        # first
        "version": 1,  # one
        "policy": {
          # nothing yet
        },
        "members": {  # all
          # Leads
          "al": { "role": "owner" },  # the boss
          "b":  {}                    # new
          # nobody else
        }
      }  # closed
      # end

      """
    #expect(isFixed(text, as: "org.json"))
  }

  @Test func `a name that only ends like JSON is YAML`() {
    #expect(formatted("{a: 1}", as: "json") == "a: 1\n")
  }
}

@Suite struct NotFormatted {
  @Test(arguments: ["", "# only\n", "# a\n\n# b\n"])
  func `an empty file stays as it is`(_ text: String) {
    #expect(isFixed(text))
    #expect(isFixed(text, as: "org.json"))
  }

  @Test func `a file of nothing but blanks becomes empty`() {
    #expect(formatted("\n \n") == "")
    #expect(formatted("---\n\n") == "---\n")
  }

  @Test func `what is no document is reported with its place`() {
    var diagnostics = Diagnostics()
    let file = SourceFile(name: "a", bytes: Array("a: 1\nb: [\n".utf8))
    #expect(OrgFormatter.format(file, index: 3, into: &diagnostics) == nil)
    #expect(diagnostics.all.map(\.code) == [.syntax])
    #expect(diagnostics.all[0].range?.file == 3)
    #expect(diagnostics.all[0].range?.start == 8)
  }

  @Test func `a file that no layout keeps the meaning of is left as it is`() {
    let key = String(repeating: "k", count: 1025)
    #expect(formatted("{\(key): 1}") == "E007")
    #expect(formatted("a: {\(key): 1}") == "E007")
    #expect(formatted("{\(key): 1}", as: "a.json") == "{\n  \"\(key)\": 1\n}\n")
  }
}

@Suite struct FixedPoints {
  @Test func `the starter file is formatted`() { #expect(isFixed(OrgTemplate.text)) }
}
