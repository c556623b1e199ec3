package import Balancing
package import Control
import Synchronization

/// A small cluster in memory behind the control loop's ports: servers with a quota and a cost per
/// request, balancers that split the demand by weight, and an endpoint on each host.
///
/// What a server cannot answer waits for it. Time moves only by `advance`.
package final class FakeCluster: Sendable {
  package struct Server: Sendable {
    package var name: ServerName
    package var host: HostName
    package var quotaCores: Double
    package var costPerRequest: Double
    package var state = ServerState.up
    package var hasAgent = false
    package var cpuSeconds = 0.0
    /// A container that is paused or unseen gives no new samples.
    package var isFrozen = false
    package var isListed = true
    fileprivate var sample: CPUSample?

    package init(
      _ name: ServerName, host: HostName = "web1", quotaCores: Double, costPerRequest: Double = 0.01
    ) {
      self.name = name
      self.host = host
      self.quotaCores = quotaCores
      self.costPerRequest = costPerRequest
    }
  }

  package struct Balancing: Sendable {
    package var process = ProcessIdentity(pid: 100, startedAtSeconds: 1_000)
    package var isStopping = false
    package var weights: [ServerName: Weight] = [:]
    package var counters: [ServerName: RequestCounters] = [:]
    package var algorithm = BackendReading.Algorithm.dynamic(.rate)
    package var failure: PortFailure?
    package var writeFailure: PortFailure?
    package var replies: [ServerName: WriteOutcome] = [:]
    package var writes: [WeightWrite] = []
    package var lacksBackend = false
    /// Figures that cannot be, and are said all the same.
    package var disbeliefs: [ServerName: [Disbelief]] = [:]
    /// What it says of answers and of its queue, of every server.
    package var responseSeconds: Double?
    package var queued: Double?
    /// Requests per second.
    package var demand: Double
  }

  package struct State: Sendable {
    package var now = FakeCluster.start
    package var servers: [Server]
    package var balancers: [BalancerName: Balancing]
    package var endpointFailures: [HostName: PortFailure] = [:]
    package var hostCPUSeconds: [HostName: Double] = [:]
    package var neighbourCores: [HostName: Double] = [:]
    /// Containers on each host that do nothing.
    package var bystanders = 0
    /// The ids that each host was asked for, reading by reading; `nil` where all were.
    package var asked: [HostName: [Set<String>?]] = [:]
    /// Seconds by which the clocks of hosts are ahead.
    package var clocksAhead: [HostName: Double] = [:]
  }

  /// When its time begins.
  package static let start = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
  /// The only backend.
  package static let backend: BackendName = "shop"
  private let state: Mutex<State>
  private let coresPerHost: Double

  package init(
    servers: [Server], demand: [BalancerName: Double] = ["lb1": 100], coresPerHost: Double = 8
  ) {
    let weights = Dictionary(
      servers.map { ($0.name, Weight(clamping: 100)) }, uniquingKeysWith: { first, _ in first })
    state = Mutex(
      State(
        servers: servers,
        balancers: demand.mapValues { Balancing(weights: weights, demand: $0) }))
    self.coresPerHost = coresPerHost
    advance(by: 0)
  }

  package func change<Value: Sendable>(_ body: (inout sending State) -> sending Value) -> Value {
    state.withLock(body)
  }

  package var snapshot: State { state.withLock { $0 } }

  package func weight(_ server: ServerName, on balancer: BalancerName = "lb1") -> Int? {
    snapshot.balancers[balancer]?.weights[server]?.value
  }

  /// Sets weights as an operator would.
  package func setWeight(_ weight: Int, of server: ServerName, on balancer: BalancerName = "lb1") {
    change { $0.balancers[balancer]?.weights[server] = Weight(clamping: weight) }
  }

  /// Reloads a balancer: another process, the initial weights, counters from zero.
  package func reload(_ balancer: BalancerName = "lb1") {
    change { state in
      state.balancers[balancer]?.process.pid += 1
      state.balancers[balancer]?.counters = [:]
      for server in state.servers {
        state.balancers[balancer]?.weights[server.name] = Weight(clamping: 100)
      }
    }
  }

  /// Lets traffic flow for so many seconds.
  package func advance(by seconds: Double) {
    change { state in
      state.now = state.now.advanced(bySeconds: seconds)
      let serving = state.servers.filter { $0.state == .up }.map(\.name)
      for balancer in Array(state.balancers.keys) {
        state.balancers[balancer]?.take(seconds: seconds, serving: serving)
      }
      for index in state.servers.indices { state.work(index, seconds: seconds) }
      for index in state.servers.indices where !state.servers[index].isFrozen {
        state.servers[index].sample = CPUSample(
          timestamp: state.now,
          cpuNanoseconds: UInt64(max(0, state.servers[index].cpuSeconds) * 1e9))
      }
      for host in Set(state.servers.map(\.host)) {
        state.hostCPUSeconds[host, default: 0] += (state.neighbourCores[host] ?? 0) * seconds
      }
    }
  }

  /// The utilisation of each server that its quota and its share of the demand make.
  package var utilisations: [ServerName: Double] {
    let state = snapshot
    var result: [ServerName: Double] = [:]
    let serving = state.servers.filter { $0.state == .up }
    for server in serving {
      var requests = 0.0
      for balancer in state.balancers.values {
        let total = serving.reduce(0.0) { $0 + Double(balancer.weights[$1.name]?.value ?? 0) }
        let weight = Double(balancer.weights[server.name]?.value ?? 0)
        if total > 0 { requests += balancer.demand * weight / total }
      }
      result[server.name] = requests * server.costPerRequest / server.quotaCores
    }
    return result
  }

  /// Worst over mean of what is true now.
  package var spread: Double {
    let values = utilisations.values
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    return mean > 0 ? (values.max() ?? 0) / mean : 1
  }
}

