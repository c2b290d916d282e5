// OrgTemplate: the org file to start from.

/// What `usher init` writes.
public enum OrgTemplate {
  /// A commented org file that is valid as it stands.
  public static let text = """
    # The seats of your token plan, as they should be. Keep this file in git.
    #   usher validate org.yaml    checks it
    #   usher plan org.yaml        shows what would change
    #   usher apply org.yaml       makes it so

    version: 1
    organization: my-team  # one line of text

    # Handed out with every API key.
    # base_url: https://llm.example.com/v1

    # Pools of seats, as bought. 'expires' is a date (00:00 UTC at its start) or an instant.
    subscriptions:
      standard: { seats: 10, expires: 2099-12-31 }
      # pro:      { tier: pro, seats: 2, expires: 2099-12-31T12:00:00Z, credits: 60000 }

    # Rails for every plan.
    policy:
      max_removals: 25%  # how many members a plan may take from: count or share
      # key_max_age: 90d   # older API keys are replaced by the next plan

    # Who is in, with which role and which seat. Exactly one member is the owner.
    members:
      me: { role: owner, seat: standard }
      # alice: { role: administrator }                # manages members and seats
      # bob:   { seat: standard }                     # the role is 'member' if none is given
      # carol: { seat: standard, until: 2099-06-30 }  # the seat ends by itself
      # dave:  { seat: standard, key: 2 }             # another 'key' number replaces the API key
      # erin:  {}                                     # a member without a seat

    """
}
