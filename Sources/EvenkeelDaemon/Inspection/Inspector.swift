internal import Balancing
internal import CheckedJSON
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
    // A look by hand is not bound to a tick: even at short intervals peers get their full time.
    let pace = Pace(interval: max(configuration.interval, .seconds(10)))
    async let facts = facts(within: pace.balancerDeadline)
    async let told = peerReports()
    let reading = await FleetPoller(clock: clock, now: { [fleet] in fleet.clock.now }).poll(
      endpoints: fleet.endpoints, balancers: fleet.balancers, peers: fleet.settings.peers,
      backends: fleet.settings.backendsByBalancer, pace: pace)
    let samples = await SampleStore().ingest(reading.endpoints)
    let found = Found(
      outcomes: reading.balancers, samples: samples, facts: await facts,
      matched: configuration.backends.map { matched($0, reading.balancers, samples) })
    let peers = await told
    let servers = Dictionary(
      found.matched.map { matched in
        let own = matched.readings.filter { !fleet.settings.peers.contains($0.balancer) }
        return (matched.name, own.flatMap(\.backend.servers))
      }, uniquingKeysWith: { first, _ in first })
    return CheckReport(
      endpoints: zip(fleet.entries, reading.endpoints).map { entry, outcome in
        var report = endpoint(outcome, samples)
        report.notes += SecrecyNotes.of(entry)
        report.origin = entry.origin
        return report
      },
      finders: fleet.finder.entries.map {
        CheckReport.Finder(
          origin: $0.configuration.origin, hosts: $0.list.targets.count,
          failure: $0.list.failure)
      },
      balancers: zip(configuration.balancers, reading.balancers).map { entry, outcome in
        balancer(entry, outcome, found.facts[entry.name])
      }
        + zip(fleet.peers, reading.balancers.dropFirst(configuration.balancers.count)).map {
          peer($0, $1, peers[$0.name], servers)
        },
      backends: zip(configuration.backends, found.matched).map { backend($0, $1, found) },
      status: CheckReport.Status(
        listen: configuration.status.address.description,
        notes: SecrecyNotes.of(configuration.status)
          + [SecrecyNotes.ofPeers(configuration)].compactMap(\.self)))
  }

  private func facts(within deadline: Duration) async -> [BalancerName: BalancerFacts] {
    await withTaskGroup(of: (BalancerName, BalancerFacts).self) { tasks in
      for entry in configuration.balancers {
        tasks.addTask {
          let client = RuntimeClient(address: entry.runtimeAddress, group: group)
          return (entry.name, await BalancerFacts.read(client, within: deadline, clock: clock))
        }
      }
      var facts: [BalancerName: BalancerFacts] = [:]
      for await (name, found) in tasks { facts[name] = found }
      return facts
    }
  }
}

/// All that was seen.
private struct Found {
  var outcomes: [BalancerOutcome]
  var samples: SampleView
  var facts: [BalancerName: BalancerFacts]
  /// In the order of the configuration.
  var matched: [Matched]

  /// The containers of all servers of all backends.
  var taken: Set<ContainerKey> { Set(matched.flatMap(\.containers)) }
}

/// One backend's servers, and who is matched with whom.
private struct Matched {
  var name: BackendName
  var readings: [(balancer: BalancerName, backend: BackendReading)]
  var missingOn: [BalancerName]
  var servers: [BackendServers.Server]
  var matches: [ServerName: Match]

  var containers: [ContainerKey] { matches.values.compactMap(\.container) }
}

extension Inspector {
  private func matched(
    _ settings: BackendSettings, _ outcomes: [BalancerOutcome], _ samples: SampleView
  ) -> Matched {
    var readings: [(balancer: BalancerName, backend: BackendReading)] = []
    var missingOn: [BalancerName] = []
    for outcome in outcomes where settings.balancers.contains(outcome.balancer) {
      guard case .success(let answer) = outcome.answer, outcome.failure == nil else { continue }
      if let reading = answer.backends[settings.name] {
        readings.append((outcome.balancer, reading))
      } else {
        missingOn.append(outcome.balancer)
      }
    }
    let servers = BackendServers(readings).servers
    return Matched(
      name: settings.name, readings: readings, missingOn: missingOn, servers: servers,
      matches: Matcher(settings.matching).match(
        servers.map { ($0.name, $0.address) }, in: samples.hosts,
        isAwaiting: samples.unread(of: fleet.endpoints).contains(where: \.tellsContainerAddresses)))
  }

