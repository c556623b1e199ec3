package import Balancing

/// What a backend is doing.
package enum BackendCondition: Hashable, Sendable {
  case steering
  /// No balancer that has it could be read.
  case unreadable
  case algorithmIsFixed
  case holding(BackendHold)

  /// Whether it is the same situation for an operator. Idleness comes and goes, and a count that
  /// is missing once tells nobody anything.
  package func isSameKind(as other: BackendCondition) -> Bool {
    switch (self, other) {
    case (.holding(.tooLittleFreshData), .holding(.tooLittleFreshData)),
      (.holding(.trafficIgnoresWeights), .holding(.trafficIgnoresWeights)):
      true
    default: self == other || (isSteering && other.isSteering)
    }
  }

  /// Whether it steers as soon as there is something to steer.
  package var isSteering: Bool {
    switch self {
    case .steering, .holding(.idle), .holding(.countersMissing): true
    case .unreadable, .algorithmIsFixed, .holding: false
    }
  }

  /// Whether it is what happens in a healthy fleet: nobody has to do anything about it.
  var isUsual: Bool {
    switch self {
    case .holding(.learning), .holding(.idle), .holding(.nothingToLevel): true
    case .steering, .unreadable, .algorithmIsFixed, .holding: false
    }
  }
}

extension BackendCondition: CustomStringConvertible {
  package var description: String {
    switch self {
    case .steering: "steering"
    case .unreadable: "no balancer that has it could be read"
    case .algorithmIsFixed: "its balance algorithm takes no weights"
    case .holding(.learning): "learning what a request costs"
    case .holding(.tooLittleFreshData(let fresh, let up)):
      "only \(fresh) of \(up) servers that are up have fresh data"
    case .holding(.idle): "no requests arrive"
    case .holding(.nothingToLevel): "there are not two servers to level"
    case .holding(.countersMissing): "a balancer's request counters could not be read"
    case .holding(.awaitingSamplesSinceWrite): "waiting for samples since the last change"
    case .holding(.trafficIgnoresWeights(let astray)): astray.description
    }
  }
}
