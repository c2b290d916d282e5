// Browser: Chromium without a window, told what to do through two pipes.
//
// Source: the Chrome DevTools Protocol, version 1.3; over pipes its messages end with a NUL.

import Foundation
import Testing

/// One page of a browser of its own.
final class Browser {
  /// Whether there is one to test with; `.ci/run` installs it.
  static let isInstalled = RealUsher.has("chromium")

  private let child: RealUsher.Child
  private let folder: Sandbox
  private let commands: Int32
  private let replies: Int32
  private var unread: [UInt8] = []
  private var number = 0
  private var session: String?
  /// What the browser told of without being asked, since the page was opened.
  private(set) var events: [(method: String, parameters: [String: Any])] = []

  init() throws {
    folder = try Sandbox()
    for name in ["commands", "replies"] { try #require(mkfifo(folder.path(name), 0o600) == 0) }
    // Open both ways, so that no side waits for the other to open its end.
    commands = open(folder.path("commands"), O_RDWR | O_CLOEXEC)
    replies = open(folder.path("replies"), O_RDWR | O_CLOEXEC)
    var usher = RealUsher(sandbox: folder)
    usher.environment = ["HOME": folder.folder, "TMPDIR": folder.folder]
    child = try usher.start(
      "exec chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage "
        + "--hide-scrollbars --user-data-dir='\(folder.path("profile"))' --remote-debugging-pipe "
        + "about:blank 3<commands 4>replies")
    let target = try call("Target.createTarget", ["url": "about:blank"])["targetId"]
    session =
      try call("Target.attachToTarget", ["targetId": target ?? "", "flatten": true])["sessionId"]
      as? String
    for domain in ["Page", "Network", "Runtime", "Log", "Audits"] {
      _ = try call("\(domain).enable")
    }
  }

  deinit {
    // Asked to, it ends whole, and nothing writes to its folder any more; killed, its parts linger.
    session = nil
    if (try? call("Browser.close")) == nil { child.send(SIGKILL) }
    _ = try? child.wait()
    close(commands)
    close(replies)
  }

  /// Opens a file and waits until it is loaded.
  func load(_ path: String) throws {
    events = []
    _ = try call("Page.navigate", ["url": URL(fileURLWithPath: path).absoluteString])
    while !events.contains(where: { $0.method == "Page.loadEventFired" }) {
      try take(try nextMessage())
    }
  }

  /// The value of an expression in the page.
  func value<Value>(_ expression: String, as type: Value.Type = Value.self) throws -> Value {
    let reply = try call(
      "Runtime.evaluate",
      ["expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true])
    #expect(reply["exceptionDetails"] == nil, "\(expression)")
    return try #require((reply["result"] as? [String: Any])?["value"] as? Value, "\(expression)")
  }

  /// Runs a statement in the page.
  func run(_ script: String) throws { _ = try value("\(script); true", as: Bool.self) }

  /// Presses and releases a key, such as `Tab`.
  func press(_ key: String, text: String? = nil) throws {
    let codes = ["Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowRight": 39, " ": 32]
    for type in [text == nil ? "rawKeyDown" : "keyDown", "keyUp"] {
      var parameters: [String: Any] = [
        "type": type, "key": key, "code": key, "windowsVirtualKeyCode": codes[key] ?? 0,
      ]
      if type == "keyDown" { parameters["text"] = text }
      _ = try call("Input.dispatchKeyEvent", parameters)
    }
  }

  /// Makes the window that wide, and prefer that scheme.
  func setScreen(width: Int, scheme: String = "light", media: String = "") throws {
    _ = try call(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500])
    _ = try call(
      "Emulation.setEmulatedMedia",
      ["media": media, "features": [["name": "prefers-color-scheme", "value": scheme]]])
  }

  /// Switches scripts of pages that are opened from now on.
  func setScripts(areRun: Bool) throws {
    _ = try call("Emulation.setScriptExecutionDisabled", ["value": !areRun])
  }

  /// Calls a method of the protocol.
  func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    number += 1
    var message: [String: Any] = ["id": number, "method": method, "params": parameters]
    message["sessionId"] = session
    let bytes = try JSONSerialization.data(withJSONObject: message) + [0]
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(commands, $0.baseAddress, $0.count) }
      try #require(count > 0)
      rest = rest.dropFirst(count)
    }
    while true {
      let reply = try nextMessage()
      guard reply["id"] as? Int == number else {
        try take(reply)
        continue
      }
      let error = reply["error"].map { "\($0)" }
      try #require(error == nil, "\(method): \(error ?? "")")
      return reply["result"] as? [String: Any] ?? [:]
    }
  }

  private func take(_ message: [String: Any]) throws {
    guard let method = message["method"] as? String else { return }
    events.append((method, message["params"] as? [String: Any] ?? [:]))
  }

  private func nextMessage() throws -> [String: Any] {
    while true {
      if let end = unread.firstIndex(of: 0) {
        let message = Data(unread[..<end])
        unread.removeFirst(end + 1)
        return try #require(JSONSerialization.jsonObject(with: message) as? [String: Any])
      }
      var wanted = pollfd(fd: replies, events: Int16(POLLIN), revents: 0)
      // A browser that says nothing for so long has died.
      try #require(poll(&wanted, 1, 60_000) > 0, "no word from the browser")
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = read(replies, &chunk, chunk.count)
      try #require(count > 0)
      unread += chunk[..<count]
    }
  }
}
