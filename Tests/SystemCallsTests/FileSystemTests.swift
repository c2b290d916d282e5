// FileSystemTests: files are new, whole, of the mode asked for, and errors name them.

import Foundation
import SystemCalls
import Testing

@Suite struct FileSystemTests {
  @Test(arguments: [("a/b", "a"), ("/a", "/"), ("a", "."), ("/a/b/", "/a"), ("./a", ".")])
  func `the parent of a path`(_ path: String, _ parent: String) {
    #expect(FileSystem.parent(of: path) == parent)
  }

  @Test func `a file is created new, with the mode asked for, or not at all`() throws {
    let path = NSTemporaryDirectory() + "usher-file-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileSystem.createFile(path, with: [1, 2, 3], mode: 0o600)
    #expect(try FileSystem.readFile(path) == [1, 2, 3])
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(throws: SystemError.self) { try FileSystem.createFile(path, with: [9], mode: 0o600) }
    #expect(try FileSystem.readFile(path) == [1, 2, 3])
  }

  @Test func `a folder is no file`() {
    #expect(throws: SystemError.self) { try FileSystem.readFile(NSTemporaryDirectory()) }
  }

  private func temporaryPath() -> String {
    NSTemporaryDirectory() + "usher-file-" + UUID().uuidString
  }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func `the umask takes nothing away from a mode`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileSystem.makeFolder(path, mode: 0o777)
    try FileSystem.createFile("\(path)/file", with: [], mode: 0o666)
    #expect(try mode(path) == 0o777)
    #expect(try mode("\(path)/file") == 0o666)
  }

  @Test func `folders are made as deep as they are missing, and existing ones stay`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try FileSystem.makeFolders("\(path)/a", mode: 0o755) == [path, "\(path)/a"])
    #expect(try FileSystem.makeFolders("\(path)/a/b/", mode: 0o700) == ["\(path)/a/b/"])
    #expect(try FileSystem.makeFolders("\(path)/a", mode: 0o700) == [])
    #expect(try mode("\(path)/a") == 0o755)
    try FileSystem.createFile("\(path)/file", with: [], mode: 0o600)
    #expect(throws: SystemError.self) { try FileSystem.makeFolders("\(path)/file/x", mode: 0o700) }
  }

  @Test func `a symbolic link counts as existing and leads nowhere`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileSystem.makeFolder(path, mode: 0o700)
    let link = "\(path)/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "\(path)/aim")
    #expect(throws: SystemError.self) { try FileSystem.createFile(link, with: [1], mode: 0o600) }
    #expect(try FileSystem.listFolder(path) == ["link"])
    try FileSystem.createFile("\(path)/aim", with: [1], mode: 0o600)
    #expect(try FileSystem.readFile(link) == [1])
    #expect(throws: SystemError.self) { try FileSystem.readFile(link, followsLinks: false) }
  }

  @Test func `a pipe in place of a file neither blocks nor counts`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let made = try ChildProcess.runShell(
      "mkfifo \"$1\"", name: "name", argument: path, input: [], isInterrupted: { false })
    #expect(made == .exited(0))
    #expect(FileSystem.kind(path) == .other)
    #expect(throws: SystemError.self) { try FileSystem.readFile(path, followsLinks: false) }
  }

  @Test func `names are sorted by their bytes`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileSystem.makeFolder(path, mode: 0o700)
    for name in ["b", "é", "Z", "10", "9", "z"] {
      try FileSystem.createFile("\(path)/\(name)", with: [], mode: 0o600)
    }
    #expect(try FileSystem.listFolder(path) == ["10", "9", "Z", "b", "z", "é"])
    try FileSystem.remove("\(path)/é")
    #expect(try FileSystem.listFolder(path) == ["10", "9", "Z", "b", "z"])
  }

  @Test func `a file is replaced whole and leaves no other`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileSystem.makeFolder(path, mode: 0o700)
    try FileSystem.replaceFile("\(path)/plan", with: [1])
    try FileSystem.replaceFile("\(path)/plan", with: [2, 3])
    #expect(try FileSystem.readFile("\(path)/plan") == [2, 3])
    #expect(try FileSystem.listFolder(path) == ["plan"])
  }

  @Test func `a file that cannot be written to its end is not replaced`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileSystem.makeFolder(path, mode: 0o700)
    try FileSystem.replaceFile("\(path)/map", with: [1])
    #expect(throws: SystemError("write", "x", 28)) {
      try FileSystem.replaceFile("\(path)/map", mode: 0o600) { (file) throws(SystemError) in
        try FileSystem.write([2], to: file)
        throw SystemError("write", "x", 28)
      }
    }
    #expect(try FileSystem.readFile("\(path)/map") == [1])
    #expect(try FileSystem.listFolder(path) == ["map"])
    try FileSystem.replaceFile("\(path)/new", mode: 0o600) { (file) throws(SystemError) in
      try FileSystem.write([2], to: file)
      try FileSystem.write([3], to: file)
    }
    #expect(try FileSystem.readFile("\(path)/new") == [2, 3])
    #expect(try mode("\(path)/new") == 0o600)
  }

  @Test(arguments: [0o600, 0o640, 0o755])
  func `a replaced file keeps its mode`(_ kept: Int) throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileSystem.createFile(path, with: [1], mode: UInt32(kept))
    try FileSystem.replaceFile(path, with: [2])
    #expect(try FileSystem.readFile(path) == [2])
    #expect(try mode(path) == kept)
  }

  @Test(arguments: ["aim", "./aim", "ABSOLUTE", "missing"])
  func `a symbolic link stays, and the file that it leads to is replaced`(_ aim: String) throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let files = FileManager.default
    try FileSystem.makeFolders("\(path)/deep", mode: 0o700)
    try FileSystem.createFile("\(path)/deep/aim", with: [1], mode: 0o600)
    let to = aim == "ABSOLUTE" ? "\(path)/deep/aim" : aim
    try files.createSymbolicLink(atPath: "\(path)/deep/near", withDestinationPath: to)
    try files.createSymbolicLink(atPath: "\(path)/far", withDestinationPath: "deep/near")
    try FileSystem.replaceFile("\(path)/far", with: [2])
    let replaced = aim == "missing" ? "missing" : "aim"
    #expect(try FileSystem.readFile("\(path)/deep/\(replaced)") == [2])
    #expect(try files.destinationOfSymbolicLink(atPath: "\(path)/far") == "deep/near")
    #expect(try files.destinationOfSymbolicLink(atPath: "\(path)/deep/near") == to)
    #expect(try FileSystem.listFolder(path) == ["deep", "far"])
  }

  @Test func `links that lead to each other are an error, not a loop`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileSystem.makeFolder(path, mode: 0o700)
    for (name, aim) in [("a", "b"), ("b", "a")] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(path)/\(name)", withDestinationPath: aim)
    }
    #expect(throws: SystemError.self) { try FileSystem.replaceFile("\(path)/a", with: [1]) }
    #expect(try FileSystem.listFolder(path) == ["a", "b"])
  }

  @Test func `a lock is held by one descriptor at a time`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let first = try FileSystem.create(path, mode: 0o600)
    let second = try #require(FileSystem.openForLock(path))
    #expect(FileSystem.identity(first) == FileSystem.identity(second))
    #expect(try FileSystem.lock(first))
    #expect(try !FileSystem.lock(second))
    try FileSystem.close(first)
    #expect(try FileSystem.lock(second))
    try FileSystem.close(second)
  }

  @Test func `an error says what could not be done to what, and why`() {
    let error = SystemError("create", "/x", 28)
    #expect("\(error)" == "cannot create '/x': No space left on device")
    #expect(throws: SystemError("read", "/nonexistent", 2)) {
      try FileSystem.readFile("/nonexistent")
    }
    #expect(throws: SystemError("write", "/dev/full", 28)) {
      try FileSystem.replaceFile("/dev/full", with: [1])
    }
  }

  @Test func `random bytes are as many as asked for, and names differ`() {
    #expect(Host.randomBytes(0).isEmpty)
    #expect(Host.randomBytes(33).count == 33)
    #expect(Set((0..<100).map { _ in Host.randomName() }).count == 100)
  }
}
