internal import Balancing
internal import Control
internal import Deadlines
internal import HAProxy
package import NIOCore
internal import NIOPosix

/// Looks once at everything that a configuration names, and says who is matched with whom.
package struct Inspector: Sendable {
  private let configuration: Configuration
  private let fleet: Fleet
  private let group: any EventLoopGroup
  private let clock: any Clock<Duration> = ContinuousClock()

  package init(
    configuration: Configuration, fleet: Fleet,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    self.configuration = configuration
    self.fleet = fleet
    self.group = group
  }

  package func inspect() async -> CheckReport {
    let steadyClock = SteadyClock()
    // A look by hand is not bound to a tick: even at short intervals peers get their full time.
    let pace = Pace(interval: max(configuration.interval, .seconds(10)))
    async let levels = accessLevels(within: pace.balancerDeadline)
    let reading = await FleetPoller(clock: clock, now: { steadyClock.now }).poll(
      endpoints: fleet.endpoints, balancers: fleet.balancers,
      backends: fleet.settings.backendsByBalancer, pace: pace)
    let samples = await SampleStore().ingest(reading.endpoints)
    let found = await levels
    return CheckReport(
      endpoints: zip(configuration.endpoints, reading.endpoints).map { entry, outcome in
        var report = endpoint(outcome, samples)
        report.hints += SecrecyNotes.of(entry)
        return report
      },
      balancers: zip(configuration.balancers, reading.balancers).map { entry, outcome in
        balancer(entry, outcome, found[entry.name])
      },
      backends: configuration.backends.map { backend($0, reading.balancers, samples) },
      status: .init(
        listen: configuration.status.address.description,
        hints: SecrecyNotes.of(configuration.status)))
  }

  private func accessLevels(within deadline: Duration) async -> [BalancerName: AccessLevel] {
    await withTaskGroup(of: (BalancerName, AccessLevel)?.self) { tasks in
      for entry in configuration.balancers {
        tasks.addTask {
          let client = RuntimeClient(address: entry.runtimeAddress, group: group)
          guard
            let level = try? await withDeadline(
              after: deadline, clock: clock, operation: { try await client.accessLevel() })
          else { return nil }
          return (entry.name, level)
        }
      }
      var levels: [BalancerName: AccessLevel] = [:]
      for await case (let name, let level)? in tasks { levels[name] = level }
      return levels
    }
  }
}

extension Inspector {
  private func endpoint(_ outcome: EndpointOutcome, _ samples: SampleView) -> CheckReport.Endpoint {
    switch outcome.answer {
    case .failure(let failure):
      return CheckReport.Endpoint(
        name: outcome.endpoint.text, host: outcome.host.text, failure: failure.description,
        hints: [])
    case .success(let reading):
      var hints: [String] = []
      if reading.hostSample == nil, reading.malformed.isEmpty {
        hints.append("reports no CPU use of its host")
      }
      hints += reading.malformed.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      if let age = oldestAge(outcome, reading, samples), age > configuration.interval.inSeconds {
        hints.append(
          "a container's newest sample is \(decimal(age, 0)) s old, older than the interval of "
            + "\(DurationText(configuration.interval)): run it with -allow_dynamic_housekeeping=false "
            + "-housekeeping_interval=2s")
      }
      return CheckReport.Endpoint(
        name: outcome.endpoint.text, host: outcome.host.text, cores: reading.cores,
        containers: reading.containers.count, failure: nil, hints: hints)
    }
  }

  private func oldestAge(
    _ outcome: EndpointOutcome, _ reading: HostReading, _ samples: SampleView
  ) -> Double? {
    let host = samples.hosts[outcome.host]
    // Another entry for the same container is not looked at.
    let used = reading.containers.filter { host?.containers[$0.id]?.twin == nil }
    let oldest = used.compactMap { $0.sample?.timestamp }.min()
    let offset = host?.clock.value ?? 0
    return oldest.map { outcome.receivedAt.advanced(bySeconds: offset).seconds(since: $0) }
  }

