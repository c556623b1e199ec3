/// How many requests in flight a server can use: with more its queue is at the server, where no other
/// can take it.
package enum LimitAdvice: Hashable, Sendable {
  case limit(Limit)
  case none(Reason)

  package struct Limit: Hashable, Sendable {
    package var inFlight: Int
    /// What it would be if no part of what answers took were a queue at the server.
    package var most: Int
    /// Requests a second that its CPU is good for.
    package var capacityPerSecond: Double
    /// Seconds that a request takes where nothing waits for CPU, …
    package var responseSeconds: Double
    /// … and what of them is no CPU: a database, a disk, the network.
    package var waitSeconds: Double
    /// The quickest that answers were of late, on average of many, …
    package var seenSeconds: Double
    /// … and how full the server's CPU was then, 0…1.
    package var seenUtilisation: Double
    /// For how long it was looked at.
    package var watchedSeconds: Double

    package init(
      inFlight: Int, most: Int, capacityPerSecond: Double, responseSeconds: Double,
      waitSeconds: Double, seenSeconds: Double, seenUtilisation: Double, watchedSeconds: Double
    ) {
      self.inFlight = inFlight
      self.most = most
      self.capacityPerSecond = capacityPerSecond
      self.responseSeconds = responseSeconds
      self.waitSeconds = waitSeconds
      self.seenSeconds = seenSeconds
      self.seenUtilisation = seenUtilisation
      self.watchedSeconds = watchedSeconds
    }

    /// Whether it was seen long enough, and with so little to do that a queue makes no difference.
    package var isSure: Bool {
      watchedSeconds >= CapacityConstants.usualSeconds
        && Double(most) <= CapacityConstants.farOff * Double(inFlight)
    }
  }

  /// Why nothing is advised.
  package enum Reason: Hashable, Sendable {
    /// What a request costs is not known, or what it may cost.
    case costUnknown
    /// HAProxy measures no response times, as in TCP mode.
    case noResponseTimes
    /// Too few answers yet.
    case learning
    case sessionsAreLong
    /// Answers wait for something else than CPU for so long.
    case waits(seconds: Double, serviceSeconds: Double)
    /// Places are taken for longer than answers take to begin.
    case placesAreHeld(seconds: Double, responseSeconds: Double)
  }
}

extension LimitAdvice {
  /// `nil` where nothing is advised.
  package var isSure: Bool? { if case .limit(let limit) = self { limit.isSure } else { nil } }

  /// Seconds of looks that make advice sure.
  package static var sureSeconds: Double { CapacityConstants.usualSeconds }

  /// By what is known of a server.
  ///
  /// - Parameter cost: CPU seconds a request.
  init(cost: Double, limitCores: Double, _ watch: ResponseWatch) {
    guard let least = watch.least else {
      self = .none(watch.hasAnswers ? .noResponseTimes : .learning)
      return
    }
    guard cost > 0, cost.isFinite, limitCores > 0, limitCores < 1e6 else {
      self = .none(.costUnknown)
      return
    }
    // A few that linger beside next to none that answer are no streams.
    if let factor = watch.heldFactor, factor > CapacityConstants.vetoFactor,
      factor * least.seconds > CapacityConstants.vetoFactor * (cost + LimitConstants.coarseSeconds)
    {
      self = .none(
        .placesAreHeld(seconds: factor * least.seconds, responseSeconds: least.seconds))
      return
    }
    let lanes = max(1, Int(limitCores.rounded(.up)))
    // A quota of less than whole cores makes each of its lanes as slow.
    let service = cost * Double(lanes) / limitCores
    // Where requests differ in cost it is longer, and what is advised is too much; too little would
    // cost capacity.
    let queued =
      service * ChanceQueue.services(utilisation: least.utilisation, squared: 0, lanes: lanes)
    let wait = max(LimitConstants.gapSeconds, least.seconds - service - queued)
    guard wait <= LimitConstants.mostWaits * service else {
      self = .none(
        watch.watchedSeconds < CapacityConstants.usualSeconds
          ? .learning : .waits(seconds: wait, serviceSeconds: service))
      return
    }
    let longest = max(LimitConstants.gapSeconds, least.seconds - cost)
    func fewest(_ wait: Double) -> Int {
      ClosedServer(lanes: lanes, serviceSeconds: service, waitSeconds: wait)
        .fewest(idle: CapacityConstants.resolution, most: LimitConstants.mostInFlight)
        ?? LimitConstants.mostInFlight
    }
    let inFlight = fewest(wait)
    self = .limit(
      Limit(
        inFlight: inFlight, most: max(inFlight, fewest(longest)),
        capacityPerSecond: limitCores / cost, responseSeconds: service + wait, waitSeconds: wait,
        seenSeconds: least.seconds, seenUtilisation: least.utilisation,
        watchedSeconds: watch.watchedSeconds))
  }
}
