package import Balancing

/// Something that an operator would want to know, said once when it happens.
package enum ControlEvent: Hashable, Sendable {
  case endpointLost(EndpointName, PortFailure)
  case endpointBack(EndpointName)
  case answerIncomplete(EndpointName, part: String, reason: String, count: Int)
  /// It tells of the same machine as another host's endpoint.
  case sameMachine(EndpointName, HostName)
  /// Hosts came or went where they are found and not listed.
  case hostsChanged(String, added: [String], gone: [String], count: Int)
  /// Where hosts are found nothing is told that can be used; those of before are kept.
  case findingFailed(String, String, kept: Int)
  case findingBack(String, count: Int)
  case balancerLost(BalancerName, PortFailure)
  case balancerBack(BalancerName)
  case balancerReloaded(BalancerName)
  case backendMissing(BackendName, BalancerName)
  /// A balancer's old process serves requests that nobody counts.
  case oldProcessServes(BackendName)
  /// Whether `halfway` steers, as sessions last too long for their ends to tell anything.
  case fallsBack(BackendName, isFallingBack: Bool)
  case backendHolds(BackendName, BackendCondition)
  case backendSteers(BackendName)
  case serverHolds(BackendName, ServerName, ServerCondition)
  case serverLive(BackendName, ServerName)
  /// Servers that have no address (any more): placeholders, or what service discovery took away.
  case slotsEmpty(BackendName, count: Int)
  case weightChanged(WeightChange)
  case weightRefused(WeightChange, reply: String)
  case algorithmIsFixed(BackendName, BalancerName, algorithm: String)
  case changedByOthers(BackendName, ServerName, BalancerName, from: Weight, to: Weight)
  case contested(BackendName, ServerName, BalancerName, WeightLedger.Suspect)
  case contestOver(BackendName, ServerName, BalancerName)
  /// Somebody else changed a weight, which is left alone for so long.
  case leftToHand(
    BackendName, ServerName, BalancerName, from: Weight, to: Weight, seconds: Double)
  /// Weights are left as they are, as somebody wanted; until they say otherwise without a time.
  case paused(Brake.Scope, by: String, seconds: Double?, isRestored: Bool)
  /// A pause is over: somebody ended it, or its time did.
  case resumed(Brake.Scope, by: String?)
  case figureDisbelieved(BackendName, ServerName, BalancerName, Disbelief)
}

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
}

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

  /// Whether it is the same situation, ages and words aside.
  package func isSameKind(as other: ServerCondition) -> Bool {
    switch (self, other) {
    case (.held(.stale), .held(.stale)), (.unmeasured, .unmeasured), (.setByHand, .setByHand): true
    case (.held(.doubted(let mine)), .held(.doubted(let theirs))): mine.isSameKind(as: theirs)
    default: self == other
    }
  }
}
