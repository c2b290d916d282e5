// CommandTable+Gateway: the commands for what stands before the models.

private let out = OptionSpec(
  "out", "FILE", .file, "replace FILE in one step instead; if anything fails it stays as it is")
private let exits = [
  ExitNote(.success, "done, also if no key works"),
  ExitNote(.failure, "the store is empty or cannot be read, or writing failed"),
  ExitNote(
    .refused, "the actor is neither the owner nor an administrator, or the token is not valid"),
]

extension CommandTable {
  static let gatewayHAProxy = CommandSpec(
    name: .gatewayHAProxy, group: .gateway, summary: "the keys that work, as a map for HAProxy",
    usage: ["gateway haproxy [--out FILE]"],
    details: [
      "A line for each key that works now: its SHA-256 in lower-case hexadecimal digits, the member, "
        + "the instant from which on it is refused, in seconds since 1970, and the subscription. The "
        + "gateway must look at that instant with every call, and load the map anew after every "
        + "commit. No plaintext key is needed or printed.",
      "Lines are in the order of members; while the same keys work the bytes are the same. A file "
        + "that is new gets the mode 0600.",
    ],
    options: [out], formats: [.text],
    examples: [
      Example("for a HAProxy here", "usher gateway haproxy --out /etc/haproxy/usher.map")
    ], exits: exits)

  static let gatewayJSON = CommandSpec(
    name: .gatewayJSON, group: .gateway, summary: "the keys that work, for any other gateway",
    usage: ["gateway json [--out FILE]"],
    details: [
      "One object: organization, sequence and digest of the last commit, and keys, each with sha256, "
        + "key_id, member, subscription and expires, the instant from which on it is refused."
    ],
    options: [out],
    examples: [Example("what a gateway of your own needs", "usher gateway json")], exits: exits)
}
