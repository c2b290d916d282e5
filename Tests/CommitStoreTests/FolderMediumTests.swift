// FolderMediumTests: one verb, create if absent, and what it leaves on the disk.

import DiskSimulation
import Foundation
import Synchronization
import SystemCalls
import Testing

@testable import CommitStore

/// Something that has happened.
private final class Flag: Sendable {
  private let value = Mutex(false)
  var isRaised: Bool { value.withLock { $0 } }
  func raise() { value.withLock { $0 = true } }
}

@Suite struct FolderMediumTests {
  private let path = NSTemporaryDirectory() + "usher-store-" + UUID().uuidString
  private var medium: FolderMedium { FolderMedium(path: "\(path)/a/store") }

  private func remove() { try? FileManager.default.removeItem(atPath: path) }

  @Test func `a store that does not exist is empty, and reading does not make it`() throws {
    defer { remove() }
    #expect(try medium.lastNumber() == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `a number is created once and never changes`() throws {
    defer { remove() }
    #expect(try medium.create(1, [1], unless: { false }))
    #expect(try !medium.create(1, [2], unless: { false }))
    #expect(try medium.read(1) == [1])
    #expect(try medium.lastNumber() == 1)
  }

  @Test func `files are 0600 and folders 0700`() throws {
    defer { remove() }
    _ = try medium.create(1, [1], unless: { false })
    func mode(_ name: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: "\(path)/a/store/\(name)")[.posixPermissions]
        as? Int
    }
    #expect(try mode("commits/000000000001.json") == 0o600)
    #expect(try mode("commits") == 0o700)
    #expect(try mode("") == 0o700)
  }

  @Test func `an interruption before publishing leaves nothing`() throws {
    defer { remove() }
    #expect(throws: StoreError.interrupted) { try medium.create(1, [1], unless: { true }) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(path)/a/store/commits") == [])
  }

  @Test func `of many writers of one number exactly one wins`() async throws {
    defer { remove() }
    let medium = self.medium
    let winners = await withTaskGroup(of: Bool.self) { group in
      for writer in 0..<16 {
        group.addTask {
          (try? medium.create(1, [UInt8](repeating: UInt8(writer), count: 1000), unless: { false }))
            ?? false
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(winners == 1)
    let bytes = try medium.read(1)
    #expect(bytes == [UInt8](repeating: bytes[0], count: 1000))
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(path)/a/store/commits")
    #expect(names == ["000000000001.json"])
  }

  @Test func `litter of dead writers is swept, a living writer's file is not`() throws {
    defer { remove() }
    _ = try medium.create(1, [1], unless: { false })
    let folder = "\(path)/a/store/commits"
    try FileSystem.createFile("\(folder)/.tmp-1-dead", with: [9], mode: 0o600)
    let living = try FileSystem.create("\(folder)/.tmp-1-living", mode: 0o600)
    #expect(try FileSystem.lock(living))
    _ = try medium.create(2, [2], unless: { false })
    let names = try FileSystem.listFolder(folder)
    #expect(names == [".tmp-1-living", "000000000001.json", "000000000002.json"])
    try FileSystem.close(living)
  }

  @Test func `a missing commit and a foreign file are corruption`() throws {
    defer { remove() }
    for number in 1...3 { _ = try medium.create(number, [1], unless: { false }) }
    let folder = "\(path)/a/store/commits"
    try FileSystem.createFile("\(folder)/notes.txt", with: [], mode: 0o600)
    #expect(throws: StoreError.self) { try medium.lastNumber() }
    try FileSystem.remove("\(folder)/notes.txt")
    try FileSystem.remove("\(folder)/000000000002.json")
    #expect(throws: StoreError.self) { try medium.lastNumber() }
  }

  @Test(arguments: ["etcd://localhost:2379/x", "s3://bucket/x", ""])
  func `a location of another kind is refused`(_ location: String) {
    #expect(throws: StoreError.unsupportedLocation(location)) { try Store.medium(at: location) }
  }

  @Test func `a hole names the missing file, and a missing commit is told as such`() throws {
    defer { remove() }
    for number in 1...3 { _ = try medium.create(number, [1], unless: { false }) }
    let folder = "\(path)/a/store/commits"
    try FileSystem.remove("\(folder)/000000000001.json")
    let error = #expect(throws: StoreError.self) { try medium.lastNumber() }
    #expect(error?.description.contains("000000000001.json") == true)
    let file = "\(folder)/000000000004.json"
    #expect(throws: StoreError.missing(number: 4, path: file)) { try medium.read(4) }
    #expect(throws: StoreError.missing(number: 4, path: file)) {
      try medium.create(5, [1], unless: { false })
    }
  }

  @Test(arguments: ["1.json", "000000000000.json", "0000000000002.json", "00000000000x.json", "x"])
  func `a name that is none of the log's is corruption`(_ name: String) throws {
    defer { remove() }
    _ = try medium.create(1, [1], unless: { false })
    try FileSystem.createFile("\(path)/a/store/commits/\(name)", with: [], mode: 0o600)
    #expect(throws: StoreError.self) { try medium.lastNumber() }
  }

  @Test func `names that begin with a dot are not state`() throws {
    defer { remove() }
    _ = try medium.create(1, [1], unless: { false })
    try FileSystem.createFile("\(path)/a/store/commits/.DS_Store", with: [], mode: 0o600)
    #expect(try medium.lastNumber() == 1)
    _ = try medium.create(2, [1], unless: { false })
    #expect(FileSystem.kind("\(path)/a/store/commits/.DS_Store") == .file)
  }

  @Test func `a commit that is a symbolic link is not read`() throws {
    defer { remove() }
    _ = try medium.create(1, [1], unless: { false })
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/a/store/commits/000000000002.json", withDestinationPath: "/etc/hostname")
    #expect(throws: StoreError.self) { try medium.read(2) }
    #expect(try !medium.create(2, [2], unless: { false }))
  }

  @Test func `a store may be reached through a symbolic link`() throws {
    defer { remove() }
    _ = try medium.create(1, [1], unless: { false })
    let link = "\(path)/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a/store")
    #expect(try FolderMedium(path: link).create(2, [2], unless: { false }))
    #expect(try medium.read(2) == [2])
  }

  @Test func `a place that cannot be written is an error that names it`() {
    let medium = FolderMedium(path: "/proc/usher-store")
    let error = #expect(throws: StoreError.self) { try medium.create(1, [1], unless: { false }) }
    #expect(error?.description.contains("/proc/usher-store") == true)
    #expect(throws: StoreError.self) {
      try FolderMedium(path: "/dev/null").create(1, [1], unless: { false })
    }
  }

  @Test func `a commit whose folder cannot be synced stays, and that is said`() throws {
    let sound = SimulatedDisk(DiskImage(folders: ["/srv"]))
    #expect(try FolderMedium(path: "/srv/store", on: sound).create(1, [1], unless: { false }))
    let disk = SimulatedDisk(sound.image) { [linked = Flag()] _, step in
      if step.action == .link { linked.raise() }
      return step.action == .flushFolder && linked.isRaised ? .fail(5) : nil
    }
    let medium = FolderMedium(path: "/srv/store", on: disk)
    let failure = SystemError("flushFolder", "/srv/store/commits", 5)
    #expect(throws: StoreError.unsynced(number: 2, failure)) {
      try medium.create(2, [2], unless: { false })
    }
    #expect(try medium.lastNumber() == 2)
    let next = FolderMedium(path: "/srv/store", on: SimulatedDisk(disk.image))
    #expect(try next.create(3, [3], unless: { false }))
  }

  @Test func `the folders of a first commit are synced whoever made them`() throws {
    let disk = SimulatedDisk(DiskImage(folders: ["/srv"]))
    for folder in ["/srv/a", "/srv/a/store", "/srv/a/store/commits"] {
      try disk.makeFolder(folder, mode: 0o700)
    }
    let medium = FolderMedium(path: "/srv/a/store", on: disk)
    #expect(try medium.create(1, [1], unless: { false }))
    let synced = disk.steps.filter { $0.action == .flushFolder }.map(\.path)
    #expect(Set(synced) == ["/srv/a/store", "/srv/a", "/srv", "/", "/srv/a/store/commits"])
    #expect(synced.last == "/srv/a/store/commits")
  }

  @Test func `snapshots are kept whole, the newest few, and leave no litter`() throws {
    defer { remove() }
    _ = try medium.create(1, [1], unless: { false })
    let folder = "\(path)/a/store/snapshots"
    #expect(medium.snapshotNames() == [] && medium.snapshot(named: "1") == nil)
    for name in ["1", "2", "3"] { medium.saveSnapshot(named: name, Array(name.utf8)) }
    #expect(medium.snapshotNames() == ["2", "3"])
    #expect(medium.snapshot(named: "3") == Array("3".utf8))
    #expect(medium.snapshot(named: "3", from: 0, count: 9) == Array("3".utf8))
    #expect(medium.snapshot(named: "3", from: 1, count: 9) == [])
    #expect(medium.snapshot(named: "4", from: 0, count: 9) == nil)
    medium.saveSnapshot(named: "3", [9])
    #expect(medium.snapshot(named: "3") == [9])
    try FileSystem.createFile("\(folder)/.tmp-1-dead", with: [9], mode: 0o600)
    medium.saveSnapshot(named: "4", [4])
    #expect(try FileSystem.listFolder(folder) == ["3.snapshot", "4.snapshot"])
    medium.saveSnapshot(named: "../commits/x", [9])
    #expect(try FileSystem.listFolder("\(path)/a/store/commits") == ["000000000001.json"])
  }

  @Test func `a snapshot that cannot be saved is no error`() {
    let nowhere = FolderMedium(path: "/proc/usher-store")
    nowhere.saveSnapshot(named: "1", [1])
    #expect(nowhere.snapshot(named: "1") == nil)
  }

  @Test func `a store that is founded while it is looked at was still empty`() throws {
    let disk = SimulatedDisk(DiskImage(folders: ["/srv", "/srv/store", "/srv/store/commits"])) {
      // It was not there when it was listed, and is there right after.
      _, step in step.action == .list ? .fail(ENOENT) : nil
    }
    #expect(try FolderMedium(path: "/srv/store", on: disk).lastNumber() == 0)
  }

  @Test func `a listing that lacks what came meanwhile is made whole, however often`() throws {
    let image = SimulatedDisk(DiskImage(folders: ["/srv"]))
    let writer = FolderMedium(path: "/srv/store", on: image)
    for number in 1...9 { _ = try writer.create(number, [1], unless: { false }) }
    let shift = Mutex(0)
    let disk = SimulatedDisk(
      image.image,
      shown: { names in
        shift.withLock { shift in
          shift += 1
          return names.filter { $0.hasPrefix("00000000000\(1 + shift % 8)") == false }
        }
      })
    let reader = FolderMedium(path: "/srv/store", on: disk)
    for _ in 1...8 { #expect(try reader.lastNumber() == 9) }
  }

  @Test func `a listing during writes never shows a hole`() async throws {
    defer { remove() }
    let medium = self.medium
    _ = try medium.create(1, [1], unless: { false })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for number in 2...60 { _ = try medium.create(number, [1], unless: { false }) }
      }
      group.addTask {
        var last = 1
        while last < 60 {
          let now = try medium.lastNumber()
          #expect(now >= last)
          last = now
        }
      }
      try await group.waitForAll()
    }
  }
}

@Suite struct MemoryMediumTests {
  @Test func `it keeps the promises of a folder`() throws {
    let medium = MemoryMedium()
    #expect(try medium.lastNumber() == 0)
    #expect(throws: StoreError.interrupted) { try medium.create(1, [1], unless: { true }) }
    #expect(try medium.create(1, [1], unless: { false }))
    #expect(try !medium.create(1, [2], unless: { false }))
    #expect(try medium.read(1) == [1])
    #expect(throws: StoreError.missing(number: 2, path: "memory")) { try medium.read(2) }
    medium.saveSnapshot(named: "1", [7])
    #expect(medium.snapshot(named: "1") == [7] && medium.snapshotNames() == ["1"])
  }
}
