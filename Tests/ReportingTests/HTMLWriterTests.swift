// HTMLWriterTests: whatever a value is, it stays the text or the attribute that it was written as.

import Digests
import Foundation
import Testing

@testable import Reporting

@Suite struct HTMLWriterTests {
  private func html(_ body: (inout HTMLWriter) -> Void) -> String {
    var html = HTMLWriter()
    body(&html)
    return html.sink.text
  }

  @Test func `what means something in HTML is escaped, in text and in attributes`() {
    let value = "<b>\"a\" & 'b'</b>&amp;"
    let escaped = "&lt;b&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/b&gt;&amp;amp;"
    #expect(
      html { $0.element("p", ["title": value], value) }
        == "<!DOCTYPE html>\n<p title=\"\(escaped)\">\(escaped)</p>")
  }

  @Test func `what would act on its surroundings unseen becomes visible`() {
    #expect(
      html { $0.text("a\u{202E}b\u{0}c\n\u{2066}\u{FEFF}\u{FFFE}\u{9B}é漢👩‍🚀") }
        == "<!DOCTYPE html>\na\\u{202E}b\\u{00}c\\u{0A}\\u{2066}\\u{FEFF}\\u{FFFE}\\u{9B}é漢👩‍🚀")
  }

  @Test func `what nobody sees becomes visible, in text and in attributes`() {
    #expect(
      html { $0.element("p", ["title": "a\u{200B}b"], "<\u{2060}\u{E0041}👩‍🚀") }
        == "<!DOCTYPE html>\n<p title=\"a\\u{200B}b\">&lt;\\u{2060}\\u{E0041}👩‍🚀</p>")
  }

  @Test func `an attribute of nil is left out, an element without content is closed`() {
    #expect(
      html { $0.void("input", ["checked": nil, "hidden": "", "id": "a"]) }
        == "<!DOCTYPE html>\n<input hidden=\"\" id=\"a\"/>")
  }

  @Test func `rows and cells end where the next begins`() {
    let table = html { html in
      html.element("tbody") { html in
        for name in ["a", "<b>"] {
          html.row { html in
            html.head(["scope": "row"]) { $0.text(name) }
            html.cell(["class": "x"], name)
            html.cell { $0.element("b", name) }
            html.cell(name)
          }
        }
      }
    }
    func row(_ name: String) -> String {
      "<tr><th scope=\"row\">\(name)<td class=\"x\">\(name)<td><b>\(name)</b><td>\(name)"
    }
    #expect(table == "<!DOCTYPE html>\n<tbody>\(row("a"))\(row("&lt;b&gt;"))</tbody>")
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `random values come back as they went in`(_ seed: UInt64) throws {
    var random = SystemRandomNumberGenerator()
    var state = seed
    let pieces = [
      "<", ">", "&", "\"", "'", "</script>", "<!--", "-->", "]]>", "&#0;", "&lt", "javascript:",
      "\u{202E}", "\u{0}", "\t", "\n", "a", "é", "\u{1F600}", "\u{FFFD}", "\u{FFFE}", "{{", "${x}",
      "\\u{", "%00", "' onload='x", " style=x",
    ]
    let values = (0..<50).map { _ in
      (0..<Int.random(in: 0..<12, using: &random)).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1
        return pieces[Int(state >> 33) % pieces.count]
      }.joined()
    }
    let document = html { html in
      html.element("main") { html in
        for value in values { html.element("p", ["title": value], value) }
      }
    }
    let read = try Markup(document).all("p")
    #expect(read.count == values.count)
    for (element, value) in zip(read, values) {
      let shown = value.unicodeScalars.map { scalar in
        TerminalText.isHarmful(scalar) || scalar == "\u{FFFE}"
          ? TerminalText.escape(scalar) : String(scalar)
      }.joined()
      #expect(element.text == shown && element.attributes == ["title": shown], "seed \(seed)")
    }
  }

  @Test func `the policy's source is the digest of exactly what stands in the element`() throws {
    let code = HTMLWriter.Code("body { color: red }")
    // printf %s 'body { color: red }' | openssl dgst -sha256 -binary | base64
    #expect(code.policySource == "'sha256-kl6HQb5peP+QG0x7FWklMRxR/HYq4xozK9Oa6BWSDQA='")
    #expect(html { $0.style(code) } == "<!DOCTYPE html>\n<style>body { color: red }</style>")
    #expect(html { $0.script(code) } == "<!DOCTYPE html>\n<script>body { color: red }</script>")
  }
}
