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
    let opening = SourceOpening(
      interval: configuration.interval,
      matchesByAddress: configuration.backends.contains { $0.matching.byAddress },
      containerLabels: configuration.containerLabels)
    for entry in configuration.endpoints {
      do {
        endpoints.append(try opening.open(entry, by: &connections))
      } catch {
        problems.append(Problem(path: entry.place, message: "\(error)"))
      }
    }
    guard problems.isEmpty else {
      await connections.close()
      throw InvalidFile(file: file, problems: problems)
    }
    let balancers = configuration.balancers.map { entry in
      HAProxyBalancer(
        name: entry.name,
        client: RuntimeClient(
          address: entry.runtimeAddress, group: group,
          connectTimeout: min(.seconds(1), patience), resolver: resolver))
    }
    return Fleet(
      settings: configuration.controlSettings,
      endpoints: endpoints, balancers: balancers, connections: connections)
  }

  /// Closes all connections.
  package func close() async { await connections.close() }
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
