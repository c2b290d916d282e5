// BatchMediumTests: files that are created once beside the log, read in parts and taken away.

import DiskSimulation
import Foundation
import SystemCalls
import Testing

@testable import CommitStore

@Suite struct BatchMediumTests {
  private let disk = SimulatedDisk(DiskImage(folders: ["/home"]))
  private var batches: FolderBatches { FolderBatches(path: "/home/state", on: disk) }

  private func publish(_ text: [UInt8], as name: String) throws -> PublishOutcome {
    let draft = try batches.draft()
    defer { draft.discard() }
    try draft.append(text)
    return try draft.publish(as: name, unless: { false })
  }

  @Test func `a name is given once, and what it names is read in parts`() throws {
    #expect(try batches.names() == [])
    guard case .published = try publish([1, 2, 3, 4], as: "a"),
      case .taken = try publish([9], as: "a")
    else {
      Issue.record("the first is published, the second is not")
      return
    }
    #expect(try batches.names() == ["a"])
    #expect(try batches.read("a", from: 1, count: 2) == [2, 3])
    #expect(try batches.read("a", from: 3, count: 9) == [4])
    #expect(try batches.readEnd(of: "a", bytesMax: 3) == [2, 3, 4])
    #expect(try batches.read("b", from: 0, count: 1) == nil)
    try batches.remove(["a", "b"])
    #expect(try batches.names() == [] && batches.readEnd(of: "a", bytesMax: 1) == nil)
  }

  @Test func `a draft that is taken under one name is published under another`() throws {
    _ = try publish([1], as: "a")
    let draft = try batches.draft()
    try draft.append([2])
    guard case .taken = try draft.publish(as: "a", unless: { false }) else {
      Issue.record("the name is taken")
      return
    }
    try draft.append([3])
    guard case .interrupted = try draft.publish(as: "b", unless: { true }),
      case .published = try draft.publish(as: "b", unless: { false })
    else {
      Issue.record("the other one is free")
      return
    }
    draft.discard()
    #expect(try batches.read("b", from: 0, count: 9) == [2, 3])
    #expect(!disk.image.files.contains { $0.path.contains(".tmp-") })
  }

  @Test func `a symbolic link in place of the folder is not followed`() throws {
    let path = NSTemporaryDirectory() + "usher-batches-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.createDirectory(
      atPath: "\(path)/other", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/usage", withDestinationPath: "\(path)/other")
    let batches = FolderBatches(path: path)
    #expect(throws: StoreError.self) { try batches.names() }
    #expect(throws: StoreError.self) { try batches.draft() }
  }
}
