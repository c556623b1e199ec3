/// Holds one server's CPU counter against the requests that it answered.
struct ServerExaminer: Hashable, Codable, Sendable {
  /// CPU time and answers of the same span.
  struct Window: Hashable, Codable, Sendable {
    var cpuSeconds = 0.0
    var requests = 0.0
    var seconds = 0.0

    /// CPU seconds a request.
    var cost: Double { cpuSeconds / requests }
  }

  private struct Warm: Hashable, Codable, Sendable {
    /// CPU seconds a request.
    var cost: Double
    var until: Timestamp
  }

  private var identity: ContainerMeter.Identity?
  /// Where the open window begins, on the host's clock.
  private var base: CPUSample?
  private var newest: CPUSample?
  /// What its requests were believed to cost.
  private var usual = Window()
  /// What they cost before they became far dearer, and when that was: one that has just begun is cold, and
  /// is to be as cheap again as it was, or as its peers are.
  private var warm: Warm?
  private var proof = CostProof()
  /// Whether it was proven to be cheaper than its peers.
  private var isProven = false
  /// The sample by which a far dearer cost showed for the first time.
  private var leapAt: CPUSample?
  /// Whether a counter that stood still has moved since.
  private var isMovingAgain = false
  private(set) var doubt: Doubt?
  private(set) var lastSeen: Timestamp
  /// Where the newest part of the open window begins, and that part, where it says anything alone.
  private var recentStart: CPUSample?
  private var recent: Window?
  /// What is to be judged in this tick; `nil` where it says nothing yet.
  private(set) var window: Window?

  init(seen now: Timestamp) { lastSeen = now }

  /// Goes on with a cost that an earlier run believed.
  init(seen now: Timestamp, believing cost: CostLearner, of identity: ContainerMeter.Identity?) {
    lastSeen = now
    self.identity = identity
    usual = Window(cpuSeconds: cost.cpuSeconds, requests: cost.requests)
  }

  /// So many make a past, and so much of it a successor inherits.
  private static let pastRequests = CapacityConstants.fewRequests * 2

  /// CPU seconds a request that it is known for; `nil` while it is not known.
  var usualCost: Double? {
    usual.requests >= Self.pastRequests && usual.cpuSeconds > 0 ? usual.cost : nil
  }

  /// How the window compares with its past: 1 is as ever.
  var drift: Double? {
    guard let window, let usualCost else { return nil }
    return window.cost / usualCost
  }

  /// Sets a tick's counters against each other; they are judged once those of all servers have been read.
  mutating func read(_ server: ServerObservation, clockOffset: Double, in tick: Tick) {
    lastSeen = tick.now
    (window, recent, recentStart) = (nil, nil, newest)
    guard server.work != nil, let answered = tick.counts[server.name]?.answered,
      let container = server.container, let beginning = answered.beginning
    else { return }
    follow(ContainerMeter.Identity(host: container.host, id: container.id))
    let run = container.run
    guard let newest = run.samples.last else { return }
    self.newest = newest
    begin(in: run, notBefore: beginning.advanced(bySeconds: clockOffset))
    guard let base, let cpuSeconds = newest.cpuSeconds(since: base) else { return }
    func span(from start: CPUSample, _ cpuSeconds: Double) -> Window {
      Window(
        cpuSeconds: cpuSeconds,
        requests: answered.count(
          from: start.timestamp.advanced(bySeconds: -clockOffset),
          to: newest.timestamp.advanced(bySeconds: -clockOffset)),
        seconds: newest.timestamp.seconds(since: start.timestamp))
    }
    // One that has just stopped is found out before the window as a whole is too cheap.
    let stopped = run.samples.first {
      $0.timestamp >= base.timestamp && $0.cpuNanoseconds == newest.cpuNanoseconds
    }
    if let stopped, stopped.timestamp < newest.timestamp,
      findStill(span(from: stopped, 0), in: tick)
    {
      return
    }
    look(at: span(from: base, cpuSeconds), in: tick)
    if let start = recentStart, start.timestamp > base.timestamp,
      let cpuSeconds = newest.cpuSeconds(since: start)
    {
      let window = span(from: start, cpuSeconds)
      recent = window.requests >= CapacityConstants.noAccident ? window : nil
    }
  }

