import FoundationEssentials
import TestSupport
import Testing

@testable import Balancing

/// Whatever is observed, plans are of finite numbers and the state can be kept.
@Suite struct HostileInputTests {
  @Test(arguments: BackendStrategy.Kind.allCases)
  func `every number of a plan is finite, whatever is observed`(
    kind: BackendStrategy.Kind
  ) throws {
    try forAllSeeds(150) { generator in
      var strategy = BackendStrategy(kind)
      for _ in 0..<12 {
        let observation = generator.observation()
        let plan = strategy.plan(for: observation)
        try require(
          plan.servers.map(\.name) == observation.servers.map(\.name), "one entry a server")
        try require(plan.numbers.allSatisfy(\.isFinite), "\(plan)")
        let names = observation.servers.map(\.name)
        let standing = Dictionary(names.map { ($0, generator.weight()) }) { first, _ in first }
        let bounds = observation.bounds
        for (name, weight) in plan.weights(standing: standing, bounds: bounds) {
          try require(
            weight == standing[name]
              || (bounds.minimum...bounds.maximum).contains(weight.value), "\(weight)")
        }
      }
      // A number that is none could not be encoded.
      let file = try JSONEncoder().encode(strategy)
      let isSame = try JSONDecoder().decode(BackendStrategy.self, from: file) == strategy
      try require(isSame, "the state does not come back from a file")
    }
  }

  @Test func `nonsense in between does not stop the levelling`() throws {
    try forAllSeeds(10) { generator in
      var cluster = FluidCluster(quotas: [0.2, 0.4, 0.8], load: 0.5)
      var strategy = BackendStrategy(.capacity)
      for _ in 0..<5 { cluster.tick(&strategy) }
      for _ in 0..<5 { _ = strategy.plan(for: generator.observation()) }
      for _ in 0..<60 { cluster.tick(&strategy) }
      try require(cluster.spread <= 1.1, "spread \(cluster.spread)")
    }
  }

  @Test func `no servers are no reason to fail`() {
    let observation = BackendObservation(
      now: at(1), intervalSeconds: 10, discipline: .rate, servers: [], hosts: [:], lastWrite: nil)
    for kind in BackendStrategy.Kind.allCases {
      var strategy = BackendStrategy(kind)
      let plan = strategy.plan(for: observation)
      #expect(plan.verdict == .hold(.nothingToLevel))
      #expect(plan.weights(standing: [:], bounds: .standard).isEmpty)
    }
  }
}

extension SeededGenerator {
  /// A number as a broken part might send it, or a sound one.
  fileprivate mutating func anything(_ sound: ClosedRange<Double>) -> Double {
    let odd: [Double] = [.nan, .infinity, -.infinity, -1, 0, 1e300, -1e300, 1e-300, 1.8e19]
    return chance(0.15)
      ? odd[whole(0...(odd.count - 1))] : number(sound.lowerBound, sound.upperBound)
  }

  fileprivate mutating func moment() -> Timestamp {
    chance(0.1)
      ? [Timestamp(nanoseconds: .max), Timestamp(nanoseconds: .min), at(0)][whole(0...2)]
      : at(1_600_000_000 + number(0, 600))
  }

  fileprivate mutating func samples() -> [CPUSample] {
    var samples = (0..<whole(0...6)).map { _ in
      CPUSample(
        timestamp: moment(),
        cpuNanoseconds: chance(0.1) ? .max : UInt64(number(0, 100) * 1e9))
    }
    if chance(0.7) {
      samples.sort { ($0.timestamp, $0.cpuNanoseconds) < ($1.timestamp, $1.cpuNanoseconds) }
    }
    return samples
  }

  fileprivate mutating func weight() -> Weight { Weight(clamping: whole(0...256)) }

  fileprivate mutating func observation() -> BackendObservation {
    let hostNames: [HostName] = ["h1", "h2", "h3"]
    let servers = (0..<whole(0...6)).map { _ in
      ServerObservation(
        name: ServerName("s\(whole(1...6))"),
        state: chance(0.7) ? .up : ServerState.allCases[whole(0...7)], isHeld: chance(0.1),
        share: anything(0...1), weightIsOurs: chance(0.5),
        requests: chance(0.1)
          ? nil
          : RequestCounters(
            arrived: anything(0...1e5), done: anything(0...1e5), inFlight: anything(0...1e3)),
        container: chance(0.1)
          ? nil
          : ContainerObservation(
            host: hostNames[whole(0...2)], id: "c\(whole(1...3))", samples: samples(),
            toldCores: chance(0.3) ? nil : anything(0.1...4)))
    }
    let hosts = hostNames.prefix(whole(0...3)).map { name in
      (
        name,
        HostObservation(
          cores: anything(1...64), samples: samples(), clockOffsetSeconds: anything(-2...2))
      )
    }
    let minimum = whole(1...100)
    return BackendObservation(
      now: moment(), intervalSeconds: anything(1...60),
      discipline: [.rate, .drawn, .inFlight][whole(0...2)], servers: servers,
      hosts: Dictionary(uniqueKeysWithValues: hosts),
      lastWrite: chance(0.3) ? nil : moment(),
      bounds: WeightBounds(minimum: minimum, maximum: whole(minimum...256)) ?? .standard)
  }
}