  private func endpoint(_ outcome: EndpointOutcome, _ samples: SampleView) -> CheckReport.Endpoint {
    var report = CheckReport.Endpoint(
      name: outcome.endpoint.text, host: outcome.host.text, cores: nil, containers: nil,
      failure: nil)
    switch outcome.answer {
    case .failure(let failure):
      report.failure = failure.description
    case .success(let reading):
      report.cores = reading.cores
      report.containers = reading.containers.count
      if let other = samples.sameMachines.used[outcome.host] {
        report.notes.append(SameMachines.sentence(other))
      }
      if reading.hostSample == nil, reading.malformed.isEmpty {
        report.notes.append("reports no CPU use of its host: quotas alone count")
      }
      for (part, reason) in reading.malformed.sorted(by: { $0.key < $1.key }) {
        // A container that is some server's is told with it; the others are neighbours.
        let isContainer = reading.containers.contains { $0.id == part }
        if isContainer {
          report.notes.append("\(part): \(reason)")
        } else {
          report.errors.append("\(part): \(reason)")
        }
      }
      if let age = oldestAge(outcome, reading, samples), age > configuration.interval.inSeconds {
        report.notes.append(
          "a container's newest sample is \(decimal(age, 0)) s old, older than the interval of "
            + "\(DurationText(configuration.interval)): let its source look more often (cAdvisor: "
            + "-allow_dynamic_housekeeping=false -housekeeping_interval=2s; Prometheus: "
            + "scrape_interval)")
      }
    }
    return report
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
    _ entry: BalancerConfiguration, _ outcome: BalancerOutcome, _ facts: BalancerFacts?
  ) -> CheckReport.Balancer {
    var report = CheckReport.Balancer(
      name: entry.name.text, address: entry.runtimeAddress.description,
      level: facts?.level.map { "\($0)" }, failure: outcome.failure?.description,
      backends: facts?.names)
    if let level = facts?.level, level != .admin, entry.writes {
      let text =
        "the socket's level is \(level); weights need `level admin` on its `stats socket` line"
      let isWritten = configuration.backends.contains {
        $0.mode == .control && $0.balancers.contains(entry.name)
      }
      if isWritten { report.errors.append(text) } else { report.notes.append(text) }
    }
    return report
  }

  /// What the peers answer, beside what is counted: how they are configured.
  private func peerReports() async -> [BalancerName: PeerReport] {
    var reports: [BalancerName: PeerReport] = [:]
    for entry in fleet.peers {
      // Why one does not answer is told with what is counted.
      let token = entry.tokenFile.flatMap { try? StatusToken.read($0) }
      guard let client = try? StatusClient(peer: entry, token: token),
        case .report(let report)? = try? await client.peerReport()
      else { continue }
      reports[entry.name] = report
    }
    return reports
  }

  private func peer(
    _ entry: PeerConfiguration, _ outcome: BalancerOutcome, _ told: PeerReport?,
    _ servers: [BackendName: [ServerReading]]
  ) -> CheckReport.Balancer {
    var report = CheckReport.Balancer(
      name: "peer \(entry.name)", address: entry.url, level: nil,
      failure: outcome.failure?.description, backends: nil)
    report.notes += SecrecyNotes.of(entry)
    report.notes +=
      told?.differences(from: configuration, isNear: entry.isNear, servers: servers) ?? []
    return report
  }

  private func backend(
    _ settings: BackendSettings, _ matched: Matched, _ found: Found
  ) -> CheckReport.Backend {
    var report = CheckReport.Backend(
      name: settings.name.text, mode: settings.mode.rawValue, strategy: settings.strategy.rawValue,
      servers: matched.servers.map {
        server($0, matched.matches[$0.name] ?? .none, settings, found.samples)
      })
    for balancer in matched.missingOn {
      report.errors.append(
        "\(balancer) has no backend of this name"
          + (found.facts[balancer]?.names.map { Self.instead(of: settings.name, $0) } ?? ""))
    }
    for (balancer, backend) in matched.readings {
      switch backend.advice(settings.strategy) {
      case .error(let text)?: report.errors.append("on \(balancer): \(text)")
      case .note(let text)?: report.notes.append("on \(balancer): \(text)")
      case nil: break
      }
      if settings.strategy == .capacity, let text = backend.betterBalance {
        report.advice.append("on \(balancer): \(text)")
      }
    }
    if !matched.servers.isEmpty {
      let names = matched.servers.map(\.name.text)
      for name in settings.hold.map(\.text).sorted() where !names.contains(name) {
        report.errors.append(
          "`hold` names \(QuotedText(name)), which is no server of it; "
            + NearestText.hint(insteadOf: name, among: names))
      }
    }
    let count = matched.containers.count
    if !matched.servers.isEmpty, count < 2 {
      report.errors.append(
        "fewer than two servers are matched with containers: nothing can be levelled")
    }
    let unmatched = matched.servers.compactMap { server -> (name: ServerName, match: Match)? in
      guard Self.lacksContainer(server, matched.matches[server.name] ?? .none) else { return nil }
      return (server.name, matched.matches[server.name] ?? .none)
    }
    if !unmatched.isEmpty {
      let misses = NearMisses(found.samples, except: found.taken, settings.matching)
      report.containersWithoutServer = misses.containers
      report.errors += misses.sentences(unmatched)
    }
    report.notes += shared(matched, found)
    return report
  }

