package import AsyncHTTPClient
package import Names
package import NIOCore
import Synchronization

/// The ways to an endpoint: one HTTP client for each address of its name.
///
/// The name is looked up here and not by the clients, whose look-ups would wait for one another.
package final class EndpointRoute: Sendable {
  /// A way that can be tried.
  struct Way: Sendable {
    let address: String
    let http: HTTPClient
  }

  private struct State {
    var ways: [Way] = []
    var isClosed = false
  }

  private let endpoint: CAdvisorEndpoint
  private let configuration: HTTPClient.Configuration
  private let group: any EventLoopGroup
  private let resolver: NameResolver
  private let patience: Duration
  private let state = Mutex(State())

  /// - Parameters:
  ///   - endpoint: whom the route leads to; the clients are for it alone.
  ///   - patience: how long a name may take whose addresses are not known.
  package init(
    to endpoint: CAdvisorEndpoint, configuration: HTTPClient.Configuration,
    group: any EventLoopGroup, resolver: NameResolver = .shared, patience: Duration
  ) {
    self.endpoint = endpoint
    self.configuration = configuration
    self.group = group
    self.resolver = resolver
    self.patience = patience
  }

  /// The ways to try, the one that led there last before the others.
  func ways() async throws -> [Way] {
    let addresses = try await resolver.addresses(of: endpoint.host, within: patience)
    let (ways, gone) = try state.withLock { state in
      guard !state.isClosed else { throw CancellationError() }
      let kept = state.ways.filter { addresses.contains($0.address) }
      let gone = state.ways.filter { !addresses.contains($0.address) }
      let new = addresses.filter { address in !kept.contains { $0.address == address } }
      state.ways = kept + new.map(way)
      return (state.ways, gone)
    }
    for way in gone { try? await way.http.shutdown() }
    return ways
  }

  var eventLoop: any EventLoop { group.any() }

  /// Tries this one first from now on.
  func prefer(_ way: Way) {
    state.withLock { state in
      guard let index = state.ways.firstIndex(where: { $0.address == way.address }), index > 0
      else { return }
      state.ways.insert(state.ways.remove(at: index), at: 0)
    }
  }

  /// Closes all connections, for good.
  package func close() async {
    let ways = state.withLock { state in
      state.isClosed = true
      defer { state.ways = [] }
      return state.ways
    }
    for way in ways { try? await way.http.shutdown() }
  }

  private func way(_ address: String) -> Way {
    Way(
      address: address,
      http: HTTPClient(
        eventLoopGroupProvider: .shared(group),
        configuration: CAdvisorHTTP.configuration(configuration, for: endpoint, at: address)))
  }
}
