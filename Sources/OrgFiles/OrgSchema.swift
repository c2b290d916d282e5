// OrgSchema: the org file as JSON Schema, draft-07, for editors.

/// What `usher schema` prints.
public enum OrgSchema {
  /// The schema. What it cannot say (one owner, known subscriptions, enough seats) the command
  /// `usher validate` does. No key is required at the top: several files make one org.
  public static func json() -> [UInt8] { Array(text.utf8) }

  private static let text = #"""
    {
      "$schema": "http://json-schema.org/draft-07/schema#",
      "title": "usher org file, version 1",
      "description": "Members, roles and seat assignments of one organization.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "version": {
          "title": "Version", "description": "Version of the format; 1 is the only one.", "const": 1
        },
        "organization": {
          "title": "Organization",
          "description": "The organization's name: one line of text.",
          "type": "string", "minLength": 1, "maxLength": 100,
          "pattern": "^[^\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069\\uFEFF]*$"
        },
        "base_url": {
          "title": "Base URL",
          "description": "Handed out with every API key.",
          "type": "string", "format": "uri", "maxLength": 2048,
          "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#\\s][!#-&(-;=?-\\[\\]^_`a-~]*$"
        },
        "subscriptions": {
          "title": "Subscriptions",
          "description": "Pools of seats, by id.",
          "type": "object",
          "propertyNames": { "pattern": "^[A-Za-z_][A-Za-z0-9_-]{0,63}$" },
          "additionalProperties": { "$ref": "#/definitions/subscription" }
        },
        "policy": { "$ref": "#/definitions/policy" },
        "members": {
          "title": "Members",
          "description": "Members, by username. Exactly one has the role owner.",
          "type": "object",
          "propertyNames": { "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,63}$" },
          "additionalProperties": { "$ref": "#/definitions/member" }
        }
      },
      "definitions": {
        "instant": {
          "title": "Date or instant",
          "type": "string",
          "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2}))?$",
          "examples": ["2027-01-31", "2027-01-31T12:00:00Z"]
        },
        "subscription": {
          "title": "Subscription",
          "description": "A pool of seats of one tier, bought until an expiry.",
          "type": "object",
          "additionalProperties": false,
          "required": ["seats", "expires"],
          "properties": {
            "tier": {
              "description": "Tier of its seats; the id if left out.",
              "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]{0,63}$"
            },
            "seats": {
              "description": "How many members can hold a seat of it.",
              "type": "integer", "minimum": 0, "maximum": 1000000000
            },
            "expires": {
              "description": "From then on its keys are refused. A date is its start in UTC.",
              "allOf": [{ "$ref": "#/definitions/instant" }]
            },
            "credits": {
              "description": "Credits of each seat in a billing cycle.",
              "type": "integer", "minimum": 0, "maximum": 1000000000000
            }
          }
        },
        "policy": {
          "title": "Policy",
          "description": "Rails for every plan.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "max_removals": {
              "description": "How many members one plan may take from: a count or a percentage.",
              "default": "25%",
              "anyOf": [
                { "type": "integer", "minimum": 0, "maximum": 1000000000 },
                { "type": "string", "pattern": "^0{0,15}(100|[0-9]{1,2})%$" }
              ]
            },
            "key_max_age": {
              "description": "API keys older than this are replaced by the next plan.",
              "type": "string", "pattern": "^0{0,8}[1-9][0-9]{0,9}[wdhms]$",
              "examples": ["90d"]
            }
          }
        },
        "member": {
          "title": "Member",
          "description": "A person or a bot; {} is a member without a seat.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "role": {
              "description": "What the member may do.",
              "enum": ["owner", "administrator", "member"], "default": "member"
            },
            "seat": {
              "description": "Id of the subscription whose seat the member holds.",
              "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]{0,63}$"
            },
            "until": {
              "description": "From then on the member's key is refused. A date is its start in UTC.",
              "allOf": [{ "$ref": "#/definitions/instant" }]
            },
            "key": {
              "description": "Another number replaces the API key.",
              "type": "integer", "minimum": 1, "maximum": 1000000000, "default": 1
            }
          }
        }
      }
    }

    """#
}
