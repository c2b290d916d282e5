// CodeCatalogue: what every code means and what to do about it.

public import SourceText

/// The explanations of all codes, for documentation and reports.
public enum CodeCatalogue {
  /// One or two sentences: what the code means, what to do.
  public static func explanation(_ code: DiagnosticCode) -> String {
    let text =
      reading(code) ?? orgFile(code) ?? orgFileParts(code) ?? planning(code) ?? environment(code)
      ?? warning(code) ?? usage(code)
    guard let text else { preconditionFailure("\(code.rawValue) has no explanation") }
    return text
  }

  private static func reading(_ code: DiagnosticCode) -> String? {
    switch code {
    case .unreadableFile:
      return "A file could not be read. Check its path and permissions, and name it only once."
    case .invalidEncoding: return "The text is not UTF-8. Save the file as UTF-8."
    case .syntax:
      return "The text is not YAML 1.2 or JSON. Correct it at the place named."
    case .unsupportedSyntax:
      return "The text uses a construct of YAML that org files leave out, such as an anchor, an "
        + "alias, a tag or a second document. Write its content out."
    case .duplicateKey:
      return "A mapping has the same key twice. Remove or rename one of the two."
    case .limit:
      return "The text is larger or nests deeper than usher reads. Split it into several files."
    case .notLaidOut:
      return
        "No layout of the file says the same as the file, such as for a key of more than 1,024 "
        + "characters. It is left as it is."
    default: return nil
    }
  }

  private static func orgFile(_ code: DiagnosticCode) -> String? {
    switch code {
    case .wrongType:
      return "A value is of another kind than the key takes, such as a string for a number. Write "
        + "the kind of value that the message names."
    case .unknownKey:
      return "A key is none that usher knows in this place. Correct its spelling or remove it."
    case .missingKey: return "A required key is missing. Add it."
    case .unsupportedVersion:
      return "The org file is of a version that this usher does not know. Write version 1, or "
        + "update usher."
    case .definedTwice:
      return "A member, a subscription or a setting stands in two files. Keep it in one of them."
    case .ownerCount:
      return "An organization has exactly one owner. Give one member, and no other, the role owner."
    case .invalidPolicy:
      return "A setting of the policy has a value that it cannot have. Write a count or a "
        + "percentage for max_removals, and a term such as 90d for key_max_age."
    default: return nil
    }
  }

  private static func orgFileParts(_ code: DiagnosticCode) -> String? {
    switch code {
    case .unknownSubscription:
      return "A member's seat names a subscription that no file defines. Correct the name, or add "
        + "the subscription."
    case .invalidUsername:
      return "A username is a letter or '_', then letters, digits or '_', ASCII, at most 64 "
        + "characters. Choose another name."
    case .usernamesDifferInCase:
      return "Two usernames differ only in case and would look like one person. Rename one of them."
    case .invalidIdentifier:
      return "A subscription id or a tier is a letter or '_', then letters, digits, '_' or '-', "
        + "ASCII, at most 64 characters. Choose another name."
    case .invalidOrganization:
      return "The organization's name is one line of 1 to 100 characters without control "
        + "characters. Shorten it or remove what cannot be seen."
    case .invalidBaseURL:
      return "The base URL is an absolute http or https URL with a host, of at most 2048 ASCII "
        + "characters. Percent-encode spaces, quotes, backslashes and angle brackets."
    case .invalidInstant:
      return "A date or an instant cannot be read. Write 2027-01-31 or 2027-01-31T12:00:00Z."
    case .numberOutOfRange:
      return "A number is smaller or larger than the key allows. Choose one between the limits "
        + "named."
    case .unknownRole: return "A role is owner, administrator or member. Correct its spelling."
    case .seatSettingWithoutSeat:
      return "A setting of a seat stands with a member who has none. Add a seat or remove the "
        + "setting."
    default: return nil
    }
  }

  private static func planning(_ code: DiagnosticCode) -> String? {
    switch code {
    case .notEnoughSeats:
      return "More members want seats of a subscription than it has. Raise its seats, or take "
        + "seats from members."
    case .subscriptionExpired:
      return "A seat would be assigned from a subscription that has expired. Renew the "
        + "subscription, or choose another."
    case .ownerChange:
      return "The owner cannot be removed or demoted, and ownership does not move by editing the "
        + "file. Restore the owner in the file."
    case .organizationChange:
      return "The stored state belongs to another organization. Check the location of the state "
        + "and the organization's name."
    case .ruleViolation:
      return "A change would break a rule that always holds, so nothing was changed. Correct the "
        + "org file as the message says."
    case .tooManyRemovals:
      return "The plan hurts more members than the policy allows. Review it, then allow it with "
        + "--allow-removals."
    case .notAuthorized:
      return "The actor may not make these changes. Have an administrator or the owner apply them."
    case .notConfirmed:
      return "The changes were not confirmed. Confirm them on a terminal, or pass --yes."
    case .emptyStore:
      return "The store is empty. Check the location of the state, or found the organization with "
        + "'usher apply --create'."
    case .noKeySink:
      return "The plan issues API keys and nobody said where they go. Pass --keys-to."
    case .tokenRequired:
      return "Once tokens were issued, every change needs one. Put a valid token into USHER_TOKEN; "
        + "one that is not valid is refused for reading as well."
    case .ownerNeedsToken:
      return "The owner holds the first token and never loses the last, or nobody could act for "
        + "them. Issue the owner a token first."
    default: return nil
    }
  }

