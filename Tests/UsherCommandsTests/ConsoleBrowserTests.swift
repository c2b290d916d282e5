// ConsoleBrowserTests: the console in a real browser: what it shows, does, loads and complains of.
//
// They run where Debian's chromium is installed, as `.ci/run` sees to.

import Foundation
import Testing

@testable import UsherCommands

private let org = """
  organization: Acme
  base_url: https://llm.acme.example/v1
  subscriptions:
    standard: { seats: 400, expires: 2026-12-20, credits: 2500 }
    pro: { seats: 60, expires: 2027-06-30T12:00:00Z, credits: 100000 }
    trial: { seats: 3, expires: 2026-11-15 }
  policy: { key_max_age: 90d }
  members:
    alice: { role: owner, seat: pro }
    bob: { role: administrator, seat: standard }
    carol: { seat: standard, until: 2026-12-01 }

  """

@Suite(.serialized, .enabled(if: Browser.isInstalled)) struct ConsoleBrowserTests {
  private static let now = "2026-11-23T08:30:00Z"
  private let sandbox: Sandbox
  private let browser: Browser

  init() throws {
    sandbox = try Sandbox()
    browser = try Browser()
  }

  /// Writes the console of a store with these members more, and usage of all.
  private func writePage(members count: Int, hasUsage: Bool = true) throws -> String {
    let names = (0..<count).map { "m\($0)" }
    let more = names.map { "  \($0): { seat: \($0.hasSuffix("7") ? "pro" : "standard") }\n" }
    #expect(try sandbox.apply(org + more.joined(), now: "2026-11-01T00:00:00Z").code == 0)
    if hasUsage {
      try ingest(
        (names + ["alice", "bob"]).enumerated().map { index, name in
          record(
            of: name, day: 10 + index % 13, model: "\"model-\(index % 3)\"",
            credits: "\(index * 37 % 400).5")
        })
    }
    return try writePage()
  }

  /// A record of usage at noon of a day of November.
  /// - Parameter model: As JSON has it.
  private func record(
    of member: String, day: Int, model: String = "\"m\"", credits: String
  ) -> String {
    "{\"time\":\"2026-11-\(day)T12:00:00Z\",\"member\":\"\(member)\",\"model\":\(model),"
      + "\"credits\":\(credits)}"
  }

  private func ingest(_ records: [String]) throws {
    let file = try sandbox.write(records.joined(separator: "\n"), to: "usage.jsonl")
    #expect(sandbox.usher("usage", "ingest", file, now: Self.now).code == 0)
  }

  private func writePage() throws -> String {
    let run = sandbox.usher("console", "--out", sandbox.path("page.html"), now: Self.now)
    try #require(run.code == 0, "\(run.errors)")
    return sandbox.path("page.html")
  }

  /// Expects that the browser had nothing to complain of and asked nobody for anything.
  private func expectQuiet(sourceLocation: SourceLocation = #_sourceLocation) {
    for (method, parameters) in browser.events {
      switch method {
      case "Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled",
        "Audits.issueAdded":
        Issue.record("\(parameters)", sourceLocation: sourceLocation)
      case "Network.requestWillBeSent":
        let url = (parameters["request"] as? [String: Any])?["url"] as? String ?? ""
        let isOwn = url.hasPrefix("data:") || url.hasSuffix("/page.html")
        #expect(isOwn, "\(url)", sourceLocation: sourceLocation)
      default: break
      }
    }
  }

  /// Expects that the page fits every width in both schemes, quietly and readably.
  private func expectFit(
    _ page: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for (width, scheme) in [(1280, "light"), (1280, "dark"), (390, "light"), (320, "dark")] {
      try browser.setScreen(width: width, scheme: scheme)
      try browser.load(page)
      let found = try browser.value("document.documentElement.scrollWidth", as: Int.self)
      #expect(found <= width, "\(scheme)", sourceLocation: sourceLocation)
      let faint = try browser.value(faintTexts, as: [String].self)
      #expect(faint == [], "\(width) \(scheme)", sourceLocation: sourceLocation)
      expectQuiet(sourceLocation: sourceLocation)
    }
  }

  @Test func `pages of any store fit any screen, are readable, and load nothing`() throws {
    try expectFit(writePage(members: 0, hasUsage: false))
    try expectFit(writePage(members: 60))
  }

  @Test func `hostile values do nothing and widen nothing`() throws {
    let script = "</script><script>document.title='hacked'</script>"
    let name = "x" + String(repeating: "Y", count: 63)
    let hostile =
      org.replacing(
        "organization: Acme", with: "organization: \"\(script)'\\\"&lt;\(name.prefix(30))\""
      )
      .replacing(
        "https://llm.acme.example/v1",
        with: "https://a.example/&amp;(javascript:alert)?\(name)\(name)"
      )
      .replacing("standard", with: "s-" + String(repeating: "W", count: 62))
      .replacing("carol", with: name)
    try sandbox.write(hostile, to: "org.yaml")
    let file = sandbox.path(
      "</style><img src=x onerror=alert(1)>.yaml".replacing("/", with: "\u{2215}"))
    try FileManager.default.moveItem(atPath: sandbox.path("org.yaml"), toPath: file)
    let keys = sandbox.path("keys")
    let founded = sandbox.usher(
      "apply", file, "--yes", "--create", "--keys-to", keys, now: "2026-11-01T00:00:00Z")
    #expect(founded.code == 0, "\(founded.errors)")
    let reason = "\(script)<img src=x onerror=alert(1)>" + String(repeating: "z", count: 300)
    #expect(sandbox.usher("revoke", "bob", "--reason", reason, now: Self.now).code == 0)
    let models = [
      script, "\u{202E}evil", "<svg onload=alert(1)>", String(repeating: "w", count: 256),
    ]
    let lines = try models.map { model in
      let text = String(decoding: try JSONEncoder().encode(model), as: UTF8.self)
      return record(of: name, day: 20, model: text, credits: "1000000000000")
    }
    try ingest(lines)
    try expectFit(writePage())
    #expect(try browser.value("document.scripts.length") == 1)
    #expect(try browser.value("document.images.length") == 0)
    #expect(try browser.value("document.title", as: String.self).hasPrefix(script))
    #expect(
      try browser.value("document.querySelector('h1').textContent", as: String.self).hasPrefix(
        script))
  }

  @Test func `models keep their blanks and their rows, and a base URL leaves room`() throws {
    let url = "https://a.example/" + String(repeating: "path/", count: 400)
    let long = org.replacing("https://llm.acme.example/v1", with: url)
    #expect(try sandbox.apply(long, now: "2026-11-01T00:00:00Z").code == 0)
    try ingest(
      ["a b  c", "a b c", "Z"].enumerated().map { index, model in
        record(of: "alice", day: 20, model: "\"\(model)\"", credits: "\(9 - index)")
      })
    try browser.setScreen(width: 390)
    try browser.load(writePage())
    #expect(try browser.value("document.getElementById('overview').offsetTop < 450"))
    let whole = "document.querySelector('header details p')"
    #expect(try !browser.value("\(whole).checkVisibility()"))
    let cells =
      "Array.from(document.querySelector('.d30 .pair table').tBodies[0].rows, (row) => row.cells[0])"
    #expect(
      try browser.value("\(cells).map((cell) => cell.innerText)") == ["a b  c", "a b c", "Z"])
    // What is heaped on a letter changes no pixel of the row above.
    let place = try browser.value(
      """
      ((box) => ({ x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height,
        scale: 1 }))(\(cells)[1].getBoundingClientRect())
      """, as: [String: Double].self)
    func picture() throws -> String? {
      try browser.call("Page.captureScreenshot", ["clip": place, "captureBeyondViewport": true])[
        "data"] as? String
    }
    let before = try #require(try picture())
    try browser.run("\(cells)[2].textContent = 'Z' + '\\u0301'.repeat(100)")
    #expect(try picture() == before)
    try browser.setScreen(width: 718, media: "print")
    #expect(try browser.value("\(whole).checkVisibility()"))
    expectQuiet()
  }

  @Test func `large amounts stay on their line, and long seats push no column away`() throws {
    let long = "s" + String(repeating: "W", count: 63)
    let wide = org.replacing("standard", with: long)
    #expect(try sandbox.apply(wide, now: "2026-10-01T00:00:00Z").code == 0)
    try ingest([record(of: "alice", day: 20, credits: "987654321098.25")])
    try expectFit(writePage())
    for width in [1280, 1000, 390] {
      try browser.setScreen(width: width)
      try browser.load(sandbox.path("page.html"))
      let lines: [Int] = try browser.value(
        """
        Array.from(document.querySelectorAll('.facts .big'), (value) => Math.round(
          value.offsetHeight / Number.parseFloat(getComputedStyle(value).lineHeight)))
        """)
      #expect(lines == [1, 1, 1, 1, 1], "\(width)")
      let isWithin: Bool = try browser.value(
        """
        Array.from(document.querySelectorAll('.facts .big')).every((value) =>
          value.scrollWidth <= value.clientWidth)
        """)
      #expect(isWithin, "\(width)")
    }
    try browser.setScreen(width: 1280)
    let widths: [Int] = try browser.value(
      "Array.from(document.querySelectorAll('#roster tbody tr:first-child > *'), (cell) => "
        + "cell.offsetWidth)")
    #expect(widths[2] <= 240 && widths.count == 9, "\(widths)")
    let seat: Int = try browser.value(
      "document.querySelector('#users tbody tr > td:nth-child(2)').offsetWidth")
    #expect(seat <= 240)
  }

  @Test func `without scripts everything is there, and the window can be switched`() throws {
    let page = try writePage(members: 250)
    try browser.setScripts(areRun: false)
    try browser.setScreen(width: 1280)
    try browser.load(page)
    let rows = "document.querySelectorAll('#roster tbody tr').length"
    #expect(try browser.value(rows) == 253)
    #expect(try browser.value("document.querySelectorAll('button').length") == 0)
    #expect(try browser.value("document.getElementById('roster-filter').hidden"))
    #expect(try visiblePanels() == ["30"])
    // By keyboard: the arrows of a group of radio buttons.
    try browser.run("document.getElementById('window-30').focus()")
    try browser.press("ArrowLeft")
    #expect(try visiblePanels() == ["7"])
    try browser.press("ArrowLeft")
    #expect(try visiblePanels() == ["1"])
    try browser.setScreen(width: 1280, media: "print")
    #expect(try visiblePanels() == ["1", "7", "30"])
    expectQuiet()
  }

  /// The windows of usage that are shown.
  private func visiblePanels() throws -> [String] {
    try browser.value(
      "Array.from(document.querySelectorAll('.panel')).filter((panel) => panel.offsetHeight > 0)"
        + ".map((panel) => panel.className.match(/ d(\\d+)/)[1])")
  }

  @Test func `columns sort by key and click, and say so`() throws {
    try browser.setScreen(width: 1280)
    try browser.load(writePage(members: 30))
    try browser.run("document.querySelectorAll('#roster thead button')[7].focus()")
    try browser.press("Enter", text: "\r")
    let credits =
      "Array.from(document.querySelectorAll('#roster tbody tr'), "
      + "(row) => Number.parseFloat(row.cells[7].textContent.replaceAll(',', '')))"
    let sort = "document.querySelectorAll('#roster thead th')[7].getAttribute('aria-sort')"
    var found: [Double] = try browser.value(credits)
    #expect(found == found.sorted(by: >) && Set(found).count > 10)
    #expect(try browser.value(sort) == "descending")
    try browser.press(" ", text: " ")
    found = try browser.value(credits)
    #expect(found == found.sorted() && Set(found).count > 10)
    #expect(try browser.value(sort) == "ascending")
    #expect(
      try browser.value("document.querySelector('#roster-filter [role=status]').textContent")
        == "33 of 33 members, sorted by Credits, 30 days, ascending")
    try browser.run("document.querySelectorAll('#roster thead button')[0].click()")
    let names: [String] = try browser.value(
      "Array.from(document.querySelectorAll('#roster tbody th'), (cell) => cell.textContent)")
    // As people count: m2 before m10.
    #expect(names.prefix(6) == ["alice", "bob", "carol", "m0", "m1", "m2"])
    #expect(names.last == "m29")
    #expect(try browser.value(sort.replacing("[7]", with: "[7]") + " === null"))
    expectQuiet()
  }

  @Test func `cells without anything are last in either order, what is over none is most`() throws {
    let none = org.replacing("2026-12-20, credits: 2500", with: "2026-12-20, credits: 0")
    let more = "  dave: {}\n  erin: { seat: standard }\n  frank: { seat: pro, until: 2026-11-10 }\n"
    #expect(try sandbox.apply(none + more, now: "2026-11-01T00:00:00Z").code == 0)
    try ingest(["alice", "bob"].map { record(of: $0, day: 22, credits: "9") })
    try browser.setScreen(width: 1280)
    try browser.load(writePage())
    // A click on a column, and what it shows then.
    func sorted(_ column: Int) throws -> [String] {
      try browser.run("document.querySelectorAll('#roster thead button')[\(column)].click()")
      return try browser.value(
        "Array.from(document.querySelectorAll('#roster tbody tr'), (row) => "
          + "row.cells[0].textContent + ' ' + row.cells[\(column)].textContent)")
    }
    let rest = ["alice –", "bob –", "dave –", "erin –"]
    #expect(try sorted(6) == ["frank 2026-11-10", "carol 2026-12-01"] + rest)
    #expect(try sorted(6) == ["carol 2026-12-01", "frank 2026-11-10"] + rest)
    let most = ["bob over 0", "alice <1% of 100,000"]
    let least = ["carol 0% of 0", "erin 0% of 0"]
    #expect(try sorted(8) == most + least + ["frank –", "dave –"])
    #expect(try sorted(8) == least + most.reversed() + ["frank –", "dave –"])
    expectQuiet()
  }

  @Test func `rows are filtered by what is typed and chosen, long tables cut until asked`() throws {
    try browser.setScreen(width: 1280)
    try browser.load(writePage(members: 600 - 220))
    func shown() throws -> Int {
      try browser.value("document.querySelectorAll('#roster tbody tr').length")
    }
    let status = "document.querySelector('#roster-filter [role=status]').textContent"
    #expect(try shown() == 200)
    #expect(try browser.value(status) == "383 of 383 members, the first 200 shown")
    try browser.run("document.querySelector('#members .more').click()")
    #expect(try shown() == 383)
    try browser.run("document.querySelector('#roster-filter input').focus()")
    _ = try browser.call("Input.insertText", ["text": "M37"])
    #expect(try browser.value(status) == "11 of 383 members")
    #expect(try shown() == 11)
    try browser.run(
      """
      { const seat = document.querySelector('#roster-filter [data-column="2"]');
        seat.value = 'pro'; seat.dispatchEvent(new Event('input', { bubbles: true })); }
      """)
    #expect(try browser.value(status) == "2 of 383 members")
    #expect(
      try browser.value(
        "Array.from(document.querySelectorAll('#roster tbody th'), (cell) => cell.textContent)")
        == ["m37", "m377"])
    // On paper are all that fit, none that are cut.
    try browser.run(
      """
      { const name = document.querySelector('#roster-filter input'); name.value = '';
        document.querySelector('#roster-filter [data-column="2"]').value = '';
        name.dispatchEvent(new Event('input', { bubbles: true })); }
      """)
    #expect(try shown() == 200)
    try browser.run("dispatchEvent(new Event('beforeprint'))")
    #expect(try shown() == 383)
    try browser.run("dispatchEvent(new Event('afterprint'))")
    #expect(try shown() == 200)
    expectQuiet()
  }

  @Test func `subscriptions that differ in case alone are told apart, and a part on paper`() throws
  {
    let cases = org.replacing(
      "trial: {", with: "Pro: { seats: 3, expires: 2027-01-01 }\n  trial: {")
    #expect(
      try sandbox.apply(
        cases + "  dave: { seat: Pro }\n  Eve: {}\n", now: "2026-11-01T00:00:00Z"
      ).code == 0)
    try browser.setScreen(width: 1280)
    try browser.load(writePage())
    func names(_ field: String, _ value: String) throws -> [String] {
      try browser.run(
        """
        { const field = document.getElementById('roster-\(field)'); field.value = '\(value)';
          field.dispatchEvent(new Event('input', { bubbles: true })); }
        """)
      return try browser.value(
        "Array.from(document.querySelectorAll('#roster tbody th'), (cell) => cell.textContent)")
    }
    let part = "document.querySelector('#members .paper')"
    #expect(try names("seat", "Pro") == ["dave"] && names("seat", "pro") == ["alice"])
    #expect(try names("name", " ALI ") == ["alice"] && names("role", "owner") == ["alice"])
    #expect(try browser.value("\(part).offsetHeight") == 0)
    try browser.setScreen(width: 718, media: "print")
    #expect(try browser.value("\(part).offsetHeight > 0"))
    #expect(
      try browser.value("\(part).textContent")
        == "A part: 1 of 5 members; Name contains: ALI; Role: owner; Seat: pro")
    #expect(try names("seat", "–") == [] && names("name", "") == [] && names("role", "") == ["Eve"])
    #expect(
      try browser.value("\(part).textContent") == "A part: 1 of 5 members; Seat: no seat")
    #expect(try names("seat", "").count == 5)
    #expect(try browser.value("\(part).offsetHeight") == 0)
    expectQuiet()
  }

  @Test func `a table in parts becomes one`() throws {
    let page = try writePage(members: 380)
    let text = try sandbox.read("page.html")
    // The same rows as two tables, as a roster beyond the most rows of a table has them.
    let caption = "The roster"
    let middle = try #require(text.range(of: "<tr>\n<th scope=\"row\">m100<")).lowerBound
    let head = try #require(text.range(of: "<div class=\"scroll hold\"")).lowerBound
    let rows = try #require(text.range(of: "<tbody>", range: head..<text.endIndex)).upperBound
    let opening = text[head..<rows].replacing("scroll hold", with: "scroll hold part")
      .replacing("id=\"roster\" class=\"lively ", with: "data-part-of=\"roster\" class=\"")
      .replacing(caption, with: caption + ": m100 to m99")
    let parted = text[..<middle] + "</tbody></table></div>" + opening + text[middle...]
    try sandbox.write(String(parted), to: "page.html")
    try browser.setScreen(width: 390)
    try browser.load(page)
    #expect(try browser.value("document.querySelectorAll('#members table').length") == 1)
    #expect(try browser.value("document.querySelector('#roster caption').textContent") == caption)
    try browser.run("document.querySelector('#members .more').click()")
    #expect(try browser.value("document.querySelectorAll('#roster tbody tr').length") == 383)
    expectQuiet()
  }

  @Test func `the first key leads past the navigation, and what has the focus shows it`() throws {
    try browser.setScreen(width: 1280)
    try browser.load(writePage(members: 3))
    try browser.press("Tab")
    let focused = "document.activeElement"
    #expect(try browser.value("\(focused).textContent") == "Skip to the content")
    #expect(try browser.value("\(focused).getBoundingClientRect().top >= 0"))
    try browser.press("Enter", text: "\r")
    #expect(try browser.value("\(focused).id") == "main")
    var seen: Set<String> = []
    for _ in 0..<60 {
      try browser.press("Tab")
      let name: String = try browser.value(
        "\(focused).tagName + ' ' + (\(focused).getAttribute('role') ?? '')")
      if name.hasPrefix("BODY") { break }
      seen.insert(name)
      // What is focused of the windows is a radio button that only its label shows.
      let target = "(\(focused).type === 'radio' ? \(focused).nextElementSibling : \(focused))"
      let outline: String = try browser.value("getComputedStyle(\(target)).outlineStyle")
      #expect(outline != "none", "\(name)")
    }
    #expect(
      seen.isSuperset(of: ["BUTTON ", "INPUT ", "SELECT ", "SUMMARY ", "DIV group"]), "\(seen)")
  }

  @Test func `it prints`() throws {
    try browser.load(writePage(members: 60))
    let data = try browser.call("Page.printToPDF")["data"] as? String
    let document = try #require(data.flatMap { Data(base64Encoded: $0) })
    #expect(document.starts(with: Data("%PDF-".utf8)) && document.count > 20_000)
    expectQuiet()
  }

  @Test func `on paper no table is wider than its card`() throws {
    let name = "pro-enterprise-of-the-north"
    let terms = "\(name): { tier: enterprise-plus, seats: 6000"
    let wide = org.replacing("pro: { seats: 60", with: terms)
      .replacing("credits: 100000", with: "credits: 1000000")
      .replacing("seat: pro ", with: "seat: \(name) ")
    #expect(try sandbox.apply(wide, now: "2026-11-01T00:00:00Z").code == 0)
    // A4 less the margins that chromium leaves, in pixels of CSS.
    try browser.setScreen(width: 718, media: "print")
    try browser.load(writePage())
    let widths: [[Int]] = try browser.value(
      "Array.from(document.querySelectorAll('#overview table, #members table'), (table) => "
        + "[table.offsetWidth, table.parentElement.clientWidth])")
    #expect(widths.count == 2)
    for pair in widths { #expect(pair[0] <= pair[1], "\(pair)") }
  }

  @Test func `on paper large figures stay on it, and who runs out is named`() throws {
    let names = (0..<7).map { "m\($0)" }
    let people = names.map { "  \($0): { seat: standard, until: 2026-12-01T12:30:30Z }\n" }
    let little = org.replacing("credits: 2500", with: "credits: 7")
    #expect(try sandbox.apply(little + people.joined(), now: "2026-10-01T00:00:00Z").code == 0)
    try ingest(names.map { record(of: $0, day: 22, credits: "987654321098.25") })
    try browser.setScreen(width: 718)
    try browser.load(writePage())
    let others = "document.querySelector('.note.bad .unfold ul')"
    #expect(try !browser.value("\(others).checkVisibility()"))
    try browser.setScreen(width: 718, media: "print")
    #expect(try browser.value("\(others).checkVisibility()"))
    #expect(
      try browser.value("\(others).innerText") == "the seat ends on 2026-12-01: m5, m6")
    let widths: [Int] = try browser.value(
      "((table) => [table.offsetWidth, table.parentElement.clientWidth])"
        + "(document.getElementById('roster'))")
    #expect(widths[0] <= widths[1], "\(widths)")
    expectQuiet()
  }

  /// The texts of the page that stand out less than WCAG 2.2, 1.4.3, wants: 4.5, or 3 if they are
  /// large. Relative luminance as defined there.
  private let faintTexts = """
    (() => {
      const parse = (text) => text.match(/[\\d.]+/g).map(Number);
      const channel = (value) => value <= 0.04045 * 255
        ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
      const luminance = ([r, g, b]) =>
        0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
      const ground = (element) => {
        for (let node = element; node; node = node.parentElement) {
          const color = parse(getComputedStyle(node).backgroundColor);
          if (color.length === 3 || color[3] > 0) { return color; }
        }
        return [255, 255, 255];
      };
      const found = new Set();
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.getClientRects().length) { continue; }
        const style = getComputedStyle(element);
        const ink = element.ownerSVGElement ? style.fill : style.color;
        const [a, b] = [luminance(parse(ink)), luminance(ground(element))].sort((x, y) => y - x);
        const isLarge = Number.parseFloat(style.fontSize) >= 24;
        if ((a + 0.05) / (b + 0.05) < (isLarge ? 3 : 4.5)) {
          found.add(`${walker.currentNode.data.slice(0, 30)} ${ink}`);
        }
      }
      return Array.from(found);
    })()
    """
}
