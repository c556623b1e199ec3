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
  private var settings: ControlSettings
  private let balancers: [any Balancer]
  /// Where it tells its peers what it saw.
  private let board: PeerBoard?
  private let runLog: RunLog?
  private var log: (log: RunLog, place: Int)?
  /// How often it has begun anew.
  private var restarts = 0

  /// Who tells: another one after each restart.
  private static func teller(_ balancer: BalancerName?, restarts: Int) -> String {
    "\(balancer?.text ?? "") \(restarts)"
  }

  /// - Parameters:
  ///   - peers: balancers of which other daemons tell, and that they write.
  ///   - board: where this one tells of its own.
  init(
    _ cluster: Cluster, strategy: BackendSettings.StrategyKind, balancers: [any Balancer],
    peers: [any Balancer] = [], board: PeerBoard? = nil, interval: Double, firstTick: Double,
    log: RunLog? = nil
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
    settings = ControlSettings(
      interval: seconds,
      backends: backends.map { backend in
        BackendSettings(
          name: backend, balancers: models.filter { $0.backend == backend }.map(\.name),
          matching: MatchingRules(pattern: EveryName()), strategy: strategy)
      }, readOnlyBalancers: peerNames, peers: peerNames)
    self.balancers = balancers + peers
    settings.teller = Self.teller(balancers.first?.name, restarts: 0)
    self.board = board
    runLog = log
    self.log = log.map { [settings] in ($0, $0.begin(settings)) }
    controller = Self.controller(settings, cluster, self.balancers)
  }

  private static func controller(
    _ settings: ControlSettings, _ cluster: Cluster, _ balancers: [any Balancer]
  ) -> FleetController {
    FleetController(
      settings: settings, endpoints: cluster.endpoints, balancers: balancers,
      clock: PatientClock(), now: { cluster.now })
  }

  /// Begins anew where an event says so.
  private mutating func followEvents() {
    let own = balancers.first { !settings.peers.contains($0.name) }
    guard let own else { return }
    let wanted = cluster.scenario.daemonState(beside: own.name, at: cluster.seconds).restarts
    guard wanted > restarts else { return }
    restarts = wanted
    settings.teller = Self.teller(own.name, restarts: restarts)
    due = cluster.seconds
    controller = Self.controller(settings, cluster, balancers)
    log = runLog.map { ($0, $0.begin(settings)) }
  }

  /// Seconds that are but rounding.
  private static let instant = 1e-6

  mutating func tick() async -> Double {
    followEvents()
    let pause = pace.quickInterval.inSeconds
    let left = due - cluster.seconds
    if left > Self.instant, await !controller.hasNewProcess() { return min(pause, left) }
    let report = await controller.tick()
    board?.tell(report.readings, by: settings.teller)
    if let log { log.log.add(report, of: log.place) }
    let rest = pace.time(to: report.nextTick).inSeconds
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
