import CheckedJSON
import Simulation

/// Scenarios as text, for the tests of scenario files.
enum ScenarioText {
  static let file = "scenario.json"

  static func parse(_ text: String) throws(InvalidFile) -> Scenario {
    try ScenarioFile.parse(Array(text.utf8), file: file)
  }

  /// The lines that a text is refused with; none if it is not.
  static func complaints(_ text: String) -> [String] {
    do throws(InvalidFile) {
      _ = try parse(text)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  /// A small scenario of 300 s, with more top-level keys or other parts.
  static func small(
    _ more: String = "", request: String = #"{"cpu": 0.02}"#, demand: String = #"{"rps": 50}"#,
    hosts: String = #"[{"name": "h1", "cores": 4}]"#,
    servers: String = #"[{"name": "s1", "host": "h1"}, {"name": "s2", "host": "h1"}]"#
  ) -> String {
    """
    {"name": "small", "duration": 300, "request": \(request), "demand": \(demand),
     "hosts": \(hosts), "servers": \(servers)\(more)}
    """
  }

  static func small(balancers: String) -> String { small(#", "balancers": \#(balancers)"#) }
  static func small(events: String) -> String { small(#", "events": [\#(events)]"#) }

  /// With every key that a scenario has; the first of each list has all of its keys.
  static let full = """
    {
      "name": "full", "description": "Everything.", "seed": 7, "duration": 600, "interval": 5,
      "daemons": "own",
      "balancers": [
        { "name": "lb1", "share": 0.6, "algorithm": "leastconn", "draws": 3,
          "ties": "rate", "slowstart": 30,
          "weights": [10, 20], "backend": "web", "cost_factor": 3 },
        { "name": "lb2" }
      ],
      "cadvisor": {
        "housekeeping": 2, "jitter": 0.5, "dynamic": false, "lag": 3, "clock_offset": -40
      },
      "request": { "cpu": 0.025, "cv": 1.5, "io": 0.01, "timeout": 10 },
      "demand": { "rps": 100, "burst": 0.5, "pinned": 0.4, "clients": 20 },
      "hosts": [
        { "name": "h1", "cores": 4, "neighbour": 1, "neighbour_noise": 0.2,
          "neighbour_shares": 512, "visits": { "on": 30, "off": 60, "first": 5, "random": true },
          "smt": 0.3,
          "cadvisor": { "housekeeping": 8, "jitter": 0, "dynamic": true, "lag": 20,
            "clock_offset": 2 } },
        { "name": "h2", "cores": 2, "cadvisor": { "lag": 9 } },
        { "name": "h3", "cores": 2 }
      ],
      "slices": [ { "name": "pod", "quota": 0.75 } ],
      "servers": [
        { "name": "s1", "host": "h1", "quota": 0.5, "shares": 2048, "slice": "pod", "cost_factor": 2, "base_cpu": 0.1,
          "weight": 50, "io": 0.2, "warmup": { "seconds": 40, "factor": 3 }, "state": "drain",
          "fail_fast": 0.1, "maxconn": 4, "service": "sharing", "crowding": 0.02 },
        { "name": "s2", "host": "h2" }
      ],
      "events": [
        { "at": 100, "every": 60, "until": 400, "demand": 2, "over": 30 },
        { "at": 300, "server": "s1", "state": "up", "restart": true, "cost_factor": 1, "quota": 1,
          "io": 0, "base_cpu": 0, "fail_fast": 0.5, "set_weight": 256 },
        { "at": 200, "host": "h2", "neighbour": 1.5, "cadvisor": "down", "lag": 5 },
        { "at": 300, "cost": 1.5 },
        { "at": 500, "every": 20, "fail_fast": 0.2 },
        { "at": 0, "reload": "lb2" },
        { "at": 20, "daemon": "lb2", "restart": true, "peers": "cut", "told_late": 12 },
        { "at": 510, "reload": "lb1", "restored": true },
        { "at": 515, "balancer": "lb1", "share": 2 },
        { "at": 520, "slice": "pod", "quota": 0.5 },
        { "at": 530, "server": "s2", "counter": "slow", "part": 0.1, "for": 60, "in_flight": -1,
          "reset_counters": true },
        { "at": 540, "host": "h1", "counter": "frozen", "machine_counter": "spike", "by": 20 }
      ]
    }
    """
}
