// DiagnosticCode: every stable code in one place, each with its explanation.

/// A stable name of a kind of finding. Codes are added, never reused or renumbered.
public enum DiagnosticCode: String, CaseIterable, Sendable {
  // E0xx: the text is not a document that usher reads
  case unreadableFile = "E001"
  case invalidEncoding = "E002"
  case syntax = "E003"
  case unsupportedSyntax = "E004"
  case duplicateKey = "E005"
  case limit = "E006"
  case notLaidOut = "E007"
  // E1xx: the document is not an org file
  case wrongType = "E101"
  case unknownKey = "E102"
  case missingKey = "E103"
  case unknownSubscription = "E104"
  case invalidUsername = "E105"
  case usernamesDifferInCase = "E106"
  case invalidIdentifier = "E107"
  case invalidOrganization = "E108"
  case invalidBaseURL = "E109"
  case invalidInstant = "E110"
  case numberOutOfRange = "E111"
  case unknownRole = "E112"
  case ownerCount = "E113"
  case invalidPolicy = "E114"
  case unsupportedVersion = "E115"
  case definedTwice = "E116"
  case seatSettingWithoutSeat = "E117"
  // E2xx: the org file cannot follow the stored state
  case notEnoughSeats = "E201"
  case subscriptionExpired = "E202"
  case ownerChange = "E203"
  case organizationChange = "E204"
  case ruleViolation = "E205"
  // E3xx: refusals
  case tooManyRemovals = "E301"
  case notAuthorized = "E302"
  case notConfirmed = "E303"
  case emptyStore = "E304"
  case noKeySink = "E305"
  case tokenRequired = "E306"
  case ownerNeedsToken = "E307"
  // E4xx: the world around
  case usage = "E401"
  case storeFailed = "E402"
  case storeCorrupt = "E403"
  case conflict = "E404"
  case planFileInvalid = "E405"
  case keySinkFailed = "E406"
  case interrupted = "E407"
  case unknownMember = "E408"
  case outputFailed = "E409"
  case gitFailed = "E410"
  case noKeyToRevoke = "E411"
  case unknownToken = "E412"
  case historyRewritten = "E413"
  case usageRecordInvalid = "E414"
  // W…: worth knowing
  case untilPassed = "W201"
  case seatLapsed = "W202"
  case clockSetBack = "W203"
  case actorLacksAuthority = "W204"
  case snapshotIgnored = "W205"
  case baseUnusable = "W206"
  case notFormatted = "W207"
  case exposedKeyFile = "W208"

  /// Error or warning, by the first letter.
  public var severity: Diagnostic.Severity { rawValue.hasPrefix("E") ? .error : .warning }
}
