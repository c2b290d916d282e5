// IngestFoldTests: subjects are told apart, whatever their hashes are.

import OrgModel
import Testing

@testable import Metering

@Suite struct IngestFoldTests {
  /// As many hashes as subjects, a few, and one for all.
  @Test(arguments: [1000, 7, 1]) func `subjects of one hash keep their own numbers`(
    _ hashCount: Int
  ) throws {
    let subjects = try (0..<1000).map { number -> UsageSubject in
      number % 2 == 0 ? .key(KeyID(number: number)) : .member(try #require(Username("m\(number)")))
    }
    var numbers = SubjectNumbers()
    for (turn, subject) in subjects.enumerated() {
      let hash = UInt64(turn % hashCount)
      numbers.touch([hash])
      #expect(numbers.find(subject, hash) == nil)
      #expect(numbers.add(subject, hash) == Int32(turn))
    }
    for (turn, subject) in subjects.enumerated() {
      #expect(numbers.find(subject, UInt64(turn % hashCount)) == Int32(turn))
    }
    #expect(numbers.subjects == subjects)
  }
}
