internal import Balancing
internal import Control

/// What sets the weights of a cluster as time goes on.
protocol Steering: Sendable {
  /// When it looks first, in seconds from the start.
  var firstTick: Double { get }

  /// Looks, and writes if it wants to.
  ///
  /// - Returns: seconds until it wants to look again.
  mutating func tick() async -> Double
}

/// The daemon's own tick, just as it runs in production, and its looks between two ticks for a
/// balancer that was reloaded.
struct DaemonSteering: Steering {
  let firstTick: Double
  private let cluster: Cluster
  private var due: Double
  private let pace: Pace
  private var controller: FleetController
  private let log: (log: RunLog, place: Int)?

  /// - Parameter peers: balancers of which other daemons tell, and that they write.
  init(
    _ cluster: Cluster, strategy: BackendSettings.StrategyKind, balancers: [any Balancer],
    peers: [any Balancer] = [], interval: Double, firstTick: Double, log: RunLog? = nil
  ) {
    let seconds = Duration.seconds(interval)
    pace = Pace(interval: seconds)
    self.cluster = cluster
    self.firstTick = firstTick
    due = firstTick
    let own = Set((balancers + peers).map(\.name))
    let peerNames = Set(peers.map(\.name))
    let models = cluster.scenario.balancers.filter { own.contains($0.name) }
    let backends = models.map(\.backend).reduce(into: [BackendName]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let settings = ControlSettings(
      interval: seconds,
      backends: backends.map { backend in
        BackendSettings(
          name: backend, balancers: models.filter { $0.backend == backend }.map(\.name),
          matching: MatchingRules(pattern: EveryName()), strategy: strategy)
      }, readOnlyBalancers: peerNames, peers: peerNames)
    self.log = log.map { ($0, $0.begin(settings)) }
    controller = FleetController(
      settings: settings, endpoints: cluster.endpoints, balancers: balancers + peers,
      clock: PatientClock(), now: { cluster.now })
  }

  /// Seconds that are but rounding.
  private static let instant = 1e-6

  mutating func tick() async -> Double {
    let pause = pace.quickInterval.inSeconds
    let left = due - cluster.seconds
    if left > Self.instant, await !controller.hasNewProcess() { return min(pause, left) }
    let report = await controller.tick()
    if let log { log.log.add(report, of: log.place) }
    let rest = (report.wantsQuickTick ? pace.quickInterval : pace.interval).inSeconds
    due = cluster.seconds + rest
    return min(pause, rest)
  }
}

/// Every container may be a server's.
private struct EveryName: NamePattern {
  let source = ".*"

  func groups(atStartOf name: String) -> [String?]? { [name] }
}

/// Deadlines that never come: in a simulation a tick takes no time.
private struct PatientClock: Clock {
  let now = ContinuousClock.now
  let minimumResolution = Duration.zero

  func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
    let (never, continuation) = AsyncStream.makeStream(of: Never.self)
    for await _ in never {}
    continuation.finish()
    throw CancellationError()
  }
}
