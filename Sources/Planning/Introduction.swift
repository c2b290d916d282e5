// Introduction: which changes of a plan a pull request makes, and which were pending before it.

public import Records

/// Tells what a revision of the org files introduces from what was pending without it.
public enum Introduction {
  /// Marks every change: introduced, unless a plan from the files before has the very same one.
  /// - Parameter before: The changes of that other plan, made on the same state at the same instant.
  public static func mark(
    _ changes: PlannedChanges, before: PlannedChanges
  ) -> PlannedChanges {
    let pending = Set(before.map(\.change))
    var changes = changes
    for index in changes.indices {
      let change = changes[index]
      changes[index] = change.marked(isIntroduced: !pending.contains(change.change))
    }
    return changes
  }
}
