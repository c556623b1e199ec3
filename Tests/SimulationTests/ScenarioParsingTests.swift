import Balancing
import Simulation
import Testing

struct ScenarioParsingTests {
  @Test func `what a small scenario does not say is what the values' own defaults say`() throws {
    let expected = Scenario(
      name: "small", durationSeconds: 300, request: RequestModel(cpuSeconds: 0.02),
      demand: DemandModel(requestsPerSecond: 50), hosts: [HostModel(name: "h1", cores: 4)],
      servers: [
        ServerModel(name: "s1", host: "h1"), ServerModel(name: "s2", host: "h1"),
      ])
    #expect(try ScenarioText.parse(ScenarioText.small()) == expected)
  }

  @Test func `the whole and its traffic are read with all their keys`() throws {
    let scenario = try ScenarioText.parse(ScenarioText.full)
    #expect(scenario.name == "full" && scenario.description == "Everything.")
    #expect(scenario.seed == 7 && scenario.durationSeconds == 600)
    #expect(scenario.intervalSeconds == 5 && scenario.daemons == .own)
    var request = RequestModel(cpuSeconds: 0.025)
    request.variation = 1.5
    request.ioSeconds = 0.01
    request.timeoutSeconds = 10
    #expect(scenario.request == request)
    var demand = DemandModel(requestsPerSecond: 100)
    demand.burst = 0.5
    demand.pinned = 0.4
    demand.clients = 20
    #expect(scenario.demand == demand)
    var (first, second) = (BalancerModel(), BalancerModel())
    first.share = 0.6
    first.algorithm = .leastconn
    first.draws = 3
    first.ties = .rate
    first.slowstartSeconds = 30
    first.weights = [10, 20].compactMap(Weight.init)
    first.backend = "web"
    first.costFactor = 3
    second.name = "lb2"
    #expect(scenario.balancers == [first, second])
  }

  @Test func `a host's cAdvisor does what the file's does where the host is silent`() throws {
    let scenario = try ScenarioText.parse(ScenarioText.full)
    var common = SamplingModel()
    common.housekeepingSeconds = 2
    common.jitter = 0.5
    common.isDynamic = false
    common.lagSeconds = 3
    common.clockOffsetSeconds = -40
    #expect(scenario.sampling == common)
    var first = HostModel(name: "h1", cores: 4)
    first.neighbourCores = 1
    first.neighbourNoise = 0.2
    first.neighbourShares = 512
    var visits = NeighbourVisits(onSeconds: 30, offSeconds: 60)
    visits.firstSeconds = 5
    visits.isRandom = true
    first.visits = visits
    first.threadSharing = 0.3
    var own = SamplingModel()
    own.housekeepingSeconds = 8
    own.jitter = 0
    own.isDynamic = true
    own.lagSeconds = 20
    own.clockOffsetSeconds = 2
    first.sampling = own
    var second = HostModel(name: "h2", cores: 2)
    second.sampling = common
    second.sampling?.lagSeconds = 9
    #expect(scenario.hosts == [first, second, HostModel(name: "h3", cores: 2)])
  }

  @Test func `a server is read with all its keys`() throws {
    var server = ServerModel(name: "s1", host: "h1")
    server.quotaCores = 0.5
    server.shares = 2048
    server.slice = "pod"
    server.costFactor = 2
    server.baseCores = 0.1
    server.weight = Weight(clamping: 50)
    server.ioSeconds = 0.2
    server.warmup = ServerModel.Warmup(seconds: 40, factor: 3)
    server.state = .drain
    server.failFast = 0.1
    server.maxConnections = 4
    server.service = .sharing
    server.crowding = 0.02
    let scenario = try ScenarioText.parse(ScenarioText.full)
    #expect(scenario.slices == [SliceModel(name: "pod", quotaCores: 0.75)])
    #expect(scenario.servers == [server, ServerModel(name: "s2", host: "h2")])
  }

