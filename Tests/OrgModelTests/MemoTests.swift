// MemoTests: what is made once for many copies, and follows each of them alone.

import Synchronization
import Testing

@testable import OrgModel

@Suite struct MemoTests {
  @Test func `copies share what one has made, and follow their own changes`() {
    let made = Mutex(0)
    func value(of memo: Memo<[Int]>) -> [Int] {
      memo.value {
        made.withLock { $0 += 1 }
        return [1]
      }
    }
    let first = Memo<[Int]>()
    let second = first
    var third = first
    #expect(value(of: second) == [1] && value(of: first) == [1] && made.withLock { $0 } == 1)
    third.change { $0.append(3) }
    #expect(value(of: third) == [1, 3] && value(of: first) == [1] && value(of: second) == [1])
    third.change { $0.append(4) }
    #expect(value(of: third) == [1, 3, 4] && made.withLock { $0 } == 1)
    #expect(Memo([1]) == Memo([2]))
  }

  @Test func `a change before it was made is part of what is made then, in that copy alone`() {
    let first = Memo<[Int]>()
    var second = first
    second.change { $0.append(2) }
    #expect(second.value { [1, 2] } == [1, 2] && first.value { [1] } == [1])
  }
}
