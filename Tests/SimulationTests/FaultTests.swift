import Balancing
import Control
import Testing

@testable import Simulation

/// That each fault shows at the ports as the table for authors says.
struct FaultTests {
  // MARK: CPU counters

  /// One container that uses half a core all the time, and is read every second.
  private static func steady(_ events: String) throws -> Cluster {
    try cluster(
      events, servers: #"[{"name": "s1", "host": "h1", "base_cpu": 0.5}]"#,
      demand: #"{"rps": 0.001}"#)
  }

  private static func cluster(
    _ events: String, servers: String, demand: String, more: String = ""
  ) throws -> Cluster {
    let text = ScenarioText.small(
      #", "cadvisor": {"jitter": 0, "dynamic": false}, "events": [\#(events)]"# + more,
      request: #"{"cpu": 0.02, "cv": 0}"#, demand: demand, servers: servers)
    return Cluster(try ScenarioText.parse(text), seed: 1)
  }

  /// CPU seconds that the container's and the machine's sample show, and how old they are.
  private func shown(_ cluster: Cluster, at seconds: Double) async throws -> [Double?] {
    cluster.advance(to: seconds)
    let reading = try await #require(cluster.endpoints.first).read()
    return [reading.containers.first?.sample, reading.hostSample].map { sample in
      sample.map { sample in
        #expect(cluster.now.seconds(since: sample.timestamp) <= 1, "at \(seconds) s")
        return Double(sample.cpuNanoseconds) / 1e9
      }
    }
  }

  private func container(_ cluster: Cluster, at seconds: Double) async throws -> Double? {
    try await shown(cluster, at: seconds)[0]
  }

  private func isAbout(_ value: Double?, _ expected: Double) -> Bool {
    value.map { abs($0 - expected) <= 0.6 } ?? false
  }

  @Test func `a frozen counter stands still under fresh timestamps, and is then where it would be`()
    async throws
  {
    let cluster = try Self.steady(#"{"at": 20, "server": "s1", "counter": "frozen", "for": 30}"#)
    #expect(isAbout(try await container(cluster, at: 19), 9.5))
    let before = try await container(cluster, at: 25)
    #expect(isAbout(before, 10))
    #expect(try await container(cluster, at: 49) == before)
    #expect(isAbout(try await container(cluster, at: 60), 30))
  }

  @Test func `without an end it stands still until it is right again`() async throws {
    let cluster = try Self.steady(
      #"{"at": 20, "server": "s1", "counter": "frozen"}, {"at": 200, "server": "s1", "counter": "right"}"#
    )
    let before = try await container(cluster, at: 25)
    #expect(try await container(cluster, at: 199) == before)
    #expect(isAbout(try await container(cluster, at: 210), 105))
  }

  @Test func `a zero counter shows 0, and a missing one nothing`() async throws {
    let cluster = try Self.steady(
      #"""
      {"at": 20, "server": "s1", "counter": "zero", "for": 20},
      {"at": 60, "server": "s1", "counter": "missing", "for": 20}
      """#)
    #expect(try await container(cluster, at: 30) == 0)
    #expect(isAbout(try await container(cluster, at: 50), 25))
    #expect(try await container(cluster, at: 70) == nil)
    #expect(isAbout(try await container(cluster, at: 90), 45))
  }

  @Test func `a slow counter shows a part of what is used, and goes on from there`() async throws {
    let cluster = try Self.steady(
      #"{"at": 20, "server": "s1", "counter": "slow", "part": 0.1, "for": 100}"#)
    #expect(isAbout(try await container(cluster, at: 70), 12.5))
    #expect(isAbout(try await container(cluster, at: 119), 15))
    #expect(isAbout(try await container(cluster, at: 160), 35))
  }

  @Test(arguments: [
    (#""counter": "spike""#, 1e9 + 10), (#""counter": "spike", "by": 20"#, 30),
    (#""counter": "fall""#, 0),
  ])
  func `one sample is wrong, and the next is right`(keys: String, wrong: Double) async throws {
    let cluster = try Self.steady(#"{"at": 20.001, "server": "s1", \#(keys)}"#)
    var far: [Double] = []
    for second in 15...30 {
      let shown = try #require(try await container(cluster, at: Double(second) + 0.999))
      if abs(shown - Double(second) / 2) > 2 { far.append(shown) }
    }
    #expect(far.count == 1)
    #expect(isAbout(far.first, wrong))
  }

  @Test func `a host's event is of all its containers, and the machine's counter its own`()
    async throws
  {
    let cluster = try Self.steady(
      #"""
      {"at": 20, "host": "h1", "counter": "frozen"},
      {"at": 60, "host": "h1", "counter": "right", "machine_counter": "zero", "for": 20}
      """#)
    let early = try await shown(cluster, at: 30)
    #expect(isAbout(early[0], 10) && isAbout(early[1], 15))
    let late = try await shown(cluster, at: 70)
    #expect(isAbout(late[0], 35) && late[1] == 0)
    #expect(isAbout(try await shown(cluster, at: 90)[1], 45))
  }

  @Test func `a container that restarts does not free a frozen counter`() async throws {
    let cluster = try Self.steady(
      #"{"at": 20, "server": "s1", "counter": "frozen"}, {"at": 30, "server": "s1", "restart": true}"#
    )
    let before = try await container(cluster, at: 25)
    #expect(try await container(cluster, at: 40) == before)
  }

  // MARK: HAProxy's counters

  private static let pair = #"[{"name": "s1", "host": "h1"}, {"name": "s2", "host": "h1"}]"#

  private func servers(_ cluster: Cluster, at seconds: Double) async throws -> [ServerReading] {
    cluster.advance(to: seconds)
    let reading = try await #require(cluster.balancers.first).read([Cluster.backend])
    return try #require(reading.backends.values.first).servers
  }

  @Test func `a reload may restore the counters, and takes the weights all the same`() async throws
  {
    let cluster = try Self.cluster(
      #"""
      {"at": 50, "server": "s1", "set_weight": 50}, {"at": 100, "reload": "lb1", "restored": true},
      {"at": 200, "reload": "lb1"}
      """#, servers: Self.pair, demand: #"{"rps": 50}"#)
    let before = try await servers(cluster, at: 99.9).map(\.requests.arrived)
    let restored = try await servers(cluster, at: 100.1)
    #expect(restored.map(\.weight.value) == [100, 100])
    for (now, before) in zip(restored, before) { #expect(now.requests.arrived >= before) }
    let anew = try await servers(cluster, at: 200.1)
    #expect(anew.allSatisfy { $0.requests.arrived < 20 })
  }

  @Test func `one server's counters begin anew, and the others' go on`() async throws {
    let cluster = try Self.cluster(
      #"{"at": 100, "server": "s1", "reset_counters": true}"#, servers: Self.pair,
      demand: #"{"rps": 50}"#)
    let counters = try await servers(cluster, at: 101).map(\.requests.arrived)
    #expect(counters[0] < 100 && counters[1] > 2000)
  }

  @Test func `a gauge shows what cannot be for a while`() async throws {
    let cluster = try Self.cluster(
      #"{"at": 100, "server": "s1", "in_flight": 4294967295, "for": 50}"#, servers: Self.pair,
      demand: #"{"rps": 50}"#)
    let wrong = try await servers(cluster, at: 149).map(\.requests.inFlight)
    #expect(wrong[0] == 4_294_967_295 && wrong[1] < 50)
    #expect(try await servers(cluster, at: 151)[0].requests.inFlight < 50)
  }

  // MARK: Traffic and limits

  @Test func `pinned requests go where they went first, whatever the weights`() async throws {
    let cluster = try Self.cluster(
      #"{"at": 100, "server": "s1", "set_weight": 1}"#, servers: Self.pair,
      demand: #"{"rps": 200, "pinned": 0.8, "clients": 10}"#)
    let middle = try await servers(cluster, at: 100).map(\.requests.arrived)
    let share = middle[0] / (middle[0] + middle[1])
    let end = try await servers(cluster, at: 300).map(\.requests.arrived)
    let later = (end[0] - middle[0]) / (end[0] - middle[0] + end[1] - middle[1])
    // What has no cookie follows the weights, and was halved before.
    #expect(abs(later - (share - 0.1)) < 0.03)
  }

  @Test func `the pinned leave a server that is down, and no two clients are alike`() async throws {
    let cluster = try Self.cluster(
      #"{"at": 100, "server": "s1", "state": "down"}, {"at": 200, "server": "s1", "state": "up"}"#,
      servers: Self.pair, demand: #"{"rps": 200, "pinned": 1, "clients": 10}"#)
    let start = try await servers(cluster, at: 100).map(\.requests.arrived)
    #expect(abs(start[0] - start[1]) > 0.04 * (start[0] + start[1]))
    _ = try await servers(cluster, at: 200)
    let end = try await servers(cluster, at: 300).map(\.requests.arrived)
    #expect(end[0] == start[0])
  }

  @Test func `a slice limits what its servers have together, and no cAdvisor tells`() async throws {
    let cluster = try Self.cluster(
      #"{"at": 150, "slice": "pod", "quota": 0.5}"#,
      servers: #"""
        [{"name": "s1", "host": "h1", "slice": "pod"}, {"name": "s2", "host": "h1", "slice": "pod"},
         {"name": "s3", "host": "h1"}]
        """#, demand: #"{"rps": 300}"#, more: #", "slices": [{"name": "pod", "quota": 1}]"#)
    func used(_ from: Double, _ to: Double) async throws -> [Double] {
      var totals: [[Double]] = []
      for time in [from, to] {
        cluster.advance(to: time)
        let reading = try await #require(cluster.endpoints.first).read()
        #expect(reading.containers.allSatisfy { $0.quotaCores == nil })
        totals.append(reading.containers.map { Double($0.sample?.cpuNanoseconds ?? 0) / 1e9 })
      }
      return zip(totals[0], totals[1]).map { ($1 - $0) / (to - from) }
    }
    // Each gets 2 cores' worth of requests.
    let before = try await used(50, 149)
    #expect(abs(before[0] + before[1] - 1) < 0.05 && before[2] > 1.8)
    let after = try await used(160, 290)
    #expect(abs(after[0] + after[1] - 0.5) < 0.05 && after[2] > 1.8)
    #expect(cluster.written.seconds.last.map { $0.utilisation[0] > 0.95 } == true)
  }

  @Test func `two backends over the same containers are two to the daemon`() async throws {
    let text = ScenarioText.small(
      #"""
      , "balancers": [{"name": "lb1", "backend": "web", "share": 1},
        {"name": "lb2", "backend": "api", "share": 3, "cost_factor": 2}]
      """#)
    let scenario = try ScenarioText.parse(text)
    let log = RunLog()
    _ = await SimulationRun(scenario: scenario, strategy: .capacity, seed: 1).run(log: log)
    let daemon = try #require(log.daemons.first)
    #expect(log.daemons.count == 1)
    #expect(daemon.settings.backends.map(\.name) == ["web", "api"])
    #expect(daemon.settings.backends.map(\.balancers) == [["lb1"], ["lb2"]])
    let demand = try #require(daemon.reports.last).snapshot.backends.map(\.demandPerSecond)
    #expect(demand.count == 2)
    #expect(try #require(demand[1]) > 2 * (try #require(demand[0])))
  }

  @Test func `a balancer's part of the demand changes, and a balancer without one has none`()
    async throws
  {
    let cluster = try Self.cluster(
      #"{"at": 100, "balancer": "lb1", "share": 0}, {"at": 200, "balancer": "lb2", "share": 0}"#,
      servers: Self.pair, demand: #"{"rps": 100}"#,
      more: #", "balancers": [{"name": "lb1"}, {"name": "lb2"}]"#)
    var counts: [[Double]] = []
    for time in [100.0, 200, 299] {
      cluster.advance(to: time)
      var arrived: [Double] = []
      for balancer in cluster.balancers {
        let servers = try await balancer.read([]).backends.values.flatMap(\.servers)
        arrived.append(servers.reduce(0) { $0 + $1.requests.arrived })
      }
      counts.append(arrived)
    }
    #expect(abs(counts[0][0] - counts[0][1]) < 500)
    #expect(counts[1][0] == counts[0][0] && counts[1][1] > counts[0][1] + 9000)
    // Without any share the demand is the last one's.
    #expect(counts[2][0] == counts[0][0])
  }

  @Test func `a write to another backend than the balancer's finds no server`() async throws {
    let cluster = try Self.cluster("", servers: Self.pair, demand: #"{"rps": 1}"#)
    let balancer = try #require(cluster.balancers.first)
    let process = try await balancer.read([]).process
    func write(to backend: BackendName) async throws -> [WriteOutcome] {
      try await balancer.write(
        [WeightWrite(backend: backend, server: "s1", weight: Weight(clamping: 7))], to: process)
    }
    #expect(try await write(to: "other") == [.serverGone])
    #expect(try await write(to: Cluster.backend) == [.written])
  }
}
