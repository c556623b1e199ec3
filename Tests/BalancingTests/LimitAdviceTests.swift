import TestSupport
import Testing

@testable import Balancing

/// How many requests in flight a server can use.
@Suite struct LimitAdviceTests {
  /// What was seen of a server for a while: answers of so long, at so full a CPU.
  private func watch(
    _ seconds: Double?, at utilisation: Double = 0.3, perSecond: Double = 50, places: Double? = nil,
    ticks: Int = 80
  ) -> ResponseWatch {
    var at = Timestamp(nanoseconds: 1_600_000_000_000_000_000)
    var (counts, watch) = (BackendCounts(), ResponseWatch(at: at))
    for tick in 0...ticks {
      var server = ServerObservation(
        name: "s", state: .up, share: 1,
        requests: RequestCounters(
          arrived: perSecond * 10 * Double(tick), done: perSecond * 10 * Double(tick),
          inFlight: places ?? perSecond * (seconds ?? 0)),
        container: nil)
      server.responseSeconds = seconds
      let observation = BackendObservation(
        now: at, intervalSeconds: 10, discipline: .rate, servers: [server], hosts: [:],
        lastWrite: nil)
      watch.observe(server, utilisation: utilisation, in: counts.tick(observation))
      at = at.advanced(bySeconds: 10)
    }
    return watch
  }

  private func limit(
    _ cost: Double, _ cores: Double, _ watch: ResponseWatch
  ) throws -> LimitAdvice.Limit {
    let advice = LimitAdvice(cost: cost, limitCores: cores, watch)
    guard case .limit(let limit) = advice else {
      throw Broken("\(advice)")
    }
    return limit
  }

  // MARK: The closed network

  @Test func `without waits each lane has use for one request`() {
    let server = ClosedServer(lanes: 4, serviceSeconds: 0.02, waitSeconds: 0)
    #expect(server.busy(3) == 0.75)
    #expect(server.busy(4) == 1)
    #expect(server.fewest(idle: 0.03, most: 100) == 4)
  }

  /// One lane that idles is what Erlang's formula says of all lines being engaged.
  @Test(arguments: [(1, 0.5), (3, 2), (8, 4), (40, 30)])
  func `one lane idles as often as Erlang says`(inFlight: Int, waits: Double) {
    var blocked = 1.0
    for line in 1...inFlight { blocked = waits * blocked / (Double(line) + waits * blocked) }
    let server = ClosedServer(lanes: 1, serviceSeconds: 0.01, waitSeconds: 0.01 * waits)
    #expect(isNear(server.busy(inFlight), 1 - blocked, 1e-9))
  }

  @Test func `more in flight keep it busier, up to thousands`() {
    let server = ClosedServer(lanes: 16, serviceSeconds: 0.01, waitSeconds: 1)
    let busy = [1, 10, 100, 1000, 4000].map(server.busy)
    #expect(busy == busy.sorted() && busy.allSatisfy { (0...1).contains($0) })
    #expect(busy[4] > 0.999)
    #expect(server.fewest(idle: 0.03, most: 10) == nil)
  }

  // MARK: Advice

  @Test func `a small server that only computes has use for one request`() throws {
    let limit = try limit(0.006, 0.08, watch(0.075, perSecond: 4))
    #expect(limit.inFlight == 1)
    #expect(isNear(limit.capacityPerSecond, 13.333, 1e-3))
  }

  @Test func `whole cores have use for one request each, and little more`() throws {
    let limit = try limit(0.02, 4, watch(0.021))
    #expect((4...5).contains(limit.inFlight))
    #expect(limit.isSure)
  }

  @Test func `who waits for a database has use for more, by how long it waits`() throws {
    let none = try limit(0.01, 1, watch(0.011, at: 0.1)).inFlight
    let some = try limit(0.01, 1, watch(0.03, at: 0.1)).inFlight
    let long = try limit(0.01, 1, watch(0.06, at: 0.1)).inFlight
    #expect(none <= 2 && some > none && long > some)
    // As many as compute and wait at full capacity, and a margin for chance.
    #expect((6...12).contains(long))
  }

