internal import Balancing

/// Decides when all containers are looked at for HAProxy's servers.
///
/// A server that begins to take traffic, or has another address, may be any container of any host: all of
/// the hosts that are asked in that tick are read before it is looked for, those that rest among them. One that
/// is not found is looked for in every tick of a minute, and then once a minute: it may be on no host that is
/// read.
struct ContainerSearch: Sendable {
  private struct Place: Hashable, Sendable {
    let balancer: BalancerName
    let backend: BackendName
    let server: ServerName
    let address: String?
  }

  private static let seconds = 60.0

  /// The servers that took traffic when their balancers told of them last.
  private var places: Set<Place> = []
  private var began: Timestamp?
  private var lookedAt: Timestamp?

  /// - Returns: whether one takes traffic that did not, or elsewhere.
  mutating func hasNews(_ outcomes: [BalancerOutcome]) -> Bool {
    var places: Set<Place> = []
    var silent: Set<BalancerName> = []
    for outcome in outcomes {
      guard let reading = outcome.usable else {
        silent.insert(outcome.balancer)
        continue
      }
      for (name, backend) in reading.backends {
        for server in backend.servers where server.state.takesTraffic {
          places.insert(
            Place(
              balancer: outcome.balancer, backend: name, server: server.name,
              address: server.address))
        }
      }
    }
    places.formUnion(self.places.filter { silent.contains($0.balancer) })
    defer { self.places = places }
    guard !places.isSubset(of: self.places) else { return false }
    began = nil
    return true
  }

  /// - Parameter isMissing: whether a server that takes traffic has no container.
  /// - Returns: whether the next tick is to look at all.
  mutating func looksOn(_ isMissing: Bool, at now: Timestamp) -> Bool {
    guard isMissing else {
      began = nil
      return false
    }
    let since = began ?? now
    began = since
    let isNew = now.seconds(since: since) < Self.seconds
    guard isNew || lookedAt.map({ now.seconds(since: $0) >= Self.seconds }) ?? true else {
      return false
    }
    lookedAt = now
    return true
  }
}
