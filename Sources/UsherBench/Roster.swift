// Roster: the org file of a team that was made up, of any size, always the same for its size.
// Invariants: it is written in pieces, so that its size does not show in the memory of this process,
// which Linux counts as the peak of every process started from here.

import ByteOutput
import SystemCalls

/// A team as an org file tells it: about 36 bytes a member in flow style, eight in ten with a seat.
struct Roster {
  /// How the file is laid out.
  enum Style {
    /// `anna_meyer12: { seat: pro }`
    case flow
    /// The same over two lines.
    case block
  }

  /// One member's name and what the file says of them.
  struct Entry {
    var name: String
    var fields: [(key: String, value: String)] = []
  }

  private static let first = [
    "ada", "alexander", "benedikt", "chen", "daniela", "elif", "emilia", "fernando", "grace",
    "hannah", "ivan", "jonathan", "kofi", "magdalena", "maria", "nils", "olga", "patricia", "rosa",
    "samir", "theodora", "wei", "yuki", "zoe",
  ]
  private static let last = [
    "adams", "bergstrom", "costa", "diaz", "fernandez", "fischer", "haddad", "ito", "kim",
    "larsen", "moreau", "nakamura", "okafor", "patel", "rossi", "schneider", "silva", "tanaka",
    "weber", "yilmaz", "zhang",
  ]

  /// How many members.
  let members: Int
  /// Handed out with every key.
  var baseURL = "https://llm.acme.example/v1"
  /// Whether one member in a hundred has joined, left, or gets another key or seat; at least one.
  var isChanged = false

  /// Creates the file.
  /// - Throws: `SystemError`, also if it exists.
  func write(_ style: Style = .flow, to path: String) throws(SystemError) {
    let file = try FileSystem.create(path, mode: 0o600)
    var isOpen = true
    do throws(SystemError) {
      var sink = ByteSink()
      writeHead(into: &sink)
      for index in 0..<members + joined {
        if let entry = entry(index) { Self.write(entry, style, into: &sink) }
        if sink.bytes.count >= 1 << 16 {
          try FileSystem.write(sink.bytes, to: file)
          sink = ByteSink()
        }
      }
      try FileSystem.write(sink.bytes, to: file)
      isOpen = false
      try FileSystem.close(file)
    } catch {
      // The first failure is the one to tell.
      if isOpen { do { try FileSystem.close(file) } catch {} }
      throw error
    }
  }

  /// How many members hold a seat, unless it is changed.
  var seats: Int { members / 10 * 8 + min(members % 10, 8) }

  /// How many members the change is about.
  private var changes: Int { max(1, members / 100) }

  /// Every fourth change is a member who joins; they stand below the others.
  private var joined: Int { isChanged ? (changes + 3) / 4 : 0 }

  private func writeHead(into sink: inout ByteSink) {
    sink.write(
      """
      version: 1
      organization: bench
      base_url: \(baseURL)
      subscriptions:
        standard: { seats: \(members + changes), expires: 2099-01-31 }
        pro: { seats: \(members + changes), expires: 2099-01-31, credits: 60000 }
      policy:
        max_removals: 25%
      members:

      """)
  }

  /// What the file says of a member; nil if they have left.
  func entry(_ index: Int) -> Entry? {
    var dice = Dice(seed: UInt64(index))
    let name = "\(dice.choose(Self.first))_\(dice.choose(Self.last))\(index)"
    var entry = Entry(name: name)
    if index == 0 { entry.fields.append(("role", "owner")) }
    if index % 1000 == 1 { entry.fields.append(("role", "administrator")) }
    // The seat and the number of the key are what a change is about; nobody else's are touched.
    let change = isChanged && index % 100 == 50 && index < members ? index / 100 % 4 : 0
    if change == 1 { return nil }
    var seat = index % 10 < 8 ? (dice.next() % 4 == 0 ? "pro" : "standard") : nil
    if change == 3 { seat = seat == "standard" ? "pro" : "standard" }
    guard let seat else { return entry }
    entry.fields.append(("seat", seat))
    if change == 2 { entry.fields.append(("key", "2")) }
    if dice.next() % 50 == 0 { entry.fields.append(("until", "2098-12-31")) }
    return entry
  }

  private static func write(_ entry: Entry, _ style: Style, into sink: inout ByteSink) {
    sink.write("  \(entry.name):")
    switch style {
    case _ where entry.fields.isEmpty: sink.write(" {}\n")
    case .flow:
      var separator = " { "
      for field in entry.fields {
        sink.write("\(separator)\(field.key): \(field.value)")
        separator = ", "
      }
      sink.write(" }\n")
    case .block:
      sink.write("\n")
      for field in entry.fields { sink.write("    \(field.key): \(field.value)\n") }
    }
  }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed, everywhere.
struct Dice {
  private var state: UInt64

  /// Starts the numbers of a seed.
  init(seed: UInt64) { state = seed &* 0xD134_2543_DE82_EF95 }

  /// The next number.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// One of a list that is not empty.
  mutating func choose(_ list: [String]) -> String { list[Int(next() % UInt64(list.count))] }
}