  private func balancer(
    _ entry: BalancerConfiguration, _ outcome: BalancerOutcome, _ level: AccessLevel?
  ) -> CheckReport.Balancer {
    var report = CheckReport.Balancer(
      name: entry.name.text, address: entry.runtimeAddress.description, level: nil, failure: nil,
      hints: [])
    report.failure = outcome.failure?.description
    if let level {
      report.level = "\(level)"
      if level != .admin, entry.writes {
        report.hints.append(
          "the socket's level is \(level); weights need `level admin` on its `stats socket` line")
      }
    }
    return report
  }

  private func backend(
    _ settings: BackendSettings, _ outcomes: [BalancerOutcome], _ samples: SampleView
  ) -> CheckReport.Backend {
    var hints: [String] = []
    var readings: [(balancer: BalancerName, backend: BackendReading)] = []
    for outcome in outcomes where settings.balancers.contains(outcome.balancer) {
      guard case .success(let answer) = outcome.answer, outcome.failure == nil else { continue }
      guard let reading = answer.backends[settings.name] else {
        hints.append("\(outcome.balancer) has no backend of this name")
        continue
      }
      readings.append((outcome.balancer, reading))
      if let hint = reading.algorithmHint(settings.strategy) {
        hints.append("on \(outcome.balancer): \(hint)")
      }
    }
    let servers = BackendServers(readings).servers
    let matches = Matcher(settings.matching).match(
      servers.map { ($0.name, $0.address) }, in: samples.hosts)
    let matched = matches.values.filter { $0.container != nil }.count
    if !servers.isEmpty, matched < 2 {
      hints.append("fewer than two servers are matched with containers: nothing can be levelled")
    }
    return CheckReport.Backend(
      name: settings.name.text, mode: settings.mode.rawValue, strategy: settings.strategy.rawValue,
      servers: servers.map { server($0, matches[$0.name] ?? .none, settings, samples) },
      hints: hints)
  }

  private func server(
    _ server: BackendServers.Server, _ match: Match, _ settings: BackendSettings,
    _ samples: SampleView
  ) -> CheckReport.Server {
    let readings = settings.balancers.compactMap { server.byBalancer[$0] }
    var hints: [String] = []
    var report = CheckReport.Server(
      name: server.name.text, state: server.state.description,
      weight: readings.first?.weight.value ?? 0, hints: [])
    // What will fill it is not known, so nothing is missing.
    guard server.state != .unresolved else { return report }
    if case .container(let key, let rule) = match {
      report.container = key.alias
      report.host = key.host.text
      report.rule = rule.rawValue
      report.quotaCores = samples.hosts[key.host]?.containers[key.id]?.quotaCores
      if let flaw = samples.hosts[key.host]?.containers[key.id]?.flaw {
        report.flaw = flaw
        hints.append("held: \(flaw)")
      }
    } else if match == .none, server.state == .maintenance {
      // Made in advance, as some controllers do, or to come back: nothing is missing as yet.
    } else if match == .none, samples.hosts.values.allSatisfy({ $0.containers.isEmpty }) {
      hints.append("no cAdvisor tells of any container")
    } else if match == .none, samples.hosts.count < configuration.endpoints.count {
      hints.append("no container fits among the cAdvisors that answered")
    } else {
      hints.append(match.description)
    }
    if readings.contains(where: \.hasAgent) {
      hints.append(
        "has an agent-check: should the agent report a percentage, it undoes evenkeel's weights")
    }
    if readings.contains(where: { $0.initialWeight.value == 0 }) {
      hints.append(
        "its initial weight is 0: evenkeel leaves it alone until somebody gives it a weight")
    }
    report.hints = hints
    return report
  }
}

extension BackendReading {
  fileprivate func algorithmHint(_ strategy: BackendSettings.StrategyKind) -> String? {
    switch algorithm {
    case .fixed:
      "`balance \(algorithmName)` takes no weights while HAProxy runs, or is not steered by them; "
        + "use roundrobin"
    case .perhapsFixed where algorithmName.isEmpty:
      "HAProxy does not show the balance algorithm to this socket's level"
    case .perhapsFixed:
      "`balance \(algorithmName)` takes weights only with `hash-type consistent`"
    case .dynamic(.inFlight) where strategy == .capacity:
      "`balance leastconn` makes a weight a share of what is in flight, not of the requests: "
        + "utilisation is levelled less well than under roundrobin, and high load went badly in "
        + "tests"
    case .dynamic: nil
    }
  }
}
