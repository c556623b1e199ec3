internal import Balancing
package import Control
package import Logging

/// Writes events to a logger: a sentence for people, fields for queries.
package struct EventLog: Sendable {
  private let logger: Logger

  package init(_ logger: Logger) { self.logger = logger }

  /// Logs an event of the daemon itself.
  ///
  /// - Parameter text: the whole sentence; the event's own message without one.
  package func log(
    _ event: JournalEvent, _ level: Logger.Level, _ text: String? = nil,
    _ fields: Logger.Metadata = [:]
  ) {
    var metadata = fields
    metadata["message_id"] = "\(event.messageID)"
    if let text { metadata["text"] = "\(text)" }
    logger.log(level: level, "\(event.message)", metadata: metadata)
  }

  /// Logs what only a developer, or somebody in trouble, wants to know.
  package func debug(_ text: @autoclosure () -> String) {
    logger.debug("\(text())")
  }

  /// Logs what a tick had to say.
  package func log(_ event: ControlEvent) { log(LogLine(event)) }

  /// Logs a line that was made before.
  package func log(_ line: LogLine) {
    log(line.event, line.level, line.text, line.fields.mapValues { "\($0)" })
  }
}

extension LogLine {
  /// What a tick had to say.
  package init(_ event: ControlEvent) {
    self.init(
      event: event.kind, level: event.level, text: event.description, fields: event.fields,
      subject: event.subject)
  }
}

extension ControlEvent {
  fileprivate var kind: JournalEvent {
    switch self {
    case .endpointLost: .endpointLost
    case .endpointBack: .endpointBack
    case .answerIncomplete: .answerIncomplete
    case .sameMachine: .sameMachine
    case .hostsChanged: .hostsChanged
    case .findingFailed: .findingFailed
    case .findingBack: .findingBack
    case .balancerLost: .balancerLost
    case .balancerBack: .balancerBack
    case .balancerReloaded: .balancerReloaded
    case .backendMissing: .backendMissing
    case .oldProcessServes: .oldProcessServes
    case .fallsBack: .fallsBack
    case .backendHolds: .backendHolds
    case .backendSteers: .backendSteers
    case .serverHolds: .serverHolds
    case .serverLive: .serverLive
    case .slotsEmpty: .slotsEmpty
    case .weightChanged: .weightChanged
    case .weightRefused: .weightRefused
    case .algorithmIsFixed: .algorithmIsFixed
    case .changedByOthers: .changedByOthers
    case .contested: .contested
    case .contestOver: .contestOver
    case .leftToHand: .changedByOthers
    case .paused: .paused
    case .resumed: .resumed
    case .figureDisbelieved: .figureDisbelieved
    }
  }

  fileprivate var level: Logger.Level {
    switch self {
    case .weightChanged, .endpointBack, .balancerBack, .backendSteers, .serverLive, .slotsEmpty,
      .contestOver, .hostsChanged, .findingBack:
      .info
    case .balancerReloaded, .oldProcessServes, .fallsBack, .changedByOthers, .leftToHand, .paused,
      .resumed, .sameMachine:
      .notice
    case .backendHolds(_, .holding(.learning)), .backendHolds(_, .holding(.idle)),
      .backendHolds(_, .holding(.nothingToLevel)):
      .info
    case .serverHolds(_, _, .held(.state)), .serverHolds(_, _, .configured): .info
    case .endpointLost, .balancerLost, .answerIncomplete, .backendMissing, .backendHolds,
      .findingFailed,
      .serverHolds, .algorithmIsFixed, .contested, .figureDisbelieved:
      .warning
    case .weightRefused: .error
    }
  }

  /// What may come and go again and again.
  fileprivate var subject: LogLine.Subject? {
    switch self {
    case .endpointLost(let endpoint, _), .endpointBack(let endpoint),
      .answerIncomplete(let endpoint, _, _, _), .sameMachine(let endpoint, _):
      .endpoint(endpoint)
    case .balancerLost(let balancer, _), .balancerBack(let balancer): .balancer(balancer)
    case .balancerReloaded(let balancer): .process(balancer)
    case .backendMissing(let backend, let balancer),
      .algorithmIsFixed(let backend, let balancer, _):
      .section(backend, balancer)
    case .backendHolds(let backend, _), .backendSteers(let backend), .oldProcessServes(let backend),
      .fallsBack(let backend, _):
      .backend(backend)
    case .serverHolds(let backend, let server, _), .serverLive(let backend, let server):
      .server(backend, server)
    case .slotsEmpty(let backend, _): .slots(backend)
    case .weightRefused(let change, _): .weight(change.backend, change.server, change.balancer)
    case .changedByOthers(let backend, let server, let balancer, _, _),
      .leftToHand(let backend, let server, let balancer, _, _, _),
      .contested(let backend, let server, let balancer, _),
      .contestOver(let backend, let server, let balancer):
      .weight(backend, server, balancer)
    case .figureDisbelieved(let backend, let server, let balancer, _):
      .figures(backend, server, balancer)
    case .hostsChanged(let origin, _, _, _), .findingFailed(let origin, _, _),
      .findingBack(let origin, _):
      .finding(origin)
    case .weightChanged(let change) where change.reason.isUsual:
      .share(change.backend, change.server, change.balancer)
    case .weightChanged, .paused, .resumed: nil
    }
  }

