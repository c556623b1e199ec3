package import Balancing
package import Logging

/// A line for the journal, before it is decided whether it is written.
package struct LogLine: Hashable, Sendable {
  /// What a line tells about, as far as it may come and go.
  package enum Subject: Hashable, Sendable {
    case endpoint(EndpointName)
    /// By what hosts are found.
    case finding(String)
    case balancer(BalancerName)
    /// Which process answers for a balancer.
    case process(BalancerName)
    /// A backend in the configuration of one balancer.
    case section(BackendName, BalancerName)
    case backend(BackendName)
    case server(BackendName, ServerName)
    /// How many servers of a backend have no address.
    case slots(BackendName)
    /// Who sets the weight of a server.
    case weight(BackendName, ServerName, BalancerName)
    /// What a server gets through one balancer.
    case share(BackendName, ServerName, BalancerName)
    /// Whether a server's figures are believed.
    case figures(BackendName, ServerName, BalancerName)
    /// How long ticks take.
    case pace
  }

  package var event: JournalEvent
  package var level: Logger.Level
  package var text: String
  package var fields: [String: String]
  /// `nil` for what is always told.
  package var subject: Subject?

  package init(
    event: JournalEvent, level: Logger.Level, text: String, fields: [String: String] = [:],
    subject: Subject? = nil
  ) {
    self.event = event
    self.level = level
    self.text = text
    self.fields = fields
    self.subject = subject
  }
}