extension FakeCluster {
  package var endpoints: [any LoadSource] {
    Set(snapshot.servers.map(\.host)).sorted().map { Endpoint(cluster: self, host: $0) }
  }

  package var loadBalancers: [any Balancer] {
    snapshot.balancers.keys.sorted().map { FakeBalancer(cluster: self, name: $0) }
  }

  package func settings(
    interval: Duration = .seconds(10), mode: BackendSettings.Mode = .control,
    strategy: BackendSettings.StrategyKind = .capacity
  ) -> ControlSettings {
    ControlSettings(
      interval: interval,
      backends: [
        BackendSettings(
          name: Self.backend, balancers: snapshot.balancers.keys.sorted(),
          matching: MatchingRules(pattern: AnyName()), strategy: strategy, mode: mode)
      ])
  }

  package func controller(
    _ settings: ControlSettings? = nil, state: FleetState = FleetState(),
    samples: SampleStore.Contents = .init(), learned: LearnedFleet = LearnedFleet()
  ) -> FleetController {
    FleetController(
      settings: settings ?? self.settings(), endpoints: endpoints, balancers: loadBalancers,
      state: state, samples: samples, learned: learned, clock: ManualClock(),
      now: { self.snapshot.now })
  }

  /// Runs ticks an interval apart.
  @discardableResult
  package func run(_ controller: inout FleetController, ticks: Int) async -> [TickReport] {
    var reports: [TickReport] = []
    for _ in 0..<ticks {
      reports.append(await controller.tick())
      advance(by: 10)
    }
    return reports
  }

  private struct Endpoint: LoadSource {
    let cluster: FakeCluster
    let host: HostName
    var name: EndpointName { EndpointName("http://\(host):8080") }

    func read() async throws(PortFailure) -> HostReading {
      cluster.change { $0.asked[host, default: []].append(nil) }
      return try answer()
    }

    func read(only containers: Set<String>) async throws(PortFailure) -> HostReading {
      cluster.change { $0.asked[host, default: []].append(containers) }
      var reading = try answer()
      let all = reading.containers
      reading.containers.removeAll { !containers.contains($0.id) }
      if reading.containers.count < containers.count {
        reading.containers = all
      } else {
        reading.others = all.count - containers.count
      }
      return reading
    }

