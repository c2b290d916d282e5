// SubscriptionTable: finds the subscription that a member's seat names, byte by byte.

import OrgModel
import YAMLSyntax

/// The ids of all subscriptions that the files define, sound or not, sorted.
struct SubscriptionTable {
  /// Every key of the subscription maps, also one that is no id: naming it is no second mistake.
  let names: [String]
  /// False if a file or a map could not be read: then an unknown name is no finding of its own.
  let isComplete: Bool
  private let ids: [SubscriptionID?]
  private let bytes: [UInt8]
  private let starts: [Int]

  /// Makes a table of unique names.
  init(_ names: [String], isComplete: Bool) {
    self.names = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    self.isComplete = isComplete
    ids = self.names.map { SubscriptionID($0) }
    var (bytes, starts) = ([UInt8](), [0])
    for name in self.names {
      bytes += name.utf8
      starts.append(bytes.count)
    }
    (self.bytes, self.starts) = (bytes, starts)
  }

  enum Match {
    /// The subscription at that place in the table.
    case found(Int32)
    /// The name of a subscription whose id was refused.
    case refused
    case unknown
  }

  /// Binary search.
  func match(_ document: YAMLDocument, _ node: NodeID) -> Match {
    let index = document.withBytes(node) { text -> Int in
      var (low, high) = (0, ids.count)
      while low < high {
        let middle = (low + high) / 2
        let order = compare(middle, text)
        if order == 0 { return middle }
        if order < 0 { low = middle + 1 } else { high = middle }
      }
      return -1
    }
    guard index >= 0 else { return .unknown }
    return ids[index] == nil ? .refused : .found(Int32(index))
  }

  /// The id of a subscription that was found.
  func id(_ index: Int32) -> SubscriptionID {
    guard let id = ids[Int(index)] else { preconditionFailure("what was found has an id") }
    return id
  }

  /// Negative if the name at an index comes before the text, 0 if they are equal.
  private func compare(_ index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Int {
    let (start, end) = (starts[index], starts[index + 1])
    for offset in 0..<min(end - start, text.count) where bytes[start + offset] != text[offset] {
      return Int(bytes[start + offset]) - Int(text[offset])
    }
    return end - start - text.count
  }
}