  fileprivate var fields: [String: String] {
    switch self {
    case .endpointLost(let endpoint, _), .endpointBack(let endpoint),
      .answerIncomplete(let endpoint, _, _, _), .sameMachine(let endpoint, _):
      ["evenkeel_endpoint": "\(endpoint)"]
    case .hostsChanged(let origin, _, _, _), .findingFailed(let origin, _, _),
      .findingBack(let origin, _):
      ["evenkeel_origin": origin]
    case .balancerLost(let balancer, _), .balancerBack(let balancer),
      .balancerReloaded(let balancer):
      ["evenkeel_balancer": "\(balancer)"]
    case .backendMissing(let backend, let balancer),
      .algorithmIsFixed(let backend, let balancer, _):
      ["evenkeel_backend": "\(backend)", "evenkeel_balancer": "\(balancer)"]
    case .backendHolds(let backend, let condition):
      ["evenkeel_backend": "\(backend)", "evenkeel_reason": "\(condition)"]
    case .backendSteers(let backend), .oldProcessServes(let backend), .slotsEmpty(let backend, _),
      .fallsBack(let backend, _):
      ["evenkeel_backend": "\(backend)"]
    case .serverHolds(let backend, let server, let condition):
      [
        "evenkeel_backend": "\(backend)", "evenkeel_server": "\(server)",
        "evenkeel_reason": "\(condition)",
      ]
    case .serverLive(let backend, let server):
      ["evenkeel_backend": "\(backend)", "evenkeel_server": "\(server)"]
    case .weightChanged(let change):
      change.fields
    case .weightRefused(let change, let reply):
      change.fields.merging(["evenkeel_reason": "\(reply)"]) { _, reply in reply }
    case .paused(let scope, let by, _, _):
      scope.fields.merging(["evenkeel_by": by]) { _, by in by }
    case .resumed(let scope, let by):
      scope.fields.merging(by.map { ["evenkeel_by": $0] } ?? [:]) { _, by in by }
    case .changedByOthers(let backend, let server, let balancer, let from, let to),
      .leftToHand(let backend, let server, let balancer, let from, let to, _):
      [
        "evenkeel_backend": "\(backend)", "evenkeel_server": "\(server)",
        "evenkeel_balancer": "\(balancer)", "evenkeel_weight_old": "\(from)",
        "evenkeel_weight_new": "\(to)",
      ]
    case .contested(let backend, let server, let balancer, let suspect):
      [
        "evenkeel_backend": "\(backend)", "evenkeel_server": "\(server)",
        "evenkeel_balancer": "\(balancer)", "evenkeel_reason": "\(suspect)",
      ]
    case .figureDisbelieved(let backend, let server, let balancer, let disbelief):
      [
        "evenkeel_backend": "\(backend)", "evenkeel_server": "\(server)",
        "evenkeel_balancer": "\(balancer)", "evenkeel_reason": "\(disbelief)",
      ]
    case .contestOver(let backend, let server, let balancer):
      [
        "evenkeel_backend": "\(backend)", "evenkeel_server": "\(server)",
        "evenkeel_balancer": "\(balancer)",
      ]
    }
  }
}

extension WeightChange.Reason {
  /// Whether it is what levelling consists of: nobody has to do anything about it.
  fileprivate var isUsual: Bool {
    switch self {
    case .levelling, .standingIn, .relieved, .due, .scale, .clearing, .cleared: true
    case .piling, .young, .failing, .reduction, .restored, .givenBack, .asked: false
    }
  }
}

extension Brake.Scope {
  fileprivate var fields: [String: String] {
    var fields: [String: String] = [:]
    if let backend { fields["evenkeel_backend"] = "\(backend)" }
    if let server { fields["evenkeel_server"] = "\(server)" }
    return fields
  }
}

extension WeightChange {
  fileprivate var fields: [String: String] {
    var fields = [
      "evenkeel_backend": "\(backend)", "evenkeel_server": "\(server)",
      "evenkeel_balancer": "\(balancer)", "evenkeel_weight_old": "\(old)",
      "evenkeel_weight_new": "\(new)", "evenkeel_reason": why,
    ]
    fields["evenkeel_utilisation"] = utilisation.map { decimal($0.value, 3) }
    fields["evenkeel_share_old"] = shares.map { decimal($0.before, 3) }
    fields["evenkeel_share_new"] = shares.map { decimal($0.after, 3) }
    return fields
  }
}
