import Control
import HAProxyTestSupport

extension RealHAProxy {
  /// An entrance for requests, something that answers them, and the backend `web`.
  static func sections(
    servers: [String] = ["a", "b"], options: String = "", serverOptions: [String: String] = [:],
    more: String = ""
  ) -> String {
    let lines = servers.map {
      "  server \($0) unix@app.sock weight 100 \(serverOptions[$0] ?? "")\n"
    }
    return """
      frontend entrance
        bind unix@entrance.sock
        default_backend web
      frontend application
        bind unix@app.sock
        http-request return status 200
      backend web
        \(options)
      \(lines.joined())
      \(more)
      """
  }

  /// Sends a request through it.
  func visit(_ entrance: String = "entrance.sock") async throws {
    _ = try await OneExchange.get(from: path(entrance))
  }

  /// A balancer of the configuration, on one of its sockets.
  func balancer(_ name: String = "lb1", socket: String = "admin.sock") -> String {
    #"{"name": "\#(name)", "address": "unix:\#(path(socket))"}"#
  }
}

extension Stage {
  /// The cluster of one HAProxy.
  static func run(
    _ haproxy: RealHAProxy, backends: String = Self.halfway,
    machines: [[String]] = [["a", "b"]], entries: Int = 1, interval: String = "10s",
    learned: LearnedFleet = LearnedFleet(),
    wrap: (any Balancer) -> any Balancer = { $0 },
    _ body: (inout Stage) async throws -> Void
  ) async throws {
    try await run(
      balancers: "[\(haproxy.balancer())]", backends: backends, machines: machines,
      entries: entries, interval: interval, learned: learned, wrap: wrap, body)
  }
}
