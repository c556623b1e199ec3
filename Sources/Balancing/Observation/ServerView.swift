/// One server as a strategy sees it in one tick.
struct ServerView: Sendable {
  let server: ServerObservation
  let load: Load
  /// Up without fresh data for long, although it once had some.
  let isLongBlind: Bool
  /// CPU seconds a request, as far as it is known.
  var cost: Double?
  /// Requests that the cost was learned from.
  var evidence = 0.0

  /// Takes traffic, and its weight is the strategy's to change.
  var isControllable: Bool { server.state == .up && !server.isHeld }

  /// Controllable and measured: part of the solution.
  var isLevelled: Bool { isControllable && load.measured != nil }

  /// Why it is not part of the solution; `nil` when it is.
  var hold: ServerHold? {
    if server.state != .up { return .state(server.state) }
    if server.isHeld { return .external }
    if case .unknown(let hold) = load { return hold }
    return nil
  }
}

extension ServerObservation {
  /// Requests a second that its limit lets through, at the time that they take now (Little's law);
  /// `nil` without a limit, or where that time is hardly known.
  var mostPerSecond: Double? {
    guard let limit, let responseSeconds, responseSeconds >= LimitConstants.coarseSeconds else {
      return nil
    }
    return limit / responseSeconds
  }
}

extension ServerState {
  /// Whether HAProxy sends it new requests.
  package var takesTraffic: Bool {
    switch self {
    case .up, .ramping: true
    case .drain, .maintenance, .down, .unresolved, .backup, .zeroWeight: false
    }
  }

  /// Whether a server that leaves this state has been without traffic by a decision or a failure.
  var isAway: Bool {
    switch self {
    case .drain, .maintenance, .down, .unresolved: true
    case .up, .ramping, .backup, .zeroWeight: false
    }
  }
}
