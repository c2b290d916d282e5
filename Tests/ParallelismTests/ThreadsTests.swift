// ThreadsTests: all pieces are done, at the same time, and before the call returns.

import Synchronization
import Testing

@testable import Parallelism

@Suite struct ThreadsTests {
  private final class Gate: Sendable {
    let arrived = Atomic<Int>(0)
  }

  @Test func `every piece is done once, and all of them run at once`() {
    let gate = Gate()
    // Each waits for all: one behind the other they would wait for ever.
    let pieces = (0..<4).map { _ -> Threads.Work in
      {
        gate.arrived.add(1, ordering: .sequentiallyConsistent)
        while gate.arrived.load(ordering: .sequentiallyConsistent) < 4 {}
      }
    }
    Threads.perform(pieces)
    #expect(gate.arrived.load(ordering: .sequentiallyConsistent) == 4)
    Threads.perform([])
  }

  @Test func `of two things done at once each gives its result`() {
    let gate = Gate()
    @Sendable func meet() {
      gate.arrived.add(1, ordering: .sequentiallyConsistent)
      while gate.arrived.load(ordering: .sequentiallyConsistent) < 2 {}
    }
    let (number, text) = Threads.both(
      {
        meet()
        return 7
      },
      {
        meet()
        return "seven"
      })
    #expect(number == 7)
    #expect(text == "seven")
  }

  @Test func `an errand is done once, and before it is gone`() {
    let gate = Gate()
    let errand = Errand { gate.arrived.add(1, ordering: .sequentiallyConsistent).newValue }
    #expect(errand.result == 1 && errand.result == 1)
    do { _ = Errand { gate.arrived.add(1, ordering: .sequentiallyConsistent) } }
    #expect(gate.arrived.load(ordering: .sequentiallyConsistent) == 2)
  }

  @Test func `errands may wait for one another, and keep nothing of those that are done`() {
    final class Witness: Sendable {}
    weak var witness: Witness?
    var last = Errand { 0 }
    for number in 1...100 {
      let (before, kept) = (last, Witness())
      if number == 1 { witness = kept }
      last = Errand { withExtendedLifetime(kept) { before.result + number } }
    }
    #expect(last.result == 5050)
    #expect(witness == nil)
  }
}
