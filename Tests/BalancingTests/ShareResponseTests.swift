import TestSupport
import Testing

@testable import Balancing

/// Shares of the requests, where they are not shares of the weights.
@Suite struct ShareResponseTests {
  /// Servers whose requests come as a rule says, tick by tick.
  private struct Stream {
    var weights: [Double]
    var discipline = BackendObservation.Discipline.rate
    private var arrived: [Double]
    private var counts = BackendCounts()
    private var at = Timestamp(nanoseconds: 1_600_000_000_000_000_000)

    init(_ weights: [Double]) {
      self.weights = weights
      arrived = weights.map { _ in 0 }
    }

    /// - Parameter parts: of the requests, from shares of the weights.
    mutating func tick(
      _ response: inout ShareResponse, requests: Double = 1000, isAstray: Bool = false,
      _ parts: ([Double]) -> [Double]
    ) {
      let sum = weights.reduce(0, +)
      let shares = weights.map { $0 / sum }
      let came = parts(shares)
      let total = came.reduce(0, +)
      for index in arrived.indices { arrived[index] += requests * came[index] / total }
      at = at.advanced(bySeconds: 10)
      let servers = zip(shares, arrived).enumerated().map { index, pair in
        ServerObservation(
          name: ServerName("s\(index)"), state: .up, share: pair.0,
          requests: RequestCounters(arrived: pair.1, done: pair.1, inFlight: 0), container: nil)
      }
      response.observe(
        counts.tick(
          BackendObservation(
            now: at, intervalSeconds: 10, discipline: discipline, servers: servers, hosts: [:],
            lastWrite: nil)), isAstray: isAstray)
    }
  }

  private func factors(_ response: ShareResponse, _ count: Int) -> [Double] {
    (0..<count).map { response.factor(of: ServerName("s\($0)")) }
  }

  @Test func `where requests follow weights, nothing is corrected`() {
    var (stream, response) = (Stream([10, 20, 40]), ShareResponse())
    for _ in 0..<100 { stream.tick(&response) { $0 } }
    #expect(factors(response, 3) == [1, 1, 1])
  }

  @Test func `what chance makes of as many draws is not corrected`() throws {
    try forAllSeeds(20) { generator in
      var (stream, response) = (Stream([10, 20, 40]), ShareResponse())
      for _ in 0..<60 {
        stream.tick(&response, requests: 300) { shares in
          var counts = [0.0, 0, 0]
          for _ in 0..<300 {
            let point = generator.number(0, 1)
            counts[point < shares[0] ? 0 : point < shares[0] + shares[1] ? 1 : 2] += 1
          }
          return counts
        }
      }
      try require(
        factors(response, 3).allSatisfy { isNear($0, 1, 0.06) }, "\(factors(response, 3))")
    }
  }

  @Test func `a share that is off is corrected within three minutes, whatever the algorithm`() {
    let wanted = [0.1, 0.3, 0.6]
    var (stream, response) = (Stream(wanted), ShareResponse())
    // Big servers get more than their weights say, as under `random(2)`.
    func parts(_ shares: [Double]) -> [Double] { shares.map { $0 * (0.8 + 0.4 * $0) } }
    for _ in 0..<18 {
      stream.tick(&response, parts)
      stream.weights = zip(wanted, factors(response, 3)).map { $0 / $1 }
    }
    let sum = stream.weights.reduce(0, +)
    let came = parts(stream.weights.map { $0 / sum })
    let total = came.reduce(0, +)
    for (came, wanted) in zip(came, wanted) { #expect(isNear(came / total, wanted, 0.02)) }
  }

  @Test func `where shares do not answer to weights nothing is corrected, nor does it run away`() {
    var (stream, response) = (Stream([0.1, 0.3, 0.6]), ShareResponse())
    for _ in 0..<60 {
      stream.tick(&response) { _ in [0.25, 0.3, 0.45] }
      stream.weights = zip([0.1, 0.3, 0.6], factors(response, 3)).map { $0 / $1 }
    }
    #expect(!response.answers)
    #expect(factors(response, 3) == [1, 1, 1])
  }

  @Test func `under a share of what is in flight it is to be seen first that shares answer`() {
    var (stream, response) = (Stream([0.1, 0.3, 0.6]), ShareResponse())
    stream.discipline = .inFlight
    func parts(_ shares: [Double]) -> [Double] { shares.map { $0 * (0.8 + 0.4 * $0) } }
    for _ in 0..<30 { stream.tick(&response, parts) }
    #expect(!response.answers && factors(response, 3) == [1, 1, 1])
    stream.weights = [0.3, 0.3, 0.4]
    for _ in 0..<30 { stream.tick(&response, parts) }
    #expect(response.answers && factors(response, 3)[0] < 0.99)
  }

  @Test func `what goes where no weight sends it teaches nothing`() {
    var (stream, response) = (Stream([10, 10]), ShareResponse())
    for _ in 0..<20 { stream.tick(&response, isAstray: true) { _ in [0.7, 0.3] } }
    #expect(factors(response, 2) == [1, 1])
  }

  @Test func `a server that gets more than its weight says is given less of it`() {
    var servers = ["a", "b"].map {
      ServerPlan(name: ServerName($0), target: .share(0.5))
    }
    servers[0].response = 1.25
    servers[1].response = 0.75
    let weights = Plan(verdict: .change, servers: servers).weights(
      standing: ["a": Weight(clamping: 100), "b": Weight(clamping: 100)], bounds: .standard)
    let (a, b) = (weights["a"]?.value ?? 0, weights["b"]?.value ?? 1)
    #expect(isNear(Double(a) / Double(b), 0.6, 0.02))
  }

  /// What was seen of elasticity fades by time: quick changes and slow ones forget as much.
  @Test(arguments: [10.0, 60]) func `shares that begin to follow are found to within the same time`(
    seconds: Double
  ) {
    var elasticity = ShareElasticity()
    var weights = [0.3, 0.7]
    var tellsAt: [ShareElasticity.Verdict: Double] = [:]
    func look(at elapsed: Double, follows: Bool) {
      let up = zip(["a", "b"], weights).map { name, share in
        ServerObservation(
          name: ServerName(name), state: .up, share: share, requests: nil, container: nil)
      }
      let came = follows ? weights : [0.5, 0.5]
      elasticity.observe(
        up, ["a": 4000 * came[0], "b": 4000 * came[1]], over: seconds)
      if tellsAt[elasticity.verdict] == nil { tellsAt[elasticity.verdict] = elapsed }
      weights.swapAt(0, 1)
    }
    for elapsed in stride(from: 0, to: 3600, by: seconds) { look(at: elapsed, follows: false) }
    #expect(elasticity.verdict == .ignores)
    for elapsed in stride(from: 0, to: 3600, by: seconds) { look(at: elapsed, follows: true) }
    #expect(elasticity.verdict == .answers)
    #expect(tellsAt[.answers] ?? .infinity <= 900)
  }
}
