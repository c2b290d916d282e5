// FolderMediumTests: one verb, create if absent, and what it leaves on the disk.

import CommitStore
import Foundation
import SystemCalls
import Testing

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
    #expect(FileSystem.lock(living))
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
}
