internal import Balancing

/// A weight means something beside the others' alone: so the share is what a line begins with, and a
/// weight that moves the other way is explained.
extension WeightChange: CustomStringConvertible {
  package var description: String {
    let weights = "weight \(old) → \(new)"
    let what = shares.map { "\($0) (\(weights), \(because))" } ?? "\(weights) (\(because))"
    return "\(backend)/\(server) on \(balancer): \(what)"
  }

  /// Share and cause: why a weight changes, for where the weights themselves are shown.
  package var why: String {
    [shares?.description, because].compactMap(\.self).joined(separator: "; ")
  }

  private var because: String {
    let movesAgainstItsShare = shares.map { $0.differ && $0.rises != (new > old) } ?? false
    return movesAgainstItsShare && reason.isByPlan
      ? "\(Reason.scale); \(reason)" : reason.description
  }
}

extension WeightChange.Shares: CustomStringConvertible {
  package var description: String {
    let (old, new) = (decimal(before * 100, 1), decimal(after * 100, 1))
    return old == new ? "share \(new) % as before" : "share \(old) → \(new) %"
  }
}

extension WeightChange.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .levelling(let utilisation?, let mean?): "\(utilisation), mean \(decimal(mean, 2))"
    case .levelling(let utilisation?, nil): "\(utilisation)"
    case .levelling(nil, _): "no load known for long; towards its peers' mean"
    case .clearing(let requests):
      requests >= 1 ? "clearing a queue of \(decimal(requests, 0))" : "clearing a queue"
    case .cleared: "queue cleared: its share again"
    case .standingIn(.clearing), .standingIn(.cleared):
      "takes over while a queue is cleared elsewhere"
    case .standingIn(.piling): "takes over while requests pile up elsewhere"
    case .standingIn(.failing): "takes over while another fails what its peers do not"
    case .standingIn(.young): "takes over while another is new or back"
    case .relieved: "a queue elsewhere is cleared: its share again"
    case .piling: "requests pile up at it"
    case .young: "it is new or back: less until it is known"
    case .failing: "it fails what its peers do not"
    case .due: "its due by what requests cost and what it may use"
    case .scale: "the scale changed"
    case .reduction(.returning): "back in service, load not known yet"
    case .reduction(.queue(let inFlight)):
      "\(decimal(inFlight, 0)) requests in flight, load not known"
    case .restored: "put back after a reload"
    case .givenBack: "HAProxy's own, as evenkeel stops"
    case .asked: "HAProxy's own, as asked for"
    }
  }
}

extension WeightChange.Reason {
  /// Whether it is one of all that share the traffic, by whose sum the scale may change.
  fileprivate var isByPlan: Bool {
    switch self {
    case .reduction, .restored, .givenBack, .asked: false
    case .levelling, .clearing, .cleared, .standingIn, .relieved, .piling, .young, .failing, .due,
      .scale:
      true
    }
  }
}
