import Logging

/// What happens on the stage: a load all the time, first with equal weights, then with the daemon.
struct Performance: Sendable {
  /// How far apart the readings are.
  private static let beat = Duration.milliseconds(500)

  let cluster: VirtualCluster
  let peer: VirtualCluster
  let running: Stage.Running
  let screen: Screen
  let parts: DemoParts
  let timeline: Timeline

  /// - Parameter stopped: returns when the performance is to end early.
  func run(until stopped: @escaping @Sendable () async -> Void) async throws -> DemoSummary {
    let (beats, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let (ledger, peerLedger) = (Ledger(), Ledger())
    let loads = [(running.url, ledger), (running.peerURL, peerLedger)].map { url, ledger in
      LoadGenerator(
        client: running.client, url: url,
        requestsPerSecond: cluster.description.requestsPerSecond, seed: 2015, clock: cluster.clock,
        ledger: ledger)
    }
    let scoreboard = Scoreboard(
      side: Scoreboard.Side(cluster: cluster, ledger: ledger),
      peer: Scoreboard.Side(cluster: peer, ledger: peerLedger), timeline: timeline,
      readWeights: { try await parts.readWeights(running.socketPath) })
    return try await withThrowingTaskGroup(of: DemoSummary?.self) { tasks in
      tasks.addTask {
        await stopped()
        continuation.finish()
        return nil
      }
      tasks.addTask {
        await keepTime { continuation.yield() }
        return nil
      }
      for load in loads {
        tasks.addTask {
          await load.run()
          return nil
        }
      }
      tasks.addTask { try await direct(scoreboard, beats: beats) }
      defer { tasks.cancelAll() }
      while let finished = try await tasks.next() {
        if let summary = finished { return summary }
      }
      throw CancellationError()
    }
  }

  private func keepTime(_ beat: () -> Void) async {
    var due = cluster.clock.now
    while !Task.isCancelled {
      due += Self.beat
      do { try await cluster.clock.sleep(until: due) } catch { return }
      beat()
    }
  }

  /// The two acts. The stream of beats ends when the demo is to stop.
  private func direct(
    _ scoreboard: Scoreboard, beats: AsyncStream<Void>
  ) async throws -> DemoSummary {
    let journal = JournalTail()
    let configurationPath = "\(running.folder)/evenkeel.json"
    // It looks on from the start, so that its page has the whole story.
    try configuration(.observe).write(to: configurationPath)
    try await parts.runDaemon(configurationPath, journal.logger) { reload in
      let goesOn = try await watch(scoreboard, beats: beats, until: timeline.steeringBegins) {
        await scoreboard.frame(steering: false, remark: nil)
      }
      await scoreboard.concludeBefore()
      guard goesOn else { return }
      try configuration(.control).write(to: configurationPath)
      try await reload()
      _ = try await watch(scoreboard, beats: beats, until: timeline.end) {
        await scoreboard.frame(steering: true, remark: journal.last)
      }
      await scoreboard.concludeAfter()
    }
    return await scoreboard.summary
  }

  private func configuration(_ mode: DaemonConfiguration.Mode) -> DaemonConfiguration {
    DaemonConfiguration(
      mode: mode, endpoints: running.endpoints, socketPath: running.socketPath,
      statusPort: running.statusPort)
  }

  /// Reads and shows with every beat.
  ///
  /// - Returns: whether `moment` has come; if not, the demo is to stop.
  private func watch(
    _ scoreboard: Scoreboard, beats: AsyncStream<Void>, until moment: Duration?,
    frame: () async -> Frame
  ) async throws -> Bool {
    for await _ in beats {
      let elapsed = try await scoreboard.observe()
      try await screen.show(await frame())
      if let moment, elapsed >= moment { return true }
    }
    try Task.checkCancellation()
    try await scoreboard.observe()
    return false
  }
}
