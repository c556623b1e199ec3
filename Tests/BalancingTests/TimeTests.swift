import TestSupport
import Testing

@testable import Balancing

/// A time is a time, however often one looks: the same history read every second, every three and
/// every ten teaches the same.
@Suite struct TimeTests {
  /// Four servers, second by second: requests as they come at random, of which each costs what it does
  /// by chance.
  private struct History {
    var cluster: FluidCluster

    init(seconds: Int, generator: inout SeededGenerator, see: (inout FluidCluster) -> Void) {
      cluster = FluidCluster(quotas: [1, 1, 1, 1], load: 0.3)
      for host in 1...4 { cluster.servers[host - 1].host = HostName("h\(host)") }
      cluster.hosts = Dictionary(
        uniqueKeysWithValues: (1...4).map { (HostName("h\($0)"), FluidCluster.Host(cores: 2)) })
      let hosts = cluster.hosts.keys.sorted()
      let costs = [0.005, 0.006, 0.005, 0.004]
      for second in 0..<seconds {
        // The demand doubles at two minutes, and the first server's requests become dearer at four.
        let rate = second < 120 ? 20.0 : 40
        for index in cluster.servers.indices {
          let cost = index == 0 && second >= 240 ? 0.009 : costs[index]
          let count = Self.arrivals(rate, &generator)
          cluster.servers[index].arrived += Double(count)
          cluster.servers[index].done += Double(count)
          cluster.servers[index].failed += index == 1 ? Double(count) * 0.05 : 0
          let used = (0..<count).reduce(0.0) { sum, _ in
            sum + cost * Self.exponential(&generator)
          }
          cluster.servers[index].cpuSeconds += used
          let isThere = second / 40 % 2 == index % 2
          cluster.hosts[hosts[index]]?.cpuSeconds += used + (isThere ? 0.8 : 0)
        }
        cluster.pass(1)
        cluster.sample()
        see(&cluster)
      }
    }

    /// Of a second, by the gaps between them.
    private static func arrivals(_ rate: Double, _ generator: inout SeededGenerator) -> Int {
      var (count, moment) = (0, exponential(&generator) / rate)
      while moment < 1 {
        count += 1
        moment += exponential(&generator) / rate
      }
      return count
    }

    /// Sums of exponential numbers are as random requests are: the mean is 1, and so is the variance.
    private static func exponential(_ generator: inout SeededGenerator) -> Double {
      // Von Neumann's way to draw one, without a logarithm.
      var whole = 0.0
      while true {
        let first = generator.number(0, 1)
        var (last, count) = (first, 1)
        while true {
          let next = generator.number(0, 1)
          if next > last { break }
          (last, count) = (next, count + 1)
        }
        if count % 2 == 1 { return whole + first }
        whole += 1
      }
    }
  }

  /// What a strategy that looks so often has learned in the end.
  private struct Estimates {
    var costs: [Double]
    var evidence: [Double]
    var noise: Double
    /// The utilisation at which the demand is served, beside the neighbours that are reckoned with.
    var levels: [Double]
  }

  private func estimates(every seconds: Int, interval: Double, seed: UInt64) throws -> Estimates {
    var generator = SeededGenerator(seed: seed)
    var strategy = CapacityAlone()
    var second = 0
    var levels: [Double] = []
    _ = History(seconds: 480, generator: &generator) { cluster in
      second += 1
      cluster.interval = interval
      guard second % seconds == 0 else { return }
      let plan = strategy.plan(for: cluster.observation())
      if second % 30 == 0, second > 60, let level = plan.levelAimedAt { levels.append(level) }
    }
    let learned = strategy.learned
    let servers = try (1...4).map { try unwrap(learned.servers[ServerName("s\($0)")]) }
    return Estimates(
      costs: servers.map { $0.cost.cpuSeconds / $0.cost.requests },
      evidence: servers.map(\.cost.requests), noise: learned.noise.squared, levels: levels)
  }

  /// Quick ticks of one interval, and intervals of so many seconds themselves.
  @Test(arguments: [true, false])
  func `what is learned does not hang on how often one looks`(areQuick: Bool) throws {
    var noises: [Int: Double] = [:]
    var levels: [Int: Double] = [:]
    try forAllSeeds(12) { generator in
      let seed = generator.next()
      let ten = try estimates(every: 10, interval: 10, seed: seed)
      noises[10, default: 0] += ten.noise
      levels[10, default: 0] += ten.levels.reduce(0, +)
      for seconds in [1, 3] {
        let interval = areQuick ? 10 : Double(seconds)
        let found = try estimates(every: seconds, interval: interval, seed: seed)
        try require(isNear(found.costs, ten.costs, 0.03), "\(found.costs), not \(ten.costs)")
        try require(
          isNear(found.evidence, ten.evidence, 0.15), "\(found.evidence), not \(ten.evidence)")
        try require(found.levels.count == ten.levels.count, "\(found.levels.count) levels")
        noises[seconds, default: 0] += found.noise
        levels[seconds, default: 0] += found.levels.reduce(0, +)
      }
    }
    for seconds in [1, 3] {
      let (noise, level) = (try unwrap(noises[seconds]), try unwrap(levels[seconds]))
      #expect(isNear(noise, try unwrap(noises[10]), 0.15), "\(noises)")
      // What neighbours will do over another interval is another question.
      if areQuick { #expect(isNear(level, try unwrap(levels[10]), 0.05), "\(levels)") }
    }
  }

  @Test(arguments: [1, 3, 10]) func `a demand is as smooth at any pace`(seconds: Int) {
    var demand = Demand()
    for second in stride(from: seconds, through: 600, by: seconds) {
      // Every 30 s there is a bit more, or less, than a step would be.
      _ = demand.observe(
        (second - 1) / 30 % 2 == 0 ? 100 : 120, at: at(Double(second)), interval: Double(seconds))
    }
    // At the end of a high half minute, after as long a low one: 120 − 20 ÷ (e^1.5 + 1).
    #expect(isNear(demand.perSecond ?? 0, 116.351_3, 1e-3))
  }

  @Test(arguments: [1.0, 3, 10]) func `a stay becomes usual in ten minutes at any pace`(
    seconds: Double
  ) {
    var sojourn = Sojourn()
    sojourn.observe(inFlight: 1, perSecond: 10, elapsed: seconds)
    for _ in 0..<Int(600 / seconds) {
      sojourn.observe(inFlight: 11, perSecond: 10, elapsed: seconds)
    }
    #expect(isNear(sojourn.usualSeconds ?? 0, 0.1 + 1 - 0.367_879, 1e-2))
  }

  /// Its samples come no more: whatever else is looked at ten times in an interval, one reading is one.
  @Test func `looking again does not double what was measured once`() throws {
    var cluster = FluidCluster(quotas: [0.1, 0.9, 0.9], load: 0.3)
    var strategy = CapacityAlone()
    for _ in 0..<12 { cluster.tick(&strategy) }
    let before = try #require(cluster.observation().servers.first?.share)
    // Its quota is ten times what it was, and the weights stand on how it was measured.
    cluster.servers[0].quota = 2
    for _ in 0..<8 {
      cluster.run(1)
      _ = cluster.write(strategy.plan(for: cluster.observation()))
    }
    let after = try #require(cluster.observation().servers.first?.share)
    #expect(after > 1.8 * before && after < 2.1 * before, "\(before), \(after)")
    for _ in 0..<4 { cluster.tick(&strategy) }
    let due = try #require(cluster.observation().servers.first?.share)
    #expect(due > 4 * before)
  }
}
