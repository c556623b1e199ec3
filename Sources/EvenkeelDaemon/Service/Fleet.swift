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
package struct Fleet: Sendable {
  package let settings: ControlSettings
  package let endpoints: [any LoadSource]
  package let balancers: [any Balancer]
  private let connections: Connections

  /// Opens what a configuration names. Nothing is connected yet.
  ///
  /// - Throws: `InvalidFile` with every file that cannot be used.
  package static func open(
    _ configuration: Configuration, file: String,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    resolver: NameResolver = .shared
  ) async throws -> Fleet {
    // Less than any deadline, so that it is said what was waited for.
    let patience = min(.seconds(2), configuration.interval / 4)
    var connections = Connections(group: group, resolver: resolver, patience: patience)
    var endpoints: [any LoadSource] = []
    var problems: [Problem] = []
    let matchesByAddress = configuration.backends.contains { $0.matching.byAddress }
    for (index, entry) in configuration.endpoints.enumerated() {
      let path = "cadvisors[\(index)]"
      do {
        let endpoint = try CAdvisorEndpoint(url: entry.url, serverName: entry.serverName)
        let client = try connections.client(
          of: entry, at: endpoint, credentials: try Self.credentials(of: entry))
        endpoints.append(
          CAdvisorSource(
            name: entry.name, host: entry.host, reader: CAdvisorReader(client: client),
            addresses: EndpointAddresses(
              host: endpoint.host, isWanted: matchesByAddress, resolver: resolver,
              patience: patience),
            interval: configuration.interval))
      } catch {
        problems.append(Problem(path: path, message: "\(error)"))
      }
    }
    var peers: [any Balancer] = []
    for (index, entry) in configuration.peers.enumerated() {
      do {
        let token = try entry.tokenFile.map { try StatusToken.read($0) }
        peers.append(
          PeerBalancer(
            name: entry.name,
            client: try StatusClient(url: entry.url, token: token, caFile: entry.caFile),
            instance: DaemonInstance.current))
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
      settings: configuration.controlSettings,
      endpoints: endpoints, balancers: balancers, connections: connections)
  }

  /// Closes all connections.
  package func close() async { await connections.close() }

  private static func credentials(of entry: EndpointConfiguration) throws -> CAdvisorCredentials? {
    switch entry.credentials {
    case .basic(let username, let file)?:
      .basic(username: username, password: try SecretFile.read(file, as: .password))
    case .bearer(let file)?: .bearer(token: try SecretFile.read(file, as: .token))
    case nil: nil
    }
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
