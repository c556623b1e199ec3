internal import Balancing
internal import CAdvisor
package import Control
internal import Deadlines
internal import FoundationEssentials
internal import HAProxy
internal import NIOPosix

/// Looks at what is there before there is a configuration: HAProxy's backends, and cAdvisor at the
/// addresses of their servers, or else this machine's Docker, or else node_exporter.
package struct Discovery: Sendable {
  /// Where to look.
  package struct Places: Sendable {
    /// As the configuration has them: `unix:/PATH` or `tcp:HOST:PORT`.
    package var sockets: [String]
    /// cAdvisors to be asked beside those at the servers' addresses.
    package var endpoints: [String]
    package var endpointPort: Int
    /// Paths of sockets where Docker's API may be, on this machine.
    package var engines: [String]

    package static let usualEngines = ["/run/docker.sock", "/run/podman/podman.sock"]

    package init(
      sockets: [String], endpoints: [String], endpointPort: Int,
      engines: [String] = Self.usualEngines
    ) {
      self.sockets = sockets
      self.endpoints = endpoints
      self.endpointPort = endpointPort
      self.engines = engines
    }
  }

  /// What was found.
  package struct Outcome: Sendable {
    package var configuration: FirstConfiguration
    package var report: CheckReport
    /// cAdvisors that gave no answer, with the reason.
    package var silent: [String]
    /// Backends that are not proposed, with the reason.
    package var leftOut: [String]
    /// What is to be known before it is used.
    package var warnings: [String]
  }

  /// Why nothing can be proposed.
  package struct Nothing: Error, CustomStringConvertible {
    package let description: String
  }

  private let places: Places
  private let mode: BackendSettings.Mode
  private let progress: @Sendable (String) -> Void
  private let clock: any Clock<Duration> = ContinuousClock()

  private static let balancerDeadline = Duration.seconds(3)

  /// - Parameter progress: is told what is being asked.
  package init(
    _ places: Places, mode: BackendSettings.Mode, progress: @escaping @Sendable (String) -> Void
  ) {
    self.places = places
    self.mode = mode
    self.progress = progress
  }

  package func look() async throws -> Outcome {
    let balancers = places.sockets.enumerated().map { index, address in
      (name: BalancerName("lb\(index + 1)"), address: address)
    }
    var readings: [BalancerName: BalancerReading] = [:]
    for balancer in balancers {
      progress("asking HAProxy at \(balancer.address) …")
      readings[balancer.name] = try await read(balancer.name, balancer.address)
    }
    let names = balancers.flatMap { readings[$0.name]?.backends.keys.sorted() ?? [] }
    var known = Set<BackendName>()
    let found = names.filter { known.insert($0).inserted }.map { name in
      (
        name: name,
        read: balancers.compactMap { balancer in
          readings[balancer.name]?.backends[name].map { (balancer: balancer.name, backend: $0) }
        }
      )
    }.filter { $0.read.contains { !$0.backend.servers.isEmpty } }
    guard !found.isEmpty else {
      throw Nothing(description: "HAProxy has no backend with servers")
    }
    var leftOut: [String] = []
    let backends = found.filter { backend in
      guard let reason = backend.read.lazy.compactMap({ Self.obstacle($0.backend) }).first else {
        return true
      }
      leftOut.append("\(backend.name): \(reason)")
      return false
    }
    guard !backends.isEmpty else {
      throw Nothing(
        description: "HAProxy has no backend that can be steered:"
          + leftOut.map { "\n  \($0)" }.joined())
    }
    let servers = backends.map { BackendServers($0.read).servers.map { ($0.name, $0.address) } }
    let addresses = servers.flatMap { $0.compactMap(\.1) }
    let urls = try endpointURLs(of: addresses)
    progress("asking for cAdvisor at \(urls.count) address(es) …")
    let byAddress = backends.map { backend in
      FirstConfiguration.Backend(
        name: backend.name, balancers: backend.read.map(\.balancer),
        rule: BackendProposal.Rule(matchesByAddress: true))
    }
    var first = FirstConfiguration(
      mode: mode, endpoints: urls, balancers: balancers, backends: byAddress)
    var (hosts, answering, silent, blind) = try await ask(first)
    var whole: FirstConfiguration.Finding?
    var warnings: [String] = []
    if answering.isEmpty {
      for engine in places.engines where FileManager.default.fileExists(atPath: engine) {
        progress("asking for containers at \(engine) …")
        first.endpoints = ["unix:\(engine)"]
        let local = try await ask(first)
        silent += local.silent
        let isUsed = zip(backends, servers).contains { backend, servers in
          BackendProposal(name: backend.name, balancers: [], servers: servers, hosts: local.hosts)
            .matchedCount > 0
        }
        guard isUsed else { continue }
        (hosts, answering, blind) = (local.hosts, local.answering, local.blind)
        warnings.append(Self.accessWarning(engine))
        break
      }
    }
    if answering.isEmpty {
      // Servers without containers are told of by their hosts.
      first.endpoints = Self.urls(of: addresses, by: .nodeExporter)
      progress("asking for node_exporter at \(first.endpoints.count) address(es) …")
      let nodes = try await ask(first)
      guard !nodes.answering.isEmpty else {
        throw Nothing(
          description: "no cAdvisor answers, no Docker of this machine fits, and no node_exporter "
            + "answers:\n"
            + (silent + nodes.silent).map { "  \($0)" }.joined(separator: "\n")
            + "\nname one with --cadvisor, or another port with --cadvisor-port")
      }
      (hosts, answering, blind) = (nodes.hosts, nodes.answering, nodes.blind)
      silent = nodes.silent
      whole = .nodeExporter
    }
    let proposals = zip(backends, servers).map { backend, servers in
      BackendProposal(
        name: backend.name, balancers: backend.read.map(\.balancer), servers: servers,
        hosts: hosts)
    }
    let matched = proposals.filter { $0.matchedCount > 0 }
    guard !matched.isEmpty else {
      throw Nothing(
        description: "no container fits a server of "
          + "\(proposals.map(\.name.text).joined(separator: ", ")) by name, label or address: "
          + "write `backends` by hand" + blind.map { "\n  \($0)" }.joined())
    }
    var configuration = FirstConfiguration(
      mode: mode, endpoints: answering, balancers: balancers,
      backends: matched.map {
        FirstConfiguration.Backend(name: $0.name, balancers: $0.balancers, rule: $0.rule)
      })
    // Where all answer at the addresses of the servers that it is for, and nobody else, no list is
    // needed: those are found.
    let steered = Set(matched.map(\.name))
    let served = zip(backends, servers).filter { steered.contains($0.0.name) }
      .flatMap { $0.1.compactMap(\.1) }
    let finding = whole ?? .cadvisors(port: places.endpointPort)
    if Set(Self.urls(of: served, by: finding)) == Set(answering) { configuration.finding = finding }
    let read = try configuration.read()
    let report = try await Self.withFleet(of: read) { fleet in
      await Inspector(configuration: read, fleet: fleet).inspect()
    }
    return Outcome(
      configuration: configuration, report: report, silent: silent,
      leftOut: leftOut
        + proposals.filter { $0.matchedCount == 0 }.map {
          "\($0.name): no container fits any of its servers"
        }, warnings: warnings)
  }

  /// What it means to give evenkeel an engine's socket.
  private static func accessWarning(_ engine: String) -> String {
    "who may open \(engine) may do anything on this machine, as root, and evenkeel's user is to open "
      + "it; it asks by GET alone, so a proxy that lets only `GET /containers/` through will do in "
      + "its place"
  }

  /// Why a backend is not steered by weights, as far as HAProxy shows it.
  private static func obstacle(_ backend: BackendReading) -> String? {
    switch backend.algorithm {
    case .dynamic: nil
    case .fixed:
      "`balance \(backend.algorithmName)` takes no weights while HAProxy runs, or is not steered by "
        + "them"
    case .perhapsFixed where backend.algorithmName.isEmpty: nil
    case .perhapsFixed:
      "`balance \(backend.algorithmName)` takes weights only with `hash-type consistent`, which "
        + "HAProxy does not show: add it by hand where it has that"
    }
  }

  /// Each server's machine, and this one: containers on a bridge have no cAdvisor of their own.
  private func endpointURLs(of addresses: [String]) throws -> [String] {
    let found = Self.urls(
      of: addresses + ["127.0.0.1"], by: .cadvisors(port: places.endpointPort))
    var hosts = Set<String>()
    return try (places.endpoints + found).filter { url in
      hosts.insert(try CAdvisorEndpoint(url: url).host).inserted
    }
  }

  private static func urls(
    of addresses: [String], by finding: FirstConfiguration.Finding
  ) -> [String] {
    var known = Set<String>()
    return addresses.filter { known.insert($0).inserted }.map { address in
      let host = address.contains(":") ? "[\(address)]" : address
      return "http://\(host):\(finding.port)\(finding.kind.usualPath)"
    }
  }

  private func read(_ name: BalancerName, _ text: String) async throws -> BalancerReading {
    do {
      let address = try BalancerConfiguration.Address(parsing: text)
      let client = RuntimeClient(
        address: address.runtimeAddress, group: MultiThreadedEventLoopGroup.singleton)
      return try await withDeadline(after: Self.balancerDeadline, clock: clock) {
        let names = try await client.listBackends()
        return try await HAProxyBalancer(name: name, client: client)
          .read(names.map { BackendName($0) })
      }
    } catch let error as BalancerConfiguration.Address.Invalid {
      throw Nothing(description: "\(error.message) (\(error.hint))")
    } catch is DeadlineExceeded {
      throw Nothing(description: "\(text): no answer in time; is HAProxy stopped?")
    }
  }

  /// - Returns: the hosts of those that answer, by name, why the others do not, and what those say
  ///   that know no container.
  private func ask(
    _ configuration: FirstConfiguration
  ) async throws -> (
    hosts: [HostName: HostTrack], answering: [String], silent: [String], blind: [String]
  ) {
    let read = try configuration.read()
    return try await Self.withFleet(of: read) { fleet in
      let reading = await FleetPoller(clock: clock, now: { fleet.clock.now }).poll(
        endpoints: fleet.endpoints, balancers: [], peers: [], backends: [:],
        pace: Pace(interval: read.interval))
      var hosts = await SampleStore().ingest(reading.endpoints).hosts
      var (answering, silent, blind): ([String], [String], [String]) = ([], [], [])
      var known = Set<String>()
      for (url, outcome) in zip(configuration.endpoints, reading.endpoints) {
        if case .failure(let failure) = outcome.answer {
          silent.append(failure.description)
          continue
        }
        let containers = Set(hosts[outcome.host]?.containers.keys.map { $0 } ?? [])
        if containers.isEmpty, let note = try? outcome.answer.get().malformed["containers"] {
          blind.append("\(url): \(note)")
        }
        let isWholeHost = containers == [HostReading.wholeHost]
        if !containers.isEmpty, !isWholeHost, containers.isSubset(of: known) {
          // The same machine by another address.
          hosts[outcome.host] = nil
        } else {
          known.formUnion(containers)
          answering.append(url)
        }
      }
      return (hosts, answering, silent, blind)
    }
  }

  private static func withFleet<Value>(
    of configuration: Configuration, _ work: (Fleet) async throws -> Value
  ) async throws -> Value {
    var fleet = try await Fleet.open(
      configuration, file: "the proposal", clock: SteadyClock(), keepsAllLabels: true)
    _ = await fleet.find()
    do {
      let value = try await work(fleet)
      await fleet.close()
      return value
    } catch {
      await fleet.close()
      throw error
    }
  }
}
