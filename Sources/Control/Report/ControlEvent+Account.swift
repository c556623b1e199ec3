package import Balancing

extension ControlEvent {
  /// All that is told of an event.
  package struct Account: Hashable, Sendable {
    /// One sentence.
    package var text: String
    package var subjects: Subjects
    /// `nil` for what is always told, however often it comes.
    package var topic: Topic?
    package var details: Details
    /// Whether nobody has to do anything about it, though others of its kind are warnings.
    package var isUsual: Bool

    init(
      _ text: String, of subjects: Subjects, _ topic: Topic?, _ details: Details = Details(),
      isUsual: Bool = false
    ) {
      self.text = text
      self.subjects = subjects
      self.topic = topic
      self.details = details
      self.isUsual = isUsual
    }
  }

  /// The parts of the fleet that an event is about.
  package struct Subjects: Hashable, Sendable {
    package var endpoint: EndpointName?
    /// By what hosts are found.
    package var origin: String?
    package var backend: BackendName?
    package var server: ServerName?
    package var balancer: BalancerName?
  }

  /// What comes and goes of an event's subjects: events of one topic tell of the same thing, as it
  /// breaks and as it is whole again.
  package enum Topic: Hashable, Sendable {
    case endpoint
    /// How hosts are found.
    case finding
    case balancer
    /// Which process answers for a balancer.
    case process
    /// A backend in the configuration of one balancer.
    case section
    case backend
    case server
    /// How many servers of a backend have no address.
    case slots
    /// Who sets the weight of a server.
    case weight
    /// What a server gets through one balancer.
    case share
    /// Whether a server's figures are believed.
    case figures
  }

  /// The values of a sentence by themselves, for queries.
  package struct Details: Hashable, Sendable {
    package var reason: String?
    /// The user who wanted it.
    package var by: String?
    package var old: Weight?
    package var new: Weight?
    package var utilisation: Utilisation?
    package var shares: WeightChange.Shares?
  }
}

extension ControlEvent.Subjects {
  init(_ change: WeightChange) {
    self.init(backend: change.backend, server: change.server, balancer: change.balancer)
  }

  init(_ scope: Brake.Scope) { self.init(backend: scope.backend, server: scope.server) }
}

extension ControlEvent.Details {
  init(_ change: WeightChange, reason: String) {
    self.init(
      reason: reason, old: change.old, new: change.new, utilisation: change.utilisation,
      shares: change.shares)
  }
}
