// ConsoleDocument: the page around its sections: head, landmarks, navigation.
//
// One file that asks nobody for anything: the policy in its head lets a browser run its own style sheet
// and script, known by their digests, and load nothing.

import Metering
import OrgModel

extension ConsolePage {
  /// The page as HTML, the same bytes for the same values.
  public func render() -> [UInt8] {
    var html = HTMLWriter()
    html.element("html", ["lang": "en"]) { html in
      html.element("head", writeHead)
      html.breakLine()
      html.element("body") { html in
        html.element("a", ["class": "skip", "href": "#main"], "Skip to the content")
        html.element("header", ["class": "head"], writeHeader)
        html.element("nav", ["aria-label": "Sections"], writeNavigation)
        html.breakLine()
        html.element("main", ["id": "main", "class": "wide", "tabindex": "-1"]) { html in
          section("overview", "Overview", into: &html, writeOverview)
          section("members", "Members", into: &html, writeMembers)
          section("usage", "Usage", into: &html, writeUsage)
          section("history", "History", into: &html, writeHistory)
        }
        html.element("footer", writeFooter)
        html.breakLine()
        html.script(Self.script)
      }
    }
    html.breakLine()
    return html.sink.bytes
  }

  /// What a browser may do with the page: nothing but show it. The icon is in the page, too.
  static let policy = [
    "default-src 'none'", "style-src \(style.policySource)", "script-src \(script.policySource)",
    "img-src data:", "base-uri 'none'", "form-action 'none'",
  ].joined(separator: "; ")

  /// So long a base URL stands in its line; bytes.
  private static let baseURLBytesMax = 120

  private static let icon =
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    + "%3Crect width='16' height='16' rx='4' fill='%231f5fbf'/%3E"
    + "%3Cpath d='M4 12V8M8 12V4M12 12V6' stroke='white' stroke-width='2'/%3E%3C/svg%3E"

  private func writeHead(into html: inout HTMLWriter) {
    html.void("meta", ["charset": "utf-8"])
    html.void("meta", ["http-equiv": "Content-Security-Policy", "content": Self.policy])
    html.void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
    html.void("meta", ["name": "color-scheme", "content": "light dark"])
    html.void("meta", ["name": "referrer", "content": "no-referrer"])
    html.void("meta", ["name": "robots", "content": "noindex"])
    html.element("title", "\(organization) – usher console")
    html.void("link", ["rel": "icon", "href": Self.icon])
    html.style(Self.style)
  }

  private func writeHeader(into html: inout HTMLWriter) {
    html.element("div", ["class": "wide"]) { html in
      html.element("p", ["class": "brand"], "usher console")
      html.element("h1") { $0.element("bdi", organization) }
      html.element("p", ["class": "soft"]) { html in
        html.text("As of ")
        html.time(now, suffix: " UTC")
        if let headTime {
          html.text(", commit \(head.sequence) of ")
          html.time(headTime, suffix: " UTC")
          html.text(" (\(RelativeTime.distance(from: now, to: headTime)))")
        }
      }
      guard owner != nil || baseURL != nil else { return }
      let isLong = (baseURL?.utf8.count ?? 0) > Self.baseURLBytesMax
      html.element("p", ["class": "soft"]) { html in
        if let owner { html.text("Owner \(owner)") }
        guard let baseURL, !isLong else { return }
        html.text(owner == nil ? "Base URL " : ", base URL ")
        html.element("code", baseURL)
      }
      if let baseURL, isLong { Self.fold(baseURL, into: &html) }
    }
  }

  /// Writes the start of a base URL, from which the whole unfolds: it may fill a phone.
  private static func fold(_ baseURL: String, into html: inout HTMLWriter) {
    html.element("details", ["class": "unfold soft"]) { html in
      html.element("summary") { html in
        html.text("Base URL ")
        html.element("code", "\(baseURL.prefix(baseURLBytesMax / 2))…")
      }
      html.element("p") { $0.element("code", baseURL) }
    }
  }

  private func writeNavigation(into html: inout HTMLWriter) {
    html.element("div", ["class": "wide"]) { html in
      html.element("ul") { html in
        for (id, title) in [
          ("#overview", "Overview"), ("#members", "Members"), ("#usage", "Usage"),
          ("#history", "History"),
        ] {
          html.element("li") { $0.element("a", ["href": id], title) }
        }
      }
    }
  }

  private func writeFooter(into html: inout HTMLWriter) {
    html.element("div", ["class": "wide"]) { html in
      html.element(
        "p",
        "Made by usher console. All instants are UTC. This page loads nothing and sends nothing.")
      if let digest = head.digest {
        html.element("p") { html in
          html.text("Commit \(head.sequence) has the digest ")
          html.element("code", digest.labelled)
        }
      }
    }
  }

  private func section(
    _ id: String, _ title: String, into html: inout HTMLWriter,
    _ body: (inout HTMLWriter) -> Void
  ) {
    html.element("section", ["id": id, "aria-labelledby": "\(id)-title"]) { html in
      html.element("h2", ["id": "\(id)-title"], title)
      body(&html)
    }
    html.breakLine()
  }
}
