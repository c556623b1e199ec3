internal import Balancing
internal import Control

/// A PID controller a server, as in Dropbox's Robinhood: each drives its server's utilisation to the
/// mean.
///
/// Robinhood's gains are not published (Dropbox, "Robinhood: Dropbox's in-house load balancing
/// service", 2024); these are plain ones: proportional 0.4, integral 0.1 of the relative error.
struct PIDControl: Steering {
  let firstTick = 0.0
  private static let proportional = 0.4
  private static let integral = 0.1
  /// Bounds what the integral may wind up to.
  private static let mostWindup = 3.0

  private let interval: Double
  private var eyes: Eyes
  private var seconds = 0.0
  private var sums: [ServerName: Double] = [:]
  private var shares: [ServerName: Double] = [:]

  init(_ endpoints: [any LoadSource], _ balancer: any Balancer, interval: Double) {
    self.interval = interval
    eyes = Eyes(endpoints, balancer, windowSeconds: interval)
  }

  mutating func tick() async -> Double {
    let sights = await eyes.look(at: Cluster.epoch.advanced(bySeconds: seconds))
    seconds += interval
    let seen = sights.filter { $0.serves && $0.utilisation != nil }
    let mean = seen.reduce(0) { $0 + ($1.utilisation ?? 0) } / Double(max(1, seen.count))
    guard seen.count >= 2, mean > 0 else { return interval }
    for sight in seen {
      let error = 1 - (sight.utilisation ?? 0) / mean
      let sum = (sums[sight.name] ?? 0) + error
      sums[sight.name] = min(max(sum, -Self.mostWindup), Self.mostWindup)
      let factor = 1 + Self.proportional * error + Self.integral * (sums[sight.name] ?? 0)
      let standing = shares[sight.name] ?? Double(sight.weight.value)
      shares[sight.name] = standing * min(max(factor, 0.5), 2)
    }
    let serving = sights.filter(\.serves)
    await eyes.steer(serving, to: serving.map { shares[$0.name] ?? Double($0.weight.value) })
    return interval
  }
}
