internal import Balancing

extension Scenario {
  /// A random case in which everything may happen, for checks that must hold whatever happens.
  ///
  /// - Parameters:
  ///   - ticks: how many intervals it lasts.
  ///   - requests: about how many requests it has.
  ///   - hasFaults: whether readings may be untrue, too.
  package static func random(
    seed: UInt64, ticks: Int, requests: Double, hasFaults: Bool = false
  ) -> Scenario {
    var random = SeededRandom(seed: seed)
    let intervals: [Double] = [1, 2, 5, 10, 10, 10, 30, 60]
    let interval = intervals.randomElement(using: &random) ?? 10
    let duration = interval * Double(ticks)
    let hosts = (1...Int.random(in: 1...5, using: &random)).map { number -> HostModel in
      var host = HostModel(
        name: HostName("h\(number)"), cores: Double(Int.random(in: 1...8, using: &random)))
      host.neighbourCores = random.chance(0.3) ? host.cores * random.unit() : 0
      host.threadSharing = random.chance(0.2) ? 0.5 * random.unit() : 0
      if random.chance(0.3) { host.sampling = .random(&random) }
      return host
    }
    let names = hosts.map(\.name)
    let servers = (1...Int.random(in: 1...7, using: &random)).map { number -> ServerModel in
      var server = ServerModel(
        name: ServerName("s\(number)"), host: names.randomElement(using: &random) ?? "h1")
      server.quotaCores = random.chance(0.7) ? 0.1 + 2 * random.unit() : nil
      server.costFactor = random.chance(0.4) ? 0.3 + 3 * random.unit() : 1
      server.baseCores = random.chance(0.2) ? 0.05 * random.unit() : 0
      server.weight = Weight(clamping: Int.random(in: 1...256, using: &random))
      server.state = random.chance(0.1) ? (random.chance(0.5) ? .down : .drain) : .up
      server.failFast = random.chance(0.1) ? random.unit() : 0
      server.maxConnections = random.chance(0.1) ? Int.random(in: 1...50, using: &random) : nil
      server.service = random.chance(0.2) ? .sharing : .queue
      server.crowding = random.chance(0.1) ? 0.05 * random.unit() : 0
      return server
    }
    let demand = requests / duration
    let capacity = servers.reduce(0) { $0 + ($1.quotaCores ?? 2) / $1.costFactor }
    var request = RequestModel(cpuSeconds: capacity * (0.1 + 1.1 * random.unit()) / demand)
    request.variation = 3 * random.unit()
    request.ioSeconds = random.chance(0.3) ? random.unit() : 0
    var scenario = Scenario(
      name: "random-\(seed)", durationSeconds: duration, request: request,
      demand: DemandModel(requestsPerSecond: demand), hosts: hosts, servers: servers)
    scenario.seed = seed
    scenario.intervalSeconds = interval
    scenario.demand.burst = random.chance(0.3) ? random.unit() : 0
    scenario.sampling = .random(&random)
    let draw = random.unit()
    scenario.daemons = draw < 0.15 ? .own : draw < 0.3 ? .peers : .one
    scenario.balancers = (1...Int.random(in: 1...3, using: &random)).map {
      number -> BalancerModel in
      var balancer = BalancerModel()
      balancer.name = BalancerName("lb\(number)")
      balancer.share = random.unit()
      let kind = random.unit()
      balancer.algorithm = kind <= 0.3 ? .leastconn : kind <= 0.6 ? .random : .roundrobin
      balancer.draws = kind <= 0.45 ? 2 : 4
      balancer.slowstartSeconds = random.chance(0.3) ? 60 * random.unit() : 0
      return balancer
    }
    let balancers = scenario.balancers.map(\.name)
    scenario.events = (0..<Int.random(in: 0...12, using: &random)).map { _ -> Event in
      var event = Event(
        atSeconds: duration * random.unit(),
        .random(servers.map(\.name), names, balancers, duration, &random))
      if random.chance(0.15) {
        event.repetition = Event.Repetition(
          everySeconds: interval * (0.5 + 3 * random.unit()),
          untilSeconds: duration * random.unit())
      }
      return event
    }.sorted { $0.atSeconds < $1.atSeconds }
    if scenario.daemons == .peers {
      // Drawn apart, too: all else of a case is as it would be without.
      var partitions = SeededRandom(seed: ~seed)
      scenario.addPartitions(&partitions)
    }
    // Drawn apart, so that a case is the same with them and without.
    if hasFaults {
      var faults = random.split()
      scenario.addFaults(&faults)
    }
    return scenario
  }
}

