// Layout: an org file as entries whose text is known, before it is set in lines.

import YAMLSyntax

/// Entries one below the other: a mapping or a list on lines of its own.
struct LayoutBlock {
  var isList = false
  /// Whether the values of entries that follow each other begin in the same column.
  var hasAlignedValues = false
  /// Comments that stay at the top, whatever comes first below them.
  var header: [Int32] = []
  var entries: [LayoutEntry] = []
  /// Comments behind the last entry.
  var end: [Int32] = []
}

/// A key with its value, or an item of a list.
struct LayoutEntry {
  /// The key in the layout's text; empty for an item.
  var name = 0..<0
  var nameWidth = 0
  /// The value in the layout's text if it stands on the line of its key; empty for nothing at all.
  var value = 0..<0
  var valueWidth = 0
  /// The value if it stands on lines of its own.
  var block: LayoutBlock?
  /// Where it belongs among its siblings.
  var rank = 0
  var isBelowBlankLine = false
  /// Comments on the lines above.
  var above: [Int32] = []
  /// The comment behind it, and those below that go on with that one.
  var endOfLine: [Int32] = []
  /// Comments on the lines below, deeper than it; only if its value is empty.
  var below: [Int32] = []
}

/// A key and its value, of a collection that is made and not read.
struct LayoutSetting {
  let name: String
  fileprivate let value: String
  fileprivate let isText: Bool

  /// A text, to be put in quotes if it would be read as something else.
  init(_ name: String, _ text: String) {
    self.name = name
    value = text
    isText = true
  }

  init(_ name: String, _ number: Int) {
    self.name = name
    value = String(number)
    isText = false
  }
}

/// The text of entries, and the rules by which they are put together.
struct Layout {
  /// The longest line that values are joined on, in characters; the comment behind it not counted.
  static let widthMax = 100

  let isJSON: Bool
  var text: [UInt8] = []

  init(isJSON: Bool) { self.isJSON = isJSON }

  /// How texts stand on a line of their own.
  var blockPlace: ScalarText.Place { isJSON ? .json : .block }
  /// How texts stand in braces.
  var flowPlace: ScalarText.Place { isJSON ? .json : .flow }

  /// The characters of a part of the text.
  func width(_ range: Range<Int>) -> Int { text[range].count { $0 & 0xC0 != 0x80 } }

  /// Spaces before the entries of a block, by how many blocks it is in.
  func indent(_ depth: Int) -> Int { 2 * (isJSON ? depth + 1 : depth) }

  /// What a line takes besides the value: indentation, key, colon, and the comma that JSON may need.
  func lead(_ entry: LayoutEntry, isItem: Bool, depth: Int) -> Int {
    let key = isJSON && isItem ? 0 : isItem ? 2 : entry.nameWidth + 2
    return indent(depth) + key + (isJSON ? 1 : 0)
  }

  mutating func setName(_ entry: inout LayoutEntry, from start: Int) {
    entry.name = start..<text.count
    entry.nameWidth = width(entry.name)
  }

  mutating func setValue(_ entry: inout LayoutEntry, from start: Int) {
    entry.value = start..<text.count
    entry.valueWidth = width(entry.value)
  }

  /// An entry of a key and its value.
  mutating func entry(_ setting: LayoutSetting) -> LayoutEntry {
    var entry = named(setting.name)
    let start = text.count
    append(setting, in: blockPlace)
    setValue(&entry, from: start)
    return entry
  }

  /// An entry of a key and settings: in braces if they fit on its line, otherwise below it.
  mutating func entry(_ name: String, _ settings: [LayoutSetting], depth: Int) -> LayoutEntry {
    var entry = named(name)
    let start = text.count
    append(settings)
    setValue(&entry, from: start)
    if lead(entry, isItem: false, depth: depth) + entry.valueWidth > Self.widthMax {
      text.removeSubrange(start...)
      setValue(&entry, from: start)
      entry.block = LayoutBlock(entries: settings.map { self.entry($0) })
    }
    return entry
  }

  /// The text of a key and settings on one line, however long.
  mutating func line(_ name: String, _ settings: [LayoutSetting]) -> String {
    let start = text.count
    ScalarText.append(name, in: blockPlace, to: &text)
    text += ": ".utf8
    append(settings)
    return String(decoding: text[start...], as: UTF8.self)
  }

  /// An entry of a key and the entries below it; in braces if there are none.
  mutating func entry(_ name: String, _ block: LayoutBlock) -> LayoutEntry {
    if block.entries.isEmpty { return entry(name, [], depth: 0) }
    var entry = named(name)
    entry.block = block
    return entry
  }

  private mutating func named(_ name: String) -> LayoutEntry {
    var entry = LayoutEntry()
    let start = text.count
    ScalarText.append(name, in: blockPlace, to: &text)
    setName(&entry, from: start)
    setValue(&entry, from: text.count)
    return entry
  }

  /// Appends settings in braces.
  private mutating func append(_ settings: [LayoutSetting]) {
    for (number, setting) in settings.enumerated() {
      text += (number == 0 ? "{ " : ", ").utf8
      ScalarText.append(setting.name, in: flowPlace, to: &text)
      text += ": ".utf8
      append(setting, in: flowPlace)
    }
    text += (settings.isEmpty ? "{}" : " }").utf8
  }

  private mutating func append(_ setting: LayoutSetting, in place: ScalarText.Place) {
    if setting.isText {
      ScalarText.append(setting.value, in: place, to: &text)
    } else {
      text += setting.value.utf8
    }
  }
}