  private static func environment(_ code: DiagnosticCode) -> String? {
    switch code {
    case .usage: return "The command line is wrong. See 'usher --help'."
    case .storeFailed:
      return "The store could not be read or written. Check its location, permissions and free "
        + "space, then run the command again."
    case .storeCorrupt:
      return "A commit in the store is damaged or was changed. Run 'usher log --verify', and "
        + "restore the store from a backup."
    case .conflict:
      return "The stored state has changed since the plan was made, and nothing was changed now. "
        + "Plan again and review the new plan."
    case .planFileInvalid:
      return "The saved plan is damaged, edited or of another version. Plan again."
    case .keySinkFailed:
      return "The API keys could not be delivered, so nothing was changed. Repair the sink, then "
        + "apply again."
    case .interrupted:
      return "The command was interrupted. Nothing was left half-done; run it again."
    case .unknownMember: return "No member has that username. See 'usher members'."
    case .outputFailed:
      return "The output could not be written. Check the path, permissions and free space."
    case .gitFailed:
      return "Git could not read the org files of another revision. Check the revision, and fetch "
        + "it where the clone is shallow."
    case .noKeyToRevoke:
      return "The member has no API key that could be revoked. See 'usher show'."
    case .unknownToken: return "No token of that id was ever issued. See 'usher token list'."
    case .historyRewritten:
      return "The log does not have the commit that --expect names, so it is not the log that was. "
        + "Restore the store from a backup."
    case .usageRecordInvalid:
      return "A line of a usage file is no record, so nothing of the file was kept. Correct it and "
        + "ingest the file again, or leave such lines out with --skip-invalid."
    default: return nil
    }
  }

  private static func warning(_ code: DiagnosticCode) -> String? {
    switch code {
    case .untilPassed:
      return "A member's 'until' has passed, so the file gives them no seat. Move it, or remove "
        + "the seat from the file."
    case .seatLapsed:
      return "A seat has lapsed and no plan can bring it back before its subscription is renewed. "
        + "Renew the subscription, or choose another."
    case .clockSetBack:
      return "The clock stands before the latest commit. Check the time of this machine, or --now."
    case .actorLacksAuthority:
      return "The actor may not apply this plan. Have an administrator or the owner apply it."
    case .snapshotIgnored:
      return "A snapshot was damaged, stale or foreign, and was ignored. Nothing is lost; it may "
        + "be deleted."
    case .notFormatted:
      return "An org file is not in its canonical layout. Run 'usher fmt'."
    case .baseUnusable:
      return "The org files at the base revision are invalid or cannot be planned, so no change "
        + "can be told from what was pending before. Mend the base branch."
    case .exposedKeyFile:
      return "Everybody on this machine can list or change the folder that the file of keys is put "
        + "into. Choose a folder of mode 0700."
    default: return nil
    }
  }

  private static func usage(_ code: DiagnosticCode) -> String? {
    switch code {
    case .quotaExhausted:
      return
        "The holder of a seat has used its Credits of this billing cycle. A seat with more, or "
        + "more 'credits', lets them go on."
    case .quotaRunsOut:
      return "At the pace of the last seven days a seat's Credits are used up before its billing "
        + "cycle or the seat ends. See 'usher usage members'."
    case .subscriptionExpires:
      return "A subscription expires within 30 days, and its keys are refused from then on. Renew "
        + "it, then move 'expires' in the org file."
    case .seatUnused:
      return
        "A seat was not used for 30 days, so it could be reclaimed. Take it out of the member's "
        + "entry in the org file, or leave it."
    case .usageStale:
      return
        "The newest usage record is older than three days, so that nobody can tell who runs out "
        + "and which seats are unused. Ingest what is newer."
    case .usageUnreadable:
      return "The usage cannot be read, so nothing is told of quota and unused seats. Restore the "
        + "folder 'usage' of the state from a backup."
    case .unusedUnknown:
      return "Seats have no usage record, but usage is not known for all of the last 30 days, or "
        + "not whose it was, so they are not called unused. Ingest what is missing, or wait."
    default: return nil
    }
  }
}
