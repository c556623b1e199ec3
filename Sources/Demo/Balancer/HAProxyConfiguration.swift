/// The configuration that the demo's HAProxy runs with.
struct HAProxyConfiguration: Sendable {
  /// The name of the Runtime API's socket, in the folder that HAProxy is started in.
  static let socketName = "admin.sock"

  /// A frontend and the servers behind it.
  struct Service: Sendable {
    /// Of the frontend and of the backend.
    var name: String
    /// What HAProxy's `balance` says.
    var balance: String
    /// Where it takes requests, on the loopback interface.
    var port: Int
    /// Their names and ports.
    var servers: [(name: String, port: Int)]

    fileprivate var lines: [String] {
      [
        "frontend \(name)-in", "  bind 127.0.0.1:\(port)", "  default_backend \(name)",
        "backend \(name)", "  balance \(balance)",
      ]
        + servers.map {
          "  server \($0.name) 127.0.0.1:\($0.port) weight \(Cluster.initialWeight) maxconn 24"
        }
    }
  }

  var services: [Service]

  var text: String {
    // A server's maxconn bounds the backlog of the small ones while nobody steers: what they
    // cannot take goes to the others, and what waits is gone seconds after the weights are right.
    return """
      global
        nbthread 1
        maxconn 900
        stats socket unix@\(Self.socketName) mode 600 level admin
      defaults
        mode http
        timeout connect 2s
        timeout client 15s
        timeout server 10s
        timeout queue 10s
      \(services.flatMap(\.lines).joined(separator: "\n"))

      """
  }
}
