import Balancing
import Control
import TestSupport
import Testing

@Suite struct FleetControllerTests {
  /// Six servers of unequal power behind equal weights, at 60 % of what they can do together.
  private static func unequal(demand: [BalancerName: Double] = ["lb1": 84]) -> FakeCluster {
    FakeCluster(
      servers: [0.08, 0.12, 0.16, 0.24, 0.32, 0.48].enumerated().map { index, quota in
        FakeCluster.Server(
          ServerName("shop-\(index + 1)"), host: HostName("web\(index % 2 + 1)"),
          quotaCores: quota)
      }, demand: demand)
  }

  private static func events(_ reports: [TickReport]) -> [ControlEvent] {
    reports.flatMap(\.events)
  }

  private static func isWrite(_ event: ControlEvent) -> Bool {
    if case .weightChanged = event { true } else { false }
  }

  @Test(arguments: [(BackendSettings.StrategyKind.capacity, 6), (.halfway, 20)])
  func `servers of unequal power become equally loaded, and then nothing is written`(
    strategy: BackendSettings.StrategyKind, ticks: Int
  ) async {
    let cluster = Self.unequal()
    #expect(cluster.spread > 1.5)
    var controller = cluster.controller(cluster.settings(strategy: strategy))
    await cluster.run(&controller, ticks: ticks)
    #expect(cluster.spread < 1.1)
    let calm = await cluster.run(&controller, ticks: 5)
    #expect(!Self.events(calm).contains(where: Self.isWrite))
  }

