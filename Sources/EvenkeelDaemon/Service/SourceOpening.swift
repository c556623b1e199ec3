internal import Balancing
internal import CAdvisor
internal import Control

/// Makes what a tick reads of what a configuration names.
struct SourceOpening: Sendable {
  /// What those measure by that are not told when they were asked.
  var clock: SteadyClock
  var interval: Duration
  /// Whether any backend matches by address.
  var matchesByAddress: Bool
  /// Labels of containers that backends ask for.
  var containerLabels: Set<String>
  /// Whether a cAdvisor's containers keep their other labels, too.
  var keepsAllLabels: Bool

  /// Opens one. Nothing is connected yet.
  func open(
    _ entry: EndpointConfiguration, by connections: inout Connections
  ) throws -> any LoadSource {
    if let refusal = entry.refusal { throw Refusal(description: refusal) }
    let socket = entry.url.hasPrefix("unix:") ? entry.url.dropFirst("unix:".count) : nil
    let endpoint =
      try socket.map { CAdvisorEndpoint(socket: String($0)) }
      ?? CAdvisorEndpoint(url: entry.url, serverName: entry.serverName)
    let credentials = try Self.credentials(of: entry)
    let addresses = EndpointAddresses(
      host: entry.machine ?? endpoint.host, isWanted: matchesByAddress,
      resolver: connections.resolver, patience: connections.patience)
    switch entry.kind {
    case .cadvisor:
      var client = try connections.client(of: entry, at: endpoint, credentials: credentials)
      if !keepsAllLabels { client.keptLabels = containerLabels }
      let source = CAdvisorSource(
        name: entry.name, host: entry.host, reader: CAdvisorReader(client: client),
        addresses: addresses, interval: interval)
      return entry.scope == .host ? WholeHostSource(source) : source
    case .metrics:
      return MetricsSource(
        name: entry.name, host: entry.host,
        client: try connections.pageClient(of: entry, at: endpoint, credentials: credentials),
        request: MetricsRequest(
          query: entry.query, names: entry.names, only: entry.labels, keys: containerLabels,
          isFederation: endpoint.url.hasSuffix("/federate"),
          isWholeHost: entry.scope.map { $0 == .host }),
        addresses: addresses, clock: clock)
    case .docker:
      let source = DockerSource(
        name: entry.name, host: entry.host,
        client: try connections.pageClient(of: entry, at: endpoint, credentials: credentials),
        labels: containerLabels, addresses: addresses, readsKernel: socket != nil,
        patience: min(.seconds(3), interval * 3 / 8), clock: clock)
      return entry.scope == .host ? WholeHostSource(source) : source
    }
  }

  /// Why a host that was found is not asked.
  private struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  /// Opens who has lists of hosts, and looks whether what their hosts have in common can be used.
  ///
  /// - Returns: `nil` where nobody is asked over HTTP.
  func lists(
    of finding: FindingConfiguration, by connections: inout Connections
  ) throws -> PageClient? {
    let credentials = try Self.credentials(of: finding.common)
    _ = try CAdvisorHTTP.configuration(
      caFile: finding.common.caFile, clientCertificate: finding.common.clientCertificate)
    guard case .http(let url, _) = finding.means else { return nil }
    let endpoint = try CAdvisorEndpoint(url: url)
    var entry = finding.common
    entry.replyLimit = min(entry.replyLimit ?? .max, TargetGroups.largest)
    return try connections.pageClient(of: entry, at: endpoint, credentials: credentials)
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

extension Configuration {
  /// Labels of containers that anything depends on.
  var containerLabels: Set<String> {
    var labels: Set = [ContainerIdentity.oneOffLabel]
    for matching in backends.map(\.matching) {
      if let label = matching.label { labels.insert(label) }
      for case .label(let key) in matching.template?.parts ?? [] { labels.insert(key) }
    }
    return labels
  }
}
