internal import Balancing
package import Control
package import Logging

/// A line for the journal, before it is decided whether it is written.
package struct LogLine: Hashable, Sendable {
  /// What a line tells about, as far as it may come and go.
  package enum Subject: Hashable, Sendable {
    case event(ControlEvent.Topic, ControlEvent.Subjects)
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
    event: JournalEvent, level: Logger.Level? = nil, text: String, fields: [String: String] = [:],
    subject: Subject? = nil
  ) {
    self.event = event
    self.level = level ?? event.level
    self.text = text
    self.fields = fields
    self.subject = subject
  }
}

extension LogLine {
  /// What a tick had to say.
  package init(_ event: ControlEvent) {
    let account = event.account
    self.init(
      event: JournalEvent(event), level: account.isUsual ? .info : nil, text: account.text,
      fields: account.subjects.fields.merging(account.details.fields) { _, detail in detail },
      subject: account.topic.map { .event($0, account.subjects) })
  }
}

extension ControlEvent.Subjects {
  fileprivate var fields: [String: String] {
    var fields: [String: String] = [:]
    fields["evenkeel_endpoint"] = endpoint.map { "\($0)" }
    fields["evenkeel_origin"] = origin
    fields["evenkeel_backend"] = backend.map { "\($0)" }
    fields["evenkeel_server"] = server.map { "\($0)" }
    fields["evenkeel_balancer"] = balancer.map { "\($0)" }
    return fields
  }
}

extension ControlEvent.Details {
  fileprivate var fields: [String: String] {
    var fields: [String: String] = [:]
    fields["evenkeel_reason"] = reason
    fields["evenkeel_by"] = by
    fields["evenkeel_weight_old"] = old.map { "\($0)" }
    fields["evenkeel_weight_new"] = new.map { "\($0)" }
    fields["evenkeel_utilisation"] = utilisation.map { decimal($0.value, 3) }
    fields["evenkeel_share_old"] = shares.map { decimal($0.before, 3) }
    fields["evenkeel_share_new"] = shares.map { decimal($0.after, 3) }
    return fields
  }
}
