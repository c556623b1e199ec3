internal import AsyncHTTPClient
internal import Balancing
internal import CAdvisor
internal import CheckedJSON
package import Control
package import HAProxy
package import NIOCore
internal import NIOPosix

/// The parts of one configuration, opened: what a controller reads and writes.
package struct Fleet: Sendable {
  package let settings: ControlSettings
  package let endpoints: [any LoadSource]
  package let balancers: [any Balancer]
  private let clients: [HTTPClient]

  /// Opens what a configuration names. Nothing is connected yet.
  ///
  /// - Throws: `InvalidFile` with every file that cannot be used.
  package static func open(
    _ configuration: Configuration, file: String,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) async throws -> Fleet {
    var clients: [String?: HTTPClient] = [:]
    var endpoints: [any LoadSource] = []
    var problems: [Problem] = []
    let matchesByAddress = configuration.backends.contains { $0.matching.byAddress }
    for (index, entry) in configuration.endpoints.enumerated() {
      let path = "cadvisors[\(index)]"
      do {
        let endpoint = try CAdvisorEndpoint(url: entry.url)
        let credentials = try Self.credentials(of: entry)
        let http: HTTPClient
        if let known = clients[entry.caFile] {
          http = known
        } else {
          http = HTTPClient(
            eventLoopGroupProvider: .shared(group),
            configuration: try CAdvisorHTTP.configuration(caFile: entry.caFile))
          clients[entry.caFile] = http
        }
        endpoints.append(
          CAdvisorSource(
            name: entry.name, host: entry.host,
            reader: CAdvisorReader(
              client: CAdvisorClient(endpoint: endpoint, http: http, credentials: credentials)),
            addresses: EndpointAddresses(
              host: endpoint.host, port: endpoint.port, isWanted: matchesByAddress, group: group),
            interval: configuration.interval))
      } catch {
        problems.append(Problem(path: path, message: "\(error)"))
      }
    }
    guard problems.isEmpty else {
      for client in clients.values { try? await client.shutdown() }
      throw InvalidFile(file: file, problems: problems)
    }
    let balancers = configuration.balancers.map { entry in
      HAProxyBalancer(
        name: entry.name, client: RuntimeClient(address: entry.runtimeAddress, group: group))
    }
    return Fleet(
      settings: configuration.controlSettings,
      endpoints: endpoints, balancers: balancers, clients: Array(clients.values))
  }

  /// Closes all connections. An error on the way to closing them changes nothing any more.
  package func close() async {
    for client in clients { try? await client.shutdown() }
  }

  private static func credentials(of entry: EndpointConfiguration) throws -> CAdvisorCredentials? {
    guard let username = entry.username else { return nil }
    guard let file = entry.passwordFile else {
      return CAdvisorCredentials(username: username, password: "")
    }
    let password = try PasswordFile.read(file)
    return CAdvisorCredentials(username: username, password: password)
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
