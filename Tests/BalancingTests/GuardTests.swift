import TestSupport
import Testing

@testable import Balancing

/// What HAProxy's own counters forbid, whatever the CPU says.
@Suite struct GuardTests {
  /// Counters of a server that takes `rate` requests a second, fails a part, and has so many inside.
  private func counts(
    rate: Double = 20, failing: Double = 0, inFlight: Double = 1, ticks: Int = 6
  ) -> ServerCounts {
    var counts = ServerCounts(seen: tick(at: 0).now)
    for number in 0..<ticks {
      let requests = rate * 10 * Double(number)
      read(
        RequestCounters(
          arrived: requests, done: requests, failed: requests * failing, inFlight: inFlight),
        at: 10 * Double(number), into: &counts)
    }
    return counts
  }

  private func read(
    _ requests: RequestCounters, at seconds: Double, into counts: inout ServerCounts
  ) {
    counts.read(requests, at: tick(at: seconds).now)
  }

  // MARK: Errors

  @Test func `one that fails what its peers answer is blamed, and only it`() {
    let meters = [0, 0.9, 0].map { counts(failing: $0).errors }
    let factors = ErrorPenalty.factors(meters)
    #expect(factors[0] == 1 && factors[2] == 1)
    #expect(isNear(factors[1], 1e-4, 1e-6))
  }

  @Test func `errors that all share alike blame nobody`() {
    let meters = [0.5, 0.52, 0.48].map { counts(failing: $0).errors }
    #expect(ErrorPenalty.factors(meters) == [1, 1, 1])
  }

  @Test func `of two servers none is the odd one`() {
    let meters = [0, 0.9].map { counts(failing: $0).errors }
    #expect(ErrorPenalty.factors(meters) == [1, 1])
  }

  @Test func `a few errors of a few requests are chance`() {
    let meters = [0, 0.1, 0].map { counts(rate: 0.5, failing: $0).errors }
    #expect(ErrorPenalty.factors(meters) == [1, 1, 1])
  }

  @Test func `errors are forgotten within minutes`() {
    var counts = counts(failing: 1)
    let first = counts.errors.fraction
    for number in 6..<20 {
      let requests = 200 * Double(number)
      read(
        RequestCounters(arrived: requests, done: requests, failed: 1000, inFlight: 1),
        at: 10 * Double(number), into: &counts)
    }
    #expect(first == 1)
    #expect(counts.errors.fraction < 0.02)
  }

  @Test func `requests that failed are no successes, and a reset begins anew`() {
    var counts = counts(rate: 10, failing: 0.25)
    #expect(counts.answered.count(from: tick(at: 0).now, to: tick(at: 50).now) == 375)
    read(RequestCounters(arrived: 5, done: 5, inFlight: 0), at: 70, into: &counts)
    #expect(counts.answered.beginning == tick(at: 70).now)
    #expect(counts.growth == nil)
    #expect(counts.backlog.arrivalsPerSecond == nil)
  }

  // MARK: Requests that pile up

  @Test func `a pile is one beside the peers and beside what is usual`() {
    var slow = counts(inFlight: 2)
    read(RequestCounters(arrived: 1200, done: 1140, inFlight: 60), at: 60, into: &slow)
    let piles = piles([counts(), slow, counts()])
    #expect(piles[0] == nil && piles[2] == nil)
    #expect(piles[1].map { $0 > 50 } == true)
  }

  /// What piles up at each of some servers, where nothing did before.
  private func piles(_ servers: [ServerCounts]) -> [Double?] {
    var watch = PileWatch()
    return Self.piles(servers, in: tick(at: 60), by: &watch)
  }

  private static func piles(
    _ servers: [ServerCounts], in tick: Tick, by watch: inout PileWatch
  ) -> [Double?] {
    var tick = tick
    let views = servers.indices.map { index in
      ServerView(
        server: ServerObservation(
          name: ServerName("s\(index)"), state: .up, share: 0.3, requests: nil, container: nil),
        load: .unknown(.noRate), isLongBlind: false)
    }
    tick.counts = Dictionary(uniqueKeysWithValues: zip(views.map(\.server.name), servers))
    return watch.find(among: views, in: tick)
  }

  /// A server's piles beside two that are as ever, look by look.
  private struct Watched {
    var counts: ServerCounts
    let peers: ServerCounts
    var watch = PileWatch()

