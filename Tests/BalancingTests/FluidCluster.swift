import Balancing

/// Servers as a fluid: requests flow in by weight, and out as fast as quotas allow. No randomness.
struct FluidCluster {
  struct Server {
    var name: ServerName
    var host: HostName = "h1"
    var cost: Double
    var quota: Double?
    var state = ServerState.up
    var weight = 100
    /// Requests in the queue.
    var queue = 0.0
    var arrived = 0.0
    var done = 0.0
    /// Attempts that went wrong, told with an answer.
    var failed = 0.0
    var cpuSeconds = 0.0
    var id = "first"
    /// The counter's clock ticks of the last minutes.
    var samples: [CPUSample] = []
    var isHeld = false
    /// Part of the requests that fail at once, without CPU.
    var failing = 0.0
    /// Part of its CPU use that its counter shows.
    var shown = 1.0
    /// The quota that is told, where it is not the one that holds.
    var told: Double?
    /// Requests a second that come to it whatever its weight.
    var pinned = 0.0
  }

  struct Host {
    var cores: Double
    var neighbours = 0.0
    var cpuSeconds = 0.0
    var samples: [CPUSample] = []
    var clockOffset = 0.0
    /// Part of its CPU use that its counter shows.
    var shown = 1.0
  }

  var servers: [Server]
  var hosts: [HostName: Host]
  /// Requests a second.
  var demand: Double
  var interval = 10.0
  var discipline = BackendObservation.Discipline.rate
  /// Seconds since 2020 or so.
  private(set) var seconds = 1_600_000_000.0
  var lastWrite: Timestamp?
  var weightsAreOurs = true
  /// Whether samples are taken of containers.
  var samplesAreTaken = true

  var now: Timestamp { Timestamp(nanoseconds: Int64((seconds * 1e9).rounded())) }

  init(quotas: [Double], cost: Double = 0.005, load: Double, hostCores: Double = 4) {
    servers = quotas.enumerated().map { index, quota in
      Server(name: ServerName("s\(index + 1)"), cost: cost, quota: quota)
    }
    hosts = ["h1": Host(cores: hostCores)]
    demand = quotas.reduce(0, +) / cost * load
  }

  private var serving: Double {
    servers.reduce(0) { $0 + ($1.state == .up ? Double($1.weight) : 0) }
  }

  /// Requests a second that a server is sent.
  func rate(_ server: Server) -> Double {
    guard server.state == .up, serving > 0 else { return 0 }
    let free = demand - servers.reduce(0) { $0 + $1.pinned }
    return free * Double(server.weight) / serving + server.pinned
  }

  /// Utilisation that each server would have without a queue.
  var utilisations: [Double] {
    servers.map { rate($0) * $0.cost / ($0.quota ?? hosts[$0.host]?.cores ?? 1) }
  }

  /// Worst over mean of those that are up.
  var spread: Double {
    let up = zip(servers, utilisations).filter { $0.0.state == .up }.map(\.1)
    return (up.max() ?? 0) / (up.reduce(0, +) / Double(up.count))
  }

  /// Time goes by in which nothing flows.
  mutating func pass(_ duration: Double) { seconds += duration }

  mutating func run(_ duration: Double) {
    seconds += duration
    var used: [HostName: Double] = [:]
    for index in servers.indices {
      let incoming = rate(servers[index]) * duration
      let failed = incoming * servers[index].failing
      let limit = (servers[index].quota ?? hosts[servers[index].host]?.cores ?? 1) * duration
      let most = limit / servers[index].cost
      let served = min(servers[index].queue + incoming - failed, most)
      servers[index].arrived += incoming
      servers[index].queue += incoming - failed - served
      servers[index].done += served
      servers[index].cpuSeconds += served * servers[index].cost * servers[index].shown
      used[servers[index].host, default: 0] += served * servers[index].cost
    }
    for name in hosts.keys {
      let others = (hosts[name]?.neighbours ?? 0) * duration
      let shown = hosts[name]?.shown ?? 1
      hosts[name]?.cpuSeconds += ((used[name] ?? 0) + others) * shown
    }
  }