extension Scenario {
  /// Daemons that are cut off for a while, tell late, or begin anew.
  private mutating func addPartitions(_ random: inout SeededRandom) {
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      guard let balancer = balancers.map(\.name).randomElement(using: &random) else { continue }
      let start = durationSeconds * random.unit()
      var change = Event.DaemonChange()
      switch Int.random(in: 0...3, using: &random) {
      case 0: change.restarts = true
      case 1: change.toldLateSeconds = 3 * intervalSeconds * random.unit()
      default:
        change.isCut = true
        var end = Event.DaemonChange()
        end.isCut = false
        events.append(
          Event(
            atSeconds: start + (durationSeconds - start) * random.unit(), .daemon(balancer, end)))
      }
      events.append(Event(atSeconds: start, .daemon(balancer, change)))
    }
    events.sort { $0.atSeconds < $1.atSeconds }
  }
}

extension SeededRandom {
  /// True in this part of all cases.
  package mutating func chance(_ part: Double) -> Bool { unit() <= part }
}

extension SamplingModel {
  fileprivate static func random(_ random: inout SeededRandom) -> SamplingModel {
    var model = SamplingModel()
    model.housekeepingSeconds = random.chance(0.5) ? 1 : 0.5 + 20 * random.unit()
    model.jitter = random.unit()
    model.isDynamic = random.chance(0.7)
    model.lagSeconds = random.chance(0.3) ? 40 * random.unit() : 0
    model.clockOffsetSeconds = random.chance(0.3) ? 200 * (random.unit() - 0.5) : 0
    return model
  }
}

extension Event.Change {
  fileprivate static func random(
    _ servers: [ServerName], _ hosts: [HostName], _ balancers: [BalancerName], _ duration: Double,
    _ random: inout SeededRandom
  ) -> Event.Change {
    switch Int.random(in: 0...9, using: &random) {
    case 0: return .demand(factor: 2 * random.unit(), overSeconds: duration * random.unit() / 4)
    case 1: return .cost(factor: 0.3 + 2 * random.unit())
    case 2: return .failFast(random.chance(0.5) ? 0 : random.unit())
    case 3:
      return .reload(
        balancers.randomElement(using: &random) ?? "lb1", restoresCounters: false)
    case 4, 5:
      var change = Event.HostChange()
      change.neighbourCores = random.chance(0.4) ? 4 * random.unit() : nil
      change.cadvisorAnswers = random.chance(0.6) ? random.chance(0.5) : nil
      change.lagSeconds = random.chance(0.3) ? 60 * random.unit() : nil
      return .host(hosts.randomElement(using: &random) ?? "h1", change)
    default:
      var change = Event.ServerChange()
      let states: [ServerModel.State] = [.up, .up, .down, .drain]
      change.state = random.chance(0.4) ? states.randomElement(using: &random) : nil
      change.restarts = random.chance(0.2)
      change.costFactor = random.chance(0.2) ? 0.2 + 5 * random.unit() : nil
      change.quotaCores = random.chance(0.1) ? 0.1 + random.unit() : nil
      change.ioSeconds = random.chance(0.2) ? 10 * random.unit() : nil
      change.failFast = random.chance(0.2) ? (random.chance(0.5) ? 0 : random.unit()) : nil
      change.setWeight =
        random.chance(0.3) ? Weight(clamping: Int.random(in: 0...256, using: &random)) : nil
      return .server(servers.randomElement(using: &random) ?? "s1", change)
    }
  }
}
