/// A figure of a balancer's that cannot be, and so is not reckoned with.
package struct Disbelief: Hashable, Codable, Sendable {
  package enum Figure: String, Hashable, Codable, Sendable {
    /// Sessions at the server now.
    case currentSessions
    /// Requests that wait for the server now.
    case queue
    /// What was counted since the process began.
    case totals
  }

  package var figure: Figure
  /// As it was said; what exceeds `Int` is `Int.max`.
  package var value: Int
  /// What it exceeds, where it is a limit that was configured.
  package var limit: Int?

  package init(_ figure: Figure, value: Int, limit: Int? = nil) {
    self.figure = figure
    self.value = value
    self.limit = limit
  }
}

extension Disbelief: CustomStringConvertible {
  package var description: String {
    let number = value == .max ? "2^63 or more" : "\(value)"
    let said =
      switch figure {
      case .currentSessions: "\(number) current sessions"
      case .queue: "\(number) requests in the queue"
      case .totals: "a total of \(number)"
      }
    return limit.map { "\(said), where its limit is \($0)" } ?? said
  }
}
