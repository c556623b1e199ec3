package import Balancing

/// One backend's request counters, summed over its balancers.
///
/// HAProxy's own begin anew, or somewhere, with each process; one server's also when it is deleted
/// and added again, and at `clear counters`. What was counted since the last look is lost then, so
/// the sums begin anew as well, that server's or all: no difference is ever taken across the gap.
package struct RequestLedger: Codable, Sendable {
  /// What a balancer says of one server.
  package struct Reading: Hashable, Codable, Sendable {
    package var counters: RequestCounters
    /// Whether the totals can be: those that cannot are as good as not read.
    package var areTotalsBelieved: Bool
    package var isInFlightBelieved: Bool
    /// Requests that wait in the balancer itself.
    package var queued: Double
    /// Until an answer begins, on average of the last; `nil` where it is not known.
    package var responseSeconds: Double?
    /// Requests a second lately, where another daemon tells of it.
    package var perSecond: Double?

    package init(
      _ counters: RequestCounters, areTotalsBelieved: Bool = true, isInFlightBelieved: Bool = true,
      queued: Double = 0, responseSeconds: Double? = nil, perSecond: Double? = nil
    ) {
      self.perSecond = perSecond
      self.counters = counters
      self.queued = queued
      self.responseSeconds = responseSeconds
      self.areTotalsBelieved = areTotalsBelieved
      self.isInFlightBelieved = isInFlightBelieved
    }
  }

  private var accounts: [BalancerName: BalancerAccount] = [:]
  /// Whether some of what was counted in the last tick only stands for what is not known.
  package private(set) var hasStandIns = false
  private var totals: [ServerName: RequestCounters] = [:]
  /// Servers whose totals began anew while none were told: whoever goes by them has yet to see it.
  private var begunAnewUnseen = Set<ServerName>()
  /// Requests a second that came to each balancer between its last two looks, of those that were heard of.
  package private(set) var perSecond: [BalancerName: Double] = [:]
  private var lastTickAt: Timestamp?

  package init() {}

  /// How many requests arrived at each balancer in a tick lately.
  package var recentArrivals: [BalancerName: Double] { accounts.compactMapValues(\.recentArrivals) }

  /// Requests a second of each server by each balancer, between the last two looks.
  package var rates: [BalancerName: [ServerName: Double]] { accounts.compactMapValues(\.rates) }

  /// Takes in one tick's readings.
  ///
  /// - Parameters:
  ///   - readings: by balancer; those that could not be read are `nil`.
  ///   - replaced: the balancers whose process is new.
  ///   - now: when they were read.
  ///   - patienceSeconds: a balancer that cannot be read for longer, in several looks, is taken to serve
  ///     nothing.
  ///   - peers: those that other daemons tell of. Where one is silent its balancer may serve on: its last
  ///     demand stands for a while, so that nobody's cost jumps by its part.
  ///   - looks: when each peer read its balancers. Between two of its looks its demand stands as well:
  ///     it may look seldomer than we do.
  /// - Returns: the totals by server; `nil` while a balancer that served a moment ago is silent,
  ///   since its share of the work cannot be told.
  package mutating func add(
    _ readings: [BalancerName: [ServerName: Reading]?], replaced: Set<BalancerName>,
    at now: Timestamp, patienceSeconds: Double = 35, peers: Set<BalancerName> = [],
    looks: [BalancerName: Timestamp] = [:]
  ) -> [ServerName: RequestCounters]? {
    var isComplete = true
    var begunAnew = Set<ServerName>()
    var gauges: [ServerName: ServerGauges] = [:]
    (hasStandIns, perSecond) = (false, [:])
    for balancer in Self.order(of: readings, peers: peers) {
      guard let reading = readings[balancer] else { continue }
      let outcome = look(
        at: balancer, reading,
        BalancerAccount.Look(
          at: now, before: lastTickAt, patienceSeconds: patienceSeconds,
          isPeer: peers.contains(balancer), isReplaced: replaced.contains(balancer),
          readByPeerAt: looks[balancer]))
      isComplete = isComplete && outcome.isKnown
      hasStandIns = hasStandIns || outcome.hasStandIns
      if let rate = outcome.perSecond { perSecond[balancer] = rate }
      if outcome.beginsAnew { begunAnew.formUnion(totals.keys) }
      begunAnew.formUnion(outcome.begunAnew)
      for (server, requests) in outcome.standIns { totals[server]?.count(requests) }
      for (server, growth) in outcome.growth { totals[server, default: .zero].count(growth) }
      for (server, gauge) in outcome.gauges { gauges[server, default: ServerGauges()] += gauge }
    }
    let total = perSecond.values.reduce(0, +)
    for (balancer, rate) in perSecond {
      accounts[balancer]?.note(othersPerSecond: total - rate, at: now)
    }
    accounts = accounts.filter { readings.keys.contains($0.key) }
    lastTickAt = now
    begunAnew.formUnion(begunAnewUnseen)
    begunAnewUnseen = isComplete ? [] : begunAnew
    tell(gauges, begunAnew: begunAnew, isComplete: isComplete)
    return isComplete ? totals : nil
  }

  /// Those of peers that are silent last: by the others it shows whether their traffic has come over.
  private static func order(
    of readings: [BalancerName: [ServerName: Reading]?], peers: Set<BalancerName>
  ) -> [BalancerName] {
    func place(_ balancer: BalancerName) -> Int {
      guard peers.contains(balancer) else { return 0 }
      return readings[balancer].flatMap(\.self) == nil ? 2 : 1
    }
    return readings.keys.sorted { (place($0), $0) < (place($1), $1) }
  }

  private mutating func look(
    at balancer: BalancerName, _ reading: [ServerName: Reading]?, _ look: BalancerAccount.Look
  ) -> BalancerAccount.Outcome {
    var account = accounts.removeValue(forKey: balancer) ?? BalancerAccount()
    defer { accounts[balancer] = account }
    guard let reading else {
      return account.silent(look, others: perSecond.values.reduce(0, +))
    }
    return account.isRepeated(look) ? account.repeated(look) : account.counted(reading, look)
  }

  /// Puts what is at the servers beside their totals, of those that go on.
  private mutating func tell(
    _ gauges: [ServerName: ServerGauges], begunAnew: Set<ServerName>, isComplete: Bool
  ) {
    let listed = Set(gauges.keys)
    totals = totals.filter {
      (listed.contains($0.key) || !isComplete) && !begunAnew.contains($0.key)
    }
    for (server, gauge) in gauges {
      totals[server, default: .zero].inFlight = gauge.inFlight
      totals[server, default: .zero].open = gauge.open
    }
  }

  /// Begins anew with a server whose name has become another's.
  mutating func forget(_ server: ServerName) {
    totals[server] = nil
    for balancer in accounts.keys { accounts[balancer]?.forget(server) }
  }
}
