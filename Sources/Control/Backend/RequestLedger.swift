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

  /// Two moments that are no further apart are of one look: what two clocks and the way between them make
  /// of it.
  private static let sameLookSeconds = 0.4

  /// Looks in vain before a balancer is given up: where evenkeel is run once a minute, one takes as long
  /// as many.
  private static let patienceTicks = 3

  private var last: [BalancerName: [ServerName: RequestCounters]] = [:]
  /// Servers whose totals could not be in the last reading.
  private var disbelieved: [BalancerName: Set<ServerName>] = [:]
  private var silentTicks: [BalancerName: Int] = [:]
  private var unanswered: [BalancerName: [ServerName: UnansweredRequests]] = [:]
  /// When each balancer was read last.
  private var readAt: [BalancerName: Timestamp] = [:]
  /// What peers that are silent count on with.
  private var standing: [BalancerName: StandingDemand] = [:]
  /// What each peer told last, where `last` is that and what has been counted on it since.
  private var told: [BalancerName: [ServerName: RequestCounters]] = [:]
  /// When each peer had read its balancers.
  private var lookedAt: [BalancerName: Timestamp] = [:]
  /// Whether some of what was counted in the last tick only stands for what is not known.
  package private(set) var hasStandIns = false
  private var totals: [ServerName: RequestCounters] = [:]
  /// Servers whose totals began anew while none were told: whoever goes by them has yet to see it.
  private var untold = Set<ServerName>()

  /// How many requests arrived at each balancer in a tick lately.
  package private(set) var arrivedLastTick: [BalancerName: Double] = [:]
  /// Requests a second that came to each balancer between its last two looks, of those that were heard of.
  package private(set) var perSecond: [BalancerName: Double] = [:]
  /// Requests a second of each server by each balancer, between the last two looks.
  package private(set) var rates: [BalancerName: [ServerName: Double]] = [:]
  private var addedAt: Timestamp?

  package init() {}

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
    var gauges: [ServerName: Gauges] = [:]
    let arrivedBefore = arrivedLastTick
    arrivedLastTick = [:]
    hasStandIns = false
    // Those that are silent last: by the others it shows whether their traffic has come over.
    func place(_ balancer: BalancerName) -> Int {
      guard peers.contains(balancer) else { return 0 }
      return readings[balancer].flatMap(\.self) == nil ? 2 : 1
    }
    perSecond = [:]
    for balancer in readings.keys.sorted(by: { (place($0), $0) < (place($1), $1) }) {
      guard let reading = readings[balancer] else { continue }
      guard let reading else {
        if peers.contains(balancer), standing[balancer] != nil {
          let others = perSecond.values.reduce(0, +)
          if standIn(
            for: balancer, until: now, others: others, patienceSeconds: patienceSeconds, &gauges)
          {
            continue
          }
          // It is gone, and so is what it counted.
          (standing[balancer], last[balancer], told[balancer]) = (nil, nil, nil)
        }
        // A state file may have any number.
        let ticks = max(silentTicks[balancer] ?? 0, 0) &+ 1
        silentTicks[balancer] = ticks
        let seconds = readAt[balancer].map { now.seconds(since: $0) } ?? .infinity
        if seconds > patienceSeconds, ticks >= Self.patienceTicks {
          last[balancer] = nil
        } else if last[balancer] != nil {
          isComplete = false
        }
        continue
      }
      let look = looks[balancer]
      if let look, let before = lookedAt[balancer], last[balancer] != nil,
        !replaced.contains(balancer), abs(look.seconds(since: before)) < Self.sameLookSeconds
      {
        if let rate = standing[balancer]?.perSecond { perSecond[balancer] = rate }
        if !standIn(
          for: balancer, until: now, others: nil, patienceSeconds: patienceSeconds, &gauges)
        {
          arrivedLastTick[balancer] = arrivedBefore[balancer]
        }
        continue
      }
      let isPeer = peers.contains(balancer)
      // Of what it counted since the last look nothing is known: its demand stands for it.
      var goesOn = false
      if isPeer, replaced.contains(balancer), standing[balancer] != nil {
        var untold: [ServerName: Gauges] = [:]
        goesOn = standIn(
          for: balancer, until: now, others: nil, patienceSeconds: patienceSeconds, &untold)
      }
      if replaced.contains(balancer), !goesOn { begunAnew.formUnion(totals.keys) }
      // After a silence several ticks' requests come at once.
      let ticks = Double(max(silentTicks.removeValue(forKey: balancer) ?? 0, 0)) + 1
      let stood = standing.removeValue(forKey: balancer)
      if stood?.countedUntil != nil { hasStandIns = true }
      let known = replaced.contains(balancer) ? [:] : last[balancer] ?? [:]
      // What is told, and what was told before.
      let before =
        replaced.contains(balancer) ? [:] : (isPeer ? told[balancer] : last[balancer]) ?? [:]
      let seconds =
        look.flatMap { look in lookedAt[balancer].map { look.seconds(since: $0) } }
        ?? readAt[balancer].map { now.seconds(since: $0) }
      let came = Self.came(reading, since: before)
      let lag = max(0, look.map { now.seconds(since: $0) } ?? 0)
      var rates = Self.rates(reading, came: came, seconds: seconds)
      if !came.isEmpty, let seconds, seconds > 0 { self.rates[balancer] = rates }
      if let stood, let seconds, seconds > 0 {
        // What a moment shows is chance, and would be multiplied over a long way.
        for (server, before) in stood.rates {
          guard let rate = rates[server] else { continue }
          rates[server] = rate + lag / (seconds + lag) * (before - rate)
        }
      }
      var counted: [ServerName: RequestCounters] = [:]
      var arrived: [ServerName: Double] = [:]
      for (server, now) in reading {
        let wasDisbelieved = disbelieved[balancer]?.contains(server) == true
        if now.areTotalsBelieved == wasDisbelieved { begunAnew.insert(server) }
        guard now.areTotalsBelieved else { continue }
        var counters = now.counters
        if isPeer {
          // It goes on counting while what it told is on its way, and until it is asked again.
          let rate = rates[server] ?? 0
          counters.count(rate * lag)
          // What stood and was more than there was is not counted again.
          if let known = known[server], known.arrived > counters.arrived,
            known.arrived - counters.arrived <= rate * (lag + max(seconds ?? 0, 1))
          {
            counters = known
          }
        }
        counted[server] = counters
        guard let known = known[server], let before = before[server] else { continue }
        guard !now.counters.beginAnew(after: before) else {
          begunAnew.insert(server)
          continue
        }
        arrived[server] = max(0, counters.arrived - known.arrived)
        totals[server, default: .none].count(from: known, to: counters)
      }
      arrivedLastTick[balancer] =
        arrived.isEmpty ? arrivedBefore[balancer] : arrived.values.reduce(0, +) / ticks
      let seen = Self.gauges(
        reading, before: before, &unanswered[balancer, default: [:]], arrived: arrived,
        seconds: seconds)
      for (server, seen) in seen {
        gauges[server, default: Gauges()].open += seen.open
        gauges[server, default: Gauges()].inFlight += seen.inFlight
      }
      if isPeer, rates.count == reading.count, !rates.isEmpty {
        standing[balancer] = StandingDemand(
          seenAt: now, perSecond: rates, open: seen.mapValues(\.open),
          inFlight: seen.mapValues(\.inFlight))
      }
      if isPeer, came.isEmpty, let stands = standing[balancer] {
        arrivedLastTick[balancer] =
          stands.perSecond * (addedAt.map { now.seconds(since: $0) } ?? 1)
      }
      if !rates.isEmpty { perSecond[balancer] = rates.values.reduce(0, +) }
      readAt[balancer] = now
      lookedAt[balancer] = look
      last[balancer] = counted
      told[balancer] = reading.filter(\.value.areTotalsBelieved).mapValues(\.counters)
      disbelieved[balancer] = Set(reading.filter { !$0.value.areTotalsBelieved }.keys)
    }
    let total = perSecond.values.reduce(0, +)
    for (balancer, rate) in perSecond where standing[balancer]?.seenAt == now {
      standing[balancer]?.othersPerSecond = total - rate
    }
    addedAt = now
    told = told.filter { peers.contains($0.key) && readings.keys.contains($0.key) }
    rates = rates.filter { readings.keys.contains($0.key) }
    last = last.filter { readings.keys.contains($0.key) }
    lookedAt = lookedAt.filter { readings.keys.contains($0.key) }
    disbelieved = disbelieved.filter { readings.keys.contains($0.key) }
    silentTicks = silentTicks.filter { readings.keys.contains($0.key) }
    unanswered = unanswered.filter { readings.keys.contains($0.key) }
    readAt = readAt.filter { readings.keys.contains($0.key) }
    standing = standing.filter { readings.keys.contains($0.key) }
    begunAnew.formUnion(untold)
    untold = isComplete ? [] : begunAnew
    let listed = Set(gauges.keys)
    totals = totals.filter {
      (listed.contains($0.key) || !isComplete) && !begunAnew.contains($0.key)
    }
    for (server, seen) in gauges {
      totals[server, default: .none].inFlight = seen.inFlight
      totals[server, default: .none].open = seen.open
    }
    return isComplete ? totals : nil
  }

  /// Lets a peer's last demand stand in its place.
  ///
  /// - Parameter others: requests a second at all that answer; `nil` where the peer itself does.
  /// - Returns: whether it stands still.
  private mutating func standIn(
    for balancer: BalancerName, until now: Timestamp, others: Double?, patienceSeconds: Double,
    _ gauges: inout [ServerName: Gauges]
  ) -> Bool {
    guard
      let counts = standing[balancer]?.counts(
        until: now, others: others, patienceSeconds: patienceSeconds)
    else { return false }
    for (server, count) in counts.requests {
      totals[server]?.count(count.arrived)
      last[balancer]?[server]?.count(count.arrived)
      gauges[server, default: Gauges()].open += count.open
      gauges[server, default: Gauges()].inFlight += count.inFlight
    }
    arrivedLastTick[balancer] = counts.arrivedInATick
    standing[balancer]?.countedUntil = now
    hasStandIns = true
    return true
  }

  /// Requests that came to each server since the look before; none where there was none.
  private static func came(
    _ reading: [ServerName: Reading], since before: [ServerName: RequestCounters]
  ) -> [ServerName: Double] {
    reading.reduce(into: [:]) { came, entry in
      let (server, now) = entry
      guard now.areTotalsBelieved, let before = before[server],
        !now.counters.beginAnew(after: before)
      else { return }
      came[server] = max(0, now.counters.arrived - before.arrived)
    }
  }

  /// Requests a second: between the two looks, or else what is told of it.
  private static func rates(
    _ reading: [ServerName: Reading], came: [ServerName: Double], seconds: Double?
  ) -> [ServerName: Double] {
    reading.reduce(into: [:]) { rates, entry in
      if let came = came[entry.key], let seconds, seconds > 0 {
        rates[entry.key] = came / seconds
      } else {
        rates[entry.key] = entry.value.perSecond
      }
    }
  }

  /// What is at a server now.
  private struct Gauges {
    var open = 0.0
    var inFlight = 0.0
  }

  /// What is at each server of a balancer: where that figure cannot be, as many as its requests would be
  /// that are as quick as its peers'.
  private static func gauges(
    _ reading: [ServerName: Reading], before: [ServerName: RequestCounters],
    _ unanswered: inout [ServerName: UnansweredRequests], arrived: [ServerName: Double],
    seconds: Double?
  ) -> [ServerName: Gauges] {
    var gauges: [ServerName: Gauges] = [:]
    var watched: [ServerName: UnansweredRequests] = [:]
    for (server, now) in reading where now.isInFlightBelieved && now.areTotalsBelieved {
      let known = before[server].flatMap { now.counters.beginAnew(after: $0) ? nil : $0 }
      var watch = known.flatMap { _ in unanswered[server] } ?? UnansweredRequests()
      let goesOn = known != nil && unanswered[server] != nil
      let waiting = watch.update(
        from: goesOn ? known ?? .none : .none, to: now.counters, queued: now.queued,
        responseSeconds: now.responseSeconds, seconds: goesOn ? seconds : nil)
      gauges[server] = Gauges(open: now.counters.open, inFlight: waiting)
      watched[server] = watch
    }
    unanswered = watched
    let peers = gauges.keys.reduce(0) { $0 + (arrived[$1] ?? 0) }
    let known = gauges.values.reduce(into: Gauges()) {
      $0.open += $1.open
      $0.inFlight += $1.inFlight
    }
    for (server, now) in reading where gauges[server] == nil {
      guard !now.isInFlightBelieved else {
        gauges[server] = Gauges(open: now.counters.open, inFlight: now.counters.inFlight)
        continue
      }
      let part = peers > 0 ? (arrived[server] ?? 0) / peers : 0
      gauges[server] = Gauges(open: part * known.open, inFlight: part * known.inFlight)
    }
    return gauges
  }
}

extension RequestLedger {
  /// Begins anew with a server whose name has become another's.
  mutating func forget(_ server: ServerName) {
    totals[server] = nil
    for balancer in last.keys { last[balancer]?[server] = nil }
    for balancer in unanswered.keys { unanswered[balancer]?[server] = nil }
  }
}

extension RequestCounters {
  fileprivate static var none: RequestCounters {
    RequestCounters(arrived: 0, done: 0, inFlight: 0)
  }

  /// Attempts are only ever added; of the others, differences of HAProxy's counters, those that are
  /// not read at the same instant may take a small step back.
  fileprivate func beginAnew(after before: RequestCounters) -> Bool { tried < before.tried }

  /// Adds requests that were answered at once.
  fileprivate mutating func count(_ requests: Double) {
    arrived += requests
    done += requests
    tried += requests
  }

  fileprivate mutating func count(from before: RequestCounters, to now: RequestCounters) {
    arrived += max(0, now.arrived - before.arrived)
    done += max(0, now.done - before.done)
    failed += max(0, now.failed - before.failed)
    tried += max(0, now.tried - before.tried)
    tunnelled += max(0, now.tunnelled - before.tunnelled)
  }
}
