// SealedDocument: a JSON object whose last field is the digest of every byte before it.
// Invariants: the digest's field is the last one and nothing follows the object but a line feed, so
// that there is exactly one text for a sealed value and no byte of it can change unnoticed.

public import ByteOutput
public import Digests
import SourceText
public import YAMLSyntax

/// A document that carries its own SHA-256.
public struct SealedDocument: Sendable {
  /// What was read.
  public let document: YAMLDocument
  /// SHA-256 of the bytes before the `digest` field; the name of this document.
  public let digest: Digest

  /// Writes an object of the fields that `body` writes, and seals it.
  public static func seal(
    _ body: (inout JSONWriter) -> Void
  ) -> (bytes: [UInt8], digest: Digest) {
    var writer = JSONWriter(.indented)
    var digest = SHA256.hash([])
    writer.object { writer in
      body(&writer)
      digest = SHA256.hash(writer.sink.bytes)
      writer.member("digest", digest.labelled)
    }
    return (writer.sink.bytes + [0x0A], digest)
  }

  /// Reads a sealed document and checks its seal and format.
  /// - Parameter format: The value its `format` field must have, such as `usher.commit/1`.
  /// - Throws: `RecordError` if it is no such document, of a newer format, or was changed.
  public init(reading bytes: [UInt8], format: String) throws(RecordError) {
    var diagnostics = Diagnostics()
    guard let document = YAMLParser.parse(bytes, file: 0, into: &diagnostics) else {
      let first = diagnostics.sorted.first
      let position = first?.range.map { LineIndex(bytes).position(of: Int($0.start)) }
      throw RecordError(first?.message ?? "this is no JSON document", at: position)
    }
    let object = try RecordObject(document, document.root)
    try Self.check(try object.string("format"), is: format)
    let stated = try object.parsed("digest", "digest") { Digest(labelled: $0) }
    guard let seal = Self.sealStart(of: object), SHA256.hash(Array(bytes[..<seal])) == stated else {
      throw RecordError("the content does not match its digest: it was changed after it was written")
    }
    self.document = document
    self.digest = stated
  }

  var object: RecordObject {
    get throws(RecordError) { try RecordObject(document, document.root) }
  }

  private static func check(_ found: String, is expected: String) throws(RecordError) {
    guard found != expected else { return }
    let family = expected.prefix { $0 != "/" }
    if found.hasPrefix("\(family)/") {
      throw RecordError("the format is '\(found)', but this usher reads only '\(expected)'; use a newer usher")
    }
    throw RecordError("the format is '\(found)', expected '\(expected)'")
  }

  /// Where the bytes under the seal end; nil if the text is not laid out as `seal` does it.
  private static func sealStart(of object: RecordObject) -> Int? {
    var last: (key: NodeID, value: NodeID)?
    for pair in object.document.pairs(object.node) { last = pair }
    guard let last, object.document.isEqual(last.key, "digest") else { return nil }
    let source = object.document.source
    let lead = Array(",\n  ".utf8)
    let start = Int(object.document.range(last.key).start) - lead.count
    let stated = object.document.text(last.value)
    let tail = Array(",\n  \"digest\": \"\(stated)\"\n}\n".utf8)
    guard start > 0, Array(source[start...]) == tail else { return nil }
    return start
  }
}
