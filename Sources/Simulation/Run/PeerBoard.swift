internal import Balancing
internal import Control
internal import Synchronization

/// What the daemons of a run tell each other: each what it saw at its own last look.
final class PeerBoard: Sendable {
  private struct Told {
    var at: Double
    var reading: BalancerReading
  }

  private let cluster: Cluster
  private let told = Mutex<[BalancerName: [Told]]>([:])

  init(_ cluster: Cluster) { self.cluster = cluster }

  /// Takes down what a daemon saw now.
  ///
  /// - Parameter teller: another one after each of its restarts.
  func tell(_ readings: [BalancerName: BalancerReading], by teller: String) {
    let now = cluster.seconds
    told.withLock { told in
      for (name, reading) in readings {
        var reading = reading
        reading.teller = teller
        told[name, default: []].append(Told(at: now, reading: reading))
        // What nobody is told any more.
        told[name]?.removeAll { $0.at < now - 2 * ScenarioLimits.toldLate.upperBound }
      }
    }
  }

  /// A peer, as a daemon beside another balancer is told of it.
  func peer(_ name: BalancerName, toldTo reader: BalancerName) -> any Balancer {
    ToldBalancer(board: self, name: name, reader: reader)
  }

  private struct ToldBalancer: Balancer {
    /// What a real daemon takes for the report of a loop that does not go on.
    private static let freshIntervals = 4.0
    private static let leastFreshSeconds = 15.0

    let board: PeerBoard
    let name: BalancerName
    let reader: BalancerName

    func read(_ backends: [BackendName]) async throws(PortFailure) -> BalancerReading {
      let scenario = board.cluster.scenario
      let now = board.cluster.seconds
      let its = scenario.daemonState(beside: name, at: now)
      guard !its.isCut, !scenario.daemonState(beside: reader, at: now).isCut else {
        throw PortFailure(.unreachable, "\(name) does not answer")
      }
      let told = board.told.withLock { told in
        told[name]?.last { $0.at <= now - its.toldLateSeconds }
      }
      guard let told else { throw PortFailure(.unreachable, "\(name) has looked at nothing yet") }
      let age = now - told.at
      guard age <= max(Self.leastFreshSeconds, Self.freshIntervals * scenario.intervalSeconds)
      else { throw PortFailure(.timedOut, "\(name) has not looked for \(decimal(age, 0)) s") }
      var reading = told.reading
      reading.ageSeconds = age
      return reading
    }

    func write(_ writes: [WeightWrite], to process: ProcessIdentity) async throws(PortFailure)
      -> [WriteOutcome]
    {
      throw PortFailure(.permissionDenied, "\(name) is a peer, which writes its own weights")
    }
  }
}

/// What events have made of a daemon.
struct DaemonState: Hashable {
  /// Whether it hears no peer, and none hears it.
  var isCut = false
  /// How old what it tells is at least, in seconds.
  var toldLateSeconds = 0.0
  /// How often it has begun anew, with nothing learned.
  var restarts = 0
}

extension Scenario {
  /// What has become by now of the daemon beside a balancer.
  func daemonState(beside balancer: BalancerName, at seconds: Double) -> DaemonState {
    var state = DaemonState()
    let changes = events.flatMap { event -> [(at: Double, change: Event.DaemonChange)] in
      guard case .daemon(balancer, let change) = event.change else { return [] }
      return event.times.map { ($0, change) }
    }
    for (_, change) in changes.filter({ $0.at <= seconds }).sorted(by: { $0.at < $1.at }) {
      if change.restarts { state.restarts += 1 }
      state.isCut = change.isCut ?? state.isCut
      state.toldLateSeconds = change.toldLateSeconds ?? state.toldLateSeconds
    }
    return state
  }
}
