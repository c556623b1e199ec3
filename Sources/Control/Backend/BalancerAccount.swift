internal import Balancing

/// All that is kept of one balancer's counters from look to look.
///
/// A look is one of three steps: it is ``silent(_:others:)``, what it tells is ``repeated(_:)``, or that is
/// new and ``counted(_:_:)``.
struct BalancerAccount: Codable, Sendable {
  typealias Reading = RequestLedger.Reading

  /// The circumstances of a look at it.
  struct Look {
    var at: Timestamp
    /// When the ledger's look before was; `nil` at the first.
    var before: Timestamp?
    /// As in ``RequestLedger/add(_:replaced:at:patienceSeconds:peers:looks:)``.
    var patienceSeconds: Double
    /// Whether another daemon tells of it.
    var isPeer: Bool
    /// Whether its process is new.
    var isReplaced: Bool
    /// When the peer had read it.
    var readByPeerAt: Timestamp?
  }

  /// What a look comes to.
  struct Outcome {
    /// Whether its share of the work is known.
    var isKnown = true
    /// Whether some of it only stands for what is not known.
    var hasStandIns = false
    /// Whether the sums of all servers are to begin anew, …
    var beginsAnew = false
    /// … and of which beside.
    var begunAnew: Set<ServerName> = []
    /// By how much its counters have grown.
    var growth: [(server: ServerName, by: CounterGrowth)] = []
    /// Requests that are taken to have come meanwhile to servers that are counted already.
    var standIns: [(server: ServerName, requests: Double)] = []
    var gauges: [ServerName: ServerGauges] = [:]
    /// Requests a second that came to it between its last two looks; `nil` where that is not heard of.
    var perSecond: Double?
  }

  /// Two moments that are no further apart are of one look: what two clocks and the way between them make
  /// of it.
  private static let sameLookSeconds = 0.4

  /// Looks in vain before a balancer is given up: where evenkeel is run once a minute, one takes as long
  /// as many.
  private static let patienceTicks = 3

  /// What has been counted of each server: what was told, and of a peer's also what has been taken to
  /// come since. `nil` before it was read, and once it is given up.
  private var sums: [ServerName: RequestCounters]?
  /// What a peer told last.
  private var told: [ServerName: RequestCounters] = [:]
  /// Servers whose totals could not be in the last reading.
  private var disbelieved: Set<ServerName> = []
  /// Looks in vain since it was read last.
  private var silentTicks = 0
  private var gauges = GaugeReader()
  private var readAt: Timestamp?
  /// When the peer had read it that told of it last.
  private var readByPeerAt: Timestamp?
  /// What counts on while its peer tells nothing new.
  private var demand: StandingDemand?
  /// How many requests arrive in a tick; `nil` where that is not known.
  private(set) var recentArrivals: Double?
  /// Requests a second of each server, between the last two looks that told of any; `nil` before.
  private(set) var rates: [ServerName: Double]?

  // MARK: The steps

  /// It tells nothing. A peer's demand stands for a while, so that nobody's cost jumps by its part.
  ///
  /// - Parameter others: requests a second at all that answer.
  mutating func silent(_ look: Look, others: Double) -> Outcome {
    if look.isPeer, demand != nil {
      if let outcome = standIn(look, others: others) { return outcome }
      // It is gone, and so is what it counted.
      (demand, sums, told) = (nil, nil, [:])
    }
    if !look.isPeer { told = [:] }
    // A state file may have any number.
    silentTicks = max(silentTicks, 0) &+ 1
    recentArrivals = nil
    var outcome = Outcome()
    let seconds = readAt.map { look.at.seconds(since: $0) } ?? .infinity
    if seconds > look.patienceSeconds, silentTicks >= Self.patienceTicks {
      sums = nil
    } else if sums != nil {
      outcome.isKnown = false
    }
    return outcome
  }

  /// Whether what is told is what a peer told before: it may look seldomer than we do.
  func isRepeated(_ look: Look) -> Bool {
    guard let now = look.readByPeerAt, let before = readByPeerAt else { return false }
    return sums != nil && !look.isReplaced
      && abs(now.seconds(since: before)) < Self.sameLookSeconds
  }

  /// It tells what it told before. Until its peer looks again its demand stands.
  mutating func repeated(_ look: Look) -> Outcome {
    let perSecond = demand?.perSecond
    var outcome = standIn(look, others: nil) ?? Outcome()
    outcome.perSecond = perSecond
    return outcome
  }

