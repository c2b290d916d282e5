// Reason: why a change is made. What a plan says of every new member is a case, not a text of its own.

import ByteOutput
public import OrgModel

/// Why a change is made: one plain sentence without a final stop.
public enum Reason: Hashable, Sendable {
  /// `carol is new in the org file`: the member of the change joins.
  case isNew
  /// `carol should hold a standard seat`: the member of the change gets the seat and the key for it.
  case shouldHold(SubscriptionID)
  /// Anything else, as it is said.
  case text(String)

  /// Knows a sentence again, so that a reason is the same whether it was thought of or read.
  init(_ text: String, of change: Change) {
    let known: Reason?
    switch change {
    case .addMember: known = .isNew
    case .assignSeat(_, let id, _): known = .shouldHold(id)
    case .issueKey(let name, _, _):
      let id = text.utf8.dropFirst(name.text.utf8.count + Self.seatLead.utf8.count)
        .dropLast(Self.seatTail.utf8.count)
      known = SubscriptionID(String(Substring(id))).map { .shouldHold($0) }
    default: known = nil
    }
    // By bytes: strings are also equal that are only written alike.
    if let known, known.text(of: change.member).utf8.elementsEqual(text.utf8) {
      self = known
    } else {
      self = .text(text)
    }
  }

  private static let newTail = " is new in the org file"
  private static let seatLead = " should hold a "
  private static let seatTail = " seat"

  /// The sentence, of a change to that member.
  func text(of member: Username?) -> String {
    var sink = ByteSink()
    write(of: member, into: &sink)
    return sink.text
  }

  /// Writes the sentence. Only a text that is no case needs care: names are harmless.
  func write(of member: Username?, into sink: inout ByteSink) {
    switch self {
    case .isNew:
      sink.write(member?.text ?? "")
      sink.write(Self.newTail)
    case .shouldHold(let id):
      sink.write(member?.text ?? "")
      sink.write(Self.seatLead)
      sink.write(id.text)
      sink.write(Self.seatTail)
    case .text(let text): sink.write(text)
    }
  }
}
