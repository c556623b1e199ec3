package import Balancing
package import Control
internal import Synchronization

/// Where the loop puts what it did, and whoever asks looks: neither waits for the other.
package final class StatusBoard: Sendable {
  private let state: Mutex<State>
  private let progress: LoopProgress
  /// The loop's steady clock.
  private let now: @Sendable () -> Timestamp
  private let wall: @Sendable () -> Timestamp

  private struct State {
    var record: StatusRecord
    var wallTime = WallTime()
    var configuration: StatusConfiguration?
    var token: StatusToken?
    var ticks: [Int: AsyncStream<Int>.Continuation] = [:]
    var configurations: [Int: AsyncStream<Void>.Continuation] = [:]
    var nextListener = 0
    /// What the balancers said last, for peers.
    var readings: [BalancerName: BalancerReading] = [:]
    var readAt: Timestamp?
    var intervalSeconds = 0.0
    var settings: [PeerSettings]?
  }

  /// - Parameters:
  ///   - now: the clock that the loop's moments are on.
  ///   - wall: the wall clock, which may be set.
  package init(
    configFile: String, progress: LoopProgress, now: @escaping @Sendable () -> Timestamp,
    wall: @escaping @Sendable () -> Timestamp = { .onWallClock }
  ) {
    self.progress = progress
    self.now = now
    self.wall = wall
    state = Mutex(State(record: StatusRecord(startedAt: now(), configFile: configFile)))
  }

  // MARK: What the loop says

  /// A configuration was taken.
  ///
  /// - Parameter token: what the status asks for; `nil` where anybody may look.
  package func take(_ configuration: Configuration, token: StatusToken?) {
    let moment = now()
    state.withLock { state in
      state.record.configured(
        endpoints: configuration.endpoints.map(\.name),
        balancers: configuration.balancers.map(\.name) + configuration.peers.map(\.name),
        backends: Dictionary(
          configuration.backends.map { ($0.name, $0.balancers) }, uniquingKeysWith: { $1 }),
        interval: configuration.interval, at: moment)
      state.configuration = configuration.status
      state.intervalSeconds = configuration.interval.inSeconds
      state.settings = configuration.backends.map(PeerSettings.init)
      state.token = token
      for listener in state.configurations.values { listener.yield() }
    }
  }

  /// Other hosts are read from now on.
  package func follow(_ fleet: Fleet) {
    let moment = now()
    state.withLock { state in
      state.record.follow(
        fleet.entries.map { ($0.name, $0.origin) },
        finders: fleet.finder.entries.map {
          StatusReport.Finder(
            origin: $0.configuration.origin, hosts: $0.list.targets.count,
            failure: $0.list.failure)
        }, at: moment)
    }
  }

  /// A configuration was refused.
  package func refuse(_ reason: String) { state.withLock { $0.record.refused(reason) } }

  /// A tick is complete.
  ///
  /// - Parameter extent: of what is returned.
  /// - Returns: what is to be said of it.
  @discardableResult
  package func take(
    _ report: TickReport, took: Duration, telling extent: ReportExtent = .whole
  ) -> StatusReport {
    let (moment, wall, loopIsOk) = (now(), wall(), loopIsOk)
    return state.withLock { state in
      state.wallTime.compare(steady: moment, wall: wall)
      let shown = state.record.add(
        report, at: moment, took: took, loopIsOk: loopIsOk, as: state.wallTime, telling: extent)
      (state.readings, state.readAt) = (report.readings, report.snapshot.at)
      for listener in state.ticks.values { listener.yield(report.snapshot.tick) }
      return shown
    }
  }

  /// Something happened between two ticks.
  package func take(_ events: [ControlEvent]) {
    let moment = now()
    state.withLock { $0.record.note(events, at: moment) }
  }

  // MARK: What can be asked

  package var isReady: Bool { state.withLock { $0.record.snapshot != nil } }

  package var loopIsOk: Bool { progress.isKept }

  package var report: StatusReport {
    let (record, wall) = shown
    return record.report(at: now(), loopIsOk: loopIsOk, as: wall)
  }

  package func history(of backend: BackendName?, servers: Bool = true) -> HistoryReport {
    let (record, wall) = shown
    return record.history(of: backend, servers: servers, as: wall)
  }

  package func explanation(of server: ServerName, in backend: BackendName) -> Explanation? {
    let (record, wall) = shown
    return record.explanation(of: server, in: backend, at: now(), as: wall)
  }

  package var peerReport: PeerReport {
    let moment = now()
    return state.withLock { state in
      PeerReport(
        evenkeel: evenkeelVersion, instance: DaemonInstance.current,
        ageSeconds: state.readAt.map { max(0, moment.seconds(since: $0)) } ?? 0,
        intervalSeconds: state.intervalSeconds,
        balancers: state.readings.sorted { $0.key < $1.key }.map(PeerReport.Balancer.init),
        settings: state.settings)
    }
  }

  package var metrics: String {
    let (record, wall) = shown
    return record.metrics(at: now(), loopIsOk: loopIsOk, process: .now, as: wall)
  }

  /// A copy, so that the loop waits for no report, and what the wall clock shows of its moments.
  private var shown: (StatusRecord, WallTime) {
    let (steady, wall) = (now(), wall())
    return state.withLock { state in
      state.wallTime.compare(steady: steady, wall: wall)
      return (state.record, state.wallTime)
    }
  }

  /// The address that the configuration has now; `nil` before one was taken.
  package var configuration: StatusConfiguration? { state.withLock { $0.configuration } }

  /// The token that is asked for; `nil` where anybody may look.
  package var token: StatusToken? { state.withLock { $0.token } }

  /// An element whenever a configuration is taken.
  package var configurations: AsyncStream<Void> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      let key = state.withLock { state in
        state.nextListener += 1
        state.configurations[state.nextListener] = continuation
        return state.nextListener
      }
      continuation.onTermination = { [weak self] _ in
        self?.state.withLock { $0.configurations[key] = nil }
      }
    }
  }

  /// The number of each tick that is complete from now on; who is slow gets the latest.
  package var ticks: AsyncStream<Int> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      let key = state.withLock { state in
        state.nextListener += 1
        state.ticks[state.nextListener] = continuation
        return state.nextListener
      }
      continuation.onTermination = { [weak self] _ in
        self?.state.withLock { $0.ticks[key] = nil }
      }
    }
  }

  /// How many follow the ticks.
  package var followers: Int { state.withLock { $0.ticks.count } }
}
