// Suggestion: the likely correction of a misspelt word.

/// Finds the candidate that a user most likely meant.
public enum Suggestion {
  /// Longest word that is compared; a longer one gets no suggestion.
  public static let wordLengthMax = 64

  /// The closest candidate within a third of the word's length (at least 1, at most 3 edits), or
  /// nil. Ties go to the earlier candidate; case does not count as a difference.
  public static func closest(to word: String, among candidates: some Sequence<String>) -> String? {
    let lowered = Array(word.lowercased().utf8)
    guard !lowered.isEmpty, lowered.count <= wordLengthMax else { return nil }
    var limit = min(3, max(1, lowered.count / 3))
    var best: String?
    for candidate in candidates {
      let other = Array(candidate.lowercased().utf8)
      guard abs(other.count - lowered.count) <= limit, other.count <= wordLengthMax else {
        continue
      }
      let distance = editDistance(lowered, other)
      if distance < limit || (distance == limit && best == nil) {
        best = candidate
        limit = distance
        if distance == 0 { break }
      }
    }
    return best
  }

  /// `did you mean '…'?` for the closest candidate, or nil.
  public static func help(for word: String, among candidates: some Sequence<String>) -> String? {
    closest(to: word, among: candidates).map { "did you mean '\($0)'?" }
  }

  /// Optimal string alignment distance: insert, delete, replace, or swap two neighbours, each 1.
  static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    var current = last
    for i in 0..<a.count {
      current[0] = i + 1
      for j in 0..<b.count {
        let replaced = last[j] + (a[i] == b[j] ? 0 : 1)
        var cost = min(replaced, last[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          cost = min(cost, beforeLast[j - 1] + 1)
        }
        current[j + 1] = cost
      }
      (beforeLast, last, current) = (last, current, beforeLast)
    }
    return last[b.count]
  }
}
