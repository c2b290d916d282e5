// SealedDocument: a JSON object whose last field is the digest of every byte before it.
// Invariants: the digest's field is the last one and nothing follows the object but a line feed, so
// that there is exactly one text for a sealed value and no byte of it can change unnoticed.

public import ByteOutput
public import Digests
import Parallelism
import SourceText
public import YAMLSyntax

/// The seal of a document that is being written. While one page is written, another thread hashes the
/// one before.
struct Sealing: Sendable {
  /// So much is written before it is hashed and handed on.
  private static let pageBytes = 1 << 20

  private var last: Errand<SHA256>?
  private var beforeLast: Errand<SHA256>?

  /// The text so far, if it is a page; what comes follows it.
  mutating func takePage(from writer: inout JSONWriter) -> [UInt8]? {
    guard Self.isPage(writer) else { return nil }
    let bytes = writer.take()
    hash([bytes])
    return bytes
  }

  /// Whether the text so far is a page.
  static func isPage(_ writer: JSONWriter) -> Bool { writer.sink.bytes.count >= pageBytes }

  /// Follows pages that somebody has taken.
  mutating func hash(_ pages: [[UInt8]]) {
    // No more than twice as many wait for being hashed.
    _ = beforeLast?.result
    let former = last
    beforeLast = former
    last = Errand {
      var hash = former?.result ?? SHA256()
      for page in pages { hash.update(page) }
      return hash
    }
  }

  /// Ends the document, all fields of which are written, with the digest of all before it.
  mutating func end(_ writer: inout JSONWriter) -> (page: [UInt8], digest: Digest) {
    var hash = last?.result ?? SHA256()
    hash.update(writer.sink.bytes)
    let digest = hash.finalize()
    writer.member("digest", digest.labelled)
    writer.closeObject()
    return (writer.take() + [0x0A], digest)
  }
}

/// A document that carries its own SHA-256.
public struct SealedDocument: Sendable {
  /// What was read.
  public let document: YAMLDocument
  /// SHA-256 of the bytes before the `digest` field; the name of this document.
  public let digest: Digest

  /// Where a document that is being written may be parted.
  public typealias Parting = (inout JSONWriter) -> Void

  /// Writes an object of the fields that `body` writes, and seals it.
  /// - Parameters:
  ///   - page: Gets the text in pieces, in order.
  ///   - body: Calls what it is given behind every item of a long list.
  /// - Returns: The digest.
  public static func seal(
    page: @escaping ([UInt8]) -> Void, _ body: (inout JSONWriter, Parting) -> Void
  ) -> Digest {
    var writer = JSONWriter(.indented)
    var sealing = Sealing()
    writer.openObject()
    body(&writer) { writer in
      if let full = sealing.takePage(from: &writer) { page(full) }
    }
    let (last, digest) = sealing.end(&writer)
    page(last)
    return digest
  }

  /// The whole of a sealed document; see above.
  public static func seal(
    _ body: (inout JSONWriter, Parting) -> Void
  ) -> (bytes: [UInt8], digest: Digest) {
    var bytes: [UInt8] = []
    let digest = seal(page: { bytes += $0 }, body)
    return (bytes, digest)
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
    guard try Self.digest(ofSealed: bytes) == stated else { throw Self.changed }
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
      throw RecordError(
        "the format is '\(found)', but this usher reads only '\(expected)'; use a newer usher",
        isOfNewerFormat: true)
    }
    throw RecordError("the format is '\(found)', expected '\(expected)'")
  }

  private static let changed = RecordError(
    "the content does not match its digest: it was changed after it was written")

  /// Checks the seal alone, without reading the document: the digest that a sealed text carries.
  /// - Throws: `RecordError` if the text is not sealed as `seal` does it, or was changed.
  public static func digest(ofSealed bytes: [UInt8]) throws(RecordError) -> Digest {
    guard bytes.count > sealBytes, let stated = statedDigest(atEndOf: bytes) else { throw changed }
    var hash = SHA256()
    bytes.withUnsafeBytes {
      hash.update(UnsafeRawBufferPointer(rebasing: $0[..<(bytes.count - sealBytes)]))
    }
    guard hash.finalize() == stated else { throw changed }
    return stated
  }

  /// How many bytes at the end of a sealed text are its seal.
  public static let sealBytes = lead.count + 64 + tail.count
  private static let lead = Array(",\n  \"digest\": \"sha256:".utf8)
  private static let tail = Array("\"\n}\n".utf8)

  /// The digest that the last `sealBytes` of a text say, whether or not it is true; nil if they are
  /// no seal.
  public static func statedDigest(atEndOf bytes: [UInt8]) -> Digest? {
    let seal = bytes.suffix(sealBytes)
    guard seal.count == sealBytes, seal.starts(with: lead), seal.suffix(tail.count) == tail[...]
    else { return nil }
    return Digest(hex: String(decoding: seal.dropFirst(lead.count).prefix(64), as: UTF8.self))
  }
}