  /// Takes a sample of everything.
  mutating func sample() {
    for index in servers.indices where samplesAreTaken {
      let offset = hosts[servers[index].host]?.clockOffset ?? 0
      servers[index].samples.append(
        CPUSample(
          timestamp: now.advanced(bySeconds: offset),
          cpuNanoseconds: UInt64((servers[index].cpuSeconds * 1e9).rounded())))
      servers[index].samples = servers[index].samples.suffix(120)
    }
    for name in hosts.keys {
      guard var host = hosts[name] else { continue }
      host.samples.append(
        CPUSample(
          timestamp: now.advanced(bySeconds: host.clockOffset),
          cpuNanoseconds: UInt64((host.cpuSeconds * 1e9).rounded())))
      host.samples = host.samples.suffix(120)
      hosts[name] = host
    }
  }

  func observation() -> BackendObservation {
    let sum = serving
    var observation = BackendObservation(
      now: now, intervalSeconds: interval, discipline: discipline,
      servers: servers.map { server in
        ServerObservation(
          name: server.name, state: server.state, isHeld: server.isHeld,
          share: server.state == .up && sum > 0 ? Double(server.weight) / sum : 0,
          weightIsOurs: weightsAreOurs,
          requests: RequestCounters(
            arrived: server.arrived, done: server.done, failed: server.failed,
            inFlight: server.queue),
          container: ContainerObservation(
            host: server.host, id: server.id, samples: server.samples,
            toldCores: server.told ?? server.quota))
      },
      hosts: hosts.mapValues {
        HostObservation(cores: $0.cores, samples: $0.samples, clockOffsetSeconds: $0.clockOffset)
      },
      lastWrite: lastWrite)
    observation.watchSeconds = observation.intervalSeconds / 5
    return observation
  }

  /// An interval goes by, a strategy looks and its weights are written.
  ///
  /// - Returns: the plan, and how many weights were written.
  @discardableResult
  mutating func tick(_ strategy: inout some Planning) -> (plan: Plan, writes: Int) {
    run(interval)
    sample()
    let plan = strategy.plan(for: observation())
    return (plan, write(plan))
  }

  /// - Returns: how many weights were written.
  mutating func write(_ plan: Plan) -> Int {
    let standing = Dictionary(
      uniqueKeysWithValues: servers.map { ($0.name, Weight(clamping: $0.weight)) })
    let weights = plan.weights(standing: standing, bounds: .standard)
    var writes = 0
    for index in servers.indices {
      guard let weight = weights[servers[index].name], weight.value != servers[index].weight else {
        continue
      }
      servers[index].weight = weight.value
      writes += 1
    }
    if writes > 0 {
      lastWrite = now.advanced(bySeconds: 0.01)
      weightsAreOurs = true
    }
    return writes
  }
}

extension Plan {
  func server(_ name: ServerName) -> ServerPlan? { servers.first { $0.name == name } }

  /// The shares wanted, where there are any.
  var shares: [ServerName: Double] {
    var shares: [ServerName: Double] = [:]
    for server in servers {
      if case .share(let share) = server.target { shares[server.name] = share }
    }
    return shares
  }

  /// Every number in it.
  var numbers: [Double] {
    servers.flatMap { server -> [Double] in
      var numbers = [server.costPerRequest, server.cpuCores, server.utilisation?.value]
        .compactMap(\.self)
      switch server.target {
      case .share(let share): numbers.append(share)
      case .reduce(let factor, .queue(let inFlight)): numbers += [factor, inFlight]
      case .reduce(let factor, .returning): numbers.append(factor)
      case .keep(.stale(let age)): numbers += [age].compactMap(\.self)
      case .keep: break
      }
      return numbers
    } + [demandPerSecond, levelAimedAt].compactMap(\.self)
  }
}
