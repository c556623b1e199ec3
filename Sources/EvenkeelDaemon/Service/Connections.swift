internal import AsyncHTTPClient
internal import CAdvisor
internal import NIOCore
internal import Names

/// The HTTP clients by which the endpoints are reached.
///
/// Endpoints that are written as addresses share as few as they can. One that is a name has its
/// own, for the addresses that the name leads to.
struct Connections: Sendable {
  let group: any EventLoopGroup
  let resolver: NameResolver
  /// How long a name may take whose addresses are not known.
  let patience: Duration
  private var clients: [TransportKey: HTTPClient] = [:]
  private var routes: [EndpointRoute] = []
  /// Endpoints so far at each host and port.
  private var neighbours: [String: Int] = [:]

  init(group: any EventLoopGroup, resolver: NameResolver, patience: Duration) {
    self.group = group
    self.resolver = resolver
    self.patience = patience
  }

  /// Opens a cAdvisor. Nothing is connected yet.
  mutating func client(
    of entry: EndpointConfiguration, at endpoint: CAdvisorEndpoint,
    credentials: CAdvisorCredentials?
  ) throws -> CAdvisorClient {
    let limit = entry.replyLimit ?? CAdvisorClient.standardReplyLimit
    return switch try way(of: entry, to: endpoint) {
    case .route(let route):
      CAdvisorClient(
        endpoint: endpoint, route: route, credentials: credentials, replyLimit: limit)
    case .http(let http):
      CAdvisorClient(endpoint: endpoint, http: http, credentials: credentials, replyLimit: limit)
    }
  }

  /// Opens a page. Nothing is connected yet.
  mutating func pageClient(
    of entry: EndpointConfiguration, at endpoint: CAdvisorEndpoint,
    credentials: CAdvisorCredentials?
  ) throws -> PageClient {
    let limit = entry.replyLimit ?? CAdvisorClient.standardReplyLimit
    return switch try way(of: entry, to: endpoint) {
    case .route(let route):
      PageClient(endpoint: endpoint, route: route, credentials: credentials, replyLimit: limit)
    case .http(let http):
      PageClient(endpoint: endpoint, http: http, credentials: credentials, replyLimit: limit)
    }
  }

  private enum Way {
    case http(HTTPClient)
    case route(EndpointRoute)
  }

  private mutating func way(
    of entry: EndpointConfiguration, to endpoint: CAdvisorEndpoint
  ) throws -> Way {
    guard endpoint.isAddress else {
      let route = EndpointRoute(
        to: endpoint, configuration: try configuration(of: entry, at: endpoint), group: group,
        resolver: resolver, patience: patience)
      routes.append(route)
      return .route(route)
    }
    let place = "\(endpoint.host) \(endpoint.port)"
    let key = TransportKey(entry, endpoint, turn: neighbours[place, default: 0])
    neighbours[place, default: 0] += 1
    if let known = clients[key] { return .http(known) }
    let http = HTTPClient(
      eventLoopGroupProvider: .shared(group),
      configuration: try configuration(of: entry, at: endpoint))
    clients[key] = http
    return .http(http)
  }

  /// An error on the way to closing them changes nothing any more.
  func close() async {
    for client in clients.values { try? await client.shutdown() }
    for route in routes { await route.close() }
  }

  private func configuration(
    of entry: EndpointConfiguration, at endpoint: CAdvisorEndpoint
  ) throws -> HTTPClient.Configuration {
    var configuration = try CAdvisorHTTP.configuration(
      caFile: entry.caFile, clientCertificate: entry.clientCertificate, for: endpoint)
    if entry.kind == .docker {
      configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
        DockerSource.mostAtOnce
    }
    return configuration
  }
}

/// What endpoints must have in common to share an HTTP client.
private struct TransportKey: Hashable {
  private let caFile: String?
  private let clientCertificate: ClientCertificate?
  /// A server's name leads to one host alone.
  private let named: CAdvisorEndpoint?
  /// A client has one connection to each host and port: those behind one proxy do not share it.
  private let turn: Int
  /// Docker is asked over several connections.
  private let isDocker: Bool

  init(_ entry: EndpointConfiguration, _ endpoint: CAdvisorEndpoint, turn: Int) {
    caFile = entry.caFile
    clientCertificate = entry.clientCertificate
    named = endpoint.serverName == nil ? nil : endpoint
    self.turn = turn
    isDocker = entry.kind == .docker
  }
}