  private static func instead(of name: BackendName, _ names: [String]) -> String {
    guard !names.isEmpty else { return "; it has none" }
    let nearest = NearestText.nearest(to: name.text, among: names)
    let guess = nearest.map { " (did you mean `\($0)`?)" } ?? ""
    return "\(guess); it has \(NamesText.few(names))"
  }

  /// What those who serve for others too should know.
  private func shared(_ matched: Matched, _ found: Found) -> [String] {
    let own = Set(matched.containers)
    let configured = found.matched.filter {
      $0.name != matched.name && !own.isDisjoint(with: $0.containers)
    }.map(\.name.text)
    var notes: [String] = []
    if !configured.isEmpty {
      notes.append(
        "its containers serve \(NamesText.few(configured)) as well: what a request costs is learned "
          + "from the requests of all together")
    }
    let known = Set(configuration.backends.map(\.name.text))
    let foreign = matched.readings.flatMap {
      found.facts[$0.balancer]?.sisters(of: matched.name) ?? []
    }
    .filter { !known.contains($0) }
    if !foreign.isEmpty {
      let names = Set(foreign).sorted()
      notes.append(
        "HAProxy sends requests of \(NamesText.few(names)) to the same servers, which nobody counts: "
          + "they make its own look dearer; add to `backends` what takes much of them")
    }
    return notes
  }

  private static func lacksContainer(_ server: BackendServers.Server, _ match: Match) -> Bool {
    guard server.state != .unresolved, server.state != .maintenance else { return false }
    switch match {
    case .none, .near: return true
    case .container, .ambiguous, .shared: return false
    }
  }

  private func server(
    _ server: BackendServers.Server, _ match: Match, _ settings: BackendSettings,
    _ samples: SampleView
  ) -> CheckReport.Server {
    let readings = settings.balancers.compactMap { server.byBalancer[$0] }
    var report = CheckReport.Server(
      name: server.name.text, state: server.state.description,
      weight: readings.first?.weight.value ?? 0, container: nil, host: nil, rule: nil,
      quotaCores: nil, flaw: nil)
    // What will fill it is not known, so nothing is missing.
    guard server.state != .unresolved else { return report }
    switch match {
    case .container(let key, let rule):
      let track = samples.hosts[key.host]?.containers[key.id]
      report.container = key.alias
      report.host = key.host.text
      report.rule = rule.rawValue
      report.quotaCores = track?.quotaCores
      if let flaw = track?.flaw {
        report.flaw = flaw
        report.errors.append("held: \(flaw)")
      }
    case .none where server.state == .maintenance, .near where server.state == .maintenance:
      // Made in advance, as some controllers do, or to come back: nothing is missing as yet.
      break
    case .none, .near:
      report.errors.append(missing(samples))
    case .ambiguous, .shared:
      report.errors.append(match.description)
    }
    if readings.contains(where: \.hasAgent) {
      report.notes.append(
        "has an agent-check: should the agent report a percentage, it undoes evenkeel's weights")
    }
    if readings.contains(where: { $0.initialWeight.value == 0 }) {
      report.notes.append(
        "its initial weight is 0: evenkeel leaves it alone until somebody gives it a weight")
    }
    return report
  }

  private func missing(_ samples: SampleView) -> String {
    if samples.hosts.values.allSatisfy({ $0.containers.isEmpty }) {
      return "no source of load tells of any container"
    }
    if samples.hosts.count < fleet.entries.count {
      return "no container fits among the sources that answered"
    }
    return Match.none.description
  }
}

/// What is said of a balance algorithm.
private enum Advice {
  case error(String)
  case note(String)
}

extension BackendReading {
  fileprivate func advice(_ strategy: BackendSettings.StrategyKind) -> Advice? {
    switch algorithm {
    case .fixed:
      .error(
        "`balance \(algorithmName)` takes no weights while HAProxy runs, or is not steered by them; "
          + "use roundrobin, random or leastconn")
    case .perhapsFixed where algorithmName.isEmpty:
      .note("HAProxy does not show the balance algorithm to this socket's level")
    case .perhapsFixed:
      .note(
        "`balance \(algorithmName)` takes weights only with `hash-type consistent`, which HAProxy does "
          + "not show: the first write tells")
    case .dynamic(.inFlight) where strategy == .capacity:
      .note(
        "under `balance leastconn` a weight is a share of what is in flight: where requests cost "
          + "unequally it keeps the tail short, but levels CPU less well than roundrobin, at low load "
          + "above all; `balance random(4)` does both")
    case .dynamic: nil
    }
  }
}