    mutating func pile(in tick: Tick) -> Double? {
      GuardTests.piles([peers, counts, peers], in: tick, by: &watch)[1]
    }
  }

  private func pile(
    of server: inout Watched, at seconds: Double, arrived: Double, inFlight: Double
  ) -> Double? {
    read(
      RequestCounters(arrived: arrived, done: arrived - inFlight, inFlight: inFlight),
      at: seconds, into: &server.counts)
    return server.pile(in: tick(at: seconds))
  }

  @Test func `a pile remains one while its few requests wait as long, or nothing arrives`() {
    var slow = Watched(counts: counts(inFlight: 2), peers: counts())
    func pile(_ seconds: Double, arrived: Double, inFlight: Double) -> Double? {
      self.pile(of: &slow, at: seconds, arrived: arrived, inFlight: inFlight)
    }
    #expect(pile(60, arrived: 1200, inFlight: 9) == nil)
    #expect(pile(70, arrived: 1400, inFlight: 60) != nil)
    #expect(pile(80, arrived: 1410, inFlight: 6) != nil)
    #expect(pile(90, arrived: 1410, inFlight: 6) != nil)
    // As quick as ever, though with more traffic.
    #expect(pile(100, arrived: 1810, inFlight: 6) == nil)
    #expect(pile(110, arrived: 1815, inFlight: 6) == nil)
  }

  @Test func `a pile of few must show itself anew after thirty intervals`() {
    var slow = Watched(counts: counts(inFlight: 2), peers: counts())
    func isPile(_ number: Int, inFlight: Double) -> Bool {
      let (seconds, arrived) = (50 + 10 * Double(number), 1100 + Double(number))
      return pile(of: &slow, at: seconds, arrived: arrived, inFlight: inFlight) != nil
    }
    #expect(isPile(1, inFlight: 60))
    let lasting = (2...60).filter { isPile($0, inFlight: 6) }
    #expect(lasting == Array(2...31))
  }

  @Test func `a spell knows nothing of what was counted before a reload`() {
    var answers = CounterHistory()
    for second in 0...20 { answers.add(second > 0 ? 100 : nil, at: tick(at: Double(second)).now) }
    answers.add(nil, at: tick(at: 20.5).now)
    answers.add(50, at: tick(at: 21).now)
    let spell = SaturatedTime(began: tick(at: 0).now, ended: tick(at: 21).now)
    // 50 answers in half a second of one core are 0.01 s each, as is known.
    let cost = spell.cost(
      answers, limitCores: 1, beyond: 0.01, of: 1000, noise: RequestNoise())
    #expect(cost == nil)
  }

  @Test func `a server that is always slower than its peers has no pile`() {
    func piles(_ ticks: Int) -> [Double?] {
      self.piles([counts(), counts(inFlight: 60, ticks: ticks), counts()])
    }
    #expect(piles(8) == [nil, nil, nil])
    // In the first minute nobody knows that yet.
    #expect(piles(3)[1] != nil)
  }

  @Test func `what all wait for is nobody's pile`() {
    var all = [counts(), counts(), counts()]
    for index in all.indices {
      read(RequestCounters(arrived: 1200, done: 1140, inFlight: 60), at: 60, into: &all[index])
    }
    #expect(piles(all) == [nil, nil, nil])
  }

  /// What a spell of 10 s with so many answers says of the cost, where 0.01 s were known of 1000.
  private func cost(answered: Double) -> Double? {
    var answers = CounterHistory()
    let (began, ended) = (tick(at: 0).now, tick(at: 10).now)
    answers.add(nil, at: began)
    answers.add(answered, at: ended)
    return SaturatedTime(began: began, ended: ended).cost(
      answers, limitCores: 1, beyond: 0.01, of: 1000, noise: RequestNoise())
  }

  @Test func `what a busy server answers tells what a request costs it`() throws {
    #expect(isNear(try #require(cost(answered: 500)), 0.02))
    #expect(isNear(try #require(cost(answered: 30)), 1.0 / 3))
  }

  @Test func `few answers tell nothing, nor do as many as its cost says, nor more`() {
    #expect(cost(answered: 29) == nil)
    #expect(cost(answered: 0) == nil)
    #expect(cost(answered: 900) == nil)
    #expect(cost(answered: 3000) == nil)
  }

  // MARK: Beginners

