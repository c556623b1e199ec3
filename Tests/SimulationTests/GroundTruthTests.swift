import Balancing
import Control
import Testing

@testable import Simulation

/// What the check is told of a scenario.
struct GroundTruthTests {
  /// Samples every second, which can be read at once; an interval of 10 s.
  private static func scenario(_ events: String) throws -> Scenario {
    try ScenarioText.parse(
      ScenarioText.small(
        #", "cadvisor": {"jitter": 0}, "events": [\#(events)]"#,
        hosts: #"[{"name": "h1", "cores": 4}, {"name": "h2", "cores": 2}]"#,
        servers: #"""
          [{"name": "s1", "host": "h1"}, {"name": "s2", "host": "h1"},
           {"name": "s3", "host": "h2"}]
          """#))
  }

  private func truth(_ events: String) throws -> GroundTruth {
    GroundTruth(try Self.scenario(events), [])
  }

  private func little(_ server: ServerName, _ from: Double, to: Double) -> GroundTruth.Lie {
    GroundTruth.Lie(
      .showsLittle, of: [server], fromSeconds: from, plainSeconds: from + 12, toSeconds: to)
  }

  private func contradicted(
    _ servers: Set<ServerName>, _ from: Double, to: Double
  ) -> GroundTruth.Lie {
    GroundTruth.Lie(
      .isContradicted, of: servers, fromSeconds: from, plainSeconds: from, toSeconds: to)
  }

  @Test func `a counter shows little from the event to its end, another event or the run's`() throws
  {
    #expect(
      try truth(#"{"at": 50, "server": "s1", "counter": "frozen", "for": 60}"#).lies
        == [little("s1", 50, to: 110)])
    #expect(
      try truth(
        #"""
        {"at": 50, "server": "s1", "counter": "zero", "for": 200},
        {"at": 80, "host": "h1", "counter": "right"}, {"at": 90, "host": "h2", "counter": "slow"}
        """#
      ).lies == [little("s1", 50, to: 80), little("s3", 90, to: 300)])
  }

  @Test func `what may be true, or is not there, is no lie`() throws {
    let truth = try truth(
      #"""
      {"at": 50, "server": "s1", "counter": "slow", "part": 0.5, "for": 50},
      {"at": 60, "server": "s2", "counter": "missing"}
      """#)
    #expect(truth.lies == [])
    #expect(truth.changes == [50, 60, 100, 300])
  }

  @Test func `a sample is contradicted until the tick after the next can be read`() throws {
    #expect(
      try truth(
        #"""
        {"at": 50, "every": 100, "until": 160, "server": "s1", "counter": "spike"},
        {"at": 200, "host": "h1", "counter": "fall"},
        {"at": 250, "host": "h2", "machine_counter": "spike"}
        """#
      ).lies == [
        contradicted(["s1"], 50, to: 62), contradicted(["s1"], 150, to: 162),
        contradicted(["s1"], 200, to: 212), contradicted(["s2"], 200, to: 212),
        contradicted(["s3"], 250, to: 262),
      ])
  }

  @Test func `counters and gauges of HAProxy are contradicted for two ticks more`() throws {
    let truth = try truth(
      #"""
      {"at": 50, "reload": "lb1", "restored": true},
      {"at": 100, "server": "s2", "reset_counters": true},
      {"at": 150, "server": "s3", "in_flight": -1, "for": 30}
      """#)
    #expect(
      truth.lies == [
        contradicted(["s1", "s2", "s3"], 50, to: 70), contradicted(["s2"], 100, to: 120),
        contradicted(["s3"], 150, to: 200),
      ])
    #expect(truth.changes == [])
  }

  @Test func `what truly changes is told, and only that`() throws {
    let truth = try truth(
      #"""
      {"at": 10, "demand": 2}, {"at": 20, "cost": 2}, {"at": 30, "reload": "lb1"},
      {"at": 40, "server": "s1", "restart": true}, {"at": 50, "host": "h1", "neighbour": 1},
      {"at": 60, "every": 10, "until": 80, "fail_fast": 0.5},
      {"at": 100, "server": "s1", "counter": "spike"}
      """#)
    #expect(truth.changes == [10, 20, 30, 40, 50, 60, 70, 80])
    #expect(truth.hostCores == ["s1": 4, "s2": 4, "s3": 2])
  }

  @Test func `a twin is the same but for what the next reading contradicts`() throws {
    let keeps = #"""
      {"at": 10, "server": "s1", "restart": true}, {"at": 20, "reload": "lb1"},
      {"at": 30, "host": "h1", "lag": 3}, {"at": 40, "server": "s2", "counter": "frozen"}
      """#
    let lies = #"""
      {"at": 10, "server": "s1", "restart": true, "counter": "fall", "reset_counters": true},
      {"at": 20, "reload": "lb1", "restored": true},
      {"at": 30, "host": "h1", "lag": 3, "counter": "spike", "machine_counter": "fall"},
      {"at": 40, "server": "s2", "counter": "frozen"}
      """#
    #expect(try Self.scenario(lies).withoutContradictions == Self.scenario(keeps))
  }

  @Test func `random faults leave the case as it is, and are of every kind`() {
    var kinds: Set<String> = []
    for seed in 1...200 {
      let plain = Scenario.random(seed: UInt64(seed), ticks: 60, requests: 1500)
      let faulty = Scenario.random(
        seed: UInt64(seed), ticks: 60, requests: 1500, hasFaults: true)
      var rest = faulty
      rest.slices = []
      rest.demand = plain.demand
      for index in rest.servers.indices { rest.servers[index].slice = nil }
      rest.balancers = plain.balancers
      rest.events.removeAll { !plain.events.contains($0) }
      #expect(rest == plain, "seed \(seed)")
      if faulty.demand.pinned > 0 { kinds.insert("pinned") }
      if !faulty.slices.isEmpty { kinds.insert("slice") }
      if Set(faulty.balancers.map(\.backend)).count > 1 { kinds.insert("backends") }
      for event in faulty.events where !plain.events.contains(event) {
        kinds.formUnion(Self.kinds(of: event.change))
      }
    }
    #expect(
      kinds == [
        "pinned", "slice", "backends", "lasting", "momentary", "machine", "restored", "reset",
        "gauge",
      ])
  }

  private static func kinds(of change: Event.Change) -> Set<String> {
    func kind(_ counter: Event.CounterChange?) -> String? {
      counter?.fault.map { $0.isMomentary ? "momentary" : "lasting" }
    }
    let kinds: [String?] =
      switch change {
      case .server(_, let change):
        [
          kind(change.counter), change.resetsCounters ? "reset" : nil,
          change.inFlight == nil ? nil : "gauge",
        ]
      case .host(_, let change):
        [kind(change.counters), change.machineCounter == nil ? nil : "machine"]
      case .reload(_, restoresCounters: true): ["restored"]
      case .demand, .cost, .failFast, .reload, .share, .slice, .daemon: []
      }
    return Set(kinds.compactMap(\.self))
  }
}
