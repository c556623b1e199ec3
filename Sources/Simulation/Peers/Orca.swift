internal import Balancing
internal import Control

/// gRPC's weighted round robin (grpc/proposal A58) behind HAProxy: the weight of a server is its
/// requests a second over its utilisation.
///
/// `weight = qps ÷ (utilisation + eps ÷ qps × penalty)`, taken anew each second; a server that has
/// not reported for the blackout period counts as the mean of the others. Defaults of A58: penalty
/// 1.0, blackout 10 s, update 1 s.
struct Orca: Steering {
  let firstTick = 0.0
  private static let errorPenalty = 1.0
  private static let blackoutSeconds = 10.0
  private static let updateSeconds = 1.0

  private var eyes: Eyes
  private var seconds = 0.0
  private var reportsSince: [ServerName: Double] = [:]

  init(_ endpoints: [any LoadSource], _ balancer: any Balancer) {
    eyes = Eyes(endpoints, balancer, windowSeconds: Self.blackoutSeconds)
  }

  mutating func tick() async -> Double {
    let sights = await eyes.look(at: Cluster.epoch.advanced(bySeconds: seconds))
    seconds += Self.updateSeconds
    var wanted: [ServerName: Double] = [:]
    for sight in sights where sight.serves {
      guard let utilisation = sight.utilisation, let rate = sight.answeredPerSecond, rate > 0,
        utilisation > 0
      else {
        reportsSince[sight.name] = nil
        continue
      }
      let since = reportsSince[sight.name] ?? seconds
      reportsSince[sight.name] = since
      guard seconds - since >= Self.blackoutSeconds else { continue }
      let errors = (sight.failedPerSecond ?? 0) / rate
      wanted[sight.name] = rate / (utilisation + errors * Self.errorPenalty)
    }
    // A58: fewer than two weights, and it is plain round robin.
    guard wanted.count >= 2 else { return Self.updateSeconds }
    let mean = wanted.values.reduce(0, +) / Double(wanted.count)
    let serving = sights.filter(\.serves)
    await eyes.steer(serving, to: serving.map { wanted[$0.name] ?? mean })
    return Self.updateSeconds
  }
}