  @Test func `one that began anew gets a half at first, and all after three seconds`() {
    var youth = Settling()
    #expect(youth.factor == 1)
    youth.begin()
    var factors: [Double] = []
    for _ in 0..<4 {
      factors.append(youth.factor)
      youth.age(by: 2)
    }
    #expect(isNear(factors, [0.5, 0.5 + 1.0 / 3, 1, 1]))
    #expect(!youth.isSettling)
  }

  // MARK: At whose cost

  private func leveller(queue: Double = 0) -> Leveller {
    Leveller(
      servers: (1...4).map {
        Leveller.Server(
          cost: 0.01, limitCores: 1, queueCores: $0 == 1 ? queue : 0,
          host: HostName("h\($0)"))
      }, hosts: [:])
  }

  @Test func `sparing one server never fills the others`() throws {
    for demand in stride(from: 40.0, to: 500, by: 20) {
      let plain = try #require(leveller().solve(demand: demand))
      let spared = try #require(leveller().solve(demand: demand, sparing: [0, 1, 1, 1]))
      let most = max(0.95, plain.level + max(0.02, (1 - plain.level) / 4))
      #expect(spared.rates.allSatisfy { $0 * 0.01 <= most + 1e-6 }, "at \(demand)")
      #expect(spared.rates[0] <= plain.rates[0] + 1e-6)
      #expect(isNear(spared.rates.reduce(0, +), demand, 1e-6))
    }
  }

  @Test func `a queue is cleared as fast as the others have room for`() throws {
    let light = try #require(leveller(queue: 5).solve(demand: 200, sparing: [1, 1, 1, 1]))
    #expect(light.rates[0] == 0)
    let heavy = try #require(leveller(queue: 5).solve(demand: 360, sparing: [1, 1, 1, 1]))
    #expect(heavy.rates[0] > 50 && heavy.rates[0] < 90)
  }

  // MARK: The fleet's cost

  @Test func `what a server had before its queue is known until it has its due again`() {
    var queue = QueueClearing()
    queue.observe(intervals: 0.1, share: 0.3)
    #expect(!queue.isUnderWay)
    queue.observe(intervals: 0.2, share: 0.3)
    queue.note(wish: 0.01, standing: 0.3)
    queue.observe(intervals: 0.06, share: 0.01)
    #expect(queue.isUnderWay)
    #expect(queue.shareBefore == 0.3)
    queue.observe(intervals: 0.04, share: 0.01)
    queue.note(wish: 0.2, standing: 0.01)
    #expect(!queue.isUnderWay)
    #expect(queue.shareBefore == 0.3)
    queue.note(wish: 0.2, standing: 0.2)
    #expect(queue.shareBefore == nil)
  }

  @Test func `while a spell lasts, what is wished is not its due, and its way back goes on`() {
    var answers = CounterHistory()
    for second in [0.0, 10, 20] { answers.add(100, at: tick(at: second).now) }
    func follow(_ queue: inout QueueClearing, isPiled: Bool, sampledSince began: Double) {
      queue.followSpell(
        isPiled: isPiled, answers, sampledSince: tick(at: began).now, at: tick(at: 20).now)
    }
    var queue = QueueClearing()
    // What is not worth clearing is no spell.
    follow(&queue, isPiled: true, sampledSince: 0)
    #expect(queue.spell == nil)
    queue.observe(intervals: 0.2, share: 0.3)
    follow(&queue, isPiled: true, sampledSince: 0)
    #expect(queue.spell == SaturatedTime(began: tick(at: 10).now, ended: tick(at: 20).now))
    queue.observe(intervals: 0, share: 0.01)
    queue.note(wish: 0.2, standing: 0.2)
    #expect(queue.shareBefore == 0.3)
    // It goes on while requests pile up, and until samples are of a time after its beginning.
    follow(&queue, isPiled: true, sampledSince: 5)
    follow(&queue, isPiled: false, sampledSince: 9)
    #expect(queue.spell?.began == tick(at: 10).now)
    follow(&queue, isPiled: false, sampledSince: 10)
    #expect(queue.spell == nil)
    queue.note(wish: 0.2, standing: 0.2)
    #expect(queue.shareBefore == nil)
  }

