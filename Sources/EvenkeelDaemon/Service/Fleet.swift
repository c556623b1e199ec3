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
    var clients: [TransportKey: HTTPClient] = [:]
    var endpoints: [any LoadSource] = []
    var problems: [Problem] = []
    let matchesByAddress = configuration.backends.contains { $0.matching.byAddress }
    for (index, entry) in configuration.endpoints.enumerated() {
      let path = "cadvisors[\(index)]"
      do {
        let endpoint = try CAdvisorEndpoint(url: entry.url, serverName: entry.serverName)
        let credentials = try Self.credentials(of: entry)
        let http: HTTPClient
        let key = TransportKey(entry, endpoint)
        if let known = clients[key] {
          http = known
        } else {
          http = HTTPClient(
            eventLoopGroupProvider: .shared(group),
            configuration: try CAdvisorHTTP.configuration(
              caFile: entry.caFile, clientCertificate: entry.clientCertificate, for: endpoint))
          clients[key] = http
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
    switch entry.credentials {
    case .basic(let username, let file)?:
      .basic(username: username, password: try SecretFile.read(file, as: .password))
    case .bearer(let file)?: .bearer(token: try SecretFile.read(file, as: .token))
    case nil: nil
    }
  }
}

/// What endpoints must have in common to share an HTTP client.
private struct TransportKey: Hashable {
  private let caFile: String?
  private let clientCertificate: ClientCertificate?
  /// A server's name leads to one host alone.
  private let named: CAdvisorEndpoint?

  init(_ entry: EndpointConfiguration, _ endpoint: CAdvisorEndpoint) {
    caFile = entry.caFile
    clientCertificate = entry.clientCertificate
    named = endpoint.serverName == nil ? nil : endpoint
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
