/// What became of a weight that was to be set.
public enum WeightResult: Hashable, Sendable {
  /// HAProxy took it.
  case written
  /// The server, or its backend, has gone since it was read. Servers come and go at run time.
  case noSuchServer
  /// The backend's algorithm takes no weights while HAProxy runs.
  case staticAlgorithm(reply: String)
  /// The socket is not of `level admin`.
  case permissionDenied
  /// Refused for another reason, in HAProxy's own words.
  case refused(reply: String)
  /// Another process has taken over, or this one is stopping; nothing was written.
  case processChanged
}

extension WeightResult {
  /// What a process answers that stops, but also what any process answers for a backend that its
  /// configuration says is `disabled`.
  package static let proxyDisabledReply = "Proxy is disabled."

  /// Reads the reply to a `set weight`; success is an empty one.
  package init(reply: String) {
    self =
      switch reply {
      case "": .written
      case "No such server.", "No such backend.": .noSuchServer
      case "Permission denied": .permissionDenied
      case _ where reply.hasPrefix("Backend is using a static LB algorithm"):
        .staticAlgorithm(reply: reply.beginning)
      default: .refused(reply: reply.beginning)
      }
  }
}