  /// - Returns: whether it answered while its counter stood still.
  private mutating func findStill(_ window: Window, in tick: Tick) -> Bool {
    guard window.requests >= CapacityConstants.noAccident else { return false }
    proof = CostProof()
    let isLong = window.seconds >= min(CapacityConstants.comparedSeconds, tick.interval)
    if isLong {
      (doubt, isMovingAgain) = (.standsStill, false)
    } else {
      suspect(.unconfirmed)
    }
    return true
  }

  /// A successor is believed to be like the one before it, as far as its peers do not say otherwise.
  private mutating func follow(_ seen: ContainerMeter.Identity) {
    guard identity != seen else { return }
    if identity != nil {
      forgetDoubt()
      isProven = false
      usual.shrink(to: Self.pastRequests)
    }
    identity = seen
  }

  private mutating func begin(in run: SampleRun, notBefore first: Timestamp) {
    if let base, let newest,
      newest.timestamp < base.timestamp || newest.cpuNanoseconds < base.cpuNanoseconds
    {
      // It began anew, and so does what is thought of it.
      forgetDoubt()
    }
    if base.map({ $0.timestamp < first }) ?? true {
      base = run.samples.first { $0.timestamp >= first }
    }
  }

  private mutating func forgetDoubt() {
    (base, doubt, leapAt, isMovingAgain, proof) = (nil, nil, nil, false, CostProof())
  }

  /// Finds a counter that stands still, and leaves the rest to be judged beside the others.
  private mutating func look(at window: Window, in tick: Tick) {
    if window.cpuSeconds < window.requests * DoubtConstants.leastCost {
      _ = findStill(window, in: tick)
      return
    }
    if doubt == .standsStill, !isMovingAgain {
      // The time for which it stood still is in no window.
      (base, isMovingAgain) = (newest, true)
      return
    }
    if window.requests >= CapacityConstants.noAccident { self.window = window }
  }

  /// Judges what was read in this tick.
  ///
  /// - Parameters:
  ///   - peers: what a request usually costs its peers.
  ///   - drift: how far their costs are off that now; what all do is no server's fault.
  ///   - isWaiting: whether requests wait at it as they do not at others: then it is not idle, whatever
  ///     it shows, is never given more, and may do with less.
  ///   - reload: whether there was one lately; then a cost that rose may not be the server's.
  mutating func judge(
    besidePeers peers: Double?, drift: Double, isWaiting: Bool, since reload: Reload?,
    at now: Timestamp
  ) {
    guard var window = self.window else { return }
    if let warm, now > warm.until { self.warm = nil }
    if let reload, isUncounted(since: reload, drift: drift, isWaiting: isWaiting) {
      base = newest
      return suspect(.uncounted)
    }
    if isWaiting, doubt?.isLasting != true {
      doubt = nil
      return
    }
    var parts = self.parts(of: window, besidePeers: peers, drift: drift)
    if let recent, parts.tooSmall == nil,
      case let its = self.parts(of: recent, besidePeers: peers, drift: drift), its.tooSmall != nil
    {
      // What has just begun is not to hide behind what was before.
      (window, parts, base) = (recent, its, recentStart)
    }
    // Without anything to hold it against nothing is said, nor believed.
    guard let known = parts.past ?? parts.peers, known.isFinite else { return }
    if let (part, reference) = parts.tooSmall {
      guard window.isCertain else { return suspect(.unconfirmed) }
      proof.add(window)
      base = newest
      if let cost = proof.cost {
        isProven = true
        believe(
          Window(cpuSeconds: cost * window.requests, requests: window.requests),
          besidePeers: peers, at: now)
      } else {
        doubt = .tooCheap(part: part, beside: reference)
      }
    } else if let usualCost, window.cost > usualCost / DoubtConstants.cheapBesidePast,
      window.requests >= CapacityConstants.fewRequests, !isSeenTwice(window)
    {
      suspect(.dearer)
    } else if window.isCertain {
      believe(window, besidePeers: peers, at: now)
    } else {
      leapAt = nil
      if doubt?.isLasting != true { doubt = nil }
    }
  }

  /// Since a balancer's process was replaced, an old one may serve requests that nobody counts.
  enum Reload {
    /// All servers' requests have become dearer.
    case allAreDearer
    case recent
  }

