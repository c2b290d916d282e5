// YAMLDocument: a document as read: one flat arena of nodes in document order.
// Invariants: a node's subtree follows it without a gap; `next` is the first node behind it; ranges
// lie inside the source; the children of a mapping alternate key, value, and keys are scalars.

public import SourceText

/// A node of a document.
public struct NodeID: Hashable, Sendable {
  /// Its place in the arena.
  public let index: Int32
}

/// What a node is.
public enum NodeKind: UInt8, Sendable {
  case scalar
  case sequence
  case mapping
}

/// How a scalar is written.
public enum ScalarStyle: UInt8, Sendable {
  case plain
  case singleQuoted
  case doubleQuoted
  case literal
  case folded
}

struct Node {
  var kind: NodeKind
  var style: ScalarStyle
  /// Whether the content is in the side buffer and not in the source.
  var isDecoded: Bool
  var start: UInt32
  var end: UInt32
  var next: UInt32
  /// Offset of a scalar's content, in the source or the side buffer.
  var content: UInt32
  /// Bytes of a scalar's content; items or pairs of a collection.
  var count: UInt32
}

/// A document of YAML 1.2 in the subset without anchors, tags and other than string keys.
public struct YAMLDocument: Sendable {
  /// The index of its file, as ranges name it.
  public let file: Int
  /// The text it was read from.
  public let source: [UInt8]
  let nodes: [Node]
  let decoded: [UInt8]

  /// The node that holds all others; a null scalar for an empty document.
  public var root: NodeID { NodeID(index: 0) }

  /// What a node is.
  public func kind(_ node: NodeID) -> NodeKind { nodes[Int(node.index)].kind }

  /// How a scalar is written; `.plain` for collections.
  public func style(_ node: NodeID) -> ScalarStyle { nodes[Int(node.index)].style }

  /// Where a node stands: from its first byte, quotes included, to behind its last.
  public func range(_ node: NodeID) -> SourceRange {
    let node = nodes[Int(node.index)]
    return SourceRange(file: file, start: Int(node.start), end: Int(node.end))
  }

  /// The items of a sequence; none for other nodes.
  public func children(_ node: NodeID) -> ChildSequence {
    let isSequence = kind(node) == .sequence
    return ChildSequence(
      nodes: nodes, at: node.index + 1,
      end: isSequence ? Int32(nodes[Int(node.index)].next) : node.index + 1)
  }

  /// The pairs of a mapping in document order; none for other nodes.
  public func pairs(_ node: NodeID) -> PairSequence {
    let isMapping = kind(node) == .mapping
    return PairSequence(
      nodes: nodes, at: node.index + 1,
      end: isMapping ? Int32(nodes[Int(node.index)].next) : node.index + 1)
  }

  /// How many items or pairs a collection has; 0 for a scalar.
  public func childCount(_ node: NodeID) -> Int {
    let node = nodes[Int(node.index)]
    return node.kind == .scalar ? 0 : Int(node.count)
  }

  /// Shows a scalar's content, escapes and folds resolved, as UTF-8.
  public func withBytes<Result>(
    _ node: NodeID, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    let node = nodes[Int(node.index)]
    let range = Int(node.content)..<Int(node.content) + Int(node.count)
    if node.kind != .scalar { return body(UnsafeBufferPointer(start: nil, count: 0)) }
    if node.isDecoded {
      return decoded.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }
    return source.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
  }

  /// A scalar's content as a string.
  public func text(_ node: NodeID) -> String {
    withBytes(node) { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether a scalar's content is this ASCII text.
  public func isEqual(_ node: NodeID, _ literal: StaticString) -> Bool {
    withBytes(node) { bytes in
      guard bytes.count == literal.utf8CodeUnitCount else { return false }
      for index in 0..<bytes.count where bytes[index] != literal.utf8Start[index] { return false }
      return true
    }
  }

  /// What a scalar means in the core schema of YAML 1.2.2, chapter 10.3.
  public func value(_ node: NodeID) -> ScalarValue {
    guard kind(node) == .scalar, style(node) == .plain else { return .string }
    return withBytes(node) { CoreSchema.resolve($0) }
  }
}

/// The items of a sequence.
public struct ChildSequence: Sequence, IteratorProtocol {
  let nodes: [Node]
  var at: Int32
  let end: Int32

  /// The next item.
  public mutating func next() -> NodeID? {
    guard at < end else { return nil }
    let node = NodeID(index: at)
    at = Int32(nodes[Int(at)].next)
    return node
  }
}

/// The pairs of a mapping.
public struct PairSequence: Sequence, IteratorProtocol, Sendable {
  let nodes: [Node]
  var at: Int32
  let end: Int32

  /// Whether the next pair stands before that of another sequence of the same mapping; nil: of its end.
  public func isBefore(_ other: PairSequence?) -> Bool { at < other?.at ?? end }

  /// The next pair.
  public mutating func next() -> (key: NodeID, value: NodeID)? {
    guard at < end else { return nil }
    let key = NodeID(index: at)
    let value = NodeID(index: at + 1)
    at = Int32(nodes[Int(at) + 1].next)
    return (key, value)
  }
}
