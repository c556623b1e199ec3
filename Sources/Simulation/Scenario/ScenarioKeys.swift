/// Every key that a scenario may have, by the object that it stands in.
///
/// The readers take keys from these lists alone, and a test holds them against the table for
/// authors in `Scenarios/README.md`.
enum ScenarioKeys {
  enum File: String, CaseIterable {
    case name, description, seed, duration, interval, daemons, balancers, cadvisor, request, demand,
      hosts, slices, servers, events
  }

  enum Balancer: String, CaseIterable {
    case name, share, algorithm, draws, ties, slowstart, weights, backend
    case costFactor = "cost_factor"
  }

  enum CAdvisor: String, CaseIterable {
    case housekeeping, jitter, dynamic, lag
    case clockOffset = "clock_offset"
  }

  enum Request: String, CaseIterable {
    case cpu, cv, io, timeout
  }

  enum Demand: String, CaseIterable {
    case rps, burst, pinned, clients
  }

  enum Host: String, CaseIterable {
    case name, cores, neighbour
    case neighbourNoise = "neighbour_noise"
    case neighbourShares = "neighbour_shares"
    case visits, smt, cadvisor
  }

  enum Visits: String, CaseIterable {
    case on, off, first, random
  }

  enum Slice: String, CaseIterable {
    case name, quota
  }

  enum Server: String, CaseIterable {
    case name, host, quota, shares, slice
    case costFactor = "cost_factor"
    case baseCPU = "base_cpu"
    case weight, io, warmup, state
    case failFast = "fail_fast"
    case maxconn, service, crowding
  }

  enum Warmup: String, CaseIterable {
    case seconds, factor
  }

  enum Event: String, CaseIterable {
    case at, every, until
    case demand, over, cost
    case failFast = "fail_fast"
    case reload, restored
    case balancer, share
    case slice
    case server, state, restart
    case costFactor = "cost_factor"
    case quota, io
    case baseCPU = "base_cpu"
    case setWeight = "set_weight"
    case resetCounters = "reset_counters"
    case inFlight = "in_flight"
    case host, neighbour, cadvisor, lag
    case machineCounter = "machine_counter"
    case counter, part, by
    case lasting = "for"
    case daemon, peers
    case toldLate = "told_late"
  }
}

/// What an event is about: it has one of these keys.
enum EventSubject: String, CaseIterable {
  case server, host, slice, demand, cost, reload, balancer, daemon
  case failFast = "fail_fast"

  var key: ScenarioKeys.Event {
    switch self {
    case .server: .server
    case .host: .host
    case .demand: .demand
    case .cost: .cost
    case .reload: .reload
    case .balancer: .balancer
    case .daemon: .daemon
    case .slice: .slice
    case .failFast: .failFast
    }
  }
}

extension ScenarioKeys.Event {
  /// What a key goes with; empty for one that any event may have.
  var subjects: [EventSubject] {
    switch self {
    case .at, .every, .until: []
    case .demand, .over: [.demand]
    case .cost: [.cost]
    case .reload, .restored: [.reload]
    case .balancer, .share: [.balancer]
    case .slice: [.slice]
    case .quota: [.server, .slice]
    case .failFast: [.failFast, .server]
    case .daemon, .peers, .toldLate: [.daemon]
    case .restart: [.server, .daemon]
    case .server, .state, .costFactor, .io, .baseCPU, .setWeight, .resetCounters,
      .inFlight:
      [.server]
    case .host, .neighbour, .cadvisor, .lag, .machineCounter: [.host]
    case .counter, .part, .by, .lasting: [.server, .host]
    }
  }

  /// Whether it says how another key is meant, and changes nothing alone.
  var isDetail: Bool {
    switch self {
    case .part, .by, .lasting: true
    default: false
    }
  }
}