    private func answer() throws(PortFailure) -> HostReading {
      let state = cluster.snapshot
      if let failure = state.endpointFailures[host] { throw failure }
      let own = state.servers.filter { $0.host == host && $0.isListed }
      let used = own.reduce(state.hostCPUSeconds[host] ?? 0) { $0 + $1.cpuSeconds }
      let ahead = state.clocksAhead[host] ?? 0
      let now = state.now.advanced(bySeconds: ahead)
      return HostReading(
        answeredAt: now, cores: cluster.coresPerHost,
        hostSample: CPUSample(timestamp: now, cpuNanoseconds: UInt64(used * 1e9)),
        containers: own.map {
          ContainerReading(
            id: "/docker/\($0.name)", aliases: [$0.name.text], labels: [:],
            sample: $0.sample.map {
              CPUSample(
                timestamp: $0.timestamp.advanced(bySeconds: ahead),
                cpuNanoseconds: $0.cpuNanoseconds)
            },
            quotaCores: $0.quotaCores)
        }
          + (0..<state.bystanders).map {
            ContainerReading(
              id: "/docker/bystander-\($0)", aliases: ["bystander-\($0)"], labels: [:],
              sample: CPUSample(timestamp: now, cpuNanoseconds: 0), quotaCores: nil)
          })
    }
  }

  private struct FakeBalancer: Balancer {
    let cluster: FakeCluster
    let name: BalancerName

    func read(_ backends: [BackendName]) async throws(PortFailure) -> BalancerReading {
      let state = cluster.snapshot
      guard let entry = state.balancers[name] else {
        throw PortFailure(.unreachable, "\(name): gone")
      }
      if let failure = entry.failure { throw failure }
      let servers = state.servers.map { server in
        ServerReading(
          name: server.name, state: server.state,
          weight: entry.weights[server.name] ?? Weight(clamping: 0),
          initialWeight: Weight(clamping: 100), hasAgent: server.hasAgent,
          requests: entry.counters[server.name]
            ?? RequestCounters(arrived: 0, done: 0, inFlight: 0),
          disbeliefs: entry.disbeliefs[server.name] ?? [], queued: entry.queued,
          responseSeconds: entry.responseSeconds)
      }
      let reading = BackendReading(
        algorithm: entry.algorithm, algorithmName: "roundrobin", servers: servers)
      return BalancerReading(
        process: entry.process, isStopping: entry.isStopping,
        backends: entry.lacksBackend ? [:] : [FakeCluster.backend: reading])
    }

    func write(_ writes: [WeightWrite], to process: ProcessIdentity) async throws(PortFailure)
      -> [WriteOutcome]
    {
      let failure = cluster.snapshot.balancers[name]?.writeFailure
      if let failure { throw failure }
      return cluster.change { state in
        guard var entry = state.balancers[name], entry.process == process else {
          return writes.map { _ in .processChanged }
        }
        defer { state.balancers[name] = entry }
        return writes.map { write in
          if let reply = entry.replies[write.server] { return reply }
          entry.weights[write.server] = write.weight
          entry.writes.append(write)
          return .written
        }
      }
    }
  }
}

/// Matches every name.
package struct AnyName: NamePattern {
  package let source = ".*"

  package init() {}

  package func groups(atStartOf name: String) -> [String?]? { [name] }
}

extension FakeCluster.Balancing {
  /// Hands the demand of so many seconds to the servers, by weight.
  fileprivate mutating func take(seconds: Double, serving: [ServerName]) {
    let total = serving.reduce(0.0) { $0 + Double(weights[$1]?.value ?? 0) }
    guard total > 0 else { return }
    for server in serving {
      let requests = demand * seconds * Double(weights[server]?.value ?? 0) / total
      counters[server, default: .init(arrived: 0, done: 0, inFlight: 0)].arrived += requests
      counters[server, default: .init(arrived: 0, done: 0, inFlight: 0)].inFlight += requests
    }
  }
}

extension FakeCluster.State {
  /// Lets one server answer what waits for it, as far as its quota goes.
  fileprivate mutating func work(_ index: Int, seconds: Double) {
    let server = servers[index]
    let waiting = balancers.values.reduce(0.0) { $0 + ($1.counters[server.name]?.inFlight ?? 0) }
    let able = server.quotaCores * seconds / server.costPerRequest
    guard waiting > 0 else { return }
    servers[index].cpuSeconds += min(waiting, able) * server.costPerRequest
    for balancer in Array(balancers.keys) {
      guard var counters = balancers[balancer]?.counters[server.name] else { continue }
      let answered = counters.inFlight * min(1, able / waiting)
      counters.done += answered
      counters.inFlight -= answered
      balancers[balancer]?.counters[server.name] = counters
    }
  }
}
