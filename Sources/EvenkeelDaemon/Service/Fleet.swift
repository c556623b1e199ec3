internal import AsyncHTTPClient
internal import Balancing
internal import CAdvisor
internal import CheckedJSON
package import Control
package import HAProxy
package import NIOCore
internal import NIOPosix
package import Names

/// The parts of one configuration, opened: what a controller reads and writes.
///
/// The hosts that are found come and go while it is open.
package struct Fleet: Sendable {
  /// A source, and what it was made from.
  private struct OpenSource: Sendable {
    let entry: EndpointConfiguration
    let source: any LoadSource
    /// Its own, where it may go before the others.
    var connections: Connections?

    var isOpen: Bool { !(source is UnopenedSource) }
  }

  package private(set) var settings: ControlSettings
  /// Those that are listed, then the peers.
  package private(set) var balancers: [any Balancer]
  /// The peers that there are now.
  package private(set) var peers: [PeerConfiguration]
  private let configuration: Configuration
  private let peerNames: PeerNames
  private let listed: [OpenSource]
  private var found: [OpenSource] = []
  package private(set) var finder: HostFinder
  private let opening: SourceOpening
  /// What its sources measure by, and whoever reads them: of two clocks, one may be set apart.
  package var clock: SteadyClock { opening.clock }
  private let connections: Connections

  /// What is read: the sources that are listed, in the order of the configuration, then those of the
  /// hosts that were found.
  package var endpoints: [any LoadSource] { (listed + found).map(\.source) }
  /// What each of them was made from.
  package var entries: [EndpointConfiguration] { (listed + found).map(\.entry) }

  /// Opens what a configuration names. Nothing is connected yet, and no host is found.
  ///
  /// - Parameters:
  ///   - clock: what its sources measure by.
  ///   - keepsAllLabels: whether labels of cAdvisor's containers are kept that the configuration does
  ///     not name.
  /// - Throws: `InvalidFile` with every file that cannot be used.
  package static func open(
    _ configuration: Configuration, file: String, clock: SteadyClock, keepsAllLabels: Bool = false,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    resolver: NameResolver = .shared
  ) async throws -> Fleet {
    // Less than any deadline, so that it is said what was waited for.
    let patience = min(.seconds(2), configuration.interval / 4)
    var connections = Connections(group: group, resolver: resolver, patience: patience)
    var listed: [OpenSource] = []
    var problems: [Problem] = []
    let opening = SourceOpening(
      clock: clock,
      interval: configuration.interval,
      matchesByAddress: configuration.backends.contains { $0.matching.byAddress },
      containerLabels: configuration.containerLabels, keepsAllLabels: keepsAllLabels)
    for entry in configuration.endpoints {
      do {
        let source = try opening.open(entry, by: &connections)
        listed.append(OpenSource(entry: entry, source: source))
      } catch {
        problems.append(Problem(path: entry.place, message: "\(error)"))
      }
    }
    var lists: [Int: PageClient] = [:]
    for (index, finding) in configuration.findings.enumerated() {
      do {
        lists[index] = try opening.lists(of: finding, by: &connections)
      } catch {
        problems.append(Problem(path: finding.place, message: "\(error)"))
      }
    }
    var peers: [any Balancer] = []
    for (index, entry) in configuration.peers.enumerated() {
      do {
        peers.append(try PeerBalancer(entry))
      } catch {
        problems.append(Problem(path: "peers[\(index)]", message: "\(error)"))
      }
    }
    guard problems.isEmpty else {
      await connections.close()
      throw InvalidFile(file: file, problems: problems)
    }
    var balancers: [any Balancer] = configuration.balancers.map { entry in
      HAProxyBalancer(
        name: entry.name,
        client: RuntimeClient(
          address: entry.runtimeAddress, group: group,
          connectTimeout: min(.seconds(1), patience), resolver: resolver))
    }
    balancers += peers
    return Fleet(
      settings: configuration.controlSettings.told(by: DaemonInstance.current),
      balancers: balancers, peers: configuration.peers,
      configuration: configuration,
      peerNames: PeerNames(configuration.peers, resolver: resolver, patience: patience),
      listed: listed,
      finder: HostFinder(
        configuration.findings, sources: lists, resolver: resolver, patience: patience,
        remoteBalancers: configuration.remoteBalancers),
      opening: opening, connections: connections)
  }

  /// Goes on with the hosts that another one has found by the same means.
  package mutating func inherit(from other: Fleet) { finder.inherit(from: other.finder) }

  /// Asks for hosts once, HAProxy among others, and opens what is found.
  package mutating func find() async -> [ControlEvent] {
    let now = clock.now
    _ = take(peers: await lookUpPeers())
    guard !finder.isIdle else { return [] }
    let pace = Pace(interval: max(settings.interval, .seconds(10)))
    var servers = SeenServers()
    if finder.wantsServers {
      let controller = FleetController(
        settings: settings, endpoints: [], balancers: balancers, peerTime: .seconds(10),
        now: { now })
      servers = await controller.readServers()
    }
    let answers = await finder.ask(servers: servers, within: pace.endpointDeadline, at: now)
    return await take(answers).events
  }

  /// Whom the names of peers lead to now; changes nothing yet.
  package func lookUpPeers() async -> [PeerConfiguration] {
    configuration.peers.isEmpty ? [] : await peerNames.members(knowing: peers)
  }

  /// Goes on with other peers.
  ///
  /// - Returns: whether there are others than before.
  package mutating func take(peers found: [PeerConfiguration]) -> Bool {
    guard found != peers else { return false }
    let known = Dictionary(
      balancers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var members: [PeerConfiguration] = []
    var opened: [any Balancer] = []
    for entry in found {
      let same = peers.contains(entry) ? known[entry.name] : nil
      // Its files were good when the configuration was taken; if they are not now, it is asked again.
      guard let balancer = try? same ?? PeerBalancer(entry) else { continue }
      members.append(entry)
      opened.append(balancer)
    }
    guard members != peers else { return false }
    peers = members
    balancers = Array(balancers.prefix(configuration.balancers.count)) + opened
    settings = configuration.controlSettings(peers: peers).told(by: DaemonInstance.current)
    return true
  }

  /// Takes in what was answered to who asked for hosts: opens those that came, closes those that went.
  ///
  /// - Returns: what is to be told, and whether what is read changed.
  package mutating func take(
    _ answers: HostFinder.Answers
  ) async -> (events: [ControlEvent], isChanged: Bool) {
    let events = finder.take(answers)
    let wanted = finder.endpoints(beside: listed.map(\.entry))
    guard
      wanted != found.map(\.entry) || !found.allSatisfy(\.isOpen)
        || wanted.map(\.origin) != found.map(\.entry.origin)
    else { return (events, false) }
    var known = Dictionary(
      found.map { ($0.entry.name, $0) }, uniquingKeysWith: { first, _ in first })
    var open: [OpenSource] = []
    for entry in wanted {
      if let same = known[entry.name], same.entry == entry, same.isOpen {
        known[entry.name] = nil
        // By what it is found may have changed.
        open.append(OpenSource(entry: entry, source: same.source, connections: same.connections))
        continue
      }
      var connections = Connections(
        group: self.connections.group, resolver: self.connections.resolver,
        patience: self.connections.patience)
      do {
        let source = try opening.open(entry, by: &connections)
        open.append(OpenSource(entry: entry, source: source, connections: connections))
      } catch {
        // Its files were good when the configuration was taken; they are tried again.
        await connections.close()
        open.append(
          OpenSource(
            entry: entry,
            source: UnopenedSource(
              name: entry.name, host: entry.host,
              tellsContainerAddresses: entry.kind == .docker && entry.scope != .host,
              reason: "\(error)")))
      }
    }
    found = open
    for gone in known.values { await gone.connections?.close() }
    return (events, true)
  }

  /// Closes all connections.
  package func close() async {
    for source in found { await source.connections?.close() }
    await connections.close()
  }
}

extension Configuration {
  /// Balancers whose own addresses are not this machine's.
  fileprivate var remoteBalancers: Set<BalancerName> {
    let remote = balancers.filter { !$0.address.isHere }
    return Set(remote.map(\.name) + peers.map(\.name))
  }
}

extension BalancerConfiguration {
  package var runtimeAddress: RuntimeAddress { address.runtimeAddress }
}

extension BalancerConfiguration.Address {
  var runtimeAddress: RuntimeAddress {
    switch self {
    case .unix(let path): .unix(path: path)
    case .tcp(let host, let port): .tcp(host: host, port: port)
    }
  }
}

extension ControlSettings {
  fileprivate func told(by teller: String) -> ControlSettings {
    var settings = self
    settings.teller = teller
    return settings
  }
}
