// DesiredOrg+YAML: an org as the file that a person would write.

public import OrgModel

extension DesiredOrg {
  /// An org file that says the same, laid out as `OrgFormatter` does it: one member a line, defaults
  /// left out, texts quoted only where they would be read as something else.
  public func yaml() -> [UInt8] {
    var layout = Layout(isJSON: false)
    var file = LayoutBlock()
    file.entries.append(layout.entry(LayoutSetting("version", 1)))
    file.entries.append(layout.entry(LayoutSetting("organization", organization)))
    if let baseURL { file.entries.append(layout.entry(LayoutSetting("base_url", baseURL))) }
    var pools = LayoutBlock(hasAlignedValues: true)
    pools.entries = subscriptions.map {
      layout.entry($0.id.text, Self.settings($0), depth: 1)
    }
    file.entries.append(layout.entry("subscriptions", pools))
    if policy != .standard {
      var rails = [LayoutSetting("max_removals", "\(policy.maxRemovals)")]
      if case .count(let count) = policy.maxRemovals {
        rails = [LayoutSetting("max_removals", count)]
      }
      if let age = policy.keyMaxAge { rails.append(LayoutSetting("key_max_age", "\(age)")) }
      let entries = rails.map { layout.entry($0) }
      file.entries.append(layout.entry("policy", LayoutBlock(entries: entries)))
    }
    var roster = LayoutBlock(hasAlignedValues: true)
    roster.entries = members.map {
      layout.entry($0.username.text, Self.settings($0), depth: 1)
    }
    file.entries.append(layout.entry("members", roster))
    var writer = LayoutWriter(layout)
    writer.write(file, depth: 0)
    return writer.bytes
  }

  private static func settings(_ terms: Subscription) -> [LayoutSetting] {
    var settings: [LayoutSetting] = []
    if terms.tier != terms.id { settings.append(LayoutSetting("tier", terms.tier.text)) }
    settings.append(LayoutSetting("seats", terms.seats))
    settings.append(LayoutSetting("expires", short(terms.expires)))
    if let credits = terms.credits { settings.append(LayoutSetting("credits", credits)) }
    return settings
  }

  fileprivate static func settings(_ member: DesiredMember) -> [LayoutSetting] {
    var settings: [LayoutSetting] = []
    if member.role != .member { settings.append(LayoutSetting("role", member.role.rawValue)) }
    if let seat = member.seat { settings.append(LayoutSetting("seat", seat.text)) }
    if let until = member.until { settings.append(LayoutSetting("until", short(until))) }
    if member.keyNumber != 1 { settings.append(LayoutSetting("key", member.keyNumber)) }
    return settings
  }

  /// A date alone where the instant is its start.
  private static func short(_ instant: Instant) -> String {
    let text = instant.description
    return text.hasSuffix("T00:00:00Z") ? String(text.dropLast(10)) : text
  }
}

extension DesiredMember {
  /// The member's entry below `members` in an org file, on one line, such as
  /// `bob: { role: administrator }`.
  /// - Parameter isJSON: Whether the file is JSON, which has quotes around every name and text.
  public func entry(isJSON: Bool) -> String {
    var layout = Layout(isJSON: isJSON)
    return layout.line(username.text, DesiredOrg.settings(self))
  }

  /// The same member without a seat, and without the settings that only a seat has.
  public var unseated: DesiredMember {
    DesiredMember(username: username, role: role, seat: nil, until: nil, keyNumber: 1)
  }
}
