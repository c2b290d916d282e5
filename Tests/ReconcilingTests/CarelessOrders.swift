// CarelessOrders: a medium and a sink that do the right things in the wrong order.

import CommitStore
import KeyDelivery
import Synchronization

/// Another medium, but for how it publishes.
struct CarelessMedium: Medium {
  let base: any Medium
  let publish: @Sendable (Int, [UInt8]) throws(StoreError) -> Bool

  func create(
    _ number: Int, parts next: () -> [UInt8]?, unless isInterrupted: () -> Bool
  ) throws(StoreError) -> Bool {
    var bytes: [UInt8] = []
    while let part = next() { bytes += part }
    return try publish(number, bytes)
  }

  func lastNumber() throws(StoreError) -> Int { try base.lastNumber() }
  func read(_ number: Int) throws(StoreError) -> [UInt8] { try base.read(number) }
  func readEnd(of number: Int, bytesMax: Int) throws(StoreError) -> [UInt8] {
    try base.readEnd(of: number, bytesMax: bytesMax)
  }
  func snapshot(named name: String, from offset: Int, count: Int) -> [UInt8]? {
    base.snapshot(named: name, from: offset, count: count)
  }
  func snapshotNames() -> [String] { base.snapshotNames() }
  func saveSnapshot(named name: String, _ bytes: [UInt8]) { base.saveSnapshot(named: name, bytes) }
}

/// A sink that says it has stored what it has not yet.
final class LateSink: KeyReceiver {
  private let sink: FileSink
  private let keys = Mutex<[HandedKey]>([])

  init(_ sink: FileSink) { self.sink = sink }

  func store(
    _ keys: [HandedKey], isInterrupted: @escaping @Sendable () -> Bool
  ) throws(SinkError) { self.keys.withLock { $0 = keys } }

  func erase(_ keys: [HandedKey]) throws(SinkError) { try sink.erase(keys) }

  func deliver() {
    let keys = keys.withLock { $0 }
    if !keys.isEmpty { try? sink.store(keys, isInterrupted: { false }) }
  }
}

/// 0, 1, 2…
final class Counter: Sendable {
  private let value = Mutex(0)

  func next() -> Int {
    value.withLock { value in
      value += 1
      return value - 1
    }
  }
}

/// A generator of which the seed tells everything.
struct Dice {
  var state: UInt64

  mutating func roll(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}
