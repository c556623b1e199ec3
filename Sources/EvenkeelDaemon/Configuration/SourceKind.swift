/// What tells the load of a host.
package enum SourceKind: String, CaseIterable, Sendable {
  /// cAdvisor's REST API.
  case cadvisor
  /// A page in Prometheus' text format.
  case metrics

  /// The kind that a URL is of where nobody says: pages of metrics have paths that tell.
  init(path: String) {
    self = Self.pagePaths.contains { path.hasSuffix($0) } ? .metrics : .cadvisor
  }

  private static let pagePaths = ["/metrics", "/metrics/cadvisor", "/federate"]

  /// Who should be running, in an error.
  var program: String {
    switch self {
    case .cadvisor: "cAdvisor"
    case .metrics: "what serves the page"
    }
  }

  /// What the reply should have been.
  var reply: String {
    switch self {
    case .cadvisor: "cAdvisor's"
    case .metrics: "a page of metrics"
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
