import CheckedJSON
import Testing

struct ScenarioProblemsTests {
  private typealias Text = ScenarioText

  @Test(arguments: [
    ("", ["line 1, column 1: there is nothing in it"]),
    (
      "{\n  \"name\": \"a\",\n}", ["line 2, column 14: a comma before `}` (remove the comma)"]
    ),
    ("[]", ["must be an object, not a list"]),
    (
      "{}",
      [
        "name: is missing", "duration: is missing", "request: is missing", "demand: is missing",
        "hosts: is missing", "servers: is missing",
      ]
    ),
    (
      Text.small(#", "sede": 1, "Events": [], "plot": 1, "seed": 1, "seed": 2"#),
      [
        "sede: is no key that evenkeel knows (did you mean `seed`?)",
        "Events: is no key that evenkeel knows (did you mean `events`?)",
        "plot: is no key that evenkeel knows (allowed: name, description, seed, duration, interval,"
          + " daemons, balancers, cadvisor, request, demand, hosts, slices, servers, events)",
        "seed: is given twice",
      ]
    ),
    (
      Text.small(#", "seed": -1, "interval": 0.5, "daemons": "two", "description": 5"#),
      [
        "description: must be a string, not a number",
        "seed: must be a whole number within bounds, not -1 (allowed: 0…9007199254740991)",
        "interval: must be a number within bounds, not 0.5 (allowed: 1…600)",
        "daemons: must not be `two` (allowed: one, own, peers)",
      ]
    ),
    (
      Text.small(
        #", "cadvisor": {"lag": "3", "offset": 1, "dynamic": 1}"#, request: #"{"cpu": 0}"#,
        demand: #"{"burst": 1e999}"#),
      [
        "request.cpu: must be a number within bounds, not 0 (allowed: 0.0001…100)",
        "demand.rps: is missing",
        "demand.burst: must be a number within bounds, not 1e999 (allowed: 0…5)",
        "cadvisor.offset: is no key that evenkeel knows"
          + " (allowed: housekeeping, jitter, dynamic, lag, clock_offset)",
        "cadvisor.dynamic: must be true or false, not a number",
        "cadvisor.lag: must be a number, not a string (allowed: 0…600)",
      ]
    ),
  ])
  func `the whole is checked`(text: String, complaints: [String]) {
    #expect(Text.complaints(text) == complaints)
  }

  @Test(arguments: [
    (
      Text.small(hosts: "[]", servers: "{}"),
      ["hosts: must not be empty", "servers: must be a list, not an object"]
    ),
    (
      Text.small(hosts: #"[{"name": "h 1", "cores": 4}, 5]"#),
      [
        "hosts[0].name: `h 1` is no name (allowed: letters, digits, and - _ . :)",
        "hosts[1]: must be an object, not a number",
      ]
    ),
    (
      Text.small(hosts: #"[{"name": "h1"}, {"name": "h1", "cores": 2000, "smtt": 1}]"#),
      [
        "hosts[0].cores: is missing",
        "hosts[1].smtt: is no key that evenkeel knows (did you mean `smt`?)",
        "hosts[1].cores: must be a number within bounds, not 2000 (allowed: 0.01…1024)",
        "hosts[1]: has the same name `h1` as hosts[0] (give each a name of its own)",
      ]
    ),
    (
      Text.small(
        servers: #"""
          [{"name": "s1", "host": "h2"}, {"name": "s2", "host": "web"},
           {"name": "s1", "host": "h1"}, {"name": "s4"}, {"host": "h1"}]
          """#),
      [
        "servers[0].host: `h2` is no host of this scenario (did you mean `h1`?)",
        "servers[1].host: `web` is no host of this scenario (allowed: h1)",
        "servers[3].host: is missing", "servers[4].name: is missing",
        "servers[2]: has the same name `s1` as servers[0] (give each a name of its own)",
      ]
    ),
    (
      Text.small(
        servers: #"""
          [{"name": "s1", "host": "h1", "quota": 0, "weight": 257, "warmup": {"seconds": 5},
            "state": "maint", "maxconn": 1.5, "service": "fifo", "fail_fast": 2}]
          """#),
      [
        "servers[0].quota: must be a number within bounds, not 0 (allowed: 0.01…1024)",
        "servers[0].weight: must be a whole number within bounds, not 257 (allowed: 0…256)",
        "servers[0].warmup.factor: is missing",
        "servers[0].state: must not be `maint` (allowed: up, down, drain)",
        "servers[0].fail_fast: must be a number within bounds, not 2 (allowed: 0…1)",
        "servers[0].maxconn: must be a whole number within bounds, not 1.5 (allowed: 1…1000000)",
        "servers[0].service: must not be `fifo` (allowed: queue, sharing)",
      ]
    ),
    (
      Text.small(balancers: #"[{"name": "a", "share": 0}, {"name": "b", "share": 0}]"#),
      ["balancers: have no share of the demand (give one a `share` above 0)"]
    ),
    (
      Text.small(balancers: #"[{"name": "a", "algorithm": "static-rr"}, {"share": -1}]"#),
      [
        "balancers[0].algorithm: must not be `static-rr` "
          + "(allowed: roundrobin, leastconn, random)",
        "balancers[1].name: is missing",
        "balancers[1].share: must be a number within bounds, not -1 (allowed: 0…1000)",
      ]
    ),
  ])
  func `the cluster is checked`(text: String, complaints: [String]) {
    #expect(Text.complaints(text) == complaints)
  }

  @Test(arguments: [
    ("5", [": must be an object, not a number"]),
    ("{}", [".at: is missing", ": does not say what changes\(Self.subjects)"]),
    (#"{"at": 301, "cost": 2}"#, [".at: must be a number within bounds, not 301 (allowed: 0…300)"]),
    (
      #"{"at": 1, "quota": 2, "lag": 3}"#,
      [".quota: has no use without `server, slice`", ".lag: has no use without `host`"]
    ),
    (
      #"{"at": 1, "cost": 2, "over": 3}"#,
      [".over: does not go with `cost` (it goes with `demand`)"]
    ),
    (
      #"{"at": 1, "host": "h1", "state": "up"}"#,
      [
        ".state: does not go with `host` (it goes with `server`)",
        ": changes nothing of the host (allowed: neighbour, cadvisor, lag,"
          + " machine_counter, counter)",
      ]
    ),
    (
      #"{"at": 1, "server": "s1", "demand": 2, "fail_fast": 1}"#,
      [": says more than one thing: server, demand (write an event for each)"]
    ),
    (
      #"{"at": 1, "host": "h1", "fail_fast": 1, "cadvisor": "up"}"#,
      [": says more than one thing: host, fail_fast (write an event for each)"]
    ),
    (
      #"{"at": 1, "server": "s1"}"#,
      [
        ": changes nothing of the server (allowed: fail_fast, state, restart, cost_factor, quota,"
          + " io, base_cpu, set_weight, reset_counters, in_flight, counter)"
      ]
    ),
    (
      #"{"at": 1, "server": "s1", "restart": false}"#,
      [".restart: must be true (leave it out for no restart)"]
    ),
    (
      #"{"at": 1, "server": "s3", "set_weight": 300, "quota": "1"}"#,
      [
        ".server: `s3` is no server of this scenario (did you mean `s1`?)",
        ".quota: must be a number, not a string (allowed: 0.01…1024)",
        ".set_weight: must be a whole number within bounds, not 300 (allowed: 0…256)",
      ]
    ),
    (
      #"{"at": 1, "host": "s1", "cadvisor": "silent"}"#,
      [
        ".host: `s1` is no host of this scenario (did you mean `h1`?)",
        ".cadvisor: must not be `silent` (allowed: up, down)",
      ]
    ),
    (
      #"{"at": 1, "reload": "haproxy"}"#,
      [".reload: `haproxy` is no balancer of this scenario (allowed: lb1)"]
    ),
    (
      #"{"at": 1, "server": "s1", "counter": "stuck"}"#,
      [
        ".counter: must not be `stuck`"
          + " (allowed: right, frozen, zero, missing, slow, spike, fall)"
      ]
    ),
    (
      #"{"at": 1, "server": "s1", "counter": "fall", "part": 0.5, "by": 3, "for": 5}"#,
      [
        ".part: has no use without `slow`", ".by: has no use without `spike`",
        ".for: has no use without `frozen, zero, missing, slow`",
      ]
    ),
    (
      #"{"at": 1, "host": "h1", "for": 5, "in_flight": 1}"#,
      [
        ".in_flight: does not go with `host` (it goes with `server`)",
        ": changes nothing of the host (allowed: neighbour, cadvisor, lag, machine_counter,"
          + " counter)",
        ".for: has no use without `frozen, zero, missing, slow`",
      ]
    ),
    (
      #"{"at": 1, "server": "s1", "in_flight": 4294967296, "reset_counters": false, "for": 0}"#,
      [
        ".reset_counters: must be true (leave it out for no reset)",
        ".in_flight: must be a number within bounds, not 4294967296 (allowed: -1…4294967295)",
        ".for: must be a number within bounds, not 0 (allowed: 1…86400)",
      ]
    ),
    (
      #"{"at": 1, "slice": "pod"}"#,
      [
        ".slice: `pod` is no slice of this scenario",
        ": changes nothing of the slice (allowed: quota)",
      ]
    ),
    (
      #"{"at": 1, "balancer": "lb2"}"#,
      [
        ".balancer: `lb2` is no balancer of this scenario (did you mean `lb1`?)",
        ": changes nothing of the balancer (allowed: share)",
      ]
    ),
    (
      #"{"at": 1, "reload": "lb1", "restored": false}"#,
      [".restored: must be true (leave it out for counters that begin anew)"]
    ),
    (#"{"at": 100, "cost": 2, "until": 200}"#, [".until: has no use without `every`"]),
    (
      #"{"at": 100, "cost": 2, "every": 0, "until": 50}"#,
      [
        ".every: must be a number within bounds, not 0 (allowed: 1…86400)",
        ".until: must be a number within bounds, not 50 (allowed: 100…300)",
      ]
    ),
    (
      #"{"at": 1, "cots": 2}"#,
      [
        ".cots: is no key that evenkeel knows (did you mean `cost`?)",
        ": does not say what changes\(Self.subjects)",
      ]
    ),
  ])
  func `an event is checked`(event: String, complaints: [String]) {
    let text = Text.small(events: #"{"at": 5, "demand": 1}, \#(event)"#)
    #expect(Text.complaints(text) == complaints.map { "events[1]\($0)" })
  }

  private static let subjects =
    " (write one of server, host, slice, demand, cost, reload, balancer, daemon,"
    + " fail_fast)"

  @Test func `a balancer has a weight for each server or none`() {
    let balancers = #"[{"name": "a"}, {"name": "b", "weights": [1, 2, 3]}]"#
    #expect(
      Text.complaints(Text.small(balancers: balancers)) == [
        "balancers[1].weights: has 3 weights for 2 servers "
          + "(write one for each, in the order of `servers`)"
      ])
  }

  @Test func `a server's slice is one of the scenario's, and each has a quota`() {
    let text = Text.small(
      #", "slices": [{"name": "pod"}, {"name": "batch", "quota": 0}]"#,
      servers: #"[{"name": "s1", "host": "h1", "slice": "pot"}]"#)
    #expect(
      Text.complaints(text) == [
        "slices[0].quota: is missing",
        "slices[1].quota: must be a number within bounds, not 0 (allowed: 0.01…1024)",
        "servers[0].slice: `pot` is no slice of this scenario (did you mean `pod`?)",
      ])
  }

  @Test func `one wrong host does not make its servers and events wrong`() {
    let text = Text.small(
      #", "events": [{"at": 1, "host": "h2", "lag": 1}]"#,
      hosts: #"[{"name": "h1", "cores": 1}, {"name": "h/2", "cores": 1}]"#,
      servers: #"[{"name": "s1", "host": "h2"}]"#)
    #expect(
      Text.complaints(text) == [
        "hosts[1].name: `h/2` is no name (allowed: letters, digits, and - _ . :)"
      ])
  }

  @Test func `a refusal names the file on each of its lines`() {
    let refusal = InvalidFile(
      file: "scenario.json",
      problems: [
        Problem(path: "name", message: "is missing"),
        Problem(path: "duration", message: "is missing"),
      ])
    #expect(throws: refusal) {
      try Text.parse(Text.small().replacing(#""name": "small", "duration": 300, "#, with: ""))
    }
    #expect("\(refusal)" == "scenario.json: name: is missing\nscenario.json: duration: is missing")
  }
}
