package import Balancing

/// What a server is doing, as far as evenkeel is concerned.
package enum ServerCondition: Hashable, Codable, Sendable {
  /// Seen and steered.
  case live
  case held(ServerHold)
  case unmatched(Match)
  /// Its container may be on a host that has yet to answer.
  case hostsUnread
  /// Its container is known and its load is not, for this reason.
  case unmeasured(String)
  case contested(WeightLedger.Suspect)
  /// Somebody wants it left alone: for a while, or by the configuration.
  case paused
  case configured
  /// Somebody set its weight, which is left alone for so much longer.
  case setByHand(secondsLeft: Double)

  /// Whether it is told where it begins, and with more words.
  var isToldElsewhere: Bool {
    switch self {
    case .contested, .paused, .setByHand: true
    case .live, .held, .unmatched, .hostsUnread, .unmeasured, .configured: false
    }
  }

  /// Whether its end is told as well.
  var isEndToldElsewhere: Bool {
    switch self {
    case .contested, .paused: true
    case .live, .held, .unmatched, .hostsUnread, .unmeasured, .configured, .setByHand: false
    }
  }

  /// Whether it is what somebody wants: nobody has to do anything about it.
  var isUsual: Bool {
    switch self {
    case .held(.state), .configured: true
    case .live, .held, .unmatched, .hostsUnread, .unmeasured, .contested, .paused, .setByHand: false
    }
  }

  /// Whether it is the same situation, ages and words aside.
  package func isSameKind(as other: ServerCondition) -> Bool {
    switch (self, other) {
    case (.held(.stale), .held(.stale)), (.unmeasured, .unmeasured), (.setByHand, .setByHand): true
    case (.held(.doubted(let mine)), .held(.doubted(let theirs))): mine.isSameKind(as: theirs)
    default: self == other
    }
  }
}

extension ServerCondition: CustomStringConvertible {
  package var description: String {
    switch self {
    case .live: "live"
    case .held(let hold): hold.description
    case .unmatched(let match): match.description
    case .hostsUnread: "no container fits on the hosts that have answered so far"
    case .unmeasured(let flaw): flaw
    case .contested(let suspect): "contested: \(suspect)"
    case .paused: "paused"
    case .configured: "left alone by the configuration (`hold`)"
    case .setByHand(let seconds):
      "set by somebody else, and left alone for another \(minutes(seconds)) (`respect`)"
    }
  }
}

extension WeightLedger.Suspect: CustomStringConvertible {
  package var description: String {
    switch self {
    case .agentCheck:
      "probably its agent-check: let the agent report no percentage, or remove `agent-check`"
    case .srvRecord:
      "DNS SRV records: add `resolve-opts ignore-weight` to its server line"
    case .somebodyElse:
      "an operator, or another evenkeel"
    }
  }
}
