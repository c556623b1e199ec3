internal import Balancing

/// Whether another look would tell more: for commands that look until they can say something.
extension Snapshot {
  package var awaitsMore: Bool { backends.contains(where: \.awaitsMore) }
}

extension BackendStatus {
  /// Whether there is a plan: the weights that are wanted are known, be it those that stand.
  package var hasPlan: Bool {
    switch verdict {
    case .change, .level: condition == .steering
    case .hold, nil: false
    }
  }

  /// Whether more samples, or more requests, would bring or better a plan.
  package var awaitsMore: Bool {
    switch condition {
    case .unreadable, .algorithmIsFixed, .holding(.nothingToLevel),
      .holding(.trafficIgnoresWeights):
      false
    case .holding(.tooLittleFreshData), .steering:
      servers.contains(where: \.awaitsSamples) || (condition == .steering && !hasPlan)
    case .holding(.learning), .holding(.idle), .holding(.countersMissing),
      .holding(.awaitingSamplesSinceWrite):
      servers.filter { $0.state == .up && $0.match.container != nil }.count >= 2
    }
  }
}

extension ServerStatus {
  /// Whether its container is known and a rate of its CPU use is still to come.
  package var awaitsSamples: Bool {
    guard state == .up, match.container != nil, utilisation == nil else { return false }
    switch condition {
    case .live, .held(.noRate), .held(.stale): return true
    case .held, .unmatched, .hostsUnread, .unmeasured, .contested, .paused, .configured, .setByHand:
      return false
    }
  }
}
