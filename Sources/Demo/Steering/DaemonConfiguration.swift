import FoundationEssentials

/// The configuration file that the daemon is given: the form that its users write.
struct DaemonConfiguration: Encodable {
  struct Endpoint: Encodable {
    var url: String
    var host: String
  }

  struct Balancer: Encodable {
    var name: String
    var address: String
  }

  struct Backend: Encodable {
    var name: String
    var pattern: String
  }

  var interval = "2s"
  var cadvisors: [Endpoint]
  var balancers: [Balancer]
  var backends: [Backend]

  /// - Parameters:
  ///   - endpoints: the demo's hosts, each with the port of its endpoint.
  ///   - socketPath: HAProxy's Runtime API.
  init(endpoints: [(host: Cluster.Host, port: Int)], socketPath: String) {
    cadvisors = endpoints.map { endpoint in
      Endpoint(url: "http://127.0.0.1:\(endpoint.port)", host: endpoint.host.name)
    }
    balancers = [Balancer(name: "demo", address: "unix:\(socketPath)")]
    backends = [Backend(name: Cluster.backend, pattern: "\(Cluster.backend)-[0-9]+")]
  }

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(self).write(to: URL(filePath: path))
  }
}