  /// It tells something new, which is counted.
  mutating func counted(_ readings: [ServerName: Reading], _ look: Look) -> Outcome {
    var outcome = Outcome()
    let arrivalsBefore = recentArrivals
    if look.isReplaced {
      // Of what it counted since the last look nothing is known: its demand stands for it.
      if look.isPeer, let standIn = standIn(look, others: nil) {
        (outcome.standIns, outcome.hasStandIns) = (standIn.standIns, true)
      } else {
        outcome.beginsAnew = true
      }
    }
    // After a silence several ticks' requests come at once.
    let ticks = Double(max(silentTicks, 0)) + 1
    silentTicks = 0
    let demandBefore = demand
    demand = nil
    if demandBefore?.countedUntil != nil { outcome.hasStandIns = true }
    let past = past(of: look)
    let arrivals = past.arrivals(in: readings)
    var rates = past.rates(of: readings, arrivals: arrivals)
    if !arrivals.isEmpty, let seconds = past.seconds, seconds > 0 { self.rates = rates }
    if let demandBefore { past.steady(&rates, by: demandBefore.rates) }

    let arrived = count(readings, look, since: past, rates: rates, &outcome)
    recentArrivals = arrived.isEmpty ? arrivalsBefore : arrived.values.reduce(0, +) / ticks
    outcome.gauges = gauges.read(
      readings, since: past.told, arrived: arrived, seconds: past.seconds)
    if look.isPeer, rates.count == readings.count, !rates.isEmpty {
      demand = StandingDemand(
        seenAt: look.at, perSecond: rates, open: outcome.gauges.mapValues(\.open),
        inFlight: outcome.gauges.mapValues(\.inFlight))
    }
    if look.isPeer, arrivals.isEmpty, let demand {
      recentArrivals = demand.perSecond * (look.before.map { look.at.seconds(since: $0) } ?? 1)
    }
    if !rates.isEmpty { outcome.perSecond = rates.values.reduce(0, +) }
    (readAt, readByPeerAt) = (look.at, look.readByPeerAt)
    return outcome
  }

  /// Notes what came to all other balancers when its own demand was seen.
  mutating func note(othersPerSecond: Double, at now: Timestamp) {
    guard demand?.seenAt == now else { return }
    demand?.othersPerSecond = othersPerSecond
  }

  /// Begins anew with a server whose name has become another's.
  mutating func forget(_ server: ServerName) {
    sums?[server] = nil
    gauges.forget(server)
  }

  // MARK: What they are made of

  /// Lets a peer's last demand stand in its place.
  ///
  /// - Parameter others: requests a second at all that answer; `nil` where the peer itself does.
  /// - Returns: `nil` where it stands no longer.
  private mutating func standIn(_ look: Look, others: Double?) -> Outcome? {
    guard
      let counts = demand?.counts(
        until: look.at, others: others, patienceSeconds: look.patienceSeconds)
    else { return nil }
    var outcome = Outcome(hasStandIns: true)
    for (server, count) in counts.requests {
      sums?[server]?.count(count.arrived)
      outcome.standIns.append((server, count.arrived))
      outcome.gauges[server] = ServerGauges(open: count.open, inFlight: count.inFlight)
    }
    recentArrivals = counts.arrivedInATick
    demand?.countedUntil = look.at
    return outcome
  }

  private func past(of look: Look) -> Past {
    let sums = look.isReplaced ? [:] : sums ?? [:]
    let sinceRead = readAt.map { look.at.seconds(since: $0) }
    let sincePeerRead = look.readByPeerAt.flatMap { now in
      readByPeerAt.map { now.seconds(since: $0) }
    }
    return Past(
      sums: sums, told: look.isPeer ? (look.isReplaced ? [:] : told) : sums,
      seconds: sincePeerRead ?? sinceRead,
      lag: max(0, look.readByPeerAt.map { look.at.seconds(since: $0) } ?? 0))
  }

  /// Adds what is told to the sums.
  ///
  /// - Returns: the requests that came to each server, beyond what was taken to.
  private mutating func count(
    _ readings: [ServerName: Reading], _ look: Look, since past: Past,
    rates: [ServerName: Double], _ outcome: inout Outcome
  ) -> [ServerName: Double] {
    var sums: [ServerName: RequestCounters] = [:]
    var arrived: [ServerName: Double] = [:]
    var disbelieved = Set<ServerName>()
    for (server, reading) in readings {
      if reading.areTotalsBelieved == self.disbelieved.contains(server) {
        outcome.begunAnew.insert(server)
      }
      guard reading.areTotalsBelieved else {
        disbelieved.insert(server)
        continue
      }
      var counters = reading.counters
      if look.isPeer {
        counters = past.carryOn(counters, of: server, perSecond: rates[server] ?? 0)
      }
      sums[server] = counters
      guard let sum = past.sums[server], let told = past.told[server] else { continue }
      guard !reading.counters.beginAnew(after: told) else {
        outcome.begunAnew.insert(server)
        continue
      }
      let growth = counters.growth(since: sum).withoutStepsBack
      arrived[server] = growth.arrived
      outcome.growth.append((server, growth))
    }
    (self.sums, self.disbelieved) = (sums, disbelieved)
    told =
      look.isPeer ? readings.filter(\.value.areTotalsBelieved).mapValues(\.counters) : [:]
    return arrived
  }
}
