// KeySinkTests: keys arrive whole, or whatever arrived is taken back.

import DiskSimulation
import Foundation
import Synchronization
import SystemCalls
import Testing

@testable import KeyDelivery

@Suite struct KeySinkTests {
  private let folder = NSTemporaryDirectory() + "usher-sink-" + UUID().uuidString
  private let keys = (1...3).map { number in
    HandedKey(
      member: "m\(number)", key: .mint(random: [UInt8](repeating: UInt8(number), count: 32)),
      baseURL: "https://x.example", subscription: "pro", issued: "now")
  }
  private var lines: [UInt8] { KeyLines.bytes(of: keys) }

  private func inFolder(_ body: () throws -> Void) throws {
    try FileSystem.makeFolder(folder, mode: 0o700)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body()
  }

  private func exec(_ command: String) throws -> KeySink {
    try #require(KeySink(argument: "exec:cd \(folder) && { \(command)\n}"))
  }

  @Test func `a file is created new, mode 0600, with a line a key, and erased`() throws {
    try inFolder {
      let path = "\(folder)/keys.jsonl"
      let sink = try #require(KeySink(argument: path))
      try sink.store(keys, isInterrupted: { false })
      #expect(try FileSystem.readFile(path) == lines)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      try sink.erase(keys)
      #expect(try FileSystem.listFolder(folder) == [])
      try sink.erase(keys)
    }
  }

  @Test func `a file that exists is refused and untouched`() throws {
    try inFolder {
      let path = "\(folder)/keys.jsonl"
      try FileSystem.createFile(path, with: [7], mode: 0o644)
      let sink = KeySink.file(path)
      #expect(throws: SinkError.existing(path)) {
        try sink.store(keys, isInterrupted: { false })
      }
      #expect(throws: SinkError.foreign(path)) { try sink.erase(keys) }
      #expect(try FileSystem.readFile(path) == [7])
    }
  }

  @Test func `a file that cannot be written whole leaves nothing`() throws {
    try inFolder {
      let link = "\(folder)/full"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/full")
      #expect(throws: SinkError.existing(link)) {
        try KeySink.file(link).store(keys, isInterrupted: { false })
      }
      #expect(throws: SinkError.self) {
        try KeySink.file("\(folder)/no/keys").store(keys, isInterrupted: { false })
      }
      #expect(throws: SinkError.interrupted) {
        try KeySink.file("\(folder)/keys").store(keys, isInterrupted: { true })
      }
      #expect(try FileSystem.listFolder(folder) == ["full"])
    }
  }

  @Test func `a file whose name cannot be synced is taken back`() throws {
    let counter = Mutex(0)
    let disk = SimulatedDisk(DiskImage(folders: ["/home"])) { _, step in
      guard step.action == .flushFolder else { return nil }
      return counter.withLock { count in
        count += 1
        return count == 1 ? .fail(5) : nil
      }
    }
    #expect(throws: SinkError.file(SystemError("flushFolder", "/home", 5))) {
      try FileSink(path: "/home/keys", on: disk).store(keys, isInterrupted: { false })
    }
    #expect(disk.image.files.isEmpty && disk.image.doubts.isEmpty)
  }

  @Test func `a command gets its name, the verb and the lines`() throws {
    try inFolder {
      let sink = try exec("test $0 = usher-key-sink && cat > $1")
      try sink.store(keys, isInterrupted: { false })
      #expect(try FileSystem.listFolder(folder) == ["store"])
      #expect(try FileSystem.readFile("\(folder)/store") == lines)
      try sink.erase(keys)
      #expect(try FileSystem.readFile("\(folder)/erase") == lines)
    }
  }

  @Test func `after a failed store the same lines are erased`() throws {
    try inFolder {
      let sink = try exec("cat > $1; test $1 = erase || exit 3")
      guard case .command(let command) = sink else { return }
      #expect(throws: SinkError.command(command, verb: "store", .exited(3))) {
        try sink.store(keys, isInterrupted: { false })
      }
      #expect(try FileSystem.readFile("\(folder)/erase") == lines)
    }
  }

  @Test func `if erasing fails as well, both failures are told, and no key`() throws {
    try inFolder {
      let sink = try exec("test $1 = store && kill -9 $$ || exit 4")
      let error = #expect(throws: SinkError.self) {
        try sink.store(keys, isInterrupted: { false })
      }
      let text = error?.description ?? ""
      #expect(text.contains("signal 9 at 'store'") && text.contains("status 4 at 'erase'"))
      #expect(!text.contains("usk_"))
    }
  }

  @Test func `an interrupted store is erased, and the erasing is not interrupted`() throws {
    try inFolder {
      let mark = "\(folder)/mark"
      let sink = try exec("cat > $1; test $1 = erase || { touch mark; sleep 600; }; sleep 0.2")
      #expect(throws: SinkError.interrupted) {
        try sink.store(keys, isInterrupted: { FileSystem.kind(mark) != nil })
      }
      #expect(try FileSystem.readFile("\(folder)/erase") == lines)
    }
  }

  @Test func `a command that does not read its input has stored what it wants`() throws {
    try inFolder { try exec("true").store(keys, isInterrupted: { false }) }
  }

  @Test func `a command that leaves something in the background is not waited for`() throws {
    try inFolder {
      let start = ContinuousClock.now
      try exec("sleep 600 &").store(keys, isInterrupted: { false })
      #expect(start.duration(to: .now) < .seconds(60))
    }
  }
}