  @Test func `what its CPU makes a request wait for is no wait for something else`() throws {
    // At 0.8 a queue of like requests is twice what one runs.
    let full = try limit(0.01, 1, watch(0.03, at: 0.8))
    #expect(full.inFlight <= 2)
    #expect(!full.isSure)
    #expect(full.most > 2 * full.inFlight)
  }

  @Test func `the quickest of half an hour counts, and is forgotten after an hour`() throws {
    var at = Timestamp(nanoseconds: 1_600_000_000_000_000_000)
    var (counts, watch) = (BackendCounts(), ResponseWatch(at: at))
    func look(_ seconds: Double, _ count: Int) {
      for _ in 0..<count {
        at = at.advanced(bySeconds: 10)
        var server = ServerObservation(
          name: "s", state: .up, share: 1,
          requests: RequestCounters(
            arrived: at.seconds(since: Timestamp(nanoseconds: 1_600_000_000_000_000_000)) * 50,
            done: at.seconds(since: Timestamp(nanoseconds: 1_600_000_000_000_000_000)) * 50,
            inFlight: 1),
          container: nil)
        server.responseSeconds = seconds
        watch.observe(
          server, utilisation: 0.3,
          in: counts.tick(
            BackendObservation(
              now: at, intervalSeconds: 10, discipline: .rate, servers: [server], hosts: [:],
              lastWrite: nil)))
      }
    }
    look(0.02, 10)
    look(0.05, 200)
    #expect(watch.least?.seconds == 0.02)
    look(0.05, 370)
    #expect(watch.least?.seconds == 0.05)
  }

  // MARK: None

  @Test func `nothing is advised where response times are not measured`() {
    let advice = LimitAdvice(
      cost: 0.01, limitCores: 1, watch(nil, places: 1))
    #expect(advice == .none(.noResponseTimes))
  }

  @Test func `nothing is advised after a few answers`() {
    let advice = LimitAdvice(
      cost: 0.01, limitCores: 1, watch(0.01, perSecond: 1, ticks: 15))
    #expect(advice == .none(.learning))
  }

  @Test func `nothing is advised where requests mostly wait for something else`() {
    let advice = LimitAdvice(cost: 0.002, limitCores: 1, watch(0.5))
    guard case .none(.waits(let seconds, let service)) = advice else {
      Issue.record("\(advice)")
      return
    }
    #expect(seconds > 0.49 && service == 0.002)
  }

  @Test func `nothing is advised where streams take the places`() {
    let advice = LimitAdvice(
      cost: 0.01, limitCores: 1, watch(0.015, places: 20))
    guard case .none(.placesAreHeld(let seconds, _)) = advice else {
      Issue.record("\(advice)")
      return
    }
    #expect(isNear(seconds, 0.4, 1e-6))
  }

  // MARK: Limits in force

  @Test func `a server whose limit is reached is not planned for more than it lets through`() throws
  {
    var tight = Leveller.Server(cost: 0.01, limitCores: 1, queueCores: 0, host: "h1")
    tight.mostPerSecond = 20
    let free = Leveller.Server(cost: 0.01, limitCores: 1, queueCores: 0, host: "h2")
    let leveller = Leveller(servers: [tight, free], hosts: [:])
    let solution = try #require(leveller.solve(demand: 100, sparing: [1, 1]))
    #expect(isNear(solution.rates[0], 20, 1e-6) && isNear(solution.rates[1], 80, 1e-6))
  }

  @Test
  func `where all limits together let too little through, they are no reason to plan unlevel`()
    throws
  {
    var tight = Leveller.Server(cost: 0.01, limitCores: 1, queueCores: 0, host: "h1")
    tight.mostPerSecond = 20
    var other = tight
    other.mostPerSecond = 40
    let solution = try #require(
      Leveller(servers: [tight, other], hosts: [:]).solve(demand: 100, sparing: [1, 1]))
    #expect(isNear(solution.rates[0], solution.rates[1], 1e-6))
  }
}
