// MemoryTests: what is expected is a hint and no limit.

import Testing

@testable import SystemCalls

@Suite struct MemoryTests {
  @Test(arguments: [0, 1 << 20, 1 << 24, .max / 2])
  func `more and less than was expected can be had afterwards`(_ expected: Int) {
    Memory.expect(expected)
    for count in [1, 1 << 16, 1 << 25] {
      let bytes = [UInt8](repeating: 7, count: count)
      #expect(bytes.last == 7)
    }
  }

  @Test func `several threads share what was expected`() async {
    Memory.expect(1 << 24)
    let sums = await withTaskGroup(of: Int.self) { group in
      for start in 0..<4 {
        group.addTask { (0..<20_000).map { [start, $0] }.reduce(0) { $0 + $1[1] } }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(sums == [Int](repeating: 199_990_000, count: 4))
  }
}
