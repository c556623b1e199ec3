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

  struct Status: Encodable {
    var listen: String
  }

  /// What the daemon may do.
  enum Mode: String, Encodable {
    case observe, control
  }

  var interval = "2s"
  var cadvisors: [Endpoint]
  var balancers: [Balancer]
  var backends: [Backend]
  var mode: Mode
  var status: Status

  /// - Parameters:
  ///   - endpoints: the demo's hosts, each with the port of its endpoint.
  ///   - socketPath: HAProxy's Runtime API.
  ///   - statusPort: where the daemon shows its status, on the loopback interface.
  init(
    mode: Mode, endpoints: [(host: Cluster.Host, port: Int)], socketPath: String, statusPort: Int
  ) {
    self.mode = mode
    status = Status(listen: "127.0.0.1:\(statusPort)")
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
