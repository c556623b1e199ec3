/// What tells the load of a host.
package enum SourceKind: String, CaseIterable, Sendable {
  /// cAdvisor's REST API.
  case cadvisor
  /// A page in Prometheus' text format.
  case metrics
  /// Docker's Engine API, or Podman's, over HTTP or a socket.
  case docker

  /// Docker looks at its containers once a second, and a source has half of the interval to answer.
  package static let leastDockerInterval = Duration.seconds(4)

  /// The kind that a URL is of where nobody says: pages of metrics have paths that tell.
  init(path: String) {
    self = Self.pagePaths.contains { path.hasSuffix($0) } ? .metrics : .cadvisor
  }

  private static let pagePaths = ["/metrics", "/metrics/cadvisor", "/federate"]

  /// Where it is on a host that was found.
  var usualPath: String {
    switch self {
    case .cadvisor, .docker: ""
    case .metrics: "/metrics"
    }
  }
}

/// Which part of a host its load is.
package enum SourceScope: String, CaseIterable, Sendable {
  /// Each of its containers.
  case containers
  /// The machine as a whole, for servers without a container.
  case host
}
