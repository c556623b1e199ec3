/// Why an endpoint or a balancer gave no answer that can be used.
package struct PortFailure: Error, Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    case unreachable, permissionDenied, timedOut, refused, garbled, cancelled
    /// Several machines answer in the place of one.
    case severalPeers
  }

  package let kind: Kind
  /// A sentence for an operator: what happened, and what to change where that is known.
  package let message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

extension PortFailure: CustomStringConvertible {
  package var description: String { message }
}