  @Test func `what piles up for ever is looked at quickly for a while, and others still`() {
    let moment = tick(at: 0).now
    let wishes = ["a", "b"].map { name in
      let server = ServerObservation(
        name: ServerName(name), state: .up, share: name == "a" ? 0.2 : 0.5, requests: nil,
        container: nil)
      let view = ServerView(server: server, load: .unknown(.noRate), isLongBlind: false)
      return ShareTargets.Wish(view: view, share: 0.5)
    }
    var strategy = CapacityStrategy()
    for wish in wishes {
      strategy.records[wish.view.server.name] = CapacityStrategy.ServerRecord(lastSeen: moment)
    }
    func look(_ first: Double?, _ second: Double?) -> Bool {
      strategy.isClearing(wishes, [first, second])
    }
    let (pile, most) = (20.0, CapacityConstants.clearingTicks)
    let looks = (0..<2 * most).map { _ in look(pile, nil) }
    #expect(looks == (0..<2 * most).map { $0 < most })
    // What has its due in spite of a pile is no reason; and a tick at rest gives one back.
    let seconds = [look(nil, pile), look(pile, nil), look(pile, nil)]
    #expect(seconds == [false, true, false])
    strategy.records["b"]?.queue.observe(intervals: 1, share: 0.5)
    let third = look(pile, nil)
    #expect(third)
  }

  @Test func `equal servers soon believe the fleet, unequal ones themselves`() {
    func fleet(_ costs: [Double]) -> FleetCost {
      FleetCost(
        costs.map { cost in
          var learner = CostLearner()
          learner.learn(
            CostLearner.Window(cpuSeconds: cost * 500, requests: 500, seconds: 10),
            noise: RequestNoise())
          return (learner, nil)
        })
    }
    #expect(fleet([0.01, 0.0101, 0.0099, 0.01]).prior == 2000)
    #expect(fleet([0.01, 0.02, 0.005, 0.01]).prior == 20)
  }

  // MARK: Few writes

  private func weights(_ values: [Int]) -> [Weight] { values.map { Weight(clamping: $0) } }

  private func correcting(
    _ present: [Int], _ shares: [Double], _ tolerances: [Double]? = nil,
    bounds: WeightBounds = .standard
  ) -> [Weight]? {
    WeightRounding.correcting(
      weights(present), shares, tolerances: tolerances ?? shares.map { _ in 0.06 },
      bounds: bounds)
  }

  @Test func `where one server is off, one weight is written`() {
    #expect(correcting([200, 200, 200, 200], [1, 1, 1, 0.8]) == weights([200, 200, 200, 160]))
    // However far it is off, the others do not change beside each other.
    #expect(correcting([80, 160, 240], [1, 2, 0.2]) == weights([80, 160, 16]))
    // Of two scales the finer one, if there is room for it.
    #expect(correcting([100, 100], [1, 2]) == weights([100, 200]))
    #expect(correcting([200, 200], [1, 2]) == weights([100, 200]))
    // At the edge of what is allowed a scale that keeps all but one will do.
    #expect(
      correcting(
        [256] + Array(repeating: 128, count: 9), [2.01] + Array(repeating: 1, count: 8) + [0.8],
        Array(repeating: 0.02, count: 10))
        == weights([256] + Array(repeating: 128, count: 8) + [102]))
  }

  @Test func `where most are off, or the scale is too coarse, none is kept`() {
    #expect(correcting([200, 200, 200, 200], [1, 2, 3, 4]) == nil)
    #expect(correcting([20, 20, 20], [1, 1, 0.8]) == nil)
    #expect(correcting([200, 200, 200], [1, 1, 1], [0, 0, 0]) == nil)
  }

  @Test func `each server has its own tolerance`() {
    let shares = [1, 1, 1, 1.1]
    #expect(correcting([200, 200, 200, 200], shares) == weights([200, 200, 200, 200]))
    #expect(
      correcting([200, 200, 200, 200], shares, [0.06, 0.06, 0.06, 0.01])
        == weights([200, 200, 200, 220]))
  }

  @Test func `a weight that is out of bounds is not kept`() throws {
    let bounds = try #require(WeightBounds(minimum: 10, maximum: 256))
    #expect(
      correcting([5, 100, 200, 100], [0.05, 1, 2, 1], bounds: bounds) == nil)
    #expect(
      correcting([5, 100, 200, 100], [0.1, 1, 2, 1], bounds: bounds)
        == weights([10, 100, 200, 100]))
  }
}
