/// A reply that is not what its command answers, and why.
package struct MalformedReply: Error, Hashable {
  package let reason: String

  package init(_ reason: String) { self.reason = reason.beginning }

  /// A reply of another kind altogether, of which the beginning is told.
  init(expected: String, found reply: String) {
    self.init("expected \(expected), found \(String(reflecting: String(reply.prefix(120))))")
  }
}