  @Test func `a backend on two balancers is levelled by the sum of its demand`() async {
    let cluster = Self.unequal(demand: ["lb1": 60, "lb2": 24])
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 8)
    #expect(cluster.spread < 1.1)
    let state = cluster.snapshot
    #expect(state.balancers["lb1"]?.weights == state.balancers["lb2"]?.weights)
  }

  @Test func `a balancer that is only read gets no weight`() async {
    let cluster = Self.unequal(demand: ["lb1": 60, "lb2": 24])
    var settings = cluster.settings()
    settings.readOnlyBalancers = ["lb2"]
    var controller = cluster.controller(settings)
    await cluster.run(&controller, ticks: 8)
    #expect(cluster.snapshot.balancers["lb1"]?.writes.isEmpty == false)
    #expect(cluster.snapshot.balancers["lb2"]?.writes.isEmpty == true)
  }

  @Test func `what another evenkeel writes to a balancer that is only read disturbs nobody`() async
  {
    let cluster = Self.unequal(demand: ["lb1": 60, "lb2": 24])
    var settings = cluster.settings()
    settings.readOnlyBalancers = ["lb2"]
    var controller = cluster.controller(settings)
    var reports: [TickReport] = []
    for tick in 0..<10 {
      cluster.setWeight(50 + tick, of: "shop-6", on: "lb2")
      reports += await cluster.run(&controller, ticks: 1)
    }
    #expect(
      !Self.events(reports).contains {
        switch $0 {
        case .changedByOthers, .contested: true
        default: false
        }
      })
    #expect(
      reports.allSatisfy { $0.snapshot.backends[0].changes.allSatisfy { $0.balancer == "lb1" } })
  }

  @Test func `a figure that cannot be is said once, with its server and the cure`() async {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 8)
    let odd = Disbelief(.currentSessions, value: 4_294_967_295)
    cluster.change { $0.balancers["lb1"]?.disbeliefs["shop-2"] = [odd] }
    let reports = await cluster.run(&controller, ticks: 6)
    let said = Self.events(reports).filter {
      if case .figureDisbelieved = $0 { true } else { false }
    }
    #expect(said == [.figureDisbelieved("shop", "shop-2", "lb1", odd)])
    #expect(said[0].description.contains("shop/shop-2 on lb1"))
    #expect(said[0].description.contains("4294967295 current sessions"))
    #expect(said[0].description.contains("restart HAProxy"))
    #expect(reports.allSatisfy { $0.nextTick == .usual })
    #expect(cluster.spread < 1.1)
  }

  @Test func `a server's own reset leaves the others' costs and demand as they are`() async throws {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 12)
    let before = try #require(controller.learned.backends["shop"])
    let weights = cluster.snapshot.balancers["lb1"]?.weights
    cluster.change { state in
      let counters = RequestCounters(arrived: 0, done: 0, inFlight: 0)
      state.balancers["lb1"]?.counters["shop-2"] = counters
    }
    let reports = await cluster.run(&controller, ticks: 3)
    let demands = reports.compactMap { $0.snapshot.backends[0].demandPerSecond }
    #expect(demands.allSatisfy { $0 <= 84.01 })
    #expect(abs((demands.last ?? 0) - 84) < 1)
    #expect(cluster.snapshot.balancers["lb1"]?.weights == weights)
    let after = try #require(controller.learned.backends["shop"])
    #expect(after.count == before.count)
  }

  @Test func `a server in maintenance on one of two balancers is steered on the other`() {
    let readings = ["lb1", "lb2"].map { name -> (balancer: BalancerName, backend: BackendReading) in
      let server = ServerReading(
        name: "s1", state: name == "lb1" ? .maintenance : .up, weight: Weight(clamping: 100),
        initialWeight: Weight(clamping: 100),
        requests: RequestCounters(arrived: 0, done: 0, inFlight: 0))
      return (
        BalancerName(name),
        BackendReading(algorithm: .dynamic(.rate), algorithmName: "roundrobin", servers: [server])
      )
    }
    #expect(BackendServers(readings).servers.map(\.state) == [.up])
  }

  @Test func `observing shows what it would set and writes nothing`() async throws {
    let cluster = Self.unequal()
    var controller = cluster.controller(cluster.settings(mode: .observe))
    let reports = await cluster.run(&controller, ticks: 5)
    #expect(cluster.snapshot.balancers["lb1"]?.writes.isEmpty == true)
    let backend = try #require(reports.last?.snapshot.backends.first)
    #expect(!backend.changes.isEmpty)
    #expect(!Self.events(reports).contains(where: Self.isWrite))
  }

  @Test(arguments: [
    ServerState.drain, .maintenance, .down, .zeroWeight, .unresolved, .backup, .ramping,
  ])
  func `a server that HAProxy does not use by its weight keeps it`(state: ServerState) async {
    let cluster = Self.unequal()
    cluster.change { $0.servers[5].state = state }
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 8)
    #expect(cluster.weight("shop-6") == 100)
    #expect(cluster.spread < 1.1)
  }

  @Test func `a reload is answered at the next tick with the learned weights`() async {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    let learned = cluster.snapshot.balancers["lb1"]?.weights
    cluster.reload()
    cluster.advance(by: 10)
    let reports = await cluster.run(&controller, ticks: 1)
    #expect(Self.events(reports).contains(.balancerReloaded("lb1")))
    // What piled up meanwhile is looked at soon.
    #expect(reports.last?.nextTick == .quick)
    #expect(cluster.snapshot.balancers["lb1"]?.weights == learned)
    #expect(
      Self.events(reports).contains {
        if case .weightChanged(let change) = $0 { change.reason == .restored } else { false }
      })
    #expect(cluster.spread < 1.1)
  }

  @Test func `between two ticks a new process is seen, and nothing else`() async {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    #expect(await !controller.hasNewProcess())
    await cluster.run(&controller, ticks: 2)
    #expect(await !controller.hasNewProcess())
    cluster.reload()
    #expect(await controller.hasNewProcess())
    #expect(await controller.hasNewProcess())
    await cluster.run(&controller, ticks: 1)
    #expect(await !controller.hasNewProcess())
  }

  @Test func `a server in drain at the reload gets its weight back when it returns`() async {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    let learned = cluster.weight("shop-6")
    cluster.reload()
    cluster.change { $0.servers[5].state = .drain }
    cluster.advance(by: 10)
    await cluster.run(&controller, ticks: 2)
    #expect(cluster.weight("shop-6") == 100)
    cluster.change { $0.servers[5].state = .up }
    await cluster.run(&controller, ticks: 1)
    #expect(learned != 100 && cluster.weight("shop-6") != 100)
  }

  @Test func `a process on its way out is never written to`() async {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 2)
    let before = cluster.snapshot.balancers["lb1"]?.writes.count
    cluster.change { $0.balancers["lb1"]?.isStopping = true }
    let reports = await cluster.run(&controller, ticks: 3)
    #expect(cluster.snapshot.balancers["lb1"]?.writes.count == before)
    let lost = Self.events(reports).filter {
      if case .balancerLost = $0 { true } else { false }
    }
    #expect(lost.count == 1)
  }

  @Test func `a silent cAdvisor holds its own servers and is said once, and once when it is back`()
    async
  {
    let cluster = FakeCluster(
      servers: (1...6).map {
        FakeCluster.Server(
          ServerName("shop-\($0)"), host: HostName($0 == 1 ? "web2" : "web1"),
          quotaCores: Double($0) * 0.1)
      }, demand: ["lb1": 120])
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    let failure = PortFailure(.unreachable, "web2: refused")
    cluster.change { $0.endpointFailures["web2"] = failure }
    // Older than a rate may be, so that the silence counts.
    let silent = await cluster.run(&controller, ticks: 8)
    let held = cluster.weight("shop-1")
    cluster.change { $0.servers[2].costPerRequest = 0.02 }
    let more = await cluster.run(&controller, ticks: 6)
    #expect(cluster.weight("shop-1") == held)
    #expect(Self.events(more).contains(where: Self.isWrite))
    cluster.change { $0.endpointFailures["web2"] = nil }
    let back = await cluster.run(&controller, ticks: 4)
    let said = Self.events(silent + more + back)
    #expect(said.filter { $0 == .endpointLost("http://web2:8080", failure) }.count == 1)
    #expect(said.filter { $0 == .endpointBack("http://web2:8080") }.count == 1)
    #expect(
      said.contains { if case .serverHolds("shop", "shop-1", _) = $0 { true } else { false } })
    #expect(said.contains(.serverLive("shop", "shop-1")))
  }

  @Test func `while a host has yet to answer, nobody is blamed for a container that may be there`()
    async
  {
    let cluster = Self.unequal()
    cluster.change { $0.endpointFailures["web1"] = PortFailure(.unreachable, "no such host") }
    var controller = cluster.controller()
    let reports = await cluster.run(&controller, ticks: 3)
    let held = reports.last?.snapshot.backends.first?.servers.filter {
      $0.condition == .hostsUnread
    }
    #expect(held?.map(\.name) == ["shop-1", "shop-3", "shop-5"])
    cluster.change { $0.endpointFailures = [:] }
    let later = await cluster.run(&controller, ticks: 3)
    #expect(
      later.last?.snapshot.backends.first?.servers.allSatisfy { $0.condition == .live } == true)
  }

  @Test func `that sessions last, and another rule steers, is said once, and once when they end`()
    async
  {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    var arrived = 0.0
    func run(ticks: Int, ended: Bool) async -> [TickReport] {
      var reports: [TickReport] = []
      for _ in 0..<ticks {
        cluster.advance(by: 10)
        arrived += 20
        let count = arrived
        cluster.change { state in
          for server in state.servers {
            state.balancers["lb1"]?.counters[server.name] = RequestCounters(
              arrived: ended ? count : 50, done: ended ? count - 50 : 0, inFlight: 50)
          }
        }
        reports.append(await controller.tick())
      }
      return reports
    }
    let long = Self.events(await run(ticks: 40, ended: false))
    #expect(long.filter { $0 == .fallsBack("shop", isFallingBack: true) }.count == 1)
    let short = Self.events(await run(ticks: 40, ended: true))
    #expect(short.filter { $0 == .fallsBack("shop", isFallingBack: false) }.count == 1)
  }

  @Test func `with less than half of the data fresh the whole backend holds`() async {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    cluster.change { state in
      for index in 0..<4 { state.servers[index].isFrozen = true }
      state.servers[5].costPerRequest = 0.03
    }
    await cluster.run(&controller, ticks: 8)
    let writes = cluster.snapshot.balancers["lb1"]?.writes.count
    let reports = await cluster.run(&controller, ticks: 5)
    #expect(cluster.snapshot.balancers["lb1"]?.writes.count == writes)
    #expect(
      reports.last?.snapshot.backends.first?.condition
        == .holding(.tooLittleFreshData(fresh: 2, up: 6)))
  }

  @Test func `an operator's weight is seen and logged, and steering goes on from there`() async {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    cluster.setWeight(1, of: "shop-6")
    let reports = await cluster.run(&controller, ticks: 4)
    let seen = Self.events(reports).filter {
      if case .changedByOthers("shop", "shop-6", "lb1", _, _) = $0 { true } else { false }
    }
    #expect(seen.count == 1)
    #expect(cluster.spread < 1.1)
  }

  @Test func `a weight that somebody keeps changing is left to them`() async {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    var reports: [TickReport] = []
    for _ in 0..<4 {
      cluster.setWeight(10, of: "shop-6")
      reports += await cluster.run(&controller, ticks: 1)
    }
    #expect(Self.events(reports).contains(.contested("shop", "shop-6", "lb1", .somebodyElse)))
    await cluster.run(&controller, ticks: 5)
    #expect(cluster.weight("shop-6") == 10)
  }

  /// While a server is learned there are ten ticks in an interval: two changes in two intervals are
  /// still two in a row, and a minute without one is no peace.
  @Test func `quick ticks make nobody forget who writes a weight, too`() async {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    var reports: [TickReport] = []
    for second in 0..<80 {
      if second == 0 || second == 20 { cluster.setWeight(10 + second, of: "shop-6") }
      reports.append(await controller.tick())
      cluster.advance(by: 1)
    }
    let events = Self.events(reports)
    #expect(events.contains(.contested("shop", "shop-6", "lb1", .somebodyElse)))
    #expect(!events.contains(.contestOver("shop", "shop-6", "lb1")))
    let later = await cluster.run(&controller, ticks: 6)
    #expect(Self.events(later).contains(.contestOver("shop", "shop-6", "lb1")))
  }

  @Test func `one refused weight is reported once in HAProxy's words, the others are written`()
    async
  {
    let cluster = Self.unequal()
    cluster.change { $0.balancers["lb1"]?.replies["shop-6"] = .refused(reply: "No, thanks.") }
    var controller = cluster.controller()
    let reports = await cluster.run(&controller, ticks: 6)
    let refusals = Self.events(reports).compactMap { event -> String? in
      if case .weightRefused(let change, let reply) = event {
        "\(change.server): \(reply)"
      } else {
        nil
      }
    }
    #expect(refusals == ["shop-6: No, thanks."])
    #expect(cluster.weight("shop-6") == 100)
    #expect(cluster.weight("shop-1") != 100)
  }

  @Test func `an algorithm that takes no weights is found out by its refusal and said once`() async
  {
    let cluster = Self.unequal()
    cluster.change { state in
      state.balancers["lb1"]?.algorithm = .perhapsFixed
      for server in state.servers {
        state.balancers["lb1"]?.replies[server.name] = .algorithmIsFixed(reply: "static LB")
      }
    }
    var controller = cluster.controller()
    let reports = await cluster.run(&controller, ticks: 8)
    let said = Self.events(reports).filter {
      if case .algorithmIsFixed = $0 { true } else { false }
    }
    #expect(said.count == 1)
    #expect(reports.last?.snapshot.backends.first?.condition == .algorithmIsFixed)
    #expect(reports.last?.snapshot.backends.first?.changes.isEmpty == true)
  }

  @Test func `a balancer that cannot be written is skipped, and nothing is lost`() async {
    let cluster = Self.unequal()
    cluster.change {
      $0.balancers["lb1"]?.writeFailure = PortFailure(.timedOut, "lb1: no answer")
    }
    var controller = cluster.controller()
    let failing = await cluster.run(&controller, ticks: 4)
    #expect(
      Self.events(failing).contains(.balancerLost("lb1", PortFailure(.timedOut, "lb1: no answer"))))
    cluster.change { $0.balancers["lb1"]?.writeFailure = nil }
    await cluster.run(&controller, ticks: 10)
    #expect(cluster.spread < 1.1)
  }

  @Test func `a backend that HAProxy does not know is said once and does not disturb`() async {
    let cluster = Self.unequal()
    cluster.change { $0.balancers["lb1"]?.lacksBackend = true }
    var controller = cluster.controller()
    let reports = await cluster.run(&controller, ticks: 3)
    #expect(Self.events(reports).filter { $0 == .backendMissing("shop", "lb1") }.count == 1)
    #expect(reports.last?.snapshot.backends.first?.condition == .unreadable)
  }

  @Test func `an empty answer after a match is no data, not no load`() async {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    let before = cluster.snapshot.balancers["lb1"]?.weights
    cluster.change { state in
      for index in state.servers.indices { state.servers[index].isListed = false }
    }
    await cluster.run(&controller, ticks: 5)
    #expect(cluster.snapshot.balancers["lb1"]?.weights == before)
  }

  @Test func `weights are given back only where ours still stand`() async {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    cluster.setWeight(7, of: "shop-6")
    await cluster.run(&controller, ticks: 0)
    _ = await controller.giveBackWeights()
    #expect(cluster.weight("shop-1") == 100)
    #expect(cluster.weight("shop-5") == 100)
  }

  @Test func `what is learned survives another configuration and is forgotten with its backend`()
    async
  {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 6)
    var faster = cluster.settings(interval: .seconds(5))
    await controller.reconfigure(
      faster, endpoints: cluster.endpoints, balancers: cluster.loadBalancers)
    let next = await cluster.run(&controller, ticks: 1)
    #expect(next[0].snapshot.backends[0].condition == .steering)
    #expect(next[0].snapshot.backends[0].servers.allSatisfy { $0.costPerRequest != nil })
    faster.backends = []
    await controller.reconfigure(
      faster, endpoints: cluster.endpoints, balancers: cluster.loadBalancers)
    #expect(await controller.everything.state.backends.isEmpty)
  }

  @Test func `what one run learned lets the next steer at its first tick`() async {
    let cluster = Self.unequal()
    var first = cluster.controller()
    await cluster.run(&first, ticks: 3)
    let (state, samples) = await first.everything
    var second = cluster.controller(state: state, samples: samples)
    let reports = await cluster.run(&second, ticks: 1)
    #expect(reports[0].snapshot.backends[0].condition == .steering)
    #expect(reports[0].snapshot.tick == 4)
  }

  @Test func `while costs are unknown the next tick comes soon`() async {
    let cluster = Self.unequal()
    var controller = cluster.controller()
    let reports = await cluster.run(&controller, ticks: 6)
    #expect(reports.first?.nextTick == .quick)
    #expect(reports.last?.nextTick == .usual)
  }
}
