internal import Balancing
internal import Control
internal import DequeModule

/// The cluster's state, and what happens to it as time goes on.
struct ClusterState: Sendable {
  private(set) var now = 0.0
  var record = ClusterRecord()

  let scenario: Scenario
  var timers = Timers()
  var jobs = Jobs()
  var servers: [SimulatedServer]
  var hosts: [SimulatedHost]
  var balancers: [SimulatedBalancer]
  let positions: [ServerName: Int]

  private var arrivals: SeededRandom
  private var costs: SeededRandom
  private var surroundings: SeededRandom
  private var sampling: SeededRandom
  private var clients: Clients
  private var visiting: SeededRandom
  var slices: Slices
  private let cost: LogNormal

  var demand: Ramp
  private var burst = 1.0
  var costFactor = 1.0
  var failFast = 0.0
  /// The servers that were up when the present second began.
  private var served: [Bool]
  private var arrivedThisSecond = 0

  /// What a request that fails at once costs, in parts of a mean one.
  private static let failureCost = 0.02
  /// Seconds after which a request that fails at once is answered.
  private static let failureSeconds = 0.001

  init(_ scenario: Scenario, seed: UInt64) {
    self.scenario = scenario
    var random = SeededRandom(seed: seed)
    arrivals = random.split()
    costs = random.split()
    surroundings = random.split()
    sampling = random.split()
    clients = Clients(scenario.demand, random.split())
    visiting = random.split()
    let slices = Slices(scenario)
    self.slices = slices
    cost = LogNormal(variation: scenario.request.variation)
    demand = Ramp(1)
    positions = Dictionary(
      scenario.servers.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    let hostPositions = Dictionary(
      scenario.hosts.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    servers = scenario.servers.map { model in
      let host = hostPositions[model.host] ?? 0
      return SimulatedServer(
        model, host: host, hostCores: scenario.hosts[host].cores,
        sliceCores: slices.quota(of: model.slice))
    }
    hosts = scenario.hosts.enumerated().map { index, model in
      SimulatedHost(
        model,
        servers: scenario.servers.indices.filter {
          hostPositions[scenario.servers[$0].host] == index
        }, sampling: model.sampling ?? scenario.sampling)
    }
    served = scenario.servers.map { $0.state == .up }
    balancers = scenario.balancers.map {
      SimulatedBalancer($0, servers: scenario.servers, random.split())
    }
    begin()
  }

  private mutating func begin() {
    for (index, event) in scenario.events.enumerated() {
      timers.plan(.event(index), at: event.atSeconds)
    }
    for host in hosts.indices {
      for track in hosts[host].tracks.indices {
        let gap = hosts[host].sampling.housekeepingSeconds
        timers.plan(.sample(host: host, track: track), at: gap * sampling.unit())
      }
    }
    for host in hosts.indices {
      if let change = hosts[host].beginVisits(&visiting) {
        timers.plan(.visit(host: host), at: change)
      }
    }
    timers.plan(.second, at: 1)
    planArrival()
  }

  mutating func advance(to time: Double) {
    while let (at, kind) = timers.next(until: time) {
      now = max(now, at)
      switch kind {
      case .arrival: arrive()
      case .completion(let server, let plan): complete(on: server, plan)
      case .waited(let job): end(job)
      case .second: endSecond()
      case .sample(let host, let track): sample(host, track)
      case .event(let index): happen(index)
      case .visit(let host):
        if let seconds = hosts[host].changeVisit(&visiting) {
          timers.plan(.visit(host: host), at: now + seconds)
        }
      }
    }
    now = max(now, time)
  }

  // MARK: Requests

  private var rate: Double { scenario.demand.requestsPerSecond * demand.value(at: now) * burst }

  /// Plans the next arrival of this second; the next second plans its own.
  private mutating func planArrival() {
    guard rate > 0 else { return }
    let next = now + arrivals.exponential(rate: rate)
    if next < now.rounded(.down) + 1 { timers.plan(.arrival, at: next) }
  }

  private mutating func arrive() {
    planArrival()
    arrivedThisSecond += 1
    let balancer = chooseBalancer()
    let work = scenario.request.cpuSeconds * cost.draw(&costs)
    let job = jobs.add(
      Job(
        arrivedAt: now, work: work, ioSeconds: 0, balancer: balancer,
        process: balancers[balancer].process))
    guard let server = chooseServer(on: balancer) else {
      if balancers[balancer].hasServers {
        balancers[balancer].queue.append(job)
      } else {
        write(jobs[job], failed: true)
        jobs.remove(job)
      }
      return
    }
    send(job, to: server)
  }

  /// By the weights, but for a client that has been at a server which is still up: that is how
  /// HAProxy heeds a cookie, even at a server that is drained.
  private mutating func chooseServer(on balancer: Int) -> Int? {
    guard let client = clients.next() else { return balancers[balancer].choose(at: now) }
    if let home = clients.homes[client], balancers[balancer].slots[home].isUp { return home }
    let server = balancers[balancer].choose(at: now)
    clients.homes[client] = server
    return server
  }

  private mutating func chooseBalancer() -> Int {
    guard balancers.count > 1 else { return 0 }
    // Where events left none a share, all is the last one's.
    let total = balancers.reduce(0) { $0 + $1.model.share }
    var point = arrivals.unit() * total
    for index in balancers.indices {
      point -= balancers[index].model.share
      if point <= 0, balancers[index].model.share > 0 { return index }
    }
    return balancers.count - 1
  }

  private mutating func send(_ job: Int, to server: Int) {
    let balancer = jobs[job].balancer
    let model = servers[server].model
    balancers[balancer].slots[server].counters.arrived += 1
    servers[server].settle(at: now)
    let failing = 1 - (1 - failFast) * (1 - model.failFast)
    if failing > 0, costs.unit() <= failing {
      servers[server].add(
        cpuSeconds: scenario.request.cpuSeconds * model.costFactor * Self.failureCost)
      balancers[balancer].slots[server].counters.done += 1
      balancers[balancer].slots[server].counters.failed += 1
      write(jobs[job], failed: true, after: Self.failureSeconds)
      jobs.remove(job)
      return
    }
    let host = hosts[servers[server].host]
    let sharing = 1 + host.model.threadSharing * host.lastUse / host.model.cores
    jobs[job].work *= servers[server].costFactor(at: now) * costFactor * sharing
    jobs[job].work *= balancers[balancer].model.costFactor
    jobs[job].server = server
    jobs[job].ioSeconds = model.ioSeconds ?? scenario.request.ioSeconds
    jobs[job].sentAt = now
    balancers[balancer].began(on: server, at: now)
    if servers[server].take(job, work: jobs[job].work) { planCompletion(on: server) }
  }

  mutating func planCompletion(on server: Int) {
    guard let next = servers[server].nextCompletion else { return }
    timers.plan(.completion(server: server, plan: servers[server].plan), at: max(now, next))
  }

  private mutating func complete(on server: Int, _ plan: Int) {
    guard servers[server].plan == plan else { return }
    servers[server].settle(at: now)
    guard let job = servers[server].finish(&jobs) else { return }
    planCompletion(on: server)
    if jobs[job].ioSeconds > 0 {
      timers.plan(.waited(job: job), at: now + jobs[job].ioSeconds)
    } else {
      end(job)
    }
  }

  /// A request is answered.
  private mutating func end(_ job: Int) {
    let ended = jobs[job]
    jobs.remove(job)
    guard !ended.hasExpired else { return }
    let limit = scenario.request.timeoutSeconds
    let isLate = now - ended.arrivedAt > limit
    leave(ended, failed: isLate)
    write(ended, failed: isLate, after: isLate ? limit : nil)
  }

  /// Takes a request out of its balancer's books, and lets one that waits there go on.
  mutating func leave(_ job: Job, failed: Bool) {
    guard balancers[job.balancer].process == job.process else { return }
    balancers[job.balancer].ended(on: job.server)
    if failed {
      balancers[job.balancer].slots[job.server].counters.failed += 1
    } else {
      balancers[job.balancer].slots[job.server].counters.done += 1
      balancers[job.balancer].slots[job.server].responses.add(seconds: now - job.sentAt)
    }
    sendQueued(job.balancer)
  }

  mutating func sendQueued(_ balancer: Int) {
    while let next = balancers[balancer].queue.first {
      guard jobs[next].arrivedAt + scenario.request.timeoutSeconds > now else {
        _ = balancers[balancer].queue.popFirst()
        expire(queued: next)
        continue
      }
      guard let server = balancers[balancer].chooseForQueued(at: now) else { return }
      _ = balancers[balancer].queue.popFirst()
      send(next, to: server)
    }
  }

  private mutating func expire(queued job: Int) {
    write(jobs[job], failed: true, after: scenario.request.timeoutSeconds)
    jobs.remove(job)
  }

  mutating func write(_ job: Job, failed: Bool, after seconds: Double? = nil) {
    record.requests.append(
      RunRecord.RequestOutcome(
        endedAtSeconds: Float(now), latencySeconds: Float(seconds ?? now - job.arrivedAt),
        hasFailed: failed))
  }

  /// Ends the wait for requests that took too long; the server finds out when it is their turn.
  private mutating func expireOld() {
    let limit = scenario.request.timeoutSeconds
    for server in servers.indices {
      for job in servers[server].jobsInside
      where !jobs[job].hasExpired && now - jobs[job].arrivedAt > limit {
        jobs[job].hasExpired = true
        leave(jobs[job], failed: true)
        write(jobs[job], failed: true, after: limit)
      }
    }
    for balancer in balancers.indices { sendQueued(balancer) }
  }

  // MARK: Seconds

  private mutating func endSecond() {
    timers.plan(.second, at: now.rounded() + 1)
    for server in servers.indices { servers[server].settle(at: now) }
    let uses = servers.indices.map { servers[$0].endSecond() }
    for host in hosts.indices {
      hosts[host].endSecond(ours: hosts[host].servers.reduce(0) { $0 + uses[$1] })
    }
    writeSecond(uses)
    expireOld()
    shareCores()
    for balancer in balancers.indices { balancers[balancer].ramp(at: now) }
    burst = scenario.demand.burst > 0 ? arrivals.gamma(variation: scenario.demand.burst) : 1
    planArrival()
  }

  private mutating func shareCores() {
    for host in hosts.indices {
      let members = hosts[host].servers
      let within = slices.share(members.map { (servers[$0].claim, servers[$0].model.slice) })
      let claims = zip(members, within).map { server, within in
        SimulatedHost.Claim(
          cores: within.claim, most: min(servers[server].limit, within.most),
          shares: servers[server].model.shares)
      }
      let given = hosts[host].share(claims, &surroundings)
      for (server, speed) in zip(members, given) {
        guard abs(speed - servers[server].speed) > 1e-9 else { continue }
        servers[server].set(speed: speed)
        planCompletion(on: server)
      }
    }
  }

  private mutating func writeSecond(_ uses: [Double]) {
    let sliceUses = hosts.map { host in
      slices.uses(host.servers.map { (uses[$0], servers[$0].model.slice) })
    }
    record.seconds.append(
      RunRecord.Second(
        utilisation: servers.indices.map { index in
          let server = servers[index]
          let host = hosts[server.host]
          let quota = server.model.quotaCores.map { uses[index] / $0 } ?? 0
          let slice = server.model.slice.flatMap { sliceUses[server.host][$0] } ?? 0
          return max(quota, slice, host.lastUse / host.model.cores)
        },
        weights: balancers[0].slots.map(\.weight.value),
        isServing: zip(servers, served).map { $0.model.state == .up && $1 },
        arrived: arrivedThisSecond))
    arrivedThisSecond = 0
    served = servers.map { $0.model.state == .up }
  }

  /// The true total of one counter.
  mutating func cpuSeconds(_ host: Int, _ track: Int) -> Double {
    guard track > 0 else {
      let sinceSecond = now - now.rounded(.down)
      return hosts[host].cpuSeconds + hosts[host].lastUse * sinceSecond
    }
    let server = hosts[host].servers[track - 1]
    servers[server].settle(at: now)
    return servers[server].cpuSeconds
  }

  private mutating func sample(_ host: Int, _ track: Int) {
    let value = cpuSeconds(host, track)
    let next = hosts[host].sample(track, cpuSeconds: value, at: now, &sampling)
    timers.plan(.sample(host: host, track: track), at: now + next)
  }
}
