internal import Control
internal import EvenkeelDaemon

/// How many requests in flight each server of a backend can use, as lines to paste into HAProxy's
/// configuration.
struct LimitsText: Encodable, Sendable {
  var version = 1
  let backend: String
  let servers: [Server]

  struct Server: Encodable, Sendable {
    var name: String
    @OrNull var maxconnAdvised: Int?
    @OrNull var isSure: Bool?
    @OrNull var advice: String?
    var inForce: [InForce]
  }

  struct InForce: Encodable, Sendable {
    var balancer: String
    /// `null` without a limit.
    @OrNull var maxconn: Int?
  }

  init(_ backend: StatusReport.Backend) {
    self.backend = backend.name
    servers = backend.servers.filter { !$0.isEmptySlot }.map { server in
      Server(
        name: server.name, maxconnAdvised: server.maxconnAdvised, isSure: server.maxconnIsSure,
        advice: server.maxconnAdvice,
        inForce: server.weights.map { InForce(balancer: $0.balancer, maxconn: $0.maxconn) })
    }
  }

  /// The lines can be pasted as they are, but for the address, which is not known to be the
  /// configuration's.
  var text: String {
    let advised = servers.filter { $0.maxconnAdvised != nil }
    var lines = servers.map { server in
      let inForce = server.inForce.map {
        "\($0.maxconn.map(String.init) ?? "none") on \($0.balancer)"
      }.joined(separator: ", ")
      return "# \(server.name): maxconn \(inForce); \(server.advice ?? "none advised: no traffic")"
    }
    guard !advised.isEmpty else { return lines.map(\.shown).joined(separator: "\n") }
    lines += ["", "# In HAProxy's configuration, at the end of each server's line:"]
    lines += advised.map { "#   server \($0.name) … maxconn \($0.maxconnAdvised ?? 1)" }
    lines += ["", "# To try it until the next reload, on HAProxy's admin socket:"]
    lines += advised.map { "set maxconn server \(backend)/\($0.name) \($0.maxconnAdvised ?? 1)" }
    return lines.map(\.shown).joined(separator: "\n")
  }
}
