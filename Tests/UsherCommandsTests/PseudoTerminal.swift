// PseudoTerminal: a terminal that a test sits in front of, and what its screen shows in the end.

import Foundation

/// A terminal of 80 columns; the test holds its other end.
final class PseudoTerminal {
  /// The path by which a program opens it.
  let path: String
  private let main: Int32
  /// Everything that was written to it so far.
  private(set) var transcript = ""

  init() throws {
    #if canImport(Darwin)
      main = posix_openpt(O_RDWR | O_NOCTTY)
      guard main >= 0, grantpt(main) == 0, unlockpt(main) == 0, let name = ptsname(main) else {
        throw CocoaError(.fileReadUnknown)
      }
      path = String(cString: name)
    #else
      main = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
      // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2): what unlockpt and ptsname do, which Swift does not see.
      var (locked, number): (Int32, Int32) = (0, 0)
      guard main >= 0, ioctl(main, 0x4004_5431, &locked) == 0,
        ioctl(main, 0x8004_5430, &number) == 0
      else { throw CocoaError(.fileReadUnknown) }
      path = "/dev/pts/\(number)"
    #endif
    var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    guard ioctl(main, UInt(TIOCSWINSZ), &size) == 0 else { throw CocoaError(.fileReadUnknown) }
  }

  deinit { close(main) }

  /// Waits until a text was written; false if everybody else has closed the terminal first.
  func wait(for text: String) -> Bool {
    while !transcript.contains(text) {
      guard readMore() else { return transcript.contains(text) }
    }
    return true
  }

  /// Waits until nobody else holds the terminal.
  func waitForEnd() { while readMore() {} }

  /// Whether everybody else has closed it; waits a hundredth of a second at most for news.
  func hasEnded() -> Bool {
    var wanted = pollfd(fd: main, events: Int16(POLLIN), revents: 0)
    return poll(&wanted, 1, 10) > 0 && !readMore()
  }

  /// Types a control character, such as Ctrl-S.
  func type(control letter: Unicode.Scalar) {
    var byte = UInt8(letter.value & 0x1F)
    _ = write(main, &byte, 1)
  }

  /// The lines as they stand in the end, without blanks behind them.
  var screen: [String] { Self.screen(of: transcript) }

  private func readMore() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(main, &buffer, buffer.count)
    if count < 0, errno == EINTR { return true }
    guard count > 0 else { return false }
    transcript += String(decoding: buffer.prefix(count), as: UTF8.self)
    return true
  }

  /// What a terminal shows of a transcript of text, line breaks, returns and erasing to the end of the
  /// line; anything else stays visible.
  static func screen(of transcript: String) -> [String] {
    var lines: [[Unicode.Scalar]] = [[]]
    var column = 0
    var rest = Array(transcript.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\r": column = 0
      case "\n": lines.append([])
      case "\u{1B}" where rest.starts(with: Array("[K".unicodeScalars)):
        rest = rest.dropFirst(2)
        lines[lines.count - 1].removeLast(max(0, lines[lines.count - 1].count - column))
      default:
        var line = lines[lines.count - 1]
        while line.count <= column { line.append(" ") }
        line[column] = scalar
        lines[lines.count - 1] = line
        column += 1
      }
    }
    return lines.map { line in
      var text = ""
      text.unicodeScalars.append(contentsOf: line)
      return text
    }
  }
}
