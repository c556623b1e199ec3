internal import Balancing

/// What a scenario lets happen.
extension ClusterState {
  mutating func happen(_ index: Int) {
    let event = scenario.events[index]
    if let repetition = event.repetition, now + repetition.everySeconds <= repetition.untilSeconds {
      timers.plan(.event(index), at: now + repetition.everySeconds)
    }
    switch event.change {
    case .demand(let factor, let seconds):
      demand = Ramp(from: demand.value(at: now), to: factor, at: now, over: seconds)
    case .cost(let factor): costFactor = factor
    case .failFast(let part): failFast = part
    case .reload(let name, let restoresCounters):
      for balancer in balancers.indices where balancers[balancer].model.name == name {
        balancers[balancer].reload(
          servers: servers.map(\.model), restoresCounters: restoresCounters, at: now)
      }
    case .share(let name, let share):
      for balancer in balancers.indices where balancers[balancer].model.name == name {
        balancers[balancer].model.share = share
      }
    case .slice(let name, let quota):
      slices.set(quota, of: name)
      for server in servers.indices where servers[server].model.slice == name {
        servers[server].settle(at: now)
        servers[server].sliceCores = quota
        planCompletion(on: server)
      }
    // What becomes of daemons is looked up by these.
    case .daemon: break
    case .server(let name, let change):
      if let server = positions[name] { apply(change, to: server) }
    case .host(let name, let change):
      for host in hosts.indices where hosts[host].model.name == name {
        if let cores = change.neighbourCores { hosts[host].model.neighbourCores = cores }
        if let answers = change.cadvisorAnswers { hosts[host].answers = answers }
        if let lag = change.lagSeconds { hosts[host].sampling.lagSeconds = lag }
        if let counter = change.counters {
          for track in hosts[host].tracks.indices.dropFirst() { set(counter, host, track) }
        }
        if let counter = change.machineCounter { set(counter, host, 0) }
      }
    }
  }

  /// Lets a counter go wrong, or right again.
  private mutating func set(_ change: Event.CounterChange, _ host: Int, _ track: Int) {
    let value = cpuSeconds(host, track)
    hosts[host].counters[track].change(change, cpuSeconds: value, at: now)
  }

  private mutating func apply(_ change: Event.ServerChange, to server: Int) {
    let (host, track) = place(of: server)
    servers[server].settle(at: now)
    if let factor = change.costFactor { servers[server].model.costFactor = factor }
    if let quota = change.quotaCores { servers[server].model.quotaCores = quota }
    if let seconds = change.ioSeconds { servers[server].model.ioSeconds = seconds }
    if let cores = change.baseCores { servers[server].model.baseCores = cores }
    if let part = change.failFast { servers[server].model.failFast = part }
    if change.restarts {
      lose(server)
      servers[server].beginCounterAnew()
      servers[server].coldSince = now
      hosts[host].counters[track].restarted()
    }
    if let counter = change.counter { set(counter, host, track) }
    for balancer in balancers.indices {
      if change.resetsCounters {
        balancers[balancer].slots[server].counters = SimulatedBalancer.Counters()
      }
      if let gauge = change.inFlight {
        balancers[balancer].slots[server].shownInFlight = (
          gauge.value, gauge.seconds.map { now + $0 } ?? .infinity
        )
      }
    }
    if let weight = change.setWeight {
      for balancer in balancers.indices {
        balancers[balancer].set(weight: weight, of: server, at: now)
      }
    }
    if let state = change.state, state != servers[server].model.state {
      let before = servers[server].model.state
      servers[server].model.state = state
      if before == .down { servers[server].coldSince = now }
      for balancer in balancers.indices {
        balancers[balancer].set(state: state, of: server, at: now)
      }
      if state == .down { lose(server) }
      for balancer in balancers.indices { sendQueued(balancer) }
    }
    planCompletion(on: server)
  }

  /// Its host, and its counter among that host's.
  private func place(of server: Int) -> (host: Int, track: Int) {
    let host = servers[server].host
    return (host, 1 + (hosts[host].servers.firstIndex(of: server) ?? 0))
  }

  /// Whatever a server had in hand fails.
  private mutating func lose(_ server: Int) {
    for job in servers[server].dropAll() {
      if !jobs[job].hasExpired {
        leave(jobs[job], failed: true)
        write(jobs[job], failed: true)
      }
      jobs.remove(job)
    }
  }
}
