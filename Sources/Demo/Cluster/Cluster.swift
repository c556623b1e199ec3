/// The cluster that the demo plays: who serves on which host with how much CPU, and the load.
struct Cluster: Sendable {
  /// A machine; each has an endpoint that speaks cAdvisor's API.
  struct Host: Sendable {
    var name: String
    var cores: Int
  }

  /// A server of HAProxy's backend, which is a container of the same name.
  struct Server: Sendable {
    var name: String
    var host: String
    /// CPU seconds it may use per second.
    var quotaCores: Double
  }

  /// HAProxy's name for the six servers together.
  static let backend = "shop"
  /// HAProxy's name for the six others that nobody steers.
  static let peer = "leastconn"
  /// The weight of each server while nobody steers.
  static let initialWeight = 100

  var hosts: [Host]
  var servers: [Server]
  /// CPU seconds that a request costs on average, on whichever server.
  var meanCostSeconds: Double
  /// Standard deviation of that cost over its mean.
  var costVariation: Double
  /// Demand over what all quotas together can serve.
  var load: Double

  /// Requests that arrive per second.
  var requestsPerSecond: Double {
    servers.reduce(0) { $0 + $1.quotaCores } * load / meanCostSeconds
  }

  /// Six servers whose quotas differ by a factor of six, on two hosts.
  ///
  /// At this load equal weights ask more of the two smallest servers than they have, while the
  /// largest is a third full.
  static let standard = Cluster(
    hosts: [Host(name: "host-a", cores: 1), Host(name: "host-b", cores: 2)],
    servers: [
      Server(name: "shop-1", host: "host-a", quotaCores: 0.08),
      Server(name: "shop-2", host: "host-b", quotaCores: 0.12),
      Server(name: "shop-3", host: "host-a", quotaCores: 0.16),
      Server(name: "shop-4", host: "host-b", quotaCores: 0.24),
      Server(name: "shop-5", host: "host-a", quotaCores: 0.32),
      Server(name: "shop-6", host: "host-b", quotaCores: 0.48),
    ],
    meanCostSeconds: 0.006,
    costVariation: 0.5,
    load: 0.6)
}