  @Test func `events are read with all their keys, and stand in the order of time`() throws {
    var server = Event.ServerChange()
    server.state = .up
    server.restarts = true
    server.costFactor = 1
    server.quotaCores = 1
    server.ioSeconds = 0
    server.baseCores = 0
    server.failFast = 0.5
    server.setWeight = Weight(256)
    var host = Event.HostChange()
    host.neighbourCores = 1.5
    host.cadvisorAnswers = false
    host.lagSeconds = 5
    var daemon = Event.DaemonChange()
    daemon.restarts = true
    daemon.isCut = true
    daemon.toldLateSeconds = 12
    var (demand, failures) = (
      Event(atSeconds: 100, .demand(factor: 2, overSeconds: 30)),
      Event(atSeconds: 500, .failFast(0.2))
    )
    demand.repetition = Event.Repetition(everySeconds: 60, untilSeconds: 400)
    failures.repetition = Event.Repetition(everySeconds: 20, untilSeconds: 600)
    let scenario = try ScenarioText.parse(ScenarioText.full)
    #expect(
      scenario.events == [
        Event(atSeconds: 0, .reload("lb2", restoresCounters: false)),
        Event(atSeconds: 20, .daemon("lb2", daemon)), demand,
        Event(atSeconds: 200, .host("h2", host)), Event(atSeconds: 300, .server("s1", server)),
        Event(atSeconds: 300, .cost(factor: 1.5)), failures,
      ] + faults)
  }

  /// The end of the events with all keys.
  private var faults: [Event] {
    var server = Event.ServerChange()
    server.counter = Event.CounterChange(.slow(part: 0.1), seconds: 60)
    server.inFlight = Event.GaugeChange(-1, seconds: 60)
    server.resetsCounters = true
    var host = Event.HostChange()
    host.counters = Event.CounterChange(.frozen)
    host.machineCounter = Event.CounterChange(.spike(cpuSeconds: 20))
    return [
      Event(atSeconds: 510, .reload("lb1", restoresCounters: true)),
      Event(atSeconds: 515, .share("lb1", 2)),
      Event(atSeconds: 520, .slice("pod", quotaCores: 0.5)),
      Event(atSeconds: 530, .server("s2", server)), Event(atSeconds: 540, .host("h1", host)),
    ]
  }

  @Test(arguments: [
    (#""counter": "right""#, Event.CounterChange(nil)),
    (#""counter": "frozen""#, Event.CounterChange(.frozen)),
    (#""counter": "zero", "for": 30"#, Event.CounterChange(.zero, seconds: 30)),
    (#""counter": "missing", "for": 30"#, Event.CounterChange(.missing, seconds: 30)),
    (#""counter": "slow""#, Event.CounterChange(.slow(part: 0.05))),
    (#""counter": "spike""#, Event.CounterChange(.spike(cpuSeconds: 1e9))),
    (#""counter": "fall""#, Event.CounterChange(.fall)),
  ])
  func `a counter goes wrong in each of its ways`(keys: String, expected: Event.CounterChange)
    throws
  {
    var (server, host) = (Event.ServerChange(), Event.HostChange())
    (server.counter, host.counters) = (expected, expected)
    let text = ScenarioText.small(
      events: #"{"at": 1, "server": "s1", \#(keys)}, {"at": 2, "host": "h1", \#(keys)}"#)
    #expect(
      try ScenarioText.parse(text).events == [
        Event(atSeconds: 1, .server("s1", server)), Event(atSeconds: 2, .host("h1", host)),
      ])
  }

  @Test func `the balancer that stands for none can be reloaded`() throws {
    let scenario = try ScenarioText.parse(
      ScenarioText.small(events: #"{"at": 300, "reload": "lb1"}"#))
    #expect(scenario.events == [Event(atSeconds: 300, .reload("lb1", restoresCounters: false))])
  }
}
