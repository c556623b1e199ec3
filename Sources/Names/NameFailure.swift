/// Why a name has no address.
package struct NameFailure: Error, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    /// The name server says so; in the system's words.
    case unknown(String)
    /// The name server cannot be reached, or has trouble of its own; in the system's words.
    case unanswered(String)
    /// Nobody has answered so far.
    case silent(afterSeconds: Double)
  }

  package let name: String
  package let reason: Reason

  package init(_ name: String, _ reason: Reason) {
    self.name = name
    self.reason = reason
  }
}

extension NameFailure: CustomStringConvertible {
  /// What is wrong, without what to do about it.
  package var description: String { "the name \(name) is not resolved (\(reason))" }
}

extension NameFailure.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknown(let words), .unanswered(let words): words
    case .silent(let seconds): "no answer from the name server for \(Int(seconds.rounded(.up))) s"
    }
  }
}
