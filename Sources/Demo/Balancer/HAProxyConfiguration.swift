/// The configuration that the demo's HAProxy runs with.
struct HAProxyConfiguration: Sendable {
  /// The name of the Runtime API's socket, in the folder that HAProxy is started in.
  static let socketName = "admin.sock"

  /// Where HAProxy takes requests, on the loopback interface.
  var port: Int
  /// Names and ports of the backend's servers.
  var servers: [(name: String, port: Int)]

  var text: String {
    let lines = servers.map { server in
      "  server \(server.name) 127.0.0.1:\(server.port) weight \(Cluster.initialWeight) maxconn 24"
    }
    // A server's maxconn bounds the backlog of the small ones while nobody steers: what they
    // cannot take goes to the others, and what waits is gone seconds after the weights are right.
    return """
      global
        nbthread 1
        maxconn 450
        stats socket unix@\(Self.socketName) mode 600 level admin
      defaults
        mode http
        timeout connect 2s
        timeout client 15s
        timeout server 10s
        timeout queue 10s
      frontend demo
        bind 127.0.0.1:\(port)
        default_backend \(Cluster.backend)
      backend \(Cluster.backend)
        balance roundrobin
      \(lines.joined(separator: "\n"))

      """
  }
}