  /// An old process may have connections to one server alone: then its cost rises beyond what chance and
  /// its peers explain. One before which requests wait is as busy as it looks.
  private func isUncounted(since reload: Reload, drift: Double, isWaiting: Bool) -> Bool {
    guard let own = self.drift, let window else { return false }
    switch reload {
    case .allAreDearer: return own > DoubtConstants.uncountedFactor
    case .recent:
      guard !isWaiting, window.requests >= CapacityConstants.fewRequests else { return false }
      let chance =
        CapacityConstants.chanceDeviations
        * (DoubtConstants.chanceNoise / window.requests).squareRoot()
      return own > drift * max(DoubtConstants.uncountedFactor, 1 + chance)
    }
  }

  /// A window's cost over what it should be.
  private struct Parts {
    var window: Window
    /// By its own past; `nil` while there is none.
    var past: Double?
    /// By its peers.
    var peers: Double?

    /// The part that is too small for a window of as many requests, if one is.
    var tooSmall: (part: Double, beside: Doubt.Reference)? {
      if let past, past < window.cheapPart(beside: .past) { return (past, .past) }
      if let peers, peers < window.cheapPart(beside: .peers) { return (peers, .peers) }
      return nil
    }
  }

  /// What was proven to be cheap is held against its own past alone; a past that is young may have been
  /// cheap already.
  private func parts(of window: Window, besidePeers peers: Double?, drift: Double) -> Parts {
    Parts(
      window: window, past: pastCost.map { window.cost / ($0 * drift) },
      peers: isProven ? nil : peers.map { window.cost / ($0 * drift) })
  }

  /// Whether a far dearer cost was there before this window's end already.
  private mutating func isSeenTwice(_ window: Window) -> Bool {
    guard let leapAt else {
      self.leapAt = newest
      return false
    }
    return newest.map { $0.timestamp.seconds(since: leapAt.timestamp) } ?? 0
      >= min(CapacityConstants.comparedSeconds, window.seconds)
  }

  /// What is still as dear so long after a reload is the server's own load.
  mutating func endReload() {
    if doubt == .uncounted { doubt = nil }
  }

  private mutating func suspect(_ suspicion: Doubt) {
    if doubt?.isLasting != true { doubt = suspicion }
  }

  /// The least that its requests are known to cost.
  private var pastCost: Double? { usualCost.map { min($0, warm?.cost ?? $0) } }

  private mutating func believe(
    _ window: Window, besidePeers peers: Double?, at now: Timestamp
  ) {
    // From less on than what would pass for too cheap on its way back.
    if let before = usualCost ?? peers, window.cost > before * CapacityConstants.step {
      warm = Warm(
        cost: min(before, warm?.cost ?? before),
        until: now.advanced(bySeconds: CapacityConstants.usualSeconds))
    }
    // What it was known for is no past of what is far off it.
    if let usualCost,
      max(window.cost / usualCost, usualCost / window.cost) > 1 / DoubtConstants.cheapBesidePast
    {
      usual = Window()
    }
    forgetDoubt()
    base = newest
    usual.cpuSeconds += window.cpuSeconds
    usual.requests += window.requests
    usual.shrink(to: CapacityConstants.mostPriorRequests)
  }
}

extension ServerExaminer.Window {
  /// The part of what it should be below which a cost is too low: of few requests a smaller one.
  fileprivate func cheapPart(beside reference: Doubt.Reference) -> Double {
    if requests < CapacityConstants.fewRequests { return DoubtConstants.cheapPartOfFew }
    return switch reference {
    // Of fewer a quarter may be chance, where few requests make most of the cost.
    case .past where requests >= CapacityConstants.manyRequests: DoubtConstants.cheapBesidePast
    case .past: DoubtConstants.cheapBesidePeers
    case .peers: DoubtConstants.cheapBesidePeers
    }
  }

  /// Whether chance does not explain a cost that is far off.
  fileprivate var isCertain: Bool {
    requests >= CapacityConstants.manyRequests
      || (requests >= CapacityConstants.fewRequests && seconds >= CapacityConstants.rateSeconds)
  }

  fileprivate mutating func shrink(to most: Double) {
    guard requests > most else { return }
    cpuSeconds *= most / requests
    requests = most
  }
}
