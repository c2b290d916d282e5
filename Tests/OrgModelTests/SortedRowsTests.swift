// SortedRowsTests: rows against a dictionary, and what the order of ids promises.

import Testing

@testable import OrgModel

private struct Line: Row {
  let id: Int
  var text = 0
}

@Suite struct SortedRowsTests {
  /// One step on the rows and on a dictionary, which must give the same answer.
  private func step(
    _ rows: inout SortedRows<Line>, _ model: inout [Int: Line], _ dice: inout Dice
  ) {
    let id = dice.roll(40)
    switch dice.roll(8) {
    case 0...2:
      let line = Line(id: id, text: dice.roll(9))
      #expect(rows.insert(line) == (model[id] == nil))
      model[id] = model[id] ?? line
    case 3:
      rows.remove(id)
      model[id] = nil
    case 4:
      #expect(rows.update(id) { $0.text += 10 } == (model[id] != nil))
      model[id]?.text += 10
    case 5:
      rows.updateAll { $0.text += 1 }
      model = model.mapValues { Line(id: $0.id, text: $0.text + 1) }
    case 6: #expect(rows.find(id) == model[id])
    default: #expect(rows[id] == model[id])
    }
  }

  @Test(arguments: 0..<60) func `rows answer as a dictionary would, in order`(_ seed: UInt64) {
    var dice = Dice(state: seed)
    // Half of the seeds begin with rows that are there at once.
    let first = seed % 2 == 0 ? [] : stride(from: 1, to: 40, by: 3).map { Line(id: $0) }
    var rows = SortedRows(ascending: first) ?? SortedRows()
    var model = Dictionary(uniqueKeysWithValues: first.map { ($0.id, $0) })
    for _ in 0..<150 {
      step(&rows, &model, &dice)
      let sorted = model.values.sorted { $0.id < $1.id }
      #expect(rows.inOrder == sorted && rows.count == sorted.count, "seed \(seed)")
      #expect(rows.isEmpty == sorted.isEmpty, "seed \(seed)")
      #expect(rows == SortedRows(ascending: sorted), "seed \(seed)")
      let wanted = dice.roll(9)
      let found = rows.first { $0.text == wanted }
      #expect((found == nil) == !sorted.contains { $0.text == wanted }, "seed \(seed)")
      var ids: [Int] = []
      rows.forEachID { ids.append($0) }
      #expect(ids.sorted() == sorted.map(\.id), "seed \(seed)")
    }
  }

  @Test(arguments: 0..<60) func `a branch changes alone, whatever is done to it`(_ seed: UInt64) {
    var dice = Dice(state: seed)
    let first = stride(from: 1, to: 40, by: seed % 2 == 0 ? 2 : 1).map { Line(id: $0) }
    var rows = SortedRows(ascending: first) ?? SortedRows()
    var model = Dictionary(uniqueKeysWithValues: first.map { ($0.id, $0) })
    for _ in 0..<12 {
      let (trunk, before) = (rows, model.values.sorted { $0.id < $1.id })
      // So few that they are kept beside the rows, or so many that they are not.
      let known = (0..<dice.roll(9)).map { _ in dice.roll(45) }
      rows = rows.branch(for: dice.roll(2) == 0 ? 1 : 100, of: Array(Set(known)))
      #expect(rows.inOrder == before, "seed \(seed)")
      #expect(rows.rows(of: known) == known.map { model[$0] }, "seed \(seed)")
      for _ in 0..<dice.roll(9) { step(&rows, &model, &dice) }
      let after = model.values.sorted { $0.id < $1.id }
      #expect(rows.inOrder == after && rows.count == after.count, "seed \(seed)")
      #expect(trunk.inOrder == before && trunk.count == before.count, "seed \(seed)")
    }
  }

  @Test(arguments: [[2, 1], [1, 1], [1, 3, 2]]) func `rows that do not ascend are refused`(
    _ ids: [Int]
  ) {
    #expect(SortedRows(ascending: ids.map { Line(id: $0) }) == nil)
  }
}
