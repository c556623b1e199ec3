internal import Balancing
package import Control

extension BackendReading {
  /// Requests in flight at each server, on average, from which on it matters which one takes the next.
  private static let manyInFlight = 1.0

  /// The algorithm that would serve better, by what is in flight at this moment; `nil` where nothing
  /// tells of one.
  ///
  /// Round robin sends the next request to whoever's turn it is, however many that one has: see
  /// packaging/doc/comparison.md. Tunnels and downloads are no requests that wait, nor is there such a thing
  /// in TCP mode, which has no response times.
  package var betterBalance: String? {
    guard algorithm == .dynamic(.rate), algorithmName == "roundrobin" else { return nil }
    let serving = servers.filter {
      $0.state.takesTraffic && $0.disbeliefs.isEmpty && $0.responseSeconds != nil
    }
    let inFlight = serving.reduce(0) { $0 + $1.requests.waiting }
    guard serving.count >= 2, inFlight > Self.manyInFlight * Double(serving.count) else {
      return nil
    }
    return
      "\(decimal(inFlight, 0)) requests are in flight at \(serving.count) servers: where requests "
      + "differ in cost, `balance random(4)` would keep the mean level and halve the tail"
  }
}

extension RequestCounters {
  /// The most that can be waiting for an answer, by one look: what clients gave up is counted for ever.
  fileprivate var waiting: Double { min(open, max(0, arrived - done - tunnelled)) }
}
